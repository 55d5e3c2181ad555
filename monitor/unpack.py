"""Unpacking a body as it comes, in bounded pieces, and knowing whether it came to its end.

Knows the packings that we ask for, gzip and deflate, one at a time. Refuses every other, and whatever is
not packed as it says.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from monitor.errors import FetchError
from storage.records import FetchProblem

ASKED_FOR = "gzip, deflate"
_PIECE = 1 << 18
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


def unpacker(encoding: str) -> Identity | Inflate:
    """What unpacks a body of that Content-Encoding.

    :raises FetchError: BAD_ENCODING, it was not asked for.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return Identity()
        case "gzip" | "x-gzip":
            return Inflate(_GZIP)
        case "deflate":
            return Inflate(_ZLIB)
    shown = "".join(c if c.isprintable() else " " for c in encoding)[:40]
    raise FetchError(
        FetchProblem.BAD_ENCODING, f"The answer is packed as '{shown}', which was not asked for."
    )


class Identity:
    """What is not packed."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk

    def complete(self, received: int) -> bool:
        return True


class Inflate:
    """gzip (more members than one included) or deflate. Zeros after the end are padding; anything else there
    is not what was promised."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._held: bytes | None = b"" if wbits == _ZLIB else None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """:raises FetchError: BAD_ENCODING."""
        if self._held is not None:
            chunk = self._choose(self._held + chunk)
        while chunk:
            if self._stream.eof:
                chunk = self._after_end(chunk)
                continue
            try:
                piece = self._stream.decompress(chunk, _PIECE)
            except zlib.error:
                raise _not_as_it_says() from None
            yield piece
            chunk = self._stream.unconsumed_tail or self._stream.unused_data

    def complete(self, received: int) -> bool:
        """Whether the packed stream came to its end; of nothing nothing is missing."""
        return received == 0 or self._stream.eof

    def _choose(self, start: bytes) -> bytes:
        """Some servers send deflate without its zlib header (RFC 1950, 2.2): the first two bytes tell."""
        if len(start) < 2:
            self._held = start
            return b""
        self._held = None
        if start[0] & 15 != 8 or int.from_bytes(start[:2], "big") % 31:
            self._wbits = _RAW
            self._stream = zlib.decompressobj(_RAW)
        return start

    def _after_end(self, chunk: bytes) -> bytes:
        rest = chunk.lstrip(b"\0")
        if rest and self._wbits != _GZIP:
            raise _not_as_it_says()
        if rest:
            self._stream = zlib.decompressobj(self._wbits)
        return rest


def _not_as_it_says() -> FetchError:
    return FetchError(FetchProblem.BAD_ENCODING, "The answer is not packed as it says.")
