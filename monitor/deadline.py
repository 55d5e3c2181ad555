"""One deadline over everything that a fetch waits for, however it is made to wait."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

from monitor.errors import FetchError
from storage.records import FetchProblem

_MOMENT = 0.05  # seconds


class Deadline:
    """Ends every socket that was opened under it when the time is up, whatever it waits for.

    The sockets are watched through duplicates, since TLS takes the original for itself.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self.seconds = seconds
        self.expired = False
        self.cut_short = False

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._watched:
                watched.close()
            self._watched.clear()

    def remaining(self) -> float:
        return max(_MOMENT, self._ends - time.monotonic())

    def check(self) -> None:
        """To be asked before an end is believed: a socket that was ended from here looks like one at its end.

        :raises TimeoutError: the time is up.
        """
        if self.expired:
            raise TimeoutError("the time is up")

    def is_over(self, error: FetchError) -> bool:
        """Whether that nothing could be reached comes of there being no time left."""
        return error.problem is FetchProblem.CONNECT and (self.expired or self.remaining() <= _MOMENT)

    def watch(self, opened: socket.socket) -> None:
        with self._lock:
            self.check()
            self._watched.append(opened.dup())

    def cut(self) -> None:
        """End it before its time: others wait for what it holds up."""
        self.cut_short = True
        self._expire()

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            for watched in self._watched:
                with suppress(OSError):  # it never connected, or is gone already
                    watched.shutdown(socket.SHUT_RDWR)
