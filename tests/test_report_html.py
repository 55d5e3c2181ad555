"""The pages: inert whatever the article says, self-contained, and whole."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import monitor.report
from monitor.report import (
    NoLinks,
    ServerLinks,
    article_page,
    diff_page,
    index_page,
    text_page,
)
from monitor.report.html import environment
from monitor.report.links import web_url
from storage.records import Diff, Disclosure, Event, EventKind, Severity
from tests.test_report_samples import (
    AT,
    HOSTILE,
    NEW,
    OLD,
    article,
    assessment,
    check_entry,
    compared,
    edited,
    entry,
    extraction,
    head,
    moved,
    removed_entry,
    revisions,
)

LONDON = ZoneInfo("Europe/London")
TEMPLATES = Path(monitor.report.__file__).parent / "templates"
LINKS = ServerLinks()


class Page(HTMLParser):
    """A page's tags with their attributes, its ids, and the text in each kind of mark."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: dict[str, str] = {"ins": "", "del": ""}
        self._open: list[str] = []
        self.feed(text)
        self.ids = [attrs["id"] for _, attrs in self.tags if "id" in attrs]
        self.hrefs = [attrs["href"] or "" for _, attrs in self.tags if "href" in attrs]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open += [tag] if tag in self.marked else []

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.marked[self._open[-1]] += data


def hostile_pages() -> Iterator[str]:
    bad = extraction(HOSTILE, headline=HOSTILE, standfirst=HOSTILE, byline=(HOSTILE,), language='"><script>')
    event = Event(
        kind=EventKind.QUOTE_CHANGED, severity=Severity.MINOR, old=HOSTILE, new=HOSTILE, where='"><script>'
    )
    judged = assessment(events=(event,), summary=HOSTILE)
    story = article(url="javascript:alert(1)//<script>", source=HOSTILE, headline=HOSTILE)
    line = entry(2, headline=HOSTILE, summary=HOSTILE, source=HOSTILE, url=HOSTILE)
    first, *_ = revisions()
    read = type(first)(number=1, reason=first.reason, seen_at=AT, not_seen_before=None, extraction=bad)
    top = head(headline=HOSTILE, url="javascript:alert(1)", old_label=HOSTILE, source=HOSTILE)
    yield diff_page(compared(extraction("x"), bad), judged, top, links=LINKS)
    yield article_page(story, [line], links=LINKS, checks=[check_entry(error=HOSTILE)])
    yield index_page([story], [line], AT, LINKS)
    yield text_page(story, read, links=LINKS)


def all_pages() -> Iterator[str]:
    yield diff_page(edited(), assessment(), head(zone=LONDON), links=LINKS)
    yield diff_page(moved("Alpha was second."), assessment(), head(), links=NoLinks())
    entries = [entry(1), entry(2), entry(3), removed_entry()]
    yield article_page(article(), entries, links=LINKS, checks=[check_entry()], zone=LONDON)
    yield index_page([article()], entries, AT, LINKS, zone=LONDON)
    yield index_page([], [], AT, LINKS)
    yield from (text_page(article(), each, links=LINKS, numbers=[1, 2, 3]) for each in revisions())


def test_every_template_escapes_and_none_steps_around_it() -> None:
    assert environment().autoescape is True
    files = [path for path in TEMPLATES.iterdir() if path.suffix == ".jinja"]
    assert files
    for path in files:
        assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text()), path.name


