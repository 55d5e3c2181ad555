"""Records in their JSON form, and back: what an extraction and a log entry look like as bytes.

These forms are hashed into the chain, so a change to one of them is a change of the archive's
format. Knows nothing of tables.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from storage.records import (
    Event,
    Extraction,
    HostBlocks,
    Link,
    LogEntry,
    Notice,
    NoticeKind,
    Paragraph,
    ParagraphKind,
    TaughtBy,
    canonical_json,
)


def time_form(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the microsecond where there are any."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def extraction_bytes(extraction: Extraction) -> bytes:
    """What later versions learnt to read stands in it only where there is some, so that the bytes of
    an older extraction stay what they were."""
    form: dict[str, object] = {
        "headline": extraction.headline,
        "standfirst": extraction.standfirst,
        "byline": list(extraction.byline),
        "published_at": time_form(extraction.published_at),
        "modified_at": time_form(extraction.modified_at),
        "language": extraction.language,
        "canonical_url": extraction.canonical_url,
        "section": extraction.section,
        "notices": [[notice.kind, notice.text] for notice in extraction.notices],
        "paragraphs": [[paragraph.kind, paragraph.text] for paragraph in extraction.paragraphs],
        "extractor": extraction.extractor,
        "plain": extraction.plain,
        "whole": extraction.whole,
    }
    later = {
        "image": extraction.image,
        "image_caption": extraction.image_caption,
        "live": extraction.live,
        "links": [[link.paragraph, link.text, link.url] for link in extraction.links],
        "posts": list(extraction.posts),
        "left_out": [[paragraph.kind, paragraph.text] for paragraph in extraction.left_out],
        "told": extraction.told,
    }
    return canonical_json(form | {key: value for key, value in later.items() if value})


def extraction_from(data: bytes) -> Extraction:
    form: dict[str, Any] = json.loads(data)
    return Extraction(
        headline=form["headline"],
        standfirst=form["standfirst"],
        byline=tuple(form["byline"]),
        published_at=parse_time(form["published_at"]),
        modified_at=parse_time(form["modified_at"]),
        language=form["language"],
        canonical_url=form["canonical_url"],
        section=form["section"],
        notices=tuple(Notice(kind=NoticeKind(kind), text=text) for kind, text in form["notices"]),
        paragraphs=tuple(Paragraph(kind=ParagraphKind(kind), text=text) for kind, text in form["paragraphs"]),
        extractor=form["extractor"],
        image=form.get("image"),
        image_caption=form.get("image_caption"),
        live=form.get("live", False),
        links=tuple(Link(paragraph=place, text=text, url=url) for place, text, url in form.get("links", ())),
        posts=tuple(form.get("posts", ())),
        left_out=tuple(
            Paragraph(kind=ParagraphKind(kind), text=text) for kind, text in form.get("left_out", ())
        ),
        told=form.get("told", ""),
        plain=form["plain"],
        whole=form["whole"],
    )


def blocks_form(blocks: HostBlocks) -> dict[str, Any]:
    """Two columns' worth of JSON."""
    recent = [[article.article_id, list(article.keys), article.teaches] for article in blocks.recent]
    return {"learnt": dict(blocks.learnt), "recent": recent}


def blocks_from(learnt: dict[str, str], recent: list[Any]) -> HostBlocks:
    taught = (
        TaughtBy(article_id=number, keys=tuple(keys), teaches=teaches) for number, keys, teaches in recent
    )
    return HostBlocks(learnt=learnt, recent=tuple(taught))


def event_form(event: Event) -> dict[str, str | None]:
    return {
        "kind": event.kind.value,
        "severity": event.severity.word,
        "old": event.old,
        "new": event.new,
        "where": event.where,
    }


def entry_bytes(entry: LogEntry, extraction: str | None, payload: str | None) -> bytes:
    """What the chain hashes of one log entry: all that it claims of its article, with the digests
    of the extraction and of the payload that it rests on. The source that watches the article is
    not in it, nor the entry's own digest, chain and place."""
    return canonical_json(
        {
            "article": entry.url,
            "revision": entry.number,
            "reason": entry.reason,
            "seen_at": time_form(entry.seen_at),
            "not_seen_before": time_form(entry.not_seen_before),
            "severity": entry.severity.word if entry.severity else None,
            "silent": entry.silent,
            "summary": entry.summary,
            "events": [event_form(event) for event in entry.events],
            "words": [entry.words.added, entry.words.deleted, entry.words.kept],
            "extraction": extraction,
            "payload": payload,
        }
    )
