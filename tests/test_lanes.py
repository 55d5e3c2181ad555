"""The lanes' promises: what shares a batch shares no fate, what is slow keeps nobody waiting, and no child grows
past its limit."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import FetchError
from monitor.reader import Reader
from monitor.robots import allows
from monitor.weighing import coarsely, weigh
from storage.records import (
    EventKind,
    Extraction,
    FetchProblem,
    Paragraph,
    ParagraphKind,
    Response,
    Severity,
    Verdict,
)
from tests.test_reader import HANG, PAGE, response

DEADLINE = 4.0
LIMIT = 512 << 20


def answer(body: bytes, host: str) -> Response:
    url = f"https://{host}/bridge"
    return replace(response(body), url=url, final_url=url)


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader(workers=1, deadline=DEADLINE) as running:
        running._run(os.getpid, "warm")
        yield running


def hold_up(seconds: float) -> int:
    """Busy without end, as a parser is: no exception gets in."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        pass
    return os.getpid()


def vanish() -> None:
    os._exit(1)


def break_down() -> None:
    raise KeyError("nobody foresaw this")


# ---------------------------------------------------------------------- batches


def test_what_waits_at_the_same_moment_goes_to_a_child_together(reader: Reader) -> None:
    sizes: list[int] = []
    send = reader._quick._send

    def counted(slot: int, batch: Any) -> None:
        sizes.append(len(batch.jobs))
        send(slot, batch)

    reader._quick._send = counted  # type: ignore[method-assign]
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(reader._run, hold_up, "a page", 0.1)
        while not sizes:
            time.sleep(0.001)
        rest = [threads.submit(reader._run, os.getpid, "a page") for _ in range(8)]
        assert {child.result() for child in rest} == {first.result()}
    assert sizes[0] == 1
    assert sum(sizes) == 9
    assert max(sizes) > 2


@pytest.mark.parametrize("trouble", ["hangs", "vanishes"])
def test_of_a_batch_only_the_culprit_fails(reader: Reader, trouble: str) -> None:
    with ThreadPoolExecutor(9) as threads:
        threads.submit(reader._run, hold_up, "a page", 0.1)
        time.sleep(0.05)
        pages = [threads.submit(reader.read, answer(PAGE, f"host{n}.example")) for n in range(6)]
        run: Callable[..., Any] = reader._run
        if trouble == "hangs":
            culprit: Future[Any] = threads.submit(reader.read, answer(HANG, "hostile.example"))
        else:
            culprit = threads.submit(run, vanish, "https://hostile.example/")
        assert [page.result().verdict for page in pages] == [Verdict.ARTICLE] * 6
        error = culprit.exception()
    assert isinstance(error, FetchError)
    assert error.problem is FetchProblem.PARSE_KILLED


def test_all_attempts_at_a_page_stay_within_its_deadline(reader: Reader) -> None:
    began = time.monotonic()
    with pytest.raises(FetchError, match="took longer than 4 s and was given up"):
        reader.read(answer(HANG, "hostile.example"))
    assert time.monotonic() - began < DEADLINE + 3  # and what a busy machine adds


# ---------------------------------------------------------------------- lanes


def test_pages_that_hang_hardly_hold_up_the_others(reader: Reader) -> None:
    """Forty hosts hang whatever parses their pages; each of them is let in once."""
    failed: list[str] = []

    def hang(host: str) -> None:
        try:
            reader.read(answer(HANG, host))
        except FetchError as error:
            failed.append(str(error))

    for host in range(40):
        reader._suspects.add(f"hostile{host}.example")
    hanging = [threading.Thread(target=hang, args=(f"hostile{host}.example",)) for host in range(40)]
    for thread in hanging:
        thread.start()
    read = [reader.read(answer(PAGE, f"host{n}.example")).verdict for n in range(20)]
    while_hanging = any(thread.is_alive() for thread in hanging)
    for thread in hanging:
        thread.join()
    assert read == [Verdict.ARTICLE] * 20
    assert while_hanging
    assert len(failed) == 40
    waiting = [sentence for sentence in failed if "too many such pages wait already" in sentence]
    assert len(waiting) >= 35  # at once, for there is no room for them


def test_a_host_whose_page_was_given_up_is_trusted_again_once_a_page_of_it_is_read(reader: Reader) -> None:
    with pytest.raises(FetchError):
        reader.read(answer(HANG, "slow.example"))
    assert "slow.example" in reader._suspects
    assert reader.read(answer(PAGE, "slow.example")).verdict is Verdict.ARTICLE
    assert "slow.example" not in reader._suspects