def test_hostile_text_makes_no_tag_no_link_and_no_hidden_turn() -> None:
    for text in hostile_pages():
        page = Page(text)
        assert not {"script", "b", "img", "iframe"} & {tag for tag, _ in page.tags}
        assert not any(href.lower().startswith(("javascript", "data")) for href in page.hrefs)
        assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)
        assert "alert(1)" in text
        assert "U+202E</span>" in text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_the_policy_allows_the_stylesheet_by_its_digest_and_nothing_else() -> None:
    for text in (*all_pages(), *hostile_pages()):
        found = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        policy = next(
            attrs["content"] or ""
            for tag, attrs in Page(text).tags
            if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
        assert "unsafe" not in policy


def test_a_page_loads_nothing() -> None:
    for text in all_pages():
        assert not {"link", "img", "script"} & {tag for tag, _ in Page(text).tags}
        assert not re.search(r"@import|url\(", text)


def test_ids_are_unique_and_links_within_a_page_arrive() -> None:
    for text in all_pages():
        page = Page(text)
        assert len(page.ids) == len(set(page.ids))
        assert {href[1:] for href in page.hrefs if href.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize(
    "diff", [edited(), compared(extraction(*OLD, plain=True), extraction(*NEW, plain=True))]
)
def test_the_text_marks_what_the_hunks_mark(diff: Diff) -> None:
    page = Page(diff_page(diff, assessment(events=()), head(), links=LINKS))
    for side, mark in (("new", "ins"), ("old", "del")):
        wanted = [getattr(h, side).strip() for h in diff.hunks if not (h.old and h.new)]
        assert all(words in page.marked[mark] for words in wanted)


def test_events_link_to_their_place_in_the_text() -> None:
    hrefs = Page(diff_page(edited(), assessment(), head(), links=LINKS)).hrefs
    assert {"#p-1", "#old-4", "#headline", "#notice"} <= set(hrefs)


def test_an_event_at_a_place_that_is_not_there_is_no_link() -> None:
    lost = Event(kind=EventKind.NUMBER_CHANGED, severity=Severity.MINOR, where="paragraph 99")
    text = diff_page(edited(), assessment(events=(lost,)), head(), links=LINKS)
    assert "Number changed, paragraph 99" in text
    assert "#p-99" not in text


def test_a_moved_passage_links_its_two_places() -> None:
    page = Page(diff_page(moved("Alpha was the second to say so."), assessment(), head(), links=LINKS))
    assert {"move-1-here", "move-1-away"} <= set(page.ids)
    assert {"#move-1-here", "#move-1-away"} <= set(page.hrefs)
    assert (page.marked["del"][-5:], page.marked["ins"][-6:]) == ("first", "second")


def test_unchanged_passages_are_folded_with_their_words() -> None:
    text = diff_page(edited(), assessment(), head(), links=LINKS)
    assert re.search(r"<summary>(?:<span[^>]*>65 unchanged words</span>){2}</summary>", text)


def test_both_views_stand_on_one_page_without_a_script_and_inline_is_the_first() -> None:
    for text in all_pages():
        page = Page(text)
        views = [attrs for tag, attrs in page.tags if tag == "input"]
        assert [(view["type"], view["id"], "checked" in view) for view in views] in (
            [],
            [("radio", "view-inline", True), ("radio", "view-sides", False)],
        )
        labels = [attrs["for"] for tag, attrs in page.tags if tag == "label"]
        assert labels == [view["id"] for view in views]


def test_every_place_stands_once_and_in_both_views() -> None:
    """An event leads to a row, which holds the paragraph as both views show it."""
    text = diff_page(edited(), assessment(), head(), links=LINKS)
    row = re.search(r'<span class="anchor" id="p-1">.*?(?=<div class="block|</article>)', text, re.DOTALL)
    assert row
    assert all(f'class="cell {view}' in row[0] for view in ("inline", "side old", "side new"))


def test_the_map_adds_no_tab_stop_and_says_in_words_what_it_shows() -> None:
    text = diff_page(edited(), assessment(), head(), links=LINKS)
    for strip in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        assert 'aria-hidden="true"' in strip
        assert strip.count("<a ") == strip.count('tabindex="-1"') > 0
    assert "Change map of 5 paragraphs: 2 edited." in text


def test_many_events_are_gathered_by_kind() -> None:
    many = tuple(
        Event(kind=EventKind.TYPO_FIXED, severity=Severity.COSMETIC, old="a", new="b", where=f"paragraph {n}")
        for n in range(30)
    )
    text = diff_page(edited(), assessment(events=many), head(), links=LINKS)
    assert "Typo fixed, 30 times</summary>" in text
    assert text.count(">Typo fixed, paragraph ") == 30


def test_a_change_that_does_not_show_is_labelled() -> None:
    old, new = (
        extraction(text, "It rained.") for text in ("Russian troops left.", "Rus\u200bsian troops left.")
    )
    text = diff_page(compared(old, new), assessment(events=()), head(), links=LINKS)
    assert "Only characters that do not show were changed." in text
    assert text.count('dir="ltr">Invisible change</span>') == 2
    assert "Only characters" not in diff_page(edited(), assessment(), head(), links=LINKS)


def test_a_word_of_two_alphabets_and_a_pile_of_marks_are_marked() -> None:
    page = extraction("The bаnk said so.", "Za" + "\u0301" * 40 + "lgo")
    text = diff_page(compared(extraction("x"), page), assessment(events=()), head(), links=LINKS)
    assert 'title="A word that mixes two alphabets">Latin + Cyrillic</span>' in text
    assert 'title="More combining marks than are drawn">+32 marks</span>' in text
    assert "\u0301" * 8 in text
    assert "\u0301" * 9 not in text


def test_a_label_of_ours_does_not_turn_the_direction_of_the_text() -> None:
    text = diff_page(moved(), assessment(), head(), links=LINKS)
    assert all('dir="ltr"' in tag for tag in re.findall(r'<\w+ class="(?:way|badge)"[^>]*>', text))


def _contrast(one: str, other: str) -> float:
    """Of two colours ``#rrggbb`` (WCAG 2.2, relative luminance and contrast ratio)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_marked_words_stand_out_enough_to_be_read(scheme: int) -> None:
    """What the accessibility checker cannot tell for marks that have hidden words around them."""
    css = (TEMPLATES / "report.css").read_text()
    palettes = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", palettes[scheme]))
    for ink, paper in (
        ("ink", "paper"), ("muted", "paper"), ("muted", "sheet"), ("link", "paper"), ("ins", "ins-bg"),
        ("del", "del-bg"), ("ins", "paper"), ("del", "paper"), ("move", "move-bg"), ("ink", "move-bg"),
        ("on-chip", "critical"), ("on-chip", "substantive"),
    ):  # fmt: skip
        assert _contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)


def test_a_page_says_when_in_the_readers_zone() -> None:
    summer = head(seen_at=AT.replace(month=7), zone=LONDON)
    text = diff_page(edited(), assessment(), summer, links=LINKS)
    assert '<time datetime="2024-07-17T18:05:00Z">Wed 17 Jul 2024, 19:05:00 BST</time>' in text


def test_silent_is_said_where_it_is_silent_and_only_there() -> None:
    silent = diff_page(edited(), assessment(), head(), links=LINKS)
    told = assessment(disclosure=Disclosure(notice_changed=True, modified_moved=None, silent=False))
    open_edit = diff_page(edited(), told, head(), links=LINKS)
    assert '<span class="chip silent">Silent</span>' in silent
    assert '<span class="chip silent">' not in open_edit
    assert "Not silent: a notice was put on or changed." in open_edit


def test_the_timeline_is_newest_first_and_reaches_every_version() -> None:
    entries = [entry(1), entry(3), removed_entry(), entry(2)]
    text = article_page(article(), entries, links=LINKS)
    places = [text.index(f"<h3>{name}") for name in ("Removed", "Revision 3", "Revision 2", "Revision 1")]
    assert places == sorted(places)
    for path in ("/articles/12/1", "/articles/12/2", "/articles/12/3", "/articles/12/diff/1..2"):
        assert f'href="{path}"' in text
    assert 'href="/articles/12/diff/1..3"' in text


def test_files_compared_without_a_database_make_a_page_without_site_links() -> None:
    bare = head(
        url=None, article_id=None, old_number=None, new_number=None, old_label="a.txt", new_label="b.txt"
    )
    page = Page(diff_page(edited(), assessment(), bare, links=NoLinks()))
    assert all(href.startswith("#") for href in page.hrefs)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "https:///x", "http://[",
     "java\nscript:x", "https://a.example/\u202e", " https://a.example", "mailto:a@b.example", ""],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_url(url) is None
    assert web_url("https://news.example/a?b=c") == "https://news.example/a?b=c"
