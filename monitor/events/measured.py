"""The unit behind a number: a share, a currency, degrees, a measure, an age."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from monitor.events.figures import Figure, Found, Sort
from monitor.events.lexer import Token
from monitor.events.units import AMOUNT_ONLY, CURRENCIES, OTHER_WORDS, PERCENT_PAIRS, PERCENTS, POINTS, UNITS


def with_unit(
    tokens: Sequence[Token], end: int, value: object, size: float | None, unit: str, *, plain: bool
) -> Found:
    """Percent, currency, degrees, a measure or an age behind the number; the last three are units that
    do not belong to its name."""
    named, unit_there = end, unit
    if not unit and end < len(tokens):
        word = tokens[end].low
        pair = (word, tokens[end + 1].low if end + 1 < len(tokens) else "")
        if word in PERCENTS or pair in PERCENT_PAIRS:
            end += 2 if pair in PERCENT_PAIRS else 1
            points = end < len(tokens) and tokens[end].low in POINTS
            named, unit_there = end + points, "pp" if points else "%"
        elif word in CURRENCIES and (word not in AMOUNT_ONLY or plain):
            named, unit_there = end + 1, CURRENCIES[word]
        elif pair[0] in ("us", "u.s.") and pair[1] in ("dollar", "dollars"):
            named, unit_there = end + 2, "USD"
        else:
            return _measured(tokens, end, value, size, plain=plain)
    bare = plain and not unit_there
    return Found(Figure(_worth(value, bare=bare), size, unit_there, Sort.COUNT), named, named)


def _worth(value: object, *, bare: bool) -> object:
    """What a number is compared by: 1.50 is 1.5 in money, but 3.10 without a unit may be a version."""
    if not isinstance(value, Decimal):
        return value
    return str(value) if bare and "." in str(value) else value.normalize()


def _measured(tokens: Sequence[Token], end: int, value: object, size: float | None, *, plain: bool) -> Found:
    named, unit = end, ""
    word = tokens[end].low
    if word in ("°", "º") or word.startswith("degree") or word == "grad":
        end, unit = end + 1, "°"
        if end < len(tokens) and tokens[end].low in ("c", "celsius", "f", "fahrenheit"):
            end, unit = end + 1, "°" + tokens[end].low[0].upper()
    elif word == "-" and end + 1 < len(tokens) and tokens[end + 1].low in ("year", "years"):
        age = end + 3 < len(tokens) and tokens[end + 3].low in ("old", "olds")
        end, unit = (end + 4, "year-old") if age else (end + 2, "year")
    elif word == "-" and end + 1 < len(tokens) and tokens[end].start == tokens[end - 1].end:
        unit = UNITS.get(tokens[end + 1].low, "")
        end += 2 if unit else 0
    elif word in UNITS and (word not in OTHER_WORDS or plain):
        unit, end = UNITS[word], end + 1
        if unit == "year" and end < len(tokens) and tokens[end].low in ("old", "alt", "alte", "alter"):
            unit, end = "year-old", end + 1
    elif word == "m" and plain:
        unit, end = "m", end + 1
    return Found(Figure(_worth(value, bare=plain and not unit), size, unit, Sort.COUNT), named, end)
