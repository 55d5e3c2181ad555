"""decide(): what one look at an article means, and everything that has to be written because of it.

Takes values and returns an Outcome; stores nothing, asks nothing, knows no clock of its own. Only a
capture whose verdict is ARTICLE makes a revision; every other answer is an observation, and only
entering or leaving a state is an event.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor import prospects
from monitor.boilerplate import learn
from monitor.config import AlertRule, ScheduleSettings, WitnessSettings, rules_for
from monitor.copies import (
    another_copy,
    counts,
    dates_itself_older,
    series,
    with_latest_again,
    with_look_at,
    with_revision,
)
from monitor.disclosable import may_be_told
from monitor.errors import FetchError
from monitor.events.summary import summary
from monitor.identity import identity
from monitor.patterns import TooSlow, finder
from monitor.prospects import Market
from monitor.variants import as_test, headline_again
from monitor.verdict import MAX_DOUBTS
from monitor.weighing import Weigh, weigh
from storage.records import (
    Alert,
    Article,
    ArticleState,
    Assessment,
    Capture,
    Check,
    CheckResult,
    Disclosure,
    Event,
    EventKind,
    Extraction,
    HostBlocks,
    Outcome,
    Reading,
    Reason,
    Response,
    Revision,
    Severity,
    Source,
    StateEvent,
    Verdict,
    WordCount,
    fold_spaces,
)

log = logging.getLogger("writethru.decide")

STALLED_AFTER = 5
_LONGEST_BACKOFF = timedelta(days=1)
_PATIENCE = 1.0  # seconds for the pattern of one alert rule

_BLOCKING = frozenset({Verdict.BLOCKED, Verdict.CONSENT, Verdict.PAYWALL})
_ABSENT = frozenset({Verdict.GONE, Verdict.SOFT_404})
_ENTERING = {
    ArticleState.BLOCKED: (EventKind.BLOCKED, Severity.SUBSTANTIVE, "The article cannot be seen"),
    ArticleState.REMOVED: (EventKind.REMOVED, Severity.CRITICAL, "The article is gone"),
    ArticleState.STALLED: (
        EventKind.STALLED,
        Severity.SUBSTANTIVE,
        "The checks have come to nothing for a while",
    ),
}
_LEAVING = {
    ArticleState.BLOCKED: (EventKind.UNBLOCKED, "The article can be seen again."),
    ArticleState.REMOVED: (EventKind.RESTORED, "The article is back."),
    ArticleState.STALLED: (EventKind.RESUMED, "The article is seen again."),
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """The circumstances of one look: its id and time, the source, the rules that apply, which revisions
    a public archive should save, and what the host is known to repeat.

    ``quietly``: this is the taking of a baseline; the first revision says so and nobody is told.
    ``noted``: what else there is to say of the look, for the reasons of its check.
    """

    check_id: str
    now: datetime
    source: Source
    schedule: ScheduleSettings
    rules: tuple[AlertRule, ...] = ()
    witness: WitnessSettings = field(default_factory=WitnessSettings)
    blocks: HostBlocks = field(default_factory=HostBlocks)
    market: Market = field(default_factory=Market)
    quietly: bool = False
    noted: tuple[str, ...] = ()


def decide(
    article: Article,
    previous: Revision | None,
    response: Response,
    capture: Capture | None,
    look: Look,
    reread: Extraction | None = None,
    *,
    weigh: Weigh = weigh,
) -> Outcome:
    """What an answer means.

    :param capture: None for a 304, which has nothing to read.
    :param reread: what the bytes of ``previous`` read as today, where that was read in another way.
    :param weigh: how two texts are weighed; asked only where they differ.
    """
    outcome = _after_reread(article, previous, response, capture, look, reread, weigh)
    return _with_identity(outcome, article, response, capture, look)


def _after_reread(
    article: Article,
    previous: Revision | None,
    response: Response,
    capture: Capture | None,
    look: Look,
    reread: Extraction | None,
    weigh: Weigh,
) -> Outcome:
    if previous is None or reread is None:
        return _meaning(article, previous, response, capture, look, weigh)
    if not _reads_otherwise(previous.extraction, reread):
        moved_on = replace(article, read_as=reread.read_as)
        return _meaning(moved_on, previous, response, capture, look, weigh)
    anew = _read_anew(previous, reread, weigh)
    outcome = _meaning(_standing_on(article, anew), anew, response, capture, look, weigh)
    return replace(outcome, expects=article.revisions, reread=anew)


def _meaning(
    article: Article,
    previous: Revision | None,
    response: Response,
    capture: Capture | None,
    look: Look,
    weigh: Weigh,
) -> Outcome:
    if capture is None:
        return _seen_again(article, response, look, CheckResult.NOT_MODIFIED, None)
    if capture.verdict is not Verdict.ARTICLE or capture.extraction is None:
        return _withheld(article, response, capture, look)
    if previous is None:
        return _first(article, response, capture, capture.extraction, look)
    if capture.extraction == previous.extraction:
        return _seen_again(article, response, look, CheckResult.SAME, capture)
    weighed = weigh(previous.extraction, capture.extraction)
    assessment, words = weighed.assessment, weighed.words
    if not assessment.events:
        return _seen_again(article, response, look, CheckResult.SAME, capture)
    headline_of = headline_again(article, assessment, capture.extraction)
    copy = another_copy(article, previous.extraction, capture.extraction)
    if copy is not None:
        article = with_look_at(article, copy, look.now)
        stale = dates_itself_older(previous.extraction, capture.extraction)
        tested = headline_of is not None and not stale and not article.swings
        if not (tested or counts(article)):
            return _doubted(article, response, capture, copy.why, look)
    returned = copy.number if copy is not None else _earlier(article, capture.extraction)
    if headline_of is not None:
        assessment = as_test(assessment, headline_of)
        article = replace(article, alternated_at=article.alternated_at or look.now)
    elif returned is not None:
        assessment = _with_return(assessment, returned)
    return _changed(article, response, capture, capture.extraction, assessment, words, returned, look)


def decide_failure(article: Article, error: FetchError, look: Look) -> Outcome:
    """What it means that there was no usable answer."""
    check = Check(
        id=look.check_id,
        at=look.now,
        result=CheckResult.FAILED,
        error=error.problem,
        detail=str(error),
        status=error.status,
    )
    troubled = replace(article, troubles=article.troubles + 1)
    state = _unless_stalled(troubled)
    wait = max(backoff(troubled, look), error.retry_after or timedelta(0))
    return _outcome(troubled, article, check, state, str(error), look, wait=wait)


def decide_baseline(article: Article, extraction: Extraction, look: Look) -> Outcome:
    """A stored version from a file becomes the article's first revision; the page is still to be seen."""
    baseline = Revision(
        number=1, reason=Reason.BASELINE, seen_at=look.now, not_seen_before=None, extraction=extraction
    )
    check = Check(id=look.check_id, at=look.now, result=CheckResult.FIRST, verdict=Verdict.ARTICLE)
    after = replace(
        article,
        revisions=1,
        checks=article.checks + 1,
        headline=extraction.headline,
        last_seen_at=None,
        last_change_at=look.now,
        next_check_at=look.now,
        read_as=extraction.read_as,
    )
    return Outcome(article=after, check=check, expects=0, revision=baseline)


