"""Bodies unpacked in bulk: each one once, on the bases that were unpacked just before it.

Rows are fetched for a whole window of the ledger at once; what was unpacked last is kept, so that a chain
is walked once and not from its start for every body. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from backports import zstd
from sqlalchemy import Connection, LargeBinary, bindparam, func, select, type_coerce

from storage.bodies import ZLIB, ZSTD, unpack
from storage.errors import DamagedBody
from storage.records import EventKind, ServiceReason
from storage.schema import bodies, ledger

_HELD = 48 << 20
_AT_ONCE = 500
_ROWS = select(
    bodies.c.id,
    type_coerce(bodies.c.digest, LargeBinary),
    bodies.c.article_id,
    bodies.c.shared,
    bodies.c.size,
    bodies.c.codec,
    bodies.c.depth,
    bodies.c.data,
    bodies.c.base,
    bodies.c.base2,
    bodies.c.base3,
).where(bodies.c.id.in_(bindparam("numbers", expanding=True)))
_WITHDRAWING = ledger.c.reason.in_([ServiceReason.DROPPED.value, EventKind.FORGOTTEN.value])
_NEWEST_WITHDRAWAL = select(func.max(ledger.c.seq)).where(_WITHDRAWING)
_WITHDRAWALS = select(ledger.c.record).where(_WITHDRAWING)


class Body(NamedTuple):
    """A row of the bodies; ``bases`` nearest first, None where there is none."""

    id: int
    digest: bytes
    article_id: int | None
    shared: bool
    size: int
    codec: int
    depth: int
    data: bytes | None
    bases: tuple[int | None, int | None, int | None]


_NONE = (None, None, None)


class Plain:
    """The plain bytes of the bodies of one database, within one transaction at a time."""

    def __init__(self) -> None:
        self._rows: dict[int, Body] = {}
        self._held = 0
        self._plain: OrderedDict[int, bytes] = OrderedDict()
        self._withdrawn: tuple[int | None, frozenset[bytes]] = (None, frozenset())

    def fetch(self, connection: Connection, numbers: Iterable[int]) -> None:
        """Forget the rows of before, and have these at hand."""
        self._rows = {}
        self._fetch(connection, numbers)

    def row(self, connection: Connection, number: int) -> Body | None:
        """The row of that number; None where there is none."""
        row = self._rows.get(number)
        if row is None:
            self._fetch(connection, [number])
            row = self._rows.get(number)
        return row

    def get(self, connection: Connection, number: int) -> bytes:
        """The verified bytes of that number.

        :raises DamagedBody: they, or others that they rest on, are not what was stored.
        """
        held = self._plain.get(number)
        if held is not None:
            return held
        row = self.row(connection, number)
        if row is None:
            raise DamagedBody(f"number {number}", "is missing")
        data = self._unpacked(connection, row)
        if len(data) != row.size or sha256(data).digest() != row.digest:
            raise DamagedBody(row.digest.hex(), "is not what was stored")
        self._hold(number, data)
        return data

    def troubles(self, connection: Connection, row: Body) -> Iterator[str]:
        """Whether a body says rightly how it is packed. What rested on something that was taken out was
        packed anew, so that later bodies may stand lower than they say."""
        if row.data is None:
            if row.digest not in self.withdrawn(connection):
                yield "was taken out, and no log entry says so"
            elif row.bases != _NONE or row.depth:
                yield "was taken out, and says that it rests on others"
            return
        depth = 0
        for base in row.bases:
            below = None if base is None else self.row(connection, base)
            depth = depth if below is None else max(depth, below.depth + 1)
        if row.depth != depth and (row.bases == _NONE or not self.withdrawn(connection)):
            yield f"says that it rests on {row.depth} others, and it is {depth}"
        if (row.bases[0] is None and row.bases != _NONE) or (
            row.bases[1] is None and row.bases[2] is not None
        ):
            yield "has bases out of order"

    def withdrawn(self, connection: Connection) -> frozenset[bytes]:
        """The digests of all that chained entries say was taken out."""
        newest, known = self._withdrawn
        found = connection.scalar(_NEWEST_WITHDRAWAL)
        if found != newest:
            known = frozenset(_named(self, connection))
            self._withdrawn = (found, known)
        return known

    def _unpacked(self, connection: Connection, row: Body) -> bytes:
        if row.data is None:
            raise DamagedBody(row.digest.hex(), "was taken out")
        before = [self._below(connection, row, base) for base in row.bases if base is not None]
        try:
            if row.codec == ZSTD:
                return unpack(row.data, before)
            if row.codec == ZLIB:
                return zlib.decompress(row.data)
        except (zstd.ZstdError, zlib.error, ValueError):
            pass
        raise DamagedBody(row.digest.hex(), "cannot be unpacked")

    def _below(self, connection: Connection, row: Body, base: int) -> bytes:
        below = self.row(connection, base)
        if below is None or not 0 <= below.depth < row.depth:
            raise DamagedBody(row.digest.hex(), "rests on one that is missing or does not come before it")
        return self.get(connection, base)

    def _fetch(self, connection: Connection, numbers: Iterable[int]) -> None:
        wanted = sorted(set(numbers) - self._rows.keys())
        for start in range(0, len(wanted), _AT_ONCE):
            for row in connection.execute(_ROWS, {"numbers": wanted[start : start + _AT_ONCE]}):
                number, digest, article, shared, size, codec, depth, data, *bases = row
                self._rows[number] = Body(
                    number, digest, article, shared, size, codec, depth, data, (bases[0], bases[1], bases[2])
                )

    def _hold(self, number: int, data: bytes) -> None:
        self._plain[number] = data
        self._held += len(data)
        while self._held > _HELD:
            self._held -= len(self._plain.popitem(last=False)[1])


def _named(plain: Plain, connection: Connection) -> Iterator[bytes]:
    """Every digest in the records of what was taken out; a record that cannot be read is a finding of its
    own, elsewhere."""
    for number in connection.scalars(_WITHDRAWALS).all():
        try:
            form = json.loads(plain.get(connection, number))
            digests = form.get("digests") or (form.get("about") or {}).get("digests") or ()
            yield from [bytes.fromhex(digest) for digest in digests]
        except (DamagedBody, ValueError, AttributeError, TypeError):
            continue
