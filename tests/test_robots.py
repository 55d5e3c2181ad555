"""What robots.txt forbids, and what an answer to the question for it means."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import FetchError
from monitor.robots import MOST, allows, robots_text
from storage.records import FetchProblem, Response

URL = "https://news.example/world/a"


def answer(status: int, body: bytes = b"User-agent: *\nDisallow: /world/\n") -> Response:
    return Response(
        url="https://news.example/robots.txt",
        final_url="https://news.example/robots.txt",
        status=status,
        headers=(),
        body=body,
        fetched_at=datetime(2024, 11, 17, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /world/", False),
        ("User-agent: *\nDisallow: /sport/", True),
        ("User-agent: *\nDisallow: /\nAllow: /world/", True),
        ("User-agent: *\nDisallow: /*/a$", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Writethru\nAllow: /", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: writethru\nDisallow: /", False),
        ("User-agent: SomeoneElse\nDisallow: /", True),
        ("<html><body>Our home page</body></html>", True),
    ],
)
def test_the_rules_hold_for_us_by_name_or_for_everyone(rules: str, allowed: bool) -> None:
    assert allows(rules, URL) is allowed


def test_the_rules_of_a_200_are_its_text() -> None:
    assert not allows(robots_text(answer(200)), URL)


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert not allows(robots_text(answer(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n")), URL)


@pytest.mark.parametrize("status", [204, 301, 401, 403, 404, 410, 429])
def test_a_host_without_a_robots_txt_forbids_nothing(status: int) -> None:
    assert robots_text(answer(status)) == ""


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_host_in_trouble_allows_nothing_for_now(status: int) -> None:
    with pytest.raises(FetchError) as caught:
        robots_text(answer(status))
    assert caught.value.problem is FetchProblem.HTTP_ERROR
    assert caught.value.transient
    assert caught.value.status == status


def test_bytes_that_are_no_text_are_read_as_far_as_they_are() -> None:
    assert not allows(robots_text(answer(200, b"\xff\xfe\x00\nUser-agent: *\nDisallow: /world/\n")), URL)


def test_no_more_than_half_a_megabyte_of_rules_is_read() -> None:
    late = b"# \n" * 200_000 + b"User-agent: *\nDisallow: /\n"
    assert 511_000 < len(robots_text(answer(200, late))) <= 500 * 1024
    assert allows(robots_text(answer(200, late)), URL)


def test_of_a_robots_txt_without_an_end_the_first_500_kib_count_to_their_last_whole_line() -> None:
    rules = b"User-agent: *\nDisallow: /sport/\n"
    cut = b"Disallow: /"
    filled = rules + b"#" * (MOST - len(rules) - len(cut) - 1) + b"\n" + cut
    assert len(filled) == MOST
    assert not allows(robots_text(answer(200, filled)), URL)
    longer = robots_text(answer(200, filled + b"nothing-of-ours/\n" + b"Disallow: /world/\n"))
    assert allows(longer, URL)
    assert not allows(longer, "https://news.example/sport/a")


# ---------------------------------------------------------------------- as RFC 9309 says

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "robots_rfc9309.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['why']}: {case['agent']} {case['url']}")
def test_a_verdict_is_what_the_rfc_says(case: dict[str, Any]) -> None:
    assert allows(case["robots"], case["url"], case["agent"]) is case["allowed"]


@pytest.mark.parametrize("misspelt", ["dissallow", "dissalow", "disalow", "diasllow", "disallaw", "Disallow"])
def test_a_misspelt_prohibition_is_obeyed(misspelt: str) -> None:
    assert not allows(f"User-agent: *\n{misspelt}: /world/", URL)


def test_another_robots_rules_are_not_taken_for_ours() -> None:
    rules = "User-agent: GPTBot\nUser-agent: Writethru-News\nDisallow: /\n\nUser-agent: *\nDisallow: /sport/"
    assert allows(rules, URL)
    assert not allows(rules, "https://news.example/sport/a")
