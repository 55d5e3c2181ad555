"""What differs on a news page at every request although no editor touched it.

Advertisements, counts, relative times, comments, related links and the tokens of its scripts:
all drawn from one random source, so that a page can be drawn again exactly if need be.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

# fmt: off
SECTIONS = (
    "Home", "News", "World", "Europe", "Americas", "Asia", "Africa", "Middle-East", "Politics",
    "Business", "Markets", "Money", "Energy", "Climate", "Science", "Health", "Technology", "Culture",
    "Books", "Film", "Music", "Food", "Travel", "Style", "Sport", "Football", "Tennis", "Cricket",
    "Weather", "Opinion", "Letters", "Obituaries", "Podcasts", "Video", "Puzzles", "Crosswords", "Jobs",
    "Property", "Archive",
)
# fmt: on

_HEADLINES = (
    "Rail unions call off strike after late-night talks",
    "How a village of 300 people kept its school open",
    "Central bank leaves rates alone for a third month",
    "The recipe readers asked for most this autumn",
    "Storm brings down trees along the western coast",
    "What the new parking rules mean for your street",
    "Museum finds forgotten sketches in its own attic",
    "Five things to know about the winter timetable",
    "Court hears appeal in long-running harbour dispute",
    "Researchers map the sea floor off northern islands",
    "Champions held to a draw in rain-soaked derby",
    "Why tomatoes cost more this year than last",
    "Mayor defends plan to close the old bridge",
    "A quiet week on the markets, with one exception",
    "Readers’ photographs: the first frost",
    "Airline adds flights after summer of full planes",
)

_ADVERTS = (
    "Mattress clearance ends tonight. Free delivery over 250.",
    "Switch to greener power in 4 minutes.",
    "The watch that knows when you are tired.",
    "Learn a language on your way to work.",
    "Winter tyres fitted at your door from 39 a wheel.",
    "One in three drivers pays too much. Do you?",
    "Stairlifts: what nobody tells you about the price.",
    "Last cabins on the northern lights cruise.",
)

_READERS = (
    "ferrywatcher",
    "M_Oakes",
    "tinroof88",
    "Ludmila_P",
    "quietcar",
    "Brennan.J",
    "old_harry",
    "notasubeditor",
)

_OPINIONS = (
    "About time someone reported this properly.",
    "I read the same thing yesterday on another site, with fewer adverts.",
    "Can we please have the map back that used to be here?",
    "This will look very different in January.",
    "My cousin lives near there and says nobody knows anything yet.",
    "Three officials and not one of them with a name. Hm.",
    "Good piece. The second half could have been longer.",
    "Why are comments closed on the other article?",
)


class Noise:
    """One request's worth of noise."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def token(self, length: int = 12) -> str:
        return "".join(self._chance.choices("0123456789abcdefghijkmnpqrstuvwxyz", k=length))

    def count(self, most: int = 4000) -> int:
        return self._chance.randint(2, most)

    def ago(self) -> str:
        if self._chance.random() < 0.5:
            return f"{self._chance.randint(2, 59)} minutes ago"
        return f"{self._chance.randint(2, 23)} hours ago"

    def advert(self) -> str:
        return self._chance.choice(_ADVERTS)

    def headlines(self, how_many: int) -> list[str]:
        return self._chance.sample(_HEADLINES, how_many)

    def comments(self) -> list[tuple[str, str]]:
        """Some readers, each with what they had to say."""
        how_many = self._chance.randint(2, 5)
        readers = self._chance.sample(_READERS, how_many)
        return list(zip(readers, self._chance.sample(_OPINIONS, how_many), strict=True))

    def places(self, passages: int, how_many: int) -> frozenset[int]:
        """After which passages something foreign stands, never before the second one."""
        return frozenset(self._chance.sample(range(1, passages - 1), how_many))

    def shuffled(self, items: Sequence[str]) -> list[str]:
        return self._chance.sample(items, len(items))
