"""The allowance of requests and the price of one: a look has to be worth the price of the day.

What is not spent is saved, for one hour at most. The price rises with every request and falls with
time, so that in the long run as much is spent as there is, and no more than FLOOR makes worth while.
Times are seconds on any clock that goes forward.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

FLOOR = 0.0002
"""No look is worth less than this price, however much may be spent: at it, an article that is never revised
costs some 130 requests in its first thirty days."""
_FOLLOWS_IN = 1 / 3  # hours, at least, in which the price follows the demand
_REQUESTS = 30  # so many are waited for before it does


@dataclass(frozen=True, kw_only=True)
class Purse:
    """An allowance of so many requests an hour, of which ``saved`` are left at the time ``at``."""

    per_hour: float
    at: float
    saved: float = 0.0
    price: float = FLOOR

    def allowed(self, per_hour: float) -> Purse:
        """The purse under another allowance."""
        if per_hour == self.per_hour:
            return self
        return replace(self, per_hour=per_hour, saved=min(self.saved, max(per_hour, 1.0)))

    def on(self, now: float) -> Purse:
        """The purse at that time; a clock that was put back brings nothing."""
        hours = (now - self.at) / 3600
        if hours <= 0:
            return self if hours == 0 else replace(self, at=now)
        saved = min(self.saved + self.per_hour * hours, self._most)
        fall = (self._rise_per_hour + self._pull * ((self.saved + saved) / 2 / self._most - 0.5)) * hours
        price = max(self.price * math.exp(-min(max(fall, -10.0), 700.0)), FLOOR)
        return replace(self, at=now, saved=saved, price=price)

    def spent(self) -> Purse:
        """One request less; also where there was none left, which makes the next ones wait."""
        price = self.price * math.exp(min(self._rise_per_hour / self.per_hour, 1.0))
        return replace(self, saved=self.saved - 1, price=price)

    def free_at(self) -> float:
        """When there is a request to spend."""
        return self.at + max(0.0, 1 - self.saved) / self.per_hour * 3600

    def has_one(self) -> bool:
        return self.saved >= 1 - 1e-9

    @property
    def _most(self) -> float:
        return max(self.per_hour, 1.0)

    @property
    def _pace(self) -> float:
        return 1 / max(_FOLLOWS_IN, _REQUESTS / self.per_hour)

    @property
    def _rise_per_hour(self) -> float:
        """What all the requests of an hour raise the price by (its logarithm), and what time takes off."""
        return 1.2 * self._pace

    @property
    def _pull(self) -> float:
        """How strongly a purse that is not half full raises the price, and one that is fuller lowers it."""
        return 0.2 * self._pace**2
