"""Plain text into an Extraction: a seed, a baseline, a file of a watched folder.

The text is the whole file. A first block that reads like a headline is one, and stays part of
the text.
"""

from __future__ import annotations

import re

from monitor.extract.notices import find_notices
from storage.records import Extraction, Paragraph, ParagraphKind, fold_spaces

PLAIN_EXTRACTOR = "plain/1"
_LONGEST_HEADLINE = 25


def extract_plain(text: str) -> Extraction:
    """Blocks are divided by blank lines; where there are none, by line ends."""
    blocks = [block for block in re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n")) if block.strip()]
    if len(blocks) == 1:
        blocks = [line for line in blocks[0].split("\n") if line.strip()]
    folded = [fold_spaces(block) for block in blocks]
    headline = folded[0] if len(folded) > 1 and _reads_like_headline(folded[0]) else None
    paragraphs = tuple(
        Paragraph(
            kind=ParagraphKind.HEADING if place == 0 and headline else ParagraphKind.PARAGRAPH, text=block
        )
        for place, block in enumerate(folded)
    )
    return Extraction(
        headline=headline,
        paragraphs=paragraphs,
        extractor=PLAIN_EXTRACTOR,
        notices=find_notices(paragraphs, (), (), live=False),
        plain=True,
        whole=text,
    )


def _reads_like_headline(block: str) -> bool:
    return len(block.split()) <= _LONGEST_HEADLINE and not block.endswith(
        (".", "!", ":", ";", ",", "…", '."', ".”")
    )
