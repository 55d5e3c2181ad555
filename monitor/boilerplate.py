"""Learns which blocks a host repeats over its articles: an appeal, a house rule, a line about the author.

A block that stands in several articles of one host belongs to the host and not to the story; what
is learnt here is told to the extractor, which leaves it out, and says so. (Where that would take
more than a third of an article's words, the extractor leaves nothing out.) Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from monitor.verdict import amount
from storage.records import Extraction, HostBlocks, ParagraphKind, TaughtBy, block_key, fold_spaces

_ARTICLES = 24
_BLOCKS = 80
_TAUGHT_BY = 3
_LEAST_WORDS = 3
_MOST_WORDS = 60
_BEGINNING = 10_000  # letters by which a block is known; whatever is longer is no line that a host repeats
_MOST_LEARNT = 256  # a host that seems to repeat more than this is not understood


def learn(known: HostBlocks, article_id: int, extraction: Extraction) -> HostBlocks:
    """What is known of a host after a revision of one of its articles.

    What was learnt stays learnt: an article must not read in one way today and in another tomorrow.
    Plain text teaches nothing, for its user wrote it so.
    """
    if extraction.plain:
        return known
    blocks = dict(_blocks(extraction))
    others = tuple(article for article in known.recent if article.article_id != article_id)
    own = blocks.keys() - known.learnt.keys()
    teaches = not any(_is_copy(own, article, known.learnt) for article in others if article.teaches)
    entry = TaughtBy(article_id=article_id, keys=tuple(blocks), teaches=teaches)
    recent = (*others, entry)[-_ARTICLES:]
    return HostBlocks(learnt=_learnt(known.learnt, blocks, recent), recent=recent)


def echoes(known: HostBlocks, article_id: int, extraction: Extraction) -> int:
    """How many other recent articles of the host have exactly the blocks that were just read: several,
    where the host answers many addresses with one page that is no article."""
    own = {key for key, _ in _blocks(extraction)}
    others = [set(article.keys) for article in known.recent if article.article_id != article_id]
    return others.count(own) if own and not extraction.plain else 0


def _blocks(extraction: Extraction) -> Iterator[tuple[str, str]]:
    """The blocks that count, by key: left out ones too, but neither headings nor the headline again."""
    headline = block_key(extraction.headline or "")
    paragraphs = (*extraction.paragraphs, *extraction.left_out)
    texts = (p.text[:_BEGINNING] for p in paragraphs if p.kind is not ParagraphKind.HEADING)
    for text in islice((text for text in texts if amount(text) >= _LEAST_WORDS), _BLOCKS):
        key = block_key(text)
        if key != headline:
            yield key, fold_spaces(text)


def _is_copy(own: set[str], other: TaughtBy, learnt: Mapping[str, str]) -> bool:
    """Whether two articles share more than half of what is not the host's: one story, published twice."""
    theirs = set(other.keys) - learnt.keys()
    shared = len(own & theirs)
    return shared * 2 > min(len(own), len(theirs)) and shared > 0


def _learnt(
    learnt: Mapping[str, str], blocks: Mapping[str, str], recent: tuple[TaughtBy, ...]
) -> Mapping[str, str]:
    """What was learnt, and what this article's blocks add to it."""
    taught = [set(article.keys) for article in recent if article.teaches]
    new = {
        key: text
        for key, text in blocks.items()
        if key not in learnt
        and amount(text) <= _MOST_WORDS
        and sum(key in keys for keys in taught) >= _TAUGHT_BY
    }
    room = max(_MOST_LEARNT - len(learnt), 0)
    return {**learnt, **dict(list(new.items())[:room])} if new else learnt
