"""One random change to an archive, many times over: a cell, a row, two rows, a byte of the file. Whatever
leaves the evidence as it was is no change, and another is drawn; every other one, ``verify`` has to find."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from storage.bodies import Bodies, bases_of, unpacked
from storage.engine import Database
from storage.errors import StorageError
from storage.records import Article, CheckResult, Outcome, ServiceEntry, ServiceReason
from storage.schema import metadata
from storage.sqlite import driver as sqlite3
from storage.store import Store
from storage.verify import verify
from tests.test_store import DATABASE, at, changed, first, looked, new_store, removed, watched
from tests.torture.figures import Figures

STANDING = "id url revisions headline checks last_check_at last_seen_at".split()
EVIDENCE = {
    "ledger": [column.name for column in metadata.tables["ledger"].columns],
    "bodies": [column.name for column in metadata.tables["bodies"].columns],
    "checks": [column.name for column in metadata.tables["checks"].columns],
    "articles": STANDING,
}
PACKING = ("data", "base", "base2", "base3", "codec")
KEYS = {"ledger": "seq", "bodies": "id", "checks": "seq", "articles": "id"}
UNREADABLE = (sqlite3.Error, StorageError, ValueError, TypeError, KeyError, AttributeError, OverflowError)


def long_form(times: int) -> Figures:
    """So many changes, each to a fresh copy."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        made.mkdir()
        make_archive(made, articles=8, steps=60)
        drawn, missed = torment(made, Path(folder), times, seed=1)
    figures = Figures()
    for kind, number in sorted(drawn.items()):
        figures.say(f"changes: {kind}", number)
    figures.expect("changes that verify did not find", len(missed), 0)
    figures.troubles += missed
    return figures


def torment(made: Path, folder: Path, times: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Change copies of the archive in ``made``, one change each; how many of each kind, and those that were
    not found, in words."""
    dice = random.Random(seed)
    before = evidence(made / "archive.db")
    assert before is not None
    drawn: Counter[str] = Counter()
    missed = []
    while drawn.total() < times:
        shutil.copy(made / "archive.db", folder)
        kind = dice.choice(list(CHANGES))
        said = CHANGES[kind](folder / "archive.db", dice)
        if said is None or evidence(folder / "archive.db") == before:
            continue
        drawn[kind] += 1
        if not is_found(folder):
            missed.append(f"{kind}: {said}")
    return drawn, missed


def is_found(folder: Path) -> bool:
    """Whether the archive is refused or found to be damaged."""
    try:
        return bool(verify(DATABASE, folder).findings)
    except StorageError:
        return True


# ---------------------------------------------------------------------- an archive


def make_archive(folder: Path, *, articles: int, steps: int) -> None:
    """Some articles that are edited, removed and looked at in turn, notes of the service, and a page that
    was taken out."""
    dice = random.Random(7)
    with new_store(folder) as store:
        found = watched(store, *(f"https://gazette.example/{number}" for number in range(articles)))
        standing = [store_first(store, article, number) for number, article in enumerate(found)]
        for minute in range(10, 10 + steps):
            which = dice.randrange(articles)
            outcome = _step(dice, standing[which], minute)
            store.record(outcome)
            standing[which] = outcome.article
        store.note(ServiceEntry(reason=ServiceReason.GAP, seen_at=at(100), not_seen_before=at(90)))
        _take_out(folder, store)


def store_first(store: Store, article: Article, number: int) -> Article:
    outcome = first(article, number / 10, body=b"<p>%d</p>" % (number // 2), name=f"first {number}")
    store.record(outcome)
    return outcome.article


def _step(dice: random.Random, article: Article, minute: int) -> Outcome:
    chosen = dice.randrange(4)
    if chosen == 0:
        return removed(article, minute, body=b"<p>gone</p>" if dice.random() < 0.5 else None)
    if chosen == 1:
        return looked(article, CheckResult.SAME, at(minute), f"same {minute} {article.id}")
    words = " ".join(dice.choice("council bridge votes the a of night late".split()) for _ in range(80))
    outcome = changed(article, minute, text=words, name=f"changed {minute} {article.id} ")
    assert outcome.revision is not None
    extraction = replace(outcome.revision.extraction, headline=f"Bridge {dice.randrange(3)}")
    revision = replace(outcome.revision, extraction=extraction)
    after = replace(outcome.article, headline=extraction.headline)
    return replace(outcome, revision=revision, article=after)


def _take_out(folder: Path, store: Store) -> None:
    database = Database(DATABASE, folder)
    with database.writing() as connection:
        rows = connection.exec_driver_sql(
            "SELECT b.id, hex(b.digest) FROM ledger JOIN bodies b ON b.id = payload WHERE ledger.article_id = 3"
            " AND number IS NOT NULL ORDER BY number LIMIT 1"
        )
        ((number, digest),) = rows.all()
        everything = [row[0] for row in connection.exec_driver_sql("SELECT id FROM bodies")]
        Bodies().drop(connection, [number], among=everything)
    database.close()
    about = {"digests": [digest.lower()]}
    store.note(ServiceEntry(reason=ServiceReason.DROPPED, seen_at=at(101), about=about))


# ---------------------------------------------------------------------- what it says


def evidence(path: Path) -> Any:
    """All that an archive says, read without the code that verifies: bodies unpacked, however they are
    packed, and rows in the order of keys that give nothing but an order. None: it cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            rows = {table: _rows(connection, table) for table in EVIDENCE}
        plain = _plain({row["id"]: SimpleNamespace(**row) for row in rows["bodies"]})
        return (
            [_without(row, "seq") for row in rows["ledger"]],
            [_kept(row, plain[row["id"]]) for row in rows["bodies"]],
            sorted(map(_looked, rows["checks"]), key=lambda row: int(row["article_id"])),
            [_stood(row) for row in rows["articles"]],
        )
    except UNREADABLE:
        return None


def _rows(connection: Any, table: str) -> list[dict[str, Any]]:
    columns = ", ".join(EVIDENCE[table])
    found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY {KEYS[table]}")  # noqa: S608
    return [dict(row) for row in found.fetchall()]


def _kept(row: dict[str, Any], plain: bytes | None) -> dict[str, Any]:
    """Of what was taken out nothing but the digest says anything; how many others a body rests on belongs to
    how it is packed."""
    unsaid = [*PACKING, *(["size"] if plain is None else []), *(["depth"] if row["base"] else [])]
    return _without(row, *unsaid) | {"plain": plain}


def _stood(row: dict[str, Any]) -> dict[str, Any]:
    """Times as they are read, which is to the microsecond."""
    times = {
        name: datetime.fromisoformat(row[name]) for name in row if name.startswith("last_") and row[name]
    }
    return row | times


def _looked(row: dict[str, Any]) -> dict[str, Any]:
    return _without(row, "seq") | {"reasons": json.loads(row["reasons"] or "null")}


def _plain(rows: dict[int, Any]) -> dict[int, bytes | None]:
    plain: dict[int, bytes | None] = {}
    for row in sorted(rows.values(), key=lambda row: (row.depth, row.id)):
        row.digest = row.digest.hex()
        known = {base: data for base in bases_of(row) if (data := plain.get(base)) is not None}
        plain[row.id] = None if row.data is None else unpacked(row, known)
    return plain


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


# ---------------------------------------------------------------------- changes

Change = Callable[[Path, random.Random], str | None]


def _statement(path: Path, statement: str, values: dict[str, Any]) -> bool:
    """Whether the database took it."""
    with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.IntegrityError), connection:
        return bool(connection.execute(statement, values).rowcount > 0)
    return False


