"""What became of the headline: put right, worded otherwise, or turned around."""

from __future__ import annotations

import re
from collections import Counter

from monitor.compare import normalise
from monitor.events.facts import sentence_events
from storage.records import Event, EventKind, Severity

_TURNING = frozenset({EventKind.NUMBER_CHANGED, EventKind.CERTAINTY_CHANGED})
_SAME_STORY = 0.34  # of the words of the shorter headline that both have
_OPPOSITES = tuple(
    frozenset(pair.split("/"))
    for pair in (
        "win/lose wins/loses won/lost victory/defeat winner/loser rise/fall rises/falls rose/fell rising/falling "
        "up/down higher/lower gain/loss gains/losses gains/loses increase/decrease increases/decreases soar/plunge "
        "soars/plunges raise/cut raises/cuts raised/cut grow/shrink grows/shrinks guilty/innocent "
        "convicted/acquitted convict/acquit charged/cleared arrested/released jailed/freed accept/reject "
        "accepts/rejects accepted/rejected approve/reject approves/rejects approved/rejected back/oppose "
        "backs/opposes backed/opposed support/oppose supports/opposes supported/opposed for/against confirm/deny "
        "confirms/denies confirmed/denied admit/deny admits/denies admitted/denied allow/ban allows/bans "
        "allowed/banned legal/illegal pass/fail passes/fails passed/failed open/close opens/closes opened/closed "
        "open/shut opens/shuts opened/shut reopens/closes start/stop starts/stops started/stopped begin/end "
        "begins/ends began/ended join/leave joins/leaves joined/left hire/fire hires/fires hired/fired alive/dead "
        "survive/die survives/dies survived/died survivor/victim safe/unsafe safe/dangerous true/false real/fake "
        "agree/disagree agrees/disagrees deal/dispute peace/war resign/stay resigns/stays quit/stay quits/stays "
        "keep/drop keeps/drops kept/dropped lift/impose lifts/imposes lifted/imposed more/less more/fewer "
        "above/below before/after best/worst good/bad success/failure succeeds/fails hit/miss positive/negative "
        "strong/weak likely/unlikely possible/impossible able/unable with/without all/none everyone/nobody "
        "with/against first/last buy/sell buys/sells love/hate praise/slam praises/slams praised/slammed "
        "praise/criticise praises/criticises praises/criticizes found/missing expected/unexpected accident/attack "
        "accident/murder suicide/murder"
    ).split()
)


def headline_event(old: str | None, new: str | None) -> Event:
    return Event(
        kind=EventKind.HEADLINE_CHANGED, severity=_severity(old, new), old=old, new=new, where="headline"
    )


def _severity(old: str | None, new: str | None) -> Severity:
    """Critical where the same story is told and now says another thing: a figure, a hedge, a negation or a
    word for its opposite."""
    if not old or not new:
        return Severity.SUBSTANTIVE
    before, after = _words(old), _words(new)
    facts = list(sentence_events(old, new, "headline"))
    if _same_story(before, after) and (_is_turned(before, after) or any(e.kind in _TURNING for e in facts)):
        return Severity.CRITICAL
    cosmetic = all(event.severity is Severity.COSMETIC for event in facts)
    return Severity.COSMETIC if cosmetic else Severity.SUBSTANTIVE


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", normalise(text).lower()))


def _same_story(before: Counter[str], after: Counter[str]) -> bool:
    shorter = min(before.total(), after.total())
    return (before & after).total() >= _SAME_STORY * shorter


def _is_turned(before: Counter[str], after: Counter[str]) -> bool:
    """Whether a word gave way to its opposite."""
    gone, came = set(before - after), set(after - before)
    return any(pair & gone and pair & came for pair in _OPPOSITES if pair <= gone | came)
