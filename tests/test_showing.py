"""What holds for everything that is shown: one renderer that escapes, the same headers on every answer, and no
line of a log or a terminal that a page could have written."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import pkgutil
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

import monitor
from monitor import logs
from monitor.alerts import compose
from monitor.cli import grammar
from monitor.config import WebSettings
from monitor.report import json_line
from monitor.report.html import environment
from monitor.web import create_app
from storage.records import PendingAlert
from storage.store import Store
from tests.hostile_archive import START, Archive, served
from tests.newsdesk import ROOT, command, writethru
from tests.test_store import dump

MONITOR = Path(monitor.__file__).parent
TOKEN = "open-quay"
PUBLIC: frozenset[str] = frozenset()
"""The routes that need no token."""

TRICKS = (
    "\x1b[2J\x1b[1;31mred\x1b[0m",
    "\x1b]8;;https://evil.example/\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m\x07\x08\x7f",
    "2026-03-02 10:00:00 error: forged\nwritethru: forged\rforged",
    "\u202eevil\u202c \u2066x\u2069 \u2028y\u2029z\x85w",
    "<svg onload=alert(1)>",
)


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path, [TRICKS])
    with closing(archive.store):
        yield archive


def app_of(store: Store, token: str | None = None) -> FastAPI:
    return create_app(store, WebSettings(token=token), START.tzinfo, lambda: None)  # type: ignore[arg-type]


def client_of(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


# ---------------------------------------------------------------------- one renderer


def test_every_template_of_every_environment_escapes() -> None:
    made = environment()
    assert made.autoescape is True
    for name in made.list_templates():
        source = made.get_template(name)
        assert source.environment.autoescape is True


def test_there_is_one_environment() -> None:
    makers = [
        path
        for path in MONITOR.rglob("*.py")
        if re.search(r"\bEnvironment\(|\bTemplate\(|\.from_string\(|Jinja2Templates", path.read_text())
    ]
    assert makers == [MONITOR / "report" / "html.py"]


OUR_COLOURS = "green|red|quiet|bar|link|heading|colours"
BANNED = (
    r"\|\s*safe\b", r"\bMarkup\(", r"autoescape\s+false", r"unsafe-(inline|eval|hashes)",
    r"innerHTML|insertAdjacentHTML|document\.write", r"srcdoc=", r"<script\b", r"<(iframe|object|embed|base|form)\b",
    r"\bon[a-z]+=", r"javascript:", rf"\bstyle=\"[^\"{{]*\{{\{{(?! ({OUR_COLOURS}))",
)  # fmt: skip


@pytest.mark.parametrize("banned", BANNED)
def test_nothing_steps_around_the_escaping(banned: str) -> None:
    """The names in braces are colours that the template itself gives."""
    files = [path for path in MONITOR.rglob("*") if path.suffix in (".jinja", ".css", ".js")]
    if not banned.startswith((r"<", r"\bon", r"javascript")):
        files += MONITOR.rglob("*.py")  # in which readers name tags and handlers that they take away
    assert len(files) > 10
    assert [path for path in files if re.search(banned, path.read_text())] == []


def test_there_is_no_script_of_ours() -> None:
    assert [path for path in MONITOR.rglob("*") if path.suffix in (".js", ".mjs", ".wasm")] == []


# ---------------------------------------------------------------------- every route


def routes(app: FastAPI) -> list[APIRoute]:
    assert all(isinstance(route, APIRoute) for route in app.routes)
    return [route for route in app.routes if isinstance(route, APIRoute)]


def paths(route: APIRoute, value: str) -> Iterator[str]:
    """The route's address with that value in each of its places, one at a time, and behind it."""
    names = re.findall(r"\{(\w+)\}", route.path)
    for chosen in names:
        made = route.path
        for name in names:
            made = made.replace(f"{{{name}}}", quote(value, safe="") if name == chosen else "1")
        yield made
    whole = re.sub(r"\{\w+\}", "1", route.path)
    yield f"{whole}/{quote(value, safe='')}"
    for query in [parameter.name for parameter in route.dependant.query_params] or ["q"]:
        yield f"{whole}?{query}={quote(value)}"


def assert_sealed(answer: object) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


def test_every_route_only_looks(hostile: Archive) -> None:
    """None takes anything but GET, and no GET changes anything."""
    app = app_of(hostile.store)
    before = dump(hostile.store)
    with client_of(app) as client:
        for route in routes(app):
            assert route.methods == {"GET"}
            path = re.sub(r"\{\w+\}", "1", route.path)
            assert_sealed(client.get(path))
            for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
                refused = client.request(method, path, content="a=b")
                assert refused.status_code == 405, (method, path)
                assert refused.text == "This cannot be asked here."
                assert_sealed(refused)
    assert dump(hostile.store) == before