def _any(path: Path, dice: random.Random, table: str) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return dice.choice(_rows(connection, table))


def change_a_cell(path: Path, dice: random.Random) -> str | None:
    table = dice.choice(list(EVIDENCE))
    row, another = _any(path, dice, table), _any(path, dice, table)
    name = dice.choice(EVIDENCE[table])
    value = another[name] if dice.random() < 0.3 else _altered(row[name], dice)
    key = KEYS[table]
    statement = f"UPDATE {table} SET {name} = :value WHERE {key} = :key"  # noqa: S608
    done = _statement(path, statement, {"value": value, "key": row[key]})
    return f"{table}.{name} of {row[key]}: {row[name]!r} became {value!r}" if done else None


def _altered(value: Any, dice: random.Random) -> Any:
    """A value a little off, or none."""
    if value is None:
        return dice.randrange(50)
    if dice.random() < 0.1:
        return None
    if isinstance(value, bytes):
        return _flipped(value, dice) if value else b"\0"
    if isinstance(value, str):
        place = dice.randrange(len(value) + 1)
        return value[:place] + dice.choice("aeiou 019") + value[place + dice.randrange(2) :]
    return value + dice.choice([-1, 1]) * 2 ** dice.randrange(8)


def _flipped(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << dice.randrange(8))]) + data[place + 1 :]


def delete_a_row(path: Path, dice: random.Random) -> str | None:
    table = dice.choice(list(EVIDENCE))
    key = KEYS[table]
    gone = _any(path, dice, table)[key]
    done = _statement(path, f"DELETE FROM {table} WHERE {key} = :key", {"key": gone})  # noqa: S608
    return f"{table} {gone}" if done else None


def double_a_row(path: Path, dice: random.Random) -> str | None:
    table = dice.choice(["ledger", "bodies", "checks"])
    row = _any(path, dice, table)
    row[KEYS[table]] = None
    if table == "checks":
        row["number"] += dice.randrange(1, 9)
    places = ", ".join(f":{name}" for name in row)
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608
    return f"{table} like {row}" if _statement(path, statement, row) else None


def swap_two_rows(path: Path, dice: random.Random) -> str | None:
    """Give each the other's place."""
    table = dice.choice(["ledger", "bodies", "checks"])
    name = "number" if table == "checks" and dice.random() < 0.5 else KEYS[table]
    key = KEYS[table]
    one, two = _any(path, dice, table), _any(path, dice, table)
    if name == "number" and one["article_id"] != two["article_id"]:
        return None
    statement = f"UPDATE {table} SET {name} = :value WHERE {key} = :key"  # noqa: S608
    third = -1 if name == key else one[key]
    moves = ((-1, one[key]), (one[name], two[key]), (two[name], third))
    done = all(_statement(path, statement, {"value": value, "key": place}) for value, place in moves)
    return f"{table}.{name} of {one[key]} and {two[key]}" if done else None


def flip_a_byte(path: Path, dice: random.Random) -> str | None:
    data = path.read_bytes()
    place = dice.randrange(len(data))
    value = dice.randrange(1, 256)
    path.write_bytes(data[:place] + bytes([data[place] ^ value]) + data[place + 1 :])
    return f"byte {place} by {value}"


CHANGES: dict[str, Change] = {
    "cell": change_a_cell,
    "row deleted": delete_a_row,
    "row doubled": double_a_row,
    "rows swapped": swap_two_rows,
    "byte of the file": flip_a_byte,
}
