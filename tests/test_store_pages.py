"""Pages over a real store: served, with every pair of versions; and what of it a report takes in."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from monitor.cli.site import report_articles
from monitor.config import ScheduleSettings, WebSettings
from monitor.decide import Look, decide
from monitor.reader import Reader
from monitor.web import create_app
from monitor.weighing import Compared, compared
from storage.records import Capture, Response, Source, SourceKind, Validators, Verdict
from storage.store import Store
from tests.newsdesk import BODY
from tests.test_report_html import Page
from tests.test_report_samples import extraction

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
URL = "https://quay.example/bridge"
SOURCE = Source(name="The Quay", kind=SourceKind.PAGE, url=URL)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open("sqlite:///store.db", tmp_path) as opened:
        opened.watchlist.add_source(SOURCE, START)
        (state,) = opened.watchlist.sources()
        opened.watchlist.discovered(state.id, [URL], START, START, Validators())
        yield opened


@contextmanager
def _client(store: Store, compared: Compared = compared) -> Iterator[TestClient]:
    settings = WebSettings()
    app = create_app(store, settings, UTC, lambda: None, compared)
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def _seen(store: Store, number: int) -> None:
    """One more look, at which the figure of the injured is ``number``."""
    text = [line.replace("Seven people", f"{number} people") for line in BODY]
    read = extraction(*text, published_at=START - timedelta(minutes=30))
    _look(store, number, 200, Capture(verdict=Verdict.ARTICLE, extraction=read))


def _gone(store: Store, number: int) -> None:
    _look(store, number, 410, Capture(verdict=Verdict.GONE, reasons=("The server says 410.",)))


def _look(store: Store, number: int, status: int, capture: Capture) -> None:
    at, body = START + timedelta(minutes=20 * number), f"{number}".encode()
    article = store.find_article(URL)
    response = Response(url=URL, final_url=URL, status=status, headers=(), body=body, fetched_at=at)
    look = Look(check_id=f"{number:032x}", now=at, source=SOURCE, schedule=ScheduleSettings())
    store.record(decide(article, store.latest_revision(article), response, capture, look))


def test_every_link_of_the_served_pages_arrives(store: Store) -> None:
    for number in range(1, 15):
        _seen(store, number)
    with _client(store) as client:
        waiting, seen = ["/"], {"/"}
        while waiting:
            path = waiting.pop()
            answer = client.get(path)
            assert answer.status_code == 200, path
            local = {href.partition("#")[0] for href in Page(answer.text).hrefs if href.startswith("/")}
            waiting += local - seen
            seen |= local
    assert {"/charts", "/articles/1", "/articles/1/14", "/articles/1/14/compare"} <= seen
    pairs = {path for path in seen if "/diff/" in path}
    assert len(pairs) == 14 * 13 / 2


def test_a_table_of_pairs_links_them_all_while_it_fits(store: Store) -> None:
    for number in range(1, 13):
        _seen(store, number)
    with _client(store) as client:
        text = client.get("/articles/1").text
    assert len(set(re.findall(r"diff/\d+\.\.\d+", text))) == 12 * 11 / 2
    assert "--format html" not in text


def test_the_charts_take_in_what_was_added_and_count_nothing_twice(store: Store) -> None:
    with _client(store) as client:
        assert "There is no revision to count yet." in client.get("/charts").text
        for number, said in (
            (2, "no revision to count"),
            (3, "1 revision, all in one hour"),
            (4, "2 revisions"),
        ):
            _seen(store, number)
            for _ in range(2):
                assert said in client.get("/charts").text
        assert "0 of 2 revisions were seen within an hour of publication, 2 of 2 within a day." in (
            client.get("/charts").text
        )
        assert "At a glance" in client.get("/").text


def test_a_page_of_the_list_that_is_not_there_is_not_found(store: Store) -> None:
    _seen(store, 1)
    with _client(store) as client:
        assert client.get("/?page=2").status_code == 404
        assert client.get("/?page=0").status_code == 404
        assert client.get("/articles/1/9/compare").status_code == 404


def _reported(store: Store, since: datetime | None) -> list[tuple[list[int | None], list[int]]]:
    """Of each article that a report takes in: the numbers of its entries and of its versions."""
    found = report_articles(store, store.articles(), since)
    return [([e.number for e in each.entries], [r.number for r in each.revisions]) for each in found]


def test_a_report_takes_in_everything(store: Store) -> None:
    assert _reported(store, None) == [([], [])]
    for number in (1, 2, 3):
        _seen(store, number)
    assert _reported(store, None) == [([1, 2, 3], [1, 2, 3])]


def test_a_report_since_then_has_also_the_version_that_the_first_change_changed(store: Store) -> None:
    for number in (1, 2, 3, 4):
        _seen(store, number)
    assert _reported(store, START + timedelta(minutes=50)) == [([3, 4], [2, 3, 4])]
    assert _reported(store, START + timedelta(minutes=60)) == [([3, 4], [2, 3, 4])]
    assert _reported(store, START) == [([1, 2, 3, 4], [1, 2, 3, 4])]
    assert _reported(store, START + timedelta(days=1)) == []


def test_an_article_that_only_went_is_shown_with_its_latest_version(store: Store) -> None:
    for number in (1, 2, 3):
        _seen(store, number)
    for look in (4, 100, 200, 300):
        _gone(store, look)
    assert _reported(store, START + timedelta(minutes=70)) == [([None], [3])]


def test_the_time_of_publication_is_known_to_a_report_that_begins_later(store: Store) -> None:
    for number in (1, 2, 3):
        _seen(store, number)
    (each,) = report_articles(store, store.articles(), START + timedelta(minutes=50))
    assert each.published_at == START - timedelta(minutes=30)


def test_the_charts_of_a_long_log_say_where_they_begin(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 7):
        _seen(store, number)
    with _client(store) as client:
        assert not re.search(r"(?i)since\W+<time", client.get("/charts").text)
    monkeypatch.setattr("monitor.web.figures._MOST", 3)
    with _client(store) as client:
        for path in ("/", "/charts"):
            page = client.get(path).text
            assert re.search(r"(?i)since\W+<time[^>]*2026-03-02T10:20", page), path
        assert "6 revisions" in client.get("/").text


def test_versions_that_take_long_to_compare_hold_nothing_up_and_are_not_shown(store: Store) -> None:
    """Comparing them here would take seconds, in which no page is fetched."""
    for version in (1, 2):
        chance = random.Random(version)
        words = [" ".join(chance.choices("abc", k=50)) + "." for _ in range(3000)]
        read = replace(extraction(*words), headline=f"Version {version}")
        _look(store, version, 200, Capture(verdict=Verdict.ARTICLE, extraction=read))
    with Reader(workers=1, deadline=0.5) as reader, _client(store, reader.compared) as client:
        answer = client.get("/articles/1/diff/1..2")
        assert (answer.status_code, answer.text) == (
            503,
            "These versions are too different to be compared in time.",
        )


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("cross-site", "no-cors", 403),
        ("same-site", "cors", 403),
        ("cross-site", "navigate", 200),  # a link somebody follows
        ("same-origin", "no-cors", 200),
        ("none", "navigate", 200),
    ],
)
def test_no_page_of_somebody_else_has_a_browser_ask_unseen(
    store: Store, site: str, mode: str, status: int
) -> None:
    with _client(store) as client:
        answer = client.get("/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode})
    assert answer.status_code == status
