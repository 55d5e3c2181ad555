"""What happens inside a child: its limits, and one call after the other, so that each gives an answer.

Knows nothing of pages. What a child cannot answer because it was killed is its parent's to deal with; on the
``board``, which both see, stands which call it was at.
"""

from __future__ import annotations

import ctypes
import enum
import gc
import math
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from monitor.errors import ReadError

MEMORY = 512 << 20
"""Bytes of address space of one child, everything counted; what is resident can never be more."""

_MUCH = 256 << 10  # bytes of arguments after which memory that was freed is given back

_MOST_SAID = 8000  # letters of an error: it may repeat all that a page says

Call = tuple[Callable[..., Any], tuple[Any, ...]]
Board = MutableSequence[int]

_board: Board = [0]


class Kind(enum.Enum):
    """What came of a call: a value, an error that the caller expects, too little memory, too deep a
    recursion, or an error that nobody foresaw, with its traceback."""

    VALUE = enum.auto()
    REFUSED = enum.auto()
    MEMORY = enum.auto()
    DEPTH = enum.auto()
    UNFORESEEN = enum.auto()


Answer = tuple[Kind, bytes]


def settle(board: Board, nice: int) -> None:
    """Once, when a child starts."""
    global _board
    _board = board
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the daemon decides when its children end
    os.nice(nice)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def work(slot: int, seconds: float, at_once: float, calls: Sequence[Call], size: int) -> list[Answer]:
    """An answer to each call, in their order.

    :param slot: the place on the board where it stands which call is in hand.
    :param seconds: for all of them. The parent sees to it; here it only matters if the parent is gone.
    :param at_once: seconds of processor time for each call; a call that wants more ends the child.
    :param size: about how many bytes there are to read.
    """
    with _ended_politely(seconds):
        answers = []
        for place, call in enumerate(calls):
            _board[slot] = place
            signal.setitimer(signal.ITIMER_PROF, at_once)
            answers.append(_answer(call))
            signal.setitimer(signal.ITIMER_PROF, 0)
        if size > _MUCH or any(len(answer) > _MUCH or kind is Kind.MEMORY for kind, answer in answers):
            _give_back_memory()
        return answers


def _answer(call: Call) -> Answer:
    """Pickled here, so that nothing a page made can upset the thread that receives all answers."""
    function, arguments = call
    try:
        return Kind.VALUE, pickle.dumps(function(*arguments))
    except ReadError as refused:
        return Kind.REFUSED, str(refused).encode()
    except MemoryError:
        return Kind.MEMORY, b""
    except RecursionError:
        return Kind.DEPTH, b""
    except Exception:  # noqa: BLE001 - the outermost loop: the parent logs it
        return Kind.UNFORESEEN, traceback.format_exc()[-_MOST_SAID:].encode("utf-8", "replace")


@contextmanager
def _ended_politely(seconds: float) -> Iterator[None]:
    """A stretch of work that can be ended in the middle: at once when its parent says so or its timer, and
    by the system once it has worked for twice as long as it may, since its parent may be gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends = math.ceil(used.ru_utime + used.ru_stime + 2 * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.RLIM_INFINITY))
    politely = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, politely)


def _give_back_memory() -> None:
    """What a great page has left behind is free, but the allocator would keep it (measured: 235 MB resident
    after 500,000 paragraphs, 77 MB after this, which takes 13 ms)."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # only the GNU library has it
            ctypes.CDLL(None).malloc_trim(0)
