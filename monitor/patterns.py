"""The patterns that users give: checked once, and searched for under a deadline.

The one place where they are compiled. They are regular expressions as Python's ``re`` knows them; they are run by
the library ``regex``, which reads them the same way and can be stopped (``re`` cannot; RE2 can do without, but does
not know look-arounds and back-references).
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from math import prod

import regex

Found = Callable[[str, str], bool]

_LONGEST = 500
_MOST_REPEATED = 1_000_000  # times; the library writes repetitions out when it compiles them
_PROBE_SECONDS = 0.05
_REPEATED = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_INEXACT = re.compile(r"\{[^{}]*[<=][^{}]*\}")
_ADDRESS = "https://www.example.org/news/2026/03/01/the-council-met-again"
_PROBES = (
    "a" * 40 + "!",
    "0" * 40 + "!",
    "Aa" * 20 + "!",
    "a " * 20 + "!",
    "a/" * 20 + "!",
    "a-1_" * 10 + "!",
    " " * 40 + "!",
    ("x" * 60 + "\n") * 10,
    _ADDRESS + "/a-1" * 40 + "!",
    "The council met again on Tuesday, and 12,000 people said so. " * 8,
)


class BadPattern(ValueError):
    """What is wrong with a pattern, in words that follow its path."""


class TooSlow(Exception):
    """A search was stopped. ``pattern``: the one that took so long."""

    def __init__(self, pattern: str, seconds: float) -> None:
        super().__init__(f"the pattern {pattern!r} takes longer than {seconds:g} s to search for")
        self.pattern = pattern


def check(pattern: str) -> None:
    """Whether a pattern can be used.

    :raises BadPattern: it is too long, no pattern, or tries for so long on a few short texts that it would do
        so on a page.
    """
    if len(pattern) > _LONGEST:
        raise BadPattern(f"must not be longer than {_LONGEST} letters, and this one has {len(pattern)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError, FutureWarning) as error:
        raise BadPattern(f"is not a regular expression: {error}") from None
    if _INEXACT.search(pattern):
        raise BadPattern(r"has a brace that is no repetition; write it as \{")
    if prod(_times(*found) for found in _REPEATED.findall(pattern)) > _MOST_REPEATED:
        raise BadPattern("repeats too much; lower the numbers in braces")
    _try(pattern)


def finder(seconds: float) -> Found:
    """A search that may take so many seconds in all: whether the pattern is found in the text.

    :raises TooSlow: they are used up.
    """
    left = seconds

    def found(pattern: str, text: str) -> bool:
        nonlocal left
        if left <= 0:
            raise TooSlow(pattern, seconds)
        began = time.perf_counter()
        try:
            search = _compiled(pattern).search(text, timeout=left, concurrent=True)
        except TimeoutError:
            raise TooSlow(pattern, seconds) from None
        finally:
            left -= time.perf_counter() - began
        return search is not None

    return found


def _times(least: str, most: str) -> int:
    return max(int(least or 1), int(most or 1), 1)


def _try(pattern: str) -> None:
    """Refuse what takes too long for what it is; a busy machine may be slow once, but not three times."""
    for _ in range(3):
        began = time.thread_time()
        try:
            compiled = regex.compile(pattern, cache_pattern=False)
            for probe in _PROBES:
                compiled.search(probe, timeout=5 * _PROBE_SECONDS)
        except TimeoutError:
            break
        except regex.error as error:
            raise BadPattern(f"is not a regular expression: {error}") from None
        took = time.thread_time() - began
        if took <= _PROBE_SECONDS:
            return
        if took > 5 * _PROBE_SECONDS:
            break
    raise BadPattern(
        "can take very long on some texts, as a repetition inside a repetition does; write it in a simpler way"
    )


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)
