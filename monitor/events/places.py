"""Where the sentences and the paragraphs of a text begin, in characters, so that each finds the other."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from storage.records import Extraction

_WORD = re.compile(r"\S+")


def starts(texts: Iterable[str]) -> list[int]:
    """The place of each text where they are joined."""
    return [0, *accumulate(len(text) for text in texts)][:-1]


def paragraph_starts(extraction: Extraction) -> list[int]:
    """The place of each paragraph in the whole text."""
    if extraction.whole is None:
        return starts(f"{paragraph.text}\n\n" for paragraph in extraction.paragraphs)
    # its paragraphs are its blocks with spaces folded: word for word the same
    words = [word.start() for word in _WORD.finditer(extraction.whole)]
    firsts = accumulate((len(paragraph.text.split()) for paragraph in extraction.paragraphs), initial=0)
    return [words[first] if first < len(words) else len(extraction.whole) for first in list(firsts)[:-1]]


def paragraphs_of(extraction: Extraction, sentences: Sequence[str]) -> list[int]:
    """The paragraph that each sentence begins in, counted from 0."""
    paragraphs = paragraph_starts(extraction)
    # a sentence may begin with the spaces before its paragraph
    firsts = (
        start + len(text) - len(text.lstrip())
        for start, text in zip(starts(sentences), sentences, strict=True)
    )
    return [max(bisect_right(paragraphs, first) - 1, 0) for first in firsts]
