"""What must hold after a run: the servers' log, what is shown of the archive, and the archive agree."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from storage.store import Store
from tests.newsdesk import writethru
from tests.rush.newsroom import Asked
from tests.rush.stories import write_traces
from tests.rush.watching import SPACING, Run
from tests.torture.figures import Figures
from tests.torture.newsroom import edition_in

TRACES, POLLS, REQUESTS = "traces.jsonl", "polls.jsonl", "requests.jsonl"
_POINT = 0.01
_MOST_TOLD = 20


def audited(run: Run, *, simulated: bool = True) -> Figures:
    """Every promise, and the figures beside them.

    :param simulated: whether the simulation is asked as well: a short run proves nothing there.
    """
    figures = Figures()
    polls = _polls(run)
    figures.say("requests", len(run.log))
    figures.say("of these for stories", sum(map(len, polls.values())))
    if run.strangers:
        figures.say("requests of others who had a port before, not counted", run.strangers)
    figures.say("processor of the daemon and its children, ms a request", _ms(run))
    _spacing(run, figures)
    _accounts(run, polls, figures)
    figures.expect("editions that were up at a request and are not stored", len(_lost(run)), 0)
    figures.say("editions that were up at a request", len(_shown(run)))
    seen = _edits_seen(run, polls, figures)
    rate = _written(run, polls)
    figures.say("requests for stories an hour, but the first of each", f"{rate:.1f}")
    if simulated:
        _compare(run, seen, rate, figures)
    return figures


def _polls(run: Run) -> dict[str, list[float]]:
    """When each story was asked for while it was there, by its path."""
    polls: dict[str, list[float]] = {story.path: [] for story in run.stories}
    for asked in run.log:
        if asked.of_story:
            polls[asked.path].append(asked.at)
    return polls


def _ms(run: Run) -> str:
    return f"{1000 * run.processor / max(1, len(run.log)):.1f}"


# ---------------------------------------------------------------------- politeness


def _spacing(run: Run, figures: Figures) -> None:
    """Any two requests to a host, whatever they were for, by the servers' own log."""
    hosts: dict[int, list[Asked]] = defaultdict(list)
    for asked in sorted(run.log, key=lambda asked: asked.at):
        hosts[asked.host].append(asked)
    pairs = [pair for each in hosts.values() for pair in pairwise(each)]
    early = [(one, other) for one, other in pairs if other.at - one.at < SPACING]
    shortest = min(other.at - one.at for one, other in pairs)
    figures.say("shortest time between two requests to a host, s", f"{shortest:.2f}", f">= {SPACING:g}")
    figures.expect("requests to a host before its interval was over", len(early), 0)
    for one, other in early[:_MOST_TOLD]:
        figures.say(f"{other.path} after {one.path} on host {one.host}, s", f"{other.at - one.at:.2f}")


# ---------------------------------------------------------------------- accounts


def _accounts(run: Run, polls: dict[str, list[float]], figures: Figures) -> None:
    """What was asked of each story is what was checked, in the archive and in what is shown of it."""
    with Store.open("sqlite:///store.db", run.config.parent) as store:
        articles = {article.url: article for article in store.articles()}
        checks = Counter(entry.url for entry in store.checks() for _ in range(entry.count))
    asked = {f"http://{run.names[s.host]}{s.path}": len(polls[s.path]) for s in run.stories}
    published = {url for url, count in asked.items() if count}
    figures.expect("stories that were asked for and are not watched", len(published - articles.keys()), 0)
    figures.expect(
        "stories whose checks are not their requests",
        sum(
            articles[url].checks != asked[url] or checks[url] != asked[url]
            for url in published & articles.keys()
        ),
        0,
    )
    shown = json.loads(writethru(run.config, "status", "--json").stdout)
    figures.expect("checks that 'status' shows, off by", abs(shown["checks"] - sum(asked.values())), 0)
    figures.expect("articles that 'status' shows, off by", abs(shown["articles"] - len(articles)), 0)
    figures.expect("articles in trouble", len(shown["troubles"]), 0)
    figures.say("gaps in the watching, as when the machine had more to do", shown.get("gaps", 0))


# ---------------------------------------------------------------------- nothing that was there is lost


def _shown(run: Run) -> set[tuple[str, int]]:
    """Every edition that was up at a request that was answered."""
    return {(asked.path, asked.edition) for asked in run.log if asked.of_story}


def _lost(run: Run) -> set[tuple[str, int]]:
    stored = set()
    with Store.open("sqlite:///store.db", run.config.parent) as store:
        for article in store.articles():
            for number in range(1, article.revisions + 1):
                story, edition = edition_in(store.revision(article.id, number).extraction.text)
                stored.add((f"/story/{story}", edition))
    return _shown(run) - stored


# ---------------------------------------------------------------------- beside the simulation


def _edits_seen(run: Run, polls: dict[str, list[float]], figures: Figures) -> float:
    """The share of edits that were up at some request."""
    edits = sum(len(story.times) - 1 for story in run.stories)
    seen = sum(_seen(story.times, polls[story.path]) for story in run.stories)
    figures.say("edits", edits)
    figures.say("share of edits seen", f"{seen / edits:.3f}")
    return seen / edits


def _seen(times: Sequence[float], polls: Sequence[float]) -> int:
    spans = pairwise([*times[1:], float("inf")])
    return sum(any(begin <= poll < end for poll in polls) for begin, end in spans)


def _written(run: Run, polls: dict[str, list[float]]) -> float:
    """Write down what was there and what was asked for, all of it and as the simulation reads and writes it: there
    the first read of a story is no poll. How many polls that makes an hour."""
    rows = sorted((moment, doc_id) for doc_id, moments in polls.items() for moment in moments[1:])
    lines = "".join(json.dumps({"doc_id": doc_id, "t": moment}) + "\n" for moment, doc_id in rows)
    (run.config.parent / POLLS).write_text(lines, encoding="utf-8")
    write_traces(run.config.parent / TRACES, run.stories, run.names)
    asked = "".join(json.dumps(asdict(each)) + "\n" for each in run.log)
    (run.config.parent / REQUESTS).write_text(asked, encoding="utf-8")
    return len(rows) / ((run.ends - run.begins) / 3600)


def _compare(run: Run, seen: float, rate: float, figures: Figures) -> None:
    """The same share in the simulation, on the same traces with as many requests: what it does not spend of that
    allowance is allowed for in a second run."""
    simulated = _simulated(run, rate)
    wanted = rate * (run.ends - run.begins) / 3600
    simulated = _simulated(run, rate * wanted / max(1, simulated["requests"]))
    figures.say("requests in the simulation", simulated["requests"])
    figures.say("share of edits seen in the simulation", f"{simulated['seen_share']:.3f}")
    figures.expect("difference of the two shares", round(abs(simulated["seen_share"] - seen), 4), _POINT)


def _simulated(run: Run, rate: float) -> dict[str, Any]:
    traces = run.config.parent / TRACES
    said = writethru(run.config, "simulate", str(traces), "--requests-per-hour", f"{rate:.3f}", "--json")
    found: dict[str, Any] = json.loads(said.stdout)
    return found
