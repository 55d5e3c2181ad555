"""Who else on this machine may change what we are told, or read our secrets.

Whoever can write the configuration decides what is fetched and who is told. That is warned of, never
refused: in a container the only other user may be nobody.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Caution:
    """What is not as it should be, and the command that mends it."""

    said: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.said}; {self.remedy}"


def open_to_change(path: Path) -> Iterator[Caution]:
    """Of the configuration and its folder, what others may write. A folder in which everybody may only touch
    what is their own (the sticky bit) is none."""
    if _others_write(path.stat()):
        yield Caution(said=f"others on this machine can change {path}", remedy=f"run 'chmod go-w {path}'")
    folder = path.resolve().parent
    found = folder.stat()
    if _others_write(found) and not found.st_mode & stat.S_ISVTX:
        yield Caution(
            said=f"others on this machine can replace files in {folder}", remedy=f"run 'chmod go-w {folder}'"
        )


def open_to_reading(path: Path) -> Iterator[Caution]:
    """Of a file that holds a secret. A group may read it: that is how services are given theirs."""
    found = path.stat()
    if os.name == "posix" and (found.st_mode & stat.S_IROTH or _others_write(found)):
        yield Caution(
            said=f"others on this machine can read or change {path}, which holds a secret",
            remedy=f"run 'chmod 600 {path}'",
        )


def _others_write(found: os.stat_result) -> bool:
    """Everybody, or a group: but for the one that many systems make for each user alone, of the same number."""
    by_group = found.st_mode & stat.S_IWGRP and found.st_gid != found.st_uid
    return os.name == "posix" and bool(found.st_mode & stat.S_IWOTH or by_group)
