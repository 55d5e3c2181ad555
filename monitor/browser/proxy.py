"""The browser's only way out: an HTTP proxy on loopback whose every connection the guard opens.

Each load of a page has a secret of its own, with an allowance of bytes; whoever has none gets nothing, the
browser's own errands and other programs on this machine among them. When a load ends so do all its sockets.
Knows nothing of pages: inside a tunnel it sees no more than how much goes through.
"""

from __future__ import annotations

import base64
import logging
import secrets
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.errors import FetchError
from monitor.fetch import MAX_URL, url_trouble
from monitor.tunnel import Connect
from storage.records import FetchProblem

log = logging.getLogger("writethru.browser")

_CONNECTIONS = 128
_HEAD = 64 << 10
_HEAD_SECONDS = 10.0
_CONNECT_SECONDS = 10.0
_CHUNK = 65536
_NAMES = 1000
# After a certificate that nobody vouches for Chromium asks this, with the secret of the page it has just used.
_ITS_OWN_ERRANDS = frozenset({"connectivitycheck.gstatic.com"})
_RESET = struct.pack("ii", 1, 0)
_OF_ONE_HOP = frozenset(
    "connection proxy-connection proxy-authorization proxy-authenticate keep-alive te trailer upgrade host".split()
)


class Proxy:
    """Listens from the start; close it, or use it as a context manager.

    :param connect: opens every connection that a page asks for, and refuses.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._loads: dict[str, Load] = {}
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_CONNECTIONS)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_CONNECTIONS)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._listening = threading.Thread(target=self._listen, name="browser-proxy", daemon=True)
        self._listening.start()

    @contextmanager
    def load(self, allowance: int) -> Iterator[Load]:
        """A load of one page, which may bring so many bytes in."""
        load = Load(allowance=allowance)
        with self._lock:
            self._loads[load.credentials] = load
        try:
            yield load
        finally:
            with self._lock:
                del self._loads[load.credentials]
            load.end()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listening.join()
        self._listener.close()
        for load in list(self._loads.values()):
            load.end()

    # ------------------------------------------------------------------ one connection

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._room.acquire(blocking=False):
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), name="browser-way", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One request; what breaks off shows to the browser as broken off, never as an end."""
        try:
            with client:
                try:
                    client.settimeout(_HEAD_SECONDS)
                    asked = _read_head(client)
                    if asked is not None:
                        self._answer(client, asked)
                except OSError:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        finally:
            self._room.release()

    def _answer(self, client: socket.socket, asked: _Asked) -> None:
        with self._lock:
            load = self._loads.get(asked.header("proxy-authorization").removeprefix("Basic ").strip())
        if load is None:
            log.debug("without a secret: %s %s", asked.method, asked.target[:200])
            client.sendall(_said("407 Proxy Authentication Required", 'Basic realm="writethru"'))
            return
        with load.watching(client):
            try:
                name, port = _place(asked)
                server = self._connect(name, port, _CONNECT_SECONDS, load.watch)
            except FetchError as error:
                load.note(asked.target, error)
                refused = error.problem is FetchProblem.REFUSED_ADDRESS
                client.sendall(_said("403 Forbidden" if refused else "502 Bad Gateway"))
                return
            log.debug("a page: %s %s", asked.method, asked.target[:200])
            with server, load.watching(server):
                _tunnel(client, server, asked, load) if asked.is_tunnel else _carry(
                    client, server, asked, load
                )


@dataclass(eq=False, kw_only=True)
class Load:
    """What one page's load may bring in, and what stood in its way: ``failures`` by what was asked for, a
    URL or, for a tunnel, ``host:port``."""

    allowance: int
    username: str = "page"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    failures: dict[str, FetchError] = field(default_factory=dict)
    brought: int = 0
    _ended: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sockets: set[socket.socket] = field(default_factory=set)

    @property
    def credentials(self) -> str:
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def is_over(self) -> bool:
        """Whether it brought in more than it may; nothing more comes then."""
        return self.brought > self.allowance

    def note(self, target: str, error: FetchError) -> None:
        log.debug("a page may not: %s: %s", target[:200], error)
        with self._lock:
            if len(self.failures) < _NAMES and len(target) <= MAX_URL:  # no page is at a longer address
                self.failures.setdefault(target, error)

    def took(self, size: int) -> None:
        with self._lock:
            self.brought += size
        if self.is_over:
            self.end()
            raise ConnectionAbortedError("the page's allowance is used up")

    def check(self) -> None:
        """To be asked before an end is believed: a socket that was ended from here looks like one at its end.

        :raises ConnectionAbortedError: the load has ended.
        """
        if self._ended:
            raise ConnectionAbortedError("the load has ended")

    def watch(self, opened: socket.socket) -> None:
        """
        :raises ConnectionAbortedError: the load has ended.
        """
        with self._lock:
            self.check()
            self._sockets.add(opened)

    @contextmanager
    def watching(self, opened: socket.socket) -> Iterator[None]:
        self.watch(opened)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.discard(opened)

    def end(self) -> None:
        """No socket of this load stays open, and none is opened any more."""
        with self._lock:
            self._ended = True
            for opened in self._sockets:
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)


