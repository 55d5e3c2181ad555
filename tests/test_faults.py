"""The short forms of a disk without room and of a locked database, with the real daemon; see tests.torture.disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.torture.faults import held, no_room, suffer

pytestmark = pytest.mark.slow


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux lets another process's limits be changed.")
def test_a_disk_without_room_is_said_once_and_nothing_is_lost(tmp_path: Path) -> None:
    story = suffer(tmp_path, "sqlite:///store.db", no_room, 3)
    assert story.troubles == []
    assert len(story.said) == 1, story.said
    assert "cannot be used" in story.reason
    assert "what was seen is kept in hand" in story.said[0]
    assert story.seconds_to_resume < 60


def test_a_locked_database_is_said_once_a_minute_and_nothing_is_lost(tmp_path: Path) -> None:
    story = suffer(tmp_path, "sqlite:///store.db", held, 1)
    assert story.troubles == []
    assert len(story.said) == 1, story.said
    assert "try again later" in story.reason
