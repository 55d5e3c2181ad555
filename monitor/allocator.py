"""Memory that is given back as soon as it is free. Knows glibc's allocator and no other; elsewhere it does nothing.

By itself glibc takes the size of the largest piece that was ever freed for usual, keeps whatever is smaller, and does
so for each thread: after some pages of several megabytes, a hundred are held that nobody needs.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h
_LARGE = 256 << 10
_ARENAS = 2


def give_back_at_once() -> None:
    """From now on, for this process; to be called before it has other threads."""
    with suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_ARENA_MAX, _ARENAS)
