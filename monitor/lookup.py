"""Looking up names, once each and never for longer than one is willing to wait.

getaddrinfo cannot be interrupted: a look-up that takes too long is left to end by itself. So that these
cannot pile up, only so many run at a time, and none for a name whose last one has not ended yet.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from monitor.errors import FetchError
from storage.records import FetchProblem

Answer = tuple[socket.AddressFamily, tuple[str, int]]
Resolver = Callable[[str, int, float], list[Answer]]

_MOST_AT_A_TIME = 256


def resolve_with_limit(name: str, port: int, timeout: float) -> list[Answer]:
    """All addresses of ``name``, looked up once.

    :param timeout: in seconds.
    :raises FetchError: DNS.
    """
    return _LOOK_UPS.run(name, port, timeout)


class _LookUps:
    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(_MOST_AT_A_TIME)
        self._lock = threading.Lock()
        self._late: set[str] = set()

    def run(self, name: str, port: int, timeout: float) -> list[Answer]:
        ends = time.monotonic() + timeout
        if name in self._late or not self._free.acquire(timeout=max(timeout, 0)):
            raise FetchError(
                FetchProblem.DNS, f"Looking up {name} must wait until earlier look-ups have ended."
            )
        look_up = _LookUp(name, port)
        thread = threading.Thread(target=self._end, args=(look_up,), name=f"dns {name}", daemon=True)
        try:
            thread.start()
        except BaseException:
            self._free.release()
            raise
        thread.join(max(ends - time.monotonic(), 0))
        with self._lock:
            if not look_up.over:
                self._late.add(name)
                raise FetchError(FetchProblem.DNS, f"Looking up {name} took longer than {timeout:.0f} s.")
        return look_up.answers()

    def _end(self, look_up: _LookUp) -> None:
        try:
            look_up.run()
        finally:
            with self._lock:
                look_up.over = True
                self._late.discard(look_up.name)
            self._free.release()


class _LookUp:
    """One look-up and what came of it."""

    def __init__(self, name: str, port: int) -> None:
        self.name, self.over = name, False
        self._port = port
        self._found: list[Answer] = []
        self._failure: OSError | ValueError | None = None

    def run(self) -> None:
        try:
            for family, _type, _proto, _name, address in socket.getaddrinfo(
                self.name, self._port, type=socket.SOCK_STREAM
            ):
                self._found.append((family, (str(address[0]), self._port)))
        except (OSError, ValueError) as error:
            self._failure = error

    def answers(self) -> list[Answer]:
        """:raises FetchError: DNS."""
        if self._failure is not None or not self._found:
            reason = in_words(self._failure) if self._failure else "no address"
            raise FetchError(FetchProblem.DNS, f"The name {self.name} cannot be looked up: {reason}.")
        return self._found


_LOOK_UPS = _LookUps()


def in_words(error: BaseException | None) -> str:
    """What the system says of that error."""
    return str(getattr(error, "strerror", None) or error or "no answer").rstrip(".").lower()
