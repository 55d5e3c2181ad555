"""Revisions with known alignment, made from real texts: what an editor does, done by chance.

A text is a list of paragraphs, each a list of sentences. What comes out knows for every new sentence
which old ones it came from. Sentences that are added are real sentences of other texts. The same seed
makes the same revision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

Text = Sequence[Sequence[str]]
_MARKS = ".,;:!?\"'“”‘’()[]*#"
_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]+")
_CLOSED = re.compile(r"[.!?…][\"'”’)]*$")
_FEWEST = 4
_NUMBER = re.compile(r"\d+")
_CUT = re.compile(r",? (?:and|but|while|which|who|because|after|as) |[,;:] |(?: –| —| -) ")


@dataclass(frozen=True, kw_only=True)
class Mix:
    """How many sentences are edited, added, deleted, moved, split and merged; ``blocks`` are moves of
    several sentences at once, ``moved_edits`` moves of which the sentence is edited as well."""

    name: str
    edits: int = 0
    adds: int = 0
    deletes: int = 0
    moves: int = 0
    splits: int = 0
    merges: int = 0
    blocks: int = 0
    moved_edits: int = 0

    @property
    def touched(self) -> int:
        once = self.edits + self.deletes + self.moves + self.splits + self.moved_edits
        return once + 2 * self.merges + 3 * self.blocks


MIXES = (
    Mix(name="light", edits=3, adds=1, deletes=1),
    Mix(name="typical", edits=6, adds=5, deletes=3, moves=1, splits=1),
    Mix(name="heavy", edits=14, adds=14, deletes=8, moves=3, splits=3),
    Mix(name="blocks and merges", edits=4, adds=3, deletes=2, splits=2, merges=3, blocks=1, moved_edits=2),
)


@dataclass(kw_only=True)
class _Piece:
    """A sentence of the new text, with the old sentences it came from."""

    text: str
    origins: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Revision:
    """Two texts as paragraphs of sentences, and pairs of an old and a new sentence that belong together,
    both counted from 0 through the whole text."""

    mix: str
    old: tuple[tuple[str, ...], ...]
    new: tuple[tuple[str, ...], ...]
    links: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    @property
    def old_sentences(self) -> list[str]:
        return [sentence for paragraph in self.old for sentence in paragraph]

    @property
    def new_sentences(self) -> list[str]:
        return [sentence for paragraph in self.new for sentence in paragraph]


def revised(text: Text, mix: Mix, strangers: Sequence[str], random: Random) -> Revision:
    """That text and what became of it; ``strangers`` are the sentences to add from. The text needs more
    sentences than the mix touches."""
    paragraphs = [[_Piece(text=s) for s in paragraph] for paragraph in text]
    count = 0
    for paragraph in paragraphs:
        for piece in paragraph:
            piece.origins = (count,)
            count += 1
    words = [bare for s in strangers for word in s.split() if (bare := word.strip(_MARKS))]
    flat = [sentence for paragraph in text for sentence in paragraph]
    free = [place for place, sentence in enumerate(flat) if is_prose(sentence)]
    random.shuffle(free)
    _merge(paragraphs, mix.merges, free, random)
    _split(paragraphs, mix.splits, free, random)
    moved = _taken_out(paragraphs, mix, free, words, random)
    _edit(paragraphs, [free.pop() for _ in range(mix.edits)], words, random)
    _delete(paragraphs, [free.pop() for _ in range(mix.deletes)])
    for block in moved:
        _put_in(paragraphs, block, random, far_from=block[0].origins[0])
    for sentence in random.sample(
        [s for s in strangers if is_prose(s) and _is_closed(s) and s[0].isupper()], mix.adds
    ):
        _put_in(paragraphs, [_Piece(text=sentence)], random)
    new = tuple(tuple(piece.text for piece in paragraph) for paragraph in paragraphs if paragraph)
    pieces = [piece for paragraph in paragraphs for piece in paragraph]
    links = frozenset((i, j) for j, piece in enumerate(pieces) for i in piece.origins)
    return Revision(mix=mix.name, old=tuple(tuple(p) for p in text), new=new, links=links)


def is_prose(sentence: str) -> bool:
    """Whether it has words enough for an edit that leaves something of it."""
    return sum(_WORD.fullmatch(word.strip(_MARKS)) is not None for word in sentence.split()) >= _FEWEST


def _is_closed(sentence: str) -> bool:
    """Whether another one may follow on its line."""
    return _CLOSED.search(sentence) is not None


# ---------------------------------------------------------------------- what happens to sentences


def _delete(paragraphs: list[list[_Piece]], chosen: Sequence[int]) -> None:
    for paragraph in paragraphs:
        paragraph[:] = [piece for piece in paragraph if not set(piece.origins) & set(chosen)]


def _edit(
    paragraphs: list[list[_Piece]], chosen: Sequence[int], words: Sequence[str], random: Random
) -> None:
    for paragraph in paragraphs:
        for piece in paragraph:
            if set(piece.origins) & set(chosen):
                piece.text = edited(piece.text, words, random)


def _merge(paragraphs: list[list[_Piece]], count: int, free: list[int], random: Random) -> None:
    """Neighbours in a paragraph joined by a comma or a conjunction."""
    places = [(p, k) for p, paragraph in enumerate(paragraphs) for k in range(len(paragraph) - 1)]
    random.shuffle(places)
    for p, k in places:
        if count == 0:
            return
        pair = paragraphs[p][k : k + 2]
        if len(pair) < 2 or any(piece.origins[0] not in free or len(piece.origins) > 1 for piece in pair):
            continue
        one, two = pair
        if not one.text.endswith(".") or min(len(piece.text.split()) for piece in pair) < 4:
            continue
        text = one.text[:-1] + random.choice([", and ", "; ", ", while ", " – "]) + _lower(two.text)
        paragraphs[p][k : k + 2] = [_Piece(text=text, origins=one.origins + two.origins)]
        for origin in one.origins + two.origins:
            free.remove(origin)
        count -= 1


def _split(paragraphs: list[list[_Piece]], count: int, free: list[int], random: Random) -> None:
    """A long sentence cut in two at a comma or a conjunction."""
    places = [(p, piece) for p, paragraph in enumerate(paragraphs) for piece in paragraph]
    random.shuffle(places)
    for p, piece in places:
        if count == 0:
            return
        halves = _halves(piece.text, random)
        if halves is None or len(piece.origins) > 1 or piece.origins[0] not in free:
            continue
        at = paragraphs[p].index(piece)
        paragraphs[p][at : at + 1] = [_Piece(text=half, origins=piece.origins) for half in halves]
        free.remove(piece.origins[0])
        count -= 1


def _halves(text: str, random: Random) -> tuple[str, str] | None:
    cuts = [
        cut
        for cut in _CUT.finditer(text)
        if min(len(text[: cut.start()].split()), len(text[cut.end() :].split())) >= 5
    ]
    if not cuts:
        return None
    cut = random.choice(cuts)
    second = text[cut.end() :]
    return text[: cut.start()].rstrip(",;:") + ".", second[0].upper() + second[1:]


def _taken_out(
    paragraphs: list[list[_Piece]], mix: Mix, free: list[int], words: Sequence[str], random: Random
) -> list[list[_Piece]]:
    """The passages that are moved, no longer where they were."""
    blocks: list[list[_Piece]] = []
    for paragraph in random.sample(paragraphs, len(paragraphs)):
        whole = [piece.origins[0] for piece in paragraph]
        if len(blocks) < mix.blocks and 2 <= len(whole) <= 4 and set(whole) <= set(free):
            blocks.append(list(paragraph))
            paragraph.clear()
            free[:] = [place for place in free if place not in whole]
    for number in range(mix.moves + mix.moved_edits):
        chosen = free.pop()
        for paragraph in paragraphs:
            for piece in [piece for piece in paragraph if chosen in piece.origins]:
                paragraph.remove(piece)
                if number >= mix.moves:
                    piece.text = edited(piece.text, words, random)
                blocks.append([piece])
    return blocks


def _put_in(
    paragraphs: list[list[_Piece]], block: list[_Piece], random: Random, far_from: int | None = None
) -> None:
    """Into the text at some place: as a paragraph of its own, or between two sentences of another; what
    is moved goes at least three sentences away."""
    places = [
        (p, k) for p, paragraph in enumerate(paragraphs) if paragraph for k in range(len(paragraph) + 1)
    ]
    if far_from is not None:
        places = [(p, k) for p, k in places if abs(_near(paragraphs[p], k) - far_from) > 3] or places
    p, k = random.choice(places)
    loose = not _is_closed(block[-1].text) or (k > 0 and not _is_closed(paragraphs[p][k - 1].text))
    if len(block) > 1 or loose or random.random() < 0.5:
        paragraphs.insert(p + (k > 0), list(block))
    else:
        paragraphs[p][k:k] = block


def _near(paragraph: Sequence[_Piece], place: int) -> int:
    """The old place of the sentence nearest to that place of a paragraph."""
    around = [*reversed(paragraph[:place]), *paragraph[place:]]
    return next((piece.origins[0] for piece in around if piece.origins), 10**6)


# ---------------------------------------------------------------------- what happens inside a sentence


def edited(sentence: str, words: Sequence[str], random: Random) -> str:
    """The sentence after one change (half of the time), two or three, or so many that up to two fifths of
    its words are others."""
    before = sentence.split()
    dice = random.random()
    strong = max(1, 2 * len(before) // 5)
    count = 1 if dice < 0.5 else random.randint(2, 3) if dice < 0.85 else strong
    now = before
    for _ in range(min(count, strong)):
        change = random.choice(_CHANGES)
        now = change(list(now), words, random) or now
    if now == before:
        now = _replaced(list(now), words, random)
    text = " ".join(now)
    letters = (re.search(r"[^\W\d_]", side) for side in (sentence, text))
    was, now_at = (found.start() if found else 0 for found in letters)
    return text[:now_at] + text[now_at].upper() + text[now_at + 1 :] if sentence[was].isupper() else text


def _replaced(now: list[str], words: Sequence[str], random: Random) -> list[str]:
    at = random.randrange(len(now))
    tail = now[at][len(now[at].rstrip(_MARKS)) :]
    now[at] = random.choice(words) + tail
    return now


def _inserted(now: list[str], words: Sequence[str], random: Random) -> list[str]:
    now.insert(random.randrange(len(now)), random.choice(words))
    return now


def _deleted(now: list[str], words: Sequence[str], random: Random) -> list[str]:
    if len(now) > 3:
        del now[random.randrange(len(now) - 1)]
    return now


def _numbered(now: list[str], words: Sequence[str], random: Random) -> list[str]:
    """Another number in the place of one, where there is one."""
    places = [at for at, word in enumerate(now) if _NUMBER.search(word)]
    if places:
        at = random.choice(places)
        now[at] = _NUMBER.sub(lambda found: str(int(found[0][:9]) + random.randint(1, 9)), now[at], count=1)
    return now


def _clause_dropped(now: list[str], words: Sequence[str], random: Random) -> list[str]:
    """What stands between two commas, or behind the last one, where that leaves most of it."""
    commas = [at for at, word in enumerate(now) if word.endswith(",")]
    spans = [(a + 1, b + 1) for a, b in pairwise([*commas, len(now) - 2]) if 0 < b - a <= 2 * len(now) // 5]
    if spans:
        start, end = random.choice(spans)
        del now[start:end]
    return now


def _reordered(now: list[str], words: Sequence[str], random: Random) -> list[str]:
    """Two neighbouring phrases of two or three words exchanged."""
    size = random.randint(2, 3)
    if len(now) < 4 * size:
        return now
    at = random.randrange(len(now) - 2 * size)
    now[at : at + 2 * size] = now[at + size : at + 2 * size] + now[at : at + size]
    return now


_CHANGES: tuple[Callable[[list[str], Sequence[str], Random], list[str]], ...] = (
    _replaced,
    _replaced,
    _inserted,
    _deleted,
    _numbered,
    _clause_dropped,
    _reordered,
)


def _lower(text: str) -> str:
    """Without its capital, where it is an ordinary word that only begins a sentence."""
    first = text.split(" ", 1)[0]
    ordinary = first.lower() in {
        "the",
        "a",
        "an",
        "it",
        "he",
        "she",
        "they",
        "we",
        "but",
        "in",
        "this",
        "that",
    }
    return text[0].lower() + text[1:] if ordinary else text
