"""The reader's promises: whatever the bytes, there is a capture or a plain refusal, and no page can hold it up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from monitor.errors import FetchError, ReadError
from monitor.reader import Reader, read
from monitor.verdict import Past
from storage.records import FetchProblem, Response, Selectors, SourceKind, Told, Verdict
from tests.laws import law

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SENTENCES = "".join(
    f"<p>Speaker {number} told the council that the bridge over the river must be closed for {number} weeks.</p>"
    for number in range(2, 22)
)
PAGE = f"""<!doctype html><html lang="en"><head><title>Bridge to close</title></head>
<body><article><h1>Bridge to close</h1>{SENTENCES}</article></body></html>""".encode()
_NAMES = b" ".join(b"a%d=1" % number for number in range(100_000))
HANG = b'<html><body><p title="<" %b>x</p></body></html>' % _NAMES
"""Each attribute is compared with all before it; the bracket hides from counting how many they are."""
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>
<item><link>https://gazette.example/bridge?utm_source=feed</link></item>
<item><link>/tunnel</link></item><item><title>no address</title></item></channel></rss>"""


def response(
    body: bytes,
    *,
    status: int = 200,
    kind: str | None = "text/html",
    url: str = "https://gazette.example/bridge",
) -> Response:
    headers = () if kind is None else (("Content-Type", kind),)
    return Response(url=url, final_url=url, status=status, headers=headers, body=body, fetched_at=NOW)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(workers=1) as running:
        yield running


@pytest.fixture(scope="module")
def hasty() -> Iterator[Reader]:
    with Reader(workers=2, deadline=2.0) as running:
        running.read(response(PAGE))
        yield running


# ---------------------------------------------------------------------- what is read


def test_a_page_is_read(reader: Reader) -> None:
    capture = reader.read(response(PAGE))
    assert (capture.verdict, capture.reasons) == (Verdict.ARTICLE, ())
    assert capture.extraction is not None
    assert capture.extraction.headline == "Bridge to close"
    assert len(capture.extraction.paragraphs) == 20
    assert capture.extraction.language == "en"


def test_a_source_says_where_to_look(reader: Reader) -> None:
    capture = reader.read(response(PAGE), told=Told(selectors=Selectors(body="p:nth-of-type(-n+10)")))
    assert capture.extraction is not None
    assert len(capture.extraction.paragraphs) == 10


def test_a_page_is_judged_by_what_it_was(reader: Reader) -> None:
    assert reader.read(response(PAGE), past=Past(words=5000)).verdict is Verdict.SUSPECT


@pytest.mark.parametrize(
    "body", [b"", b"  \r\n\t ", b"<html></html>", b"<!-- nothing -->", b"\xef\xbb\xbf", b"\0" * 100]
)
def test_a_page_with_nothing_on_it_is_empty(reader: Reader, body: bytes) -> None:
    assert reader.read(response(body)).verdict is Verdict.EMPTY


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7\n" + PAGE, "text/html"),
        (b"PK\x03\x04" + PAGE, "text/html"),
        (b"\xff\xd8\xff\xe0" + PAGE, "text/html; charset=utf-8"),
        (b"\x1f\x8b\x08" + PAGE, None),
        (b'{"a": 1}', "application/json"),
        (b"hello", "text/plain"),
    ],
)
def test_what_is_no_page_is_not_read_as_one(reader: Reader, body: bytes, kind: str | None) -> None:
    capture = reader.read(response(body, kind=kind))
    assert (capture.verdict, capture.extraction) == (Verdict.NOT_HTML, None)


@pytest.mark.parametrize(
    ("status", "verdict"), [(404, Verdict.GONE), (410, Verdict.GONE), (403, Verdict.BLOCKED)]
)
def test_a_refusal_is_not_read(reader: Reader, status: int, verdict: Verdict) -> None:
    capture = reader.read(response(PAGE, status=status))
    assert (capture.verdict, capture.extraction) == (verdict, None)
    assert capture.reasons == (f"the server answered {status}",)


def test_a_file_is_plain_text_and_whole(reader: Reader) -> None:
    text = "Bridge to close\n\nThe bridge must be closed.\n"
    capture = reader.read(response(text.encode(), url="file:///news/bridge.txt", kind=None))
    assert capture.verdict is Verdict.ARTICLE
    assert capture.extraction is not None
    assert (capture.extraction.plain, capture.extraction.text) == (True, text)
    assert reader.read(response(b" \n", url="file:///news/bridge.txt", kind=None)).verdict is Verdict.EMPTY


