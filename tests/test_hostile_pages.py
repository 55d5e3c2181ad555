"""Pages made to break a reader: each gives a verdict and a reason or is given up in one sentence, and none
is read by half without a word."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.errors import FetchError
from monitor.extract import Known, learn, read_page
from monitor.reader import Reader, read
from storage.forms import reading_form
from storage.records import Capture, FetchProblem, Response, Told, Verdict, canonical_json

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UTF_8 = "text/html; charset=utf-8"
UMLAUTS = (
    "<p>Die Bürgermeisterin nannte die Brücke über die Mürz „völlig“ überlastet und will sie schließen.</p>"
)


def told(first: int, last: int) -> str:
    return "".join(
        f"<p>Speaker {number} told the council that the bridge must be closed for {number} weeks.</p>\n"
        for number in range(first, last)
    )


def page(inside: str = "", *, head: str = "") -> str:
    """An article of twenty sentences with something in its middle."""
    return (
        f'<!doctype html><html lang="en"><head><title>Bridge to close</title>{head}</head><body><article>'
        f"<h1>Bridge to close</h1>{told(1, 11)}{inside}{told(11, 21)}</article></body></html>"
    )


def response(body: str | bytes, kind: str | None = UTF_8) -> Response:
    url = "https://gazette.example/bridge"
    headers = () if kind is None else (("Content-Type", kind),)
    whole = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return Response(url=url, final_url=url, status=200, headers=headers, body=whole, fetched_at=NOW)


def sentences(capture: Capture) -> int:
    text = capture.extraction.text if capture.extraction else ""
    return len(set(re.findall(r"Speaker \d+ told the council", text)))


def checked(capture: Capture) -> Capture:
    """Whatever is read has a reason unless it is an article, and can be kept: it is text through and through."""
    assert capture.reasons or capture.verdict is Verdict.ARTICLE
    assert all("\n" not in reason and len(reason) < 400 for reason in capture.reasons)
    if capture.extraction is not None:
        form = canonical_json([reading_form(capture.extraction), capture.extraction.text])
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]|\\u00[01]", form.decode())
    return capture


def is_whole(capture: Capture) -> bool:
    return (checked(capture).verdict, sentences(capture)) == (Verdict.ARTICLE, 20)


@pytest.fixture(scope="module")
def hasty() -> Iterator[Reader]:
    with Reader(workers=1, deadline=2.5) as running:
        yield running


# ---------------------------------------------------------------------- nesting

NESTED = ("div", "b", "font", "a", "table", "section", "ul", "blockquote", "span")


@pytest.mark.parametrize("tag", NESTED)
@pytest.mark.parametrize("depth", [240, 250, 251, 252, 253, 254, 255, 256, 257, 300, 1900])
def test_deep_nesting_loses_nothing(tag: str, depth: int) -> None:
    below = "<p>Below it all the mayor said that he would rather not say anything.</p>"
    capture = read(response(page(f"<{tag}>" * depth + below + f"</{tag}>" * depth)))
    assert is_whole(capture)
    assert tag == "a" or "Below it all" in (capture.extraction.text if capture.extraction else "")


@pytest.mark.parametrize("tag", NESTED)
@pytest.mark.parametrize("depth", [2500, 50_000])
def test_nesting_that_no_parser_follows_is_said_to_be_that(tag: str, depth: int) -> None:
    capture = checked(read(response(page(f"<{tag}>" * depth + "<p>Below.</p>" + f"</{tag}>" * depth))))
    if tag == "a":  # each closes the one before
        assert is_whole(capture)
    else:
        assert capture.verdict is Verdict.SUSPECT
        assert capture.reasons == ("the page cannot be read to its end: it is nested too deep",)


def test_a_million_levels_and_what_is_never_closed() -> None:
    for inside in ("<div>" * 1_000_000, "<table>" * 100_000, "<table><tr><td>" * 100_000):
        assert checked(read(response(page(inside)))).verdict is Verdict.SUSPECT


@pytest.mark.parametrize("unit", ["<p>x</p>", "<a>", "<br>", "<i></i>"])
def test_a_page_of_too_many_elements_is_said_to_be_that(unit: str) -> None:
    capture = checked(read(response(page(unit * 200_000))))
    assert (capture.verdict, capture.extraction and capture.extraction.text) == (Verdict.SUSPECT, "")
    assert capture.reasons == ("the page cannot be read: it has more than 200,000 elements",)


def test_a_second_look_does_not_forget_what_was_not_read() -> None:
    body = response(page("<div>" * 5000)).body
    first = read_page(body, url="https://gazette.example/bridge")
    locator = learn(first, "https://gazette.example/bridge", Told())
    known = Known(locator.form(()), first.extraction) if locator else None
    again = read_page(body, url="https://gazette.example/bridge", known=known)
    assert again.recognised is None
    assert again.troubles == first.troubles != ()


# ---------------------------------------------------------------------- what is never closed


@pytest.mark.parametrize(
    "opening",
    [
        "<!--",
        "<script>",
        "<script>if (a < b) {",
        "<style>",
        "<title>",
        "<textarea>",
        "<noscript>",
        "<iframe>",
        "<noframes>",
        "<template>",
        "<svg>",
        "<math>",
        "<select>",
        "<object>",
        "<button>",
        "<p title='",
        '<a href="/tunnel',
        "<plaintext>",
    ],
)
def test_text_behind_what_is_never_closed_is_missed(opening: str) -> None:
    capture = checked(read(response(page(opening))))
    assert capture.verdict is Verdict.SUSPECT
    assert capture.reasons[0].endswith("its text stands in something that is never closed")


@pytest.mark.parametrize(
    "ending", ["<!-- served in 5 ms", "<script>track()", "<div class='", "<im", "<style>p{}"]
)
def test_a_page_that_breaks_off_behind_its_text_is_whole(ending: str) -> None:
    assert is_whole(read(response(page().replace("</article></body></html>", ending))))


@pytest.mark.parametrize("between", ["</html>", "</body></html><html><body>", "</body></html>\n<!-- end -->"])
def test_text_behind_the_end_is_read(between: str) -> None:
    assert is_whole(read(response(page(between))))


# ---------------------------------------------------------------------- much of something


def many(unit: str, count: int) -> Callable[[], str]:
    return lambda: page(unit * count)


def in_head(head: str) -> Callable[[], str]:
    return lambda: page(head=head)


def linked(script: str) -> Callable[[], str]:
    return in_head(f'<script type="application/ld+json">{script}</script>')


MUCH: dict[str, Callable[[], str]] = {
    "an attribute of 5 MB": lambda: page(f'<p title="{"x " * 2_500_000}">y</p>'),
    "a class of a million names": lambda: page(f'<p class="{"ad-a " * 1_000_000}">y</p>'),
    "a class of 5 MB in one word": lambda: page(f'<p class="{"aA_" * 1_700_000}">y</p>'),
    "a tag's name of 1 MB": lambda: page(f"<{'a' * 1_000_000}>x</p>"),
    "an attribute's name of 1 MB": lambda: page(f"<p {'a' * 1_000_000}=1>x</p>"),
    "an entity's name of 1 MB": lambda: page(f"<p>&{'a' * 1_000_000}; x</p>"),
    "a doctype of 5 MB": lambda: f"<!doctype {'a' * 5_000_000}>{page()}",
    "a processing instruction of 5 MB": lambda: f"<?x {'a' * 5_000_000}>{page()}",
    "a comment of 50 MB": lambda: page(f"<!--{'word ' * 10_000_000}-->"),
    "a script of 50 MB": lambda: page(f"<script>{'word ' * 10_000_000}</script>"),
    "20,000 headings": many("<h2>Another heading stands here</h2>", 20_000),
    "20,000 first headings": many("<h1>Another heading stands here</h1>", 20_000),
    "20,000 times": many("<time class=date>12:30</time>", 20_000),
    "20,000 bylines": many("<span class=byline>by me</span>", 20_000),
    "50,000 asides": many("<aside>x</aside>", 50_000),
    "a row of 50,000 cells": lambda: page(f"<table><tr>{'<td>x</td>' * 50_000}</table>"),
    "100,000 line breaks": many("a<br>", 100_000),
    "20,000 metas": in_head("<meta name=author content='Ann Reed'>" * 20_000),
    "20,000 scripts": linked('{"@type":"Thing"}</script><script type="application/ld+json">' * 20_000),
    "a title of 1 MB": lambda: page().replace("Bridge to close</title>", "gazette | " * 100_000 + "</title>"),
    "a title of 300,000 words": lambda: page("<h1>Another heading</h1>" * 30).replace(
        "<title>Bridge", "<title>" + " ".join(f"w{number}" for number in range(300_000))
    ),
    "JSON lists in lists": linked("[" * 100_000 + "]" * 100_000),
    "JSON nodes in nodes": linked('{"@graph":' * 100_000 + "1" + "}" * 100_000),
    "JSON 400 deep": linked('{"@graph":[' * 400 + '{"@type":"NewsArticle"}' + "]}" * 400),
    "JSON authors in authors": linked('{"@type":"NewsArticle","author":' + "[" * 900 + "]" * 900 + "}"),
    "JSON of 10 MB": linked('{"@type":"NewsArticle","articleBody":"' + "word " * 2_000_000 + '"}'),
    "JSON of 50,000 nodes": linked("[" + '{"@type":"Thing"},' * 50_000 + "1]"),
    "JSON with no numbers": linked('{"@type":"NewsArticle","headline":NaN,"datePublished":-Infinity}'),
    "JSON with a great number": linked('{"@type":"NewsArticle","datePublished":' + "9" * 5000 + "}"),
    "JSON in a circle": linked(
        '{"@id":"a","@type":"NewsArticle","author":{"@id":"a"},"mainEntity":{"@id":"a"}}'
    ),
    "JSON that never ends": linked('{"@type":"NewsArticle","headline":"Bridge to close",' * 20_000),
}


@pytest.mark.parametrize("case", MUCH)
def test_much_of_anything_loses_nothing(case: str) -> None:
    assert is_whole(read(response(MUCH[case]())))


def test_ten_thousand_headings_of_other_stories_are_got_past() -> None:
    tail = "<h2>Related stories</h2><div>x</div>" * 10_000
    checked(read(response(page(told(21, 1000) + tail))))


def test_bombs_of_entities_do_not_go_off() -> None:
    layers = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE html [<!ENTITY a "boom">{layers}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    capture = read(response(bomb + page("<p>Nothing of &j; and &x; is put in its place.</p>")))
    assert is_whole(capture)
    text = capture.extraction.text if capture.extraction else ""
    assert "boomboom" not in text
    assert "root:" not in text


# ---------------------------------------------------------------------- what patterns could stumble over

UNITS = (
    *(
        "a-a-",
        "  a",
        "by ",
        "1:2 3:",
        "::: ",
        "1.1.",
        "Jan ",
        "< ",
        "& ",
        "[",
        "]",
        "(",
        "()",
        "{",
        "_",
        "aA",
        '"',
        ", ",
        "..",
    ),
    *(
        "404 ",
        "you ",
        "é",
        " — ",
        " | ",
        "a@",
        "a@a",
        "\u00a0 ",
        "accept all ",
        "subscribe to ",
        "12:30 Uhr ",
        "a und b, ",
    ),
    *(
        "http://",
        "2024-",
        "1 de ",
        "\n\t",
        "updated ",
        "a version of ",
        "misstated ",
        "日",
        "e\u0301\u0327",
        "1",
        "1/",
    ),
    *(
        "author_",
        "share_",
        "image_",
        "caption-",
        "ad-",
        "--> ",
        '"@type":',
        "class= ",
        "<div id=root ",
        "isAccessibleForFree",
    ),
)
METAS = ("author", "date", "og:title", "description", "article:published_time")
KEYS = ("headline", "author", "datePublished", "description", "correction", "url", "image", "articleSection")


def filled_with(run: str) -> str:
    """A page with the same run as a text, a heading, a byline, a time, a class, a meta, an address and a script."""
    plain = run.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    node = json.dumps({"@type": "Article"} | dict.fromkeys(KEYS, run)).replace("</", "<\\/")
    script = '<script type="application/ld+json">'
    head = "".join(f'<meta name="{name}" content="{plain}">' for name in METAS)
    head += f'{script}{node}</script>{script}x{run.replace("<", "")}x</script><link rel="canonical" href="{plain}">'
    inside = (
        f'<p>{plain}</p><h2>{plain}</h2><div class="byline">{plain}</div><a rel="author">{plain}</a>'
        f'<time class="date" datetime="{plain}">{plain}</time><div class="{plain}" id="{plain}" style="{plain}">'
        f'<span itemprop="author datePublished">{plain}</span></div><i title="{plain}">!</i>'
    )
    return page(inside, head=head)


@pytest.mark.parametrize("unit", UNITS)
def test_a_pattern_gets_past_any_repetition(unit: str) -> None:
    """The runs are long, and just short enough to be looked at."""
    for size in (390, 1900, 40_000):
        run = (unit * size)[:size]
        for body in (filled_with(run), f"<title>{run}</title><h1>{run}</h1><p>{run}</p>", page(run)):
            checked(read(response(body)))


SPACES = " " * 100_000


@pytest.mark.parametrize(
    "text",
    [
        f'"@type":{SPACES}',
        f"isAccessibleForFree:{SPACES}",
        f"-->{SPACES}x",
        f"class={' ' * 9000}" * 20,
        f",{SPACES}",
    ],
)
def test_a_pattern_gets_past_a_run_of_spaces(text: str) -> None:
    assert is_whole(read(response(page(f'<script type="application/ld+json">x{text}x</script>'))))
    assert read(response(page(text), kind=f"text/html; charset={SPACES[:60_000]}")).extraction is not None


# ---------------------------------------------------------------------- letters


@pytest.mark.parametrize(
    "nul", ["bri\0dge", "<p\0>The p</p>", '<p class="a\0b" \0id=x>The p</p>', "</\0p>", "\0" * 9999]
)
def test_nothing_is_lost_at_a_zero(nul: str) -> None:
    assert is_whole(read(response(page(f"<p>The zeros: {nul}.</p>"))))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (page(UMLAUTS).encode("utf-16"), None),
        (page(UMLAUTS).encode("utf-16-le"), None),
        (page(UMLAUTS).encode("utf-16-be"), "text/html"),
        (page(UMLAUTS).encode("utf-16-le"), "text/html; charset=utf-16"),
        (page(UMLAUTS).encode("utf-16-be"), "text/html; charset=utf-16be"),
        (page(UMLAUTS).encode("cp1252"), "text/html; charset=iso-8859-1"),
        (page(UMLAUTS).encode(), "text/html; charset=iso-8859-1"),
        (page(UMLAUTS).encode(), "text/html; charset=utf-16le"),
        (page(UMLAUTS, head="<meta charset=utf-16>").encode(), "text/html"),
        (page(UMLAUTS, head="<meta charset=windows-1251>").encode(), UTF_8),
        (page(UMLAUTS).encode(), "text/html; charset=no-such"),
        (b'<?xml version="1.0"?>' + page(UMLAUTS).encode("latin-1", "replace"), "application/xhtml+xml"),
    ],
)  # fmt: skip
def test_every_letter_is_read(body: bytes, kind: str | None) -> None:
    capture = read(response(body, kind))
    assert is_whole(capture)
    text = capture.extraction.text if capture.extraction else ""
    assert "Die Bürgermeisterin nannte die Brücke über die Mürz" in text


@pytest.mark.parametrize(
    "label",
    "utf-7 utf-16 utf-16le utf-16be utf-32 utf-32-le idna rot13 base64 zlib hex unicode_escape punycode mbcs undefined "
    "utf_8_sig iso-2022-jp hz cp037 cp500 big5 shift_jis x-user-defined replacement uu bz2 no-such ../x \u0131".split(),
)
def test_no_label_makes_an_english_page_unreadable(label: str) -> None:
    assert is_whole(read(response(page(), f"text/html; charset={label}")))
    assert is_whole(read(response(page(head=f"<meta charset={label}>"), None)))


def test_a_page_in_another_encoding_than_it_says_is_no_article() -> None:
    capture = checked(read(response(page(UMLAUTS * 5).encode("cp1252"))))
    assert capture.verdict is Verdict.SUSPECT
    assert "cannot be decoded" in capture.reasons[0]


def test_a_paragraph_of_which_no_letter_is_left_is_missed() -> None:
    lost = "<p>Мост закрыт до пятницы, сообщили в мэрии, паромы ходят без перерыва.</p>".encode("koi8-r")
    capture = checked(read(response(page("@@").encode().replace(b"@@", lost * 3))))
    assert capture.verdict is Verdict.SUSPECT
    assert "cannot be decoded" in capture.reasons[0]


def test_a_few_lost_letters_are_no_reason_to_doubt_a_page() -> None:
    assert is_whole(read(response(page("<p>Some \ufffd\ufffd of old.</p>"))))
    assert is_whole(read(response(page("<script>var a = '" + "\ufffd" * 900 + "'</script>"))))


def test_what_is_no_letter_never_gets_out_of_a_page() -> None:
    bad = "&#0; &#xD800; &#x110000; &#99999999999999; &#xB; &#1; &#xFFFE; \x0b \x01 \ud800 \udfff"
    said = json.dumps(
        {"@type": "NewsArticle", "headline": f"{bad} Bridge", "author": f"Ann{bad}", "correction": bad}
    )
    head = f'<meta name=author content="Ann Reed {bad}"><script type="application/ld+json">{said}</script>'
    capture = read(
        response(page(f"<p>Not {bad} letters at all.</p><p class=byline>By Ann {bad} Reed</p>", head=head))
    )
    assert is_whole(capture)


# ---------------------------------------------------------------------- what is no page


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("bridge.html", page())
    return made.getvalue()


NOISE = bytes(range(256)) * 300


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n" + page().encode(),
        b"\x89PNG\r\n\x1a\n" + NOISE,
        gzip.compress(page().encode()),
        zipped(),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + NOISE,
        b"\x1aE\xdf\xa3" + NOISE,
        b"\x7fELF" + NOISE,
        b"wOF2" + NOISE,
        b"\xff\xfb\x90\x64" + NOISE,
        b"RIFF\0\0\0\0WEBP" + NOISE,
    ],
)
def test_bytes_that_are_no_text_are_no_page(body: bytes) -> None:
    capture = checked(read(response(body, "text/html")))
    assert (capture.verdict, capture.extraction) == (Verdict.NOT_HTML, None)


@pytest.mark.parametrize("root", ["rss", "feed", "RDF:rdf", "urlset", "sitemapindex", "opml"])
def test_a_feed_is_no_page_though_it_has_a_title(root: str) -> None:
    before = '<?xml version="1.0"?>\n<!-- a > b --><!DOCTYPE x><?xml-stylesheet href="a"?>'
    capture = checked(
        read(response(f"{before}<{root} version='2'><title>The Quay</title><p>{told(1, 9)}</p>"))
    )
    assert capture.verdict is Verdict.NOT_HTML


@pytest.mark.parametrize("unit", ["<!---->", "<? >", "<!doctype >", " ", "<!--", "<?xml?> <!---->"])
def test_whatever_stands_before_a_root_is_got_past(unit: str) -> None:
    assert checked(read(response(unit * 5000))).verdict is Verdict.EMPTY


def test_a_text_that_is_longer_than_any_article_is_none() -> None:
    said = "The council met again and put it off. "
    assert is_whole(read(response(page(f"<p>{said * 40_000}</p>"))))
    capture = checked(read(response(page(f"<p>{said * 60_000}</p>"))))
    assert capture.verdict is Verdict.SUSPECT
    assert "no article has more than 2,000,000" in capture.reasons[0]


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \r\n\t",
        "\ufeff",
        "<",
        "<!",
        "<!-- only this -->" * 1000,
        "<" * 1_000_000,
        "<!--" * 250_000,
        "<![CDATA[" * 100_000,
        "<html></html>",
        "<html><frameset cols='50%,50%'><frame src=a><frame src=b></frameset></html>",
        "<p>" + "&" * 100_000,
    ],
)
def test_a_page_without_text_is_empty(body: str) -> None:
    assert checked(read(response(body))).verdict is Verdict.EMPTY


@pytest.mark.parametrize(
    "base", ["javascript:alert(1)", "http://[", "//", "data:text/html,x", "http://" + "a" * 99_999]
)
def test_a_base_leads_nowhere(base: str) -> None:
    capture = read(
        response(
            page(head=f'<base href="{base}"><link rel=canonical href="a/b"><meta name=og:image content=c>')
        )
    )
    assert is_whole(capture)
    assert capture.extraction is not None
    assert capture.extraction.canonical_url in (None, "https://gazette.example/a/b")


# ---------------------------------------------------------------------- what only a child may read


def text_of(megabytes: int, unit: str) -> str:
    return unit * (megabytes * 1_000_000 // len(unit))


GREAT: dict[str, Callable[[], str]] = {
    "100,000 attributes": lambda: page(f"<p {' '.join(f'a{number}=1' for number in range(100_000))}>x</p>"),
    "50 MB in one paragraph": lambda: page(f"<p>{text_of(50, 'The council met. ')}</p>"),
    "50 MB in one word": lambda: page(f"<p>{'x' * 50_000_000}</p>"),
    "20,000 paragraphs, 1,900 deep": lambda: page("<div>" * 1900 + "<p>Text.</p>" * 20_000),
    "500,000 paragraphs": lambda: page("<p>x</p>" * 500_000),
    "1,000,000 links": lambda: page("<a>" * 1_000_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", GREAT)
def test_what_is_too_much_is_given_up_and_the_next_page_is_read(hasty: Reader, case: str) -> None:
    capture, given_up = None, None
    try:
        capture = checked(hasty.read(response(GREAT[case]())))
    except FetchError as error:
        given_up = error
    if given_up is not None:
        assert given_up.problem is FetchProblem.PARSE_KILLED
        assert re.fullmatch(r"Reading https://\S+ took [^.]+ and was given up\.", str(given_up))
    assert capture is None or capture.verdict is not Verdict.ARTICLE or sentences(capture) == 20
    assert is_whole(hasty.read(response(page())))


def test_a_child_reads_what_its_parent_would(hasty: Reader) -> None:
    for body in (
        page("<div>" * 20_000),
        page("<script>"),
        page(SPACES),
        page("\0"),
        "",
        "%PDF-1.7",
        "<" * 1_000_000,
    ):
        answer = response(body)
        ours, theirs = read(answer), checked(hasty.read(answer))
        assert replace(ours, extraction=None) == replace(theirs, extraction=None)
        assert ours.extraction == theirs.extraction
