"""Bytes into text: which encoding a page is in, and which characters never go further.

The order is byte order mark, HTTP header, ``<meta>``, detection. UTF-7 is never believed.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_CONTROLS = bytes(code for code in [*range(0x20), 0x7F] if chr(code) not in "\t\n\r")
# No page that could be read up to its <meta> is in the first ones; the others are Python's, not the web's.
_UNFIT = frozenset("utf-7 utf-16 utf-32 idna punycode undefined unicode-escape raw-unicode-escape".split())
# A browser reads these labels as their Windows superset (https://encoding.spec.whatwg.org).
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of ``body``, without control characters and lone surrogates; what cannot be
    decoded is U+FFFD."""
    return decode_utf8(body, content_type).decode("utf-8")


def decode_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """That text in UTF-8, as a parser takes it; the cheaper way, since most pages are in it."""
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return _encoded(body[len(bom) :], encoding).translate(None, _CONTROLS)
    for label in _labels(body, content_type):
        encoding_named = _known(label)
        if encoding_named is not None and _can_be(body, encoding_named):
            return _utf8(body, encoding_named).translate(None, _CONTROLS)
    return _utf8(body, _detect(body)).translate(None, _CONTROLS)


def _labels(body: bytes, content_type: str | None) -> list[str]:
    header = _HEADER.search((content_type or "")[:1000])
    meta = _META.search(body[:4096])
    return [found for found in (header and header[1], meta and meta[1].decode("ascii")) if found]


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    if name in _UNFIT or not codecs.lookup(name)._is_text_encoding:
        return None
    return _SUPERSETS.get(name, name)


def _can_be(body: bytes, encoding: str) -> bool:
    """Whether markup in that encoding has the bytes of ASCII, as it has in all of the web's but UTF-16,
    which shows by its zeros."""
    return b"\0" in body if encoding.startswith("utf-16") else b"<p>".decode(encoding, "replace") == "<p>"


def _utf8(body: bytes, encoding: str) -> bytes:
    """In UTF-8, out of the encoding named; as they are where the bytes are that and not what was named."""
    if encoding == "utf-8" or not body.isascii():
        try:
            body.decode("utf-8")
            return body
        except UnicodeDecodeError:
            pass
    return _encoded(body, encoding)


def _encoded(body: bytes, encoding: str) -> bytes:
    return body.decode(encoding, "replace").encode("utf-8", "replace")


def _detect(body: bytes) -> str:
    try:
        body.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        guess = from_bytes(body[:65536]).best()
        return guess.encoding if guess is not None else "utf-8"


def clean(text: str) -> str:
    """The text without control characters and, in place of lone surrogates, question marks."""
    return text.encode("utf-8", "replace").translate(None, _CONTROLS).decode("utf-8")
