"""How near what was found is to what is true. Pure functions of texts, names and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean, median

from rapidfuzz.distance import Indel

from storage.records import fold_spaces

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def word_f1(true: str, found: str) -> float:
    """Harmonic mean of precision and recall of the words, each counted as often as it stands there."""
    expected, given = Counter(words(true)), Counter(words(found))
    if not expected or not given:
        return float(expected == given)
    common = (expected & given).total()
    return 2 * common / (expected.total() + given.total())


def token_ratio(one: str, other: str) -> float:
    """How alike two texts are, word by word in their order: 0 to 1."""
    return Indel.normalized_similarity(words(one), words(other))


def same_title(true: str, found: str | None) -> bool:
    """Equal but for case, spaces and punctuation."""
    return bare(true) == bare(found or "")


def same_names(true: Iterable[str], found: Iterable[str]) -> bool:
    return {bare(name) for name in true} == {bare(name) for name in found}


def bare(text: str) -> str:
    return " ".join(words(text.replace("’", "").replace("'", "")))


def present(passages: Sequence[str], text: str) -> int:
    """How many of those passages stand in the text, whatever the spaces."""
    folded = fold_spaces(text)
    return sum(fold_spaces(passage) in folded for passage in passages)


def mean(values: Iterable[float]) -> float | None:
    """None where there is nothing to take the mean of."""
    given = list(values)
    return fmean(given) if given else None


def middle(values: Iterable[float]) -> float | None:
    given = list(values)
    return median(given) if given else None


def ninth_tenth(values: Iterable[float]) -> float | None:
    """The value that nine of ten do not exceed."""
    given = sorted(values)
    return given[-(-9 * len(given) // 10) - 1] if given else None
