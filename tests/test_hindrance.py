"""What is in the way is said once, not by everyone it stops, and so is its end."""

from __future__ import annotations

import logging

import pytest

from monitor.hindrance import Hindrance
from storage.errors import StorageBusy, StorageUnwritable

FULL = StorageUnwritable("The disk is full: make room.")
HELD = StorageBusy("The database is locked.")


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage().split(".")[0]) for record in caplog.records]


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "writethru")


def test_a_full_disk_is_said_once_however_many_it_stops(caplog: pytest.LogCaptureFixture) -> None:
    assert Hindrance().reason is None
    hindrance = Hindrance()
    for who in ("one", "other", "one", "other"):
        hindrance.met(who, FULL)
    hindrance.over("one")
    assert hindrance.reason == "The disk is full: make room."
    hindrance.over("other")
    hindrance.over("other")
    assert said(caplog) == [
        ("ERROR", "The disk is full: make room"),
        ("INFO", "The database can be written again"),
    ]
    hindrance.met("one", FULL)
    assert len(caplog.records) == 3


def test_a_locked_database_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    seconds = 0.0
    hindrance = Hindrance(lambda: seconds)
    for step in range(150):
        seconds = float(step)
        hindrance.met("one" if step % 2 else "other", HELD)
    assert said(caplog) == [("WARNING", "The database is locked")] * 3
    hindrance.over("one")
    hindrance.over("other")
    assert said(caplog)[3:] == [("INFO", "The database can be written again")]


def test_a_lock_that_comes_and_goes_is_said_no_more_often(caplog: pytest.LogCaptureFixture) -> None:
    seconds = 0.0
    hindrance = Hindrance(lambda: seconds)
    for step in range(0, 60, 10):
        seconds = float(step)
        hindrance.met("one", HELD)
        hindrance.over("one")
    assert said(caplog) == [
        ("WARNING", "The database is locked"),
        ("INFO", "The database can be written again"),
    ]


def test_what_is_over_is_no_reason() -> None:
    hindrance = Hindrance()
    hindrance.met("one", FULL)
    hindrance.over("one")
    assert hindrance.reason is None


def test_the_newest_reason_is_the_one_told() -> None:
    hindrance = Hindrance()
    hindrance.met("one", HELD)
    hindrance.met("other", FULL)
    assert hindrance.reason == str(FULL)
    hindrance.met("one", HELD)
    assert hindrance.reason == str(HELD)
