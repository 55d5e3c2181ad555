"""A full disk, a read-only one, and a database that another process holds for a minute: the long forms.

The disks are file systems of their own, which takes root; without it they are named as not run.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.torture.faults import (
    Service,
    Story,
    ballast,
    held,
    may_mount,
    no_room,
    read_only,
    small_disk,
    suffer,
)
from tests.torture.figures import Figures

WAL = "sqlite:///store.db"
ROLLBACK = "sqlite:///store.db?journal=rollback"
_ROOM = "8m"

Fault = Callable[[Service], AbstractContextManager[None]]


def long_form(seconds: int) -> Figures:
    """Every fault in both journal modes, each for so many seconds."""
    figures = Figures()
    for journal, url in (("WAL", WAL), ("rollback journal", ROLLBACK)):
        _one(figures, f"no room (limit), {journal}", url, no_room, seconds, lines=1)
        _one(figures, f"locked, {journal}", url, held, seconds, lines=1 + seconds // 60)
        if may_mount():
            _one(figures, f"full disk, {journal}", url, ballast, seconds, lines=1)
            _one(figures, f"read-only disk, {journal}", url, read_only, seconds, lines=1)
    if not may_mount():
        figures.say("full and read-only disk", "not run", "mounting takes root")
    return figures


def _one(figures: Figures, name: str, url: str, fault: Fault, seconds: int, *, lines: int) -> None:
    with _place(fault) as folder:
        began = time.perf_counter()
        story = suffer(folder, url, fault, seconds)
        took = time.perf_counter() - began
    figures.say(name, f"{story.revisions} revisions", f"{took:.0f} s; {story.reason}")
    figures.expect(f"{name}: answers lost", story.served - story.revisions, 0)
    figures.expect(f"{name}: lines about it", len(story.said), lines)
    figures.expect(f"{name}: seconds to resume", round(story.seconds_to_resume, 1), 60)
    figures.troubles += [f"{name}: {trouble}" for trouble in _troubles(story)]


def _troubles(story: Story) -> Iterator[str]:
    yield from story.troubles
    if not story.reason:
        yield "health gave no reason"


@contextmanager
def _place(fault: Fault) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        if fault in (ballast, read_only):
            with small_disk(Path(folder) / "disk", _ROOM) as disk:
                yield disk
        else:
            yield Path(folder)