def decide_reading(
    article: Article, previous: Revision, reread: Extraction, *, weigh: Weigh = weigh
) -> Reading:
    """What it means that the bytes of ``previous`` read so today, with no look at the article: at most a
    revision for the reason that we read differently, which nobody is told of."""
    if not _reads_otherwise(previous.extraction, reread):
        return Reading(article=replace(article, read_as=reread.read_as), expects=article.revisions)
    anew = _read_anew(previous, reread, weigh)
    return Reading(article=_standing_on(article, anew), expects=article.revisions, revision=anew)


def next_check_after(article: Article, look: Look) -> timedelta:
    """How long until an article that answered well wants another look."""
    return prospects.wait(article, look.source, look.schedule, look.market.price, look.now)


def backoff(article: Article, look: Look) -> timedelta:
    """How long until a troubled article is tried again: doubled with every trouble in a row."""
    base = look.source.interval or look.schedule.min_interval
    longest = max(min(_LONGEST_BACKOFF, look.schedule.max_interval), base)
    return min(base * 2 ** min(article.troubles - 1, 20), longest) if article.troubles else base


def alerts_for(rules: Sequence[AlertRule], revision: Revision | StateEvent) -> tuple[Alert, ...]:
    """Who should be told: one alert for each channel, with the names of the rules that matched."""
    matching = [rule for rule in rules if objection(rule, revision) is None]
    channels = dict.fromkeys(channel for rule in matching for channel in rule.to)
    about = revision.event.kind if isinstance(revision, StateEvent) else None
    return tuple(
        Alert(channel=channel, rules=tuple(r.name for r in matching if channel in r.to), about=about)
        for channel in channels
    )


