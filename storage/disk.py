"""The disk under a database: which file system it is, and how much room is left.

Asks the operating system and changes nothing. Where a system does not tell, the answer is None.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
# Where two machines may hold one file, or where it is not known that shared memory and locks are kept.
_SHARED = frozenset(
    "9p afs beegfs ceph cifs coda drvfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs prl_fs "
    "smb2 smb3 smbfs vboxsf virtiofs vmhgfs".split()
)


def file_system(path: Path) -> str | None:
    """The kind of file system that holds ``path``, such as ``ext4`` or ``nfs4``; the file need not be there."""
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None  # not Linux
    return mounted_as(path, mounts.splitlines())


def mounted_as(path: Path, mounts: Iterable[str]) -> str | None:
    """The kind of file system, by lines as they stand in /proc/self/mounts; of two mounts on one place
    the later one counts."""
    place, depth, kind = path.resolve(), 0, None
    for line in mounts:
        _device, point, mounted, *_ = line.split(" ")
        at = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point))
        if place.is_relative_to(at) and len(at.parts) >= depth:
            depth, kind = len(at.parts), mounted
    return kind


def is_network(kind: str | None) -> bool:
    """Whether other machines may hold files of such a file system at the same time."""
    return kind is not None and (kind in _SHARED or kind.startswith("fuse."))


def free_bytes(folder: Path) -> int:
    """The room left in ``folder`` for whoever asks.

    :raises OSError: it is not there.
    """
    seen = os.statvfs(folder)
    return seen.f_bavail * seen.f_frsize
