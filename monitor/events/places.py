"""Where the sentences and the paragraphs of a text begin, in characters, so that each finds the other."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from storage.records import Extraction


def starts(texts: Iterable[str]) -> list[int]:
    """The place of each text where they are joined."""
    return [0, *accumulate(len(text) for text in texts)][:-1]


def paragraph_starts(extraction: Extraction) -> list[int]:
    """The place of each paragraph in the whole text."""
    if extraction.whole is None:
        return starts(f"{paragraph.text}\n\n" for paragraph in extraction.paragraphs)
    found, reached = [], 0
    for paragraph in extraction.paragraphs:
        words = r"\s+".join(re.escape(word) for word in paragraph.text.split())
        match = re.compile(words).search(extraction.whole, reached)
        reached, end = match.span() if match else (reached, reached)
        found.append(reached)
        reached = end
    return found


def paragraphs_of(extraction: Extraction, sentences: Sequence[str]) -> list[int]:
    """The paragraph that each sentence begins in, counted from 0."""
    paragraphs = paragraph_starts(extraction)
    # a sentence may begin with the spaces before its paragraph
    firsts = (
        start + len(text) - len(text.lstrip())
        for start, text in zip(starts(sentences), sentences, strict=True)
    )
    return [max(bisect_right(paragraphs, first) - 1, 0) for first in firsts]
