"""Bodies: bytes by digest, stored once, packed as what they add to earlier ones, verified at every read.

A body is compressed with the plain bytes of up to three earlier bodies of its article (its *bases*) in
front of it, so that a new version of a page costs little more than what changed. Chains are kept short: a
body that would rest on too many others, or on too many bytes, stands alone (a key frame). Knows nothing of
what the bytes mean.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from backports import zstd
from sqlalchemy import Connection, and_, bindparam, case, func, literal, or_, select, union_all, update

from storage.errors import DamagedBody, TakenOut
from storage.records import sha256
from storage.schema import bodies

ZLIB, ZSTD = 0, 1
"""The codecs: whole and compressed with zlib, as the first archives were; zstd, on bases or alone."""

MAX_DEPTH = 64
MAX_REACH = 32 << 20
_THOROUGH, _QUICK, _USUAL = 15, 7, 9
_KEY_FRAME = (
    128 << 10
)  # up to this size one is packed thoroughly: it is once an article, and most of its room
_SMALL = 32 << 10  # up to this size, bases and all, the quick level finds what the usual one does
_WIDEST_WINDOW = 27
_MAGIC = b"\x28\xb5\x2f\xfd"  # every frame begins so; it is not stored
_CACHED = 24 << 20
_SHORTEST_PREFIX = 8  # zstd refuses less
_OPTION = zstd.CompressionParameter


class Stored(NamedTuple):
    """Where a body is kept, and its SHA-256."""

    number: int
    digest: str


class Bodies:
    """The bodies of one database. Plain bytes that were put or verified lately are remembered under
    their digest, for they are the bases of what comes next."""

    def __init__(self, cached: int = _CACHED) -> None:
        self._lock = threading.Lock()
        self._limit = cached
        self._held = 0
        self._plain: OrderedDict[str, bytes] = OrderedDict()

    def put(
        self, connection: Connection, data: bytes, *, article_id: int | None, bases: Sequence[int] = ()
    ) -> Stored:
        """Keep ``data``; bytes that are there already are not stored twice.

        :param article_id: whose they are; None: the service's own.
        :param bases: up to three bodies of the same article that it resembles, nearest first.
        """
        digest = sha256(data)
        found = connection.execute(_KNOWN, _asked(digest, bases)).all()
        known = next((row for row in found if row.digest == digest), None)
        if known is None:
            packed = self._packed_on(connection, data, _in_order(found, bases))
            row = {"digest": digest, "article_id": article_id, **packed}
            number = int(connection.execute(_PUT, row).scalar_one())
            self._remember(digest, data)
            return Stored(number, digest)
        if known.article_id != article_id and not known.shared:
            connection.execute(_CHANGE, {"number": known.id, "shared": True})
        if known.gone:
            connection.execute(_CHANGE, {"number": known.id, **self._packed(connection, data, bases)})
        return Stored(int(known.id), digest)

    def get(self, connection: Connection, number: int) -> bytes:
        """The bytes of that number.

        :raises TakenOut: they were taken out for good.
        :raises DamagedBody: they are missing, or are not what was stored.
        """
        row = connection.execute(_ONE, {"number": number}).first()
        if row is None:
            raise DamagedBody(f"number {number}", "is missing")
        if row.data is None or bases_of(row):
            return self._of_row(connection, row)
        held = self._recall(row.digest)
        return self._restored([row], number) if held is None else held

    def drop(self, connection: Connection, numbers: Iterable[int], among: Iterable[int]) -> None:
        """Take the bytes of these bodies out for good; their digests stay.

        :param among: the bodies that may rest on them; these are packed anew on what remains.
        :raises DamagedBody: one that rests on them cannot be read; nothing may be dropped then.
        """
        going = set(numbers)
        for number in sorted(set(among) - going):
            row = connection.execute(_ONE, {"number": number}).first()
            if row is None or row.data is None or going.isdisjoint(bases_of(row)):
                continue
            left = [base for base in bases_of(row) if base not in going]
            anew = self._packed(connection, self.get(connection, number), left)
            connection.execute(_CHANGE, {"number": number, **anew})
        emptied = {"data": None, "base": None, "base2": None, "base3": None, "depth": 0}
        for number in sorted(going):
            connection.execute(_CHANGE, {"number": number, **emptied})

    def _packed(self, connection: Connection, data: bytes, bases: Sequence[int]) -> dict[str, Any]:
        """The columns of a body, packed on those of its bases that may be built upon."""
        found = connection.execute(_KNOWN, _asked("", bases)).all() if bases else ()
        return self._packed_on(connection, data, _in_order(found, bases))

    def _packed_on(self, connection: Connection, data: bytes, found: Sequence[Any]) -> dict[str, Any]:
        chosen = [row for row in found if _may_carry(row, len(data))]
        plain = [self._of_row(connection, row) for row in chosen]
        numbers = [row.id for row in chosen] + [None] * (3 - len(chosen))
        return {
            "size": len(data),
            "codec": ZSTD,
            "base": numbers[0],
            "base2": numbers[1],
            "base3": numbers[2],
            "depth": 1 + max((row.depth for row in chosen), default=-1),
            "data": pack(data, plain),
        }

    def _of_row(self, connection: Connection, row: Any) -> bytes:
        """The bytes of a row that may say no more than ``_KNOWN`` asks for."""
        if row.gone:
            raise TakenOut(row.digest)
        held = self._recall(row.digest)
        if held is not None:
            return held
        return self._restored(connection.execute(_CHAIN, {"number": row.id}).all(), row.id)

    def _restored(self, rows: Sequence[Any], number: int) -> bytes:
        """Unpack a body out of the rows of its whole chain, deepest first."""
        plain: dict[int, bytes] = {}
        for row in sorted(rows, key=lambda row: int(row.depth)):
            held = self._recall(row.digest) if row.id != number else None
            plain[row.id] = unpacked(row, plain) if held is None else held
        for row in rows:
            if row.id == number:
                self._remember(row.digest, plain[number])
        return plain[number]

    def _recall(self, digest: str) -> bytes | None:
        with self._lock:
            data = self._plain.get(digest)
            if data is not None:
                self._plain.move_to_end(digest)
            return data

    def _remember(self, digest: str, data: bytes) -> None:
        with self._lock:
            self._held += len(data) - len(self._plain.pop(digest, b""))
            self._plain[digest] = data
            while self._held > self._limit and self._plain:
                self._held -= len(self._plain.popitem(last=False)[1])


# ---------------------------------------------------------------------- the codec


def pack(data: bytes, bases: Sequence[bytes] = ()) -> bytes:
    """Compress ``data`` with the bases before it, the nearest one next to it.

    The frame says neither its size nor a checksum: the row has the size and the digest.
    """
    before = b"".join(reversed(bases))
    window = max(10, min(_WIDEST_WINDOW, (len(before) + len(data)).bit_length()))
    options: dict[int, int] = {
        _OPTION.compression_level: _level(len(before), len(data)),
        _OPTION.window_log: window,
        _OPTION.content_size_flag: 0,
        _OPTION.checksum_flag: 0,
        _OPTION.dict_id_flag: 0,
    }
    return zstd.compress(data, options=options, zstd_dict=_prefix(before))[len(_MAGIC) :]


def _level(before: int, size: int) -> int:
    if not before and size <= _KEY_FRAME:
        return _THOROUGH
    return _QUICK if before + size <= _SMALL else _USUAL


def unpack(data: bytes, bases: Sequence[bytes] = ()) -> bytes:
    """Undo ``pack``.

    :raises zstd.ZstdError: this is no frame, or not one on these bases.
    """
    opened = zstd.ZstdDecompressor(_prefix(b"".join(reversed(bases))))  # a window of 27 is its usual limit
    plain = opened.decompress(_MAGIC + data)
    if not opened.eof or opened.unused_data:
        raise zstd.ZstdError("there is more than one frame, or less")
    return plain


def unpacked(row: Any, plain: dict[int, bytes]) -> bytes:
    """The verified bytes of one row, on the plain bytes of its bases.

    :raises DamagedBody: they are not what was stored.
    """
    if row.data is None:
        raise DamagedBody(row.digest, "is not there any more")
    if any(base not in plain for base in bases_of(row)):
        raise DamagedBody(row.digest, "rests on one that is missing")
    try:
        data = _decoded(row, [plain[base] for base in bases_of(row)])
    except (zstd.ZstdError, zlib.error, ValueError):
        raise DamagedBody(row.digest, "cannot be unpacked") from None
    if len(data) != row.size or sha256(data) != row.digest:
        raise DamagedBody(row.digest, "is not what was stored")
    return data


def bases_of(row: Any) -> tuple[int, ...]:
    """The numbers of the bodies that a row rests on, nearest first."""
    return tuple(base for base in (row.base, row.base2, row.base3) if base is not None)


def _decoded(row: Any, bases: Sequence[bytes]) -> bytes:
    if row.codec == ZSTD:
        return unpack(row.data, bases)
    if row.codec == ZLIB:
        return zlib.decompress(row.data)
    raise ValueError(row.codec)


def _prefix(before: bytes) -> Any:
    """``before`` as zstd wants it for one use; None where there is too little to build upon."""
    return zstd.ZstdDict(before, is_raw=True).as_prefix if len(before) >= _SHORTEST_PREFIX else None


def _may_carry(row: Any, size: int) -> bool:
    return not row.gone and row.depth < MAX_DEPTH and (row.depth + 2) * size <= max(MAX_REACH, 2 * size)


def _asked(digest: str, bases: Sequence[int]) -> dict[str, Any]:
    """The values for ``_KNOWN``: a digest (an empty one is nobody's), and up to three bodies by number."""
    one, two, three, *_ = (*bases, None, None, None)
    return {"digest": digest, "one": one, "two": two, "three": three}


def _in_order(found: Sequence[Any], numbers: Sequence[int]) -> list[Any]:
    """The rows of these numbers, each once, in their order."""
    rows = {row.id: row for row in found}
    return [rows[number] for number in dict.fromkeys(numbers) if number in rows]


# ---------------------------------------------------------------------- the questions

_GONE = bodies.c.data.is_(None).label("gone")
_ONE = select(bodies, _GONE).where(bodies.c.id == bindparam("number"))
_PUT = bodies.insert().returning(bodies.c.id)
_CHANGE = update(bodies).where(bodies.c.id == bindparam("number"))
_DIGEST = bindparam("digest", type_=bodies.c.digest.type)
_KNOWN = select(
    bodies.c.id, bodies.c.digest, bodies.c.article_id, bodies.c.shared, bodies.c.depth, _GONE
).where(
    or_(
        and_(func.substr(bodies.c.digest, 1, 8) == func.substr(_DIGEST, 1, 8), bodies.c.digest == _DIGEST),
        bodies.c.id.in_([bindparam(name, type_=bodies.c.id.type) for name in ("one", "two", "three")]),
    )
)
"""Whether a body is there already, and what it may rest on, in one question: it is asked at every put."""


def _chain() -> Any:
    """A body with all that it rests on, in one question: SQLite and PostgreSQL know no way to recurse over
    three columns but to number them."""
    start = select(bindparam("number", type_=bodies.c.id.type).label("id"))
    needed = start.cte("needed", recursive=True)
    which = union_all(*(select(literal(k).label("k")) for k in (1, 2, 3))).subquery("which")
    base = case((which.c.k == 1, bodies.c.base), (which.c.k == 2, bodies.c.base2), else_=bodies.c.base3)
    step = (
        select(base).select_from(needed.join(bodies, bodies.c.id == needed.c.id)).join(which, literal(True))
    )
    needed = needed.union(step.where(base.is_not(None)))
    return select(bodies).join(needed, needed.c.id == bodies.c.id)


_CHAIN = _chain()
