"""The promises of the picture of a page: it is chained, verified, handed out and taken out with the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage.errors import TakenOut
from storage.records import Outcome, Reading, Reason, Retention, sha256
from storage.sqlite import driver as sqlite3
from storage.store import Store
from storage.verify import verify
from tests.newsdesk import writethru
from tests.test_evidence import unpack, verified, write
from tests.test_keeping import all_of, unproved
from tests.test_store import DATABASE, NOW, changed, first, looked, new_store, reading, removed, watched
from tests.test_warc import records

LAST = Retention(raw_last=1)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


def shot_of(number: int) -> bytes:
    return b"\xff\xd8\xff picture " + bytes([number]) + bytes(range(256)) * 4 + b"\xff\xd9"


def pictured(outcome: Outcome, shot: int = 1) -> Outcome:
    """The same, of a page that was opened in a browser."""
    assert outcome.response is not None
    return replace(
        outcome, response=replace(outcome.response, browser="Chromium/150.0", screenshot=shot_of(shot))
    )


def story(store: Store, shots: int = 2) -> list[Outcome]:
    """Versions of an article, each with a page and a picture of its own."""
    (article,) = watched(store)
    steps = [pictured(first(article, body=b"<p>page one" * 50), 1)]
    for number in range(2, shots + 1):
        step = changed(steps[-1].article, 1440 * number, text=f"Text {number}")
        assert step.response is not None
        response = replace(step.response, body=b"<p>page %d" % number * 50)
        step = replace(step, response=response, check=replace(step.check, digest=response.digest))
        steps.append(pictured(step, number))
    for step in steps:
        store.record(step)
    return steps


def columns(store: Store, name: str) -> list[int | None]:
    with store._database.reading() as connection:
        return list(connection.exec_driver_sql(f"SELECT {name} FROM ledger ORDER BY seq").scalars())  # noqa: S608


def test_a_picture_is_kept_with_the_page_it_is_of(store: Store) -> None:
    steps = story(store)
    for number, step in enumerate(steps, 1):
        assert store.response(step.article.id, number) == step.response
    assert unproved(store) == []


def test_the_record_in_the_chain_names_the_picture(store: Store) -> None:
    steps = story(store)
    answer = json.loads(store.proof(steps[0].article.id, 1).record)["answer"]
    assert answer["screenshot"] == sha256(shot_of(1))
    assert answer["browser"] == "Chromium/150.0"


def test_a_look_that_makes_nothing_keeps_no_picture(store: Store) -> None:
    steps = story(store, 1)
    store.record(looked(steps[0].article, steps[0].check.result.SAME, NOW + timedelta(hours=1), "again"))
    assert len(columns(store, "seq")) == 1


def test_a_state_event_keeps_the_picture_of_what_showed_it(store: Store) -> None:
    steps = story(store, 1)
    gone = removed(steps[0].article, 5)
    response = replace(steps[0].response, body=b"<p>gone") if steps[0].response else None
    store.record(pictured(replace(gone, response=response), 9))
    assert columns(store, "screenshot")[-1] is not None
    assert unproved(store) == []


def test_the_same_picture_is_stored_once(store: Store) -> None:
    steps = story(store, 1)
    step = changed(steps[0].article, 5)
    store.record(pictured(step, 1))
    assert len(set(columns(store, "screenshot"))) == 1


def test_a_page_that_is_read_again_keeps_its_picture(store: Store) -> None:
    steps = story(store, 1)
    revision = steps[0].revision
    assert revision is not None
    anew = replace(revision, number=2, reason=Reason.EXTRACTOR, extraction=reading("Read otherwise."))
    article = replace(steps[0].article, revisions=2)
    store.record_reading(Reading(article=article, expects=1, revision=anew))
    assert len(set(columns(store, "screenshot"))) == 1
    assert store.response(article.id, 2) == steps[0].response
    assert unproved(store) == []


# ---------------------------------------------------------------------- taken out


def test_a_picture_goes_with_its_page_and_the_latest_stays(store: Store) -> None:
    steps = story(store, 4)
    article = steps[0].article.id
    assert all_of(store, LAST, NOW + timedelta(days=9)).payloads == 6
    for number in (1, 2, 3):
        with pytest.raises(TakenOut):
            store.response(article, number)
    assert store.response(article, 4) == steps[3].response
    assert all_of(store, LAST, NOW + timedelta(days=9)).payloads == 0
    assert unproved(store) == []


def test_a_picture_that_a_kept_page_has_as_well_stays(store: Store) -> None:
    steps = story(store, 2)
    last = changed(steps[1].article, 9999)
    store.record(pictured(last, 1))
    assert all_of(store, LAST, NOW + timedelta(days=9)).payloads == 3
    found = store.response(steps[0].article.id, 3)
    assert found is not None
    assert found.screenshot == shot_of(1)
    assert unproved(store) == []


def test_a_picture_that_another_article_has_as_well_stays(store: Store) -> None:
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    steps = [pictured(first(one, body=b"<p>one")), pictured(first(other, 1, body=b"<p>other", name="other"))]
    steps.append(pictured(changed(steps[0].article, 2), 2))
    for step in steps:
        store.record(step)
    assert all_of(store, LAST, NOW + timedelta(days=9)).payloads == 1
    found = store.response(other.id, 1)
    assert found is not None
    assert found.screenshot == shot_of(1)
    assert unproved(store) == []


def test_forgetting_takes_the_pictures_out(store: Store) -> None:
    steps = story(store)
    done = store.forget(steps[0].article.id, "a court said so", NOW + timedelta(days=9))
    assert done.kept == 0
    with store._database.reading() as connection:
        left = connection.exec_driver_sql(
            "SELECT count(*) FROM bodies JOIN ledger ON bodies.id = screenshot WHERE data IS NOT NULL"
        )
        assert left.scalar() == 0
    assert unproved(store) == []


# ---------------------------------------------------------------------- verified and handed out


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with new_store(tmp_path) as store:
        story(store)
    (tmp_path / "config.toml").write_text(f'[storage]\nurl = "{DATABASE}"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ledger SET screenshot = NULL WHERE seq = 2", "screenshot"),
        (
            "UPDATE ledger SET screenshot = (SELECT screenshot FROM ledger WHERE seq = 1) WHERE seq = 2",
            "screenshot",
        ),
        (
            "UPDATE bodies SET data = zeroblob(9) WHERE id = (SELECT screenshot FROM ledger WHERE seq = 2)",
            "screenshot",
        ),
        (
            "DELETE FROM bodies WHERE id = (SELECT screenshot FROM ledger WHERE seq = 2)",
            "screenshot is missing",
        ),
    ],
)
def test_a_picture_that_was_altered_shows(archive: Path, statement: str, said: str) -> None:
    assert verify(DATABASE, archive).findings == ()
    connection = sqlite3.connect(archive / "archive.db")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert any(said in finding.sentence for finding in verify(DATABASE, archive).findings)


def test_the_evidence_holds_the_picture_and_says_what_it_is_of(archive: Path) -> None:
    folder = unpack(write(archive, "1", "2"))
    assert (folder / "received/screenshot.jpg").read_bytes() == shot_of(2)
    told = verified(folder)
    assert told.returncode == 0
    assert "The page as it stood in Chromium/150.0: status 200" in told.stdout


def test_a_forged_picture_is_told_by_the_record(archive: Path) -> None:
    folder = unpack(write(archive, "1", "2"))
    forged = shot_of(3)
    (folder / "received/screenshot.jpg").write_bytes(forged)
    listed = json.loads((folder / "evidence.json").read_text())
    listed["files"]["received/screenshot.jpg"] = sha256(forged)
    (folder / "evidence.json").write_text(json.dumps(listed, sort_keys=True, separators=(",", ":")))
    said = "received/screenshot.jpg is not the picture that the record names"
    assert verified(folder).stdout == f"NOT VERIFIED: {said}.\n"


def test_a_web_archive_is_not_told_that_a_server_sent_what_a_browser_made(archive: Path) -> None:
    out = archive / "archive.warc.gz"
    told = writethru(archive / "config.toml", "export", "--format", "warc", "--out", str(out))
    assert told.returncode == 0, told.stderr
    found = records(out)
    assert [kind for kind, *_ in found] == ["warcinfo", *["resource"] * 4]
    url = "https://gazette.example/bridge?page=1"
    assert [headers.get_header("WARC-Target-URI") for _, headers, *_ in found[1:3]] == [
        url,
        f"urn:screenshot:{url}",
    ]
    assert found[2][3] == shot_of(1)
