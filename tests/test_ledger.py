"""The ledger's promise: whoever holds the chain's head can tell any later change to what it covers, and
``verify`` names the change."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.bodies import Bodies
from storage.engine import Database
from storage.forms import revision_form
from storage.ledger import ORIGIN, link
from storage.records import (
    Alert,
    CheckResult,
    EventKind,
    Retention,
    ServiceEntry,
    ServiceReason,
    Severity,
    canonical_json,
    sha256,
)
from storage.schema import metadata
from storage.sqlite import driver as sqlite3
from storage.store import Store
from storage.verify import Finding, verify, whole
from tests.newsdesk import writethru
from tests.test_migrations import archive_of
from tests.test_store import DATABASE, NOW, answer, at, changed, first, looked, new_store, removed, watched


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed archive of two articles: five revisions, two state events and a gap in the log, an alert, a
    page that both articles had, and looks that found nothing new."""
    folder = tmp_path_factory.mktemp("made")
    with new_store(folder) as store:
        one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
        steps = [first(one, 0), first(other, 1)]
        alerts = (Alert(channel="desk", rules=("all",)),)
        steps.append(changed(steps[0].article, 2, kind=EventKind.QUOTE_CHANGED, alerts=alerts))
        steps.append(removed(steps[1].article, 3))
        steps.append(changed(steps[2].article, 4, text="Another text.", severity=Severity.MINOR))
        steps.append(removed(steps[4].article, 5, body=b"<p>gone</p>"))
        steps.append(changed(steps[3].article, 6, text="It is back."))
        for step in steps:
            store.record(step)
        store.note(ServiceEntry(reason=ServiceReason.GAP, seen_at=at(8), not_seen_before=at(6)))
    return folder


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made / "archive.db", tmp_path)
    return tmp_path