def witness_for(revision: Revision, article: Article, look: Look) -> str | None:
    """The address that a public archive should save for that revision; None: it should not be asked. What
    was seen with headers or cookies of the source's own is not what the public sees."""
    if not look.witness.wayback or look.quietly or look.source.headers or not may_be_told(article.url):
        return None
    if revision.assessment is None or revision.assessment.severity < look.witness.severity:
        return None
    return article.url


# ---------------------------------------------------------------------- what an answer means


def _first(
    article: Article, response: Response, capture: Capture, extraction: Extraction, look: Look
) -> Outcome:
    reason = Reason.BASELINE if look.quietly else Reason.FIRST
    revision = Revision(
        number=1, reason=reason, seen_at=response.fetched_at, not_seen_before=None, extraction=extraction
    )
    return _with_revision(article, response, capture, revision, look, CheckResult.FIRST)


def _changed(
    article: Article,
    response: Response,
    capture: Capture,
    extraction: Extraction,
    assessment: Assessment,
    words: WordCount,
    returned: int | None,
    look: Look,
) -> Outcome:
    """A new revision. ``returned`` is the earlier one whose text it is."""
    revision = Revision(
        number=article.revisions + 1,
        reason=Reason.EDIT if returned is None else Reason.REVERT,
        seen_at=response.fetched_at,
        not_seen_before=article.last_seen_at,
        extraction=extraction,
        assessment=assessment,
        words=words,
    )
    turned = with_revision(article, returned=returned is not None, now=look.now)
    return _with_revision(turned, response, capture, revision, look, CheckResult.CHANGED)


def _with_revision(
    article: Article,
    response: Response,
    capture: Capture,
    revision: Revision,
    look: Look,
    result: CheckResult,
) -> Outcome:
    seen = _as_seen(article, response, look, capture)
    seen, habits = _believed(seen, revision.extraction, look, changed=revision.number > 1)
    after = replace(
        seen,
        revisions=revision.number,
        headline=revision.extraction.headline,
        last_change_at=look.now,
    )
    check = _check(look, response, capture, result)
    outcome = _outcome(
        after, article, check, ArticleState.WATCHED, "", look, response=response, revision=revision
    )
    outcome = replace(outcome, habits=habits)
    blocks = learn(look.blocks, article.id, revision.extraction)
    return outcome if blocks == look.blocks else replace(outcome, blocks=blocks)


def _seen_again(
    article: Article, response: Response, look: Look, result: CheckResult, capture: Capture | None
) -> Outcome:
    """The latest text once more; where another copy stood there the last time, the two alternate."""
    seen = with_latest_again(_as_seen(article, response, look, capture), look.now)
    seen, habits = _believed(seen, None, look, changed=False)
    told: tuple[StateEvent, ...] = ()
    if article.returns and seen.alternated_at is None:
        seen = replace(seen, alternated_at=look.now)
        told = (_alternation(article, look.now),)
    elif article.returns:
        look = replace(look, noted=(*look.noted, series(seen, look.now)))
    check = _check(look, response, capture, result)
    outcome = _outcome(seen, article, check, ArticleState.WATCHED, "", look, told=told)
    return replace(outcome, habits=habits)


