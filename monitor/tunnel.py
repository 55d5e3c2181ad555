"""Through a proxy of the user's own: it carries bytes to an address that the guard has judged.

Names are looked up here and judged as ever; the proxy is told the address alone, for http and https alike
(CONNECT, RFC 9110, 9.3.6), so it can lead nowhere else.
"""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable

from monitor.config import Proxy
from monitor.errors import FetchError
from monitor.guard import Guard, worth_trying
from storage.records import FetchProblem

_MOST_HEAD = 16384

Connect = Callable[[str, int, float, Callable[[socket.socket], None] | None], socket.socket]
"""Opens a socket to a name and a port within so many seconds, telling of each before it connects."""


def way_out(guard: Guard, proxy: Proxy | None) -> Connect:
    """How connections are opened for one purpose: by the guard alone, or through a proxy to what it admits."""
    return guard.connect if proxy is None else Tunnel(guard, proxy).connect


class Tunnel:
    """Opens sockets for one purpose, as ``Guard.connect`` does, but through a proxy.

    :param guard: judges where the sockets lead. The proxy's own address, wherever it is, is open to this
        alone.
    """

    def __init__(self, guard: Guard, proxy: Proxy) -> None:
        self._guard = guard
        self._proxy = proxy
        self._way = Guard(
            [f"[{proxy.host}]:{proxy.port}" if ":" in proxy.host else f"{proxy.host}:{proxy.port}"]
        )

    def connect(
        self, name: str, port: int, timeout: float, opened: Callable[[socket.socket], None] | None = None
    ) -> socket.socket:
        """A socket that leads to ``name``: one look-up, every answer judged, a few of them tried.

        :param opened: told of each socket before it connects.
        :raises FetchError: DNS, REFUSED_ADDRESS or CONNECT.
        """
        ends = time.monotonic() + timeout
        refusal: FetchError | None = None
        for _family, (address, _port) in worth_trying(self._guard.addresses(name, port, timeout)):
            left = ends - time.monotonic()
            if left <= 0:
                break
            made = self._way.connect(self._proxy.host, self._proxy.port, left, opened)
            try:
                made.settimeout(left)
                self._ask(made, address, port)
                return made
            except (OSError, ValueError) as error:
                made.close()
                refusal = _failed(f"{name}:{port} cannot be reached through the proxy: {error}.")
        raise refusal or _failed(f"{name} has no address that can be reached.")

    def _ask(self, made: socket.socket, address: str, port: int) -> None:
        """:raises OSError, ValueError: the proxy does not let us through, or is none."""
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self._proxy.login is not None:
            login = base64.b64encode(self._proxy.login.encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {login}")
        made.sendall("\r\n".join([*lines, "", ""]).encode())
        first = _head(made).split(b"\r\n", 1)[0].decode("latin-1")
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
            raise ValueError("it does not speak HTTP")
        if not rest.startswith("2"):
            raise ValueError(f"it answered {rest[:3]}")


def _head(made: socket.socket) -> bytes:
    """The head of the proxy's answer and not a byte more: what follows belongs to whoever is behind it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = made.recv(1)
        if not byte or len(head) >= _MOST_HEAD:
            raise ValueError("it gave no answer")
        head += byte
    return head


def _failed(sentence: str) -> FetchError:
    return FetchError(FetchProblem.CONNECT, sentence)
