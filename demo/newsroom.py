"""The loopback newsroom: serves the story over HTTP as it develops, and receives alerts at its desk.

A page goes on to its next version when that is due and the one before has been served twice, so a
slow machine loses nothing. The newsroom judges that by its own request log alone: it knows nothing
of who reads it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from html import escape
from typing import Any

from demo import page as drawing
from demo.nouns import Face, Page, Story, Version
from demo.serving import Answer, Server

ENOUGH = 2  # servings of a version before the next one may go up

Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One answered request. ``version`` is the step of the page that was served, None elsewhere."""

    second: float
    method: str
    path: str
    status: int
    version: int | None
    agent: str


@dataclass(frozen=True, kw_only=True)
class DeskAlert:
    """One webhook as it arrived at the desk."""

    second: float
    headers: dict[str, str]
    content: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Move:
    """A page went on to that version."""

    second: float
    page: Page
    version: Version


@dataclass(kw_only=True)
class _Shelf:
    """A page, the version of it that is up, and how often each version was served."""

    page: Page
    up: int = 0
    served: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.served = [0] * len(self.page.versions)

    @property
    def version(self) -> Version:
        return self.page.versions[self.up]

    @property
    def is_last(self) -> bool:
        return self.up == len(self.page.versions) - 1

    @property
    def was_seen(self) -> bool:
        """Nobody needs to ask twice for a page that is gone for good."""
        needed = 1 if self.version.face is Face.GONE else ENOUGH
        return self.served[self.up] >= needed


class Newsroom:
    """``start`` it, hand out ``base``, ask ``finished()``, ``stop`` it; or ``with newsroom.open():``."""

    def __init__(
        self,
        story: Story,
        *,
        clock: Clock = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self.story = story
        self._clock, self._began = clock, clock()
        self._chance = chance or random.Random()
        self._lock = threading.Lock()
        self._shelves = {page.path: _Shelf(page=page) for page in story.pages}
        self._feed_unseen: set[str] = set()
        self._requests: list[Request] = []
        self._alerts: list[DeskAlert] = []
        self._moves: list[Move] = []
        self._server = Server(self)
        self._thread = threading.Thread(target=self._serve, name="newsroom", daemon=True)

    # ---------------------------------------------------------------- for those who run it

    def start(self) -> None:
        """Open for readers; the story begins at second 0 now."""
        self._began = self._clock()
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait for the threads behind them."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    @contextmanager
    def open(self) -> Iterator[Newsroom]:
        self.start()
        try:
            yield self
        finally:
            self.stop()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def base(self) -> str:
        return f"http://{self.address}"

    @property
    def desk(self) -> str:
        return self.base + "/desk"

    @property
    def feed(self) -> str:
        return self.base + self.story.feed_path

    def finished(self) -> bool:
        """Every step of the script is out, and every last version has been looked at enough."""
        with self._lock:
            self._move_on()
            return all(shelf.is_last and shelf.was_seen for shelf in self._shelves.values())

    def step_of(self, path: str) -> int:
        """The step of the version that is up now."""
        with self._lock:
            return self._shelves[path].up

    @property
    def second(self) -> float:
        return self._clock() - self._began

    @property
    def requests(self) -> tuple[Request, ...]:
        with self._lock:
            return tuple(self._requests)

    @property
    def alerts(self) -> tuple[DeskAlert, ...]:
        with self._lock:
            return tuple(self._alerts)

    @property
    def moves(self) -> tuple[Move, ...]:
        """Every step that is out, in the order in which the steps were made."""
        with self._lock:
            return tuple(self._moves)

    # ---------------------------------------------------------------- for those who ask it

    def answer(self, method: str, path: str, agent: str) -> Answer:
        """What stands at a path at this moment; the request is remembered with it."""
        with self._lock:
            self._move_on()
            answer = self._at(path)
            self._requests.append(
                Request(
                    second=self.second,
                    method=method,
                    path=path,
                    status=answer.status,
                    version=answer.version,
                    agent=agent,
                )
            )
            if method == "GET" and answer.version is not None:
                self._shelves[path].served[answer.version] += 1
            return answer

    def receive(self, headers: dict[str, str], content: dict[str, Any]) -> None:
        alert = DeskAlert(second=self.second, headers=headers, content=content)
        with self._lock:
            self._alerts.append(alert)

    # ---------------------------------------------------------------- how the story moves on

    def _move_on(self) -> None:
        for path, shelf in self._shelves.items():
            while self._may_move(path, shelf):
                left_feed = shelf.version.in_feed
                shelf.up += 1
                if left_feed and not shelf.version.in_feed and shelf.version.face is Face.ARTICLE:
                    self._feed_unseen.add(path)
                move = Move(second=self.second, page=shelf.page, version=shelf.version)
                self._moves.append(move)

    def _may_move(self, path: str, shelf: _Shelf) -> bool:
        """A page that has left the feed also waits until someone has seen the feed without it."""
        if shelf.is_last or not shelf.was_seen or path in self._feed_unseen:
            return False
        return shelf.page.versions[shelf.up + 1].at <= self.second

    def _at(self, path: str) -> Answer:
        if path in self._shelves:
            return self._page(self._shelves[path])
        if path == self.story.feed_path:
            self._feed_unseen.clear()
            return Answer(status=200, kind="application/rss+xml", body=self._rss())
        if path == "/robots.txt":
            return Answer(status=200, kind="text/plain", body=b"User-agent: *\nAllow: /\n")
        return Answer(status=404, kind="text/html", body=b"<h1>Not found</h1>")

    def _page(self, shelf: _Shelf) -> Answer:
        page, version = shelf.page, shelf.version
        if version.face is Face.WALL:
            body, status = drawing.bot_wall(self.address, self._chance), 403
        elif version.face is Face.GONE:
            body, status = drawing.gone(page, self._chance), 410
        else:
            body, status = drawing.article(page, version, self.base, self._chance), 200
        return Answer(status=status, kind="text/html", body=body, version=version.step)

    def _rss(self) -> bytes:
        items = "".join(
            f"<item><title>{escape(shelf.version.headline)}</title><link>{self.base}{path}</link>"
            f'<guid isPermaLink="true">{self.base}{path}</guid>'
            f"<description>{escape(shelf.page.description)}</description>"
            f"<pubDate>{format_datetime(shelf.version.published, usegmt=True)}</pubDate></item>"
            for path, shelf in self._shelves.items()
            if shelf.version.in_feed
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>{escape(self.story.feed_title)}</title><link>{self.base}/world</link>"
            f"<description>{escape(self.story.feed_title)}</description>{items}</channel></rss>"
        ).encode()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)
