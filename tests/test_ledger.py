"""The ledger's promise: whoever holds the chain's head can tell any later change to what it covers."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.errors import DamagedBody
from storage.forms import entry_bytes
from storage.ledger import ORIGIN, link
from storage.records import Event, EventKind, LogEntry, Severity, WordCount, sha256
from storage.sqlite import driver as sqlite3
from storage.store import Store
from tests.test_store import DATABASE, NOW, at, changed, first, new_store, removed, watched


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A closed archive of two articles with seven log entries, two of them state events."""
    with new_store(tmp_path) as store:
        one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
        steps = [first(one, 0), first(other, 1)]
        steps.append(changed(steps[0].article, 2, kind=EventKind.QUOTE_CHANGED))
        steps.append(removed(steps[1].article, 3))
        steps.append(changed(steps[2].article, 4, text="Another text.", severity=Severity.MINOR))
        steps.append(removed(steps[4].article, 5, body=b"<p>gone</p>"))
        steps.append(changed(steps[3].article, 6, text="It is back."))
        for step in steps:
            store.record(step)
    return tmp_path


def alter(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount, statement


def query(folder: Path, statement: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        found: list[Any] = connection.execute(statement, values).fetchall()
        return found


def damage(folder: Path) -> str | None:
    """What a recomputation of the whole chain finds wrong; None: nothing."""
    head = ORIGIN
    with Store.open(DATABASE, folder) as store:
        entries = store.log()
        if len(entries) != query(folder, "SELECT count(*) FROM ledger")[0][0]:
            return "an entry points at nothing"
        for entry in entries:
            try:
                if entry.number is not None:
                    store.revision(entry.article_id, entry.number)
                    store.response(entry.article_id, entry.number)
            except DamagedBody as damaged:
                return str(damaged)
            if entry.digest not in {sha256(entry_bytes(entry, *rest)) for rest in rests_on(folder, entry)}:
                return f"entry {entry.seq} was altered"
            head = link(head, entry.digest)
            if entry.chain != head:
                return f"the chain breaks at entry {entry.seq}"
    return None


def rests_on(folder: Path, entry: LogEntry) -> list[tuple[str | None, str | None]]:
    """The digests of extraction and payload that an entry may have been written with. A state event does
    not say which of its article's snapshots it rests on."""
    if entry.number is None:
        snapshots = query(folder, "SELECT body FROM snapshots WHERE article_id = ?", entry.article_id)
        return [(None, None), *((None, body) for (body,) in snapshots)]
    return query(
        folder,
        "SELECT extraction, body FROM revisions LEFT JOIN snapshots ON snapshots.id = snapshot_id"
        " WHERE revisions.article_id = ? AND number = ?",
        entry.article_id,
        entry.number,
    )


def test_an_untouched_archive_verifies(archive: Path) -> None:
    assert damage(archive) is None


ALTERATIONS = {
    "a revision's reason": "UPDATE revisions SET reason = 'revert' WHERE id = 3",
    "a revision's first sight": "UPDATE revisions SET seen_at = '2026-03-01 12:02:01.000000' WHERE id = 3",
    "a revision's last sight before": "UPDATE revisions SET not_seen_before = NULL WHERE id = 3",
    "a revision's severity": "UPDATE revisions SET severity = 'minor' WHERE id = 3",
    "a revision's silence": "UPDATE revisions SET silent = 0 WHERE id = 3",
    "a revision's summary": "UPDATE revisions SET summary = '' WHERE id = 3",
    "a revision's words added": "UPDATE revisions SET words_added = 4 WHERE id = 3",
    "a revision's words deleted": "UPDATE revisions SET words_deleted = 4 WHERE id = 3",
    "a revision's words kept": "UPDATE revisions SET words_kept = 4 WHERE id = 3",
    "a revision's text": "UPDATE revisions SET extraction = (SELECT max(extraction) FROM revisions WHERE id = 4)"
    " WHERE id = 3",
    "a revision's page": "UPDATE revisions SET snapshot_id = 1 WHERE id = 3",
    "a revision's page, taken away": "UPDATE revisions SET snapshot_id = NULL WHERE id = 3",
    "an event's kind": "UPDATE events SET kind = 'typo_fixed' WHERE id = 1",
    "an event's severity": "UPDATE events SET severity = 'cosmetic' WHERE id = 1",
    "an event's old text": "UPDATE events SET old = '19 people' WHERE id = 1",
    "an event's new text": "UPDATE events SET new = NULL WHERE id = 1",
    "an event's place": "UPDATE events SET place = 'headline' WHERE id = 1",
    "an event, taken away": "DELETE FROM events WHERE id = 2",
    "an event, put in": "INSERT INTO events (article_id, revision_id, at, kind, severity, place)"
    " SELECT article_id, revision_id, at, 'typo_fixed', 'minor', 'headline' FROM events WHERE id = 1",
    "a state event's kind": "UPDATE events SET kind = 'blocked' WHERE kind = 'removed'",
    "a state event's time": "UPDATE events SET at = '2026-03-01 12:03:01.000000' WHERE kind = 'removed'",
    "a state event's last sight before": "UPDATE events SET not_seen_before = NULL WHERE kind = 'removed'",
    "a state event's words": "UPDATE events SET new = 'the server answered 404' WHERE kind = 'removed'",
    "a state event's page": "UPDATE snapshots SET body = (SELECT body FROM snapshots WHERE id = 1)"
    " WHERE fetched_at = (SELECT max(at) FROM events WHERE kind = 'removed')",
    "an article's address": "UPDATE articles SET url = 'https://gazette.example/other' WHERE id = 1",
    "an entry's digest": "UPDATE ledger SET digest = chain WHERE seq = 4",
    "an entry's chain": "UPDATE ledger SET chain = digest WHERE seq = 4",
    "an entry, taken away": "DELETE FROM ledger WHERE seq = 4",
    "the oldest entry, taken away": "DELETE FROM ledger WHERE seq = 1",
    "an entry's revision": "UPDATE ledger SET revision_id = NULL, event_id = 1 WHERE seq = 3",
    "a body": "UPDATE bodies SET data = zeroblob(20) WHERE digest = (SELECT body FROM snapshots WHERE id = 1)",
    "a body, taken away": "DELETE FROM bodies WHERE digest = (SELECT extraction FROM revisions WHERE id = 2)",
}


@pytest.mark.parametrize("statement", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_an_altered_row_shows(archive: Path, statement: str) -> None:
    alter(archive, statement)
    assert damage(archive) is not None


def test_two_entries_that_changed_places_show(archive: Path) -> None:
    moves = ("SET seq = 99 WHERE seq = 3", "SET seq = 3 WHERE seq = 4", "SET seq = 4 WHERE seq = 99")
    alter(archive, *(f"UPDATE ledger {move}" for move in moves))
    assert damage(archive) is not None


def test_two_revisions_that_changed_numbers_show(archive: Path) -> None:
    moves = ("SET number = 99 WHERE id = 1", "SET number = 1 WHERE id = 3", "SET number = 2 WHERE id = 1")
    alter(archive, *(f"UPDATE revisions {move}" for move in moves))
    assert damage(archive) is not None


def test_a_log_cut_at_its_end_shows_to_whoever_holds_the_head(archive: Path) -> None:
    with Store.open(DATABASE, archive) as store:
        head = store.chain_head()
        assert head == store.log()[-1].chain
    alter(archive, "DELETE FROM ledger WHERE seq = 7")
    assert damage(archive) is None
    with Store.open(DATABASE, archive) as store:
        assert store.chain_head() != head


def test_the_source_that_watches_an_article_is_not_in_the_chain(archive: Path) -> None:
    alter(archive, "UPDATE sources SET name = 'Renamed Gazette'")
    assert damage(archive) is None


# ---------------------------------------------------------------------- the format, which must not change


def test_a_link_hashes_both_with_their_lengths_in_front() -> None:
    one, two = sha256(b"one"), sha256(b"two")
    length = (32).to_bytes(8, "big")
    assert (
        link(one, two)
        == hashlib.sha256(length + bytes.fromhex(one) + length + bytes.fromhex(two)).hexdigest()
    )
    assert link(ORIGIN, ORIGIN) == "e1bffb1fb39bdd7b3ecc85eeb69092a29436a1fb82bc2fc4588787f649791e86"


def test_an_entry_has_one_byte_form() -> None:
    event = Event(
        kind=EventKind.NUMBER_CHANGED, severity=Severity.CRITICAL, old="20", new="31 “dead”", where="headline"
    )
    entry = LogEntry(
        article_id=7,
        url="https://gazette.example/bridge",
        source="Gazette",
        headline="not in it",
        number=2,
        reason="edit",
        seen_at=NOW,
        not_seen_before=at(-1.5),
        severity=Severity.CRITICAL,
        silent=True,
        summary="A number was changed.",
        events=(event,),
        words=WordCount(added=1, deleted=2, kept=3),
        digest="not in it",
        chain="not in it",
        seq=99,
    )
    assert entry_bytes(entry, "e" * 64, None).decode() == (
        '{"article":"https://gazette.example/bridge","events":[{"kind":"number_changed","new":"31 “dead”","old":"20",'
        '"severity":"critical","where":"headline"}],"extraction":"' + "e" * 64 + '",'
        '"not_seen_before":"2026-03-01T11:58:30Z","payload":null,"reason":"edit","revision":2,'
        '"seen_at":"2026-03-01T12:00:00Z","severity":"critical","silent":true,"summary":"A number was changed.",'
        '"words":[1,2,3]}'
    )
