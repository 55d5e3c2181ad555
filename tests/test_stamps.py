"""Stamps on the chain: a real one is believed for the head it is on and for no other, and no check waits for it."""

from __future__ import annotations

import json
import logging
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp
from sqlalchemy import update

from monitor.cli import main
from monitor.config import StampSettings
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.stamps import StampCheck, check_stamp, stamp_head
from storage.records import Stamp
from storage.schema import stamps
from storage.store import Store
from tests.authority import NAME, REFUSAL, Authority, stamped
from tests.newsdesk import configure, edited, lines, one_page, page, writethru
from tests.savepagenow import hang
from tests.servers import Scripted, http
from tests.test_service import daemon, until
from tests.test_store import NOW, at, changed, first, new_store, watched
from tests.test_visit import Clock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authority(clock: Clock) -> Iterator[Authority]:
    with Authority(clock) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        (article,) = watched(opened)
        opened.record(first(article))
        yield opened


def a_round(store: Store, authority: Scripted, clock: Clock, **settings: Any) -> bool:
    fetcher = Fetcher(Guard([authority.host]), user_agent="Writethru/test", deadline=5.0)
    wanted = StampSettings(**{"url": authority.url("/tsa"), **settings})
    return stamp_head(store, wanted, fetcher, clock)


def go_on(store: Store, minute: float) -> None:
    """One more entry in the log."""
    (article,) = store.articles()
    store.record(changed(store.article(article.id), minute))


def the_stamp(store: Store) -> Stamp:
    (stamp,) = store.stamps.all()
    return stamp


def the_token(store: Store) -> bytes:
    token = the_stamp(store).token
    assert token is not None
    return token


# ---------------------------------------------------------------------- what a stamp is worth


def test_a_stamp_is_believed_for_the_head_it_is_on_and_for_no_other(
    store: Store, authority: Authority, clock: Clock
) -> None:
    assert a_round(store, authority, clock)
    head, token = store.chain_head() or "", the_token(store)
    assert check_stamp(token, head, authority.ca) == StampCheck(time=NOW, authority=NAME, trusted=True)
    go_on(store, 5)
    found = check_stamp(token, store.chain_head() or "", authority.ca)
    assert (found.trusted, found.trouble) == (False, "it is on something else than this chain")
    assert found.time == NOW


def test_without_certificates_it_is_said_that_nobody_vouches_for_it(
    store: Store, authority: Authority, clock: Clock
) -> None:
    a_round(store, authority, clock)
    found = check_stamp(the_token(store), store.chain_head() or "", None)
    assert found == StampCheck(time=NOW, authority=NAME, trusted=False)


def test_the_certificates_of_another_authority_do_not_bear_it_out(
    store: Store, authority: Authority, clock: Clock
) -> None:
    a_round(store, authority, clock)
    with Authority(clock, root="Another Root") as other:
        found = check_stamp(the_token(store), store.chain_head() or "", other.ca)
    assert not found.trusted
    assert (found.trouble or "").startswith("the certificates do not bear it out: ")


def test_a_stamp_with_another_time_in_it_is_not_believed(
    store: Store, authority: Authority, clock: Clock
) -> None:
    a_round(store, authority, clock)
    altered = the_token(store).replace(b"20260301120000Z", b"20250301120000Z")
    assert altered != the_token(store)
    found = check_stamp(altered, store.chain_head() or "", authority.ca)
    assert not found.trusted
    assert found.trouble is not None


def test_no_altered_stamp_is_believed_at_another_time_or_fells_the_checking(
    store: Store, authority: Authority, clock: Clock
) -> None:
    a_round(store, authority, clock)
    token, head, dice = the_token(store), store.chain_head() or "", random.Random(7)
    for _ in range(300):
        altered = bytearray(token)
        altered[dice.randrange(len(altered))] ^= 1 << dice.randrange(8)
        found = check_stamp(bytes(altered), head, authority.ca)
        assert not found.trusted or found.time == NOW
        assert found.trusted is (found.trouble is None)
    for length in range(0, len(token), 7):
        assert check_stamp(token[:length], head, authority.ca).trouble == "it is no time stamp"


@pytest.mark.parametrize("token", [b"", b"not DER", b"0\x80", bytes(1000)])
def test_what_is_no_stamp_is_called_that(token: bytes) -> None:
    assert check_stamp(token, "0" * 64, None).trouble == "it is no time stamp"


def test_a_refusal_is_called_one() -> None:
    assert check_stamp(REFUSAL, "0" * 64, None).trouble == "it is a refusal: status 2"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to check a stamp with")
