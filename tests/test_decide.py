"""What a look at an article means: a doubtful answer is never a revision, a state is told once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import AlertRule, Policy, ScheduleSettings
from monitor.decide import (
    STALLED_AFTER,
    Look,
    alerts_for,
    backoff,
    decide,
    decide_baseline,
    decide_failure,
    next_check_after,
)
from monitor.errors import FetchError
from monitor.verdict import MAX_DOUBTS
from storage.records import (
    Alert,
    Article,
    ArticleState,
    Capture,
    CheckResult,
    EventKind,
    Extraction,
    FetchProblem,
    Outcome,
    Paragraph,
    ParagraphKind,
    Reason,
    Response,
    Revision,
    Severity,
    Source,
    SourceKind,
    Validators,
    Verdict,
)
from tests.laws import law

LAW = law(100, derandomize=True)
NOW = datetime(2024, 11, 17, 19, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://news.example/a"
OLD = Validators(etag='"old"', last_modified="Sun, 17 Nov 2024 18:00:00 GMT")
SOURCE = Source(name="desk", kind=SourceKind.PAGE, url=URL, tags=("world",))
ARTICLE = Article(
    id=1,
    url=URL,
    source="desk",
    host="news.example",
    state=ArticleState.WATCHED,
    paused=False,
    found_at=NOW - DAY,
    next_check_at=NOW,
    validators=OLD,
)
EVERYTHING = AlertRule(name="everything", to=("phone",))
DOUBTFUL = [verdict for verdict in Verdict if verdict is not Verdict.ARTICLE]


def reading(
    text: str = "Seven people left town on Sunday.", headline: str = "Blast in the north"
) -> Extraction:
    paragraph = Paragraph(kind=ParagraphKind.PARAGRAPH, text=text)
    return Extraction(headline=headline, paragraphs=(paragraph,), extractor="test/1")


FIRST = Revision(
    number=1, reason=Reason.FIRST, seen_at=NOW - HOUR, not_seen_before=None, extraction=reading()
)
SEEN = replace(
    ARTICLE,
    revisions=1,
    checks=1,
    headline="Blast in the north",
    last_check_at=NOW - MINUTE,
    last_seen_at=NOW - MINUTE,
    last_change_at=NOW - HOUR,
    text_digests={FIRST.extraction.text_digest: 1},
)


def look(now: datetime = NOW, **fields: Any) -> Look:
    usual: dict[str, Any] = {"source": SOURCE, "schedule": ScheduleSettings()}
    return Look(check_id="c1" * 16, now=now, **usual | fields)


def answer(status: int = 200, *headers: tuple[str, str], at: datetime = NOW) -> Response:
    return Response(
        url=URL, final_url=URL, status=status, headers=headers, body=b"<p>page</p>", fetched_at=at, ms=12.0
    )


def captured(extraction: Extraction | None = None) -> Capture:
    return Capture(verdict=Verdict.ARTICLE, extraction=extraction or reading())


def withheld(verdict: Verdict) -> Capture:
    return Capture(verdict=verdict, reasons=("it says so",), extraction=reading("Please wait."))


def failure(retry_after: timedelta | None = None) -> FetchError:
    return FetchError(FetchProblem.TIMEOUT, "It took too long.", retry_after=retry_after, status=503)


def events_of(outcome: Outcome) -> list[EventKind]:
    return [state_event.event.kind for state_event in outcome.state_events]


def edited(
    text: str = "Eight people left town on Sunday.", article: Article = SEEN, **fields: Any
) -> Outcome:
    return decide(article, FIRST, answer(), captured(reading(text)), look(**fields))


# --------------------------------------------------------------------- revisions


def test_the_first_article_is_revision_one() -> None:
    outcome = decide(ARTICLE, None, answer(), captured(), look(rules=(EVERYTHING,)))
    assert outcome.revision is not None
    assert (outcome.revision.number, outcome.revision.reason) == (1, Reason.FIRST)
    assert outcome.revision.assessment is None
    assert outcome.check.result is CheckResult.FIRST
    assert outcome.expects == 0
    assert (outcome.article.revisions, outcome.article.headline) == (1, "Blast in the north")
    assert outcome.response == answer()


def test_a_first_revision_alerts_nobody() -> None:
    assert decide(ARTICLE, None, answer(), captured(), look(rules=(EVERYTHING,))).alerts == ()


def test_what_is_taken_quietly_is_a_baseline_and_alerts_nobody() -> None:
    outcome = decide(ARTICLE, None, answer(), captured(), look(rules=(EVERYTHING,), quietly=True))
    assert outcome.revision is not None
    assert outcome.revision.reason is Reason.BASELINE
    assert outcome.alerts == ()


def test_leaving_a_state_quietly_alerts_nobody() -> None:
    blocked = replace(SEEN, state=ArticleState.BLOCKED)
    outcome = decide(blocked, FIRST, answer(304), None, look(rules=(EVERYTHING,), quietly=True))
    assert events_of(outcome) == [EventKind.UNBLOCKED]
    assert outcome.alerts == ()


def test_a_changed_text_is_the_next_revision_with_its_events() -> None:
    outcome = edited()
    assert outcome.revision is not None
    assert (outcome.revision.number, outcome.revision.reason) == (2, Reason.EDIT)
    assert outcome.revision.assessment is not None
    assert [event.kind for event in outcome.revision.assessment.events] == [EventKind.NUMBER_CHANGED]
    assert (outcome.revision.words.added, outcome.revision.words.deleted) == (1, 1)
    assert outcome.check.result is CheckResult.CHANGED
    assert outcome.expects == 1
    assert outcome.article.last_change_at == NOW


def test_a_change_was_not_there_at_the_last_check_that_saw_the_article() -> None:
    """Later checks that failed or met a wall saw nothing, so they do not narrow the time."""
    article = replace(SEEN, last_seen_at=NOW - HOUR, last_check_at=NOW - MINUTE, troubles=3)
    outcome = edited(article=article)
    assert outcome.revision is not None
    assert outcome.revision.not_seen_before == NOW - HOUR
    assert outcome.revision.seen_at == NOW


def test_a_return_to_an_earlier_text_that_holds_is_a_revert() -> None:
    second = replace(FIRST, number=2, extraction=reading("Eight people left town on Sunday."))
    digests = {FIRST.extraction.text_digest: 1, second.extraction.text_digest: 2}
    held: dict[str, Any] = {"returns": MAX_DOUBTS, "other_copy": FIRST.extraction.text_digest}
    article = replace(SEEN, revisions=2, text_digests=digests, **held)
    outcome = decide(article, second, answer(), captured(), look())
    assert outcome.revision is not None
    assert (outcome.revision.number, outcome.revision.reason) == (3, Reason.REVERT)
    assert outcome.revision.assessment is not None
    first, *_rest = outcome.revision.assessment.events
    assert (first.kind, first.new) == (EventKind.REVERTED, "the text of revision 1")
    assert outcome.revision.assessment.summary.startswith(
        "The text of revision 1 is back. Eight people became seven; "
    )


def test_a_change_beside_an_unchanged_text_is_no_revert() -> None:
    corrected = replace(reading(), byline=("Ana Roux",))
    outcome = decide(SEEN, FIRST, answer(), captured(corrected), look())
    assert outcome.revision is not None
    assert outcome.revision.reason is Reason.EDIT


def test_the_same_text_again_is_seen_and_not_a_revision() -> None:
    outcome = decide(SEEN, FIRST, answer(), captured(), look(rules=(EVERYTHING,)))
    assert outcome.check.result is CheckResult.SAME
    assert outcome.check.verdict is Verdict.ARTICLE
    assert (outcome.revision, outcome.response, outcome.alerts) == (None, None, ())
    assert outcome.article.last_seen_at == NOW
    assert outcome.article.last_change_at == SEEN.last_change_at


def test_a_304_is_seen_and_keeps_the_validators_it_was_asked_with() -> None:
    outcome = decide(SEEN, FIRST, answer(304), None, look())
    assert outcome.check.result is CheckResult.NOT_MODIFIED
    assert outcome.check.verdict is None
    assert outcome.revision is None
    assert outcome.article.validators == OLD
    assert outcome.article.last_seen_at == NOW


def test_an_article_gives_its_validators_for_the_next_look() -> None:
    outcome = decide(SEEN, FIRST, answer(200, ("ETag", '"new"')), captured(), look())
    assert outcome.article.validators == Validators(etag='"new"')


def test_a_baseline_from_a_file_is_revision_one_and_the_page_is_due_at_once() -> None:
    outcome = decide_baseline(ARTICLE, reading(), look(rules=(EVERYTHING,)))
    assert outcome.revision is not None
    assert outcome.revision.reason is Reason.BASELINE
    assert outcome.article.next_check_at == NOW
    assert outcome.article.last_seen_at is None
    assert outcome.alerts == ()


# --------------------------------------------------------------------- doubtful answers

ARTICLES = st.builds(
    lambda state, troubles, doubts, seen: replace(
        SEEN, state=state, troubles=troubles, doubts=doubts, last_seen_at=seen
    ),
    st.sampled_from(ArticleState),
    st.integers(0, 40),
    st.integers(0, 5),
    st.none() | st.just(NOW - HOUR),
)
STATUSES = st.sampled_from([200, 403, 404, 410, 429, 451, 503])


@LAW
@given(ARTICLES, st.sampled_from(DOUBTFUL), STATUSES, st.booleans())
def test_a_doubtful_capture_never_makes_a_revision(
    article: Article, verdict: Verdict, status: int, known: bool
) -> None:
    outcome = decide(article, FIRST if known else None, answer(status), withheld(verdict), look())
    assert outcome.revision is None
    assert outcome.check.result is CheckResult.WITHHELD
    assert (outcome.check.verdict, outcome.check.reasons) == (verdict, ("it says so",))
    assert outcome.article.revisions == article.revisions
    assert outcome.article.last_seen_at == article.last_seen_at


@LAW
@given(ARTICLES, st.sampled_from(DOUBTFUL), STATUSES)
def test_validators_of_a_doubtful_answer_are_never_kept(
    article: Article, verdict: Verdict, status: int
) -> None:
    wall = answer(status, ("ETag", '"wall"'), ("Last-Modified", "now"))
    assert decide(article, FIRST, wall, withheld(verdict), look()).article.validators == OLD


@LAW
@given(ARTICLES)
def test_a_failure_never_makes_a_revision_and_keeps_what_was_known(article: Article) -> None:
    outcome = decide_failure(article, failure(), look())
    assert outcome.revision is None
    assert outcome.check.result is CheckResult.FAILED
    assert (outcome.check.error, outcome.check.detail) == (FetchProblem.TIMEOUT, "It took too long.")
    assert outcome.article.validators == OLD
    assert outcome.article.troubles == article.troubles + 1


def test_a_verdict_of_article_with_nothing_read_is_withheld() -> None:
    outcome = decide(SEEN, FIRST, answer(), Capture(verdict=Verdict.ARTICLE), look())
    assert outcome.check.result is CheckResult.WITHHELD
    assert outcome.revision is None


# --------------------------------------------------------------------- states

Step = Capture | FetchError | int


def follow(
    steps: Iterable[Step | Verdict], article: Article = SEEN, **fields: Any
) -> tuple[Article, list[EventKind]]:
    """The article after these answers, an hour apart, and every state event on the way."""
    told: list[EventKind] = []
    for number, step in enumerate(steps):
        circumstances = look(NOW + number * HOUR, **fields)
        if isinstance(step, FetchError):
            outcome = decide_failure(article, step, circumstances)
        elif isinstance(step, int):
            capture = Capture(verdict=Verdict.GONE, reasons=(f"the server answered {step}",))
            outcome = decide(article, FIRST, answer(step), capture, circumstances)
        elif isinstance(step, Verdict):
            capture = captured() if step is Verdict.ARTICLE else withheld(step)
            outcome = decide(article, FIRST, answer(), capture, circumstances)
        else:
            outcome = decide(article, FIRST, answer(), step, circumstances)
        article = outcome.article
        told += events_of(outcome)
    return article, told


@pytest.mark.parametrize("verdict", [Verdict.BLOCKED, Verdict.CONSENT, Verdict.PAYWALL])
def test_a_wall_is_told_once_when_it_goes_up_and_once_when_it_comes_down(verdict: Verdict) -> None:
    article, told = follow([verdict] * 8 + [Verdict.ARTICLE] * 3)
    assert told == [EventKind.BLOCKED, EventKind.UNBLOCKED]
    assert article.state is ArticleState.WATCHED


@pytest.mark.parametrize("sign", [404, 410, Verdict.SOFT_404])
def test_an_article_is_removed_once_its_absence_has_held_for_three_looks_and_three_hours(
    sign: int | Verdict,
) -> None:
    """Looks are an hour apart: the fourth is three hours after the first."""
    assert follow([sign] * 3)[1] == []
    assert follow([sign] * 4)[1] == [EventKind.REMOVED]


def test_hours_alone_do_not_remove_an_article_nor_do_looks_alone() -> None:
    rare = ScheduleSettings(gone_after=HOUR, gone_checks=3)
    assert follow([410] * 2, schedule=rare)[1] == []
    assert follow([410] * 3, schedule=rare)[1] == [EventKind.REMOVED]
    long = ScheduleSettings(gone_after=12 * HOUR, gone_checks=1)
    assert follow([410] * 12, schedule=long)[1] == []
    assert follow([410] * 13, schedule=long)[1] == [EventKind.REMOVED]


def test_a_removal_can_be_believed_at_once_where_the_configuration_says_so() -> None:
    credulous = ScheduleSettings(gone_after=timedelta(0), gone_checks=1)
    assert follow([410], schedule=credulous)[1] == [EventKind.REMOVED]


def test_of_an_absence_the_first_sign_is_kept() -> None:
    first = decide(SEEN, FIRST, answer(410), withheld(Verdict.GONE), look())
    assert first.response == answer(410)
    second = decide(first.article, FIRST, answer(410), withheld(Verdict.GONE), look(NOW + MINUTE))
    assert (second.article.state, second.response) == (ArticleState.WATCHED, None)


def test_a_file_that_is_gone_is_removed_at_once() -> None:
    """Nothing stands between it and us."""
    file = replace(SEEN, url="file:///texts/one.txt")
    assert follow([410], file)[1] == [EventKind.REMOVED]


def test_an_absence_is_confirmed_about_when_it_may_be_and_never_stalls_the_article() -> None:
    article, now, told = SEEN, NOW, list[EventKind]()
    while not told:
        outcome = decide(article, FIRST, answer(404), withheld(Verdict.GONE), look(now))
        told, article, at = events_of(outcome), outcome.article, now
        now = outcome.article.next_check_at
    assert told == [EventKind.REMOVED]
    assert at == NOW + 3 * HOUR
    assert article.checks - SEEN.checks < 12


def test_a_rarely_seen_article_is_looked_at_sooner_while_it_may_be_gone() -> None:
    daily = replace(SOURCE, interval=DAY)
    outcome = decide(SEEN, FIRST, answer(404), withheld(Verdict.GONE), look(source=daily))
    assert outcome.article.next_check_at == NOW + HOUR


def test_an_article_that_is_back_after_a_404_was_never_removed() -> None:
    assert follow([404, 404, 404, Verdict.ARTICLE, 404, 404, 404, Verdict.ARTICLE])[1] == []


def test_removed_is_told_once_and_so_is_the_return() -> None:
    assert follow([410] * 6 + [Verdict.ARTICLE] * 2)[1] == [EventKind.REMOVED, EventKind.RESTORED]


def test_failures_stall_an_article_once_and_an_answer_resumes_it() -> None:
    steps = [failure()] * (STALLED_AFTER + 4) + [Verdict.ARTICLE]
    assert follow(steps)[1] == [EventKind.STALLED, EventKind.RESUMED]
    assert follow([failure()] * (STALLED_AFTER - 1))[1] == []


def test_a_wall_that_now_and_then_times_out_is_still_one_wall() -> None:
    assert follow([Verdict.BLOCKED, failure()] * 8)[1] == [EventKind.BLOCKED]


@pytest.mark.parametrize("after", [failure(), Verdict.BLOCKED, Verdict.EMPTY, Verdict.SUSPECT])
def test_trouble_in_front_of_a_removed_article_proves_nothing_new(after: Step | Verdict) -> None:
    article, told = follow([410] * 4 + [after] * 9)
    assert told == [EventKind.REMOVED]
    assert article.state is ArticleState.REMOVED


@LAW
@given(st.lists(st.sampled_from([*DOUBTFUL, 404, 410]), max_size=20), st.integers(0, 20))
def test_no_state_is_told_twice_before_the_article_is_back(
    steps: list[Verdict | int], failures_at: int
) -> None:
    mixed: list[Step | Verdict] = [
        *steps[:failures_at],
        *[failure()] * 6,
        *steps[failures_at:],
        Verdict.ARTICLE,
    ]
    article, told = follow(mixed)
    assert len(told) == len(set(told))
    assert article.state is ArticleState.WATCHED
    assert (article.troubles, article.doubts) == (0, 0)


def test_a_state_event_says_when_the_former_state_was_last_seen() -> None:
    outcome = decide(SEEN, FIRST, answer(403), withheld(Verdict.BLOCKED), look())
    (entered,) = outcome.state_events
    assert (entered.at, entered.not_seen_before) == (NOW, SEEN.last_seen_at)
    assert entered.event.new == "The article cannot be seen: it says so."
    (left,) = decide(outcome.article, FIRST, answer(304), None, look(NOW + HOUR)).state_events
    assert (left.at, left.not_seen_before) == (NOW + HOUR, NOW)


def test_the_page_that_led_to_a_state_is_kept_and_its_repetitions_are_not() -> None:
    first = decide(SEEN, FIRST, answer(403), withheld(Verdict.BLOCKED), look())
    assert first.response == answer(403)
    assert decide(first.article, FIRST, answer(403), withheld(Verdict.BLOCKED), look()).response is None


# --------------------------------------------------------------------- the next look

SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000))
INTERVALS = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=366))


@st.composite
def circumstances(draw: st.DrawFn) -> Look:
    least, most = sorted([draw(INTERVALS), draw(INTERVALS)])
    source = replace(SOURCE, interval=draw(st.none() | INTERVALS))
    return look(source=source, schedule=ScheduleSettings(min_interval=least, max_interval=most))


@LAW
@given(circumstances(), ARTICLES, SPANS, st.sampled_from(Verdict))
def test_the_next_check_is_always_later_than_now(
    around: Look, article: Article, quiet: timedelta, verdict: Verdict
) -> None:
    article = replace(article, last_change_at=NOW - quiet)
    capture = captured() if verdict is Verdict.ARTICLE else withheld(verdict)
    for outcome in (
        decide(article, FIRST, answer(), capture, around),
        decide(article, FIRST, answer(304), None, around),
        decide_failure(article, failure(), around),
    ):
        assert outcome.article.next_check_at > NOW


@LAW
@given(circumstances(), st.timedeltas(min_value=-DAY, max_value=4000 * DAY))
def test_the_wait_stays_within_the_limits_also_where_the_clock_was_put_back(
    around: Look, quiet: timedelta
) -> None:
    wait = next_check_after(replace(SEEN, last_change_at=NOW - quiet), around)
    if around.source.interval is not None:
        assert wait == around.source.interval
    else:
        assert around.schedule.min_interval <= wait <= around.schedule.max_interval


def test_without_learning_an_article_is_looked_at_less_often_the_longer_it_rests() -> None:
    fixed = look(schedule=ScheduleSettings(policy=Policy.FIXED))
    rests = [timedelta(minutes=5), 10 * HOUR, 10 * DAY, 400 * DAY]
    waits = [next_check_after(replace(SEEN, last_change_at=NOW - rest), fixed) for rest in rests]
    assert waits == [MINUTE, HOUR / 2, DAY / 2, 7 * DAY]


def test_backoff_doubles_with_every_trouble_in_a_row_and_is_capped_at_a_day() -> None:
    waits = [backoff(replace(SEEN, troubles=troubles), look()) for troubles in range(1, 5)]
    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert backoff(replace(SEEN, troubles=30), look()) == DAY
    assert backoff(replace(SEEN, troubles=10**6), look()) == DAY


@LAW
@given(circumstances(), st.integers(1, 60))
def test_backoff_never_shrinks_while_the_trouble_lasts(around: Look, troubles: int) -> None:
    now, then = (backoff(replace(SEEN, troubles=n), around) for n in (troubles, troubles + 1))
    assert now <= then <= max(DAY, around.source.interval or around.schedule.min_interval)


def test_a_failed_check_waits_out_the_backoff() -> None:
    outcome = decide_failure(replace(SEEN, troubles=2), failure(), look())
    assert outcome.article.next_check_at == NOW + 4 * MINUTE


def test_retry_after_is_honoured_where_it_is_longer_than_the_backoff() -> None:
    assert decide_failure(SEEN, failure(3 * HOUR), look()).article.next_check_at == NOW + 3 * HOUR
    tried = replace(SEEN, troubles=20)
    assert decide_failure(tried, failure(3 * HOUR), look()).article.next_check_at == NOW + DAY


def test_a_suspect_page_is_looked_at_again_soon_but_not_for_ever() -> None:
    article, waits = SEEN, []
    for _ in range(MAX_DOUBTS + 4):
        article = decide(article, FIRST, answer(), withheld(Verdict.SUSPECT), look()).article
        waits.append(article.next_check_at - NOW)
    assert waits[:MAX_DOUBTS] == [MINUTE] * MAX_DOUBTS
    assert waits[MAX_DOUBTS:] == sorted(set(waits[MAX_DOUBTS:]))
    assert waits[-1] > 10 * MINUTE


# --------------------------------------------------------------------- alerts

EIGHT = "Eight people left town on Sunday."


def alerted(*rules: AlertRule, text: str = EIGHT, source: Source = SOURCE) -> tuple[Alert, ...]:
    return edited(text, rules=rules, source=source).alerts


def test_a_channel_gets_one_alert_that_names_every_rule_that_matched() -> None:
    alerts = alerted(
        AlertRule(name="one", to=("phone", "desk")),
        AlertRule(name="two", to=("phone",)),
        AlertRule(name="three", to=("phone",), severity=Severity.CRITICAL),
    )
    assert alerts == (
        Alert(channel="phone", rules=("one", "two")),
        Alert(channel="desk", rules=("one",)),
    )


@pytest.mark.parametrize(
    ("wish", "matches"),
    [
        ({"severity": Severity.SUBSTANTIVE}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"events": (EventKind.HEADLINE_CHANGED, EventKind.NUMBER_CHANGED)}, True),
        ({"events": (EventKind.HEADLINE_CHANGED,)}, False),
        ({"silent": True}, True),
        ({"silent": False}, False),
        ({"match": r"\b[Ss]even\b"}, True),
        ({"match": "Blast in"}, True),
        ({"match": "Moscow"}, False),
        ({"min_words": 2}, True),
        ({"min_words": 3}, False),
        ({"sources": ("other", "desk")}, True),
        ({"sources": ("other",)}, False),
        ({"tags": ("sport", "world")}, True),
        ({"tags": ("sport",)}, False),
        ({"severity": Severity.MINOR, "silent": True, "match": "Moscow"}, False),
    ],
)
def test_a_rule_matches_where_all_of_its_wishes_do(wish: dict[str, Any], matches: bool) -> None:
    rule = AlertRule(name="rule", to=("phone",), **wish)
    assert alerted(rule) == ((Alert(channel="phone", rules=("rule",)),) if matches else ())


def test_a_rule_without_wishes_matches_every_revision_and_state_event() -> None:
    assert alerted(EVERYTHING) == (Alert(channel="phone", rules=("everything",)),)
    credulous = ScheduleSettings(gone_after=timedelta(0), gone_checks=1)
    circumstances = look(rules=(EVERYTHING,), schedule=credulous)
    outcome = decide(SEEN, FIRST, answer(410), withheld(Verdict.GONE), circumstances)
    assert outcome.alerts == (Alert(channel="phone", rules=("everything",), about=EventKind.REMOVED),)


def test_a_rule_for_states_is_not_set_off_by_an_edit() -> None:
    assert (
        alerted(AlertRule(name="states", to=("phone",), events=(EventKind.REMOVED, EventKind.BLOCKED))) == ()
    )


def test_a_return_with_another_text_alerts_about_both() -> None:
    blocked = replace(SEEN, state=ArticleState.BLOCKED)
    outcome = edited(article=blocked, rules=(EVERYTHING,))
    assert [alert.about for alert in outcome.alerts] == [EventKind.UNBLOCKED, None]


def test_no_rules_mean_no_alerts() -> None:
    assert alerted() == ()
    assert alerts_for((), FIRST) == ()
    assert alerts_for((EVERYTHING,), FIRST) == ()
