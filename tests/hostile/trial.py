"""A trial: the real daemon looks at hostile cases, and what it made of each is held against what it has to make.

Times are from the request to the line in the log that says what came of it; memory is the daemon's own, without the
children that read.
"""

from __future__ import annotations

import json
import re
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.sources import canonical
from storage.records import Article, Check, CheckResult, SourceState
from storage.store import Store
from tests.hostile.case import READING, Case, Load
from tests.hostile.room import SECRET, Front, Room
from tests.torture.daemon import Running

DEADLINE = 2
SLACK = 0.5
MOST_MEMORY = 64.0
_WORKERS = {Load.LIGHT: 4, Load.SLOW: 16, Load.HEAVY: 1, Load.FEED: 4}
_AT_ONCE = {Load.LIGHT: 1000, Load.SLOW: 1000, Load.HEAVY: 3, Load.FEED: 4}
"""Cases that are looked at beside each other: a promise of time is kept to one that has a processor."""
_WITHOUT_NEWS = 90.0
_LONGEST_AWAY = timedelta(hours=25)
_TROUBLE = re.compile(r"source (\S+): (?!\d+ new article)(.*)")


@dataclass(kw_only=True)
class Found:
    """What came of one case: its outcomes and how often, the longest that a look took (in milliseconds, beside what
    it may take), and what was wrong, in words."""

    case: Case
    most_ms: float
    outcomes: Counter[str] = field(default_factory=Counter)
    worst_ms: float = 0.0
    revisions: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.worst_ms > self.most_ms


@dataclass(kw_only=True)
class Trial:
    """``memory`` are the megabytes that the daemon grew by at the most while some cases were looked at beside each
    other; None: this system does not tell. (Whether it grows over hours is the soak's to find out.)"""

    found: list[Found]
    memory: float | None
    healthy: int
    wrong: list[str]

    @property
    def troubles(self) -> list[str]:
        """Everything that was not as it has to be."""
        over = [
            f"{f.case.title}: took {f.worst_ms:.0f} ms, and {f.most_ms:.0f} ms is the most"
            for f in self.found
            if f.is_over
        ]
        fat = [f"the daemon grew by {self.memory:.0f} MB"] if (self.memory or 0) > MOST_MEMORY else []
        return [*(wrong for f in self.found for wrong in f.wrong), *over, *fat, *self.wrong]


def try_out(load: Load, cases: Sequence[Case], folder: Path, count: int, *, slack: float = SLACK) -> Trial:
    """Let the daemon look at them, each ``count`` times in a row.

    :param cases: all of that load.
    :param slack: seconds that a look may take beyond what it may.
    """
    workers = _WORKERS[load]
    deadline = 5 if load is Load.HEAVY else DEADLINE  # large bodies wait for each other
    with Room(cases, folder, count) as room:
        running = Running(room.configure([], deadline=deadline, workers=workers))
        try:
            running.until("started with")
            _wait(running, [], {room.healthy: 2})
            grown = []
            for begin in range(0, len(room.fronts), _AT_ONCE[load]):
                some = room.fronts[begin : begin + _AT_ONCE[load]]
                room.configure(room.fronts[: begin + len(some)], deadline=deadline, workers=workers)
                running.ask(signal.SIGHUP)
                before = running.memory(anew=True)
                feeds = [front for front in some if front.case.is_feed]
                _wait(running, feeds, {f.known_as: len(f.looks) for f in some if not f.case.is_feed})
                after = running.memory()
                if before is not None and after is not None:
                    grown.append(after - before)
            _wait(running, [], {room.healthy: len(_said(running).get(room.healthy, ())) + 2})
            running.stop()
        finally:
            running.clear_away()
        return _judged(room, running, folder, slack, max(grown, default=None))


# ---------------------------------------------------------------------- what the daemon has said so far


def _wait(running: Running, feeds: Sequence[Front], wanted: Mapping[str, int]) -> None:
    """Until these feeds were read and each address was looked at so often, or nothing new is heard of them."""
    known, since = -1, time.monotonic()
    while time.monotonic() - since < _WITHOUT_NEWS:
        said = _said(running)
        heard = sum(min(len(said.get(url, ())), looks) for url, looks in wanted.items())
        if feeds:
            with Store.open("sqlite:///store.db", running.folder) as store:
                states = {state.name: state for state in store.watchlist.sources()}
            heard += sum(_was_read(states.get(front.name)) for front in feeds)
        if heard == sum(wanted.values()) + len(feeds):
            return
        if heard != known:
            known, since = heard, time.monotonic()
        time.sleep(0.2)


def _was_read(state: SourceState | None) -> bool:
    return state is not None and (state.last_ok_at is not None or state.last_error is not None)


def _said(running: Running) -> dict[str, list[float]]:
    """When the log told of a look at each address, and of a trouble with each source by its name."""
    said: dict[str, list[float]] = {}
    for told in _log(running):
        trouble = _TROUBLE.match(told["message"])
        about = told["url"] if "outcome" in told else trouble and trouble[1]
        if about:
            said.setdefault(about, []).append(_seconds(told["time"]))
    return said


