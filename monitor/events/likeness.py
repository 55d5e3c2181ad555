"""How nearly alike two passages are: the same but for style, for a typing error, or not."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from monitor.compare import is_number, normalise, tokens
from monitor.compare.diff import word_hunks
from monitor.compare.words import figure
from storage.records import (
    HunkOp,
    fold_spaces,
)


def is_style(before: str, after: str) -> bool:
    """Equal but for spaces, marks, capitals and how a figure is written."""
    return key(in_figures(before)) == key(in_figures(after))


def in_figures(text: str) -> str:
    return "".join(str(figure(t)) if is_number(t) else t for t in tokens(normalise(text)))


def is_typo(before: str, after: str) -> bool:
    """Nothing but single words that became nearly the same word."""
    changes = [hunk for hunk in word_hunks(before, after) if hunk.op is not HunkOp.KEEP]
    return all(_nearly(hunk.old, hunk.new) for hunk in changes)


def _nearly(old: str, new: str) -> bool:
    old, new = key(old), key(new)
    if old == new:
        return True
    single = len(old.split()) == 1 and len(new.split()) == 1
    return single and min(len(old), len(new)) > 3 and Levenshtein.distance(old, new) <= 2


def differ(old: str | None, new: str | None) -> bool:
    return fold_spaces(old or "") != fold_spaces(new or "")


def key(text: str) -> str:
    return re.sub(r"\W+", " ", normalise(text)).strip().lower()