def test_a_page_that_is_slow_but_not_too_slow_is_read(reader: Reader) -> None:
    child = reader._run(hold_up, "https://slow.example/", 1.5)  # the quick lane stops at a tenth of that
    assert child != reader._run(os.getpid, "a page")


def test_a_page_that_is_slow_for_the_first_time_waits_for_others_that_are(reader: Reader) -> None:
    """Two of them hang; whoever has been given up before does not wait."""
    reader._suspects.add("hostile.example")
    with ThreadPoolExecutor(4) as threads:
        hanging = [threads.submit(reader.read, answer(HANG, f"first{n}.example")) for n in range(2)]
        while len(reader._slow._waiting) + len(reader._slow._running) < 2:
            time.sleep(0.01)
        slow = threads.submit(reader._run, hold_up, "https://healthy.example/", 1.0)
        with pytest.raises(FetchError, match="too many such pages wait already"):
            reader._run(os.getpid, "https://hostile.example/")
        assert slow.result() > 0
        assert all(isinstance(page.exception(), FetchError) for page in hanging)
    assert "healthy.example" not in reader._suspects


def test_a_page_for_which_there_is_no_room_makes_its_host_no_suspect() -> None:
    with Reader(workers=1, deadline=1.0) as reader, ThreadPoolExecutor(24) as threads:
        pages = [threads.submit(reader.read, answer(HANG, f"host{n}.example")) for n in range(24)]
        said = {f"host{n}.example": str(page.exception()) for n, page in enumerate(pages)}
    refused = {host for host, sentence in said.items() if "too many such pages wait already" in sentence}
    assert 0 < len(refused) < 24
    assert {host for host in said if host in reader._suspects} == said.keys() - refused


def test_only_so_many_hosts_are_remembered(reader: Reader) -> None:
    for number in range(10_050):
        reader._suspects.add(f"host{number}")
    assert len(reader._suspects._hosts) == 10_000
    assert "host49" not in reader._suspects
    assert "host10049" in reader._suspects


# ---------------------------------------------------------------------- children


def test_a_child_that_is_killed_while_it_is_idle_is_replaced(reader: Reader) -> None:
    child = reader._run(os.getpid, "a page")
    os.kill(child, signal.SIGKILL)
    time.sleep(0.3)
    assert reader.read(answer(PAGE, "host.example")).verdict is Verdict.ARTICLE


