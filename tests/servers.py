"""A scripted server on loopback: what each path answers, byte for byte where need be.

An answer is the bytes to send, or a function that does as it likes with the connection. The
server keeps every request that it was sent, and ends with all its threads.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

_PATIENCE = 5.0


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it came, at that moment (monotonic), over the connection of that number; header names are
    in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    at: float = 0.0
    connection: int = 0


class Line:
    """The server's end of one connection, with what was asked over it."""

    def __init__(self, connection: socket.socket, ending: threading.Event, request: Request) -> None:
        self._connection, self._ending = connection, ending
        self.request = request

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def drip(self, pieces: Iterable[bytes], every: float = 0.1) -> None:
        """Send the pieces with a pause after each, until the client has had enough."""
        for piece in pieces:
            self._connection.sendall(piece)
            if self._ending.wait(every):
                return

    def hold(self) -> None:
        """Say nothing more until the client hangs up."""
        with contextlib.suppress(TimeoutError):
            self._connection.recv(1)


Answer = bytes | Callable[[Line], None]


class Scripted:
    """A server whose paths answer as told; the last answer of a path is repeated, any other path is 404. A
    connection ends with its first answer, unless that says ``Connection: keep-alive``."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._script: dict[str, list[Answer]] = {}
        self._ending = threading.Event()
        self._open: set[socket.socket] = set()
        self._numbers = itertools.count(1)
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._listen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        for end in (self._listener, *self._open.copy()):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._listener.close()

    def on(self, path: str, *answers: Answer) -> str:
        """Let ``path`` answer so, one answer a request, and return its address."""
        self._script[path] = list(answers)
        return self.url(path)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        """The targets asked for, in order."""
        return [request.target for request in self.requests]

    @property
    def gaps(self) -> list[float]:
        """Seconds between each request and the next."""
        moments = [request.at for request in self.requests]
        return [later - earlier for earlier, later in itertools.pairwise(moments)]

    @property
    def connections(self) -> list[int]:
        """The number of the connection over which each request came."""
        return [request.connection for request in self.requests]

    def hang_up(self) -> None:
        """End every connection that is open."""
        for connection in self._open.copy():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            self._start(self._serve, connection)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, connection: socket.socket) -> None:
        """The requests of one connection; a client that hangs up in the middle is no news."""
        number = next(self._numbers)
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_PATIENCE)
            while (request := _read_request(connection)) is not None:
                request = replace(request, at=time.monotonic(), connection=number)
                answer = self._answer_to(request)
                if not isinstance(answer, bytes):
                    answer(Line(connection, self._ending, request))
                    break
                connection.sendall(answer)
                if b"Connection: keep-alive" not in answer:
                    break
        self._open.discard(connection)

    def _answer_to(self, request: Request) -> Answer:
        self.requests.append(request)
        answers = self._script.get(request.target, [http(404, b"not found")])
        return answers.pop(0) if len(answers) > 1 else answers[0]


def http(
    status: int = 200,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    *,
    kind: str = "text/html; charset=utf-8",
) -> bytes:
    """A well-formed answer."""
    payload = body.encode() if isinstance(body, str) else body
    lines = {"Content-Type": kind, "Content-Length": str(len(payload)), "Connection": "close"}
    return head(status, lines | dict(headers or {})) + payload


STAYS = {"Connection": "keep-alive"}
"""A header of an answer after which the server listens on."""


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The head of an answer with nothing in it but what is given."""
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def redirect(to: str, status: int = 302) -> bytes:
    return http(status, b"elsewhere", {"Location": to})


def _read_request(connection: socket.socket) -> Request | None:
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65536)
        if not more:
            return None
        received += more
        if not received[:1].isupper():
            return None  # whatever it is, it is not HTTP
    top, _, body = received.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    method, target, _version = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Request(method=method, target=target, headers=headers, body=body)
