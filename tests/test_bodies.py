"""The promises of the body store: kept once, given back exactly, and never given back altered."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, func, select, update

from storage import bodies
from storage.errors import DamagedBody
from storage.records import sha256
from storage.schema import bodies as table
from storage.schema import metadata
from storage.store import Store
from tests.test_store import DATABASE, first, watched

PAGE = b"<html><body><p>The council votes on the bridge tonight.</p></body></html>" * 20


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine, [table])
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def rows(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def test_bytes_are_kept_under_their_digest(connection: Connection) -> None:
    digest = bodies.put(connection, PAGE)
    assert digest == sha256(PAGE)
    assert bodies.get(connection, digest) == PAGE


def test_the_same_bytes_are_kept_once(connection: Connection) -> None:
    assert bodies.put(connection, PAGE) == bodies.put(connection, PAGE)
    assert rows(connection) == 1
    bodies.put(connection, PAGE + b" ")
    assert rows(connection) == 2


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_whatever_is_put_comes_back(bunch: list[bytes]) -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine, [table])
    with engine.begin() as connection:
        digests = [bodies.put(connection, data) for data in bunch]
        assert [bodies.get(connection, digest) for digest in digests] == bunch
        assert rows(connection) == len(set(bunch))
    engine.dispose()


def test_a_flipped_bit_is_found_wherever_it_matters(connection: Connection) -> None:
    digest = bodies.put(connection, PAGE)
    packed: bytes = connection.scalar(select(table.c.data)) or b""
    found = 0
    for place in range(len(packed)):
        damaged = bytearray(packed)
        damaged[place] ^= 1 << place % 8
        connection.execute(update(table).values(data=bytes(damaged)))
        try:
            given = bodies.get(connection, digest)
        except DamagedBody:
            found += 1
        else:
            assert given == PAGE, "the bit was padding, or else it was to be found"
    assert found >= len(packed) - 1


@pytest.mark.parametrize(
    "values",
    [
        {"data": zlib.compress(PAGE + b"!")},
        {"data": zlib.compress(PAGE)[:-1]},
        {"data": b""},
        {"codec": "another"},
    ],
)
def test_bytes_that_are_not_what_was_stored_are_not_given_back(
    connection: Connection, values: dict[str, object]
) -> None:
    digest = bodies.put(connection, PAGE)
    connection.execute(update(table).values(**values))
    with pytest.raises(
        DamagedBody, match=rf"The stored body {digest[:12]}… .*; restore the database from a backup\."
    ):
        bodies.get(connection, digest)


def test_bytes_that_are_missing_are_said_to_be(connection: Connection) -> None:
    digest = bodies.put(connection, PAGE)
    connection.execute(delete(table))
    with pytest.raises(DamagedBody, match="is missing"):
        bodies.get(connection, digest)


def test_the_store_gives_out_neither_an_altered_page_nor_an_altered_reading(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        (article,) = watched(store)
        outcome = first(article)
        store.record(outcome)
        with store._database.writing() as connection:
            connection.execute(update(table).values(data=zlib.compress(b"{}")))
        with pytest.raises(DamagedBody):
            store.response(article.id, 1)
        with pytest.raises(DamagedBody):
            store.revision(article.id, 1)
