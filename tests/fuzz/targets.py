"""All targets, in the order in which they take turns."""

from __future__ import annotations

from tests.fuzz import addresses, answers, bodies, listings, pages, settings, texts
from tests.fuzz.target import Target

_PARTS = (
    pages.TARGETS,
    texts.TARGETS,
    listings.TARGETS,
    settings.TARGETS,
    addresses.TARGETS,
    answers.TARGETS,
    bodies.TARGETS,
)
TARGETS: dict[str, Target] = {target.name: target for part in _PARTS for target in part}
