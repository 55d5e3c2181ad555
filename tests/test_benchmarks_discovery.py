"""The benchmark of discovery names what was missed, and its labels are of links that are there."""

from __future__ import annotations

import gzip
from pathlib import Path

from benchmarks.discovery import _feed, _rows
from tests.test_sources import rss


def kept(folder: Path, body: bytes) -> Path:
    path = folder / "feed.xml.gz"
    path.write_bytes(gzip.compress(body))
    return path


def test_an_entry_that_is_not_found_is_named(tmp_path: Path) -> None:
    nested = b"<channel><item><link>https://news.example/a</link></item></channel>"
    read = _feed(kept(tmp_path, nested))
    assert read.missed == []
    hidden = rss("<link>https://news.example/a</link>").replace(b"<link>", b'<link rel="alternate">')
    assert _feed(kept(tmp_path, hidden)).found >= {"https://news.example/a"}
    expected = b"<!-- entries[0]['link'] == 'https://news.example/b' -->" + rss("<link>/a</link>")
    assert _feed(kept(tmp_path, expected)).missed == ["https://news.example/b"]


def test_an_ill_formed_file_and_one_that_is_no_feed_are_told_apart(tmp_path: Path) -> None:
    ill = _feed(kept(tmp_path, b"<rss><channel><item><title>A & B</title><link>/a</link></item>"))
    assert (ill.noted, ill.trouble, ill.failed) == (True, "", False)
    none = _feed(kept(tmp_path, b"<html><body><p>Moved</p></body></html>"))
    assert (none.noted, none.failed) == (False, False)
    assert "is not a feed" in none.trouble


def test_no_link_and_no_verdict_is_labelled_twice() -> None:
    links = [(row["sample"], row["set"], row["page"], row["url"]) for row in _rows("links_labels.jsonl")]
    verdicts = [(row["robots"], row["agent"], row["url"]) for row in _rows("robots_rfc9309.jsonl")]
    assert len(links) == len(set(links))
    assert len(verdicts) == len(set(verdicts))
