"""What a process does to the files of one folder, written down by a preloaded shim, in the order it happened."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_SHIM = Path(__file__).with_name("shim.c")
_HEAD = struct.Struct("<cQQI")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that succeeded. ``kind``: o open, w write, t truncate, s sync of a file, d open of the folder, u
    unlink, r and n the two names of a rename; ``at`` is an offset, a size, or whether opening emptied the file."""

    kind: str
    inode: int
    at: int
    data: bytes


def missing() -> str | None:
    """Why nothing can be traced here; None: it can."""
    if not sys.platform.startswith("linux"):
        return "Preloading a library this way is Linux's."
    if shutil.which("cc") is None:
        return "There is no C compiler here: install gcc."
    return None


def traced(code: str, folder: Path, workplace: Path) -> list[Call]:
    """What Python ``code`` does to the files directly in ``folder``.

    :param workplace: another folder, for the shim and the record.
    """
    shim, record = workplace / "shim.so", workplace / "record"
    build = ["cc", "-O1", "-fPIC", "-shared", "-o", str(shim), str(_SHIM), "-ldl", "-lpthread"]
    subprocess.run(build, check=True)
    watching = {"LD_PRELOAD": str(shim), "TRACE_FOLDER": str(folder), "TRACE_LOG": str(record)}
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=True,
        env={**os.environ, **watching},
        stdout=subprocess.DEVNULL,
    )
    return list(_calls(record.read_bytes()))


def _calls(record: bytes) -> Iterator[Call]:
    position = 0
    while position < len(record):
        kind, inode, at, length = _HEAD.unpack_from(record, position)
        position += _HEAD.size
        yield Call(kind=kind.decode(), inode=inode, at=at, data=record[position : position + length])
        position += length
