"""wanted(): which addresses of a listing the user wants, by the patterns of the source. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.errors import ReadError
from monitor.patterns import TooSlow, finder
from storage.records import Source

_PATIENCE = 2.0  # seconds for all addresses of a source


def wanted(source: Source, urls: Iterable[str]) -> list[str]:
    """Those that the source's include and exclude patterns let through.

    :raises ReadError: it takes too long to say.
    """
    found = finder(_PATIENCE)
    try:
        return [
            url
            for url in urls
            if (not source.include or any(found(pattern, url) for pattern in source.include))
            and not any(found(pattern, url) for pattern in source.exclude)
        ]
    except TooSlow as slow:
        raise ReadError(
            f"Which of its addresses are wanted cannot be told: {slow}. Write it in a simpler way."
        ) from None