def alter(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount, statement


def swap(folder: Path, table: str, column: str, one: int, two: int) -> None:
    """Give each of two rows, which are named by their keys, the other's value in that column."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        held = dict(connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall())  # noqa: S608
        statement = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"  # noqa: S608
        connection.execute(statement, (-1, one))
        connection.execute(statement, (held[one], two))
        connection.execute(statement, (held[two], -1 if column == "seq" else one))


def found(folder: Path, **wanted: Any) -> list[Finding]:
    return list(verify(DATABASE, folder, **wanted).findings)


def test_an_untouched_archive_verifies(archive: Path) -> None:
    read = verify(DATABASE, archive)
    assert read.findings == ()
    assert (read.revisions, read.entries, read.checks, read.bodies) == (5, 8, 7, 14)
    with Store.open(DATABASE, archive) as store:
        assert read.head == store.chain_head()


def test_an_empty_archive_verifies(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    assert found(tmp_path) == []


def test_the_archive_of_the_first_release_verifies_once_it_is_brought_up(tmp_path: Path) -> None:
    archive_of("0001", tmp_path)
    read = verify(DATABASE, tmp_path)
    assert read.findings == ()
    assert read.revisions == 3


def test_processes_that_share_the_work_find_the_same(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alter(
        archive, "UPDATE ledger SET reason = 'revert' WHERE seq = 5", "UPDATE checks SET ms = 1 WHERE seq = 2"
    )
    alone = verify(DATABASE, archive)
    monkeypatch.setattr(whole, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(whole, "_PIECE", 1)
    assert verify(DATABASE, archive, processes=2) == alone
    assert len(alone.findings) == 2


# ---------------------------------------------------------------------- alterations

ALTERATIONS = {
    "a revision's reason": ("UPDATE ledger SET reason = 'revert' WHERE seq = 3", "reason"),
    "a revision's first sight": ("UPDATE ledger SET seen_at = seen_at + 1 WHERE seq = 3", "first sight"),
    "a revision's severity": ("UPDATE ledger SET severity = 2 WHERE seq = 3", "severity"),
    "a revision's kinds of events": ("UPDATE ledger SET kinds = kinds + 1 WHERE seq = 3", "kinds"),
    "a revision's text": (
        "UPDATE ledger SET text = (SELECT text FROM ledger WHERE seq = 5) WHERE seq = 3",
        "text",
    ),
    "a revision's page": (
        "UPDATE ledger SET payload = (SELECT payload FROM ledger WHERE seq = 1) WHERE seq = 3",
        "received page",
    ),
    "a revision's page, taken away": ("UPDATE ledger SET payload = NULL WHERE seq = 3", "received page"),
    "a revision's text digest": ("UPDATE ledger SET text_digest = zeroblob(16) WHERE seq = 3", "text digest"),
    "a revision's headline": ("UPDATE ledger SET headline = 'Other' WHERE seq = 3", "headline"),
    "a state event's kind": ("UPDATE ledger SET reason = 'blocked' WHERE seq = 4", "reason"),
    "a state event's time": ("UPDATE ledger SET seen_at = 0 WHERE seq = 4", "first sight"),
    "a state event's page": ("UPDATE ledger SET payload = 1 WHERE seq = 6", "received page"),
    "a note of the service": ("UPDATE ledger SET seen_at = 0 WHERE seq = 8", "Log entry 8"),
    "a state event made a revision": ("UPDATE ledger SET number = 4 WHERE seq = 6", "number"),
    "an article's address": ("UPDATE articles SET url = 'https://gazette.example/x' WHERE id = 1", "address"),
    "an article's headline": ("UPDATE articles SET headline = 'Other' WHERE id = 1", "headline"),
    "an article's count": ("UPDATE articles SET revisions = 2 WHERE id = 1", "2 revisions, and there are 3"),
    "an entry's record": ("UPDATE ledger SET record = 3 WHERE seq = 3", "chain breaks"),
    "an entry's chain": ("UPDATE ledger SET chain = zeroblob(32) WHERE seq = 4", "chain breaks"),
    "an entry, taken away": ("DELETE FROM ledger WHERE seq = 4", "chain breaks"),
    "the oldest entry, taken away": ("DELETE FROM ledger WHERE seq = 1", "chain breaks"),
    "the newest revision, taken away": ("DELETE FROM ledger WHERE seq = 5", "3 revisions, and there"),
    "an entry that an alert is about": ("DELETE FROM ledger WHERE seq = 3", "alerts"),
    "a body": (
        "UPDATE bodies SET data = zeroblob(20) WHERE id = (SELECT payload FROM ledger WHERE seq = 1)",
        "received page",
    ),
    "a body, taken away": (
        "DELETE FROM bodies WHERE id = (SELECT text FROM ledger WHERE seq = 1)",
        "text is missing",
    ),
    "a body, emptied": (
        "UPDATE bodies SET data = NULL, base = NULL, base2 = NULL, base3 = NULL, depth = 0"
        " WHERE id = (SELECT text FROM ledger WHERE seq = 7)",
        "taken out, and no log entry says so",
    ),
    "a record, emptied": (
        "UPDATE bodies SET data = NULL WHERE id = (SELECT record FROM ledger WHERE seq = 7)",
        "taken out, and no log entry says so",
    ),
    "a body nobody asked for": (
        "INSERT INTO bodies (digest, article_id, shared, size, codec, depth, data)"
        " SELECT zeroblob(32), 1, 0, size, codec, 0, data FROM bodies WHERE id = 1",
        "no entry refers",
    ),
    "a check's answer": ("UPDATE checks SET status = 404 WHERE seq = 3", "check 2 was altered"),
    "a check, taken away": ("DELETE FROM checks WHERE seq = 3", "taken away"),
    "the newest check, taken away": ("DELETE FROM checks WHERE seq = 6", "checked 4 times"),
    "a delivery that never was": ("UPDATE alerts SET delivery_id = 'x'", "deliveries"),
}


@pytest.mark.parametrize(("statement", "said"), ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_an_alteration_is_found_and_named(archive: Path, statement: str, said: str) -> None:
    alter(archive, statement)
    assert any(said in finding.sentence for finding in found(archive)), found(archive)


def test_two_entries_that_changed_places_show(archive: Path) -> None:
    swap(archive, "ledger", "seq", 3, 4)
    assert {finding.entry for finding in found(archive) if "chain breaks" in finding.trouble} == {3, 4, 5}


def test_two_revisions_that_changed_numbers_show(archive: Path) -> None:
    swap(archive, "ledger", "number", 1, 3)
    assert any("not numbered in their order" in finding.trouble for finding in found(archive))


def test_two_checks_that_changed_numbers_show(archive: Path) -> None:
    swap(archive, "checks", "number", 1, 3)
    assert any("was altered" in finding.trouble for finding in found(archive))


def test_a_log_cut_at_its_end_shows_to_whoever_holds_the_head(archive: Path) -> None:
    with Store.open(DATABASE, archive) as store:
        head = store.chain_head()
    assert head is not None
    assert found(archive, head=head) == []
    alter(archive, "DELETE FROM ledger WHERE seq = 8")
    said = [finding.sentence for finding in found(archive, head=head)]
    assert any(
        sentence.startswith(f"The database: the head {head} is not in its chain; ") for sentence in said
    )


def test_an_earlier_head_is_in_the_chain_too(archive: Path) -> None:
    with Store.open(DATABASE, archive) as store:
        assert all(found(archive, head=entry.chain) == [] for entry in store.log())


def test_the_source_that_watches_an_article_is_not_in_the_chain(archive: Path) -> None:
    alter(archive, "UPDATE sources SET name = 'Renamed Gazette'")
    assert found(archive) == []


# ---------------------------------------------------------------------- every cell

EVIDENCE = {
    "ledger": [column.name for column in metadata.tables["ledger"].columns],
    "bodies": [column.name for column in metadata.tables["bodies"].columns],
    "checks": [column.name for column in metadata.tables["checks"].columns],
    "articles": "id url revisions headline checks last_check_at last_seen_at".split(),
}
ELSEWHERE = 999


def cells(folder: Path, table: str) -> Iterator[tuple[int, str, Any]]:
    """Every cell of a table, by its row's key: the key itself only of the last row, which cannot be moved
    before the others without its showing."""
    names = ["rowid", *EVIDENCE[table]]
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        rows = connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
    for row in rows:
        for name, value in zip(names[1:], row[1:], strict=True):
            if name not in ("seq", "id") or row is rows[-1] or table != "checks":
                yield row[0], name, value


def other(name: str, value: Any) -> Any:
    """A value of the same kind that is another."""
    if name == "seq":
        return -value
    if name == "shared":
        return 1 - value
    if name in ("base", "base2", "base3", "article_id"):
        return ELSEWHERE
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, str):
        return value[:-1] + ("1" if value[-1] != "1" else "2") if value else "x"
    return (value or 0) + 100


@pytest.mark.slow
@pytest.mark.parametrize("table", EVIDENCE)
def test_any_cell_that_is_changed_shows(made: Path, tmp_path: Path, table: str) -> None:
    unseen = []
    for row, name, value in cells(made, table):
        if table == "ledger" and name == "seq" and row == 1:
            continue  # before all others is where it stands
        shutil.copy(made / "archive.db", tmp_path)
        with closing(sqlite3.connect(tmp_path / "archive.db")) as connection, connection:
            statement = f"UPDATE {table} SET {name} = ? WHERE rowid = ?"  # noqa: S608
            connection.execute(statement, (other(name, value), row))
        if not found(tmp_path):
            unseen.append((row, name, value))
    assert unseen == []


# ---------------------------------------------------------------------- what was taken out


def taken_out(folder: Path, *numbers: int) -> list[str]:
    """Take bodies out as retention does, with the log entry that says so left for the test to write."""
    database = Database(DATABASE, folder)
    with database.writing() as connection:
        rows = connection.exec_driver_sql("SELECT id, hex(digest) FROM bodies").all()
        digests = {row[0]: row[1] for row in rows}
        Bodies().drop(connection, numbers, among=digests)
    database.close()
    return [digests[number].lower() for number in numbers]


def test_what_a_log_entry_says_was_taken_out_is_not_missed(archive: Path) -> None:
    with closing(sqlite3.connect(archive / "archive.db")) as connection:
        numbers = [n for (n,) in connection.execute("SELECT payload FROM ledger WHERE seq IN (1, 3)")]
    digests = taken_out(archive, *numbers)
    assert found(archive)
    with Store.open(DATABASE, archive) as store:
        about = {"digests": digests}
        store.note(ServiceEntry(reason=ServiceReason.DROPPED, seen_at=at(9), about=about))
    assert found(archive) == []


def test_an_archive_that_was_kept_by_rule_verifies(archive: Path) -> None:
    with Store.open(DATABASE, archive) as store:
        article = store.article(1)
        for minute in (10, 11):
            step = changed(article, minute, text=f"At {minute}.")
            page = answer(article, b"<p>page of %d</p>" % minute, at(minute))
            store.record(replace(step, response=page, check=replace(step.check, digest=page.digest)))
            article = step.article
        for minute in range(20, 30):
            outcome = looked(article, CheckResult.SAME, at(minute), f"same {minute}")
            store.record(outcome)
            article = outcome.article
        rule = Retention(raw_last=1, checks_after=timedelta(0))
        assert sum(store.keeping.take_out(number, rule, at(60)) for number in (1, 2))
        assert store.keeping.roll_up(1, rule, at(60))
    assert found(archive) == []


@pytest.mark.parametrize("number", [1, 2])
def test_an_archive_in_which_an_article_was_forgotten_verifies(archive: Path, number: int) -> None:
    with Store.open(DATABASE, archive) as store:
        store.forget(number, "a court said so", at(60))
    assert found(archive) == []
    alter(archive, "UPDATE ledger SET reason = 'blocked' WHERE reason = 'forgotten'")
    assert found(archive)


# ---------------------------------------------------------------------- the command


def test_the_command_says_what_is_wrong_and_what_to_do(archive: Path) -> None:
    (archive / "config.toml").write_text('[storage]\nurl = "sqlite:///archive.db"\n')
    done = writethru(archive / "config.toml", "verify")
    head = verify(DATABASE, archive).head
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"Nothing is wrong: 5 revisions, 8 log entries, 7 checks and 14 bodies were read. Head: {head}\n"
    )
    alter(archive, "UPDATE ledger SET reason = 'revert' WHERE seq = 3")
    done = writethru(archive / "config.toml", "verify")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == (
        "Revision 2 of article 1 (https://gazette.example/bridge): its reason in the log is not what its record"
        " says; restore the database from a backup made before that."
    )
    assert done.stdout.splitlines()[1].startswith("1 thing found: ")


def test_a_file_that_is_no_database_any_more_is_a_finding(archive: Path) -> None:
    (archive / "config.toml").write_text('[storage]\nurl = "sqlite:///archive.db"\n')
    whole_file = (archive / "archive.db").read_bytes()
    (archive / "archive.db").write_bytes(b"#" + whole_file[1:])
    done = writethru(archive / "config.toml", "verify")
    assert (done.returncode, "name another" in done.stdout) == (1, True)


def test_a_head_that_is_none_is_a_mistake(archive: Path) -> None:
    (archive / "config.toml").write_text('[storage]\nurl = "sqlite:///archive.db"\n')
    done = writethru(archive / "config.toml", "verify", "--head", "abc")
    assert (done.returncode, done.stderr) == (
        2,
        "writethru: 'abc' is no head of a chain; that is 64 digits from 0 to f.\n",
    )


# ---------------------------------------------------------------------- the format, which must not change


def test_a_link_hashes_both_with_their_lengths_in_front() -> None:
    one, two = sha256(b"one"), sha256(b"two")
    length = (32).to_bytes(8, "big")
    assert (
        link(one, two)
        == hashlib.sha256(length + bytes.fromhex(one) + length + bytes.fromhex(two)).hexdigest()
    )
    assert link(ORIGIN, ORIGIN) == "e1bffb1fb39bdd7b3ecc85eeb69092a29436a1fb82bc2fc4588787f649791e86"


def test_a_record_has_one_byte_form(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        (article,) = watched(store)
        outcome = changed(article, 0, text="31 “dead”.")
    assert outcome.revision is not None
    record = revision_form(outcome.article, outcome.revision, "e" * 64, {"payload": None})
    assert at(0) == NOW
    assert canonical_json(record).decode() == (
        '{"article":"https://gazette.example/bridge","disclosure":[false,null,true],"events":[{"kind":'
        '"number_changed","new":"31 people","old":"20 people","severity":"substantive","where":"paragraph 1"},'
        '{"kind":"style_changed","new":null,"old":null,"severity":"cosmetic","where":"paragraph 1"}],"form":2,'
        '"not_seen_before":null,"payload":null,"reading":{"byline":["A. Reporter","B. Reporter"],"canonical_url":'
        '"https://gazette.example/bridge","extractor":"page/1","headline":"Council votes on the bridge","language":'
        '"en","modified_at":"2026-03-01T11:58:30Z","notices":[["correction","A name was wrong."]],"paragraphs":'
        '[["paragraph",0,10]],"published_at":"2026-03-01T11:00:00Z","standfirst":"A long night.","told":""},"reason":'
        '"edit","revision":1,"seen_at":"2026-03-01T12:00:00Z","severity":"substantive","summary":"A number was '
        'changed.","text":"' + "e" * 64 + '","words":[3,2,40]}'
    )
