"""HTTP for the newsroom: a threaded loopback server that stops cleanly and prints nothing.

It knows the protocol; what is answered, it asks of a Desk.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request gets; ``version`` is the step of the page that it shows, None elsewhere."""

    status: int
    kind: str
    body: bytes
    version: int | None = None


class Desk(Protocol):
    """Who decides what is answered; called from many threads."""

    def answer(self, method: str, path: str, agent: str) -> Answer: ...

    def receive(self, headers: dict[str, str], content: dict[str, Any]) -> None: ...


class Server(ThreadingHTTPServer):
    """Remembers its open connections, so that a stop need not wait for a client to hang up."""

    daemon_threads = False

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in self._open.copy():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was closing already
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is no news; and it has not been served."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._send(self._asked(), with_body=True)

    def do_HEAD(self) -> None:
        self._send(self._asked(), with_body=False)

    def do_POST(self) -> None:
        content = self._content()
        if self.path != "/desk":
            self._send(Answer(status=404, kind="text/plain", body=b"not found\n"))
        elif content is None:
            self._send(Answer(status=400, kind="text/plain", body=b"not a JSON object\n"))
        else:
            self.server.desk.receive(dict(self.headers.items()), content)
            self._send(Answer(status=200, kind="text/plain", body=b"thank you\n"))

    def _content(self) -> dict[str, Any] | None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            content = json.loads(body)
        except ValueError:
            return None
        return content if isinstance(content, dict) else None

    def _asked(self) -> Answer:
        path = self.path.partition("?")[0]
        return self.server.desk.answer(self.command, path, self.headers.get("User-Agent") or "")

    def _send(self, answer: Answer, *, with_body: bool = True) -> None:
        self.send_response(answer.status, HTTPStatus(answer.status).phrase)
        self.send_header("Content-Type", f"{answer.kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """The newsroom keeps its own log and prints nothing."""
