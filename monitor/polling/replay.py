"""A newsroom that is known in full, replayed: what the polling policy would have caught of it.

The replay tells the policy what a look would have told it, and nothing else: no poll knows a time that lies
after it. The same traces give the same polls.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from monitor.polling.habits import Habits, first_belief
from monitor.polling.hazard import Belief
from monitor.polling.purse import Purse
from monitor.polling.turns import next_turn, prospect_of, put_off

_FOUND_WITHIN = 300.0
_FRESH_FOR = 2 * 86400.0


@dataclass(frozen=True, kw_only=True)
class Trace:
    """An article, when it was published and when it was revised (epoch seconds, in order)."""

    doc_id: str
    outlet: str
    breaking: bool
    published: float
    revisions: tuple[float, ...]

    @property
    def found(self) -> float:
        """When a feed would have shown it: within five minutes, for each article at a moment of its own."""
        draw = int.from_bytes(sha256(self.doc_id.encode()).digest()[:6], "big") / 2**48
        return self.published + draw * _FOUND_WITHIN


@dataclass(frozen=True, kw_only=True)
class Score:
    """What the polls would have caught; delays in seconds, shortest first;
    ``freshness`` is the share of the articles' first 48 hours in which our copy was current."""

    requests: int
    revisions: int
    seen: int
    delays: tuple[float, ...]
    freshness: float


@dataclass(frozen=True, kw_only=True)
class _Watched:
    belief: Belief
    looked: float
    caught: int


class _Newsroom:
    """The articles found so far, and what was learnt from them."""

    def __init__(self, traces: Sequence[Trace], least: float, most: float) -> None:
        self._traces = traces
        self._least, self._most = least, most
        self._watched: dict[int, _Watched] = {}
        self._outlets: dict[str, Habits] = {}
        self._everywhere = Habits()

    def find(self, number: int, price: float) -> float:
        """Take the article's baseline; when it wants its first look."""
        trace = self._traces[number]
        outlet = self._outlets.get(trace.outlet, Habits())
        held = first_belief(outlet, self._everywhere, breaking=trace.breaking)
        there = bisect_right(trace.revisions, trace.found)
        self._watched[number] = _Watched(belief=held, looked=trace.found, caught=there)
        return self._next(number, price)

    def put_off(self, number: int, now: float, price: float) -> float | None:
        """When the article wants its look at that price, where it is not worth it now; None: it is."""
        watched = self._watched[number]
        prospect = prospect_of(watched.belief, watched.looked - self._traces[number].published, price)
        later = put_off(prospect, now - watched.looked, price, self._least, self._most)
        return None if later is None else watched.looked + later

    def look(self, number: int, now: float, price: float) -> float:
        """Look at the article, and learn from it; when it wants its next look."""
        trace, before = self._traces[number], self._watched[number]
        there = bisect_right(trace.revisions, now)
        since, age = before.looked - trace.published, now - trace.published
        held = before.belief.after_look(since, age, there > before.caught)
        outlet = self._outlets.get(trace.outlet, Habits())
        self._outlets[trace.outlet] = outlet.after_look(before.belief, since, held, age) or outlet
        everywhere = self._everywhere
        self._everywhere = everywhere.after_look(before.belief, since, held, age) or everywhere
        self._watched[number] = _Watched(belief=held, looked=now, caught=there)
        return self._next(number, price)

    def _next(self, number: int, price: float) -> float:
        watched = self._watched[number]
        prospect = prospect_of(watched.belief, watched.looked - self._traces[number].published, price)
        return watched.looked + next_turn(prospect, price, self._least, self._most)


def replay(
    traces: Sequence[Trace],
    per_hour: float,
    *,
    least: float = 60.0,
    most: float = 7 * 86400.0,
    until: float | None = None,
) -> Iterator[tuple[Trace, float]]:
    """The polls in order.

    :param per_hour: the allowance, of which nothing is saved at the beginning.
    :param least: seconds between two looks at an article, at least; ``most``: at most.
    :param until: the end of it; the last time in the traces, if not given.
    """
    end = last_time(traces) if until is None else until
    finds = sorted((trace.found, number) for number, trace in enumerate(traces))
    purse = Purse(per_hour=per_hour, at=min(trace.published for trace in traces))
    newsroom, turns, found = _Newsroom(traces, least, most), [(math.inf, -1)], 0
    while True:
        due = max(turns[0][0], purse.free_at())
        if found < len(finds) and finds[found][0] <= due:
            now, number = finds[found]
            found += 1
            purse = purse.on(now)
            heapq.heappush(turns, (newsroom.find(number, purse.price), number))
            continue
        if due > end:
            return
        purse = purse.on(due)
        number = turns[0][1]
        later = newsroom.put_off(number, due, purse.price)
        if later is None:
            purse = purse.spent()
            yield traces[number], due
            later = newsroom.look(number, due, purse.price)
        heapq.heapreplace(turns, (later, number))


def last_time(traces: Sequence[Trace]) -> float:
    return max((trace.published, *trace.revisions)[-1] for trace in traces)


def score(traces: Sequence[Trace], polls: Mapping[str, Sequence[float]]) -> Score:
    """What polls at these times (by doc_id, in order) caught."""
    end, delays, seen, current, alive = last_time(traces), [], 0, 0.0, 0.0
    for trace in traces:
        looks = [trace.found, *polls.get(trace.doc_id, ())]
        for revised, replaced in zip(trace.revisions, (*trace.revisions, math.inf)[1:], strict=True):
            first = bisect_left(looks, revised)
            polled = looks[first] if first < len(looks) else math.inf
            seen += polled < replaced
            delays.append(min(polled, max(end, revised)) - revised)
        until = min(end, trace.published + _FRESH_FOR)
        alive += until - trace.published
        current += until - trace.published - _stale(trace.revisions, looks, until)
    requests = sum(map(len, polls.values()))
    freshness = current / alive if alive else 1.0
    return Score(
        requests=requests, revisions=len(delays), seen=seen, delays=tuple(sorted(delays)), freshness=freshness
    )


def _stale(revisions: Sequence[float], looks: Sequence[float], until: float) -> float:
    """For how long before that time our copy was not the article's."""
    total, since = 0.0, 0.0
    for revised in revisions:
        if revised >= until or revised <= since:
            continue  # it is part of the stretch that is counted already
        first = bisect_left(looks, revised)
        since = looks[first] if first < len(looks) else math.inf
        total += min(since, until) - revised
    return total
