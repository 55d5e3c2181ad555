"""The same bytes read in another way are a revision of their own, and never news."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.config import AlertRule
from monitor.decide import decide, objection
from storage.records import (
    CheckResult,
    Disclosure,
    EventKind,
    Paragraph,
    ParagraphKind,
    Reason,
    Revision,
    Severity,
    Verdict,
)
from tests.test_decide import (
    EVERYTHING,
    FIRST,
    HOUR,
    LAW,
    NOW,
    SEEN,
    answer,
    captured,
    look,
    reading,
    withheld,
)

OLD = reading("Seven people were killed on Sunday.\nSubscribe to our letter.")
NEW = replace(reading("Seven people were killed on Sunday."), told="abc")
CHANGED = replace(reading("Eight people were killed on Sunday."), told="abc")
STANDING = replace(FIRST, extraction=OLD, not_seen_before=NOW - 2 * HOUR, number=1)
WATCHED = replace(SEEN, text_digests={OLD.text_digest: 1}, read_as=OLD.read_as)
LOUD = look(rules=(EVERYTHING,))


def test_a_page_that_only_reads_otherwise_is_one_extractor_revision_and_the_same() -> None:
    outcome = decide(WATCHED, STANDING, answer(), captured(NEW), LOUD, NEW)
    assert outcome.check.result is CheckResult.SAME
    assert (outcome.revision, outcome.response, outcome.alerts) == (None, None, ())
    anew = outcome.reread
    assert anew is not None
    assert (anew.number, anew.reason, anew.extraction) == (2, Reason.EXTRACTOR, NEW)
    assert (anew.seen_at, anew.not_seen_before) == (STANDING.seen_at, STANDING.not_seen_before)
    assert anew.assessment is not None
    assert anew.assessment.events
    assert (anew.assessment.severity, anew.assessment.disclosure) == (Severity.COSMETIC, Disclosure.none())
    assert (outcome.expects, outcome.article.revisions) == (1, 2)
    assert outcome.article.read_as == "test/1 abc"
    assert outcome.article.last_change_at == WATCHED.last_change_at


def test_what_changed_is_compared_with_what_was_read_anew() -> None:
    outcome = decide(WATCHED, STANDING, answer(), captured(CHANGED), LOUD, NEW)
    assert outcome.revision is not None
    assert (outcome.revision.number, outcome.revision.reason) == (3, Reason.EDIT)
    assert outcome.revision.assessment is not None
    assert [event.kind for event in outcome.revision.assessment.events] == [EventKind.NUMBER_CHANGED]
    assert outcome.reread is not None
    assert outcome.reread.number == 2
    assert (outcome.expects, outcome.article.revisions) == (1, 3)
    (alert,) = outcome.alerts
    assert alert.about is None


def test_a_reading_that_does_not_differ_makes_no_revision_and_is_remembered() -> None:
    alike = replace(OLD, told="abc", extractor="test/2", origins={"headline": "h1"})
    for capture in (captured(alike), None):
        outcome = decide(WATCHED, STANDING, answer(200 if capture else 304), capture, LOUD, alike)
        assert (outcome.reread, outcome.revision) == (None, None)
        assert outcome.article.read_as == "test/2 abc"


def test_a_field_that_is_no_event_is_a_difference_too() -> None:
    richer = replace(OLD, image="https://news.example/a.jpg")
    outcome = decide(WATCHED, STANDING, answer(), captured(richer), LOUD, richer)
    assert outcome.reread is not None
    assert outcome.reread.assessment is not None
    assert outcome.check.result is CheckResult.SAME


def test_what_is_left_out_is_not_read() -> None:
    apart = replace(OLD, told="abc", left_out=(Paragraph(kind=ParagraphKind.PARAGRAPH, text="An advert."),))
    assert decide(WATCHED, STANDING, answer(), captured(apart), LOUD, apart).reread is None


def test_an_unchanged_answer_takes_the_new_reading_as_well() -> None:
    outcome = decide(WATCHED, STANDING, answer(304), None, LOUD, NEW)
    assert outcome.check.result is CheckResult.NOT_MODIFIED
    assert outcome.reread is not None
    assert (outcome.article.revisions, outcome.article.read_as) == (2, "test/1 abc")


def test_a_wall_takes_nothing_from_the_new_reading() -> None:
    outcome = decide(WATCHED, STANDING, answer(403), withheld(Verdict.BLOCKED), look(), NEW)
    assert outcome.check.result is CheckResult.WITHHELD
    assert outcome.reread is not None
    assert outcome.article.last_seen_at == WATCHED.last_seen_at


def test_the_reading_that_was_replaced_is_no_earlier_text() -> None:
    """What was the latest text until now does not come back as a return."""
    outcome = decide(WATCHED, STANDING, answer(), captured(OLD), LOUD, NEW)
    assert outcome.revision is not None
    assert outcome.revision.reason is Reason.EDIT


def test_an_earlier_text_is_still_known_after_a_new_reading() -> None:
    earlier = replace(reading("Six people were killed on Sunday."), told="abc")
    article = replace(WATCHED, revisions=2, text_digests={earlier.text_digest: 1, OLD.text_digest: 2})
    standing = replace(STANDING, number=2)
    outcome = decide(article, standing, answer(), captured(earlier), LOUD, NEW)
    assert outcome.check.reasons == (
        "the text of revision 1 is back; it is looked at again before it counts",
    )


def test_no_rule_is_told_of_a_new_reading_and_it_can_be_asked_why() -> None:
    outcome = decide(WATCHED, STANDING, answer(), captured(NEW), LOUD, NEW)
    assert outcome.reread is not None
    said = "the article is the same; only the way of reading it changed"
    assert objection(AlertRule(name="all", to=("phone",)), outcome.reread) == said


def test_a_first_look_has_nothing_to_read_again() -> None:
    outcome = decide(replace(SEEN, revisions=0), None, answer(), captured(NEW), LOUD, OLD)
    assert outcome.reread is None
    assert outcome.article.read_as == "test/1 abc"


@LAW
@given(st.sampled_from([OLD, NEW, CHANGED]), st.sampled_from([None, OLD, NEW, CHANGED]), st.booleans())
def test_a_new_reading_never_tells_anyone_and_numbers_have_no_gap(
    reread: object, seen: object, known: bool
) -> None:
    capture = None if seen is None else captured(seen)  # type: ignore[arg-type]
    status = 304 if seen is None else 200
    outcome = decide(WATCHED, STANDING, answer(status), capture, LOUD, reread if known else None)  # type: ignore[arg-type]
    made: list[Revision] = [r for r in (outcome.reread, outcome.revision) if r is not None]
    assert [revision.number for revision in made] == list(range(2, 2 + len(made)))
    assert outcome.article.revisions == outcome.expects + len(made)
    assert len(outcome.alerts) == (outcome.revision is not None)
