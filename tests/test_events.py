"""A change is told as the fact that it is: a figure as a figure, a quotation as a quotation."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import page as drawing
from demo.nouns import Expected, Face, Page, Version
from demo.story import baseline_text, load_story
from monitor.compare import compare
from monitor.events import assess
from monitor.extract import extract, extract_plain
from storage.records import (
    Assessment,
    Event,
    EventKind,
    Extraction,
    Notice,
    NoticeKind,
    Paragraph,
    ParagraphKind,
    Severity,
)
from tests.laws import law

LAW = law(100, derandomize=True)
AT = datetime(2024, 11, 17, 18, 52, tzinfo=UTC)
BRIDGE = "The council voted on Tuesday to close the old bridge over the river."
FERRY = "Ferries were late all morning because of heavy fog in the harbour."
MILL = "Nobody was hurt when the roof of the paper mill came down."
BREAKING = Notice(kind=NoticeKind.BREAKING, text="This is a breaking news story. More to follow.")
CORRECTION = Notice(kind=NoticeKind.CORRECTION, text="Correction: An earlier version misstated the date.")
REWORDED = replace(CORRECTION, text="Correction: An earlier version misstated the date and the place.")
UPDATE = Notice(kind=NoticeKind.UPDATE, text="Update: This article has been expanded with reaction.")

WORDING = {EventKind.SENTENCE_REWRITTEN, EventKind.TYPO_FIXED, EventKind.STYLE_CHANGED}


def page(*paragraphs: str | Paragraph, **fields: Any) -> Extraction:
    made = tuple(
        p if isinstance(p, Paragraph) else Paragraph(kind=ParagraphKind.PARAGRAPH, text=p) for p in paragraphs
    )
    return Extraction(**{"headline": "A headline", "paragraphs": made, "extractor": "test/1"} | fields)


def caption(text: str) -> Paragraph:
    return Paragraph(kind=ParagraphKind.CAPTION, text=text)


def between(old: str | Extraction, new: str | Extraction) -> Assessment:
    left, right = (page(text) if isinstance(text, str) else text for text in (old, new))
    return assess(compare(left, right))


def kinds(assessment: Assessment) -> list[EventKind]:
    return [event.kind for event in assessment.events]


def only(assessment: Assessment) -> Event:
    (event,) = assessment.events
    return event


def told(assessment: Assessment) -> list[tuple[EventKind, str | None, str | None]]:
    return [(event.kind, event.old, event.new) for event in assessment.events]


# --------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seven", "eight"),
        ("120", "1,200"),
        ("12", "21"),
        ("1.5%", "15%"),
        ("$1.5bn", "$1.7bn"),
        ("twenty-one", "twenty-two"),
        ("3rd", "4th"),
        ("14:05", "14:50"),
    ],
)
def test_a_figure_that_changed_is_told_with_both_figures(old: str, new: str) -> None:
    event = only(between(f"Officials spoke of {old} on Monday.", f"Officials spoke of {new} on Monday."))
    assert (event.kind, event.old, event.new) == (EventKind.NUMBER_CHANGED, old, new)
    assert event.severity is Severity.SUBSTANTIVE


@LAW
@given(st.integers(2, 99_999), st.integers(2, 99_999), st.booleans())
def test_a_number_alone_is_never_called_wording(old: int, new: int, grouped: bool) -> None:
    write = "{:,}" if grouped else "{}"
    before, after = (f"Some {write.format(n)} people left the town on Sunday." for n in (old, new))
    found = kinds(between(before, after))
    assert found == ([] if old == new else [EventKind.NUMBER_CHANGED])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The home side won 3-2 on Sunday.", "The home side won 2-3 on Sunday."),
        ("It cost $1.5m to build the bridge.", "It cost $1.5bn to build the bridge."),
        ("He paid $5 for it at the market.", "He paid €5 for it at the market."),
        ("The rate rose to 5% in the year.", "The rate rose to 5 in the year."),
    ],
)
def test_figures_that_change_places_or_units_are_not_called_wording(old: str, new: str) -> None:
    found = set(kinds(between(old, new)))
    assert found == {EventKind.NUMBER_CHANGED}


@pytest.mark.parametrize(
    ("old", "new"), [("1,200", "1200"), ("seven", "7"), ("twenty-one", "21"), ("US$40", "$40")]
)
def test_another_way_to_write_a_figure_is_style_and_no_number_change(old: str, new: str) -> None:
    found = between(f"There were {old} of them on Sunday.", f"There were {new} of them on Sunday.")
    assert kinds(found) == [EventKind.STYLE_CHANGED]
    assert found.severity is Severity.COSMETIC


def test_one_that_became_two_is_told_with_both() -> None:
    found = between("One man was killed in the blast.", "Two men were killed in the blast.")
    assert told(found) == [(EventKind.NUMBER_CHANGED, "One", "Two")]


def test_one_as_a_mere_word_is_no_figure() -> None:
    found = between("He was one of those who left early.", "He was among those who left early.")
    assert EventKind.NUMBER_CHANGED not in kinds(found)


def test_two_figures_of_one_sentence_are_told_in_their_order() -> None:
    found = between("They fly up to 190 miles (306 km).", "They fly up to 186 miles (300 km).")
    assert told(found) == [
        (EventKind.NUMBER_CHANGED, "190", "186"),
        (EventKind.NUMBER_CHANGED, "306", "300"),
    ]


def test_figures_are_paired_with_those_in_their_own_place() -> None:
    found = between("Left at 5 with 3 boats and 2 cars.", "Left at 6 with 4 boats and 5 cars.")
    assert [(old, new) for _kind, old, new in told(found)] == [("5", "6"), ("3", "4"), ("2", "5")]


def test_a_figure_that_was_put_in_has_no_old_one() -> None:
    found = between("People left the town on Sunday.", "Some 400 people left the town on Sunday.")
    assert told(found) == [(EventKind.NUMBER_CHANGED, None, "400")]


# --------------------------------------------------------------------- quotations


@pytest.mark.parametrize(("opening", "closing"), ['""', "“”", "„“", "«»"])
def test_words_changed_inside_quotation_marks_are_a_quotation_changed(opening: str, closing: str) -> None:
    old = f"He said {opening}we leave the city today{closing} and sat down."
    event = only(between(old, old.replace("today", "soon")))
    assert event.kind is EventKind.QUOTE_CHANGED
    assert (event.old, event.new) == ("we leave the city today", "we leave the city soon")
    assert event.severity is Severity.SUBSTANTIVE


def test_words_changed_outside_the_quotation_marks_are_no_quotation_changed() -> None:
    found = between(
        "“We leave the city today,” the mayor said angrily.", "“We leave the city today,” the mayor told us."
    )
    assert kinds(found) == [EventKind.SENTENCE_REWRITTEN]


def test_a_negation_put_into_a_quotation_is_told_once() -> None:
    found = between("“We will leave the city,” he said.", "“We will not leave the city,” he said.")
    assert kinds(found) == [EventKind.QUOTE_CHANGED]


def test_another_kind_of_quotation_mark_is_style() -> None:
    found = between("“We leave the city,” he said.", '"We leave the city," he said.')
    assert kinds(found) == [EventKind.STYLE_CHANGED]
    assert found.severity is Severity.COSMETIC


# --------------------------------------------------------------------- certainty


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The minister did take the money.", "The minister did not take the money."),
        ("The minister took the money.", "The minister allegedly took the money."),
        ("The minister will resign on Monday.", "The minister may resign on Monday."),
        ("Der Minister hat das Geld genommen.", "Der Minister hat angeblich das Geld genommen."),
    ],
)
def test_a_negation_or_hedge_put_in_or_taken_out_is_certainty_changed(old: str, new: str) -> None:
    for event in (only(between(old, new)), only(between(new, old))):
        assert event.kind is EventKind.CERTAINTY_CHANGED
        assert event.severity is Severity.SUBSTANTIVE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("He did not take the money.", "He didn’t take the money."),
        ("They cannot leave the town.", "They can’t leave the town."),
        (
            "The vote is planned for early in May this year.",
            "The vote is planned for early in June this year.",
        ),
    ],
)
def test_a_short_form_and_the_month_of_may_are_no_hedge(old: str, new: str) -> None:
    assert EventKind.CERTAINTY_CHANGED not in kinds(between(old, new))


# --------------------------------------------------------------------- wording


def test_a_letter_put_right_is_a_typing_error_and_cosmetic() -> None:
    event = only(between("The goverment said so on Monday.", "The government said so on Monday."))
    assert (event.kind, event.severity) == (EventKind.TYPO_FIXED, Severity.COSMETIC)


def test_another_word_is_a_sentence_rewritten_and_minor() -> None:
    event = only(between("The mayor shut the bridge on Monday.", "The mayor closed the bridge on Monday."))
    assert (event.kind, event.severity) == (EventKind.SENTENCE_REWRITTEN, Severity.MINOR)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The mayor’s bridge was shut on Monday.", "The mayor's bridge was shut on Monday."),
        ("The bridge – the old one – was shut.", "The bridge - the old one - was shut."),
        ("The Mayor shut the bridge on Monday.", "The mayor shut the bridge on Monday."),
    ],
)
def test_marks_and_capitals_are_style(old: str, new: str) -> None:
    assert kinds(between(old, new)) == [EventKind.STYLE_CHANGED]


def test_spaces_are_no_change_at_all() -> None:
    found = between(BRIDGE, BRIDGE.replace(" ", " \u00a0"))
    assert found.events == ()
    assert found.summary == "Nothing changed."


def test_paragraphs_run_together_are_only_style() -> None:
    found = between(page(BRIDGE, FERRY), page(f"{BRIDGE} {FERRY}"))
    assert kinds(found) == [EventKind.STYLE_CHANGED]


# --------------------------------------------------------------------- paragraphs


def test_a_paragraph_of_three_sentences_is_added_once() -> None:
    three = f"{FERRY} {MILL} It was the third of its kind."
    event = only(between(page(BRIDGE), page(BRIDGE, three)))
    assert (event.kind, event.new, event.where) == (EventKind.PARAGRAPH_ADDED, three, "paragraph 2")


def test_a_paragraph_of_two_sentences_is_removed_once_at_its_old_place() -> None:
    two = f"{FERRY} {MILL}"
    event = only(between(page(two, BRIDGE), page(BRIDGE)))
    assert (event.kind, event.old, event.where) == (EventKind.PARAGRAPH_REMOVED, two, "paragraph 1")


def test_two_paragraphs_are_added_one_by_one() -> None:
    found = between(page(BRIDGE), page(FERRY, BRIDGE, MILL))
    assert told(found) == [(EventKind.PARAGRAPH_ADDED, None, FERRY), (EventKind.PARAGRAPH_ADDED, None, MILL)]


def test_a_sentence_put_into_a_paragraph_is_no_paragraph_added() -> None:
    event = only(between(page(BRIDGE, FERRY), page(f"{BRIDGE} {MILL}", FERRY)))
    assert (event.kind, event.new) == (EventKind.SENTENCE_REWRITTEN, MILL)
    assert event.severity is Severity.SUBSTANTIVE


def test_a_paragraph_that_only_moved_is_minor_and_says_from_where_to_where() -> None:
    event = only(between(page(BRIDGE, FERRY, MILL), page(FERRY, MILL, BRIDGE)))
    assert (event.kind, event.severity) == (EventKind.PARAGRAPH_MOVED, Severity.MINOR)
    assert (event.old, event.new) == ("paragraph 1", "paragraph 3")


def test_a_moved_paragraph_with_a_new_figure_is_told_as_both() -> None:
    old = page("Some 400 people left the town on Sunday.", FERRY, MILL)
    new = page(FERRY, MILL, "Some 500 people left the town on Sunday.")
    assert kinds(between(old, new)) == [EventKind.PARAGRAPH_MOVED, EventKind.NUMBER_CHANGED]


def test_a_caption_is_told_as_a_caption_whatever_changed_in_it() -> None:
    before, after = (
        caption("The bridge in 2019, from the north."),
        caption("The bridge in 2021, from the north."),
    )
    assert kinds(between(page(BRIDGE, before), page(BRIDGE, after))) == [EventKind.CAPTION_CHANGED]
    assert kinds(between(page(BRIDGE), page(BRIDGE, after))) == [EventKind.CAPTION_CHANGED]


# --------------------------------------------------------------------- notices


@pytest.mark.parametrize("notice", [BREAKING, CORRECTION, UPDATE])
def test_a_notice_that_stands_in_the_text_is_not_told_twice(notice: Notice) -> None:
    without, with_it = page(BRIDGE), page(BRIDGE, notice.text, notices=(notice,))
    assert told(between(without, with_it)) == [(EventKind.NOTICE_ADDED, None, notice.text)]
    assert told(between(with_it, without)) == [(EventKind.NOTICE_DROPPED, notice.text, None)]


def test_a_reworded_correction_is_one_notice_changed() -> None:
    old = page(BRIDGE, CORRECTION.text, notices=(CORRECTION,))
    new = page(BRIDGE, REWORDED.text, notices=(REWORDED,))
    assert told(between(old, new)) == [(EventKind.NOTICE_CHANGED, CORRECTION.text, REWORDED.text)]


def test_a_breaking_notice_that_gives_way_to_a_correction_is_two_events() -> None:
    found = between(page(BRIDGE, notices=(BREAKING,)), page(BRIDGE, notices=(CORRECTION,)))
    assert kinds(found) == [EventKind.NOTICE_ADDED, EventKind.NOTICE_DROPPED]


@pytest.mark.parametrize(
    ("notice", "severity"),
    [(BREAKING, Severity.MINOR), (UPDATE, Severity.MINOR), (CORRECTION, Severity.CRITICAL)],
)
def test_a_correction_is_critical_and_a_breaking_label_is_not(notice: Notice, severity: Severity) -> None:
    assert between(page(BRIDGE), page(BRIDGE, notices=(notice,))).severity is severity


# --------------------------------------------------------------------- headline, byline, standfirst


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        ("Mayor's new bridge", "Mayor’s new  bridge!", Severity.COSMETIC),
        ("Seven die in mill fire", "7 die in mill fire", Severity.COSMETIC),
        ("Mayor opens new bridge", "Mayor shuts new bridge", Severity.CRITICAL),
        ("Mayor opens new bridge", "Mayor praises new bridge", Severity.SUBSTANTIVE),
        ("Seven die in mill fire", "Eight die in mill fire", Severity.CRITICAL),
        ("Minister took money", "Minister allegedly took money", Severity.CRITICAL),
        ("Trump Will Run Again", "Trump May Run Again", Severity.CRITICAL),
        ("Fine of $5m for mill", "Fine of $5bn for mill", Severity.CRITICAL),
    ],
)
def test_a_headline_weighs_as_much_as_the_fact_that_changed_in_it(
    old: str, new: str, severity: Severity
) -> None:
    event = only(between(page(BRIDGE, headline=old), page(BRIDGE, headline=new)))
    assert (event.kind, event.old, event.new) == (EventKind.HEADLINE_CHANGED, old, new)
    assert event.severity is severity


def test_byline_and_standfirst_are_minor() -> None:
    old = page(BRIDGE, byline=("Ana Roux",), standfirst="It was old.")
    new = page(BRIDGE, byline=("Ana Roux", "Jan Kern"), standfirst="It was very old.")
    found = between(old, new)
    assert told(found) == [
        (EventKind.STANDFIRST_CHANGED, "It was old.", "It was very old."),
        (EventKind.BYLINE_CHANGED, "Ana Roux", "Ana Roux, Jan Kern"),
    ]
    assert found.severity is Severity.MINOR


def test_a_plain_baseline_never_invents_what_plain_text_cannot_know() -> None:
    plain = extract_plain(f"Mayor shuts old bridge\n\n{BRIDGE}\n\n{FERRY}\n")
    read = page(
        BRIDGE,
        FERRY,
        headline="Mayor shuts old bridge",
        byline=("Ana Roux",),
        standfirst="It was old.",
        notices=(BREAKING,),
        modified_at=AT,
    )
    found = between(plain, read)
    assert found.events == ()
    assert found.disclosure.modified_moved is None


def test_a_plain_baseline_still_tells_what_changed_in_its_text() -> None:
    plain = extract_plain(f"Mayor shuts old bridge\n\n{BRIDGE}\n\n{FERRY}\n\n{BREAKING.text}\n")
    read = page(BRIDGE, FERRY, headline="Mayor shuts bridge for good", byline=("Ana Roux",))
    assert kinds(between(plain, read)) == [EventKind.HEADLINE_CHANGED, EventKind.NOTICE_DROPPED]


# --------------------------------------------------------------------- disclosure

EIGHT = page("Officials spoke of eight dead on Monday.", modified_at=AT)
SEVEN = page("Officials spoke of seven dead on Monday.", modified_at=AT)


def test_a_figure_changed_without_notice_or_new_time_is_silent() -> None:
    disclosure = between(SEVEN, EIGHT).disclosure
    assert (disclosure.silent, disclosure.modified_moved, disclosure.notice_changed) == (True, False, False)


def test_a_new_modified_time_is_a_disclosure() -> None:
    disclosure = between(SEVEN, replace(EIGHT, modified_at=AT + timedelta(minutes=9))).disclosure
    assert (disclosure.silent, disclosure.modified_moved) == (False, True)


def test_a_notice_is_a_disclosure() -> None:
    disclosure = between(SEVEN, replace(EIGHT, notices=(CORRECTION,))).disclosure
    assert (disclosure.silent, disclosure.notice_changed) == (False, True)


def test_taking_a_notice_off_discloses_nothing() -> None:
    disclosure = between(replace(SEVEN, notices=(CORRECTION,)), EIGHT).disclosure
    assert (disclosure.silent, disclosure.notice_changed) == (True, False)


def test_an_outlet_without_modified_times_moves_none_and_is_silent() -> None:
    disclosure = between(replace(SEVEN, modified_at=None), replace(EIGHT, modified_at=None)).disclosure
    assert (disclosure.silent, disclosure.modified_moved) == (True, None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The goverment said so on Monday.", "The government said so on Monday."),
        ("The mayor shut the bridge on Monday.", "The mayor closed the bridge on Monday."),
    ],
)
def test_what_is_less_than_substantive_is_never_silent(old: str, new: str) -> None:
    found = between(page(old, modified_at=AT), page(new, modified_at=AT))
    assert found.severity < Severity.SUBSTANTIVE
    assert not found.disclosure.silent


# --------------------------------------------------------------------- summaries


@pytest.mark.parametrize(
    ("old", "new", "summary"),
    [
        (SEVEN, EIGHT, "Death toll raised from seven to eight; no correction was published."),
        (page(BRIDGE), page(BRIDGE, notices=(CORRECTION,)), "A correction was put on."),
        (page(BRIDGE), page(BRIDGE, notices=(UPDATE,)), "An update notice was put on."),
        (page(BRIDGE, notices=(BREAKING,)), page(BRIDGE), "The breaking-news notice was dropped."),
        (page(BRIDGE, FERRY, MILL), page(FERRY, MILL, BRIDGE), "One paragraph moved."),
        (page(BRIDGE, modified_at=None), page(BRIDGE, FERRY, MILL, modified_at=AT), "Two paragraphs added."),
        (page("The goverment spoke."), page("The government spoke."), "Only spelling or style changed."),
        (page("He shut the old bridge."), page("He closed the old bridge."), "A sentence was rewritten."),
        (
            page("Twelve of ten left at 17:05 for 3 days in 2 cars."),
            page("Thirteen of eleven left at 18:05 for 4 days in 5 cars."),
            "Twelve became thirteen, ten became eleven, 17:05 became 18:05 and two more figures changed; "
            "no correction was published.",
        ),
    ],
)
def test_a_summary_reads_as_plain_english(old: Extraction, new: Extraction, summary: str) -> None:
    assert between(old, new).summary == summary


@pytest.mark.parametrize("left", range(4))
@pytest.mark.parametrize("right", range(4))
def test_a_summary_is_always_whole_sentences(left: int, right: int) -> None:
    versions = [
        page(BRIDGE, FERRY, headline="Mayor shuts bridge", notices=(BREAKING,)),
        page(MILL, "Seven left.", headline="Mayor opens 2 bridges", byline=("Ana Roux",)),
        page(BRIDGE, MILL, FERRY, notices=(CORRECTION, UPDATE)),
        page(
            "He said “we go home today” at the bridge.",
            notices=(replace(REWORDED, kind=NoticeKind.EDITORS_NOTE),),
        ),
    ]
    summary = between(versions[left], versions[right]).summary
    assert re.fullmatch(r"[A-Z0-9][^.]*\.( [A-Z0-9][^.]*\.)*", summary)
    assert not re.search(r"\ba [aeiou]", summary, re.IGNORECASE)
    assert "None" not in summary
    assert "_" not in summary


# --------------------------------------------------------------------- the demo's story, without its network

STORY = load_story()
EDITS = [
    pytest.param(page_, old, new, expected, id=f"{page_.name}-{expected.step}")
    for page_ in STORY.pages
    for old, new, expected in zip(page_.versions, page_.versions[1:], page_.expected, strict=False)
    if old.face is new.face is Face.ARTICLE
]


def read(page_: Page, version: Version, chance: int) -> Extraction:
    body = drawing.article(page_, version, "https://news.example", random.Random(chance))
    return extract(body, url="https://news.example" + page_.path)


@pytest.mark.parametrize(("page_", "old", "new", "expected"), EDITS)
def test_every_step_of_the_story_is_told_as_scripted_and_no_more(
    page_: Page, old: Version, new: Version, expected: Expected
) -> None:
    found = assess(compare(read(page_, old, 1), read(page_, new, 2)))
    assert Counter(event.kind.value for event in found.events) == expected.kinds
    named = {(fact.kind, fact.old, fact.new) for fact in expected.facts if fact.old and fact.new}
    assert named <= {(event.kind.value, event.old, event.new) for event in found.events}
    assert found.disclosure.silent is expected.silent


@pytest.mark.parametrize("page_", STORY.pages, ids=lambda page_: page_.name)
def test_the_first_version_from_a_text_file_is_the_one_on_the_page(page_: Page) -> None:
    baseline = extract_plain(baseline_text(page_))
    assert assess(compare(baseline, read(page_, page_.versions[0], 1))).events == ()
