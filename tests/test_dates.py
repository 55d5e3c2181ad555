"""A date is read in whatever way it is written, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.extract.dates import date_in_url, find_date, is_month_first, parse_date


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Published on December 9, 2016", (2016, 12, 9)),
        ("Dec. 9th 2016", (2016, 12, 9)),
        ("Stand: 9. Dezember 2016", (2016, 12, 9)),
        ("Veröffentlicht am 09.12.2016", (2016, 12, 9)),
        ("Publié le 1er février 2020", (2020, 2, 1)),
        ("15 de agosto de 2019", (2019, 8, 15)),
        ("3 marzo 2021", (2021, 3, 3)),
        ("7 de março de 2022", (2022, 3, 7)),
        ("2019年4月5日", (2019, 4, 5)),
        ("2018년 6월 19일", (2018, 6, 19)),
        ("12 мая 2020", (2020, 5, 12)),
        ("13/12/2016", (2016, 12, 13)),
        ("Party, 30.10.23", (2023, 10, 30)),
        ("2020. április 7.", (2020, 4, 7)),
        ("2020 m. balandžio 7 d.", (2020, 4, 7)),
        ("5 Agustus 2020", (2020, 8, 5)),
        ("24 באפריל 2020", (2020, 4, 24)),
        ("24 نيسان / أبريل 2020", (2020, 4, 24)),
        ("5 كانون الثاني/يناير 2021", (2021, 1, 5)),
        ("১৬-০২-২০২০", (2020, 2, 16)),
    ],
)
def test_a_day_is_read_in_many_languages_and_is_midnight_utc(said: str, day: tuple[int, int, int]) -> None:
    assert find_date(said) == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "12 March",
        "call 555-1234",
        "version 3.11.7",
        "40 people",
        "2016",
        "31 February 2020",
        "13.13.2013",
    ],
)
def test_what_is_no_date_is_none(said: str) -> None:
    assert find_date(said) is None


def test_a_time_keeps_the_offset_that_it_was_written_with() -> None:
    moment = parse_date("2016-12-09T23:30:00-05:00")
    assert moment == datetime(2016, 12, 10, 4, 30, tzinfo=UTC)
    assert moment is not None
    assert moment.date().isoformat() == "2016-12-09"
    assert parse_date("Fri, 09 Dec 2016 23:30:00 +0100") == datetime(
        2016, 12, 9, 23, 30, tzinfo=timezone(timedelta(hours=1))
    )
    assert parse_date("Dec 9, 2016 5:06 PM EST") == datetime(2016, 12, 9, 22, 6, tzinfo=UTC)


@pytest.mark.parametrize("said", ["1850-05-04", "1970-01-01", "2100-05-04", "9999-12-31T23:59:59-12:00"])
def test_no_article_was_published_in_another_age(said: str) -> None:
    assert parse_date(said) is None


def test_a_date_is_believed_whenever_it_is_read() -> None:
    assert parse_date("2071-05-04") == datetime(2071, 5, 4, tzinfo=UTC)


def test_a_time_that_stands_right_behind_a_short_year_is_none_of_its_digits() -> None:
    assert find_date("28.09.1912:34") == datetime(2019, 9, 28, 12, 34, tzinfo=UTC)
    assert find_date("28.09.1912") == datetime(1912, 9, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [
        "9" * 5000,
        "9" * 100,
        "0000-00-00",
        "2020-13-45T99:99",
        "1/1/1",
        "\ud800 2020",
        "٢٠٢٠",
        "9999999999999",
    ],
)
def test_nothing_odd_raises(odd: str) -> None:
    assert parse_date(odd) is None
    assert date_in_url(f"https://x.example/{odd}") is None


def test_the_reader_decides_whether_the_month_comes_first() -> None:
    assert find_date("03/04/2020", month_first=True) == datetime(2020, 3, 4, tzinfo=UTC)
    assert find_date("03/04/2020") == datetime(2020, 4, 3, tzinfo=UTC)
    assert is_month_first("en-US", "https://x.example/")
    assert not is_month_first("en-GB", "https://x.example/")
    assert not is_month_first("de", "https://x.example/")
    assert not is_month_first("en", "https://x.co.uk/")


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2017/03/09/a-story", (2017, 3, 9)),
        ("/world/2016/dec/31/a-story", (2016, 12, 31)),
        ("/story-2020-01-05.html", (2020, 1, 5)),
        ("/news/20190218/a", (2019, 2, 18)),
        ("/2017/03/a-story", None),
        ("/story-12345678.html", None),
    ],
)
def test_an_address_may_name_a_day(path: str, day: tuple[int, int, int] | None) -> None:
    assert date_in_url(f"https://x.example{path}") == (datetime(*day, tzinfo=UTC) if day else None)
    assert date_in_url("https://[broken" + path) is None
