"""House style: a spelling that was exchanged for another one everywhere in a text, and nothing else changed by it.

Also what the two texts tell about single words: which stand with a capital in the middle of a sentence,
which are written small. Told from whole texts, once for a pair of them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from monitor.events.lexer import folded, visible
from monitor.events.spelling import is_inflected, negates, plain_spelling

_WORD = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+")
_INSIDE = re.compile(r"(?<=[a-zß-ÿ,;] )[A-ZÀ-Þ][^\W\d_]*+")
# Words that are gone, and pairs of these with a word that came as often, beyond which the texts have too little in
# common for a house style.
_MOST, _MOST_PAIRS = 400, 100_000


@dataclass(frozen=True, kw_only=True)
class HouseStyle:
    """`exchanged` maps the new spelling to the old one that it took the place of. `names` stand with a
    capital inside a sentence of either text, `small` are written without one; `old_words` and
    `new_words` are all words of each text. Without texts it knows nothing."""

    exchanged: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    old_words: frozenset[str] = frozenset()
    new_words: frozenset[str] = frozenset()

    def is_common(self, word: str) -> bool:
        """Whether that capitalised word also stands small and never with a capital inside a sentence."""
        return word.lower() in self.small

    def is_name(self, word: str) -> bool:
        return word in self.names

    def stood_right(self, old: str, new: str) -> bool:
        """Whether the new form stood in the old text too, and the old one is gone."""
        return new in self.old_words and old not in self.new_words


UNKNOWN = HouseStyle()


def house_style(old_text: str, new_text: str) -> HouseStyle:
    """What two whole texts tell about their spelling. A spelling counts as exchanged where the old one
    is gone, the new one is alike, and it was so in at least two places, or in one and the old text had both."""
    before, after = (folded(visible(text)) for text in (old_text, new_text))
    ours, theirs = Counter(_WORD.findall(before)), Counter(_WORD.findall(after))
    gone = {word: count for word, count in ours.items() if word not in theirs}
    came = {word: count for word, count in theirs.items() if word not in ours}
    return HouseStyle(
        exchanged=dict(_exchanged(gone, came, ours, theirs)),
        names=frozenset(_INSIDE.findall(before)) | frozenset(_INSIDE.findall(after)),
        small=frozenset(word for word in (*ours, *theirs) if word[0].islower()),
        old_words=frozenset(ours),
        new_words=frozenset(theirs),
    )


def _exchanged(
    gone: Mapping[str, int], came: Mapping[str, int], ours: Mapping[str, int], theirs: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """New spelling and old one."""
    if len(gone) > _MOST:
        return
    alike: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word, count in came.items():
        if count > 1:
            alike[_class(word, count)].append(word)
    candidates = {old: alike.get(_class(old, count), []) for old, count in gone.items()}
    if sum(map(len, candidates.values())) > _MOST_PAIRS:
        return
    for old, others in candidates.items():
        respelt = [new for new in others if is_respelt(old, new)]
        if len(respelt) == 1:
            yield respelt[0], old


def _class(word: str, count: int) -> tuple[str, int]:
    """What two spellings of one word share: the first letter, and how often they stand."""
    return plain_spelling(word[0].lower(), False), count


def is_respelt(old: str, new: str) -> bool:
    """Whether two words are spellings of one, so far as letters tell: a letter or two apart in a longer
    word, and no other form or opposite of it."""
    a, b = old.lower(), new.lower()
    if old[0].isupper() != new[0].isupper():
        return a == b
    if plain_spelling(a, False) == plain_spelling(b, False) or a.replace("-", "") == b.replace("-", ""):
        return True
    if min(len(a), len(b)) < 5 or is_inflected(a, b) or negates(a, b):
        return False
    return OSA.distance(a, b, score_cutoff=2) <= (1 if max(len(a), len(b)) < 7 else 2)
