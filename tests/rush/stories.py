"""What a made newsroom publishes and when it changes its mind: the same seed gives the same stories."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

_PUBLISHING = 0.6
"""The part of the period in which stories are published; in the rest they are only edited."""
_GOES_ON = 0.75
_MEDIAN_GAP = 2700.0
_SPREAD = 1.2
_LEAST_GAP = 60.0


@dataclass(frozen=True, kw_only=True)
class Story:
    """``times``: seconds since 1970 of its publication and of its edits, in order."""

    number: int
    host: int
    times: Sequence[float]

    @property
    def path(self) -> str:
        return f"/story/{self.number}"

    def edition_at(self, moment: float) -> int:
        """Which edition is up, from 1; 0: it is not published yet."""
        return bisect_right(self.times, moment)


def made(count: int, hosts: int, start: float, seconds: float, seed: int) -> list[Story]:
    """That many stories on so many hosts. An edit follows with three chances of four, after a time of log-normal
    length, but none after the end of the period."""
    chance = Random(seed)
    stories = []
    for number in range(count):
        times = [start + chance.uniform(0, _PUBLISHING) * seconds]
        while chance.random() < _GOES_ON:
            gap = _LEAST_GAP + _MEDIAN_GAP * chance.lognormvariate(0, _SPREAD)
            if times[-1] + gap > start + seconds:
                break
            times.append(times[-1] + gap)
        stories.append(Story(number=number, host=number % hosts, times=tuple(times)))
    return stories


def write_traces(path: Path, stories: Iterable[Story], names: Sequence[str]) -> None:
    """As ``writethru simulate`` reads them; an outlet is the host by its name."""
    rows = (
        {"doc_id": story.path, "outlet": names[story.host], "breaking": False, "times": list(story.times)}
        for story in stories
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
