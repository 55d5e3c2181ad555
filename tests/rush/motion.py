"""A clock that several processes share and that runs faster than the machine's, whatever that is set to."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

VARIABLE = "WRITETHRU_RUSH"


@dataclass(frozen=True, kw_only=True)
class Motion:
    """At ``began`` on the machine's steady clock it was ``start`` (in seconds since 1970) on this one."""

    began: float
    start: float
    speed: float

    @classmethod
    def from_text(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def text(self) -> str:
        return json.dumps(asdict(self))

    def now(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.epoch())

    def epoch(self) -> float:
        return self.start + self.elapsed() - self.began * self.speed

    def elapsed(self) -> float:
        """Seconds on a clock that nobody sets, as fast as this one. One of this machine's, not of a process."""
        return time.clock_gettime(time.CLOCK_MONOTONIC) * self.speed
