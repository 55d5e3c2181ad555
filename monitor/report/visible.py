"""Makes text from a page safe to look at.

Control characters, invisible characters and those that turn the reading direction become
badges such as ``[U+202E]``, so that nothing on a page can move a cursor, hide words or
show them in another order. A word in two alphabets that look alike is marked as one, and a
pile of combining marks is cut. Joiners and variation selectors where a script or an emoji
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
_MOST_MARKS = 8
# Of Greek only the letters that pass for Latin ones: a μm, an Ω or an α beside Latin letters is no disguise.
_ALPHABETS = {
    "Latin": re.compile("[A-Za-zÀ-ÖØ-öø-\u024f]"),
    "Cyrillic": re.compile("[\u0400-\u052f]"),
    "Greek": re.compile("[ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοινρυϲϳ]"),
}
_BEYOND_LATIN = re.compile("[^\x00-\u02ff]{9,}")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run of ordinary text, or (``badge``) what is said in place of what is not shown, or of the
    word before it; ``note`` explains the badge."""

    text: str
    badge: bool = False
    note: str = ""


def parts(text: str, *, spaces: bool = False) -> tuple[Part, ...]:
    """The text in runs and badges. ``spaces`` shows unusual spaces as badges too, which is
    wanted where the spaces are what changed."""
    return tuple(_parts(text, spaces))


def clean(text: str, *, spaces: bool = False) -> str:
    """The text on one line, with badges in brackets."""
    shown = "".join(f"[{p.text}]" if p.badge else p.text for p in parts(text, spaces=spaces))
    return _LINE_SPACE.sub(" ", shown)


def bare(text: str) -> str:
    """The text without the characters that do not show: equal where a reader sees no difference."""
    return _HIDDEN.sub("", text)


def _parts(text: str, spaces: bool) -> Iterator[Part]:
    start = 0
    for at, end, badge in sorted(_badges(text, spaces), key=lambda found: found[:2]):
        if at > start:
            yield Part(text=text[start:at])
        yield badge
        start = max(start, end)
    if start < len(text):
        yield Part(text=text[start:])


def _badges(text: str, spaces: bool) -> Iterator[tuple[int, int, Part]]:
    """Where a badge begins, where the text goes on behind it, and the badge."""
    if text.isascii() and text.isprintable():
        return
    for index in _hidden_at(text, spaces):
        name = f"U+{ord(text[index]):04X}"
        yield index, index + 1, Part(text=name, badge=True, note="A character that does not show")
    for at, end in _piled_marks(text):
        said = f"+{end - at} marks"
        yield at, end, Part(text=said, badge=True, note="More combining marks than are drawn")
    for end, names in _mixed_words(text):
        yield end, end, Part(text=names, badge=True, note="A word that mixes two alphabets")


def _piled_marks(text: str) -> Iterator[tuple[int, int]]:
    """The combining marks on one character that go beyond those that are drawn."""
    for stretch in _BEYOND_LATIN.finditer(text):  # where alone more than eight can follow one another
        run = 0
        for index, char in enumerate(f"{stretch[0]} ", stretch.start()):
            if unicodedata.category(char) in ("Mn", "Me") and not _HIDDEN.match(char):
                run += 1
                continue
            if run > _MOST_MARKS:
                yield index - run + _MOST_MARKS, index
            run = 0


def _mixed_words(text: str) -> Iterator[tuple[int, str]]:
    """The end of each word whose letters come from more than one alphabet, and their names."""
    if sum(bool(letters.search(text)) for letters in _ALPHABETS.values()) < 2:
        return
    for word in _WORD.finditer(text):
        names = [name for name, letters in _ALPHABETS.items() if letters.search(word[0])]
        if len(names) > 1:
            yield word.end(), " + ".join(names)


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
    """Cut to so many columns, the last of them ``…`` where something was cut; and to four times as
    many characters, since some take no column."""
    most = 4 * columns
    if len(text) <= most and width(text) <= columns:
        return text
    kept, used = [], 0
    for char in text[:most]:
        used += _width(char)
        if used > columns - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"
