"""A target: a name, something to try on any bytes, and a few bytes to begin with.

A trial raises where a promise is broken and returns where none is. Inputs are readable: most are a first
line with the circumstances and the rest as it would come from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Trial = Callable[[bytes], None]


@dataclass(frozen=True, kw_only=True)
class Target:
    """``guides`` are the packages whose branches say whether an input is news; ``longest`` is in bytes,
    ``words`` are what is put into inputs."""

    name: str
    trial: Trial
    seeds: Callable[[], Sequence[bytes]]
    guides: tuple[str, ...] = ("monitor", "storage")
    longest: int = 16_384
    words: tuple[bytes, ...] = ()


def parted(data: bytes) -> tuple[str, bytes]:
    """The first line, as the circumstances are written, and the rest."""
    line, _, rest = data.partition(b"\n")
    return line.decode("utf-8", "replace"), rest


def text_of(data: bytes) -> str:
    """As text of ours always is: without control characters and lone surrogates."""
    return data.translate(None, _CONTROLS).decode("utf-8", "replace")


_CONTROLS = bytes(code for code in [*range(0x20), 0x7F] if chr(code) not in "\t\n\r")
