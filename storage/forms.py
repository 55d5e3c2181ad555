"""Records in their JSON form, and back: what the ledger hashes, and what a reading looks like as bytes.

A form that was hashed once stays readable for good. Form 2 is today's: a record claims everything that is
kept of a revision but its text, and names that, the bytes received and the answer they came in by digest.
Form 1 is what the first archives hold: the reading was a body of its own, text and all. Knows nothing of
tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from storage.records import (
    Article,
    Assessment,
    Check,
    Disclosure,
    Event,
    EventKind,
    Extraction,
    HostBlocks,
    Link,
    LogEntry,
    Notice,
    NoticeKind,
    Paragraph,
    ParagraphKind,
    Reason,
    Redirect,
    Response,
    Revision,
    ServiceEntry,
    Severity,
    StateEvent,
    TaughtBy,
    WordCount,
    canonical_json,
    fold_spaces,
    sha256,
)

FORM = 2
Form = dict[str, Any]

CAPTURED = "captured"
"""The reason of an entry that is no event: see ``capture_form``."""

KINDS = (
    "headline_changed standfirst_changed byline_changed dateline_changed number_changed quote_changed name_changed "
    "date_changed attribution_changed certainty_changed paragraph_added paragraph_removed paragraph_moved "
    "sentence_rewritten notice_added notice_changed notice_dropped stub_grew typo_fixed style_changed link_changed "
    "caption_changed image_changed live_posts_added headline_test reverted moved_url removed restored blocked "
    "unblocked stalled resumed alternated forgotten"
).split()
"""Which bit stands for which kind of event: new ones go to the end."""


def time_form(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the microsecond where there are any."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def kinds_mask(events: Sequence[Event]) -> int:
    """One bit for every kind among these events."""
    return sum({1 << KINDS.index(event.kind.value) for event in events})


# ---------------------------------------------------------------------- records of the ledger


def revision_form(article: Article, revision: Revision, text: str, received: Form) -> Form:
    """What the ledger says of a revision.

    :param text: digest of its text.
    :param received: what it rests on, see ``received_form``.
    """
    assessment = revision.assessment
    disclosure = assessment.disclosure if assessment else Disclosure.none()
    return {
        "form": FORM,
        "article": article.url,
        "revision": revision.number,
        "reason": revision.reason.value,
        "seen_at": time_form(revision.seen_at),
        "not_seen_before": time_form(revision.not_seen_before),
        "severity": assessment.severity.word if assessment else None,
        "disclosure": [disclosure.notice_changed, disclosure.modified_moved, disclosure.silent],
        "summary": assessment.summary if assessment else "",
        "events": [event_form(event) for event in assessment.events] if assessment else [],
        "words": [revision.words.added, revision.words.deleted, revision.words.kept],
        "reading": reading_form(revision.extraction),
        "text": text,
        **received,
    }


def state_form(article: Article, state_event: StateEvent, received: Form) -> Form:
    """What the ledger says of a state event."""
    event = state_event.event
    return {
        "form": FORM,
        "article": article.url,
        "revision": None,
        "reason": event.kind.value,
        "headline": article.headline,
        "seen_at": time_form(state_event.at),
        "not_seen_before": time_form(state_event.not_seen_before),
        "severity": event.severity.word,
        "events": [event_form(event)],
        **received,
    }


def capture_form(article: Article, check: Check, received: Form) -> Form:
    """What the ledger says of an answer that was kept although nothing was made of it: the first one
    that says so of what may become a state."""
    return {
        "form": FORM,
        "article": article.url,
        "revision": None,
        "reason": CAPTURED,
        "seen_at": time_form(check.at),
        "not_seen_before": time_form(article.last_seen_at),
        "verdict": check.verdict.value if check.verdict else None,
        **received,
    }


def forgotten_form(url: str, at: datetime, because: str, digests: Sequence[str]) -> Form:
    """What the ledger says of an article whose texts were taken out for good.

    :param digests: SHA-256 of every body that was taken out, in hexadecimal.
    """
    said = f"Its texts were taken out for good: {because}"
    event = Event(kind=EventKind.FORGOTTEN, severity=Severity.MINOR, new=said)
    return {
        "form": FORM,
        "article": url,
        "revision": None,
        "reason": event.kind.value,
        "headline": None,
        "seen_at": time_form(at),
        "not_seen_before": None,
        "severity": event.severity.word,
        "events": [event_form(event)],
        "because": because,
        "digests": list(digests),
        **received_form(None),
    }


def service_form(entry: ServiceEntry) -> Form:
    """What the ledger says of the service itself."""
    return {
        "form": FORM,
        "article": None,
        "reason": entry.reason,
        "seen_at": time_form(entry.seen_at),
        "not_seen_before": time_form(entry.not_seen_before),
        "about": dict(entry.about),
    }


def log_entry(form: Form, **place: Any) -> LogEntry:
    """The log entry that a record of an article stands for.

    :param place: what the ledger knows beside it: article_id, source, digest, chain, seq.
    """
    facts = tuple(event_from(event) for event in form["events"])
    is_state = form["revision"] is None
    return LogEntry(
        url=form["article"],
        headline=form["headline"] if "headline" in form else form.get("reading", {}).get("headline"),
        number=form["revision"],
        reason=form["reason"],
        seen_at=_time(form["seen_at"]),
        not_seen_before=parse_time(form["not_seen_before"]),
        severity=Severity.of(form["severity"]) if form["severity"] else None,
        silent=disclosure_from(form).silent,
        summary=(facts[0].new or "" if facts else "") if is_state else form["summary"],
        events=facts,
        words=WordCount() if is_state else _words(form),
        **place,
    )


def revision_from(form: Form, extraction: Extraction, modified_moved: bool | None = None) -> Revision:
    """The revision of a record.

    :param modified_moved: for form 1, whose records do not say.
    """
    assessment = None
    if form["severity"]:
        disclosure = disclosure_from(form, modified_moved)
        assessment = Assessment(
            events=tuple(event_from(event) for event in form["events"]),
            severity=Severity.of(form["severity"]),
            disclosure=disclosure,
            summary=form["summary"],
        )
    return Revision(
        number=form["revision"],
        reason=Reason(form["reason"]),
        seen_at=_time(form["seen_at"]),
        not_seen_before=parse_time(form["not_seen_before"]),
        extraction=extraction,
        assessment=assessment,
        words=_words(form),
    )


def disclosure_from(form: Form, modified_moved: bool | None = None) -> Disclosure:
    if "disclosure" in form:
        notice_changed, modified_moved, silent = form["disclosure"]
        return Disclosure(notice_changed=notice_changed, modified_moved=modified_moved, silent=silent)
    noticed = any(event["kind"].startswith("notice_") for event in form["events"])
    silent = form.get("silent", False)
    return Disclosure(notice_changed=noticed, modified_moved=modified_moved, silent=silent)


def event_form(event: Event) -> dict[str, str | None]:
    return {
        "kind": event.kind.value,
        "severity": event.severity.word,
        "old": event.old,
        "new": event.new,
        "where": event.where,
    }


def event_from(form: Form) -> Event:
    return Event(
        kind=EventKind(form["kind"]),
        severity=Severity.of(form["severity"]),
        old=form["old"],
        new=form["new"],
        where=form["where"],
    )


def _words(form: Form) -> WordCount:
    added, deleted, kept = form["words"]
    return WordCount(added=added, deleted=deleted, kept=kept)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ---------------------------------------------------------------------- what was received


def received_form(response: Response | None) -> Form:
    """All that is kept of an answer, its body by digest. What is usual is left out: no redirect, the
    address asked for answering, nothing asked in particular, no browser."""
    if response is None:
        return {"payload": None}
    answer: Form = {
        "url": response.url,
        "final_url": response.final_url if response.final_url != response.url else None,
        "status": response.status,
        "headers": [list(header) for header in response.headers],
        "redirects": [[hop.status, hop.url] for hop in response.redirects],
        "asked": [list(header) for header in response.asked],
        "fetched_at": time_form(response.fetched_at),
        "browser": response.browser,
        "screenshot": sha256(response.screenshot) if response.screenshot is not None else None,
    }
    return {"payload": response.digest, "answer": {key: value for key, value in answer.items() if value}}


def response_from(answer: Form, body: bytes, screenshot: bytes | None = None) -> Response:
    return Response(
        url=answer["url"],
        final_url=answer.get("final_url") or answer["url"],
        status=answer["status"],
        headers=tuple((name, value) for name, value in answer.get("headers", ())),
        redirects=tuple(Redirect(status=status, url=url) for status, url in answer.get("redirects", ())),
        asked=tuple((name, value) for name, value in answer.get("asked", ())),
        fetched_at=_time(answer["fetched_at"]),
        body=body,
        browser=answer.get("browser"),
        screenshot=screenshot,
    )


# ---------------------------------------------------------------------- what was read


def reading_form(extraction: Extraction) -> Form:
    """A reading without its text: each paragraph says where in the text it stands. What there is none of
    is left out."""
    form: Form = {
        "headline": extraction.headline,
        "standfirst": extraction.standfirst,
        "byline": list(extraction.byline),
        "published_at": time_form(extraction.published_at),
        "modified_at": time_form(extraction.modified_at),
        "language": extraction.language,
        "canonical_url": extraction.canonical_url,
        "section": extraction.section,
        "notices": [[notice.kind, notice.text] for notice in extraction.notices],
        "paragraphs": list(_spans(extraction.text, extraction.paragraphs)),
        "extractor": extraction.extractor,
        "plain": extraction.plain,
        "whole": extraction.whole is not None,
        "image": extraction.image,
        "image_caption": extraction.image_caption,
        "live": extraction.live,
        "links": [[link.paragraph, link.text, link.url] for link in extraction.links],
        "posts": list(extraction.posts),
        "left_out": [[paragraph.kind, paragraph.text] for paragraph in extraction.left_out],
        "told": extraction.told,
    }
    return {key: value for key, value in form.items() if value not in (None, [], False)}


def extraction_of(form: Form, text: str) -> Extraction:
    """The extraction of a reading and its text."""
    paragraphs = tuple(_paragraphs(form.get("paragraphs", ()), text))
    return _extraction(form, paragraphs, text if form.get("whole") else None)


def extraction_from(data: bytes) -> Extraction:
    """The extraction of form 1, which stands in one body with its text."""
    form: Form = json.loads(data)
    paragraphs = (Paragraph(kind=ParagraphKind(kind), text=text) for kind, text in form["paragraphs"])
    return _extraction(form, tuple(paragraphs), form["whole"])


def _extraction(form: Form, paragraphs: tuple[Paragraph, ...], whole: str | None) -> Extraction:
    return Extraction(
        headline=form.get("headline"),
        standfirst=form.get("standfirst"),
        byline=tuple(form.get("byline", ())),
        published_at=parse_time(form.get("published_at")),
        modified_at=parse_time(form.get("modified_at")),
        language=form.get("language"),
        canonical_url=form.get("canonical_url"),
        section=form.get("section"),
        notices=tuple(Notice(kind=NoticeKind(kind), text=text) for kind, text in form.get("notices", ())),
        paragraphs=paragraphs,
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
        plain=form.get("plain", False),
        whole=whole,
    )


def _spans(text: str, paragraphs: Sequence[Paragraph]) -> Iterator[list[Any]]:
    """Each paragraph as ``[kind, characters skipped, length]``, with a 1 behind it where its spaces are
    folded; as ``[kind, text]`` where it does not stand in the text."""
    at = 0
    for paragraph in paragraphs:
        found = _span(text, at, paragraph.text)
        if found is None:
            yield [paragraph.kind, paragraph.text]
            continue
        start, end = found
        exact = text[start:end] == paragraph.text
        yield [paragraph.kind, start - at, end - start] + ([] if exact else [1])
        at = end


def _span(text: str, at: int, words: str) -> tuple[int, int] | None:
    """Where ``words`` stand, behind nothing but white space from ``at`` on."""
    while at < len(text) and text[at].isspace():
        at += 1
    if text.startswith(words, at):
        return at, at + len(words)
    for border in ("\n\n", "\n"):  # most often it is a block or a line whose spaces were folded
        end = text.find(border, at)
        if fold_spaces(text[at : end if end >= 0 else None]) == words:
            return at, at + len(text[at : end if end >= 0 else None].rstrip())
    end = at
    for word in words.split(" "):
        while end < len(text) and text[end].isspace():
            end += 1
        if not text.startswith(word, end):
            return None
        end += len(word)
    return (at, end) if fold_spaces(text[at:end]) == words else None


def _paragraphs(spans: Sequence[list[Any]], text: str) -> Iterator[Paragraph]:
    at = 0
    for kind, *rest in spans:
        if isinstance(rest[0], str):
            yield Paragraph(kind=ParagraphKind(kind), text=rest[0])
            continue
        start = at + rest[0]
        at = start + rest[1]
        words = text[start:at]
        yield Paragraph(kind=ParagraphKind(kind), text=fold_spaces(words) if len(rest) == 3 else words)


# ---------------------------------------------------------------------- what a host repeats


def blocks_form(blocks: HostBlocks) -> dict[str, Any]:
    """Two columns' worth of JSON."""
    recent = [[article.article_id, list(article.keys), article.teaches] for article in blocks.recent]
    return {"learnt": dict(blocks.learnt), "recent": recent}


def blocks_from(learnt: dict[str, str], recent: list[Any]) -> HostBlocks:
    taught = (
        TaughtBy(article_id=number, keys=tuple(keys), teaches=teaches) for number, keys, teaches in recent
    )
    return HostBlocks(learnt=learnt, recent=tuple(taught))


# ---------------------------------------------------------------------- rows of checks


def seal(row: Mapping[str, Any]) -> bytes:
    """The first eight bytes of SHA-256 over what a row of checks says: damage to it shows.

    :param row: all its columns but ``seq`` and ``seal``.
    """
    said = dict(row)
    said |= {"id": bytes(row["id"]).hex(), "at": time_form(row["at"]), "until": time_form(row["until"])}
    return seal_of(said)


def seal_of(said: Mapping[str, Any]) -> bytes:
    """The seal over what a row says, as JSON has it."""
    return bytes.fromhex(sha256(canonical_json(said))[:16])
