"""Records as JSON-ready dicts, with exactly the fields that other programs rely on.

The text is handed over as it was read, hidden characters and all; ``json_line`` escapes them.
"""

from __future__ import annotations

import json
from typing import Any

from monitor.report.times import rfc3339 as rfc3339
from storage.records import (
    Aligned,
    Assessment,
    Capture,
    CheckEntry,
    Diff,
    Event,
    Extraction,
    Hunk,
    LogEntry,
    WordCount,
)

Json = dict[str, Any]


def json_line(value: object) -> str:
    """The value as JSON on one line, each character that does not print as ``\\uXXXX``: no escape code, no end
    of a line and no turn of the reading direction gets from a page to a terminal or a log. What JSON does
    not know is written as ``str`` has it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return (
        text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    )


def extraction_json(capture: Capture) -> Json:
    """``extract --json``. Where nothing was read, every field is there and empty."""
    read = capture.extraction or Extraction(headline=None, paragraphs=(), extractor="")
    return {
        "verdict": capture.verdict.value,
        "reasons": list(capture.reasons),
        "headline": read.headline,
        "standfirst": read.standfirst,
        "byline": list(read.byline),
        "published_at": rfc3339(read.published_at),
        "modified_at": rfc3339(read.modified_at),
        "language": read.language,
        "canonical_url": read.canonical_url,
        "section": read.section,
        "image": read.image,
        "image_caption": read.image_caption,
        "live": read.live,
        "notices": [{"kind": n.kind.value, "text": n.text} for n in read.notices],
        "paragraphs": [{"kind": p.kind.value, "text": p.text} for p in read.paragraphs],
        "text": read.text,
        "links": [{"paragraph": link.paragraph, "text": link.text, "url": link.url} for link in read.links],
        "posts": list(read.posts),
        "left_out": [{"kind": p.kind.value, "text": p.text} for p in read.left_out],
        "from": dict(read.origins),
        "extractor": read.extractor or None,
    }


def diff_json(diff: Diff, assessment: Assessment, old: Json, new: Json) -> Json:
    """``compare --json`` and ``diff --json``. ``old`` and ``new`` say where the two versions
    come from; the headline and the text that the hunks rebuild are added to them."""
    return {
        "old": old | {"headline": diff.old.headline, "text": "".join(h.old for h in diff.hunks)},
        "new": new | {"headline": diff.new.headline, "text": "".join(h.new for h in diff.hunks)},
        "sentences": [_aligned(aligned) for aligned in diff.sentences],
        "old_sentences": list(diff.old_sentences),
        "new_sentences": list(diff.new_sentences),
        "words": _words(diff.words),
        "hunks": [_hunk(hunk) for hunk in diff.hunks],
        "events": [event_json(event) for event in assessment.events],
        "severity": assessment.severity.word,
        "summary": assessment.summary,
        "disclosure": {
            "notice_changed": assessment.disclosure.notice_changed,
            "modified_moved": assessment.disclosure.modified_moved,
            "silent": assessment.disclosure.silent,
        },
    }


def _aligned(aligned: Aligned) -> Json:
    return {"op": aligned.op.value, "old": list(aligned.old), "new": list(aligned.new)}


def _hunk(hunk: Hunk) -> Json:
    plain: Json = {"op": hunk.op.value, "old": hunk.old, "new": hunk.new}
    return plain if hunk.move is None else plain | {"move": hunk.move}


def _words(words: WordCount) -> Json:
    return {"added": words.added, "deleted": words.deleted, "kept": words.kept}


def event_json(event: Event) -> Json:
    return {
        "kind": event.kind.value,
        "severity": event.severity.word,
        "old": event.old,
        "new": event.new,
        "where": event.where,
    }


def log_json(entry: LogEntry) -> Json:
    """``log --json``, one line of it; ``revision`` is null for a state event."""
    return {
        "article": entry.url,
        "source": entry.source,
        "headline": entry.headline,
        "revision": entry.number,
        "reason": entry.reason,
        "seen_at": rfc3339(entry.seen_at),
        "not_seen_before": rfc3339(entry.not_seen_before),
        "severity": None if entry.severity is None else entry.severity.word,
        "silent": entry.silent,
        "summary": entry.summary,
        "events": [event_json(event) for event in entry.events],
        "words": _words(entry.words),
        "digest": entry.digest,
        "chain": entry.chain,
        "seq": entry.seq,
        "witness": entry.witness,
    }


def check_json(entry: CheckEntry, asked: str) -> Json:
    """``check --json``, one line of it; ``asked`` is the URL that was asked for."""
    check = entry.check
    return {
        "url": asked,
        "article": entry.url,
        "outcome": check.result.value,
        "verdict": None if check.verdict is None else check.verdict.value,
        "status": check.status,
        "revision": entry.revision,
        "error": check.error,
        "ms": check.ms,
    }
