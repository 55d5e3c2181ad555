"""The promises of the WARC export: the tools of web archives read it, and it says no more than was seen."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from storage.records import CheckResult
from storage.store import Store
from tests.newsdesk import writethru
from tests.test_store import at, changed, first, looked, new_store, watched

PAGE = b"<html><body><p>The council votes tonight.</p></body></html>"


def records(path: Path) -> list[Any]:
    with path.open("rb") as file:
        return [
            (record.rec_type, record.rec_headers, record.http_headers, record.content_stream().read())
            for record in ArchiveIterator(file)
        ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def exported(store: Store, tmp_path: Path) -> Path:
    """An article that was seen, seen again with the same bytes, seen again with others, and edited."""
    (article,) = watched(store)
    seen = first(article, body=PAGE)
    assert seen.response is not None
    coded = (("Content-Encoding", "gzip"), ("Content-Length", "7"), ("X-Twice", "a"), ("X-Twice", "b"))
    asked = (("User-Agent", "Writethru"), ("Cookie", "(withheld)"))
    store.record(replace(seen, response=replace(seen.response, headers=coded, asked=asked)))
    step = looked(seen.article, CheckResult.SAME, at(5), "same bytes")
    store.record(replace(step, check=replace(step.check, digest=seen.response.digest)))
    step = looked(step.article, CheckResult.SAME, at(10), "same text in other bytes")
    store.record(replace(step, check=replace(step.check, digest="0" * 64)))
    store.record(changed(step.article, 15))
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///archive.db"\n')
    out = tmp_path / "archive.warc.gz"
    told = writethru(tmp_path / "config.toml", "export", "--format", "warc", "--out", str(out))
    assert told.stderr.strip().endswith(f"2 responses and 1 revisits are in {out}.")
    return out


def test_the_checker_of_web_archives_finds_nothing_wrong(exported: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(exported)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "digest pass" in checked.stdout
    assert "digest failed" not in checked.stdout


def test_every_answer_is_a_response_with_its_request_and_its_redirects(exported: Path) -> None:
    kinds = [kind for kind, *_ in records(exported)]
    assert kinds == ["warcinfo", *["response", "request"] * 4, "revisit"]
    _, hop, _, page, request, *_ = records(exported)
    url = "https://gazette.example/bridge"
    assert (hop[1].get_header("WARC-Target-URI"), hop[2].get_statuscode()) == (url, "301")
    assert hop[2].get_header("Location") == f"{url}?page=1" == page[1].get_header("WARC-Target-URI")
    assert page[1].get_header("WARC-Date") == "2026-03-01T12:00:00.000000Z"
    assert page[3] == PAGE
    assert request[1].get_header("WARC-Target-URI") == f"{url}?page=1"
    assert ("Cookie", "(withheld)") in request[2].headers


def test_headers_that_spoke_of_a_coding_stand_under_another_name(exported: Path) -> None:
    headers = records(exported)[3][2].headers
    assert headers == [
        ("X-Archive-Orig-Content-Encoding", "gzip"),
        ("X-Archive-Orig-Content-Length", "7"),
        ("X-Twice", "a"),
        ("X-Twice", "b"),
        ("Content-Length", str(len(PAGE))),
    ]


def test_a_revisit_is_written_only_where_the_bytes_were_equal(exported: Path) -> None:
    found = records(exported)
    (revisit,) = [record for record in found if record[0] == "revisit"]
    assert revisit[1].get_header("WARC-Date") == "2026-03-01T12:05:00.000000Z"
    assert revisit[1].get_header("WARC-Refers-To-Date") == "2026-03-01T12:00:00.000000Z"
    assert revisit[1].get_header("WARC-Payload-Digest") == found[3][1].get_header("WARC-Payload-Digest")
    assert revisit[1].get_header("WARC-Profile").endswith("/warc/1.1/revisit/identical-payload-digest")


def test_every_record_is_a_member_of_its_own(exported: Path) -> None:
    assert gzip.decompress(exported.read_bytes()).count(b"WARC/1.1\r\n") == 10
    assert exported.read_bytes().count(b"\x1f\x8b\x08") >= 10


def test_a_file_that_is_there_is_left_alone(exported: Path) -> None:
    before = exported.read_bytes()
    config = exported.with_name("config.toml")
    told = writethru(config, "export", "--format", "warc", "--out", str(exported))
    assert told.returncode == 2
    assert "exists already" in told.stderr
    assert exported.read_bytes() == before
    assert [path.name for path in exported.parent.glob(".*")] == []
