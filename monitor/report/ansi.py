"""Styled text for a terminal: wrapping by display width, and painting.

It knows escape codes and columns; it refuses to know what a diff is. The text of a piece
must already be clean of control characters.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.report.visible import width

_ATOMS = re.compile(r"\s+|\S+")


class Style(enum.StrEnum):
    """The value is the code of SGR (ECMA-48, 8.3.117); colours are never the only sign."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    INSERTED = "32;4"
    DELETED = "31;9"
    MOVED = "36"
    ALARM = "1;31"
    WARNING = "33"


@dataclass(frozen=True, kw_only=True)
class Piece:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One paragraph; all its lines but the first are indented by ``hang`` columns."""

    pieces: Sequence[Piece] = ()
    hang: int = 0


def paint(text: str, style: Style, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour and style and text else text


def lines(flow: Flow, columns: int, colour: bool) -> Iterator[str]:
    """The flow wrapped at spaces, one empty line where it is empty; a word too long for a
    line is cut."""
    wrapped = list(_wrapped(flow, max(columns, flow.hang + 8)))
    for number, line in enumerate(wrapped or [[]]):
        indent = " " * (flow.hang if number else 0)
        yield indent + "".join(paint(text, style, colour) for text, style in _merged(line))


def _wrapped(flow: Flow, widest: int) -> Iterator[list[Piece]]:
    line: list[Piece] = []
    used, columns = 0, widest
    for word in _words(flow.pieces, widest - flow.hang):
        size = sum(width(atom.text) for atom in word)
        space = word[0].text.isspace()
        if used + size > columns and not space and line:
            yield _stripped(line)
            line, used, columns = [], 0, widest - flow.hang
        if line or not space:
            line += word
            used += size
    if line:
        yield _stripped(line)


def _words(pieces: Iterable[Piece], columns: int) -> Iterator[list[Piece]]:
    """Spaces, and words: neighbouring atoms without a space between, of any style."""
    atoms = [atom for piece in pieces for atom in _atoms(piece)]
    for space, group in itertools.groupby(atoms, key=lambda atom: atom.text.isspace()):
        if space:
            yield list(group)
        else:
            yield from _cut(list(group), columns)


def _atoms(piece: Piece) -> Iterator[Piece]:
    for atom in _ATOMS.findall(piece.text):
        yield replace(piece, text=atom)


def _cut(word: list[Piece], columns: int) -> Iterator[list[Piece]]:
    if sum(width(atom.text) for atom in word) <= columns:
        yield word
        return
    part: list[Piece] = []
    used = 0
    for char in (replace(atom, text=char) for atom in word for char in atom.text):
        size = width(char.text)
        if used + size > columns and part:
            yield part
            part, used = [], 0
        part.append(char)
        used += size
    yield part


def _stripped(line: list[Piece]) -> list[Piece]:
    while line and line[-1].text.isspace():
        line = line[:-1]
    return line


def _merged(line: Sequence[Piece]) -> Iterator[tuple[str, Style]]:
    for style, group in itertools.groupby(line, key=lambda piece: piece.style):
        yield "".join(piece.text for piece in group), style
