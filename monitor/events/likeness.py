"""How nearly alike two passages are: the same but for style, for a typing error, or not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.compare import normalise
from monitor.events.pairing import Change, Pair, joined, paired
from monitor.events.reading import Item, Part, language_between, read
from monitor.events.spelling import is_inflected, is_slip
from storage.records import fold_spaces

_SMALL_SLIPS = frozenset(
    "a an the of to in on at for is are was were be been do does did by with from as 's its it this we "
    "you he they she i der die das den dem ein eine einen le la les l de un une el los las il lo en e y "
    "et".split()
)
_GRAMMAR = tuple(
    frozenset(words.split())
    for words in (
        "is are was were be been being has have had am", "a an the", "this these", "that those", "do does did",
        "its it's their there they",
        "then than", "to too two", "of off", "who whom which that", "in on at of to for into onto", "less fewer",
        "your you're", "lose loose", "affect effect", "led lead", "come came", "fair fare", "quite quiet",
        "peak peek",
        "principal principle", "complement compliment", "discreet discrete", "stationary stationery",
        "cite site sight",
        "bare bear", "waive wave", "reign rein", "passed past", "weather whether", "role roll", "hear here",
        "our out",
        "der die das den dem des", "ein eine einen einem einer", "le la les", "un une", "el la los las", "il lo "
        "la i gli le",
    )
)  # fmt: skip


def is_style(before: str, after: str) -> bool:
    """Equal but for spaces, marks, capitals, hyphens, and how a figure, a date or a word is spelt."""
    language = language_between(before, after)
    old, new = read(before, language), read(after, language)
    return not paired(old, new).changes


def only_slips(pair: Pair) -> bool:
    return all(_is_small(pair, change) for change in pair.changes)


def _is_small(pair: Pair, change: Change) -> bool:
    old = [pair.before.items[at] for at in change.old]
    new = [pair.after.items[at] for at in change.new]
    if any(item.part is not Part.WORD for item in (*old, *new)):
        return False
    if joined(old) == joined(new):
        return True
    if joined(old).replace("'", "") == joined(new).replace("'", ""):
        return True  # its and it's
    if len(old) == len(new):
        return all(is_slight(str(a.key), str(b.key)) for a, b in zip(old, new, strict=True))
    if len(old) + len(new) == 1:
        return _is_small_word(pair, change, (old or new)[0])
    shorter, longer = sorted((old, new), key=len)
    return len(longer) - len(shorter) == 1 and len(longer) < 4 and _is_one_more(shorter, longer)


def is_slight(old: str, new: str) -> bool:
    """Whether one word for the other is a slip or a matter of grammar."""
    if old == new or is_slip(old, new) or is_inflected(old, new):
        return True
    return any(old in words and new in words for words in _GRAMMAR)


def _is_small_word(pair: Pair, change: Change, item: Item) -> bool:
    """A small word put in or left out, or any word that stood twice."""
    if item.key in _SMALL_SLIPS:
        return True
    items, at = (
        (pair.before.items, change.old_start) if len(change.old) else (pair.after.items, change.new_start)
    )
    beside = [items[k].key for k in (at - 1, at + 1) if 0 <= k < len(items)]
    return item.key in beside


def _is_one_more(shorter: Sequence[Item], longer: Sequence[Item]) -> bool:
    """One small word more, and the others the same word or nearly so."""
    for at, item in enumerate(longer):
        rest = [*longer[:at], *longer[at + 1 :]]
        if item.key in _SMALL_SLIPS and all(
            is_slight(str(a.key), str(b.key)) for a, b in zip(shorter, rest, strict=True)
        ):
            return True
    return False


def differ(old: str | None, new: str | None) -> bool:
    return fold_spaces(old or "") != fold_spaces(new or "")


def key(text: str) -> str:
    return re.sub(r"\W+", " ", normalise(text)).strip().lower()
