"""A stub that grew into the story is one event with its figures, and nothing that a reader loses goes untold."""

from __future__ import annotations

import pytest

from monitor.compare import compare
from monitor.events.stub import stub_grew
from storage.records import EventKind, Notice, NoticeKind, Severity
from tests.test_events import BREAKING, between, kinds, page

STUB = (
    "A fire has broken out in a paper mill in the north of the town, the fire service says.",
    "At least seven people were killed, according to the mayor.",
    "“We do what we can tonight,” said the mayor of the town.",
)
STORY = tuple(
    f"{name} told this paper on Sunday evening that the roof of hall {number} had come down behind the gate, "
    f"and that the {thing} had been heard of by nobody since the alarm rang at dusk."
    for number, (name, thing) in enumerate(
        (
            ("The foreman", "night shift"),
            ("A neighbour", "old watchman"),
            ("A bus driver", "delivery van"),
            ("The head of the union", "second crew"),
            ("A nurse", "ambulance from the valley"),
            ("The owner of the mill", "insurer"),
            ("A teacher", "class that was to visit"),
        ),
        start=2,
    )
)


def test_a_breaking_stub_that_became_the_story_is_one_event_with_its_figures() -> None:
    old = page(*STUB, BREAKING.text, notices=(BREAKING,))
    found = between(old, page(*STUB, *STORY))
    assert kinds(found) == [EventKind.NOTICE_DROPPED, EventKind.STUB_GREW]
    grown = found.events[1]
    assert (grown.severity, grown.where) == (Severity.SUBSTANTIVE, "article")
    assert grown.old == "41 words in 3 paragraphs"
    assert grown.new is not None
    assert grown.new.endswith("words in 10 paragraphs")
    assert found.summary.startswith("The stub grew into the story, from 41 words in 3 paragraphs to")


def test_a_short_text_that_says_nothing_of_more_to_follow_is_a_stub_where_it_grows_much() -> None:
    assert kinds(between(page(*STUB), page(*STUB, *STORY))) == [EventKind.STUB_GREW]


def test_a_fact_that_changes_while_a_stub_grows_is_still_told() -> None:
    later = (STUB[0], STUB[1].replace("seven", "eight"), STUB[2])
    found = between(page(*STUB), page(*later, *STORY))
    assert kinds(found) == [EventKind.STUB_GREW, EventKind.NUMBER_CHANGED]


def test_a_quotation_that_goes_while_a_stub_grows_is_still_told() -> None:
    found = between(page(*STUB), page(*STUB[:2], *STORY))
    assert EventKind.PARAGRAPH_REMOVED in kinds(found)
    assert STUB[2] in [event.old for event in found.events]


def test_a_sentence_that_is_only_worded_otherwise_is_not_told_beside_the_growth() -> None:
    later = (STUB[0].replace("has broken out", "broke out"), *STUB[1:])
    assert kinds(between(page(*STUB), page(*later, *STORY))) == [EventKind.STUB_GREW]


@pytest.mark.parametrize("more", [1, 2])
def test_a_full_story_that_gains_a_paragraph_is_no_stub(more: int) -> None:
    old = page(*STUB, *STORY, *(text.replace("Sunday", "Monday") for text in STORY))
    new = page(
        *(p.text for p in old.paragraphs), *(text.replace("Sunday", "Friday") for text in STORY[:more])
    )
    assert EventKind.STUB_GREW not in kinds(between(old, new))


def test_a_stub_that_shrinks_or_stays_has_not_grown() -> None:
    story = page(*STUB, *STORY)
    assert stub_grew(compare(story, page(*STUB))) is None
    assert stub_grew(compare(page(*STUB), page(*STUB))) is None


def test_a_live_blog_is_no_stub() -> None:
    live = Notice(kind=NoticeKind.LIVE, text="Live")
    old = page(*STUB, live=True, notices=(live,))
    assert EventKind.STUB_GREW not in kinds(between(old, page(*STUB, *STORY, live=True, notices=(live,))))