# ---------------------------------------------------------------------- what is asked for


@dataclass(frozen=True, kw_only=True)
class _Asked:
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    early: bytes
    """What came behind the head already."""

    @property
    def is_tunnel(self) -> bool:
        return self.method == "CONNECT"

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


def _read_head(client: socket.socket) -> _Asked | None:
    """The head of a request; None: this is none."""
    found = _head_of(client)
    if found is None:
        return None
    first, headers, early = found
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return None
    return _Asked(method=words[0], target=words[1], headers=headers, early=early)


def _head_of(sender: socket.socket) -> tuple[str, tuple[tuple[str, str], ...], bytes] | None:
    """First line, headers and what came behind them; None: there is no such head."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = sender.recv(_CHUNK)
        received += more
        if not more or len(received) > _HEAD:
            return None
    top, _, rest = received.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, tuple((name.strip(), value.strip()) for name, _, value in pairs), rest


def _place(asked: _Asked) -> tuple[str, int]:
    """Where it leads: a host and a port.

    :raises FetchError: it is nothing that is fetched.
    """
    url = f"https://{asked.target}/" if asked.is_tunnel else asked.target
    trouble = url_trouble(url)
    parts = urlsplit(url)
    if trouble is None and not asked.is_tunnel and parts.scheme != "http":
        trouble = "only http is fetched without a tunnel"
    if trouble is None and parts.hostname in _ITS_OWN_ERRANDS:
        trouble = "the browser may do no errands of its own"
    if trouble is not None or parts.hostname is None:
        raise FetchError(FetchProblem.BAD_REDIRECT, f"{asked.target[:200]}: {trouble}.", transient=False)
    return parts.hostname, parts.port or (443 if asked.is_tunnel else 80)


def _said(status: str, challenge: str | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close"]
    lines += [f"Proxy-Authenticate: {challenge}"] if challenge else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


# ---------------------------------------------------------------------- what goes through


def _tunnel(client: socket.socket, server: socket.socket, asked: _Asked, load: Load) -> None:
    """Both ways, until one end has had enough."""
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    if asked.early:
        server.sendall(asked.early)
    _pour(client, server, load, upwards=True)


def _carry(client: socket.socket, server: socket.socket, asked: _Asked, load: Load) -> None:
    """One request and its answer. The connection ends with it: the next request may be for somebody else,
    and carries a secret of ours."""
    length = asked.header("content-length") or "0"
    if asked.header("transfer-encoding") or not length.isdecimal():
        client.sendall(_said("411 Length Required"))
        return
    parts = urlsplit(asked.target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = [f"{asked.method} {path} HTTP/1.1", f"Host: {parts.netloc}", *_kept(asked.headers)]
    server.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1"))
    _send_body(client, server, asked.early, int(length))
    answer = _answer_head(server)
    load.check()
    if answer is None:
        client.sendall(_said("502 Bad Gateway"))
        return
    client.sendall(answer)
    load.took(len(answer))
    _pour(client, server, load, upwards=False)


def _kept(headers: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers if name.lower() not in _OF_ONE_HOP]


def _send_body(client: socket.socket, server: socket.socket, early: bytes, length: int) -> None:
    server.sendall(early[:length])
    left = length - len(early)
    while left > 0:
        data = client.recv(min(_CHUNK, left))
        if not data:
            raise ConnectionAbortedError("the browser broke off")
        server.sendall(data)
        left -= len(data)


def _answer_head(server: socket.socket) -> bytes | None:
    """The head of the answer, with a promise that nothing follows it on this connection, and what came
    behind it already; None: this is none. What comes before the answer itself is left out."""
    server.settimeout(None)  # how long it may take is for the load to say, which ends the socket
    found = _head_of(server)
    while found is not None and found[0].startswith(("HTTP/1.1 1", "HTTP/1.0 1")):
        found = _head_of(_Behind(found[2], server))  # type: ignore[arg-type]
    if found is None or not found[0].startswith("HTTP/1."):
        return None
    first, headers, rest = found
    return "\r\n".join([first, *_kept(headers), "Connection: close", "", ""]).encode("latin-1") + rest


class _Behind:
    """A sender of which something was read too early."""

    def __init__(self, early: bytes, sender: socket.socket) -> None:
        self._early, self._sender = early, sender

    def recv(self, size: int) -> bytes:
        early, self._early = self._early, b""
        return early or self._sender.recv(size)


def _pour(client: socket.socket, server: socket.socket, load: Load, *, upwards: bool) -> None:
    """What the server sends to the browser and, ``upwards``, what the browser sends to the server, until one
    of them ends; the load's end ends both."""
    client.settimeout(None)
    server.settimeout(None)
    with selectors.DefaultSelector() as waiting:
        waiting.register(client, selectors.EVENT_READ, server)
        waiting.register(server, selectors.EVENT_READ, client)
        while True:
            for ready, _ in waiting.select():
                end, other = (server, client) if ready.data is client else (client, server)
                data = end.recv(_CHUNK)
                load.check()
                if not data:
                    return
                if end is server:
                    load.took(len(data))
                if end is server or upwards:
                    other.sendall(data)
