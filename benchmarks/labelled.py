"""The labelled pairs of sentences: labels from the project, texts from the folder of the sets.

Knows how a pair was written down and what a page would show of it. Refuses to know what our rules
say of it.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import Row, rows
from monitor.extract.notices import find_notices
from storage.records import (
    EventKind,
    Extraction,
    Link,
    Paragraph,
    ParagraphKind,
    Severity,
    fold_spaces,
    sha256,
)

LABELS = Path(__file__).parent.parent / "tests" / "data" / "events_labels.jsonl"
EXTRACTOR = "labelled/1"
_HEADLINE = "The town hall publishes its plan for the harbour"
_FILLER = "The plan was read out in the old hall, where most of the benches stayed empty."
_DEFINITION = re.compile(r"^ {0,3}\[([^\]^\n][^\]\n]*)\]:\s*<?([^\s>]+)", re.MULTILINE)
_MARKUP = re.compile(
    r"""
      (?P<kept>(?P<ticks>`+)[^`].*?(?P=ticks)|!\[[^\]]*\]\([^)]*\))
    | \[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]
      \(\s*(?P<url>(?:\{\{.*?\}\}|<[^>]*>|[^()\s<]|\([^()\s]*\))*)(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)
    | \[(?P<named>[^\[\]]+)\](?:\[(?P<name>[^\[\]]*)\])?
    | <(?P<bare>(?:https?://|mailto:|/[^\s<>/]+/)[^\s<>]*)>
    | <a\b[^>]*?href\s*=\s*["']?(?P<href>(?:\{\{.*?\}\}|[^"'\s>])+)[^>]*>(?P<inner>.*?)</a>
    | (?P<tag></?[a-zA-Z][^<>]*>)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Side:
    """Where one side of a pair stands: the characters ``start`` to ``end`` of a version's text, and the
    digest of what stood there when it was labelled."""

    version: str | int
    start: int
    end: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a person said of one pair; a side that is None was not there. ``severity`` is None where
    there is no event."""

    id: str
    set: str
    doc: str
    old: Side | None
    new: Side | None
    headline: bool
    kinds: frozenset[EventKind]
    severity: Severity | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One side as a page would show it, with its links (words and target), and as it was written."""

    text: str
    links: tuple[tuple[str, str], ...]
    written: str


class Mismatch(Exception):
    """The data do not hold what was labelled; ``where`` names the pairs and sides."""

    def __init__(self, where: Sequence[str]) -> None:
        super().__init__(f"not what was labelled: {', '.join(where)}")
        self.where = tuple(where)


def labels(path: Path = LABELS) -> list[Label]:
    return [_label(row) for row in rows(path)]


def shown(data: Path, told: Sequence[Label]) -> dict[str, tuple[Shown | None, Shown | None]]:
    """Both sides of each pair by its id.

    :raises Mismatch: a digest is not that of the text, or its document or version is not there.
    """
    texts = _texts(data, {label.set for label in told})
    found: dict[str, tuple[Shown | None, Shown | None]] = {}
    wrong = []
    for label in told:
        sides: list[Shown | None] = []
        for name, side in (("old", label.old), ("new", label.new)):
            whole = texts.get((label.set, label.doc, str(side.version), name), "") if side else ""
            sides.append(_shown(whole, side, label.set) if side else None)
            if side and digest(whole[side.start : side.end]) != side.digest:
                wrong.append(f"{label.id} ({name})")
        found[label.id] = (sides[0], sides[1])
    if wrong:
        raise Mismatch(wrong)
    return found


def extraction(side: Shown | None, *, headline: bool) -> Extraction:
    """An article of one invented paragraph and that side: its headline, or its second paragraph."""
    texts = [_FILLER] if headline or side is None else [_FILLER, fold_spaces(side.text)]
    paragraphs = tuple(Paragraph(kind=ParagraphKind.PARAGRAPH, text=text) for text in texts)
    links = () if headline or side is None else side.links
    title = (fold_spaces(side.text) if side else None) if headline else _HEADLINE
    return Extraction(
        headline=title,
        paragraphs=paragraphs,
        extractor=EXTRACTOR,
        notices=find_notices(paragraphs, (), (), live=False),
        links=tuple(Link(paragraph=1, text=fold_spaces(words), url=url) for words, url in links),
    )


def digest(text: str) -> str:
    """What a side is known by, whatever its white space."""
    return sha256(fold_spaces(text).encode())[:16]


def read_markup(text: str, targets: Mapping[str, str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Markdown as a page shows it, and its links: links become their words, HTML tags and entities go;
    all other marks stay as they are. ``targets`` are those that the document defines elsewhere."""
    links: list[tuple[str, str]] = []

    def read(match: re.Match[str]) -> str:
        words, url = _link(match, targets)
        if url is None:
            return words
        inside, deeper = read_markup(words, targets)
        links.append((inside, html.unescape(url)))
        links.extend(deeper)
        return inside

    return html.unescape(_MARKUP.sub(read, text)), tuple(links)


def _link(match: re.Match[str], targets: Mapping[str, str]) -> tuple[str, str | None]:
    """What is shown of a piece of markup, and where it leads; None: nowhere."""
    part = match.groupdict()
    if part["url"] is not None:
        return part["words"], part["url"].strip("<>")
    if part["named"] is not None:
        url = targets.get((part["name"] or part["named"]).lower())
        return (part["named"], url) if url else (match[0], None)
    if part["bare"] is not None:
        return part["bare"].removeprefix("mailto:"), part["bare"]
    if part["href"] is not None:
        return part["inner"], part["href"]
    return ("", None) if part["tag"] else (match[0], None)


def _shown(whole: str, side: Side, name: str) -> Shown:
    written = whole[side.start : side.end]
    if not name.startswith(("post_", "ota_")):
        return Shown(text=written, links=(), written=written)
    targets = {found[1].lower(): found[2] for found in _DEFINITION.finditer(whole)}
    text, links = read_markup(written, targets)
    return Shown(text=text, links=links, written=written)


def _label(row: Row) -> Label:
    return Label(
        id=row["id"],
        set=row["set"],
        doc=row["doc"],
        old=_side(row["old"]),
        new=_side(row["new"]),
        headline=row["role"] == "headline",
        kinds=frozenset(EventKind(kind) for kind in row["kinds"]),
        severity=Severity.of(row["severity"]) if row["severity"] else None,
    )


def _side(row: Row | None) -> Side | None:
    if row is None:
        return None
    start, end = row["at"]
    return Side(version=row["version"], start=start, end=end, digest=row["digest"])


# ---------------------------------------------------------------------- where the texts stand

_Place = tuple[str, str, str, str]


def _texts(data: Path, names: set[str]) -> dict[_Place, str]:
    """The text of every version, by set, document, version and side."""
    return {(name, *place): text for name in sorted(names) for place, text in _set_texts(data, name)}


def _set_texts(data: Path, name: str) -> Iterator[tuple[tuple[str, str, str], str]]:
    if name.startswith(("post_", "ota_")):
        with gzip.open(data / "B_revisions" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                for side in ("old", "new"):
                    yield (row["doc_id"], str(row["version_no"]), side), row["text"]
        return
    for row in rows(data / "B_pairs" / f"{name}.jsonl"):
        for side in ("old", "new"):
            if row.get("rows"):
                for number, pair in enumerate(row["rows"]):
                    yield (row["doc_id"], f"row {number}", side), pair[side] or ""
            else:
                yield (row.get("arxiv_id") or row["doc_id"], row.get("id", "whole"), side), row[side]
