"""How often a law is tried: as often as is quick in ``make test``, and many times that in ``make laws``."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

_TIMES = int(os.environ.get("WRITETHRU_LAWS", "1"))


# A law without settings of its own: no deadline, for the machine may have more to do than this.
settings.register_profile("writethru", deadline=None, max_examples=100 * _TIMES)
settings.load_profile("writethru")


def law(examples: int, **more: Any) -> settings:
    """Settings for a law tried on so many examples, or a multiple of them."""
    return settings(deadline=None, max_examples=examples * _TIMES, **more)
