"""A figure that changed, in words: what it counts, and whether it rose or fell."""

from __future__ import annotations

from monitor.events.counting import counted, direction
from storage.records import Event

_TOLLS = ("death toll", "number of ")


def figure_in_words(event: Event, before: str, after: str) -> str | None:
    """``death toll raised from seven to eight``, ``190 miles became 186``; None where it is not known what
    the figure counts.

    :param before: the passage of the old text that the figure stood in; ``after``: that of the new one.
    """
    old, new = _lowered(event.old), _lowered(event.new)
    noun = counted(after, event.new) if event.new else counted(before, event.old or "")
    if noun is None:
        return None
    is_toll = noun.startswith(_TOLLS)
    if old is None or new is None:
        verb = "given" if old is None else "dropped"
        return f"{noun} of {new or old} {verb}" if is_toll else None
    if is_toll:
        return f"{noun} {_movement(old, new)} from {old} to {new}"
    return f"{old} {noun} became {new}" if old.replace(",", "").isalnum() else None


def _movement(old: str, new: str) -> str:
    way = direction(old, new)
    return "changed" if way is None else way.value


def _lowered(figure: str | None) -> str | None:
    return figure.lower() if figure and figure.isalpha() else figure
