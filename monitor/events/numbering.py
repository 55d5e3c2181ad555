"""Numbers by which a text counts its own parts: of clauses and sections, of notes and references.

They say nothing of the world, and move when a part is put in: another one is a matter of style. A
figure in a list, such as a rank, is none of them.
"""

from __future__ import annotations

import re

from monitor.events.pairing import Change, Pair
from monitor.events.reading import Item, Part, Reading

_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,4}\.?")
_LEVELS = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,4}\.?")
_PARTS = frozenset(
    "section sections clause clauses paragraph paragraphs annex appendix fig figs figure figures table "
    "tables ref refs eq eqs footnote abschnitt ziffer absatz tabelle abbildung section sections".split()
)
_FURTHEST = 40


def is_numbering(reading: Reading, at: int) -> bool:
    """Whether that figure numbers a part of the text: 3.18 before its clause, Section 4, [16]."""
    items = reading.items
    item = items[at]
    if item.part is not Part.FIGURE or not _NUMBER.fullmatch(item.text):
        return False
    if item.gap.endswith(("[", "[^", "[ ")) and reading.text[item.end :].lstrip().startswith("]"):
        return True
    if _is_inline(reading.text, item):
        return True
    if _LEVELS.fullmatch(item.text) and _opens_clause(items, at):
        return True
    return _names_part(items, at) and not _is_of_law(items, at)


def is_lettered_anew(pair: Pair, change: Change) -> bool:
    """Whether "(1)" took the place of "(i)" or "(a)", or the reverse."""
    if len(change.old) != 1 or len(change.new) != 1:
        return False
    both = pair.before.items[change.old_start], pair.after.items[change.new_start]
    if {item.part for item in both} != {Part.WORD, Part.FIGURE} or not all(
        item.gap.endswith("(") for item in both
    ):
        return False
    return all(len(item.text) < 5 for item in both)


def _is_inline(text: str, item: Item) -> bool:
    """ "1) to go and 2) to stay": a bracket behind it that none before it opens."""
    before = text[max(0, item.start - 300) : item.start]
    open_there = before.rfind("(") > before.rfind(")")
    return len(item.text) < 3 and text[item.end : item.end + 1] == ")" and not open_there


def _opens_clause(items: tuple[Item, ...], at: int) -> bool:
    after = items[at + 1] if at + 1 < len(items) else None
    starts = at == 0 or any(mark in items[at].gap for mark in ".!?*:·") or not items[at].gap
    return starts and after is not None and after.text[0].isupper()


def _names_part(items: tuple[Item, ...], at: int) -> bool:
    """ "Section 4", and the further ones of "Sections 4, 17 and 18"."""
    for back in range(at - 1, max(at - _FURTHEST, -1), -1):
        item = items[back]
        if item.quote >= 0:
            continue  # Sections 3 ("Use") and 4 ("Safety")
        if item.part is Part.WORD and item.key in _PARTS:
            return True
        if item.part is not Part.FIGURE and item.key not in ("and", "or", "to"):
            return False
    return False


def _is_of_law(items: tuple[Item, ...], at: int) -> bool:
    """ "Section 230 of the Act" names a law, not a part of the text."""
    return [item.key for item in items[at + 1 : at + 3]] == ["of", "the"]