def _believed(
    article: Article, first: Extraction | None, look: Look, *, changed: bool
) -> tuple[Article, bytes | None]:
    """What is believed of the article's future after this look, and of its host's articles, where that is
    news."""
    if first is not None and not changed:
        return prospects.begun(article, first, look.market, look.now), None
    article, habits = prospects.looked_again(article, look.schedule, look.market, look.now, changed=changed)
    return article, None if habits is None else habits.pack()


def _doubted(article: Article, response: Response, capture: Capture, why: str, look: Look) -> Outcome:
    """Another copy of the article, which has not held yet. The page does answer, so this is no trouble;
    it is not the latest revision either, so nothing is known of that and no state is left for it."""
    after = replace(article, troubles=0, absences=0, absent_since=None)
    reason = f"{why}; it is looked at again before it counts"
    suspect = replace(capture, verdict=Verdict.SUSPECT, reasons=(*capture.reasons, reason))
    check = _check(look, response, suspect, CheckResult.WITHHELD)
    return _outcome(after, article, check, article.state, "", look, wait=look.schedule.min_interval)


def _withheld(article: Article, response: Response, capture: Capture, look: Look) -> Outcome:
    """An answer, but not an article: an observation that never makes a revision."""
    suspect, absent = capture.verdict is Verdict.SUSPECT, capture.verdict in _ABSENT
    troubled = replace(
        article,
        troubles=article.troubles + 1,
        doubts=article.doubts + 1 if suspect else 0,
        absences=article.absences + 1 if absent else 0,
        absent_since=(article.absent_since or look.now) if absent else None,
    )
    state = _state_after(troubled, capture.verdict, look)
    check = _check(look, response, capture, CheckResult.WITHHELD)
    why = "; ".join(capture.reasons)
    wait = backoff(troubled, look)
    if suspect and troubled.doubts <= MAX_DOUBTS:
        wait = look.schedule.min_interval
    elif absent and state is not ArticleState.REMOVED:
        wait = min(wait, _until_gone(troubled, look))
    kept = response if state is not article.state or troubled.absences == 1 else None
    return _outcome(troubled, article, check, state, why, look, wait=wait, response=kept)


def _state_after(article: Article, verdict: Verdict, look: Look) -> ArticleState:
    """The state that a verdict leads to; a wall in front of a removed article proves nothing new, and
    one that may be gone is on its way to being removed, not stalled."""
    if verdict in _ABSENT:
        return ArticleState.REMOVED if _is_gone(article, look) else article.state
    if article.state is ArticleState.REMOVED:
        return article.state
    if verdict in _BLOCKING:
        return ArticleState.BLOCKED
    return _unless_stalled(article)


def _is_gone(article: Article, look: Look) -> bool:
    """Whether an absence has held. Servers say 404, and even 410, for an hour of bad luck; a file is
    gone when it is gone, for nothing stands between it and us."""
    if article.url.startswith("file:"):
        return True
    held = look.now - (article.absent_since or look.now)
    return article.absences >= look.schedule.gone_checks and held >= look.schedule.gone_after


def _until_gone(article: Article, look: Look) -> timedelta:
    """No longer than this until the next look, so that a removal is known about ``gone_after`` after
    the first sign of it."""
    share = look.schedule.gone_after / look.schedule.gone_checks
    left = look.schedule.gone_after - (look.now - (article.absent_since or look.now))
    return max(min(share, left), look.schedule.min_interval)


def _unless_stalled(article: Article) -> ArticleState:
    """A watched article stalls after enough trouble; one that is blocked or removed stays so."""
    stalled = article.state is ArticleState.WATCHED and article.troubles >= STALLED_AFTER
    return ArticleState.STALLED if stalled else article.state


# ---------------------------------------------------------------------- which article it is


