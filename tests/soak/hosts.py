"""A thousand hosts in one process: healthy ones whose stories change now and then, hostile ones among them.

Every host is an address of its own, 127.1.x.y, on one port. What was asked of whom and when is told to
whoever started it, a line a request. Knows nothing of who reads it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import socket
import sys
import time
import zlib
from collections.abc import Awaitable, Callable

from tests.newsdesk import page
from tests.servers import head, http, redirect
from tests.torture.newsroom import edition_of

_LOOKS_PER_EDITION = 8
_STALL = 120.0
Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


def address_of(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


class Hosts:
    """:param count: how many there are; the last ``hostile`` of them are."""

    def __init__(self, count: int, hostile: int) -> None:
        self._count, self._hostile = count, hostile
        self._looks = [0] * count
        self._chance = random.Random(6)

    async def serve(self, port: int) -> None:
        names = [address_of(number) for number in range(self._count)]
        port = port or _free_port(names[0])
        server = await asyncio.start_server(self._answer, names, port, backlog=256, limit=1 << 16)
        print(f"listening {port}", flush=True)
        async with server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await reader.readuntil(b"\r\n\r\n")
            number = _number_of(writer.get_extra_info("sockname")[0])
            print(f"{time.monotonic():.3f} {number}", flush=True)
            if number >= self._count - self._hostile:
                await _HOSTILE[number % len(_HOSTILE)](writer)
            else:
                await _send(writer, self._story(number))
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def _story(self, number: int) -> bytes:
        self._looks[number] += 1
        noise = f"{self._chance.random()}".encode()
        text = edition_of(number, 1 + self._looks[number] // _LOOKS_PER_EDITION).encode()
        return http(200, text.replace(b"Most read 1", b"Most read " + noise))


def _free_port(name: str) -> int:
    with socket.create_server((name, 0)) as found:
        return int(found.getsockname()[1])


def _number_of(address: str) -> int:
    _, _, high, low = (int(part) for part in address.split("."))
    return high * 250 + low - 1


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


# ---------------------------------------------------------------------- the hostile ones

_HTML = {"Content-Type": "text/html"}


async def _say_nothing(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(_STALL)


async def _drip(writer: asyncio.StreamWriter, start: bytes) -> None:
    await _send(writer, start)
    for _ in range(int(_STALL / 0.4)):
        await _send(writer, b"x")
        await asyncio.sleep(0.4)


async def _drip_headers(writer: asyncio.StreamWriter) -> None:
    await _drip(writer, b"HTTP/1.1 200 OK\r\nX-Slow: ")


async def _drip_body(writer: asyncio.StreamWriter) -> None:
    await _drip(writer, head(200, _HTML))


async def _bomb(writer: asyncio.StreamWriter) -> None:
    await _send(writer, head(200, {**_HTML, "Content-Encoding": "gzip"}) + _packed(bytes(64 << 20)))


async def _endless(writer: asyncio.StreamWriter) -> None:
    await _send(writer, head(200, {**_HTML, "Transfer-Encoding": "chunked"}))
    for _ in range(4096):
        await _send(writer, b"10000\r\n" + bytes(65536) + b"\r\n")


async def _cut(writer: asyncio.StreamWriter) -> None:
    await _send(writer, http(200, page())[:-500])


async def _loop(writer: asyncio.StreamWriter) -> None:
    await _send(writer, redirect("/story"))


async def _flood_of_headers(writer: asyncio.StreamWriter) -> None:
    await _send(writer, head(200, {f"X-{number}": "x" for number in range(500)}))


async def _attributes(writer: asyncio.StreamWriter) -> None:
    await _send(writer, http(200, _ATTRIBUTES))


async def _nested(writer: asyncio.StreamWriter) -> None:
    await _send(writer, http(200, _NESTED))


async def _paragraphs(writer: asyncio.StreamWriter) -> None:
    await _send(writer, http(200, _PARAGRAPHS))


async def _in_trouble(writer: asyncio.StreamWriter) -> None:
    await _send(writer, http(503, b"busy", {"Retry-After": "1"}))


async def _large(writer: asyncio.StreamWriter) -> None:
    await _send(writer, http(200, _LARGE))


def _packed(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


_ATTRIBUTES = page("<b " + " ".join(f"a{number}=1" for number in range(100_000)) + ">x</b>").encode()
_NESTED = page("<div>" * 100_000).encode()
_PARAGRAPHS = page("<p>x</p>" * 400_000).encode()
_LARGE = page(*(f"Word {number} stands here and says nothing at all." for number in range(180_000))).encode()
_HOSTILE: tuple[Behaviour, ...] = (
    _say_nothing,
    _drip_headers,
    _drip_body,
    _bomb,
    _endless,
    _cut,
    _loop,
    _flood_of_headers,
    _attributes,
    _nested,
    _paragraphs,
    _in_trouble,
    _large,
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.soak.hosts", description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--hostile", type=int, required=True)
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args(sys.argv[1:])
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Hosts(asked.count, asked.hostile).serve(asked.port))
