"""Answers: any bytes in place of a server's, through the fetcher as it is; complete, or a FetchError.

One end of a pair of sockets stands for the server: no name is looked up and nothing leaves this process.
"""

from __future__ import annotations

import gzip
import io
import socket
import zlib
from collections.abc import Callable
from typing import cast

from monitor.errors import FetchError
from monitor.fetch import Fetcher
from monitor.guard import Guard
from storage.records import Response
from tests.fuzz.target import Target, parted

URL = "http://paper.example/a"
_MOST = 1 << 20


class Canned:
    """In the guard's place: whoever connects finds the next of these answers, and then the end."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)

    def connect(
        self, name: str, port: int, timeout: float, opened: Callable[[socket.socket], None] | None = None
    ) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.settimeout(timeout)
        if opened is not None:
            opened(ours)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        theirs.setblocking(False)
        answer = self._answers.pop(0) if self._answers else b""
        sent = theirs.send(answer) if answer else 0
        assert sent == len(answer), "an input longer than a socket holds"
        theirs.shutdown(socket.SHUT_WR)
        _open.append(theirs)
        return ours


_open: list[socket.socket] = []


def fetched(*answers: bytes) -> Response | FetchError:
    """What the fetcher makes of these answers."""
    fetcher = Fetcher(cast(Guard, Canned(*answers)), user_agent="fuzz", deadline=20.0, max_body=_MOST)
    try:
        return fetcher.get(URL)
    except FetchError as error:
        return error
    finally:
        while _open:
            _open.pop().close()


def answer(data: bytes) -> None:
    """All that a server sends; a redirect leads to an end without an answer."""
    found = fetched(data)
    if isinstance(found, FetchError):
        assert str(found).isprintable(), str(found)
        return
    assert len(found.body) <= _MOST
    assert all(name.isprintable() and value.isprintable() for name, value in found.headers)
    assert 100 <= found.status <= 999


def packed(data: bytes) -> None:
    """``gzip 7 100`` (packed how, sent in chunks of how many bytes, cut where; a cut beyond the end cuts
    nothing), and a body: it comes whole or not at all."""
    line, body = parted(data)
    how, size, cut = _circumstances(line)
    sent = PACKED[how](body)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in _parts(sent, size)) + b"0\r\n\r\n"
    encoding = b"" if how == "identity" else b"Content-Encoding: %s\r\n" % how.partition("+")[0].encode()
    for framing, payload in (
        (b"Transfer-Encoding: chunked\r\n", chunked),
        (b"Content-Length: %d\r\n" % len(sent), sent),
        *(() if how == "identity" else ((b"", sent),)),
    ):
        start = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
        found = fetched(start + encoding + framing + b"\r\n" + payload[:cut])
        if len(payload) <= cut:
            assert isinstance(found, Response), found
        if isinstance(found, Response):
            assert found.body == body or (cut == 0 and payload is sent and not framing and found.body == b"")


def _circumstances(line: str) -> tuple[str, int, int]:
    how, *numbers = [*line.split(), "", "", ""][:3]
    size, cut = (
        int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 99_999 for said in numbers
    )
    return (how if how in PACKED else "gzip"), max(1, size), cut


def _parts(data: bytes, size: int) -> list[bytes]:
    size = max(size, len(data) // 200 + 1)
    return [data[start : start + size] for start in range(0, len(data), size)]


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def _named_gzip(body: bytes) -> bytes:
    """With a file name in its header, as servers that hand out kept files send it."""
    made = io.BytesIO()
    with gzip.GzipFile(filename="a.html", mode="wb", fileobj=made, mtime=1) as file:
        file.write(body)
    return made.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda body: body,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "gzip+named": _named_gzip,
    "gzip+two": lambda body: gzip.compress(body[:9], mtime=0) + gzip.compress(body[9:], mtime=0),
    "deflate": zlib.compress,
    "deflate+raw": _raw_deflate,
}


def _answers() -> list[bytes]:
    page = b"<html><body><p>The bridge is shut.</p></body></html>"
    zipped = gzip.compress(page, mtime=0)
    ok = b"HTTP/1.1 200 OK\r\n"
    return [
        ok + b"Content-Length: %d\r\n\r\n" % len(page) + page,
        ok + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<html\r\n1;x=y\r\n>\r\n0\r\nA: b\r\n\r\n",
        ok + b"Content-Encoding: gzip\r\n\r\n" + zipped,
        ok + b"Content-Encoding: deflate\r\nContent-Length: 99\r\n\r\n" + zlib.compress(page),
        b"HTTP/1.0 200 OK\r\n\r\n" + page,
        b"HTTP/1.1 301 Moved\r\nLocation: /b?c#d\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: //127.0.0.1/\xe9\r\nSet-Cookie: a=b\r\n\r\n",
        b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 7\r\n\r\n',
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 \x1b[31m\r\nRetry-After: 7\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nX: \xc3\xa9\x85 \x7f\r\n folded\r\n\r\n",
        b"HTTP/1.1 999 \r\n\r\n",
    ]


_WORDS = (
    b"\r\n", b"\r\n\r\n", b"HTTP/1.1 ", b"200 OK", b"301 ", b"Content-Length: ", b"Transfer-Encoding: chunked",
    b"Content-Encoding: gzip", b"deflate", b"Location: ", b"http://", b"https://", b"0\r\n\r\n", b"\x1f\x8b\x08",
    b"Connection: ", b"Content-Type: ", b"; ", b",", b"\n", b"\x85", b"\xff", b"identity", b"br",
)  # fmt: skip
_GUIDES = ("monitor", "urllib3", "requests")

TARGETS = (
    Target(name="answer", trial=answer, seeds=_answers, guides=_GUIDES, longest=8192, words=_WORDS),
    Target(
        name="body",
        trial=packed,
        seeds=lambda: [
            f"{how} {size} {cut}\n".encode() + body
            for how in PACKED
            for size, cut, body in (
                (7, 99999, b"<p>The bridge is shut.</p>" * 9),
                (1, 30, b""),
                (50, 20, b"\x1f\x8bx"),
            )
        ],
        guides=_GUIDES,
        longest=4096,
        words=tuple(how.encode() for how in PACKED),
    ),
)
