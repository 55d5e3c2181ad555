"""What each request means for the next, and what is remembered of a host's looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.pace import (
    LONGEST_BACKOFF,
    after_look,
    after_request,
    health,
    spacing,
    took_well,
    why_not_now,
)
from storage.records import Check, CheckResult, FetchProblem, Host, Verdict, Waiting
from tests.test_store import NOW

SECOND = timedelta(seconds=1)
HOST = Host(id=1, name="a.example", free_at=NOW, next_visit_at=NOW, requests=100)


def asked(host: Host, interval: float = 5, now: datetime = NOW, **how: object) -> Host:
    return after_request(host, now, interval * SECOND, lambda: 0.0, robots=True, **how)  # type: ignore[arg-type]


def check(result: CheckResult, late: float = 0, **rest: object) -> Check:
    return Check(id="ab" * 16, at=NOW + late * SECOND, result=result, **rest)  # type: ignore[arg-type]


@given(
    interval=st.sampled_from([0.0, 0.2, 5.0, 3600.0]),
    answers=st.lists(st.tuples(st.sampled_from([None, True, False]), st.integers(0, 90_000) | st.none())),
    delay=st.none() | st.floats(0.1, 1e5),
    jitter=st.floats(0, 1),
)
def test_no_answer_brings_the_next_request_nearer_than_its_interval(
    interval: float, answers: list[tuple[bool | None, int | None]], delay: float | None, jitter: float
) -> None:
    crawl_delay = None if delay is None else timedelta(seconds=delay)
    host = replace(HOST, requests=0, crawl_delay=crawl_delay)
    now = NOW
    for well, wait in answers:
        retry_after = None if wait is None else wait * SECOND
        host = after_request(
            host, now, interval * SECOND, lambda: jitter, robots=True, retry_after=retry_after, well=well
        )
        pause = host.free_at - now
        assert pause >= spacing(host, interval * SECOND, robots=True) >= interval * SECOND
        assert pause >= (retry_after or timedelta(0))
        assert pause <= max(retry_after or 2 * SECOND, 2 * interval * SECOND, LONGEST_BACKOFF * 1.25)
        assert (host.waits is None) is (pause == timedelta(0))
        now = host.free_at


def test_troubles_double_the_pause_and_the_first_good_answer_ends_it() -> None:
    host, pauses = HOST, []
    for well in (False, False, None, False, False, True, False):
        host = asked(host, well=well)
        pauses.append((host.free_at - NOW).total_seconds())
    assert pauses == [5, 10, 10, 20, 40, 5, 5]
    assert host.setbacks == 1


def test_what_failed_together_does_not_come_back_together() -> None:
    failing = replace(HOST, setbacks=5)
    chances = iter(n / 10 for n in range(10))
    pauses = {
        after_request(failing, NOW, SECOND, chances.__next__, robots=True, well=False).free_at
        for _ in range(10)
    }
    assert len(pauses) == 10


def test_where_no_interval_is_owed_no_trouble_makes_one() -> None:
    assert asked(replace(HOST, setbacks=7), 0, well=False).free_at == NOW


@pytest.mark.parametrize(
    ("made", "well"),
    [
        (check(CheckResult.SAME, verdict=Verdict.ARTICLE), True),
        (check(CheckResult.WITHHELD, verdict=Verdict.GONE), True),
        (check(CheckResult.WITHHELD, verdict=Verdict.BLOCKED), False),
        (check(CheckResult.FAILED, error=FetchProblem.CONNECT), False),
        (check(CheckResult.FAILED, error=FetchProblem.HTTP_ERROR), False),
        (check(CheckResult.FAILED, error=FetchProblem.ROBOTS), None),
        (check(CheckResult.FAILED, error=FetchProblem.PARSE_KILLED), None),
    ],
)
def test_a_host_answers_for_what_is_its_doing(made: Check, well: bool | None) -> None:
    assert took_well(made) is well


# ---------------------------------------------------------------------- what is remembered


def test_of_a_hosts_looks_the_last_hundred_are_remembered_in_two_letters_each() -> None:
    host = HOST
    for _ in range(150):
        host = after_look(host, check(CheckResult.FAILED, error=FetchProblem.DNS), NOW)
    for number in range(40):
        verdict = Verdict.BLOCKED if number < 10 else Verdict.ARTICLE
        host = after_look(host, check(CheckResult.WITHHELD, verdict=verdict), NOW)
    assert len(host.recent) == 200
    went = health([host.recent])
    assert (went.looks, went.blocked, went.failed) == (100, 0.1, 0.6)


@given(st.lists(st.floats(0, 6e5), min_size=1, max_size=100))
def test_lags_are_told_to_an_eighth(lags: list[float]) -> None:
    host = HOST
    for late in lags:
        host = after_look(host, check(CheckResult.SAME, late), NOW)
    went = health([host.recent])
    for told, share in ((went.lag_p50, 0.5), (went.lag_p99, 0.99)):
        true = sorted(lags)[-(-round(share * len(lags) * 100) // 100) - 1]
        assert told is not None
        assert told.total_seconds() == pytest.approx(true, rel=0.13, abs=0.2)


def test_the_lags_of_several_hosts_are_told_together() -> None:
    quick = after_look(HOST, check(CheckResult.SAME), NOW).recent * 99
    slow = after_look(HOST, check(CheckResult.SAME, 3600), NOW).recent
    went = health([quick, slow, ""])
    assert went.looks == 100
    assert went.lag_p50 == went.lag_p99 == timedelta(0)
    assert health([quick, slow * 2]).lag_p99 != timedelta(0)
    assert health([""]).lag_p50 is None


# ---------------------------------------------------------------------- what a turn waits for


@pytest.mark.parametrize(
    ("waits", "due_in", "said"),
    [
        (Waiting.SPACING, 0, Waiting.SPACING),
        (Waiting.SPACING, 60, None),
        (Waiting.CRAWL_DELAY, 60, None),
        (Waiting.RETRY_AFTER, 60, Waiting.RETRY_AFTER),
        (Waiting.BACKOFF, 60, Waiting.BACKOFF),
        (None, 0, None),
    ],
)
def test_a_turn_waits_for_what_ends_last_and_a_host_that_wants_no_visit_says_so(
    waits: Waiting | None, due_in: int, said: Waiting | None
) -> None:
    host = replace(HOST, free_at=NOW + 5 * SECOND, waits=waits, next_visit_at=NOW + due_in * SECOND)
    assert why_not_now(host, NOW) is said
    assert why_not_now(host, NOW + 5 * SECOND) is None
