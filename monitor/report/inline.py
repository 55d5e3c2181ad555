"""Marked runs of words, and a small word diff for the short texts that no hunk covers.

Those are headlines, standfirsts and the inside of a passage that was moved and edited too;
the diff of the article itself is made elsewhere.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

_TOKENS = re.compile(r"\s+|\d[\d.,]*\d|\w+|[^\w\s]")
_WORDS = re.compile(r"\s*\S+\s*")
_MOST_PAIRS = 1_000_000


class Mark(enum.StrEnum):
    KEEP = "keep"
    INSERT = "insert"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Span:
    mark: Mark
    text: str


def word_diff(old: str, new: str) -> tuple[Span, ...]:
    """The two texts as one line of marked spans. Texts too long to compare word by word in
    good time (a million pairs) are shown as one deletion and one insertion."""
    left, right = _TOKENS.findall(old), _TOKENS.findall(new)
    if len(left) * len(right) > _MOST_PAIRS:
        return joined(_changed(old, new))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    spans: list[Span] = []
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            spans.append(Span(mark=Mark.KEEP, text="".join(right[c:d])))
        else:
            spans += _changed("".join(left[a:b]), "".join(right[c:d]))
    return joined(_bridged(spans))


def _changed(old: str, new: str) -> list[Span]:
    spans = (Span(mark=Mark.DELETE, text=old), Span(mark=Mark.INSERT, text=new))
    return [span for span in spans if span.text]


def _bridged(spans: list[Span]) -> Iterator[Span]:
    """A lone space between two changes belongs to both: ``two words`` replaced by two others
    reads as one change."""
    old = new = ""
    for index, span in enumerate(spans):
        inside = 0 < index < len(spans) - 1
        if span.mark is Mark.DELETE:
            old += span.text
        elif span.mark is Mark.INSERT:
            new += span.text
        elif inside and span.text.isspace() and old and new and _both(spans[index + 1 : index + 3]):
            old, new = old + span.text, new + span.text
        else:
            yield from _changed(old, new)
            yield span
            old = new = ""
    yield from _changed(old, new)


def _both(spans: list[Span]) -> bool:
    return {span.mark for span in spans} == {Mark.DELETE, Mark.INSERT}


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same spans with neighbours of one mark made one."""
    result: list[Span] = []
    for span in spans:
        if result and result[-1].mark is span.mark:
            result[-1] = Span(mark=span.mark, text=result[-1].text + span.text)
        elif span.text:
            result.append(span)
    return tuple(result)


def excerpt(spans: Sequence[Span], context: int) -> tuple[Span, ...]:
    """The changes with at most ``context`` unchanged words on either side; ``…`` for the others."""
    cut: list[Span] = []
    for index, span in enumerate(spans):
        if span.mark is Mark.KEEP:
            before, after = context * (index > 0), context * (index < len(spans) - 1)
            span = replace(span, text=_edges(span.text, before, after))
        cut.append(span)
    return joined(cut)


def _edges(text: str, first: int, last: int) -> str:
    """The first and the last words, with their spaces."""
    words = _WORDS.findall(text)
    if len(words) <= first + last + 1:
        return text
    return "".join([*words[:first], "… " if first and last else "…", *words[len(words) - last :]])


@dataclass(frozen=True, kw_only=True)
class Trimmed:
    """A span with the spaces at its edges apart, so that a mark clings to its words."""

    before: str
    text: str
    after: str


_SPACES = (
    " \t\n\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
"""Those that show as a space; Python takes some control characters for spaces too."""


def trimmed(text: str) -> Trimmed:
    """A text of nothing but spaces stays whole, as ``␣``: that is what changed."""
    if not text.strip():
        return Trimmed(before="", text="␣" * bool(text), after="")
    inner = text.strip(_SPACES)
    start = text.index(inner)
    return Trimmed(before=text[:start], text=inner, after=text[start + len(inner) :])


def abuts(before: Span, after: Span) -> bool:
    """Does an insertion follow a deletion so closely that their words would run together?"""
    replaced = before.mark is Mark.DELETE and after.mark is Mark.INSERT
    return replaced and before.text[-1].isalnum() and after.text[0].isalnum()
