"""A diff as an Atom entry (RFC 4287), and entries as a feed.

Well-formed whatever the article says: the XML is built by lxml, from text without the characters
that XML 1.0 cannot hold.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from lxml import etree

from monitor.report import phrases
from monitor.report.brief import brief, subject
from monitor.report.head import Head
from monitor.report.headline import headline_of
from monitor.report.links import web_url
from monitor.report.times import stamp
from monitor.report.visible import clean
from storage.records import Assessment, Diff

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
_LONGEST_TITLE = 200
_LONGEST_CONTENT = 60_000


def diff_entry(
    diff: Diff, assessment: Assessment, head: Head, *, seen_at: datetime, report: str | None = None
) -> str:
    """One ``<entry>``. Its id is the same for the same two versions, whenever and wherever it is made.

    :param seen_at: when the new version was seen.
    :param report: the address of the full report.
    """
    headline = headline_of(diff, head).now
    entry = _element("entry")
    _add(entry, "id", _id(diff, head))
    _add(entry, "title", subject(assessment, head, headline, _LONGEST_TITLE), type="text")
    _add(entry, "updated", stamp(seen_at))
    _add(entry, "published", stamp(seen_at))
    _add(_add(entry, "author"), "name", clean(head.source or "Writethru"))
    for rel, href in _links(head.url, report):
        _add(entry, "link", rel=rel, href=href)
    for term, label in _categories(assessment):
        _add(entry, "category", term=term, label=label)
    _add(entry, "summary", clean(assessment.summary), type="text")
    content = brief(
        diff, assessment, head, template="brief.html.jinja", report=report, longest=_LONGEST_CONTENT
    )
    _add(entry, "content", content, type="html")
    return etree.tostring(entry, encoding="unicode") + "\n"


def feed(
    entries: Sequence[str],
    *,
    id: str,
    title: str,
    updated: datetime,
    home: str | None = None,
    itself: str | None = None,
) -> str:
    """A feed of entries that were made here. ``id`` is the feed's own, for good; ``home`` the page
    it belongs to and ``itself`` where it is served."""
    made = _element("feed")
    _add(made, "id", id)
    _add(made, "title", clean(title), type="text")
    _add(made, "updated", stamp(updated))
    _add(_add(made, "author"), "name", "Writethru")
    for rel, href in (("self", itself), ("alternate", home)):
        if href:
            _add(made, "link", rel=rel, href=href)
    for entry in entries:
        made.append(etree.fromstring(entry))
    return "<?xml version='1.0' encoding='utf-8'?>\n" + etree.tostring(made, encoding="unicode") + "\n"


def _id(diff: Diff, head: Head) -> str:
    """A name-based UUID (RFC 9562, 5.5) of the article and the two versions; of two files, of their texts."""
    known = head.url is not None and head.old_number is not None and head.new_number is not None
    versions = (head.old_number, head.new_number) if known else (diff.old.text_digest, diff.new.text_digest)
    name = " ".join(str(part) for part in (head.url, *versions))
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, _xml(name))}"


def _links(url: str | None, report: str | None) -> Iterator[tuple[str, str]]:
    """The report is what the entry is about and the article is where that came from; without a
    report the article stands for both."""
    article = web_url(url)
    if report or article:
        yield "alternate", report or article or ""
    if article:
        yield "via", article


def _categories(assessment: Assessment) -> Iterator[tuple[str, str]]:
    labels = {
        event.kind.value: phrases.sentence_case(phrases.spaced(event.kind)) for event in assessment.events
    }
    yield from labels.items()
    if assessment.events:
        yield assessment.severity.word, phrases.sentence_case(assessment.severity.word)
    if assessment.disclosure.silent:
        yield "silent", "Silent"


def _element(name: str) -> etree._Element:
    return etree.Element(f"{{{_ATOM}}}{name}", nsmap={None: _ATOM})


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(
        parent, f"{{{_ATOM}}}{name}", {key: _xml(value) for key, value in attributes.items()}
    )
    child.text = None if text is None else _xml(text)
    return child


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
