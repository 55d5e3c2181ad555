"""Headlines that take turns over one text are told once, as a test, and never as an edit of the article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.records import CheckResult, EventKind, Extraction, Reason, Severity
from tests.test_copies import Watch, watched
from tests.test_decide import DAY, NOW, reading

BODY = "Seven people were killed on Sunday."
OTHER_BODY = "Seven people were killed on Sunday, and a house fell."
A = reading(BODY, "Blast in the north")
B = reading(BODY, "Seven dead in the north")
C = reading(OTHER_BODY, "Seven dead in the north")
D = reading(OTHER_BODY, "Blast in the north")
LOOKS: dict[str, str | Extraction] = {"A": A, "B": B, "C": C, "D": D, "=": "="}


def seen(story: str) -> Watch:
    return watched(LOOKS[step] for step in story)


def kinds(watch: Watch) -> list[list[EventKind]]:
    made = [outcome.revision for outcome in watch.outcomes if outcome.revision]
    return [[event.kind for event in revision.assessment.events] for revision in made if revision.assessment]


def test_a_headline_that_returns_over_the_same_text_is_a_test_and_minor() -> None:
    watch = seen("ABA")
    assert kinds(watch) == [[EventKind.HEADLINE_CHANGED], [EventKind.HEADLINE_TEST]]
    assert watch.reasons == [Reason.FIRST, Reason.EDIT, Reason.REVERT]
    assert watch.latest is not None
    assert watch.latest.assessment is not None
    (event,) = watch.latest.assessment.events
    assert (event.old, event.new, event.where) == (B.headline, A.headline, "headline")
    assert watch.latest.assessment.severity is Severity.MINOR
    assert not watch.latest.assessment.disclosure.silent


@pytest.mark.parametrize("story", ["ABAB", "ABABABABAB", "ABA=B=A", "ABAABBAABB"])
def test_headlines_that_go_on_taking_turns_are_not_told_again(story: str) -> None:
    watch = seen(story)
    assert len(watch.reasons) == 3
    assert watch.events == []


def test_the_variant_that_stays_in_the_end_becomes_the_latest_revision() -> None:
    watch = seen("ABA" + "B" * 6)
    assert kinds(watch)[2:] == [[EventKind.HEADLINE_TEST]]
    assert watch.latest is not None
    assert watch.latest.extraction.headline == B.headline


def test_a_headline_that_returns_over_a_text_that_has_changed_since_is_a_test_too() -> None:
    watch = seen("ABCD")
    assert kinds(watch)[-1] == [EventKind.HEADLINE_TEST]
    assert watch.reasons[-1] is Reason.EDIT


def test_an_earlier_headline_together_with_another_text_is_an_edit() -> None:
    assert EventKind.HEADLINE_TEST not in {kind for made in kinds(seen("AC")) for kind in made}
    watch = seen("AC" + "A" * 5)
    assert EventKind.REVERTED in kinds(watch)[-1]
    assert EventKind.HEADLINE_TEST not in kinds(watch)[-1]


def test_a_copy_that_dates_itself_older_is_stale_and_no_test() -> None:
    old, new = replace(A, modified_at=NOW), replace(B, modified_at=NOW + timedelta(hours=1))
    watch = watched([old, new, old])
    assert watch.outcomes[-1].check.result is CheckResult.WITHHELD


def test_a_day_later_a_new_series_is_told_once_more() -> None:
    watch = seen("ABAB")
    watch.sees(A, DAY)
    watch.sees(B, DAY)
    assert [made for made in kinds(watch) if made == [EventKind.HEADLINE_TEST]] == [
        [EventKind.HEADLINE_TEST]
    ] * 2