def test_anybody_can_check_a_stamp_with_openssl(
    store: Store, authority: Authority, clock: Clock, tmp_path: Path
) -> None:
    a_round(store, authority, clock)
    for name, data in (("stamp.tsr", the_token(store)), ("ca.pem", authority.ca)):
        (tmp_path / name).write_bytes(data)

    def checked(head: str) -> bool:
        (tmp_path / "head").write_text(head)
        words = "openssl ts -verify -data head -in stamp.tsr -CAfile ca.pem -attime".split()
        words.append(f"{NOW.timestamp():.0f}")
        return subprocess.run(words, cwd=tmp_path, capture_output=True).returncode == 0

    assert checked(store.chain_head() or "")
    assert not checked("0" * 64)


# ---------------------------------------------------------------------- when one is asked for


def test_nothing_is_asked_while_off_or_while_there_is_nothing_to_stamp(
    store: Store, authority: Authority, clock: Clock, tmp_path: Path
) -> None:
    assert not a_round(store, authority, clock, url=None)
    (tmp_path / "empty").mkdir()
    with new_store(tmp_path / "empty") as empty:
        assert not a_round(empty, authority, clock)
    assert authority.requests == []


def test_the_head_is_stamped_when_it_has_moved_and_the_last_stamp_is_old_enough(
    store: Store, authority: Authority, clock: Clock
) -> None:
    assert a_round(store, authority, clock)
    clock.now += 2 * DAY
    assert not a_round(store, authority, clock)  # it has not moved
    go_on(store, 5)
    assert a_round(store, authority, clock)
    go_on(store, 6)
    clock.now += DAY - timedelta(seconds=1)
    assert not a_round(store, authority, clock)
    clock.now += timedelta(seconds=1)
    assert a_round(store, authority, clock)
    assert len(authority.requests) == 3
    stamps = store.stamps.all()
    assert [(stamp.head, stamp.seq) for stamp in stamps] == [(e.chain, e.seq) for e in store.log()]
    for stamp in stamps:
        assert check_stamp(stamp.token or b"", stamp.head, authority.ca).trusted


def test_a_clock_put_back_stops_no_stamps(store: Store, authority: Authority, clock: Clock) -> None:
    a_round(store, authority, clock)
    go_on(store, 5)
    clock.now -= timedelta(days=3650)
    assert a_round(store, authority, clock)