def test_an_error_that_nobody_foresaw_is_a_page_given_up_and_a_line_in_the_log(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(FetchError, match="met an error of the reader's own") as caught:
        reader._run(break_down, "https://host.example/")
    assert caught.value.problem is FetchProblem.PARSE_KILLED
    assert "KeyError: 'nobody foresaw this'" in caplog.text


def test_of_an_error_that_repeats_a_page_only_the_end_is_logged(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(FetchError):
        reader._run(float, "https://host.example/", "x" * 1_000_000)
    assert len(caplog.text) < 20_000


def test_children_that_cannot_be_started_leave_nobody_waiting(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    reader._slow._pool = None
    for lane in (reader._quick, reader._strangers, reader._slow):
        if lane._pool is not None:
            lane._pool.stop()  # type: ignore[no-untyped-call]
            lane._pool.join()
    with monkeypatch.context() as patched:
        patched.setattr("monitor.reader.lanes.ProcessPool", no_more)
        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(reader.read, answer(PAGE, f"host{n}.example")) for n in range(3)]
            for each in asked:
                with pytest.raises(FetchError):
                    each.result(10)
    assert reader.read(answer(PAGE, "later.example")).verdict is Verdict.ARTICLE


def test_a_closed_reader_leaves_nobody_waiting() -> None:
    running = Reader(workers=1, deadline=60)
    running._run(os.getpid, "warm")
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(running._run, hold_up, "a page", 50.0) for _ in range(2)]
        time.sleep(0.2)
        running.close()
        for one in waiting:
            assert isinstance(one.exception(), FetchError)


# ---------------------------------------------------------------------- memory

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and macOS has no limit of this kind")


def resident(pid: int, line: str = "VmHWM") -> int:
    """Bytes; 0 once it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [row.split()[1] for row in status.splitlines() if row.startswith(line + ":")]
    return int(found[0]) << 10 if found else 0


@linux
@pytest.mark.slow
def test_what_wants_more_memory_than_a_child_may_have_is_given_up() -> None:
    most = 0
    with Reader(workers=1, deadline=60) as running, ThreadPoolExecutor(1) as threads:
        running._run(os.getpid, "warm")
        reading: Future[Any] = threads.submit(running._run, gather, "https://host.example/")
        while not reading.done():
            children = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]
            most = max([most, *(resident(pid) for pid in children if is_child(pid))])
            time.sleep(0.02)
        error = reading.exception()
        assert isinstance(error, FetchError)
        assert str(error).endswith("took more memory than it may and was given up.")
        assert running.read(answer(PAGE, "host.example")).verdict is Verdict.ARTICLE
    assert 100 << 20 < most <= LIMIT


@linux
@pytest.mark.slow
def test_a_page_of_more_elements_than_memory_holds_is_suspect_and_not_empty() -> None:
    page = PAGE.replace(b"</h1>", b"</h1><p>" + b"x<br>" * 1_900_000 + b"</p><script>var app = 1</script>")
    with Reader(workers=1, deadline=60) as running:
        capture = running.read(answer(page, "host.example"))
    assert capture.verdict is Verdict.SUSPECT
    assert capture.reasons[0].startswith("the page cannot be read: ")


def is_child(pid: int) -> bool:
    """Whether that process is a parsing child of this one: by the fork server, which was started here."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        server = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return False
    return server == os.getpid()


@linux
def test_what_a_great_page_took_is_given_back() -> None:
    great = PAGE.replace(b"</h1>", b"</h1>" + b"<p>x</p>" * 40_000)
    with Reader(workers=1, deadline=60) as running:
        child = running._run(os.getpid, "warm")
        for _ in range(2):  # as a stranger, and then in the quick lane
            running.read(answer(PAGE, "host.example"))
        small = resident(child)
        running._run(len_of, "a page", great, size=len(great))
        assert running._run(os.getpid, "a page") == child
        most, now = resident(child), resident(child, "VmRSS")
        assert most - small > 10 << 20
        assert now - small < (most - small) / 2


def gather() -> int:
    heap = []
    while True:
        heap.append(bytearray(1 << 20))


def len_of(body: bytes) -> int:
    from monitor.extract import extract

    return len(extract(body, url="https://host.example/").paragraphs)


# ---------------------------------------------------------------------- two texts, and rules


def article(*paragraphs: str, headline: str = "Bridge to close") -> Extraction:
    told = tuple(Paragraph(kind=ParagraphKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extraction(headline=headline, paragraphs=told, extractor="page/3")


OLD = article("The bridge will be closed for 3 weeks.", "The mayor said so.")
NEW = article("The bridge will be closed for 4 weeks.", "The mayor said so.", headline="Bridge closes")


def test_two_texts_are_weighed_in_a_child_as_they_would_be_here(reader: Reader) -> None:
    assert reader.weigh(OLD, NEW, "a page") == weigh(OLD, NEW)


def test_two_texts_that_cannot_be_compared_in_time_are_still_told_apart(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.reader.weigh", never_done)
    assert reader.weigh(OLD, NEW, "a page") == coarsely(OLD, NEW)


def never_done(old: Extraction, new: Extraction) -> None:
    hold_up(600)


def test_what_is_told_coarsely_is_substantive_and_accuses_nobody() -> None:
    found = coarsely(OLD, NEW)
    kinds = [event.kind for event in found.assessment.events]
    assert EventKind.SENTENCE_REWRITTEN in kinds
    assert EventKind.HEADLINE_CHANGED in kinds
    assert found.assessment.severity >= Severity.SUBSTANTIVE
    assert not found.assessment.disclosure.silent
    assert (found.words.added, found.words.deleted, found.words.kept) == (12, 12, 0)
    assert coarsely(OLD, NEW) == found
    assert coarsely(OLD, OLD).assessment.events == ()


def test_a_great_robots_txt_is_read_in_a_child_and_says_the_same(reader: Reader) -> None:
    rules = "User-agent: *\n" + "".join(f"Disallow: /private{n}/\n" for n in range(2000))
    for url in ("https://host.example/private7/a", "https://host.example/news/a"):
        assert reader.allows(rules, url) == allows(rules, url)


def test_a_robots_txt_of_very_many_robots_and_rules_is_read_in_time(reader: Reader) -> None:
    rules = "".join(f"User-agent: a{n}\n" for n in range(9000)) + "Crawl-delay: 9\n"
    rules += "".join(f"Disallow: /{n}\n" for n in range(9000))
    assert reader.allows(rules, "https://host.example/1")
    assert reader.crawl_delay(rules, "https://host.example/1") is None
    ours = rules + "User-agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(9000))
    assert not reader.allows(ours, "https://host.example/8999")
