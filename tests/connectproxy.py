"""A proxy on loopback that is asked for addresses anywhere (CONNECT) and leads all of them to one local port."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

_PATIENCE = 5.0


class ConnectProxy:
    """:param port: where every tunnel really ends, on loopback.
    :param answer: what it says to whoever asks for a tunnel.
    """

    def __init__(self, port: int, answer: bytes = b"HTTP/1.1 200 Connected\r\n\r\n") -> None:
        self.heads: list[str] = []
        self._to, self._answer = port, answer
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._listener.close()

    @property
    def asked(self) -> list[str]:
        """The targets asked for, in order."""
        return [head.split(" ")[1] for head in self.heads]

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_PATIENCE)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = connection.recv(1)
                if not byte:
                    return
                head += byte
            self.heads.append(head.decode("latin-1"))
            connection.sendall(self._answer)
            if self._answer.startswith(b"HTTP/1.1 2") and self._answer.endswith(b"\r\n\r\n"):
                self._join(connection)

    def _join(self, connection: socket.socket) -> None:
        with socket.socket() as behind:
            behind.settimeout(_PATIENCE)
            behind.connect(("127.0.0.1", self._to))
            back = threading.Thread(target=_pour, args=(behind, connection), daemon=True)
            back.start()
            _pour(connection, behind)
            back.join(_PATIENCE)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while more := source.recv(65536):
            target.sendall(more)
        target.shutdown(socket.SHUT_WR)
