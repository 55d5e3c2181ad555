"""Rows 1, 2, 3, 8 and 12: answers that are packed beyond reason, twice, unasked, by half or not at all."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

from backports import zstd

from tests.hostile.case import GOOD, Case, Load, believed, made, refused, story
from tests.servers import head, http

_BLOCK = 1 << 20
_GZIP, _ZLIB, _RAW = 31, 15, -15
_UNOPENED = bytes(range(256)) * 20
"""What stands for packed bytes of a kind that nobody is to look into."""


@cache
def bomb(megabytes: int, kind: int = _GZIP, fill: bytes = b"\0") -> bytes:
    """So many megabytes of one byte, packed. The checksum at its end is wrong: nobody should get that far."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, kind)
    start = squeeze.compress(fill * _BLOCK) + squeeze.flush(zlib.Z_FULL_FLUSH)
    again = squeeze.compress(fill * _BLOCK) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return start + again * (megabytes - 1) + squeeze.flush()


@cache
def _loose_bomb() -> bytes:
    """Forty megabytes that are packed no tighter than a page may be."""
    squeeze = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    words = b"".join(b"<p>Paragraph %d says as much as the one before it.</p>" % n for n in range(40_000))
    packed = b"".join(squeeze.compress(words) + squeeze.flush(zlib.Z_FULL_FLUSH) for _ in range(20))
    return packed + squeeze.flush()


def answer(body: bytes, encoding: str, **more: str) -> bytes:
    return http(200, body, {"Content-Encoding": encoding, **more})


def _without_length(body: bytes, encoding: str) -> bytes:
    return head(200, {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": encoding}) + body


def _packed(times: int) -> bytes:
    body = story().encode()
    for _ in range(times):
        body = gzip.compress(body)
    return body


@cache
def _deflated(wbits: int) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return squeeze.compress(story().encode()) + squeeze.flush()


def _of_status(status: int) -> bytes:
    return http(status, bomb(1024), {"Content-Encoding": "gzip"})


def _in_two_headers() -> bytes:
    return answer(_packed(2), "gzip").replace(
        b"Content-Encoding", b"Content-Encoding: gzip\r\nContent-Encoding"
    )


def _transferred(coding: str) -> bytes:
    return head(200, {"Content-Type": "text/html", "Transfer-Encoding": coding}) + _packed(1)


@cache
def _zstd_bomb() -> bytes:
    return zstd.compress(bytes(100 << 20))


WHOLE = gzip.compress(story().encode())
_TOO_LARGE, _BAD, _CUT = "failed too_large", "failed bad_encoding", "failed truncated"

CASES: tuple[Case, ...] = (
    refused(1, "gzip of 1 GB", made(lambda: answer(bomb(1024), "gzip")), _TOO_LARGE, within=1.0),
    refused(1, "deflate of 1 GB", made(lambda: answer(bomb(1024, _ZLIB), "deflate")), _TOO_LARGE, within=1.0),
    refused(
        1, "deflate of 1 GB, bare", made(lambda: answer(bomb(1024, _RAW), "deflate")), _TOO_LARGE, within=1.0
    ),
    refused(1, "gzip of 1 GB of letters", made(lambda: answer(bomb(1024, _GZIP, b"a"), "gzip")), _TOO_LARGE),
    refused(1, "gzip of 1 GB in members", made(lambda: answer(WHOLE + bomb(1024), "gzip")), _TOO_LARGE),
    refused(1, "gzip of 3 MB, far too tight", made(lambda: answer(bomb(3), "gzip")), _TOO_LARGE),
    refused(
        1,
        "gzip of 60 MB, no tighter than usual",
        made(lambda: answer(_loose_bomb(), "gzip")),
        _TOO_LARGE,
        load=Load.HEAVY,
    ),
    refused(1, "gzip of 1 GB as a 404", made(lambda: _of_status(404)), _TOO_LARGE, within=1.0),
    refused(1, "gzip of 1 GB as a 503", made(lambda: _of_status(503)), _TOO_LARGE, within=1.0),
    believed(
        1,
        "gzip of 1 GB as the body of a redirect",
        made(
            lambda: answer(bomb(1024), "gzip").replace(
                b"200 Scripted", b"302 Scripted\r\nLocation: /whole", 1
            )
        ),
        beside={"/whole": GOOD},
    ),
    refused(2, "gzip twice", answer(_packed(2), "gzip, gzip"), _BAD),
    refused(2, "gzip twice, in two headers", _in_two_headers(), _BAD),
    refused(2, "gzip fifty times", answer(_packed(50), ", ".join(["gzip"] * 50)), _BAD),
    refused(2, "gzip and deflate", answer(_packed(1), "deflate, gzip"), _BAD),
    refused(2, "gzip twice, called once", answer(_packed(2), "gzip"), "withheld not_html"),
    refused(3, "brotli that nobody asked for", answer(_UNOPENED, "br"), _BAD),
    refused(3, "zstd that nobody asked for", answer(zstd.compress(story().encode()), "zstd"), _BAD),
    refused(3, "zstd of 100 MB", made(lambda: answer(_zstd_bomb(), "zstd")), _BAD),
    refused(3, "compress", answer(_UNOPENED, "compress"), _BAD),
    refused(3, "an encoding that is none", answer(WHOLE, "gzip;q=1.0"), _BAD),
    refused(
        3, "an encoding with a control character", answer(WHOLE, "gz\x1b[31mip"), _BAD, "failed protocol"
    ),
    refused(3, "an encoding of 60 KB", answer(WHOLE, "x" * 60_000), _BAD),
    refused(3, "gzip as a transfer encoding", _transferred("gzip, chunked"), _BAD),
    refused(3, "a transfer encoding that is none", _transferred("rot13"), _BAD),
    refused(8, "gzip cut in its middle, no length", _without_length(WHOLE[: len(WHOLE) // 2], "gzip"), _CUT),
    refused(8, "gzip without its checksum", _without_length(WHOLE[:-8], "gzip"), _CUT),
    refused(8, "gzip without its last byte", _without_length(WHOLE[:-1], "gzip"), _CUT),
    refused(8, "nothing but the head of a gzip", _without_length(WHOLE[:10], "gzip"), _CUT),
    refused(8, "deflate cut in its middle", _without_length(_deflated(_ZLIB)[:-500], "deflate"), _CUT),
    refused(8, "bare deflate cut in its middle", _without_length(_deflated(_RAW)[:-500], "deflate"), _CUT),
    refused(8, "gzip with a wrong checksum", answer(WHOLE[:-8] + b"\0" * 8, "gzip"), _BAD),
    refused(8, "gzip with a member that is cut", _without_length(WHOLE + WHOLE[:99], "gzip"), _CUT),
    refused(12, "called gzip, and plain", answer(story().encode(), "gzip"), _BAD),
    refused(12, "called deflate, and plain", answer(story().encode(), "deflate"), _BAD),
    refused(12, "called gzip, and deflate", answer(_deflated(_ZLIB), "gzip"), _BAD),
    refused(12, "called gzip, and noise", answer(bytes(range(256)) * 100, "gzip"), _BAD),
    refused(12, "gzip, and plain behind it", answer(WHOLE + b"<p>More of it.</p>", "gzip"), _BAD),
    refused(12, "called plain, and gzip", http(200, WHOLE), "withheld not_html"),
    believed(12, "gzip as it should be", answer(WHOLE, "gzip")),
    believed(12, "deflate as it should be", answer(_deflated(_ZLIB), "deflate")),
    believed(12, "deflate as some send it", answer(_deflated(_RAW), "deflate")),
)
