"""requests, with every socket opened by whom it is told to ask, and HTTP's interim answers counted."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from monitor.deadline import Deadline

_MOST_INTERIM = 20


class GuardedAdapter(HTTPAdapter):
    """A requests adapter with one connection, opened by the guard, each use of it under a deadline. For one
    thread at a time.

    :param connect: as ``Guard.connect``.
    """

    def __init__(self, connect: Callable[..., socket.socket]) -> None:
        self._connect = connect
        self._deadline: Deadline | None = None
        self._connection: HTTPConnection | None = None
        self._opened = False
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def go_by(self, deadline: Deadline) -> None:
        """From here on that deadline counts, for a connection that is open already as well.

        :raises TimeoutError: it is over.
        """
        self._deadline, self._opened = deadline, False
        if self._connection is not None and self._connection.sock is not None:
            # A copy to watch: TLS has the original.
            with socket.socket(fileno=os.dup(self._connection.sock.fileno())) as copy:
                deadline.watch(copy)

    def is_open(self) -> bool:
        """Whether another request can go over its connection."""
        return self._connection is not None and self._connection.is_connected

    def was_hung_up_on(self, error: BaseException) -> bool:
        """Whether that error may come of the server's having given up a connection that was open before."""
        old = self._connection is not None and not self._opened
        return old and _has(error, (ConnectionError, http.client.BadStatusLine))

    def _open(self, connection: HTTPConnection) -> socket.socket:
        if self._deadline is None:
            raise ValueError("nobody said by when")
        self._connection, self._opened = connection, True
        deadline = self._deadline
        return self._connect(connection._dns_host, connection.port, deadline.remaining(), deadline.watch)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        open_socket = self._open

        class Plain(HTTPConnection):
            response_class = _Answer

            def _new_conn(self) -> socket.socket:
                return open_socket(self)

        class Secure(HTTPSConnection):
            response_class = _Answer

            def _new_conn(self) -> socket.socket:
                return open_socket(self)

        plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}


def _has(error: BaseException | None, kinds: tuple[type[BaseException], ...]) -> bool:
    """Whether an error of these kinds lies under that one."""
    while error is not None:
        if isinstance(error, kinds):
            return True
        error = error.__cause__ or error.__context__
    return False


class _Answer(http.client.HTTPResponse):
    """The standard library's, which takes ``100 Continue`` without end, and any other interim answer, such as
    ``103 Early Hints``, for the answer itself."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("it wants to speak something else")
            if not 100 <= status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("it says that it goes on, again and again")