def _with_identity(
    outcome: Outcome, article: Article, response: Response, capture: Capture | None, look: Look
) -> Outcome:
    """The outcome with the addresses by which the article is known after it; a doubtful look teaches none."""
    if outcome.check.verdict is not Verdict.ARTICLE or capture is None or capture.extraction is None:
        return outcome
    found = identity(article, response, capture.extraction, outcome.revision)
    after = replace(outcome.article, url=found.url, address=found.address)
    outcome = replace(outcome, article=after, known_by=found.keys)
    assessment = None if outcome.revision is None else outcome.revision.assessment
    told_by_page = assessment and any(event.kind is EventKind.MOVED_URL for event in assessment.events)
    if found.moved is None or told_by_page:
        return outcome
    return _with_move(outcome, article, found.moved, look)


def _with_move(outcome: Outcome, article: Article, moved: tuple[str, str], look: Look) -> Outcome:
    event = Event(
        kind=EventKind.MOVED_URL, severity=Severity.MINOR, old=moved[0], new=moved[1], where="article"
    )
    told = StateEvent(event=event, at=look.now, not_seen_before=article.last_seen_at)
    rules = () if look.quietly else tuple(rules_for(look.rules, look.source))
    return replace(
        outcome,
        state_events=(*outcome.state_events, told),
        alerts=(*outcome.alerts, *alerts_for(rules, told)),
    )


# ---------------------------------------------------------------------- putting an outcome together


def _outcome(
    after: Article,
    before: Article,
    check: Check,
    state: ArticleState,
    why: str,
    look: Look,
    *,
    wait: timedelta | None = None,
    response: Response | None = None,
    revision: Revision | None = None,
    told: tuple[StateEvent, ...] = (),
) -> Outcome:
    if before.state is ArticleState.FORGOTTEN:  # nothing that is seen of it brings it back
        state = before.state
    state_events = (*_transition(before, state, why, look.now), *told)
    after = replace(
        after,
        state=state,
        checks=before.checks + 1,
        last_check_at=look.now,
        next_check_at=look.now + (next_check_after(after, look) if wait is None else wait),
    )
    rules = () if look.quietly else tuple(rules_for(look.rules, look.source))
    alerts = [alert for state_event in state_events for alert in alerts_for(rules, state_event)]
    if revision is not None:
        alerts += alerts_for(rules, revision)
    return Outcome(
        article=after,
        check=check,
        expects=before.revisions,
        response=response,
        revision=revision,
        state_events=state_events,
        alerts=tuple(alerts),
        witness=None if revision is None else witness_for(revision, after, look),
    )


def _transition(article: Article, state: ArticleState, why: str, now: datetime) -> tuple[StateEvent, ...]:
    if state is article.state:
        return ()
    if state is ArticleState.WATCHED:
        (kind, sentence), severity, since = _LEAVING[article.state], Severity.MINOR, article.last_check_at
    else:
        (kind, severity, words), since = _ENTERING[state], article.last_seen_at
        sentence = f"{words}: {why.rstrip('.')}."
    event = Event(kind=kind, severity=severity, old=None, new=sentence, where="article")
    return (StateEvent(event=event, at=now, not_seen_before=since),)


def _alternation(article: Article, now: datetime) -> StateEvent:
    sentence = "Two copies of the article alternate."
    event = Event(kind=EventKind.ALTERNATED, severity=Severity.MINOR, new=sentence, where="article")
    return StateEvent(event=event, at=now, not_seen_before=article.last_seen_at)


def _as_seen(article: Article, response: Response, look: Look, capture: Capture | None) -> Article:
    """The article after a look that saw it as an article; a 304 keeps the validators it was asked with,
    and how and where it was read."""
    seen = replace(article, troubles=0, doubts=0, absences=0, absent_since=None, last_seen_at=look.now)
    if capture is None or capture.extraction is None:
        return seen
    return replace(
        seen,
        validators=article.validators if response.status == 304 else response.validators,
        locator=capture.locator,
        read_as=capture.extraction.read_as,
    )


def _check(look: Look, response: Response, capture: Capture | None, result: CheckResult) -> Check:
    return Check(
        id=look.check_id,
        at=look.now,
        result=result,
        verdict=capture.verdict if capture else None,
        status=response.status,
        reasons=(*(capture.reasons if capture else ()), *look.noted),
        ms=response.ms,
        digest=response.digest if response.body else None,
    )


