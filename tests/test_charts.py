"""The charts: what counts, how it is put into words, and that drawings are inert and repeatable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.report import ServerLinks, charts_page
from monitor.report.bins import Unit, binned
from monitor.report.charts import Chart, charts, share
from monitor.report.drawing import Bar, Shape, flat, upright
from monitor.report.tally import LATER, Count, Tally, publication
from storage.records import LogEntry, Reason, Severity
from tests.test_report_html import Page
from tests.test_report_samples import AT, HOSTILE, article, entry, extraction, removed_entry, revisions

BERLIN = ZoneInfo("Europe/Berlin")
IDS = ["over-time", "after-publication", "by-outlet", "silent-over-time", "silent-by-outlet"]


def _entry(after: timedelta = timedelta(0), **fields: Any) -> LogEntry:
    return entry(2, seen_at=AT + after, **({"silent": False} | fields))


def _tally(*entries: LogEntry, published_at: datetime | None = AT, **about: Any) -> Tally:
    tally = Tally()
    tally.add(article(**about), entries, published_at)
    return tally


def _outlets(*sizes: int) -> Tally:
    """Outlet 0 with so many revisions, outlet 1 with so many, and so on; every other one silent."""
    tally = Tally()
    for number, size in enumerate(sizes):
        made = [_entry(timedelta(hours=n), silent=n % 2 == 0) for n in range(size)]
        tally.add(article(source=f"Outlet {number}", host=f"outlet{number}.example"), made, AT)
    return tally


def _drawn(tally: Tally) -> dict[str, Chart]:
    return {chart.id: chart for chart in charts(tally, UTC)}


def _shapes(shape: Shape) -> Iterator[Shape]:
    yield shape
    for inner in shape.inside:
        yield from _shapes(inner)


def _rects(chart: Chart) -> list[Shape]:
    assert chart.drawing is not None
    return [shape for shape in _shapes(chart.drawing) if shape.tag == "rect"]


def _words(shape: Shape) -> list[str]:
    return [each.text for each in _shapes(shape) if each.tag == "text"]


# ---------------------------------------------------------------------- what counts


@pytest.mark.parametrize("reason", list(Reason))
def test_only_what_an_outlet_did_counts(reason: Reason) -> None:
    counted = reason in (Reason.EDIT, Reason.REVERT)
    assert _tally(_entry(reason=reason)).total.revisions == counted


def test_a_change_of_state_is_no_revision() -> None:
    assert _tally(removed_entry()).total == Count()
    assert charts(_tally(removed_entry()), UTC) == ()


def test_silent_is_counted_among_the_substantive() -> None:
    severities = [Severity.COSMETIC, Severity.MINOR, Severity.SUBSTANTIVE, Severity.CRITICAL]
    tally = _tally(*(_entry(severity=severity, silent=True) for severity in severities))
    assert tally.total == Count(revisions=4, substantive=2, silent=2)


@pytest.mark.parametrize(
    ("passed", "age"),
    [
        (timedelta(minutes=59), 0),
        (timedelta(hours=1), 1),
        (timedelta(hours=23, minutes=59), 23),
        (timedelta(hours=24), 24),
        (timedelta(days=2), 25),
        (timedelta(days=6, hours=23), LATER - 1),
        (timedelta(days=7), LATER),
        (timedelta(days=900), LATER),
    ],
)
def test_an_age_is_an_hour_then_a_day_then_later(passed: timedelta, age: int) -> None:
    assert dict(_tally(_entry(passed)).ages) == {age: 1}


@pytest.mark.parametrize("published_at", [None, AT + timedelta(days=1)])
def test_without_a_believable_publication_age_counts_from_the_finding(published_at: datetime | None) -> None:
    found = AT - timedelta(hours=2)
    tally = _tally(_entry(), published_at=published_at, found_at=found)
    assert dict(tally.ages) == {2: 1}
    assert tally.undated == 1
    assert "1 of them counts from when the article was found" in _drawn(tally)["after-publication"].said[1]


def test_publication_is_what_the_first_version_that_says_so_says() -> None:
    first, second, _ = revisions()
    told = replace(second, extraction=extraction("x", published_at=AT))
    assert publication(first, told) == AT
    assert publication(None, first) is None


def test_an_outlet_is_its_source_or_its_host_where_a_source_has_several() -> None:
    tally = Tally()
    for source, host in (("wire", "a.example"), ("wire", "b.example"), ("The Quay", "quay.example")):
        tally.add(article(source=source, host=host), [_entry()], AT)
    tally.add(article(source="https://quay.example/one", host="quay.example"), [_entry()], AT)
    assert {name: count.revisions for name, count in tally.outlets().items()} == {
        "a.example": 1,
        "b.example": 1,
        "The Quay": 1,
        "quay.example": 1,
    }


# ---------------------------------------------------------------------- bins


@pytest.mark.parametrize(
    ("span", "unit"),
    [
        (timedelta(hours=71), Unit.HOUR),
        (timedelta(hours=72), Unit.DAY),
        (timedelta(days=91), Unit.DAY),
        (timedelta(days=92), Unit.WEEK),
        (timedelta(days=800), Unit.MONTH),
        (timedelta(days=5000), Unit.YEAR),
    ],
)
def test_bins_are_hours_for_less_than_three_days_and_never_hairlines(span: timedelta, unit: Unit) -> None:
    one = Count(revisions=1)
    found, bins = binned({AT: one, AT + span: one}, BERLIN)
    assert found is unit
    assert len(bins) <= 130
    assert sum(each.count.revisions for each in bins) == 2


def test_a_day_begins_at_midnight_of_the_reader() -> None:
    late = datetime(2024, 11, 17, 23, 30, tzinfo=UTC)
    _, bins = binned({late: Count(revisions=1), late + timedelta(days=4): Count(revisions=1)}, BERLIN)
    assert [each.name for each in bins][:1] == ["Mon 18 Nov 2024"]
    assert len(bins) == 5


def test_the_hour_that_the_clock_shows_twice_is_two_hours() -> None:
    first = datetime(2024, 10, 27, 0, tzinfo=UTC)
    one = Count(revisions=1)
    _, bins = binned({first: one, first + timedelta(hours=1): one}, BERLIN)
    assert [each.label for each in bins] == ["02:00", "02:00"]


# ---------------------------------------------------------------------- words and tables


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (2, 4, "2 of 4"),
        (1, 5, "1 of 5 (20%)"),
        (0, 9, "0 of 9 (0%)"),
        (1, 2000, "1 of 2,000 (1%)"),
        (1999, 2000, "1,999 of 2,000 (99%)"),
        (2000, 2000, "2,000 of 2,000 (100%)"),
    ],
)
def test_a_share_of_few_is_no_percentage_and_none_and_all_mean_it(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_every_chart_says_its_main_figure() -> None:
    said = {name: " ".join(chart.said) for name, chart in _drawn(_outlets(12, 4)).items()}
    assert list(said) == IDS
    assert said["over-time"].startswith(
        "16 revisions over 12 hours; the busiest was Sun 17 Nov 2024, 18:00, with 2."
    )
    assert "2 of 16 revisions (12%) were seen within an hour" in said["after-publication"]
    assert said["by-outlet"] == "2 outlets; Outlet 0 made 12 of 16 revisions (75%)."
    assert said["silent-over-time"].startswith("8 of 16 substantive revisions (50%) were silent")
    assert said["silent-by-outlet"] == "At Outlet 0, 6 of 12 substantive revisions (50%) were silent."


def test_tables_add_up_to_what_is_drawn() -> None:
    found = _drawn(_outlets(*range(1, 31)))
    for name in ("over-time", "after-publication", "by-outlet"):
        assert sum(int(row[1].replace(",", "")) for row in found[name].rows) == sum(range(1, 31))


def test_three_hundred_outlets_are_fifteen_and_the_others() -> None:
    found = _drawn(_outlets(*[3] * 299, 9))
    chart = found["by-outlet"]
    assert chart.drawing is not None
    names = _words(chart.drawing)
    assert "285 others" in names
    assert "Outlet 299" in names
    assert len(_rects(chart)) == 16
    assert len(chart.rows) == 300


def test_too_few_are_said_to_be() -> None:
    found = _drawn(_outlets(2, 1))
    assert "With 3 that is too few for a share." in found["silent-over-time"].said
    assert "too few for a share" in found["silent-by-outlet"].said[0]
    assert found["silent-by-outlet"].drawing is None
    assert found["silent-by-outlet"].rows == (("Outlet 0", "1 of 2"), ("Outlet 1", "1 of 1"))


def test_an_outlet_with_too_few_gets_no_bar_among_the_others() -> None:
    chart = _drawn(_outlets(6, 2))["silent-by-outlet"]
    assert chart.drawing is not None
    assert len(_rects(chart)) == 1
    assert "1 of 2, too few" in _words(chart.drawing)


def test_nothing_substantive_makes_no_silent_chart() -> None:
    found = _drawn(_tally(_entry(severity=Severity.MINOR)))
    assert found["silent-over-time"].drawing is None
    assert found["silent-by-outlet"].drawing is None
    assert found["over-time"].drawing is not None


def test_one_revision_is_one_bar_and_no_slab() -> None:
    found = _drawn(_tally(_entry(severity=Severity.MINOR)))
    (bar,) = _rects(found["over-time"])
    assert float(dict(bar.attributes)["width"]) < 50
    assert found["over-time"].said == ("1 revision, all in one hour: Sun 17 Nov 2024, 18:00.",)


# ---------------------------------------------------------------------- drawings


def _all(tally: Tally) -> Sequence[Shape]:
    return [shape for chart in charts(tally, UTC) if chart.drawing for shape in _shapes(chart.drawing)]


def test_a_drawing_is_shapes_and_classes_and_nothing_else() -> None:
    shapes = _all(_outlets(*range(1, 31)))
    assert {shape.tag for shape in shapes} == {"svg", "g", "rect", "path", "text", "title"}
    names = {name for shape in shapes for name, _ in shape.attributes}
    assert names == {"class", "viewBox", "transform", "x", "y", "width", "height", "d"}


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    drawn = flat([Bar(label="a", parts=(30,), said="30"), Bar(label="b", parts=(15,), said="15")], longest=30)
    lengths = [float(dict(shape.attributes)["width"]) for shape in _shapes(drawn) if shape.tag == "rect"]
    assert max(lengths) / min(lengths) == pytest.approx(2, rel=0.01)
    drawn = upright([Bar(label=str(n), parts=(n, 10 - n), said="10") for n in range(11)])
    rects = [dict(shape.attributes) for shape in _shapes(drawn) if shape.tag == "rect"]
    column = {x: sum(float(r["height"]) for r in rects if r["x"] == x) for x in {r["x"] for r in rects}}
    assert max(column.values()) == pytest.approx(min(column.values()), abs=0.2)
    assert len(column) == 11


@pytest.mark.parametrize("tallest", [0, 1, 4, 5, 9, 10, 99, 1234, 10**7])
def test_the_axis_begins_at_zero_and_counts_in_round_whole_numbers(tallest: int) -> None:
    words = _words(upright([Bar(label="", parts=(tallest,), said="")]))
    ticks = [int(word.replace(",", "")) for word in words]
    assert ticks[0] == 0
    assert ticks[-1] >= tallest
    assert 2 <= len(ticks) <= 6
    assert {b - a for a, b in pairwise(ticks)} == {ticks[1]}


def test_the_same_numbers_make_the_same_drawing() -> None:
    assert charts(_outlets(3, 9, 1), UTC) == charts(_outlets(3, 9, 1), UTC)


def test_names_from_pages_are_inert_in_a_drawing() -> None:
    tally = _tally(*[_entry(silent=True)] * 6, source=HOSTILE)
    text = charts_page(charts(tally, UTC), AT, ServerLinks())
    page = Page(text)
    assert not {"script", "b", "img", "style"} & {
        tag for tag, _ in page.tags[page.tags.index(("body", {})) :]
    }
    assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)
    assert len(page.ids) == len(set(page.ids))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_a_drawing_says_what_it_shows_to_who_cannot_see_it() -> None:
    text = charts_page(charts(_outlets(12, 4), UTC), AT, ServerLinks())
    drawings = [attrs for tag, attrs in Page(text).tags if tag == "svg"]
    assert len(drawings) == 5
    assert all(attrs["role"] == "img" and len(attrs["aria-label"] or "") > 30 for attrs in drawings)
    assert text.count("<summary>The numbers</summary>") == 5


def test_nothing_seen_is_a_page_that_says_so() -> None:
    assert "There is no revision to count yet." in charts_page((), AT, ServerLinks())
