"""What verification can find, in words. Knows no table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

RESTORE = "restore the database from a backup made before that"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it was written: where, what, and what to do.

    ``entry`` is a number of the ledger. All places are None where the whole database is meant.
    """

    trouble: str
    article: int | None = None
    url: str | None = None
    revision: int | None = None
    entry: int | None = None
    remedy: str = RESTORE

    @property
    def sentence(self) -> str:
        """Where, what and what to do, in one sentence."""
        return f"{self._place()}: {self.trouble}; {self.remedy}."

    def _place(self) -> str:
        article = "" if self.article is None else f"article {self.article}"
        if self.url is not None:
            article += f" ({self.url})"
        parts = [f"revision {self.revision}"] if self.revision is not None else []
        parts += [f"log entry {self.entry}"] if self.entry is not None and not parts else []
        place = " of ".join(parts + [article] * bool(article)) or "the database"
        return place[0].upper() + place[1:]


Report = Callable[[str], None]
"""Takes one trouble at a place that is known already."""