def _log(running: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for line in running.lines() if line.startswith("{")]


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# ---------------------------------------------------------------------- what is to be said of it


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What the archive holds when all is over, by address and by source."""

    checks: Mapping[str, list[Check]]
    articles: Mapping[str, Article]
    texts: Mapping[str, str]
    sources: Mapping[str, SourceState]


def _judged(room: Room, running: Running, folder: Path, slack: float, grown: float | None) -> Trial:
    said, kept = _said(running), _kept(folder)
    found: dict[int, Found] = {}
    for front in room.fronts:
        case = front.case
        usual = READING if case.load is Load.HEAVY else DEADLINE
        most = (case.within or usual) + slack
        one = found.setdefault(id(case), Found(case=case, most_ms=most * 1000))
        (_judge_feed if case.is_feed else _judge_looks)(front, one, said, kept)
    wrong = [*_unclean(running), *_leaks(room, running, kept)]
    healthy = [check.result for check in kept.checks.get(canonical(room.healthy), [])]
    if set(healthy[1:]) != {CheckResult.SAME}:
        wrong.append(f"the healthy article was {', '.join(sorted(set(healthy)))}")
    return Trial(found=list(found.values()), memory=grown, healthy=len(healthy), wrong=wrong)


def _judge_looks(front: Front, found: Found, said: Mapping[str, list[float]], kept: _Kept) -> None:
    url = canonical(front.known_as)
    checks = kept.checks.get(url, [])[: len(front.looks)]
    for number, (look, check) in enumerate(zip(front.looks, checks, strict=False)):
        outcome = outcome_of(check)
        found.outcomes[outcome] += 1
        ended, began = said[url][number], check.at.timestamp()
        if number < len(front.asked):
            began = min(began, front.asked[number])
        found.worst_ms = max(found.worst_ms, (ended - began) * 1000)
        if outcome not in look.outcomes:
            why = check.detail or "; ".join(check.reasons)
            found.wrong.append(
                f"{found.case.title}: look {number + 1} was {outcome} ({why[:200]}), not {' or '.join(look.outcomes)}"
            )
    if len(checks) < len(front.looks):
        found.wrong.append(f"{found.case.title}: was looked at {len(checks)} times, not {len(front.looks)}")
    article = kept.articles.get(url)
    made = sum(check.result in (CheckResult.FIRST, CheckResult.CHANGED) for check in checks)
    found.revisions += article.revisions if article else 0
    if article is not None:
        if article.revisions != made:
            found.wrong.append(f"{found.case.title}: has {article.revisions} revisions, not {made}")
        if checks and article.next_check_at - checks[-1].at > _LONGEST_AWAY:
            found.wrong.append(f"{found.case.title}: is not looked at again before {article.next_check_at}")
    reads = front.case.reads
    if (
        reads is not None
        and article is not None
        and article.revisions
        and reads not in kept.texts.get(url, "")
    ):
        found.wrong.append(f"{found.case.title}: '{reads}' is not in what was read")


def _judge_feed(front: Front, found: Found, said: Mapping[str, list[float]], kept: _Kept) -> None:
    state = kept.sources.get(front.name)
    if state is None or not _was_read(state) or not front.asked:
        found.wrong.append(f"{found.case.title}: was never read")
        return
    if state.last_ok_at is not None:
        outcome, ended = f"found {state.articles}", state.last_ok_at.timestamp()
    else:
        outcome, ended = (state.last_error or "").replace(front.url, "it"), said[front.name][0]
    found.outcomes[outcome] += 1
    found.worst_ms = max(found.worst_ms, (ended - front.asked[0]) * 1000)
    if not any(wanted in outcome for wanted in front.looks[0].outcomes):
        found.wrong.append(f"{found.case.title}: was '{outcome}', not {' or '.join(front.looks[0].outcomes)}")


def outcome_of(check: Check) -> str:
    """The outcome as a case says it."""
    more = {CheckResult.WITHHELD: check.verdict, CheckResult.FAILED: check.error}.get(check.result)
    return f"{check.result} {more}" if more else str(check.result)


def _kept(folder: Path) -> _Kept:
    with Store.open("sqlite:///store.db", folder) as store:
        checks: dict[str, list[Check]] = {}
        for entry in store.checks():
            checks.setdefault(entry.url, []).append(entry.check)
        articles = {article.url: article for article in store.articles()}
        texts = {}
        for url, article in articles.items():
            revision = store.latest_revision(article) if article.revisions else None
            texts[url] = revision.extraction.text if revision else ""
        sources = {state.name: state for state in store.watchlist.sources()}
    return _Kept(checks=checks, articles=articles, texts=texts, sources=sources)


def _unclean(running: Running) -> list[str]:
    """Lines of the log with a letter in them that a terminal would obey, or that tell of an error of our own."""
    wrong = []
    for line in running.lines():
        if not line.startswith("{"):
            wrong.append(f"the log says: {line.strip()[:200]}")
            continue
        told = json.loads(line)
        if not told["message"].isprintable():
            wrong.append(f"a line of the log has control characters: {told['message'][:200]!a}")
        if "exception" in told or told["level"] in ("error", "critical"):
            wrong.append(f"the log tells of an error: {told['message']} {told.get('exception', '')[-400:]}")
    return wrong


def _leaks(room: Room, running: Running, kept: _Kept) -> list[str]:
    """Whether what must not be reached was: the server behind the addresses, the file behind the entities."""
    wrong = [f"{target} of a private address was asked for" for target in room.vault.asked]
    shown = [*running.lines(), *kept.texts.values(), *kept.articles]
    if any(SECRET in text for text in shown):
        wrong.append("the text of a file that is nobody's business was read")
    wrong += [f"a cookie was sent back to {host}" for host in room.given_cookies()]
    return wrong
