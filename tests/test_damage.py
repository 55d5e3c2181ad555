"""The promise of verify under torture, in its short form: a random change is found, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture import damage


@pytest.mark.slow
def test_any_one_change_to_an_archive_is_found(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    damage.make_archive(made, articles=5, steps=25)
    assert not damage.is_found(made)
    drawn, missed = damage.torment(made, tmp_path, times=60, seed=3)
    assert missed == []
    assert len(drawn) == len(damage.CHANGES)
