"""Inputs without a guide: what a target begins with, harmed in the ways that files and lines are harmed.

The tests try the same ones every time, so that one that fails once fails again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from tests.fuzz.target import Target


def harmed(target: Target, count: int) -> Iterator[bytes]:
    """What the target begins with as it is, and so many more made of it."""
    dice, seeds = random.Random(target.name), list(target.seeds())
    yield from seeds
    for _ in range(count):
        yield harm(dice, seeds, target)


def harm(dice: random.Random, kept: Sequence[bytes], target: Target) -> bytes:
    """One of what is kept, with some harm done to it."""
    data = dice.choice(kept)
    for _ in range(dice.choice((1, 1, 2, 4, 9))):
        data = dice.choice(_HARMS)(data, dice, target.words if target.words and dice.random() < 0.7 else kept)
    return data[: target.longest]


def _cut(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    start = _place(data, dice)
    return data[:start] + data[start + int(dice.expovariate(1 / 40)) :]


def _end(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    return data[: _place(data, dice)]


def _flip(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    start = _place(data, dice)
    return data[:start] + bytes([dice.randrange(256)]) + data[start + 1 :]


def _put(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    start, other = _place(data, dice), dice.choice(others) if others else b"\0"
    return data[:start] + other[:200] + data[start:]


def _again(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    start = _place(data, dice)
    piece = data[start : start + int(dice.expovariate(1 / 60))]
    return data[:start] + piece * dice.choice((2, 3, 30)) + data[start:]


def _swap(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    one, two = sorted((_place(data, dice), _place(data, dice)))
    return data[two:] + data[one:two] + data[:one]


def _join(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others) if others else b""
    return data[: _place(data, dice)] + other[_place(other, dice) :]


def _place(data: bytes, dice: random.Random) -> int:
    return dice.randrange(len(data) + 1)


_HARMS: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    _cut, _cut, _end, _flip, _flip, _put, _put, _put, _again, _swap, _join,
)  # fmt: skip
