"""The mail of a diff: it reads without any style, loads nothing, and has its bounds."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.compare import compare
from monitor.events import assess
from monitor.report import Mail, diff_mail
from storage.records import Assessment, Diff
from tests.laws import law
from tests.test_report_samples import HOSTILE, NEW, OLD, assessment, compared, edited, extraction, head, moved

REPORT = "https://writethru.example/articles/12/diff/1..2"
# What mail programs strip, or would have to load.
STRIPPED = {"ins", "del", "style", "script", "link", "img", "svg", "input", "form", "iframe", "details"}
ANYTHING = st.text(st.characters(codec=None), max_size=60)


class Read(HTMLParser):
    """The tags of a mail, its links, and its text without any style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.hrefs: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.hrefs += [value or "" for name, value in attrs if name in ("href", "src")]
        self.text += " " * (tag in ("p", "td", "li", "h2", "h3", "br"))

    def handle_data(self, data: str) -> None:
        self.text += data


def told(diff: Diff, judged: Assessment | None = None, **more: str) -> Mail:
    return diff_mail(diff, judged or assessment(), head(**more), report=REPORT)


def hostile() -> Mail:
    bad = extraction(HOSTILE, headline=HOSTILE, standfirst=HOSTILE, byline=(HOSTILE,))
    judged = assessment(summary=HOSTILE)
    top = head(headline=HOSTILE, url="javascript:alert(1)", old_label=HOSTILE, source=HOSTILE)
    return diff_mail(compared(extraction("x"), bad), judged, top, report="javascript:alert(2)")


def test_a_mail_says_what_when_how_severe_and_how_silent() -> None:
    text = " ".join(Read(told(edited()).html).text.split())
    for said in (
        "Death toll raised",
        "▲ Critical",
        "Silent edit: no notice",
        "Seen Sun 17 Nov 2024, 18:05:00 UTC",
        "Not seen before Sun 17 Nov 2024, 17:59:00 UTC",
        "Number changed, paragraph 1 [-seven-] → {+eight+}",
        "Headline changed",
    ):
        assert said in text
    order = [
        text.rindex(said)
        for said in ("Death toll raised", "Silent edit", "WHAT CHANGED", "IN THE TEXT", "people were")
    ]
    assert order == sorted(order)


def test_a_mail_reads_without_any_style() -> None:
    text = Read(told(edited()).html).text
    assert "[-Seven-] {+At least eight+} people were killed" in text
    assert (
        "[moved from paragraph 1 and edited:"
        in Read(told(moved("Alpha was the second to say so.")).html).text
    )


def test_only_what_changed_is_in_a_mail_with_a_line_around_it() -> None:
    text = Read(told(edited()).html).text
    assert "…" in text
    assert OLD[2] not in text
    assert OLD[2][-40:] in text


def test_a_mail_has_its_styles_on_the_elements_and_loads_nothing() -> None:
    for mail in (told(edited()), told(moved()), hostile()):
        read = Read(mail.html)
        assert not STRIPPED & set(read.tags)
        assert not {"class", "id"} & read.names
        assert not re.search(r"url\(|@import|<!--", mail.html)


def test_a_mail_links_to_the_article_and_to_the_full_report() -> None:
    assert Read(told(edited()).html).hrefs == [REPORT, "https://news.example/sumy"]
    assert Read(diff_mail(edited(), assessment(), head(url=None)).html).hrefs == []


def test_hostile_text_is_text_in_a_mail() -> None:
    mail = hostile()
    assert Read(mail.html).hrefs == []
    assert "b" not in Read(mail.html).tags
    for part in (mail.subject, mail.html, mail.text):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", part)


def test_the_subject_says_how_severe_what_and_where() -> None:
    judged = assessment(summary="Eight became twelve.")
    assert told(edited(), judged).subject == (
        "Critical, silent: Eight became twelve. | Example News: At least eight dead in Sumy blast"
    )


@given(ANYTHING, ANYTHING, ANYTHING)
@law(100)
def test_the_subject_is_one_short_line_whatever_the_article_says(
    headline: str, summary: str, source: str
) -> None:
    subject = told(edited(), assessment(summary=summary * 5), headline=headline * 3, source=source).subject
    assert len(subject) <= 120
    assert len(subject.splitlines()) == 1
    assert subject.encode()
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", subject)


@pytest.mark.parametrize(
    "filler",
    ["rain bridge council ", "\u200b", "<&>\"'", "a" + "\u0301" * 30, "\u202eevil ", "漢字"],
    ids=["words", "invisible", "markup", "marks", "bidi", "wide"],
)
@pytest.mark.parametrize("paragraphs", [1, 400])
def test_a_mail_is_at_most_sixty_kilobytes_and_says_what_it_leaves_out(filler: str, paragraphs: int) -> None:
    new = [f"{n} {filler * (12_000 // paragraphs)}." for n in range(paragraphs)]
    page = extraction(*new, headline=filler * 200, standfirst=filler * 500, byline=(filler * 300,))
    diff = compare(extraction("It rained."), page)
    mail = diff_mail(diff, assess(diff), head(headline=filler * 200, source=filler * 100), report=REPORT)
    assert len(mail.html.encode()) <= 60_000
    assert len(mail.text.encode()) <= 62_500
    assert mail.html.rstrip().endswith("</html>")
    if paragraphs > 1:
        assert re.search(r"more changed paragraphs are left out here", mail.html)
        assert "The rest of this report is left out" in mail.text


def test_a_mail_without_changes_says_so() -> None:
    same = compare(extraction(*NEW), extraction(*NEW))
    mail = diff_mail(same, assess(same), head())
    assert mail.subject.startswith("Nothing changed. | ")
    assert "IN THE TEXT" not in mail.html
