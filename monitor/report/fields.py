"""The parts of an article that stand outside its text, where they changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.report.inline import Span, word_diff
from storage.records import Diff, Extraction, fold_spaces


@dataclass(frozen=True, kw_only=True)
class Field:
    """``name`` is what an event calls the place: ``headline``, ``byline``, ``notice`` ..."""

    name: str
    spans: tuple[Span, ...]


def changed_fields(diff: Diff) -> tuple[Field, ...]:
    """Headline, standfirst, byline, the picture's caption and notices with their words compared. A
    plain text has its headline in the text, and knows nothing of the rest."""
    return tuple(_changed(diff))


def _changed(diff: Diff) -> Iterator[Field]:
    old, new = diff.old, diff.new
    if not (old.plain and new.plain):
        yield from _field("headline", [old.headline], [new.headline])
    if not (old.plain or new.plain):
        yield from _field("standfirst", [old.standfirst], [new.standfirst])
        yield from _field("byline", old.byline, new.byline)
        yield from _field("caption", [_caption(old)], [_caption(new)])
        yield from _field("notice", [n.text for n in old.notices], [n.text for n in new.notices])


def _caption(extraction: Extraction) -> str | None:
    """The caption of the lead picture, where it does not stand in the text too."""
    caption = extraction.image_caption
    return None if caption and fold_spaces(caption) in fold_spaces(extraction.text) else caption


def _field(name: str, old: Iterable[str | None], new: Iterable[str | None]) -> Iterator[Field]:
    before, after = (" · ".join(filter(None, side)) for side in (old, new))
    if before != after:
        yield Field(name=name, spans=word_diff(before, after))
