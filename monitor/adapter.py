"""requests, with every socket opened by whom it is told to ask, and HTTP's interim answers counted."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from monitor.deadline import Deadline

_MOST_INTERIM = 20


class GuardedAdapter(HTTPAdapter):
    """A requests adapter whose every connection is opened by the guard, under a deadline.

    :param connect: as ``Guard.connect``.
    """

    def __init__(self, connect: Callable[..., socket.socket], deadline: Deadline) -> None:
        self._open = lambda name, port: connect(name, port, deadline.remaining(), deadline.watch)
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        open_socket = self._open

        class Plain(HTTPConnection):
            response_class = _Answer

            def _new_conn(self) -> socket.socket:
                return open_socket(self._dns_host, self.port)  # type: ignore[no-untyped-call]

        class Secure(HTTPSConnection):
            response_class = _Answer

            def _new_conn(self) -> socket.socket:
                return open_socket(self._dns_host, self.port)  # type: ignore[no-untyped-call]

        plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}


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
