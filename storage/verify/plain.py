"""Bodies unpacked in bulk: each one once, on the bases that were unpacked just before it.

Rows are fetched for a whole window of the ledger at once; what was unpacked last is kept, so that a chain
is walked once and not from its start for every body. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from storage.bodies import bases_of, unpacked
from storage.errors import DamagedBody
from storage.records import EventKind, ServiceReason
from storage.schema import bodies, ledger

_HELD = 48 << 20
_AT_ONCE = 500
_ROWS = select(bodies).where(bodies.c.id.in_(bindparam("numbers", expanding=True)))
_WITHDRAWING = ledger.c.reason.in_([ServiceReason.DROPPED.value, EventKind.FORGOTTEN.value])
_NEWEST_WITHDRAWAL = select(func.max(ledger.c.seq)).where(_WITHDRAWING)
_WITHDRAWALS = select(ledger.c.record).where(_WITHDRAWING)


class Plain:
    """The plain bytes of the bodies of one database, within one transaction at a time."""

    def __init__(self) -> None:
        self._rows: dict[int, Any] = {}
        self._held = 0
        self._plain: OrderedDict[int, bytes] = OrderedDict()
        self._withdrawn: tuple[int | None, frozenset[str]] = (None, frozenset())

    def fetch(self, connection: Connection, numbers: Iterable[int]) -> None:
        """Forget the rows of before, and have these at hand."""
        self._rows = {}
        self._fetch(connection, numbers)

    def row(self, connection: Connection, number: int) -> Any:
        """The row of that number; None where there is none."""
        if number not in self._rows:
            self._fetch(connection, [number])
        return self._rows.get(number)

    def get(self, connection: Connection, number: int) -> bytes:
        """The verified bytes of that number.

        :raises DamagedBody: they, or others that they rest on, are not what was stored.
        """
        held = self._plain.get(number)
        if held is not None:
            self._plain.move_to_end(number)
            return held
        row = self.row(connection, number)
        if row is None:
            raise DamagedBody(f"number {number}", "is missing")
        bases = bases_of(row)
        if any(not 0 <= self._depth(connection, base) < row.depth for base in bases):
            raise DamagedBody(row.digest, "rests on one that is missing or does not come before it")
        data = unpacked(row, {base: self.get(connection, base) for base in bases})
        self._hold(number, data)
        return data

    def withdrawn(self, connection: Connection) -> frozenset[str]:
        """The digests of all that chained entries say was taken out."""
        newest, known = self._withdrawn
        found = connection.scalar(_NEWEST_WITHDRAWAL)
        if found != newest:
            known = frozenset(_named(self, connection))
            self._withdrawn = (found, known)
        return known

    def _depth(self, connection: Connection, number: int) -> int:
        row = self.row(connection, number)
        return -1 if row is None else int(row.depth)

    def _fetch(self, connection: Connection, numbers: Iterable[int]) -> None:
        wanted = sorted(set(numbers) - self._rows.keys())
        for start in range(0, len(wanted), _AT_ONCE):
            for row in connection.execute(_ROWS, {"numbers": wanted[start : start + _AT_ONCE]}):
                self._rows[row.id] = row

    def _hold(self, number: int, data: bytes) -> None:
        self._plain[number] = data
        self._held += len(data)
        while self._held > _HELD:
            self._held -= len(self._plain.popitem(last=False)[1])


def _named(plain: Plain, connection: Connection) -> Iterable[str]:
    """Every digest in the records of what was taken out; a record that cannot be read is a finding of its
    own, elsewhere."""
    for number in connection.scalars(_WITHDRAWALS).all():
        try:
            form = json.loads(plain.get(connection, number))
            yield from map(str, form.get("digests") or (form.get("about") or {}).get("digests") or ())
        except (DamagedBody, ValueError, AttributeError, TypeError):
            continue
