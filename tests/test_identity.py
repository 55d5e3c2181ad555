"""Which address a page may give as its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.identity import believed
from storage.records import Response


def answered(url: str) -> Response:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Response(url=url, final_url=url, status=200, headers=(), body=b"", fetched_at=at)


@pytest.mark.parametrize(
    ("here", "claimed", "known"),
    [
        ("https://n.example/a?utm_source=x", "https://n.example/a", "https://n.example/a"),
        ("https://n.example/a", "http://n.example/a", "https://n.example/a"),
        ("https://m.n.example/news/a", "https://www.n.example/news/a", "https://www.n.example/news/a"),
        ("https://n.example/amp/news/a-b", "https://n.example/news/a-b", "https://n.example/news/a-b"),
        (
            "https://n.example/go?id=12345678",
            "https://n.example/x/story-12345678",
            "https://n.example/x/story-12345678",
        ),
        (
            "https://n.example/p/bridge-closed",
            "https://n.example/2026/03/bridge-closed/",
            "https://n.example/2026/03/bridge-closed/",
        ),
        (
            "https://n.example/bridge-closed-for-weeks?page=2",
            "https://n.example/bridge-closed-for-weeks",
            "https://n.example/bridge-closed-for-weeks",
        ),
    ],
)
def test_an_address_that_names_the_same_story_is_believed(here: str, claimed: str, known: str) -> None:
    assert believed(claimed, answered(here)) == known


@pytest.mark.parametrize(
    ("here", "claimed"),
    [
        ("https://n.example/news/bridge-closed", None),
        ("https://n.example/news/bridge-closed", "https://n.example/"),
        ("https://n.example/news/bridge-closed-today", "https://n.example/news"),
        ("https://n.example/news/bridge-closed", "https://other.example/news/bridge-closed"),
        ("https://n.example/news/bridge-closed", "https://n.example/news/ferry-back"),
        ("https://n.example/bridge-12345678", "https://n.example/bridge-87654321"),
        ("https://n.example/2026/03/01/live-updates", "https://n.example/2026/03/02/live-updates"),
        ("https://n.example/bridge-is-closed-for-weeks", "https://n.example/bridge-is-open-for-lorries"),
        ("https://n.example/news/bridge-closed", "javascript:alert(1)"),
    ],
)
def test_an_address_that_names_another_or_none_is_not(here: str, claimed: str | None) -> None:
    assert believed(claimed, answered(here)) is None
