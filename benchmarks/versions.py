"""Pairs of versions of which somebody says what became of what.

Revisions made from real texts are known exactly; the news versions were aligned by their collectors'
algorithm (silver); the sentence pairs were annotated by people, word by word.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random

from benchmarks.aligners import Links, Paragraphs
from benchmarks.data import Row, rows
from benchmarks.revised import MIXES, Mix, is_prose, revised
from monitor.compare import sentences

_POSTS = ("post_18f", "post_digitalgov", "post_nodejs", "post_rust")
_PAGES = ("scrapinghub", "wcxb_articles", "readability", "newspaper4k")
_SENTENCES = range(30, 91)
_TOGETHER = 40
_FRONT = re.compile(r"\A(---|\+\+\+)\n.*?\n\1\n", re.DOTALL)
_WRAPPED = re.compile(r"(?<=\S)[^\S\n]*\n[^\S\n]*(?![-*+>#|\[\s]|\d+[.)]|```|:::|</?\w)")

Text = tuple[tuple[str, ...], ...]
Changed = frozenset[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Two texts and which of their sentences belong together, as someone says."""

    set: str
    name: str
    old: Paragraphs
    new: Paragraphs
    links: Links


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """A sentence and its revision, words apart by spaces, and the words that people call edited: side (0
    the old one) and place. Where they gave several readings of it, each is one."""

    old: str
    new: str
    readings: tuple[Changed, ...]


# ---------------------------------------------------------------------- made from real texts


def made_cases(data: Path, count: int) -> Iterator[Case]:
    """Revisions of that many texts, in each of the mixes; always the same ones."""
    found = list(base_texts(data))
    texts = Random(7).sample(found, min(count, len(found)))
    for mix in MIXES:
        yield from revisions(texts, mix)


def revisions(texts: Sequence[Text], mix: Mix) -> Iterator[Case]:
    for number, text in enumerate(texts):
        random = Random(f"{mix.name} {number}")
        if sum(is_prose(sentence) for paragraph in text for sentence in paragraph) <= mix.touched:
            continue
        others = (other for other in random.sample(texts, min(6, len(texts))) if other is not text)
        strangers = [sentence for other in others for paragraph in other for sentence in paragraph]
        made = revised(text, mix, strangers, random)
        yield Case(
            set=mix.name, name=f"{mix.name} {number}", old=made.old, new=made.new, links=set(made.links)
        )


def base_texts(data: Path) -> Iterator[Text]:
    """The newest version of each post, the text of each page, and annotated old versions of news, where
    they are of a length to make revisions from; no sentence stands in one twice."""
    for name in _POSTS:
        posts = _zipped_rows(data / "B_revisions" / f"{name}.jsonl.gz")
        for _document, versions in groupby(posts, key=lambda row: str(row["doc_id"])):
            yield from _fit(paragraphs_of(_FRONT.sub("", list(versions)[-1]["text"])))
    for name in _PAGES:
        for row in rows(data / "A_pages" / name / "truth.jsonl"):
            yield from _fit(paragraphs_of(row.get("text") or ""))
    singles = [tuple(row["sentences"]) for row in rows(data / "B_pairs" / "newsedits_single_versions.jsonl")]
    for start in range(0, len(singles) - 5, 5):  # too short alone: five of them, a paragraph each
        yield from _fit(tuple(singles[start : start + 5]))


def paragraphs_of(text: str) -> Text:
    """Lines of sentences, each line a paragraph; lines that only wrap are joined first."""
    lines = _WRAPPED.sub(" ", text).split("\n")
    found = (tuple(" ".join(sentence.split()) for sentence in sentences(line.strip())) for line in lines)
    return tuple(paragraph for paragraph in found if any(paragraph))


def _fit(text: Text) -> Iterator[Text]:
    seen: set[str] = set()
    once = []
    for paragraph in text:
        once.append(tuple(sentence for sentence in paragraph if sentence not in seen))
        seen.update(paragraph)
    if sum(is_prose(sentence) for paragraph in once for sentence in paragraph) in _SENTENCES:
        yield tuple(paragraph for paragraph in once if paragraph)


def _zipped_rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


# ---------------------------------------------------------------------- what others said


def news_cases(data: Path) -> Iterator[Case]:
    """News versions with the alignment that their collectors' algorithm made; each sentence is given as a
    paragraph of its own."""
    for row in rows(data / "B_pairs" / "newsedits_notebook_pairs.jsonl"):
        old: list[str] = []
        new: list[str] = []
        links: Links = set()
        for pair in row["rows"]:
            one, two = ((pair[side] or "").strip() for side in ("old", "new"))
            links |= {(len(old), len(new))} if one and two else set()
            old += [one] * bool(one)
            new += [two] * bool(two)
        if old and new:
            name = f"news, {row['align']}"
            yield Case(
                set=name, name=row["doc_id"], old=[(s,) for s in old], new=[(s,) for s in new], links=links
            )


def mixed_cases(data: Path) -> Iterator[Case]:
    """Annotated pairs of a sentence and its revision, forty of them a text; in the new text every fourth
    stands elsewhere."""
    pairs = rows(data / "B_pairs" / "arxivedits_intent_gold.jsonl")
    for start in range(0, len(pairs), _TOGETHER):
        some = pairs[start : start + _TOGETHER]
        random = Random(start)
        moved = random.sample(range(len(some)), len(some) // 4)
        order = [place for place in range(len(some)) if place not in moved]
        for place in moved:
            order.insert(random.randrange(len(order) + 1), place)
        yield Case(
            set=f"arXivEdits, {_TOGETHER} mixed",
            name=f"arXivEdits {start}",
            old=[(row["old"],) for row in some],
            new=[(some[place]["new"],) for place in order],
            links={(place, at) for at, place in enumerate(order)},
        )


def annotated(data: Path) -> Iterator[Annotated]:
    for row in rows(data / "B_pairs" / "arxivedits_intent_gold.jsonl"):
        readings = [row["edits"], *row["edits_alt"]]
        yield Annotated(old=row["old"], new=row["new"], readings=tuple(map(_changed, readings)))


def _changed(edits: Sequence[Row]) -> Changed:
    found = set()
    for edit in edits:
        for side in (0, 1):
            start, end = edit[f"sentence-{side + 1}-token-indices"] or (0, 0)
            found |= {(side, place) for place in range(start, end)}
    return frozenset(found)
