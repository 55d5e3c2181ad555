"""The pages in a real browser: fit for everyone, within the window, and usable by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from monitor.compare import compare
from monitor.events import assess
from monitor.report import NoLinks, ServerLinks, diff_page
from storage.records import Event, EventKind, Severity
from tests.browser import Looked, chromium, opened, unfit
from tests.test_report_samples import HOSTILE, NEW, OLD, assessment, compared, edited, extraction, head, moved

pytestmark = pytest.mark.slow

INLINE, SIDES = "Inline", "Side by side"


def edited_page() -> str:
    return diff_page(edited(), assessment(), head(), links=ServerLinks())


def moved_page() -> str:
    return diff_page(moved("Alpha was the second to say so."), assessment(), head(), links=NoLinks())


def hostile_page() -> str:
    arabic = "قال مسؤولون إن سبعة أشخاص أصيبوا."
    bad = extraction(
        HOSTILE, arabic, "x" * 400, headline=HOSTILE * 3, standfirst="w" * 300, byline=(HOSTILE,)
    )
    return diff_page(
        compared(extraction("x"), bad), assessment(summary=HOSTILE), head(headline=HOSTILE), links=NoLinks()
    )


def long_page() -> str:
    """Three dozen paragraphs, half of them changed, and as many events."""
    old = [
        f"Paragraph {n} tells of the river, the bridge and {n} trains that stood still." for n in range(36)
    ]
    new = [text.replace("stood still", "ran late") if n % 2 else text for n, text in enumerate(old)]
    diff = compare(
        extraction(*old, *OLD), extraction(*new, *NEW, headline="Another headline about the river")
    )
    found = assess(diff)
    more = [
        Event(
            kind=EventKind.NUMBER_CHANGED,
            severity=Severity.SUBSTANTIVE,
            old=f"{n}",
            new="7",
            where=f"paragraph {n}",
        )
        for n in range(2, 37, 2)
    ]
    judged = assessment(events=(*found.events, *more), summary=found.summary)
    return diff_page(diff, judged, head(), links=ServerLinks())


def same_page() -> str:
    same = compared(edited().new, edited().new)
    return diff_page(same, assess(same), head(), links=ServerLinks())


# (name, maker, the views it has)
PAGES: list[tuple[str, Callable[[], str], tuple[str, ...]]] = [
    ("edited", edited_page, (INLINE, SIDES)),
    ("moved", moved_page, (INLINE, SIDES)),
    ("hostile", hostile_page, (INLINE, SIDES)),
    ("long", long_page, (INLINE, SIDES)),
    ("same", same_page, (INLINE, SIDES)),
]
every_page = pytest.mark.parametrize(
    ("maker", "views"), [page[1:] for page in PAGES], ids=[page[0] for page in PAGES]
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def long(browser: Browser, tmp_path: Path) -> Iterator[Looked]:
    with opened(browser, tmp_path, long_page()) as looked:
        yield looked


def choose(page: Page, view: str) -> None:
    page.get_by_role("radio", name=view).check(force=True)


@every_page
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_is_fit_for_everyone_in_every_view(
    browser: Browser, tmp_path: Path, maker: Callable[[], str], views: tuple[str, ...], dark: bool
) -> None:
    with opened(browser, tmp_path, maker(), dark=dark) as looked:
        for view in views or ("",):
            if view:
                choose(looked.page, view)
            assert unfit(looked.page) == []


@every_page
@pytest.mark.parametrize("width", [320, 768])
def test_a_page_stays_within_the_window_and_asks_for_nothing(
    browser: Browser, tmp_path: Path, maker: Callable[[], str], views: tuple[str, ...], width: int
) -> None:
    with opened(browser, tmp_path, maker(), width=width) as looked:
        for view in views or ("",):
            if view:
                choose(looked.page, view)
            assert looked.page.evaluate("document.documentElement.scrollWidth") <= width
        assert looked.asked == []
        assert looked.complaints == []


def test_the_view_is_changed_by_keyboard(long: Looked) -> None:
    page = long.page
    page.get_by_role("radio", name=INLINE).focus()
    assert page.get_by_role("group", name="View of the text").get_by_role("radio").count() == 2
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name=SIDES).is_checked()
    assert page.locator(".changed > .old").first.is_visible()
    assert not page.locator(".changed > .inline").first.is_visible()
    page.keyboard.press("ArrowLeft")
    assert page.locator(".changed > .inline").first.is_visible()


@pytest.mark.parametrize("view", [INLINE, SIDES])
def test_an_event_leads_to_its_place_in_whichever_view_is_shown(long: Looked, view: str) -> None:
    page = long.page
    choose(page, view)
    page.locator("summary", has_text="Number changed").click()
    page.get_by_role("link", name="Number changed, paragraph 30", exact=True).click()
    row = page.locator(".block:has(#p-30)")
    box = row.bounding_box()
    assert box
    assert box["height"] > 10
    assert -10 < box["y"] < 400


def test_a_stripe_of_the_map_leads_to_its_change(long: Looked) -> None:
    page = long.page
    page.locator(".upright a").nth(12).click()
    box = page.locator(".block:has(:target)").bounding_box()
    assert box
    assert -10 < box["y"] < 900


def test_both_sides_of_a_row_stand_at_one_height(long: Looked) -> None:
    page = long.page
    choose(page, SIDES)
    for row in page.locator(".block.changed").all()[:8]:
        old, new = (row.locator(f"> .{side}").bounding_box() for side in ("old", "new"))
        assert old
        assert new
        assert abs(old["y"] - new["y"]) < 1
        assert old["x"] + old["width"] <= new["x"]


def test_on_a_phone_the_two_sides_stand_one_below_the_other(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, edited_page(), width=390) as looked:
        choose(looked.page, SIDES)
        row = looked.page.locator(".block.changed").first
        old, new = (row.locator(f"> .{side}").bounding_box() for side in ("old", "new"))
        assert old
        assert new
        assert old["y"] + old["height"] <= new["y"]
        assert row.get_by_text("revision 1").is_visible()


def test_a_page_of_many_changes_has_few_tab_stops(long: Looked) -> None:
    stops = 0
    while stops < 100:
        long.page.keyboard.press("Tab")
        if long.page.evaluate("document.activeElement === document.body"):
            break
        stops += 1
    assert 5 < stops < 60


def test_what_is_focused_is_seen_to_be(long: Looked) -> None:
    for _ in range(8):
        long.page.keyboard.press("Tab")
        outline = long.page.evaluate(
            "e => { e = document.activeElement; e = e.labels && e.labels[0] || e;"
            " return getComputedStyle(e).outlineStyle }"
        )
        assert outline == "solid"


@pytest.mark.parametrize("view", [INLINE, SIDES])
def test_paper_shows_the_chosen_view_and_nothing_to_press(long: Looked, view: str) -> None:
    page = long.page
    choose(page, view)
    page.emulate_media(media="print")
    assert not page.locator(".views").is_visible()
    assert not page.locator(".map").is_visible()
    assert page.locator(".changed > .inline").first.is_visible() is (view == INLINE)
    assert page.locator(".changed > .old").first.is_visible() is (view == SIDES)