VALUES = (
    "<svg onload=alert(1)>", "'\"><script>1</script>", "\u202e{{7*7}}", "0", "-1", f"{10**30}", "1\n2", "%00", "..",
    "../../etc/passwd", "1;DROP TABLE articles", "NaN", "١",
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_a_refusal_is_plain_text_and_repeats_nothing(hostile: Archive, value: str) -> None:
    app = app_of(hostile.store)
    with client_of(app) as client:
        for route in routes(app):
            for path in paths(route, value):
                answer = client.get(path)
                assert_sealed(answer)
                if answer.status_code >= 400:
                    assert answer.headers["content-type"] == "text/plain; charset=utf-8", path
                    assert answer.text in ("There is no such page.", "This cannot be asked here."), path
                else:
                    assert "onload=alert" not in answer.text.replace("&lt;svg onload=alert(1)&gt;", ""), path


def test_every_route_but_the_public_ones_needs_the_token(hostile: Archive) -> None:
    app = app_of(hostile.store, TOKEN)
    wrong = [
        "", "Bearer", "Bearer ", "Bearer x", "Basic", "Basic é", "Basic ====", "Basic " + "A" * 9999,
        "Basic 8J+YgA==", f"Digest {TOKEN}x", f"Bearer {TOKEN} ", f"bearer {TOKEN.upper()}", "Bearer \xff",
    ]  # fmt: skip
    with client_of(app) as client:
        for route in routes(app):
            path = re.sub(r"\{\w+\}", "1", route.path)
            if path in PUBLIC:
                continue
            for said in wrong:
                answer = client.get(path, headers=[(b"Authorization", said.encode("latin-1"))])
                assert (answer.status_code, answer.text) == (401, "This needs the token."), (path, said)
                assert_sealed(answer)
            assert client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
            assert client.get(path, auth=("anyone", TOKEN)).status_code == 200


def test_a_stranger_learns_nothing_from_a_refusal(hostile: Archive) -> None:
    """What is there, what is not and what never was look the same."""
    with client_of(app_of(hostile.store, TOKEN)) as client:
        seen = {
            client.get(path).content for path in ("/", "/articles/1", "/articles/99", "/nowhere", "/?page=x")
        }
        assert len(seen) == 1


def test_another_host_name_is_refused_with_the_same_headers(hostile: Archive) -> None:
    app = app_of(hostile.store)
    for host in ("evil.example", "127.0.0.1.evil.example", "<svg onload=alert(1)>", "www.localhost", ""):
        with client_of(app) as client:
            answer = client.get("/", headers={"Host": host})
            assert answer.status_code == 400
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert "svg" not in answer.text
            assert_sealed(answer)


def test_a_fault_of_ours_is_plain_text_and_stands_in_the_log(
    hostile: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("<svg onload=alert(1)>")

    monkeypatch.setattr(hostile.store, "article", break_down)
    with client_of(app_of(hostile.store)) as client:
        answer = client.get("/articles/1")
    assert (answer.status_code, answer.text) == (500, "Something went wrong here; the log says what.")
    assert_sealed(answer)
    assert "no answer could be made to /articles/1" in caplog.text


CLIMBING = (
    "/static/%2e%2e/app.py", "/static/../app.py", "/../etc/passwd", "/%252e%252e/x", "/..%5c..%5cx", "/%00",
    "//evil.example/", "/articles/%2e%2e/%2e%2e/etc/passwd", "/articles/1/../../../etc/passwd",
)  # fmt: skip


@pytest.mark.slow
def test_no_path_climbs_anywhere(hostile: Archive) -> None:
    with served(hostile.store) as root:
        for target in CLIMBING:
            answer = asked(root, target)
            assert (answer.status, answer.read()) == (404, b"There is no such page."), target
            assert answer.headers.get("server") is None


@pytest.mark.slow
def test_what_is_no_http_is_answered_with_nothing_of_it(hostile: Archive) -> None:
    with served(hostile.store) as root:
        answer = asked(root, "/", "<svg onload=alert(1)>")
        assert answer.status == 400
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert b"svg" not in answer.read()


def asked(root: str, target: str, header: str = "X") -> HTTPResponse:
    """The answer to a request that no tidy client sends."""
    connection = HTTPConnection(root.removeprefix("http://"), timeout=20)
    connection.putrequest("GET", target)
    connection._buffer.append(f"{header}: x".encode())  # type: ignore[attr-defined]
    connection.putheader("Connection", "close")
    connection.endheaders()
    return connection.getresponse()


# ---------------------------------------------------------------------- terminals


def harmless(text: str) -> bool:
    """Whether a terminal shows every character of it, and obeys none."""
    return all(line.isprintable() for line in re.split("[\n\t]", text))


COMMANDS = [
    ["status"], ["sources"], ["articles"], ["alerts"], ["alerts", "explain", "1", "2"], ["log"], ["log", "1", "--gaps"],
    ["diff", "1", "1..2"], ["diff", "1", "2..3", "--format", "markdown"], ["diff", "1", "2..3", "--format", "unified"],
    ["diff", "1", "2..3", "--format", "html"], ["diff", "1", "2..3", "--format", "mail"],
    ["diff", "1", "2..3", "--format", "atom"], ["doctor"], ["verify"], ["config", "check"], ["retain", "--dry-run"],
    ["reextract", "--dry-run"], ["pause", "1"], ["resume", "1"], ["prepare", TRICKS[0]], ["check", TRICKS[3]],
    ["add", TRICKS[0]], ["add", TRICKS[4]], ["remove", "1"], ["show", "1", "99"], ["show", TRICKS[0]],
    ["diff", TRICKS[3]],    ["articles", TRICKS[1]], ["export", "--format", "warc", "--out", "x.warc.gz"],
    ["backup", "b.db"], ["extract", "page.html"], ["compare", "page.html", "page.html"], ["report", "--out", "site"],
    ["simulate", "traces.jsonl", "--requests-per-hour", "9"], ["simulate", "wrong.jsonl", "--requests-per-hour", "9"],
    ["evidence", "1", "2", "--out", "e.zip"], ["forget", "1", "--because", TRICKS[3], "--yes"],
]  # fmt: skip
WITH_JSON = (
    "status sources articles alerts log diff doctor verify retain reextract prepare check show extract compare "
    "simulate"
).split()  # fmt: skip
ELSEWHERE = {"run", "restore"}
"""Commands that print nothing that a page said."""


def test_no_command_prints_what_a_terminal_would_obey(
    hostile: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hostile.folder)
    said = "".join(f"<p>{trick} and then some more words to read.</p>" for trick in TRICKS)
    (hostile.folder / "page.html").write_text(f"<h1>A headline {TRICKS[0]}</h1><article>{said}</article>")
    for name, times in (("traces", [1, 60]), ("wrong", TRICKS[0])):
        trace = {"doc_id": TRICKS[0], "outlet": TRICKS[1], "times": times}
        (hostile.folder / f"{name}.jsonl").write_text(json.dumps(trace))
    for words in COMMANDS:
        for extra in [[], ["--json"]] if words[0] in WITH_JSON else [[]]:
            done = writethru(hostile.config, *words, *extra)
            assert done.returncode in (0, 1, 2), words
            assert harmless(done.stdout), words
            assert harmless(done.stderr), words
            assert not re.search("(?m)^forged|Traceback", done.stderr), words


def test_every_command_is_tried() -> None:
    (commands,) = (action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert set(commands.choices) == {words[0] for words in COMMANDS} | ELSEWHERE


def _parser() -> argparse.ArgumentParser:
    caught: list[argparse.ArgumentParser] = []

    class Stop(Exception):
        pass

    def parse_args(self: argparse.ArgumentParser, _argv: object) -> None:
        caught.append(self)
        raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
        with pytest.raises(Stop):
            grammar.parse([])
    return caught[0]


@pytest.mark.slow
def test_on_a_terminal_a_text_is_safe_to_look_at_and_raw_bytes_are_refused(hostile: Archive) -> None:
    shown = on_terminal(hostile.config, "show", "1", "2")
    assert "[U+202E]" in shown
    assert harmless(shown.replace("\r\n", "\n"))
    assert "A terminal would obey what the server sent" in on_terminal(
        hostile.config, "show", "1", "2", "--raw"
    )


def test_into_a_file_a_text_and_raw_bytes_go_as_they_are(hostile: Archive) -> None:
    text = hostile.store.revision(1, 2).extraction.text
    assert text in writethru(hostile.config, "show", "1", "2").stdout
    assert writethru(hostile.config, "show", "1", "2", "--raw").stdout == "2"


def test_the_script_in_a_bundle_says_nothing_that_a_terminal_would_obey(hostile: Archive) -> None:
    done = writethru(hostile.config, "evidence", "1", "2", "--out", str(hostile.folder / "e.zip"))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(hostile.folder / "e.zip", "a") as files:
        files.extractall(hostile.folder / "bundle")
    script = [sys.executable, "-I", "-S", str(hostile.folder / "bundle" / "verify.py")]
    told = subprocess.run(script, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "\\x1b[2J" in told.stdout
    assert harmless(told.stdout)
    (hostile.folder / "bundle" / "\x1b[2JVerified").write_text("put in")
    told = subprocess.run(script, capture_output=True, text=True, encoding="utf-8", check=False)
    assert told.returncode == 1
    assert harmless(told.stdout)


def on_terminal(config: Path, *words: str) -> str:
    """What the command prints where a terminal is."""
    import pty

    ours, theirs = pty.openpty()
    try:
        subprocess.run(command(config, *words), cwd=ROOT, stdout=theirs, stderr=theirs, stdin=theirs, timeout=60,
                       env={**os.environ, "NO_COLOR": "1"}, check=False)  # fmt: skip
        os.close(theirs)
        return b"".join(iter(lambda: _read(ours), b"")).decode()
    finally:
        os.close(ours)


def _read(end: int) -> bytes:
    try:
        return os.read(end, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


# ---------------------------------------------------------------------- logs and messages


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> list[str]:
    """The lines that the log has after each trick was told in a message and in an exception."""
    logs.set_up(request.param, "info")
    log = logging.getLogger("writethru.test")
    log.propagate = False
    log.handlers = logging.getLogger("writethru").handlers
    for trick in TRICKS:
        log.warning("the page said %s", trick)
        try:
            raise ValueError(trick)
        except ValueError:
            log.exception("it broke at %s", trick)
    log.handlers, log.propagate = [], True
    return capsys.readouterr().err.split("\n")[:-1]


@pytest.mark.parametrize("said", ["console"], indirect=True)
def test_no_page_writes_a_line_of_a_log(said: list[str]) -> None:
    assert all(line.isprintable() for line in said)
    dated = [line for line in said if re.match(r"\d{4}-", line)]
    assert len(dated) == 2 * len(TRICKS)
    assert all(line.startswith("    ") for line in said if line not in dated)


@pytest.mark.parametrize("said", ["json"], indirect=True)
def test_a_log_in_json_is_one_line_for_each_thing_said(said: list[str]) -> None:
    assert all(line.isprintable() for line in said)
    assert len(said) == 2 * len(TRICKS)
    assert all(json.loads(line)["level"] in ("warning", "error") for line in said)
    assert TRICKS[0] in json.loads(said[1])["exception"]


def test_libraries_warn_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("console", "info")
    assert logging.lastResort is not None
    record = logging.makeLogRecord({"levelno": logging.WARNING, "levelname": "WARNING", "msg": TRICKS[3]})
    logging.lastResort.handle(record)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d warning: 2026", line)


@pytest.mark.parametrize("trick", [*TRICKS, "\ud800", "\U000e0041", "é “x”", ""])
def test_a_line_of_json_says_the_same_and_prints(trick: str) -> None:
    line = json_line({"text": trick, "inside": [trick]})
    assert line.isprintable()
    assert json.loads(line) == {"text": trick, "inside": [trick]}
    assert "é “x”" in json_line("é “x”")


def test_a_message_has_its_own_lines_and_no_others(hostile: Archive) -> None:
    for entry in hostile.store.log():
        delivery = compose(PendingAlert(id=1, channel="desk", rules=(TRICKS[0],), entry=entry))
        assert delivery.content["subject"].isprintable()
        assert harmless(delivery.content["text"])
        lines = delivery.content["text"].split("\n")
        assert lines[-1] == f"Delivery {delivery.id}"
        assert sum(line.startswith("Delivery ") for line in lines) == 1


def test_every_module_that_prints_words_from_outside_prints_them_through_one_function() -> None:
    """``print`` is left for sentences of our own."""
    for module in pkgutil.iter_modules([str(MONITOR / "cli")]):
        path = importlib.import_module(f"monitor.cli.{module.name}").__file__
        assert path is not None
        for call in re.findall(r"(?<!\w)print\((.*)", Path(path).read_text()):
            assert not re.search(r"\.(url|headline|text|summary|sentence|error|name)\b(?!\w)", call), (
                module.name,
                call,
            )
