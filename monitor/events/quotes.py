"""Which stretches of a passage stand inside quotation marks.

An apostrophe is none; a quotation that runs over several sentences is open at the end of one and at
the start of the next. Quotations inside quotations belong to the outer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """From the first character inside the marks to the one after the last."""

    start: int
    end: int


_DOUBLE = re.compile(r"[“”„‟«»\"「」『』]|''")
_CLOSED_BY = {
    "“": '”"“',
    "”": '”"',
    "‟": '”"',
    "„": '“”"',
    '"': '"”“',
    "«": "»",
    "»": "«»",
    "「": "」",
    "『": "』",
    "''": "''",
}
_ONLY_CLOSES = "」』"
_SINGLE = re.compile(r"(?<![^\W_])[‘'‚‹](?=[^\W_])")
_SINGLE_END = re.compile(r"(?<=[^\s])[’'‘›](?![^\W_])")
_NO_QUOTE = re.compile(r"[‘'](?:em|til|tis|twas|n|cause|round|\d\ds?)\b", re.IGNORECASE)
_LONGEST_SINGLE = 600


def spans(text: str, *, inside: bool = False) -> list[Span]:
    """The quotations of a passage; `inside`: it begins within one that was opened before it."""
    found = _doubles(text, inside)
    return sorted([*found, *_singles(text, found)])


def is_left_open(text: str, *, inside: bool = False) -> bool:
    """Whether a quotation is still open where that passage ends."""
    found = _doubles(text, inside)
    return bool(found) and found[-1].end == len(text) and not _ends_with_mark(text)


def begin_inside(sentences: Iterable[str]) -> list[bool]:
    """For each sentence of one paragraph, whether it begins within a quotation."""
    found, inside = [], False
    for sentence in sentences:
        found.append(inside)
        inside = is_left_open(sentence.rstrip(), inside=inside)
    return found


def _ends_with_mark(text: str) -> bool:
    return text[-1:] in '“”„‟«»"「」『』'


def _doubles(text: str, inside: bool) -> list[Span]:
    found: list[Span] = []
    opened, start = ('"', 0) if inside else ("", 0)
    last = text.rfind('"')
    for mark in _DOUBLE.finditer(text):
        before, after = text[mark.start() - 1 : mark.start()], text[mark.end() : mark.end() + 1]
        if opened:
            if _closes(mark[0], opened, before, after):
                found.append(Span(start, mark.start()))
                opened = ""
        elif _opens(mark[0], before, after, closed_later=mark[0] == '"' and last > mark.start()):
            opened, start = mark[0], mark.end()
        elif not found and before.strip() and not before.isdigit() and _is_long(text, mark.start()):
            found.append(Span(0, mark.start()))  # opened in a sentence before this one
    if opened and text[start:].strip():
        found.append(Span(start, len(text)))
    return found


def _is_long(text: str, end: int) -> bool:
    return text.count(" ", 0, min(end, 200)) >= 1


def _opens(mark: str, before: str, after: str, *, closed_later: bool) -> bool:
    """`closed_later`: another such mark follows, so that one with spaces on both sides can open."""
    if mark in _ONLY_CLOSES:
        return False
    if mark in "「『":
        return True
    free = not before or not (before.isalnum() or before in ".,;!?%")
    return free and bool(after.strip() or (mark in "«„“" and after) or closed_later)


def _closes(mark: str, opened: str, before: str, after: str) -> bool:
    if mark not in _CLOSED_BY[opened]:
        return False
    if mark == opened == "“" and after.isalnum():
        return False  # the mark was set twice
    if mark in "»«」』''" or opened == "„":
        return True
    return bool(before.strip()) or not after.strip()


def _singles(text: str, doubles: list[Span]) -> list[Span]:
    """Quotations in single marks, outside of those in double ones. A straight mark counts only where
    it is closed again."""
    if "'" not in text and "‘" not in text and "‹" not in text and "‚" not in text:
        return []
    found: list[Span] = []
    end, outer = 0, 0
    for mark in _SINGLE.finditer(text):
        place = mark.start()
        while outer < len(doubles) and doubles[outer].end <= place:
            outer += 1
        nested = outer < len(doubles) and doubles[outer].start <= place
        if place < end or nested or _NO_QUOTE.match(text, place):
            continue
        closing = _SINGLE_END.search(text, place + 2, place + _LONGEST_SINGLE)
        if closing is not None:
            end = closing.end()
            found.append(Span(mark.end(), closing.start()))
        elif mark[0] == "‘" and len(text) - place < _LONGEST_SINGLE:
            found.append(Span(mark.end(), len(text)))
            break
    return found
