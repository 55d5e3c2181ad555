"""The promises of a source with ``fetch = "browser"``, at the command line: from the configuration to the evidence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.browser import chromium
from monitor.cli.common import now
from monitor.cli.doctor import Level, findings
from monitor.cli.service import browser_for
from monitor.config import load_config
from monitor.errors import FetchError
from storage.records import FetchProblem
from storage.store import Store
from storage.survey import library
from tests.headless import as_another_user, needs_sandbox, program, runs_as_root
from tests.newsdesk import BODY, ROOT, configure, edited, lines, outcomes, page, writethru
from tests.servers import Line, Scripted, http

pytestmark = pytest.mark.slow

SHELL_PAGE = """<!doctype html><html><head><title>The Quay</title></head><body><div id="root"></div><script>
fetch('{data}').then(answer => answer.text()).then(text => {{
  document.documentElement.innerHTML = new DOMParser().parseFromString(text, 'text/html').documentElement.innerHTML;
}});</script></body></html>"""


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


def watch(folder: Path, server: Scripted, *stories: str, fetch: str = "browser", more: str = "") -> Path:
    """A configuration that watches one page, which a script fills with these stories, one after the other."""
    data = server.on("/story-data", *(http(200, story) for story in stories))
    url = server.on("/story", http(200, SHELL_PAGE.format(data=data)))
    source = f'[[sources]]\nname = "story"\nkind = "page"\nurl = "{url}"\ninterval = "1s"\nfetch = "{fetch}"\n{more}\n'
    path = configure(folder, server, source)
    text = path.read_text().replace('deadline = "3s"', f'deadline = "20s"\nbrowser = "{program(folder)}"')
    path.write_text(text)
    return path


# ---------------------------------------------------------------------- a source that is opened in a browser


def test_a_story_that_a_script_brings_is_watched_from_first_look_to_evidence(
    tmp_path: Path, server: Scripted
) -> None:
    needs_sandbox(tmp_path)
    new = edited("Seven people", "Nine people")
    config = watch(tmp_path, server, page(), page(noise="2"), new)
    with as_another_user():
        assert outcomes(lines(writethru(config, "check", "--json", "story"))) == ["first"]
        assert outcomes(lines(writethru(config, "check", "--json", "story"))) == ["same"]
        with Store.open("sqlite:///store.db", tmp_path) as store, store._database.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM bodies").scalar() == 4
        (check,) = lines(writethru(config, "check", "--json", "story"))
    assert (check["outcome"], check["verdict"], check["status"]) == ("changed", "article", 200)
    assert "Nine" in writethru(config, "log", "--json", "1").stdout
    out = tmp_path / "evidence.zip"
    assert writethru(config, "evidence", "1", "2", "--out", str(out)).returncode == 0
    with zipfile.ZipFile(out) as bundle:
        assert bundle.read("received/screenshot.jpg").startswith(b"\xff\xd8\xff")
        assert b"Nine people" in bundle.read("received/body")
        bundle.extract("verify.py", tmp_path)
    proved = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verify.py"), str(out)], capture_output=True, check=False
    )
    assert proved.returncode == 0, proved.stdout
    assert writethru(config, "verify").returncode == 0


def test_pages_that_are_due_at_once_have_their_turns(tmp_path: Path, server: Scripted) -> None:
    needs_sandbox(tmp_path)
    config = watch(tmp_path, server, page())
    with Scripted() as other:

        def slowly(line: Line) -> None:
            time.sleep(3)
            line.send(http(200, page()))

        url = other.on("/other", slowly)
        more = f'[[sources]]\nname = "other"\nkind = "page"\nurl = "{url}"\nfetch = "browser"\n'
        text = config.read_text().replace("allow_private = [", f'allow_private = ["{other.host}", ')
        config.write_text(text + more)
        with as_another_user():
            found = lines(writethru(config, "check", "--json"))
    assert outcomes(found) == ["first", "first"]


def test_robots_txt_holds_for_a_browser_too(tmp_path: Path, server: Scripted) -> None:
    config = watch(tmp_path, server, page())
    config.write_text(config.read_text().replace("robots = false", "robots = true"))
    server.on("/robots.txt", http(200, "User-agent: *\nDisallow: /story", kind="text/plain"))
    with as_another_user():
        (check,) = lines(writethru(config, "check", "--json", "story"))
    assert (check["outcome"], check["error"]) == ("failed", "robots")
    assert server.asked == ["/robots.txt"]


def test_a_server_that_fails_is_a_failed_check(tmp_path: Path, server: Scripted) -> None:
    needs_sandbox(tmp_path)
    config = watch(tmp_path, server, page())
    server.on("/story", http(500, page()))
    with as_another_user():
        (check,) = lines(writethru(config, "check", "--json", "story"))
    assert (check["outcome"], check["error"], check["status"]) == ("failed", "http_error", 500)


# ---------------------------------------------------------------------- a source that wants one


def test_a_shell_is_said_to_want_a_browser_until_it_has_one(tmp_path: Path, server: Scripted) -> None:
    needs_sandbox(tmp_path)
    config = watch(tmp_path, server, page(), fetch="http")
    (check,) = lines(writethru(config, "check", "--json", "story"))
    assert (check["outcome"], check["verdict"]) == ("withheld", "empty")
    said = (
        '1 of its pages is a shell that a script is to fill; fetch = "browser" would open them in a browser'
    )
    assert f"source story: {said}" in writethru(config, "status").stdout
    (status,) = lines(writethru(config, "status", "--json"))
    assert status["troubles"]["source story"] == said
    (source,) = lines(writethru(config, "sources", "--json"))
    assert (source["error"], source["wants_browser"]) == (said, True)
    config.write_text(config.read_text().replace('fetch = "http"', 'fetch = "browser"'))
    with as_another_user():
        assert outcomes(lines(writethru(config, "check", "--json", "story"))) == ["first"]
    (source,) = lines(writethru(config, "sources", "--json"))
    assert (source["error"], source["wants_browser"]) == (None, False)


def test_an_article_that_became_a_shell_is_no_revision(tmp_path: Path, server: Scripted) -> None:
    config = watch(tmp_path, server, page(), fetch="http")
    shell = http(200, SHELL_PAGE.format(data="/none"))
    server.on("/story", http(200, page()), shell)
    assert outcomes(lines(writethru(config, "check", "--json", "story"))) == ["first"]
    (check,) = lines(writethru(config, "check", "--json", "story"))
    assert (check["outcome"], check["verdict"], check["revision"]) == ("withheld", "empty", 1)


# ---------------------------------------------------------------------- mistakes


def test_as_root_the_configuration_is_a_mistake(
    tmp_path: Path, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "runs_as_root", runs_as_root)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    config = watch(tmp_path, server, page())
    for words in (("config", "check"), ("check",), ("prepare",), ("run", "--for", "1")):
        told = writethru(config, *words)
        assert told.returncode == 2
        assert told.stderr == (
            "writethru: sources[0].fetch (story): no page is opened in a browser as root, which Chromium's sandbox "
            "does not bind: run Writethru as a user of its own\n"
        )
    assert server.requests == []
    (finding,) = [f for f in findings(config, now(), library()) if f.check == "browser"]
    assert (finding.level, finding.remedy) == (Level.PROBLEM, "run Writethru as a user of its own")


def test_without_the_extra_the_configuration_is_a_mistake_and_all_else_works(
    tmp_path: Path, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "find_spec", lambda _: None)
    config = watch(tmp_path, server, page())
    told = writethru(config, "check")
    assert (told.returncode, told.stderr) == (
        2,
        "writethru: sources[0].fetch (story): Playwright is not installed: pip install 'writethru[browser]'\n",
    )
    (finding,) = [f for f in findings(config, now(), library()) if f.check == "browser"]
    assert (finding.level, finding.remedy) == (Level.PROBLEM, "pip install 'writethru[browser]'")
    config.write_text(config.read_text().replace('fetch = "browser"', 'fetch = "http"'))
    assert outcomes(lines(writethru(config, "check", "--json"))) == ["withheld"]
    (finding,) = [f for f in findings(config, now(), library()) if f.check == "browser"]
    assert finding.level is Level.OK


def test_nothing_of_playwright_is_loaded_where_no_source_wants_it(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, "")
    code = (
        "import sys; from monitor.cli import main; main(sys.argv[1:]); "
        "sys.exit(any(name.partition('.')[0] == 'playwright' for name in sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, "--config", str(config), "check"], cwd=ROOT, check=False
    )
    assert told.returncode == 0


# ---------------------------------------------------------------------- the daemon

DAEMON = """
import sys
from monitor.browser import chromium
chromium.runs_as_root = lambda: False  # its program runs as another user
from monitor.cli import main
sys.exit(main(sys.argv[1:]))
"""


def children_of(parent: int) -> set[int]:
    """All that descend from that process."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
    found: set[int] = set()
    more = {parent}
    while more:
        more = {child for child, its in parents.items() if its in more} - found
        found |= more
    return found


