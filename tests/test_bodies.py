"""The promises of the body store: kept once, given back exactly, and never given back altered."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, func, select, update

from storage.bodies import MAX_DEPTH, ZLIB, Bodies, pack
from storage.errors import DamagedBody, TakenOut
from storage.records import sha256
from storage.schema import bodies as table
from storage.schema import metadata
from storage.store import Store
from tests.test_store import DATABASE, first, watched

PAGE = b"<html><body><p>The council votes on the bridge tonight.</p></body></html>" * 20


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def put(connection: Connection, data: bytes, *bases: int, article_id: int | None = None) -> int:
    """Keep it with a memory of its own, so that whatever is read is read from the table."""
    return Bodies().put(connection, data, article_id=article_id, bases=bases).number


def get(connection: Connection, number: int) -> bytes:
    return Bodies().get(connection, number)


def rows(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def version(number: int) -> bytes:
    """A page that says something else each time, among much that stays."""
    return PAGE + f"<p>{sha256(str(number).encode())}</p>".encode() + PAGE


def history(connection: Connection, length: int) -> list[int]:
    """So many versions of a page, each put on the two before it."""
    numbers: list[int] = []
    for number in range(length):
        numbers.append(put(connection, version(number), *numbers[:-3:-1]))
    return numbers


def test_bytes_are_kept_under_their_digest(connection: Connection) -> None:
    stored = Bodies().put(connection, PAGE, article_id=None)
    assert stored.digest == sha256(PAGE)
    assert get(connection, stored.number) == PAGE


def test_the_same_bytes_are_kept_once(connection: Connection) -> None:
    assert put(connection, PAGE) == put(connection, PAGE)
    assert rows(connection) == 1
    put(connection, PAGE + b" ")
    assert rows(connection) == 2


def test_bytes_of_two_articles_say_that_they_are_shared(connection: Connection) -> None:
    put(connection, PAGE, article_id=1)
    assert not connection.scalar(select(table.c.shared))
    put(connection, PAGE, article_id=1)
    assert not connection.scalar(select(table.c.shared))
    put(connection, PAGE, article_id=2)
    assert connection.scalar(select(table.c.shared))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_whatever_is_put_comes_back(bunch: list[bytes]) -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        numbers: list[int] = []
        for data in bunch:
            numbers.append(put(connection, data, *numbers[-3:]))
        assert [get(connection, number) for number in numbers] == bunch
        assert rows(connection) == len(set(bunch))
    engine.dispose()


def test_a_version_costs_little_more_than_what_changed(connection: Connection) -> None:
    history(connection, 12)
    first, *later = connection.scalars(select(func.length(table.c.data)).order_by(table.c.id))
    assert first > 100
    assert max(later) < 90, "64 digits of a digest and a few bytes around them"


def test_a_long_history_begins_anew_now_and_then_and_all_of_it_comes_back(connection: Connection) -> None:
    numbers = history(connection, 3 * MAX_DEPTH)
    depths = list(connection.scalars(select(table.c.depth).order_by(table.c.id)))
    assert max(depths) == MAX_DEPTH
    assert depths.count(0) in (2, 3)
    assert [get(connection, number) for number in numbers] == [version(n) for n in range(len(numbers))]


def test_what_rests_on_a_body_that_is_taken_out_is_packed_anew(connection: Connection) -> None:
    numbers = history(connection, 6)
    Bodies().drop(connection, [numbers[0], numbers[2], numbers[3]], numbers)
    for place, number in enumerate(numbers):
        if place in (0, 2, 3):
            with pytest.raises(TakenOut, match="was taken out for good"):
                get(connection, number)
        else:
            assert get(connection, number) == version(place)
    assert connection.scalars(select(table.c.digest).order_by(table.c.id)).all() == [
        sha256(version(place)) for place in range(6)
    ]


def test_bytes_that_were_taken_out_and_come_again_are_kept_again(connection: Connection) -> None:
    (number,) = history(connection, 1)
    Bodies().drop(connection, [number], [])
    assert put(connection, version(0)) == number
    assert get(connection, number) == version(0)


def test_nothing_is_remembered_of_a_transaction_that_was_taken_back(connection: Connection) -> None:
    kept = Bodies()
    with connection.begin_nested() as part:
        number = kept.put(connection, b"never written", article_id=None).number
        part.rollback()
    assert kept.put(connection, b"written in its place", article_id=None).number == number
    assert kept.get(connection, number) == b"written in its place"


def test_a_flipped_bit_is_found_wherever_it_matters(connection: Connection) -> None:
    number = put(connection, PAGE)
    packed: bytes = connection.scalar(select(table.c.data)) or b""
    found = 0
    for place in range(len(packed)):
        damaged = bytearray(packed)
        damaged[place] ^= 1 << place % 8
        connection.execute(update(table).values(data=bytes(damaged)))
        try:
            given = get(connection, number)
        except DamagedBody:
            found += 1
        else:
            assert given == PAGE, "the bit was padding, or else it was to be found"
    assert found >= len(packed) - 4


@pytest.mark.parametrize(
    "values",
    [
        {"data": pack(PAGE + b"!")},
        {"data": pack(PAGE)[:-1]},
        {"data": b""},
        {"codec": ZLIB},
        {"codec": 9},
        {"size": 5},
        {"base": 77},
    ],
)
def test_bytes_that_are_not_what_was_stored_are_not_given_back(
    connection: Connection, values: dict[str, object]
) -> None:
    number = put(connection, PAGE)
    connection.execute(update(table).values(**values))
    with pytest.raises(
        DamagedBody, match=rf"The stored body {sha256(PAGE)[:12]}… .*; restore the database from a backup\."
    ):
        get(connection, number)


def test_what_the_first_archives_packed_with_zlib_is_read(connection: Connection) -> None:
    number = put(connection, PAGE)
    connection.execute(update(table).values(codec=ZLIB, data=zlib.compress(PAGE)))
    assert get(connection, number) == PAGE


def test_bytes_that_are_missing_are_said_to_be(connection: Connection) -> None:
    number = put(connection, PAGE)
    connection.execute(delete(table))
    with pytest.raises(DamagedBody, match="is missing"):
        get(connection, number)


def test_the_store_gives_out_neither_an_altered_page_nor_an_altered_reading(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        (article,) = watched(store)
        outcome = first(article)
        store.record(outcome)
        with store._database.writing() as connection:
            connection.execute(update(table).values(data=pack(b"{}")))
    with Store.open(DATABASE, tmp_path) as store:
        with pytest.raises(DamagedBody):
            store.response(article.id, 1)
        with pytest.raises(DamagedBody):
            store.revision(article.id, 1)