def _earlier(article: Article, extraction: Extraction) -> int | None:
    """The number of the earlier revision that had that text, where copies are no question."""
    number = article.text_digests.get(extraction.text_digest)
    return None if number == article.revisions else number


def _with_return(assessment: Assessment, number: int) -> Assessment:
    event = Event(
        kind=EventKind.REVERTED,
        severity=assessment.severity,
        old=None,
        new=f"the text of revision {number}",
        where="article",
    )
    return replace(
        assessment,
        events=(event, *assessment.events),
        summary=f"The text of revision {number} is back. {assessment.summary}",
    )


# ---------------------------------------------------------------------- the same bytes, read again


def _reads_otherwise(old: Extraction, new: Extraction) -> bool:
    """Whether two readings of the same bytes differ in more than how they came about."""
    alike = replace(new, extractor=old.extractor, told=old.told, left_out=old.left_out)
    return alike != old


def _read_anew(previous: Revision, reread: Extraction, weigh: Weigh) -> Revision:
    """The revision that differs from ``previous`` only because we read differently now. It is no news of
    the article's: cosmetic as a whole, disclosed by nobody, seen when its bytes were."""
    weighed = weigh(previous.extraction, reread)
    found = weighed.assessment
    said = summary(found.events, Disclosure.none()) if found.events else "The text reads the same."
    assessment = Assessment(
        events=found.events,
        severity=Severity.COSMETIC,
        disclosure=Disclosure.none(),
        summary=said,
    )
    return Revision(
        number=previous.number + 1,
        reason=Reason.EXTRACTOR,
        seen_at=previous.seen_at,
        not_seen_before=previous.not_seen_before,
        extraction=reread,
        assessment=assessment,
        words=weighed.words,
    )


def _standing_on(article: Article, anew: Revision) -> Article:
    """The article with its latest revision read anew; the reading before it stands for no text any more."""
    texts = {digest: number for digest, number in article.text_digests.items() if number != article.revisions}
    headlines = {words: number for words, number in article.headlines.items() if number != article.revisions}
    return replace(
        article,
        revisions=anew.number,
        headline=anew.extraction.headline,
        read_as=anew.extraction.read_as,
        text_digests=texts | {anew.extraction.text_digest: anew.number},
        headlines=headlines | {fold_spaces(anew.extraction.headline or ""): anew.number},
    )


# ---------------------------------------------------------------------- who should be told


def objection(rule: AlertRule, subject: Revision | StateEvent) -> str | None:
    """Why that rule does not match, in words; None: it does."""
    facts: tuple[Event, ...]
    if isinstance(subject, StateEvent):
        facts, severity, silent, words = (subject.event,), subject.event.severity, False, 0
    elif subject.assessment is None:
        return "a first version has nothing to differ from"
    elif subject.reason is Reason.EXTRACTOR:
        return "the article is the same; only the way of reading it changed"
    else:
        facts, severity = subject.assessment.events, subject.assessment.severity
        silent, words = subject.assessment.disclosure.silent, subject.words.added + subject.words.deleted
    if rule.severity is not None and severity < rule.severity:
        return f"it is {severity.word}, and the rule wants {rule.severity.word} or worse"
    if rule.events and not any(event.kind in rule.events for event in facts):
        return f"it holds none of {', '.join(rule.events)}"
    if rule.silent is not None and rule.silent is not silent:
        return "it was not silent" if rule.silent else "it was silent"
    if words < rule.min_words:
        return f"{words} words changed, and the rule wants {rule.min_words}"
    if rule.match is not None and not _mentions(rule.match, facts, subject):
        return f"nothing in it matches {rule.match!r}"
    return None


def _mentions(pattern: str, facts: Sequence[Event], subject: Revision | StateEvent) -> bool:
    texts = [text for event in facts for text in (event.old, event.new) if text]
    if isinstance(subject, Revision):
        texts.append(subject.extraction.headline or "")
    found = finder(_PATIENCE)
    try:
        return any(found(pattern, text) for text in texts)
    except TooSlow as slow:
        log.warning("An alert rule counts as matched, for %s.", slow)  # better told in vain than not told
        return True
