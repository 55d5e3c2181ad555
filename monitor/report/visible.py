"""Makes text from a page safe to look at.

Control characters, invisible characters and those that turn the reading direction become
badges such as ``[U+202E]``, so that nothing on a page can move a cursor, hide words or
show them in another order. Joiners and variation selectors where a script or an emoji
needs them are left alone. Escaping for HTML or Markdown is not done here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_ODD_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_SPACE = re.compile(r"[\n\t]+")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run of ordinary text, or (``badge``) the name of one character that is not shown."""

    text: str
    badge: bool = False


def parts(text: str, *, spaces: bool = False) -> tuple[Part, ...]:
    """The text in runs and badges. ``spaces`` shows unusual spaces as badges too, which is
    wanted where the spaces are what changed."""
    return tuple(_parts(text, spaces))


def clean(text: str, *, spaces: bool = False) -> str:
    """The text on one line, with badges in brackets."""
    shown = "".join(f"[{p.text}]" if p.badge else p.text for p in parts(text, spaces=spaces))
    return _LINE_SPACE.sub(" ", shown)


def _parts(text: str, spaces: bool) -> Iterator[Part]:
    start = 0
    for index in _hidden_at(text, spaces):
        if index > start:
            yield Part(text=text[start:index])
        yield Part(text=f"U+{ord(text[index]):04X}", badge=True)
        start = index + 1
    if start < len(text):
        yield Part(text=text[start:])


def _hidden_at(text: str, spaces: bool) -> Iterator[int]:
    found = [m.start() for m in _HIDDEN.finditer(text) if not _belongs(text, m.start())]
    if spaces:
        found = sorted([*found, *(m.start() for m in _ODD_SPACE.finditer(text))])
    yield from found


def _belongs(text: str, index: int) -> bool:
    """Does the character do its proper work between its neighbours, so that it shows there?"""
    char, before, after = text[index], text[index - 1 : index], text[index + 1 : index + 2]
    if char in "\ufe0e\ufe0f":
        return _pictures(before) or after == "\u20e3"
    if char == "\u200d" and (_pictures(before) or before == "\ufe0f"):
        return _pictures(after)
    return char in "\u200c\u200d" and _joins(before) and _joins(after)


def _pictures(char: str) -> bool:
    return bool(char) and unicodedata.category(char) in ("So", "Sm", "Sk")


def _joins(char: str) -> bool:
    """Scripts from Arabic to Myanmar, whose spelling uses the two joiners."""
    return "\u0600" <= char < "\u1100" and unicodedata.category(char)[0] in "LM"


def width(text: str) -> int:
    """Columns on a terminal: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, columns: int) -> str:
    """Cut to so many columns, the last of them ``…`` where something was cut."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for char in text:
        used += _width(char)
        if used > columns - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"
