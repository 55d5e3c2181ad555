"""The daemon as a real process: it starts, looks, tells and stops."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.channels import signature
from storage.records import CheckEntry, LogEntry
from storage.store import Store
from tests.newsdesk import ROOT, command, configure, desk, edited, lines, one_page, page, program, writethru
from tests.servers import Line, Scripted, http

pytestmark = pytest.mark.slow
_PATIENCE = 90.0  # on a machine that has much else to do


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@contextmanager
def daemon(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The running daemon; whatever happens, it is gone afterwards."""
    with log.open("ab") as said:
        process = subprocess.Popen(command(config, "run"), cwd=ROOT, stderr=said)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def until(true: Callable[[], bool]) -> None:
    """Wait for what must come true."""
    ends = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.05)


def recorded(folder: Path) -> tuple[list[CheckEntry], list[LogEntry]]:
    with Store.open("sqlite:///store.db", folder) as store:
        return store.checks(), store.log()


def end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(15)


def test_it_looks_tells_and_stops_when_asked(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page(), edited("Seven", "Eight")), desk(server))
    with daemon(config, tmp_path / "log") as process:
        until(lambda: "/desk" in server.asked)
        until(lambda: len(recorded(tmp_path)[0]) >= 3)
        assert end(process) == 0
    checks, log = recorded(tmp_path)
    assert [entry.number for entry in log] == [1, 2]
    said = (tmp_path / "log").read_text()
    assert sum(server.url("/story") in line and " article " in line for line in said.splitlines()) == len(
        checks
    )
    assert said.splitlines()[-1].endswith("stopped")
    (told,) = [request for request in server.requests if request.target == "/desk"]
    stamp = told.headers["x-writethru-timestamp"]
    assert told.headers["x-writethru-signature"] == "sha256=" + signature("quay-secret", stamp, told.body)
    assert json.loads(told.body)["delivery"] == told.headers["x-writethru-delivery"]


def test_the_check_in_hand_is_finished_at_sigterm(tmp_path: Path, server: Scripted) -> None:
    asked = threading.Event()

    def slowly(line: Line) -> None:
        asked.set()
        line.drip([http(200, page())[:200]], every=1.0)
        line.send(http(200, page())[200:])

    config = configure(
        tmp_path, server, f'[[sources]]\nname = "s"\nkind = "page"\nurl = "{server.on("/story", slowly)}"\n'
    )
    with daemon(config, tmp_path / "log") as process:
        assert asked.wait(_PATIENCE)
        assert end(process) == 0
    assert [entry.number for entry in recorded(tmp_path)[1]] == [1]


def test_a_source_that_is_down_does_not_stop_the_others(tmp_path: Path, server: Scripted) -> None:
    down = server.on("/down", lambda line: line.hold())
    sources = one_page(server, page(), edited("Seven", "Eight"))
    sources += (
        f'[[sources]]\nname = "down"\nkind = "page"\nurl = "{down.replace("127.0.0.1", "localhost")}"\n'
    )
    config = configure(tmp_path, server, sources)
    opened = config.read_text().replace(
        'allow_private = ["', f'allow_private = ["localhost:{server.port}", "'
    )
    config.write_text(opened.replace('deadline = "3s"', 'deadline = "1s"'))
    with daemon(config, tmp_path / "log") as process:
        until(lambda: {1, 2} <= {entry.number for entry in recorded(tmp_path)[1]})
        until(lambda: any(entry.check.error == "timeout" for entry in recorded(tmp_path)[0]))
        assert process.poll() is None
        assert end(process) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_sighup_reads_the_configuration_again_and_mistakes_change_nothing(
    tmp_path: Path, server: Scripted
) -> None:
    config = configure(tmp_path, server, one_page(server, page()))
    good = config.read_text()
    more = server.on("/more", http(200, page(headline="Ferries run all night")))
    log = tmp_path / "log"
    with daemon(config, log) as process:
        until(lambda: "/story" in server.asked)
        config.write_text("[fetch]\nnonsense = 1\n")
        process.send_signal(signal.SIGHUP)
        until(lambda: "stays as it was" in log.read_text())
        config.write_text(good + f'[[sources]]\nname = "more"\nkind = "page"\nurl = "{more}"\n')
        process.send_signal(signal.SIGHUP)
        until(lambda: "/more" in server.asked)
        assert end(process) == 0


def test_its_own_pages_are_never_fetched_however_the_configuration_changes(
    tmp_path: Path, server: Scripted
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = f"http://127.0.0.1:{port}"
    sources = one_page(server, page()) + f'[[sources]]\nname = "own"\nkind = "page"\nurl = "{own}/"\n'
    config = configure(tmp_path, server, sources)
    text = config.read_text().replace(f'"{server.host}"', '"127.0.0.1"')
    text = text.replace("enabled = false", f'enabled = true\nlisten = "127.0.0.1:{port}"')
    config.write_text(text)

    def errors(url: str) -> set[str | None]:
        return {entry.check.error for entry in recorded(tmp_path)[0] if entry.url == url}

    with daemon(config, tmp_path / "log") as process:
        until(lambda: errors(f"{own}/") == {"refused_address"})
        more = f'[[sources]]\nname = "more"\nkind = "page"\nurl = "{own}/charts"\n'
        config.write_text(text.replace(f'127.0.0.1:{port}"\n', f'127.0.0.1:{port + 1}"\n') + more)
        process.send_signal(signal.SIGHUP)
        until(lambda: bool(errors(f"{own}/charts")))
        assert end(process) == 0
    assert errors(f"{own}/charts") == {"refused_address"}
    assert errors(server.url("/story")) == {None}


def test_two_daemons_on_one_database_are_refused(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page()))
    with daemon(config, tmp_path / "log"):
        until(lambda: "/story" in server.asked)
        (status,) = lines(writethru(config, "status", "--json"))
        assert status["running"] is True
        second = program(config, "run", "--for", "5")
    assert second.returncode == 2
    assert "Another writethru run" in second.stderr


def test_it_stops_by_itself_after_the_time_given(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page()))
    done = program(config, "run", "--for", "2")
    assert done.returncode == 0
    assert "/story" in server.asked


def test_pages_show_what_was_seen_and_nothing_to_strangers(tmp_path: Path, server: Scripted) -> None:
    import http.client
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = configure(tmp_path, server, one_page(server, page(), edited("Seven", "Eight")))
    config.write_text(
        config.read_text().replace(
            "enabled = false", f'enabled = true\nlisten = "127.0.0.1:{port}"\ntoken = "open-quay"'
        )
    )

    def get(path: str, **headers: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        text, policy = answer.read().decode(), answer.headers.get("Content-Security-Policy", "")
        connection.close()
        return answer.status, text, policy

    with daemon(config, tmp_path / "log") as process:
        until(lambda: len(recorded(tmp_path)[1]) == 2)
        assert get("/")[0] == 401
        known = {"Authorization": "Bearer open-quay"}
        for path in (
            "/",
            "/articles/1",
            "/articles/1/2",
            "/articles/1/diff/1..2",
            "/health/live",
            "/health/ready",
        ):
            status, _text, policy = get(path, **known)
            assert status == 200, path
            assert "unsafe" not in policy
        assert "Eight" in get("/articles/1/diff/1..2", **known)[1]
        assert get("/articles/99", **known)[0] == 404
        assert get(f"/articles/{10**30}", **known)[0] == 404
        assert get("/articles/1/diff/1..9", **known)[0] == 404
        assert end(process) == 0
