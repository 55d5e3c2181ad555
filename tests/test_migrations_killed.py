"""A migration that is killed midway leaves the old archive or the new one, and the next start completes it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.torture.forks import Forks
from tests.torture.migrations import revisions, trouble_after, upgrade_from

pytestmark = pytest.mark.slow
_MOST_STEPS = 12


@pytest.mark.parametrize("revision", revisions())
def test_a_killed_migration_leaves_old_or_new_and_is_completed(tmp_path: Path, revision: str) -> None:
    """At the first and last steps, the commit, some steps between, and at a few moments that are no step's."""
    way, chance = upgrade_from(revision, tmp_path), random.Random(revision)
    between = chance.sample(range(2, way.steps), min(_MOST_STEPS, way.steps - 2))
    deaths = [*map(str, (1, *between, way.steps, way.steps + 1))]
    deaths += [f"~{chance.uniform(0.001, way.seconds):.4f}" for _ in range(4)]
    assert way.before != way.after
    with Forks("tests.torture.migrations") as runner:
        assert [trouble for death in deaths if (trouble := trouble_after(death, way, tmp_path, runner))] == []


def test_every_release_is_brought_up_from() -> None:
    assert revisions()[:2] == ["nothing", "0001"]
