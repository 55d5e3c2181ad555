"""Pages: their encoding, what is read out of them, and whether a second look reads what a first one would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from urllib.parse import urlsplit

from monitor.config.values import Wrong, selector
from monitor.extract import Known, decode, extract_plain
from monitor.extract.charset import clean, decode_utf8
from monitor.extract.dates import date_in_url, find_date, is_month_first, parse_date
from monitor.reader import read
from storage.forms import extraction_of, reading_form
from storage.records import Capture, Extraction, Response, Selectors, Told, Verdict, block_key, canonical_json
from tests.fuzz.target import Target, parted, text_of
from tests.test_locator import ASIDE, HEAD, LINKED, URL, page

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HTML = "text/html; charset=utf-8"
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SELECTORS = ("body", "remove", "headline", "byline")
_TOLD = re.compile(r"\b(body|remove|headline|byline)=(\S{1,40})")


# ---------------------------------------------------------------------- charset


def charset(data: bytes) -> None:
    """A content type, and a body."""
    kind, body = parted(data)
    found = decode_utf8(body, kind)
    text = found.decode("utf-8")
    assert decode(body, kind) == text
    assert not CONTROLS.search(text)
    assert clean(text) == text
    if kind == HTML and _is_utf8(body) and not body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        assert found == body.translate(None, bytes([*range(9), 11, 12, *range(14, 32), 127]))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# ---------------------------------------------------------------------- one look


def one_look(data: bytes) -> None:
    """A content type and selectors (``body=.story``), and a page."""
    said, body = parted(data)
    line = "".join(c if c.isprintable() else " " for c in said)  # as ``fetch`` hands a header on
    chosen = dict(_TOLD.findall(line))
    told = Told(selectors=Selectors(**chosen)) if chosen and _are_selectors(chosen.values()) else Told()
    capture = read(_response(body, _TOLD.sub("", line).strip() or None), told)
    checked(capture)
    if capture.extraction is not None and capture.extraction.paragraphs:
        key = block_key(capture.extraction.paragraphs[-1].text)
        checked(read(_response(body, HTML), Told(boilerplate=frozenset({key}))))


def _are_selectors(values: Iterable[str]) -> bool:
    """As the configuration asks before it takes one."""
    try:
        return all(selector(value) for value in values)
    except Wrong:
        return False


def checked(capture: Capture) -> None:
    """It has a reason unless it is an article, and what was read is text that can be kept and read again."""
    assert capture.reasons or capture.verdict is Verdict.ARTICLE
    assert all(reason.isprintable() and len(reason) < 400 for reason in capture.reasons), capture.reasons
    if capture.extraction is not None:
        sound(capture.extraction)


def sound(extraction: Extraction) -> None:
    form = canonical_json(reading_form(extraction))
    assert extraction_of(json.loads(form), extraction.text) == extraction
    assert not CONTROLS.search(extraction.text)
    assert not re.search(rb"[\x00-\x1f\x7f]|\\u00[01]", form)
    form.decode("utf-8")
    assert all(p.text.strip() for p in (*extraction.paragraphs, *extraction.left_out))
    assert all(0 <= link.paragraph < len(extraction.paragraphs) for link in extraction.links)
    assert list(extraction.posts) == sorted({*extraction.posts} & {*range(len(extraction.paragraphs))})
    for url in (extraction.canonical_url, extraction.image):
        assert url is None or urlsplit(url).scheme in ("http", "https"), url
    for moment in (extraction.published_at, extraction.modified_at):
        assert moment is None or 1900 <= moment.year <= 2100


def _response(body: bytes, kind: str | None) -> Response:
    headers = () if kind is None else (("Content-Type", kind),)
    return Response(url=URL, final_url=URL, status=200, headers=headers, body=body, fetched_at=NOW)


# ---------------------------------------------------------------------- a second look


def second_look(data: bytes) -> None:
    """Which page was there before, by number, and the page that is there now."""
    line, body = parted(data)
    number = int(line) if re.fullmatch("[0-9]", line) else 0
    before = _known(number % len(PAGES))
    anew = _same(body, before)
    if anew.locator is not None and anew.extraction is not None:
        _same(body, Known(anew.locator, anew.extraction))
        _same(PAGES[number % len(PAGES)], Known(anew.locator, anew.extraction))


def _same(body: bytes, before: Known) -> Capture:
    """What a full look at that page reads, which a second look has to read as well."""
    anew, again = read(_response(body, HTML)), read(_response(body, HTML), known=before)
    assert again.extraction == anew.extraction
    assert (again.verdict, again.reasons) == (anew.verdict, anew.reasons)
    return anew


@cache
def _known(number: int) -> Known:
    first = read(_response(PAGES[number], HTML))
    assert first.locator is not None
    assert first.extraction is not None
    return Known(first.locator, first.extraction)


# ---------------------------------------------------------------------- dates


def dates(data: bytes) -> None:
    """A language, and a text that a date may stand in."""
    language, rest = parted(data)
    text = text_of(rest)
    first = is_month_first(language, text)
    for moment in (
        parse_date(text, month_first=first),
        find_date(text, month_first=first),
        date_in_url(text),
    ):
        if moment is not None:
            assert moment.tzinfo is not None
            assert 1899 <= moment.astimezone(UTC).year <= 2100


# ---------------------------------------------------------------------- to begin with

PAGES = tuple(
    html.encode()
    for html in (
        page(),
        page(text=LINKED, between='<figure><img src="/1.jpg"><figcaption>The bridge.</figcaption></figure>'),
        page(
            before='<p class="update">Updated at 10:04 on March 3, 2026</p>',
            after='<div class="correction">Correction: an earlier version said three piers.</div>',
        ),
    )
)
_LIVE = (
    page(
        head=HEAD.replace("NewsArticle", "LiveBlogPosting"), between='<h2 id="p1">10:14 The bridge shuts</h2>'
    )
    .replace('class="story-body"', 'class="story-body live-blog"')
    .encode()
)
_SMALL = [
    '<html lang="de"><head><meta charset="iso-8859-1"><title>Brücke</title></head><body><h1>Brücke</h1>'
    "<p>Die Brücke über die Mürz ist gesperrt.</p></body></html>".encode("latin-1"),
    b"<html><head><title>Just a moment...</title></head><body><div id='cf-wrapper'>Checking your browser</div></body>",
    b"<html><body><div class='paywall'><p>Subscribe to go on reading.</p></div><script>var a=1</script></body></html>",
    b"<div><table><tr><td><p>One<br>two<ul><li>three</ul><blockquote>four</blockquote><pre>five\n six</pre></table>",
    b'<article itemscope itemtype="http://schema.org/NewsArticle"><h1 itemprop="headline">Old</h1>'
    b'<time itemprop="datePublished" datetime="2024-11-17">17 Nov</time><p itemprop="articleBody">Text &amp; more.</p>',
    b"<svg><title>x</title></svg><template><p>no</p></template><noscript><p>maybe</p></noscript><!-- <p>c</p> -->",
]


def _pages() -> list[bytes]:
    whole = [*PAGES, _LIVE, *_SMALL]
    told = b"text/html body=.story-body headline=h1 byline=.byline remove=aside\n"
    return [HTML.encode() + b"\n" + html for html in whole] + [told + html for html in whole[:2]]


def _bodies() -> list[bytes]:
    text = "<p>Совет города закрыл старый мост “навсегда” — café, Łódź.</p>"
    named = ("utf-8", "cp1251", "koi8-r", "iso-8859-2", "shift_jis", "gb18030", "big5", "euc-kr", "utf-16-le")
    made = [f"text/html; charset={name}\n".encode() + text.encode(name, "replace") for name in named]
    marked = [b"\xef\xbb\xbf" + text.encode(), b"\xff\xfe" + text.encode("utf-16-le")]
    return [*made, *(b"text/html\n" + body for body in marked), b'\n<meta charset="utf-7">+ADw-p+AD4-']


def _dates() -> list[bytes]:
    said = (
        "2024-11-17T18:05:00+01:00|17 November 2024, 6.05 pm GMT|Nov. 17, 2024|1700000000|3/4/2020 10:04 Uhr"
        "|https://paper.example/2024/nov/17/story|le 1er août 2023|2024年11月17日|١٧ نوفمبر ٢٠٢٤|20241117T1805"
        "|Sun Nov 17 18:05:00 UTC 2024|17.11.24, 18:05 +1959|99991231|December 31, 1899"
    )
    return [b"en-US\n" + one.encode() for one in said.split("|")]


def plain(data: bytes) -> None:
    """A file of a watched folder."""
    sound(extract_plain(decode(data)))


_TAGS = tuple(
    f"<{tag}>".encode()
    for tag in "p div article main section h1 h2 ul li blockquote figure figcaption time br table aside pre b".split()
)
_WORDS = (
    *_TAGS, b"</div>", b"</p>", b"</article>", b"<!--", b"-->", b"<![CDATA[", b"<script>", b"</script>", b"&nbsp;",
    b"&#0;", b"&#xD800;", b' class="', b' id="', b' itemprop="articleBody"', b' hidden', b' style="display:none"',
    b'<meta property="og:', b'"@type": "NewsArticle"', b'"articleBody": "', b'"datePublished": "', b'<base href="',
    "“".encode(), "”".encode(), "\u00ad".encode(), "\u200b".encode(), b"Correction: ", b"Updated ", b"<link rel=",
)  # fmt: skip

TARGETS = (
    Target(
        name="charset",
        trial=charset,
        seeds=_bodies,
        guides=("monitor", "charset_normalizer"),
        longest=4096,
        words=(
            b"charset=",
            b"utf-7",
            b"utf-16",
            b"shift_jis",
            b"iso-2022-jp",
            b"hz",
            b"<meta charset=",
            b"\x1b$B",
        ),
    ),
    Target(
        name="page", trial=one_look, seeds=_pages, guides=("monitor", "storage", "soupsieve"), words=_WORDS
    ),
    Target(
        name="second-look",
        trial=second_look,
        seeds=lambda: [b"%d\n" % number + html for number in range(3) for html in PAGES],
        words=(*_WORDS, ASIDE.encode()),
    ),
    Target(
        name="plain",
        trial=plain,
        seeds=lambda: [
            b"A bridge shuts\n\nIt shut on Monday.\n\nUpdated 10:04",
            b"One\r\n \r\ntwo\nthree",
            b"",
        ],
        longest=4096,
    ),
    Target(name="dates", trial=dates, seeds=_dates, longest=256),
)
