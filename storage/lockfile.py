"""A file that one process at a time holds locked, until it lets go or ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import InUse, StorageError


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file at ``path``, made where there is none.

    :raises InUse: another process holds it.
    """
    try:
        file = path.open("a+")
    except OSError as error:
        raise StorageError(f"The file {path} cannot be written: {error.strerror}.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(str(path)) from None
        except OSError as error:
            raise StorageError(f"The file {path} cannot be locked: {error.strerror}.") from None
        yield


def beside(database: Path) -> Path:
    """The file that the one daemon of that database holds."""
    return database.with_name(f"{database.name}.lock")


def is_held(path: Path) -> bool:
    """Whether a process holds the file at ``path``; none is made to find out."""
    if not path.exists():
        return False
    try:
        with held(path):
            return False
    except InUse:
        return True
    except StorageError:
        return False
