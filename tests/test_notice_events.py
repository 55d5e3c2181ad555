"""Notices are told wherever they stand in the text; a time that a system stamps on a page is none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.extract import extract_plain
from monitor.extract.notices import is_stamp
from storage.records import EventKind, Severity
from tests.test_events import AT, BRIDGE, FERRY, MILL, between, kinds, page, told

LONG = [f"{BRIDGE[:-1]}, said speaker {number}." for number in range(12)]
CORRECTION = "Correction: An earlier version misstated the date of the vote."
AMENDED = "This article was amended on 3 May to correct the name of the river."
RETRACTED = "This article has been retracted because its figures could not be confirmed."

STAMPS = [
    "Updated 14:05",
    "Updated: 14:05 GMT",
    "Last updated on 3 May 2024 at 5 p.m.",
    "Published 3 May 2024, 10:00 BST",
    "This article was updated 2 hours ago",
    "Aktualisiert am 3. Mai 2024, 14:05 Uhr",
    "Stand: 03.05.2024, 14:05 Uhr",
    "Mis à jour le 3 mai 2024 à 10h12",
    "Actualizado el 3 de mayo de 2024 a las 10:12",
    "Aggiornato il 3 maggio 2024 alle 10:12",
    "Atualizado em 03/05/2024 às 10h12".replace(" em", ""),
]


@pytest.mark.parametrize("stamp", STAMPS)
def test_a_bare_time_is_a_stamp(stamp: str) -> None:
    assert is_stamp(stamp)


@pytest.mark.parametrize(
    "text",
    [
        "Updated with the reaction of the mayor at 14:05.",
        "Update: The mayor has resigned.",
        "Published in 2019, the report says that the bridge is safe.",
        "The page was updated by an editor on Monday.",
        "Updated figures show that 14 people left.",
        CORRECTION,
        AMENDED,
        "14:05",
    ],
)
def test_a_line_that_says_more_than_a_time_is_no_stamp(text: str) -> None:
    assert not is_stamp(text)


@pytest.mark.parametrize("stamp", STAMPS)
def test_a_stamp_that_comes_goes_or_moves_is_no_edit(stamp: str) -> None:
    moved = (
        stamp.replace("14:05", "15:20").replace("10", "11").replace("5", "6").replace("2 hours", "3 hours")
    )
    for old, new in ((page(BRIDGE), page(BRIDGE, stamp)), (page(BRIDGE, stamp), page(BRIDGE, moved))):
        assert between(old, new).events == ()
        assert between(new, old).events == ()


def test_a_stamp_is_the_publishers_modified_time_where_the_page_gives_no_other() -> None:
    old = page("Officials spoke of seven dead.", "Updated 14:05")
    new = page("Officials spoke of eight dead.", "Updated 14:05")
    assert between(old, new).disclosure.modified_moved is False
    assert between(old, new).disclosure.silent
    moved = page("Officials spoke of eight dead.", "Updated 15:20")
    disclosure = between(old, moved).disclosure
    assert (disclosure.notice_changed, disclosure.modified_moved, disclosure.silent) == (False, True, False)


def test_the_modified_time_of_the_page_goes_before_what_is_stamped_on_it() -> None:
    old = page("Officials spoke of seven dead.", "Updated 14:05", modified_at=AT)
    new = page("Officials spoke of eight dead.", "Updated 15:20", modified_at=AT)
    assert between(old, new).disclosure.modified_moved is False
    later = page("Officials spoke of eight dead.", "Updated 14:05", modified_at=AT + timedelta(minutes=1))
    assert between(old, later).disclosure.modified_moved is True


@pytest.mark.parametrize("notice", [CORRECTION, AMENDED, RETRACTED])
def test_a_correction_in_the_middle_of_a_long_text_is_told_as_a_notice(notice: str) -> None:
    old, new = page(*LONG), page(*LONG[:6], notice, *LONG[6:])
    found = between(old, new)
    assert told(found) == [(EventKind.NOTICE_ADDED, None, notice)]
    assert found.severity is Severity.CRITICAL
    assert found.disclosure.notice_changed
    assert kinds(between(new, old)) == [EventKind.NOTICE_DROPPED]


def test_a_correction_that_ends_a_paragraph_is_told_as_a_notice() -> None:
    found = between(page(BRIDGE, FERRY, MILL), page(BRIDGE, FERRY, f"{MILL} {AMENDED}"))
    assert told(found) == [(EventKind.NOTICE_ADDED, None, AMENDED)]


def test_a_correction_reworded_in_the_middle_of_a_text_is_one_notice_changed() -> None:
    changed = CORRECTION.replace("the date", "the day and the place")
    found = between(page(*LONG[:6], CORRECTION, *LONG[6:]), page(*LONG[:6], changed, *LONG[6:]))
    assert told(found) == [(EventKind.NOTICE_CHANGED, CORRECTION, changed)]


def test_a_notice_in_a_plain_file_is_told_wherever_it_stands() -> None:
    old = extract_plain("\n\n".join(["A headline", *LONG]))
    new = extract_plain("\n\n".join(["A headline", *LONG[:6], CORRECTION, *LONG[6:]]))
    assert told(between(old, new)) == [(EventKind.NOTICE_ADDED, None, CORRECTION)]
