"""Two versions of a text: how they are compared, what is told of that, and in what forms it is shown.

An input is two versions, ``====`` between them. In each, lines that begin with a sign are fields of the
article and not of its text: ``#`` the headline, ``>`` the standfirst, ``@`` an author, ``!`` a notice.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

from lxml import etree

from monitor.compare import compare
from monitor.events import assess
from monitor.extract import extract_plain
from monitor.extract.charset import clean
from monitor.report import (
    Head,
    ServerLinks,
    diff_entry,
    diff_json,
    diff_mail,
    diff_markdown,
    diff_page,
    diff_text,
    diff_unified,
    feed,
    text_page,
)
from storage.forms import extraction_of, reading_form
from storage.records import (
    Assessment,
    Diff,
    Extraction,
    HunkOp,
    Notice,
    NoticeKind,
    Paragraph,
    ParagraphKind,
    Reason,
    Revision,
    Severity,
    canonical_json,
    fold_spaces,
)
from tests.fuzz.target import Target, text_of
from tests.test_report_samples import AT, HOSTILE, article

SEEDS = Path(__file__).parents[2] / "seeds"
BETWEEN = "\n====\n"
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def versions(data: bytes) -> tuple[Extraction, Extraction]:
    """The two versions that an input is."""
    text = text_of(data)
    old, _, new = text.partition(BETWEEN)
    return version(old), version(new)


def version(text: str) -> Extraction:
    """One of them: a file as it stands where it begins with a tilde, else a page."""
    if text.startswith("~"):
        return extract_plain(text[1:])
    lines = text.splitlines()
    fields: dict[str, list[str]] = {sign: [] for sign in "#>@!"}
    blocks: list[str] = []
    for line in lines:
        said = fold_spaces(line)
        if said[:1] in fields and said[1:].strip():
            fields[said[0]].append(said[1:].strip())
        elif said:
            blocks.append(said)
    kinds = tuple(ParagraphKind)
    return Extraction(
        headline=next(iter(fields["#"]), None),
        standfirst=next(iter(fields[">"]), None),
        byline=tuple(fields["@"]),
        notices=tuple(Notice(kind=NoticeKind.UPDATE, text=said) for said in fields["!"]),
        modified_at=datetime(2026, 3, 2, len(text) % 24, tzinfo=UTC) if fields["!"] else None,
        paragraphs=tuple(Paragraph(kind=kinds[len(block) % len(kinds)], text=block) for block in blocks),
        extractor="page/3",
        live=text.startswith("#live"),
    )


# ---------------------------------------------------------------------- comparing


def comparing(data: bytes) -> None:
    compared(*versions(data))


def compared(old: Extraction, new: Extraction) -> tuple[Diff, Assessment]:
    """Both texts are in the hunks and in the sentences, each once; a version differs from itself in nothing."""
    diff, back = compare(old, new), compare(new, old)
    _rebuilds(diff)
    assert [(h.old, h.new) for h in diff.hunks] == [(h.new, h.old) for h in back.hunks]
    assert (diff.words.added, diff.words.deleted) == (back.words.deleted, back.words.added)
    found = assess(diff)
    assert found == assess(compare(old, new))
    _told(diff, found)
    for side in (old, new):
        itself = compare(side, side)
        assert itself.is_empty
        assert {hunk.op for hunk in itself.hunks} <= {HunkOp.KEEP}
        assert assess(itself).events == ()
    return diff, found


def _rebuilds(diff: Diff) -> None:
    assert "".join(hunk.old for hunk in diff.hunks) == diff.old.text == "".join(diff.old_sentences)
    assert "".join(hunk.new for hunk in diff.hunks) == diff.new.text == "".join(diff.new_sentences)
    assert sorted(i for g in diff.sentences for i in g.old) == list(range(len(diff.old_sentences)))
    assert sorted(j for g in diff.sentences for j in g.new) == list(range(len(diff.new_sentences)))
    moves = [hunk for hunk in diff.hunks if hunk.op is HunkOp.MOVE]
    left, came = Counter(h.move for h in moves if h.old), Counter(h.move for h in moves if h.new)
    assert left == came
    assert set(left.values()) <= {1}
    for hunk in diff.hunks:
        if hunk.op is not HunkOp.MOVE:
            assert bool(hunk.old) is (hunk.op is not HunkOp.INSERT)
            assert bool(hunk.new) is (hunk.op is not HunkOp.DELETE)


def _told(diff: Diff, found: Assessment) -> None:
    """The worst of the events is the severity, and each says where it stands; there is a sentence about it."""
    worst = max((event.severity for event in found.events), default=Severity.COSMETIC)
    assert found.severity is worst
    assert found.summary.strip()
    for event in found.events:
        assert re.fullmatch(
            r"headline|standfirst|byline|dateline|notice( [a-z_]+)?|article|image|caption|paragraph [1-9]\d*",
            event.where,
        ), event
    if not found.events:
        assert diff.words.added == diff.words.deleted == 0 or diff.old.text_digest != diff.new.text_digest


# ---------------------------------------------------------------------- showing


def showing(data: bytes) -> None:
    shown(*versions(data))


def shown(old: Extraction, new: Extraction) -> None:
    """Every form is what it says it is, and nothing of the article is more in it than text."""
    diff = compare(old, new)
    found = assess(diff)
    said = (new.headline or new.text)[:200]
    head = Head(headline=said, url=said, source=said[:60], old_seen_at=AT, seen_at=AT, article_id=12, old_number=1,
                new_number=2, revisions=2, witness=said)  # fmt: skip
    mail = diff_mail(diff, found, head, report=said)
    assert len(mail.subject) <= 120
    assert mail.subject.splitlines() == [mail.subject]
    _visible(mail.subject)
    assert max(len(mail.html.encode()), len(mail.text.encode())) <= 70_000
    revision = Revision(number=2, reason=Reason.EDIT, seen_at=AT, not_seen_before=AT, extraction=new)
    pages = [diff_page(diff, found, head, links=ServerLinks())]
    pages += [text_page(article(headline=said), revision, links=ServerLinks(), numbers=[1, 2])]
    for html in (*pages, mail.html):
        _inert(html)
    plain = [mail.text, diff_markdown(diff, found, head), diff_unified(diff, head)]
    plain += [diff_text(diff, found, head, colour=False)]
    plain += [_COLOUR.sub("", diff_text(diff, found, head, colour=True))]
    for text in plain:
        _visible(text)
    entry = diff_entry(diff, found, head, seen_at=AT, report=said)
    tree = etree.fromstring(feed([entry], id="urn:a", title=said, updated=AT).encode())
    for text in tree.itertext():
        _visible(text)
    form = json.dumps(diff_json(diff, found, {}, {}))
    assert "".join(hunk["new"] for hunk in json.loads(form)["hunks"]) == new.text


def _visible(text: str) -> None:
    found = _HIDDEN.search(text)
    assert found is None, f"U+{ord(found[0]):04X} at {text[max(0, found.start() - 30) : found.end() + 30]!r}"


def _inert(html: str) -> None:
    _visible(html)
    for tag, attributes in _Tags(html).found:
        assert tag not in ("script", "img", "iframe", "object", "embed", "form", "base"), tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            assert name not in ("src", "srcdoc", "formaction"), name
            if name == "href":
                assert re.match(r"https?://|[/#]|\.\.?/", value or ""), value


class _Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


# ---------------------------------------------------------------------- keeping


def keeping(data: bytes) -> None:
    """What was read is the same when it is read back, and so is its canonical form; text that nobody cleaned too."""
    for one in (*versions(data), version(data.decode("utf-8", "surrogateescape"))):
        kept(one)
    assert clean(text_of(data)) == text_of(data)


def kept(extraction: Extraction) -> None:
    form = canonical_json(reading_form(extraction))
    back = extraction_of(json.loads(form), extraction.text)
    assert back == extraction
    assert back.text == extraction.text
    assert back.text_digest == extraction.text_digest
    assert canonical_json(reading_form(back)) == form


# ---------------------------------------------------------------------- to begin with


def pairs() -> list[bytes]:
    return [BETWEEN.join(pair).encode() for pair in _pairs()]


def _pairs() -> Iterator[tuple[str, str]]:
    told = [path.read_text(encoding="utf-8")[:1500] for path in sorted(SEEDS.glob("*.txt"))]
    for before, after in pairwise(told):
        yield "~" + before, "~" + after
    lines = told[0].split("\n\n") if told else ["One. Two.", "Three said."]
    yield "\n".join(lines), "\n".join(reversed(lines))
    yield (
        "#Seven dead\n>At least seven\n@Ada Merrow\n!Breaking\nSeven died on Tuesday.\n“We saw it,” he said.",
        "#Nine dead\n@Ilan Broom\n!Correction: it was nine\nNine died, allegedly.\n“We saw it not,” she said.",
    )
    yield (
        "#live\n10:14 The bridge shuts\nNo cars.",
        "#live\n10:30 It opens\nCars.\n10:14 The bridge shuts\nNo cars.",
    )
    yield (
        f"#{HOSTILE}\n{HOSTILE} cost $3.5bn in 2019.",
        f"#{HOSTILE}!\n{HOSTILE} cost £3,500 million in 2020.",
    )
    yield "", "~"
    yield "~One.\n\nTwo\n", "~\n\nTwo\r\n \nOne."


_WORDS: Sequence[bytes] = tuple(
    word.encode()
    for word in (
        "====|\n====\n|#|>|@|!|~|“|”|‘|’|—|…|\u00a0|\u00ad|\u200b|\u200d|\u202e|\u2028|\ufeff|\u0301|é|字|İ|ß|ſ|ﬁ|½|٣|"
        "not |allegedly |said |per cent|%|$|million|bn|twenty-one|1,200|3.5|2019|Tuesday|May 3|a.m.|Mr. |U.S. |Dr. |"
        "<script>|</p>|&amp;|javascript:|http://a.example/|[x](|`|*|_|- |1. |]]>|<!--|Correction: |Updated |10:14 "
    ).split("|")
)

TARGETS: tuple[Target, ...] = (
    Target(name="compare", trial=comparing, seeds=pairs, longest=4096, words=tuple(_WORDS)),
    Target(
        name="report",
        trial=showing,
        seeds=pairs,
        longest=3072,
        words=tuple(_WORDS),
    ),
    Target(name="records", trial=keeping, seeds=pairs, longest=4096),
)
