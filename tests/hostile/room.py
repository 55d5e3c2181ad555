"""The hostile newsroom on loopback: a server for each case, and a configuration that watches them all.

Every case is a host of its own, so that none waits for another. What is behind the addresses and the file that must
never be reached is here as well. Knows no daemon.
"""

from __future__ import annotations

import contextlib
import html
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.hostile.case import GOOD, Case, Look, Made
from tests.hostile.feeds import SENTINEL
from tests.hostile.led import VAULT
from tests.servers import Answer, Line, Scripted, http

SECRET = "the-text-of-a-file-that-is-nobodys-business"
_OVER = http(503, b"This case is over.", {"Retry-After": "86400"})
"""Whoever asks once more is asked to stay away."""


@dataclass(frozen=True, kw_only=True)
class Front:
    """One host of a case, and what has to come of each look at it. ``asked`` are the times (of the machine's clock) at
    which it was, ``known_as`` the address by which its article is known."""

    case: Case
    name: str
    url: str
    looks: Sequence[Look]
    known_as: str
    asked: list[float] = field(default_factory=list)


class Room:
    """:param count: how many turns of each case.
    :param lasting: the last turn of a case is answered for ever, in place of what closes it.
    """

    def __init__(self, cases: Iterable[Case], folder: Path, count: int = 1, *, lasting: bool = False) -> None:
        self._folder, self._lasting = folder, lasting
        self._open = contextlib.ExitStack()
        self._sentinel = folder / "sentinel"
        self._sentinel.write_text(SECRET, encoding="utf-8")
        self.vault = self._open.enter_context(Scripted())
        healthy = self._open.enter_context(Scripted())
        self.healthy = healthy.on("/healthy", GOOD)
        self._servers = [healthy]
        self.fronts = [
            front for number, case in enumerate(cases) for front in self._fronts(case, number, count)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def configure(self, fronts: Sequence[Front], *, deadline: int, workers: int) -> Path:
        """A configuration that watches the healthy article and these, in seconds and with nothing let through but
        them."""
        path = self._folder / "config.toml"
        let_through = ", ".join(f'"{host}"' for host in map(_host, (self.healthy, *(f.url for f in fronts))))
        path.write_text(
            f"""
[storage]
url = "sqlite:///store.db"
[web]
enabled = false
timezone = "UTC"
[log]
format = "json"
[fetch]
workers = {workers}
host_interval = "0s"
deadline = "{deadline}s"
robots = false
allow_private = [{let_through}]
[schedule]
min_interval = "1s"
requests_per_hour = 10000000
max_interval = "1s"
[[sources]]
name = "healthy"
kind = "page"
url = "{self.healthy}"
{"".join(map(_source, fronts))}""",
            encoding="utf-8",
        )
        return path

    def index(self) -> str:
        """The address of a page that lists the cases."""
        listing = self._open.enter_context(Scripted())
        items = "".join(
            f'<li>{html.escape(front.case.title)}: <a href="{front.url}">{front.url}</a>, '
            f"{html.escape(' or '.join(front.looks[-1].outcomes))}</li>"
            for front in self.fronts
        )
        return listing.on(
            "/", http(200, f"<!doctype html><title>The hostile newsroom</title><ul>{items}</ul>")
        )

    def given_cookies(self) -> list[str]:
        """The servers to which a cookie was sent."""
        return [s.host for s in self._servers if any("cookie" in request.headers for request in s.requests)]

    def _fronts(self, case: Case, number: int, count: int) -> Iterable[Front]:
        """One host that is looked at so many times, or as many that are looked at once."""
        for turn in range(count if case.anew else 1):
            looks = [*case.opening, case.turns(turn), *case.closing] if case.anew else case.looks(count)
            if self._lasting:
                looks = looks[: len(looks) - len(case.closing)]
            yield self._front(case, f"c{number}-{turn}", looks)

    def _front(self, case: Case, name: str, looks: Sequence[Look]) -> Front:
        scheme, path = "https" if case.secure else "http", "/feed" if case.is_feed else "/story"
        if case.mute:
            url = f"https://127.0.0.1:{self._mute()}/story"
            return Front(case=case, name=name, url=url, looks=looks, known_as=url)
        server = self._open.enter_context(Scripted())
        self._servers.append(server)
        url, known_as = (server.url(at).replace("http", scheme, 1) for at in (path, case.known_as or path))
        front = Front(case=case, name=name, url=url, looks=looks, known_as=known_as)
        answers = [look.answer for look in looks] + ([] if self._lasting or case.is_feed else [_OVER])
        server.on("/over", _OVER)
        for beside, answer in case.beside.items():
            server.on(beside, self._noted(answer, front) if case.robots else self._filled(answer))
        given = [self._filled(answer) if case.robots else self._noted(answer, front) for answer in answers]
        server.on(path, *given)
        return front

    def _mute(self) -> int:
        """The port of a server that lets everybody in and says nothing."""
        listener = self._open.enter_context(socket.create_server(("127.0.0.1", 0), backlog=256))
        port: int = listener.getsockname()[1]
        return port

    def _noted(self, answer: Answer, front: Front) -> Callable[[Line], None]:
        filled = self._filled(answer)

        def note(line: Line) -> None:
            front.asked.append(time.time())
            if isinstance(filled, bytes):
                line.send(filled)
            else:
                filled(line)

        return note

    def _filled(self, answer: Answer) -> Answer:
        if isinstance(answer, Made):
            answer.body()
        if not isinstance(answer, bytes):
            return answer
        port, file = str(self.vault.port).encode(), str(self._sentinel).encode()
        return answer.replace(VAULT.encode(), port).replace(SENTINEL.encode(), file)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _source(front: Front) -> str:
    kind, more = (front.case.kind, 'interval = "1h"') if front.case.is_feed else ("page", "")
    robots = "robots = true" if front.case.robots else ""
    return f'[[sources]]\nname = "{front.name}"\nkind = "{kind}"\nurl = "{front.url}"\n{more}\n{robots}\n'
