"""The plain bytes of a listing: unpacked where it is gzip by its content, free of entities, in UTF-8 where it hides
that it is not. Pure."""

from __future__ import annotations

import codecs
import re
import zlib

from monitor.errors import ReadError
from monitor.extract import overburdened

MOST_PLAIN = 10 << 20
"""Bytes of a listing once it is unpacked."""

_GZIP = b"\x1f\x8b\x08"
_ENTITY = re.compile(rb"<!ENTITY[^>]*>", re.IGNORECASE)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")


def plain(body: bytes, url: str) -> bytes:
    """Those bytes, fit for a parser.

    :raises ReadError: they are more than a listing has, or cannot be unpacked.
    """
    body = _in_utf8(_unpacked(body, url) if body.startswith(_GZIP) else body)
    if len(body) > MOST_PLAIN:
        raise ReadError(f"{url} is not read: it is larger than {MOST_PLAIN >> 20} MB.")
    refused = overburdened(body)
    if refused is not None:
        raise ReadError(f"{url} is not read: {refused}.")
    return _ENTITY.sub(b"", body)  # no listing needs entities of its own, and they can multiply


def _unpacked(body: bytes, url: str) -> bytes:
    """A file served as it lies on the disk, packed; what packs it for the way was undone before."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(body, MOST_PLAIN + 1)
    except zlib.error:
        raise ReadError(f"{url} cannot be read: it is packed, and damaged.") from None
    if len(found) <= MOST_PLAIN and not unpacker.eof:
        raise ReadError(f"{url} cannot be read: it is packed, and ends too early.")
    return found


def _in_utf8(body: bytes) -> bytes:
    """UTF-16 that says so neither by a mark nor in a declaration shows by the zero beside its first letter."""
    start = body[:4]
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return body  # a parser knows it by that
    hidden = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(start[:2])
    if hidden is None or b"\0\0" in start:  # UTF-32 has more of them
        return body
    return _DECLARED.sub("", body.decode(hidden, "replace")).encode("utf-8", "replace")