def is_chromium(process: int) -> bool:
    try:
        return b"--user-data-dir=" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="which processes there are is asked of /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_browser_ends_with_the_daemon_however_that_ends(
    tmp_path: Path, server: Scripted, how: signal.Signals
) -> None:
    needs_sandbox(tmp_path)
    config = watch(tmp_path, server, page())
    command = [sys.executable, "-c", DAEMON, "--config", str(config), "run"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, cwd=ROOT, stderr=log) as daemon:
        try:
            ends = time.monotonic() + 40
            while not (running := {each for each in children_of(daemon.pid) if is_chromium(each)}):
                assert time.monotonic() < ends, (tmp_path / "log").read_text()
                time.sleep(0.05)
            while "/story-data" not in server.asked:
                assert time.monotonic() < ends, (tmp_path / "log").read_text()
                time.sleep(0.05)
            running = {each for each in children_of(daemon.pid) if is_chromium(each)} or running
            daemon.send_signal(how)
            daemon.wait(30)
        finally:
            daemon.kill()
    ends = time.monotonic() + 40
    while left := {each for each in running if is_chromium(each)}:
        assert time.monotonic() < ends, f"{left} still run"
        time.sleep(0.1)


def test_the_pages_of_the_daemon_are_no_place_for_a_browser(tmp_path: Path, server: Scripted) -> None:
    """A page may not speak to our own web pages, whatever is allowed."""
    with Scripted() as ours:
        config = watch(tmp_path, server, page())
        config.write_text(
            config.read_text()
            .replace("enabled = false", f'enabled = true\nlisten = "127.0.0.1:{ours.port}"')
            .replace("allow_private = [", 'allow_private = ["127.0.0.0/8", ')
        )
        needs_sandbox(tmp_path)
        url = server.on("/curious", http(200, f"<p>{BODY[0]}<img src='{ours.url('/api')}'>"))
        with as_another_user():
            browser = browser_for(load_config(config))
            assert browser is not None
            with browser:
                browser.get(url)
                with pytest.raises(FetchError) as caught:
                    browser.get(ours.url("/"))
        assert caught.value.problem is FetchProblem.REFUSED_ADDRESS
        assert ours.requests == []
