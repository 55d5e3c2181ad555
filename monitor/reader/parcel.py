"""Parcel: calls with much to read, on their way to a child in a file of their own.

Through the pipe they would be in the daemon's memory once more for as long as the child does not take them.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from monitor.reader.child import Answer, Call, work


@dataclass(frozen=True, kw_only=True)
class Parcel:
    path: str

    def calls(self) -> list[Call]:
        with open(self.path, "rb") as file:
            return list(pickle.load(file))  # noqa: S301 - our own parent made it, and nobody else may write there

    def throw_away(self) -> None:
        with suppress(OSError):
            os.unlink(self.path)


def open_and_work(
    slot: int, seconds: float, at_once: float, calls: Parcel | Sequence[Call], size: int
) -> list[Answer]:
    """``work``, in a child, whichever way its calls came."""
    return work(slot, seconds, at_once, calls.calls() if isinstance(calls, Parcel) else calls, size)


def packed(calls: Sequence[Call]) -> Parcel:
    """
    :raises OSError: there is no place for it.
    """
    handle, path = tempfile.mkstemp(prefix="writethru-")  # readable by its owner alone
    parcel = Parcel(path=path)
    try:
        with os.fdopen(handle, "wb") as file:
            pickle.dump(list(calls), file, protocol=5)
    except OSError:
        parcel.throw_away()
        raise
    return parcel
