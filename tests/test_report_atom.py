"""The Atom entry of a diff and the feed of entries: what RFC 4287 asks, whatever the article says."""

from __future__ import annotations

import random
import re
from datetime import datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from monitor.report import diff_entry, feed
from storage.records import Event, EventKind, Severity
from tests.laws import law
from tests.test_report_samples import AT, assessment, compared, edited, extraction, head

ATOM = {"a": "http://www.w3.org/2005/Atom"}
REPORT = "https://writethru.example/articles/12/diff/1..2"
ANYTHING = st.one_of(
    st.text(st.characters(codec=None), max_size=40),
    st.sampled_from(
        [
            "]]>",
            "<![CDATA[",
            "\x00\x0b\x1f",
            "\ud800",
            "\udfff",
            "\ufffe\uffff",
            "&amp;#0;",
            "</entry>",
            "--",
            "<?x?>",
        ]
    ),
)


def entry(**fields: Any) -> str:
    return diff_entry(edited(), assessment(), head(**fields), seen_at=AT, report=REPORT)


def parsed(text: str) -> Any:
    return etree.fromstring(text.encode())


def texts(tree: Any, path: str) -> list[str]:
    return [
        found if isinstance(found, str) else found.text or "" for found in tree.xpath(path, namespaces=ATOM)
    ]


def test_an_entry_has_what_the_standard_asks_for() -> None:
    tree = parsed(entry())
    for name in ("id", "title", "updated", "published", "summary", "content"):
        assert len(tree.xpath(f"a:{name}", namespaces=ATOM)) == 1
    assert texts(tree, "a:updated") == ["2024-11-17T18:05:00Z"]
    assert texts(tree, "a:author/a:name") == ["Example News"]
    assert texts(tree, "a:link[@rel='alternate']/@href") == [REPORT]
    assert texts(tree, "a:link[@rel='via']/@href") == ["https://news.example/sumy"]
    assert texts(tree, "a:content/@type") == ["html"]


def test_an_entry_carries_its_kinds_and_its_severity_as_categories() -> None:
    terms = texts(parsed(entry()), "a:category/@term")
    assert terms == [
        "number_changed",
        "paragraph_removed",
        "headline_changed",
        "notice_dropped",
        "critical",
        "silent",
    ]


def test_the_same_two_versions_have_the_same_id_and_others_another() -> None:
    one, other = texts(parsed(entry()), "a:id"), texts(parsed(entry(new_number=3)), "a:id")
    later = diff_entry(edited(), assessment(summary="x"), head(headline="y"), seen_at=AT.replace(year=2025))
    assert one == texts(parsed(later), "a:id")
    assert one != other
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one[0]
    )


def test_the_content_is_html_that_reads_in_a_feed_reader() -> None:
    (content,) = texts(parsed(entry()), "a:content")
    assert "<p dir=" in content
    assert not re.search(r"<(ins|del|style|script|html|body|img)\b|class=", content)
    assert "people were killed" in content


def test_two_files_make_an_entry_too() -> None:
    bare = head(url=None, source=None, article_id=None, old_number=None, new_number=None)
    tree = parsed(diff_entry(edited(), assessment(), bare, seen_at=AT))
    assert texts(tree, "a:author/a:name") == ["Writethru"]
    assert texts(tree, "a:link/@href") == []
    assert texts(tree, "a:id")[0].startswith("urn:uuid:")


def test_a_feed_is_one_that_a_feed_reader_takes() -> None:
    text = feed(
        [entry(), entry(new_number=3)],
        id="urn:uuid:0",
        title="All & sundry",
        updated=AT,
        home="https://writethru.example/",
        itself="https://writethru.example/feeds/all.atom",
    )
    read = feedparser.parse(text)
    assert not read.bozo
    assert read.feed.title == "All & sundry"
    assert len({item.id for item in read.entries}) == 2
    assert datetime.fromisoformat(read.entries[0].updated) == AT


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
@law(150)
def test_whatever_the_article_says_the_entry_is_well_formed(
    one: str, two: str, three: str, four: str
) -> None:
    diff = compared(extraction(one, headline=two), extraction(three, one, headline=four, standfirst=two))
    told = Event(kind=EventKind.QUOTE_CHANGED, severity=Severity.MINOR, old=one, new=two, where=three)
    judged = assessment(events=(told,), summary=four)
    made = diff_entry(
        diff,
        judged,
        head(headline=one, source=two, url=three, old_label=four),
        seen_at=AT,
        report="https://a.example/" + one,
    )
    assert texts(parsed(feed([made], id="urn:x", title=one, updated=AT)), "a:entry/a:id")


@pytest.mark.slow
def test_ten_thousand_odd_texts_make_well_formed_entries() -> None:
    """The same without a search for the worst: letters from everywhere, XML's own and such as it cannot hold."""
    chance, judged = random.Random(19), assessment()
    diff = compared(extraction("One ferry is late."), extraction("Two ferries are late."))
    letters = [
        "<",
        ">",
        "&",
        '"',
        "]]>",
        "&#0;",
        *map(chr, range(0x20)),
        "\x7f",
        "\x85",
        "\ud800",
        "\ufffe",
        "\u202e",
    ]

    def odd() -> str:
        return "".join(
            chance.choice((chance.choice(letters), chr(chance.randrange(0x110000)))) for _ in range(12)
        )

    made = [
        diff_entry(
            diff,
            judged,
            head(headline=odd(), source=odd(), url=odd(), old_label=odd(), new_label=odd()),
            seen_at=AT,
            report="https://a.example/",
        )
        for _ in range(2000)
    ]
    assert len(texts(parsed(feed(made, id="urn:x", title=odd(), updated=AT)), "a:entry/a:id")) == 2000