@pytest.mark.parametrize(
    "odd",
    [http(503, "away"), http(200, "<!doctype html>"), stamped(REFUSAL), b"", stamped(b"")],
)
def test_a_failure_is_logged_once_kept_and_tried_again_an_hour_later(
    store: Store, authority: Authority, clock: Clock, odd: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    authority.odd = odd
    with caplog.at_level(logging.WARNING):
        for _ in range(3 * 60):
            assert not a_round(store, authority, clock)
            clock.go_on(1)
    assert len(authority.requests) == 3
    assert len(caplog.records) == 1
    failure = store.stamps.failure()
    assert failure is not None
    assert (failure.error or "no error") in caplog.text
    authority.odd = None
    assert a_round(store, authority, clock)
    assert store.stamps.failure() is None


def test_an_authority_that_hangs_is_a_failure_like_any_other(
    store: Store, authority: Authority, clock: Clock
) -> None:
    authority.odd = hang
    fetcher = Fetcher(Guard([authority.host]), user_agent="Writethru/test", deadline=0.3)
    assert not stamp_head(store, StampSettings(url=authority.url("/tsa")), fetcher, clock)
    failure = store.stamps.failure()
    assert failure is not None
    assert "did not answer" in (failure.error or "")


def test_a_stamp_on_something_else_an_old_one_or_an_untrusted_one_is_not_kept(
    store: Store, authority: Authority, clock: Clock, tmp_path: Path
) -> None:
    def said() -> str:
        assert not a_round(store, authority, clock, ca=str(tmp_path / "ca.pem"))
        clock.now += HOUR
        failure = store.stamps.failure()
        return (failure.error or "") if failure else ""

    (tmp_path / "ca.pem").write_bytes(authority.ca)
    authority.signs_for = b"0" * 64
    assert said() == "The authority's stamp is not fine: it is on something else than this chain."
    authority.signs_for, authority.nonce = None, 12
    assert said() == "The authority's stamp answers another question."
    authority.nonce = None
    with Authority(clock, root="Another Root") as other:
        (tmp_path / "ca.pem").write_bytes(other.ca)
    assert said().startswith("The authority's stamp is not fine: the certificates do not bear it out")
    assert store.stamps.all() == []
    (tmp_path / "ca.pem").write_bytes(authority.ca)
    assert a_round(store, authority, clock, ca=str(tmp_path / "ca.pem"))


def test_the_authority_is_told_the_digest_of_the_head_and_nothing_else(
    store: Store, authority: Authority, clock: Clock
) -> None:
    a_round(store, authority, clock)
    (request,) = authority.requests
    asked = tsp.TimeStampReq.load(request.body).native
    assert set(asked) >= {"message_imprint", "nonce", "cert_req"}
    assert asked["message_imprint"]["hash_algorithm"]["algorithm"] == "sha256"
    assert (store.chain_head() or "").encode() not in request.body


# ---------------------------------------------------------------------- where it is said


def test_status_says_what_the_last_stamp_is_worth(
    store: Store, authority: Authority, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ca.pem").write_bytes(authority.ca)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[storage]\nurl = "sqlite:///archive.db"\n[web]\ntimezone = "UTC"\n'
        f'[stamp]\nurl = "{authority.url("/tsa")}"\nca = "ca.pem"\n'
    )

    def status(*words: str) -> str:
        assert main(["--config", str(config), "status", *words]) == 0
        return capsys.readouterr().out

    assert json.loads(status("--json"))["last_stamp"] is None
    a_round(store, authority, clock)
    said = json.loads(status("--json"))
    assert said["last_stamp"] == {
        "entry": 1,
        "head": store.chain_head(),
        "time": "2026-03-01T12:00:00Z",
        "authority": NAME,
        "trusted": True,
        "trouble": None,
    }
    assert said["stamp_trouble"] is None
    assert f"entry 1, 2026-03-01 12:00:00, by {NAME}\n" in status()


@pytest.mark.slow
def test_a_pass_has_the_chain_stamped_and_the_service_does_when_it_has_moved(tmp_path: Path) -> None:
    with Authority(lambda: datetime.now(UTC)) as authority, Scripted() as server:
        (tmp_path / "ca.pem").write_bytes(authority.ca)
        stamping = (
            f'[stamp]\nurl = "{authority.url("/tsa")}"\nevery = "1s"\nca = "ca.pem"\n'
            f'allow_private = ["{authority.host}"]\n'
        )
        story = one_page(server, page(), page(), edited("Seven", "Eight"))
        config = configure(tmp_path, server, story, stamping)
        assert writethru(config, "check").returncode == 0
        (said,) = lines(writethru(config, "status", "--json"))
        assert said["last_stamp"]["trusted"]
        with daemon(config, tmp_path / "log"):
            until(lambda: "stamped at entry 2 by The Quay Time Stamps" in (tmp_path / "log").read_text())
        (said,) = lines(writethru(config, "status", "--json"))
        assert (said["last_stamp"]["entry"], said["last_stamp"]["head"]) == (2, said["chain_head"])
        assert len(authority.requests) == 2


def test_a_stamp_outlives_the_settings_it_was_made_under(
    store: Store, authority: Authority, clock: Clock
) -> None:
    a_round(store, authority, clock)
    assert not a_round(store, authority, clock, url=None)
    assert store.stamps.latest() == the_stamp(store)
    assert the_stamp(store).made_at == at(0)


# ---------------------------------------------------------------------- what is made of it


@pytest.fixture
def config(store: Store, authority: Authority, clock: Clock, tmp_path: Path) -> Path:
    """A configuration on an archive whose head was stamped, with the authority's certificate."""
    assert a_round(store, authority, clock)
    (tmp_path / "ca.pem").write_bytes(authority.ca)
    path = tmp_path / "config.toml"
    path.write_text(
        f'[storage]\nurl = "sqlite:///archive.db"\n[stamp]\nurl = "{authority.url("/tsa")}"\nca = "ca.pem"\n'
    )
    return path


def test_verify_reads_the_stamps_as_well(store: Store, config: Path) -> None:
    assert writethru(config, "verify").returncode == 0
    damage = update(stamps).values(token=the_token(store).replace(b"20260301120000Z", b"20250301120000Z"))
    with store._database.writing() as connection:
        connection.execute(damage)
    told = writethru(config, "verify")
    assert told.returncode == 1
    assert "Log entry 1: the time stamp on it is no good: " in told.stdout


def test_a_stamp_on_another_head_than_the_chain_has_there_is_found(store: Store, config: Path) -> None:
    go_on(store, 5)
    with store._database.writing() as connection:
        connection.execute(update(stamps).values(seq=2))
    told = writethru(config, "verify")
    assert told.returncode == 1
    assert "Log entry 2: the time stamp on it is no good: it is on another head" in told.stdout


def test_an_evidence_bundle_holds_the_stamps_on_its_chain(store: Store, config: Path, tmp_path: Path) -> None:
    go_on(store, 5)
    for number in ("1", "2"):
        out = tmp_path / f"{number}.zip"
        assert writethru(config, "evidence", "1", number, "--out", str(out)).returncode == 0
        with zipfile.ZipFile(out) as files:
            assert files.read(f"stamps/{the_stamp(store).head}.tsr") == the_token(store)
            files.extractall(tmp_path / number)
        script = [sys.executable, "-I", "-S", "verify.py"]
        assert subprocess.run(script, cwd=tmp_path / number, check=False, capture_output=True).returncode == 0
