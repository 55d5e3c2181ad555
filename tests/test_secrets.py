"""CVE-2023-22481, and everything like it: a secret that was configured is in nothing that is printed, logged, kept,
shown, exported or sent, but for the one request it is meant for. And the files it stands in are ours alone."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.cli.doctor import Level, findings
from monitor.config import load_config
from monitor.config.rights import open_to_change
from storage.survey import library
from tests.hostile_archive import START
from tests.newsdesk import configure, edited, page, program, writethru
from tests.servers import Scripted, http

SECRETS = {
    "WEB_TOKEN": "SECRET-web-token",
    "HOOK_PATH": "SECRET-hook-path",
    "HOOK_SIGN": "SECRET-hook-signature",
    "MAIL_WORD": "SECRET-mail-password",
    "PAGE_HEAD": "SECRET-page-header",
    "PAGE_COOK": "SECRET-page-cookie",
    "WAYBACK": "SECRET-access:SECRET-key",
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@pytest.fixture
def secretive(tmp_path: Path, server: Scripted, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration full of secrets, where nothing that they are for goes well."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "token").write_text(SECRETS["WEB_TOKEN"])
    (tmp_path / "token").chmod(0o600)
    server.on("/hook/SECRET-hook-path", http(500), http(404))
    server.on("/save", http(500))
    url = server.on("/story", http(200, page()), http(200, edited("Seven", "Eight")), http(500))
    keyed = 'headers = { X-Key = "${PAGE_HEAD}" }\ncookies = { session = "${PAGE_COOK}" }\n'
    sources = "".join(
        f'[[sources]]\nname = "{kind}"\nkind = "{kind}"\nurl = "{to}"\ninterval = "1s"\n{keyed}'
        for kind, to in (("page", url), ("feed", server.on("/feed", http(500))))
    )
    channels = "".join(
        f'[[channels]]\nname = "{name}"\nurl = "{to}"\nsecret = "${{HOOK_SIGN}}"\nallow_private = ["{server.host}"]\n'
        for name, to in (
            ("hook", server.url("/hook/${HOOK_PATH}")),
            ("mail", f"json://me:${{MAIL_WORD}}@{server.host}/mail"),
            ("closed", "https://127.0.0.1:1/${HOOK_PATH}"),
            ("nonsense", "nonsense://me:${MAIL_WORD}@x.example"),
        )
    )
    rule = '[[alerts]]\nname = "all"\nto = ["hook", "mail", "closed", "nonsense"]\n'
    more = (
        f'[witness]\nwayback = true\nurl = "{server.url()}"\nkeys = "${{WAYBACK}}"\n'
        f'interval = "0s"\nallow_private = ["{server.host}"]\n'
    )
    config = configure(tmp_path, server, sources, channels + rule + more)
    config.write_text(
        config.read_text().replace(
            "enabled = false", 'enabled = true\nlisten = "127.0.0.1:0"\ntoken = "file:token"'
        )
        + '[log]\nformat = "json"\nlevel = "debug"\n'
    )
    return config


def secrets_in(said: str | bytes) -> list[str]:
    text = said if isinstance(said, str) else said.decode("latin-1")
    found = [part for value in SECRETS.values() for part in value.split(":") if part in text]
    return found + ["SECRET"] * ("SECRET" in text)


@pytest.mark.slow
def test_cve_2023_22481_no_secret_is_in_anything_that_is_made(secretive: Path, server: Scripted) -> None:
    folder = secretive.parent
    daemon = program(secretive, "run", "--for", "6")
    assert (daemon.returncode, secrets_in(daemon.stdout + daemon.stderr)) == (0, [])
    assert "traceback" not in daemon.stderr.lower()
    for words in (
        ["check", "--all"], ["check", "--all"], ["status"], ["doctor"], ["sources"], ["articles"], ["alerts"],
        ["alerts", "test", "hook"], ["alerts", "test", "mail"], ["alerts", "test", "closed"],
        ["alerts", "test", "nonsense"],
        ["alerts", "explain", "1", "2"], ["log"], ["show", "1", "1"], ["show", "1", "1", "--raw"],
        ["diff", "1", "1..2"],
        ["diff", "1", "1..2", "--format", "html"], ["config", "check"], ["verify"],
        ["report", "--out", str(folder / "report")], ["evidence", "1", "2", "--out", str(folder / "evidence.zip")],
        ["export", "--format", "warc", "--out", str(folder / "all.warc.gz")], ["backup", str(folder / "backup.db")],
    ):  # fmt: skip
        for extra in ([], ["--json"]):
            done = writethru(secretive, *words, *extra)
            assert secrets_in(done.stdout + done.stderr) == [], words
    assert {request.headers.get("x-key") for request in server.requests if request.target == "/story"} == {
        "SECRET-page-header"
    }
    assert {"/hook/SECRET-hook-path", "/feed", "/mail"} <= {*server.asked}  # so they were used
    made = [path for path in folder.rglob("*") if path.is_file() and path.name != "token"]
    assert len(made) > 8
    assert [path for path in made if secrets_in(_contents(path))] == []


def _contents(path: Path) -> bytes:
    if path.name.endswith(".gz"):
        import gzip

        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as files:
            return b"".join(files.read(name) for name in files.namelist())
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("debug", [[], ["--debug"]], ids=["plainly", "with a traceback"])
def test_a_database_that_cannot_be_reached_does_not_tell_its_password(
    tmp_path: Path, debug: list[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[storage]\nurl = "postgresql+psycopg://me:SECRET-database@127.0.0.1:1/archive"\n')
    for words in (["status"], ["doctor"], ["check"], ["run", "--for", "1"]):
        done = program(config, *words, *debug)
        assert "SECRET" not in done.stdout + done.stderr, words


@pytest.mark.slow
def test_a_traceback_shows_no_secret(secretive: Path) -> None:
    secretive.write_text(secretive.read_text() + "[nonsense]\n")
    done = program(secretive, "status", "--debug")
    assert "Traceback" in done.stderr
    assert secrets_in(done.stderr) == []


# ---------------------------------------------------------------------- U01: the files they stand in


def test_u01_a_configuration_that_others_can_change_is_said_and_read_all_the_same(tmp_path: Path) -> None:
    """The page watchers that run commands refuse one; here nothing in it is run."""
    config = tmp_path / "config.toml"
    config.write_text("")
    config.chmod(0o666)
    (caution,) = load_config(config).cautions
    assert str(caution) == f"others on this machine can change {config}; run 'chmod go-w {config}'"
    done = writethru(config, "config", "check")
    assert (done.returncode, done.stderr) == (0, f"writethru: {caution}.\n")
    (found,) = [f for f in findings(config, START, library()) if f.check == "rights"]
    assert (found.level, found.remedy) == (Level.WARNING, f"run 'chmod go-w {config}'")


@pytest.mark.slow
def test_u01_the_service_says_it_at_its_start(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[web]\nenabled = false\n")
    config.chmod(0o666)
    done = program(config, "run", "--for", "1")
    assert sum("warning: others on this machine can change" in line for line in done.stderr.splitlines()) == 1


def test_u01_a_folder_in_which_others_replace_files_is_said(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    tmp_path.chmod(0o777)
    (caution,) = load_config(config).cautions
    assert str(tmp_path) in str(caution)
    tmp_path.chmod(0o1777)
    assert load_config(config).cautions == ()


@pytest.mark.parametrize(
    ("mode", "alone"), [(0o600, True), (0o640, True), (0o644, False), (0o604, False), (0o602, False)]
)
def test_u01_a_secret_that_others_can_read_is_said_once(tmp_path: Path, mode: int, alone: bool) -> None:
    (tmp_path / "key").write_text("SECRET")
    (tmp_path / "key").chmod(mode)
    config = tmp_path / "config.toml"
    config.write_text(
        "[web]\ntoken = 'file:key'\n[[channels]]\nname = 'c'\nurl = 'https://x.example'\nsecret = 'file:key'\n"
    )
    config.chmod(0o644)
    cautions = [str(caution) for caution in load_config(config).cautions]
    key = tmp_path / "key"
    wanted = f"others on this machine can read or change {key}, which holds a secret; run 'chmod 600 {key}'"
    assert cautions == ([] if alone else [wanted])


def test_u01_a_group_may_write_where_it_is_the_users_own(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    config.chmod(0o664)
    own = os.stat(config).st_gid == os.stat(config).st_uid
    assert (list(open_to_change(config)) == []) is own
