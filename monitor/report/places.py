"""Where on the diff page each event has its place, as the id of an element there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.report.fields import Field
from monitor.report.passages import Passage
from monitor.report.phrases import in_old_text
from storage.records import Event

_PARAGRAPH = "paragraph "


@dataclass(frozen=True, kw_only=True)
class Places:
    """The places that the page has: its headline, its changed fields and the numbers of its paragraphs."""

    fields: frozenset[str]
    old: frozenset[int]
    new: frozenset[int]

    def of(self, event: Event) -> str | None:
        """The id to link to, or None where the page shows no such place."""
        field = event.where.partition(" ")[0]  # "notice correction" stands among the notices
        if field in self.fields:
            return field
        if not event.where.startswith(_PARAGRAPH):
            return None
        number = event.where.removeprefix(_PARAGRAPH)
        if not (number.isascii() and number.isdigit()):
            return None
        return self._paragraph(int(number), in_old_text(event))

    def _paragraph(self, number: int, old: bool) -> str | None:
        here, prefix = (self.old, "old-") if old else (self.new, "p-")
        return f"{prefix}{number}" if number in here else None


def places(passages: Sequence[Passage], fields: Iterable[Field]) -> Places:
    blocks = [block for passage in passages for block in passage.blocks]
    return Places(
        fields=frozenset({"headline", *(field.name for field in fields)}),
        old=frozenset(number for block in blocks for number in block.old),
        new=frozenset(number for block in blocks for number in block.new),
    )
