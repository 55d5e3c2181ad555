"""The daemon in fast motion, the short form: two hours of a small newsroom in a few seconds; and that an account which
is wrong is found out."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from tests.rush.audit import audited
from tests.rush.motion import Motion
from tests.rush.stories import made
from tests.rush.watching import SPACING, Run, watch

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("rush")
    return watch(folder, count=40, hosts=5, hours=2, speed=1200, schedule='min_interval = "5m"')


def test_hosts_are_spaced_nothing_that_was_up_is_lost_and_every_account_agrees(run: Run) -> None:
    figures = audited(run, simulated=False)
    assert figures.troubles == []
    assert {asked.path for asked in run.log if asked.of_story} == {story.path for story in run.stories}
    assert any(asked.status == 304 for asked in run.log)


def test_a_request_too_early_is_found_out(run: Run) -> None:
    early = replace(run.log[-1], at=run.log[-1].at + SPACING - 1, path="/robots.txt", edition=0)
    (trouble,) = audited(replace(run, log=[*run.log, early]), simulated=False).troubles
    assert trouble.startswith("requests to a host before its interval was over is 1,")


def test_an_edition_that_was_up_and_is_not_stored_is_found_out(run: Run) -> None:
    place = max(n for n, asked in enumerate(run.log) if asked.of_story)
    log = [*run.log]
    log[place] = replace(log[place], edition=99)
    (trouble,) = audited(replace(run, log=log), simulated=False).troubles
    assert trouble.startswith("editions that were up at a request and are not stored is 1,")


def test_a_request_that_no_check_answers_for_is_found_out(run: Run) -> None:
    place = max(n for n, asked in enumerate(run.log) if asked.of_story)
    more = replace(run.log[place], at=run.log[place].at + 100 * SPACING)
    troubles = audited(replace(run, log=[*run.log, more]), simulated=False).troubles
    assert [trouble.partition(" is ")[0] for trouble in troubles] == [
        "stories whose checks are not their requests",
        "checks that 'status' shows, off by",
    ]


def test_traces_and_polls_are_written_for_the_simulation(run: Run) -> None:
    audited(run, simulated=False)
    traces, polls = (
        [json.loads(line) for line in (run.config.parent / name).read_text().splitlines()]
        for name in ("traces.jsonl", "polls.jsonl")
    )
    assert {trace["doc_id"]: trace["times"] for trace in traces} == {s.path: [*s.times] for s in run.stories}
    assert len(polls) == sum(asked.of_story for asked in run.log) - len(run.stories)


def test_stories_come_from_their_seed_and_keep_to_their_period() -> None:
    stories = made(200, 7, 1000.0, 36_000.0, 3)
    assert stories == made(200, 7, 1000.0, 36_000.0, 3) != made(200, 7, 1000.0, 36_000.0, 4)
    assert all(s.times[0] >= 1000 and s.times[-1] <= 37_000 for s in stories)
    assert all([*s.times] == sorted({*s.times}) for s in stories)
    assert sum(len(s.times) - 1 for s in stories) > 200
    assert stories[0].edition_at(stories[0].times[0] - 1) == 0
    assert stories[0].edition_at(stories[0].times[-1]) == len(stories[0].times)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such clock")
def test_the_clock_runs_as_fast_as_it_is_told_and_is_the_same_for_others() -> None:
    motion = Motion(began=Motion(began=0, start=0, speed=1).elapsed(), start=1000.0, speed=100.0)
    other = Motion.from_text(motion.text())
    before, here, there, after = motion.epoch(), motion.now(), other.now(), motion.epoch()
    assert 1000.0 <= before <= here.timestamp() + 1e-3
    assert here <= there
    assert there.timestamp() <= after + 1e-3
