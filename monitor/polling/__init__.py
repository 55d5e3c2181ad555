"""When to look again: what is believed of an article, what its outlet usually does, and what a look may cost.

The daemon and ``simulate`` decide by this code alone. Numbers and seconds come in and go out; clock,
database and network are none of its business.
"""

from monitor.polling.habits import Habits, first_belief, unpack_habits
from monitor.polling.hazard import Belief, Prospect, unpack
from monitor.polling.purse import FLOOR, Purse
from monitor.polling.replay import Score, Trace, replay, score
from monitor.polling.turns import next_turn, prospect_of, put_off

__all__ = [
    "FLOOR",
    "Belief",
    "Habits",
    "Prospect",
    "Purse",
    "Score",
    "Trace",
    "first_belief",
    "next_turn",
    "prospect_of",
    "put_off",
    "replay",
    "score",
    "unpack",
    "unpack_habits",
]
