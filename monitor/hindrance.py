"""What keeps the service from recording: said once, told as the reason, and over when the work is done.

Knows who was hindered and by which error; what is done about it is the caller's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from storage.errors import StorageBusy, StorageError, StorageUnwritable

log = logging.getLogger("writethru.service")

_EVERY_SECONDS = 60.0


class Hindrance:
    """Shared by everything in the service that writes.

    A disk that cannot be written is said once, however many are hindered and however often they try; a
    database that another process holds, once a minute. That it is over is said once nobody is hindered.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._hindered: dict[str, str] = {}
        self._told: set[type[StorageError]] = set()
        self._said_busy: float | None = None

    @property
    def reason(self) -> str | None:
        """The newest sentence of what is in the way; None: nothing is."""
        with self._lock:
            return next(reversed(self._hindered.values()), None)

    def met(self, who: str, error: StorageError) -> None:
        """``who`` could not write; it is hindered until it says that this is over."""
        with self._lock:
            self._hindered.pop(who, None)
            self._hindered[who] = str(error)
            if isinstance(error, StorageBusy):
                if self._said_busy is None or self._clock() - self._said_busy >= _EVERY_SECONDS:
                    self._said_busy = self._clock()
                    self._told.add(StorageBusy)
                    log.warning("%s What was seen waits to be recorded.", error)
            elif StorageUnwritable not in self._told:
                self._told.add(StorageUnwritable)
                log.error("%s Until then nothing is recorded; what was seen is kept in hand.", error)

    def over(self, who: str) -> None:
        """``who`` has done what it was kept from, if it was."""
        with self._lock:
            if self._hindered.pop(who, None) is None or self._hindered:
                return
            if self._told:
                log.info("The database can be written again.")
            self._told.clear()
