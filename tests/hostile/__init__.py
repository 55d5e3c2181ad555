"""The hostile newsroom: every bad answer that a server can give, and the outcome that has to come of it."""

from __future__ import annotations

from tests.hostile import feeds, led, letters, packed, pages, wire
from tests.hostile.case import Case

ALL: tuple[Case, ...] = (
    *packed.CASES,
    *wire.CASES,
    *led.CASES,
    *letters.CASES,
    *pages.CASES,
    *feeds.CASES,
)
