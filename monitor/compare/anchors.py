"""Which identical sentences are the same one, where a text repeats itself.

What stands once in each text is certain; copies follow the certain sentence that they stand beside; those
that are left are matched in their order, and at last nearest first. As many copies are paired as both
texts have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product

from monitor.compare.matching import matching

_CHOICES = 400


def anchors(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Old place to new place of each pair of identical texts."""
    pairs = _single(old, new)
    back = {j: i for i, j in pairs.items()}
    for i, j in sorted(pairs.items()):
        _along(old, new, i, j, 1, pairs, back)
    for j, i in sorted(back.items(), reverse=True):
        _along(old, new, i, j, -1, pairs, back)
    left_old = [i for i in range(len(old)) if i not in pairs]
    left_new = [j for j in range(len(new)) if j not in back]
    if left_old and left_new:
        for a, b, length in matching([old[i] for i in left_old], [new[j] for j in left_new]):
            pairs.update(zip(left_old[a : a + length], left_new[b : b + length], strict=True))
        _nearest(old, new, pairs)
    return pairs


def _single(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    ours, theirs = _places(old, range(len(old))), _places(new, range(len(new)))
    return {
        places[0]: theirs[text][0]
        for text, places in ours.items()
        if len(places) == 1 and len(theirs.get(text, ())) == 1
    }


def _along(
    old: Sequence[str],
    new: Sequence[str],
    i: int,
    j: int,
    step: int,
    pairs: dict[int, int],
    back: dict[int, int],
) -> None:
    """Pair what follows a pair, in that direction, while it is the same and free."""
    i, j = i + step, j + step
    while 0 <= i < len(old) and 0 <= j < len(new) and i not in pairs and j not in back and old[i] == new[j]:
        pairs[i], back[j] = j, i
        i, j = i + step, j + step


def _nearest(old: Sequence[str], new: Sequence[str], pairs: dict[int, int]) -> None:
    taken = set(pairs.values())
    ours = _places(old, (i for i in range(len(old)) if i not in pairs))
    theirs = _places(new, (j for j in range(len(new)) if j not in taken))
    for text in ours.keys() & theirs.keys():
        here, there = ours[text], theirs[text]
        if len(here) == len(there) or len(here) * len(there) > _CHOICES:
            pairs.update(zip(here, there, strict=False))
            continue
        for i, j in sorted(product(here, there), key=lambda pair: (abs(pair[0] - pair[1]), pair)):
            if i not in pairs and j not in taken:
                pairs[i] = j
                taken.add(j)


def _places(texts: Sequence[str], chosen: Iterable[int]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place in chosen:
        places[texts[place]].append(place)
    return places
