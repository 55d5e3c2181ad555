"""Bodies: whatever is packed comes back on the same bases, and what was damaged is never given out altered."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from storage.bodies import ZLIB, ZSTD, pack, unpacked
from storage.errors import DamagedBody
from storage.records import sha256
from tests.fuzz.target import Target, parted


class Row(NamedTuple):
    """A row of the table, as far as unpacking asks."""

    digest: str
    size: int
    codec: int
    data: bytes | None
    base: int | None = None
    base2: int | None = None
    base3: int | None = None


def body(data: bytes) -> None:
    """``12 255`` (which byte is damaged, by what), and versions of a page with ``====`` between them."""
    line, rest = parted(data)
    place, mask = ([*(int(said) for said in line.split() if said.isdecimal() and len(said) < 6), 0, 1])[:2]
    plain: dict[int, bytes] = {}
    for number, one in enumerate(rest.split(b"\n====\n")[:6], 1):
        bases = tuple(range(max(1, number - 3), number))[::-1]
        packed = pack(one, [plain[base] for base in bases])
        numbers: list[int | None] = [*bases, None, None, None]
        row = Row(sha256(one), len(one), ZSTD, packed, *numbers[:3])
        assert unpacked(row, plain) == one
        for harmed in _harmed(packed, place, mask & 255 or 1):
            _never_altered(row._replace(data=harmed), plain, one)
        _never_altered(row._replace(base=number + 9), plain, one)
        plain[number] = one


def frame(data: bytes) -> None:
    """What stands in the table in place of a body: it is damaged, in either codec."""
    for codec in (ZSTD, ZLIB):
        _never_altered(Row(sha256(b"a body"), 6, codec, data), {}, b"a body")


def _harmed(packed: bytes, place: int, mask: int) -> list[bytes]:
    at = place % len(packed) if packed else 0
    flipped = bytearray(packed)
    if packed:
        flipped[at] ^= mask
    return [bytes(flipped), packed[:at], packed + b"\0", packed + packed[:at]]


def _never_altered(row: Row, plain: dict[int, bytes], true: bytes) -> None:
    with suppress(DamagedBody):
        assert unpacked(row, plain) == true


_PAGE = b"<html><body><p>The council votes on the bridge tonight.</p></body></html>" * 8

TARGETS = (
    Target(
        name="bodies",
        trial=body,
        seeds=lambda: [
            b"4 1\n"
            + b"\n====\n".join((_PAGE, _PAGE + b"<p>More</p>", _PAGE[:90] + b"?" + _PAGE[90:], b"", b"x")),
            b"0 255\n" + bytes(range(256)) * 3,
            b"3 9\n",
        ],
        longest=8192,
        words=(b"\n====\n",),
    ),
    Target(
        name="frames",
        trial=frame,
        seeds=lambda: [pack(_PAGE), pack(b"a body"), b"\x20\x06\x31\0\0a body", pack(b"\0" * 999_999)],
        longest=2048,
    ),
)
