"""What random input broke once, the least that broke it, as promises."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.compare import compare
from monitor.config import load_config
from monitor.errors import ConfigError, ReadError
from monitor.events import assess
from monitor.fetch import url_trouble
from monitor.reader import read
from monitor.report import NoLinks, diff_mail, diff_page
from monitor.sources import canonical, read_feed
from storage.records import Response, Verdict
from tests.test_report_samples import extraction, head

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "host",
    ["a_b.`xample", "paper.example{", "paper.e^ample", "[fe80::1%25lo]", "..80", ".paper.example", "a..b"],
)
def test_a_host_that_the_http_library_writes_in_another_way_is_refused(host: str) -> None:
    assert url_trouble(f"http://{host}/") == "the address names no host that can be trusted"


@pytest.mark.parametrize(
    "host", ["paper_1.example", "paper.example.", "[2606:4700::1]", "bücher.example", "x--1.y"]
)
def test_a_host_that_everyone_writes_alike_is_not(host: str) -> None:
    assert url_trouble(f"http://{host}/") is None


def test_a_feed_whose_encoding_has_a_nul_in_its_name_is_told_in_a_sentence() -> None:
    body = '\ufeff<?xml version="1.0" encoding="u\0tf-16"?><rss version="2.0"/>'.encode("utf-16-le")
    with pytest.raises(ReadError, match="cannot be read as a feed"):
        read_feed(body, "https://paper.example/feed")


def test_a_feed_that_feedparser_stumbles_over_is_told_in_a_sentence() -> None:
    body = b'<rss version="2.0"><channel><item><guid>https://a.example/</guid></item><item><link></item>/c</link></item>'
    with pytest.raises(ReadError, match="cannot be read as a feed"):
        read_feed(body, "https://paper.example/feed")


@pytest.mark.parametrize("text", ["He got 1/2nd of it.", "It was 10:1e then.", "On page 1:2:3rd it says so."])
def test_several_numbers_with_the_end_of_an_ordinal_are_no_ordinal_and_can_be_told_of(text: str) -> None:
    found = assess(compare(extraction(text), extraction(text.replace("1", "4"))))
    assert found.events


@pytest.mark.parametrize("nowhere", ["http:////a:/", "http:///x", "https:?a"])
def test_an_address_without_a_host_is_left_as_it_is(nowhere: str) -> None:
    assert canonical(nowhere) == nowhere


@pytest.mark.parametrize("space", ["\x1f", "\x85", "\u2028", "\u2029"])
def test_what_python_takes_for_a_space_is_not_shown_raw_at_the_edge_of_a_change(space: str) -> None:
    old, new = (
        extraction("The bridge is open."),
        extraction("The bridge is", f"{space}Shut{space}", headline="x" + space),
    )
    diff = compare(old, new)
    assert space not in diff_page(diff, assess(diff), head(), links=NoLinks())
    assert space not in diff_mail(diff, assess(diff), head()).html


@pytest.mark.parametrize("key", ['"\\u001B[31m"', '"a\\nb: is fine"'])
def test_each_mistake_in_a_configuration_is_one_line_whatever_of_it_is_repeated(
    tmp_path: Path, key: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[fetch]\n{key} = 1\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert len(caught.value.problems) == 1
    assert str(caught.value).isprintable()


def test_a_verdict_repeats_no_endless_content_type() -> None:
    headers = (("Content-Type", "x" * 9999),)
    url = "https://paper.example/"
    capture = read(
        Response(url=url, final_url=url, status=200, headers=headers, body=b"<p>One.", fetched_at=NOW)
    )
    assert capture.verdict is Verdict.NOT_HTML
    assert len(capture.reasons[0]) < 100
