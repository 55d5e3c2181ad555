"""The newsroom: each host a port of its own, with a feed and its stories as they stand by the shared clock.

Connections are kept, unchanged pages are answered with 304, and every request is logged with what was up
just then. Knows nothing of who reads it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate

from tests.rush.motion import Motion
from tests.rush.stories import Story
from tests.torture.newsroom import edition_of

_NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_ROBOTS = b"User-agent: *\nDisallow: /private/\n"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request: when by the shared clock, of which host, for what; ``edition``: which one of a story was up."""

    at: float
    host: int
    path: str
    status: int
    edition: int = 0

    @property
    def of_story(self) -> bool:
        """Whether it was for a story that was there."""
        return self.edition > 0 and self.path.startswith("/story/")


@dataclass(kw_only=True)
class Newsroom:
    """:param agent: the user agent that is meant; others are strangers, who had a port of ours before us."""

    motion: Motion
    agent: str
    strangers: int = 0
    ports: list[int] = field(default_factory=list)
    log: list[Asked] = field(default_factory=list)
    _stories: Sequence[dict[str, Story]] = ()

    @property
    def names(self) -> list[str]:
        """Its hosts, as an address names them."""
        return [f"127.0.0.1:{port}" for port in self.ports]

    def publish(self, stories: Sequence[Story]) -> None:
        """From now on there are these, each from its time on; before there were none."""
        hosts = range(len(self.ports))
        self._stories = [{story.path: story for story in stories if story.host == host} for host in hosts]

    async def open(self, hosts: int) -> list[asyncio.Server]:
        servers = [await self._serve(host) for host in range(hosts)]
        self.ports += [server.sockets[0].getsockname()[1] for server in servers]
        return servers

    async def _serve(self, host: int) -> asyncio.Server:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while True:
                    top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    writer.write(self._answer(host, top))
                    await writer.drain()
            writer.close()

        return await asyncio.start_server(answer, "127.0.0.1", 0, backlog=64)

    def _answer(self, host: int, top: str) -> bytes:
        now = self.motion.epoch()
        first, *lines = top.split("\r\n")
        path = first.split(" ")[1]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("user-agent") != self.agent:
            self.strangers += 1
            return _NOT_HERE
        asked_with = headers.get("if-none-match")
        edition, kind, body = self._page(host, path, now)
        tag = f'"{path}-{edition}"'
        status = 404 if body is None else 304 if asked_with == tag else 200
        self.log.append(Asked(at=now, host=host, path=path, status=status, edition=edition))
        body = body if status == 200 and body is not None else b""
        said = {200: "OK", 304: "Not Modified", 404: "Not Found"}[status]
        length = "" if status == 304 else f"Content-Length: {len(body)}\r\n"
        head = f"HTTP/1.1 {status} {said}\r\nContent-Type: {kind}\r\nETag: {tag}\r\n{length}\r\n"
        return head.encode() + body

    def _page(self, host: int, path: str, now: float) -> tuple[int, str, bytes | None]:
        """Which edition of what is there just now, its type and its bytes; None: there is no such page."""
        if path == "/robots.txt":
            return 1, "text/plain", _ROBOTS
        here = self._stories[host] if self._stories else {}
        if path == "/feed":
            up = [story for story in here.values() if story.edition_at(now)]
            return len(up), "application/rss+xml", self._feed(host, up)
        story = here.get(path)
        edition = story.edition_at(now) if story else 0
        if story is None or not edition:
            return 0, "text/html", None
        return edition, "text/html; charset=utf-8", edition_of(story.number, edition).encode()

    def _feed(self, host: int, up: Sequence[Story]) -> bytes:
        items = "".join(
            f"<item><title>Story {story.number}</title><link>http://{self.names[host]}{story.path}</link>"
            f"<pubDate>{formatdate(story.times[0], usegmt=True)}</pubDate></item>"
            for story in sorted(up, key=lambda story: -story.times[0])
        )
        title = f"<title>Host {host}</title><link>http://{self.names[host]}/</link><description>News</description>"
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{title}{items}</channel></rss>'.encode()


@contextmanager
def opened(hosts: int, motion: Motion, agent: str) -> Iterator[Newsroom]:
    """The newsroom at work in a thread of its own."""
    room, loop = Newsroom(motion=motion, agent=agent), asyncio.new_event_loop()
    servers = loop.run_until_complete(room.open(hosts))
    thread = threading.Thread(target=loop.run_forever, name="newsroom", daemon=True)
    thread.start()
    try:
        yield room
    finally:
        asyncio.run_coroutine_threadsafe(_close(servers), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _close(servers: Sequence[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