def test_a_feed_lists_addresses(reader: Reader) -> None:
    found = reader.listing(SourceKind.FEED, response(FEED, url="https://gazette.example/feed"))
    assert [entry.url for entry in found.entries] == [
        "https://gazette.example/bridge",
        "https://gazette.example/tunnel",
    ]


def test_what_is_no_feed_is_said_to_be_none(reader: Reader) -> None:
    with pytest.raises(ReadError, match="is not a feed: no RSS, Atom or JSON Feed was found in it"):
        reader.listing(SourceKind.FEED, response(PAGE, url="https://gazette.example/feed"))


BRIEF = b"""<p> </p> <div> <article> <h1> <!-- --> <![CDATA[ </script> {"@type":"NewsArticle", "author":[{"name":7}],
    "headline":["a"]} &#xD800; &amp; \xff\xfe \0 <time/datetime='9999-99-99T99'> <html/lang='\xff'>""".split()
LONG = [
    b"<script type='application/ld+json'>",
    b"<meta charset=utf-16>",
    b"<meta charset=idna>",
    b"<base href='http://['>",
    b"<link rel=canonical href='//['>",
    b"word " * 30,
]
scraps = st.sampled_from([*BRIEF, *LONG])


@given(
    st.lists(scraps | st.binary(max_size=20), max_size=25),
    st.sampled_from(["text/html", "text/html; charset=x", None]),
)
@law(60, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_bytes_there_is_a_verdict(pieces: list[bytes], kind: str | None) -> None:
    assert read(response(b"".join(pieces), kind=kind), past=Past()).verdict in Verdict


# ---------------------------------------------------------------------- what would hold it up


def test_a_page_that_hangs_the_parser_is_given_up_and_the_next_one_is_read(hasty: Reader) -> None:
    with pytest.raises(FetchError) as caught:
        hasty.read(response(HANG))
    assert caught.value.problem is FetchProblem.PARSE_KILLED
    assert not caught.value.transient
    assert (
        str(caught.value) == "Reading https://gazette.example/bridge took longer than 2 s and was given up."
    )
    assert hasty.read(response(PAGE)).verdict is Verdict.ARTICLE


def test_a_page_that_hangs_does_not_keep_others_waiting(hasty: Reader) -> None:
    ended: list[float] = []

    def hang() -> None:
        with pytest.raises(FetchError):
            hasty.read(response(HANG))
        ended.append(time.monotonic())

    thread = threading.Thread(target=hang)
    thread.start()
    time.sleep(0.1)
    assert hasty.read(response(PAGE)).verdict is Verdict.ARTICLE
    read_at = time.monotonic()
    thread.join()
    assert read_at < ended[0]


def eat_memory() -> int:
    return len(bytearray(8 << 30))


def vanish() -> None:
    os._exit(1)


def go_deep(depth: int = 0) -> int:
    return go_deep(depth + 1)


@pytest.mark.parametrize("trouble", [eat_memory, vanish, go_deep])
def test_a_child_that_fails_is_a_parse_that_was_given_up(reader: Reader, trouble: object) -> None:
    assert callable(trouble)
    with pytest.raises(FetchError, match="was given up") as caught:
        reader._run(trouble, "a page")
    assert caught.value.problem is FetchProblem.PARSE_KILLED
    assert reader.read(response(PAGE)).verdict is Verdict.ARTICLE


# ---------------------------------------------------------------------- when it ends


def is_alive(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return bool(state.strip()) and not state.startswith("Z")


def wait_until_gone(pid: int, seconds: float = 90) -> bool:
    ends = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < ends:
        time.sleep(0.05)
    return not is_alive(pid)


def test_an_interrupt_is_left_to_the_parent(reader: Reader) -> None:
    child = reader._run(os.getpid, "a page")
    os.kill(child, signal.SIGINT)
    assert reader._run(os.getpid, "a page") == child


def test_a_closed_reader_has_no_children() -> None:
    with Reader(workers=1) as short:
        child = short._run(os.getpid, "a page")
        assert is_alive(child)
    assert wait_until_gone(child)


def read_until_killed(page: bytes) -> None:
    """Say the child's id, and be found reading."""
    with Reader(workers=1, deadline=0.5) as mine:
        print(mine._run(os.getpid, "a page"), flush=True)
        threading.Timer(0.2, lambda: print("reading", flush=True)).start()
        mine.read(response(page))
        time.sleep(60)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["PAGE", "HANG"])
def test_the_children_end_with_a_parent_that_was_killed(page: str) -> None:
    code = f"from tests.test_reader import HANG, PAGE, read_until_killed; read_until_killed({page})"
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert parent.stdout.readline() == "reading\n"
        parent.kill()
    assert wait_until_gone(child)
