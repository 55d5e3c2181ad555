"""When an article's turn comes, and whether it is a turn still once it has come: for the daemon and the replay.

Prices change between two looks. So a turn comes early, at less than half of the price of the day, and is put
off in steps until a look is worth what it costs then; at the floor, where prices cannot fall, it comes on time.
"""

from __future__ import annotations

import math

from monitor.polling.hazard import Belief, Prospect
from monitor.polling.purse import FLOOR

_EARLY = 0.45  # of today's price: it may have fallen so far when the turn comes
_ENOUGH = 0.9  # of the price is near enough to it
_STEP = 1.4  # times what a look is worth now, before it is asked again
_SOON = 1.0  # second: not worth being put off for

_USUAL, _DEAR = 0.815, 0.03  # what capture counts at that price,
_PER_FOLD = 0.1  # and how much more where it is e times as dear
_LEAST_SHARE, _MOST_SHARE = 0.6, 0.9


def prospect_of(held: Belief, since: float, price: float) -> Prospect:
    """What looks are worth in days of that price. The fewer of them there are, the more they should save
    versions; where there are plenty, those are safe, and what can still be won is time."""
    share = _USUAL + _PER_FOLD * math.log(price / _DEAR)
    return Prospect(held, since, min(max(share, _LEAST_SHARE), _MOST_SHARE))


def next_turn(prospect: Prospect, price: float, least: float, most: float) -> float:
    """Seconds from the last look until the article's turn, within those limits."""
    return prospect.until(max(_EARLY * price, FLOOR), least, most)


def put_off(prospect: Prospect, waited: float, price: float, least: float, most: float) -> float | None:
    """Seconds from the last look until the turn that comes instead of this one; None: look now."""
    worth = prospect.worth(waited)
    if waited >= most or worth >= _ENOUGH * price:
        return None
    asked = max(_EARLY * price, min(price, _STEP * worth))
    later = prospect.until(asked, max(least, waited), most)
    return later if later > waited + _SOON else None
