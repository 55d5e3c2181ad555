"""Figures in digits: counts, sums, shares, ranks, times of day, versions, as the marks in them tell.

Thousands and decimals are taken apart by shape, since a comma and a dot mean either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from monitor.events.figures import Figure, Found, Sort
from monitor.events.lexer import Lex, Token
from monitor.events.measured import with_unit
from monitor.events.numerals import SCALES
from monitor.events.units import ATTACHED, CURRENCIES, DOLLARS, SIGNS, UNITS

_NUMBER = re.compile(r"(\d[\d.,:/']*)(.*)", re.DOTALL)
_CLOCK = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)(?::([0-5]\d))?")
_ORDINAL_ENDS = frozenset("st nd rd th er ère e ème o a º ª re".split())
_MEANT_AS_METRES = frozenset(
    "race final sprint hurdles freestyle butterfly backstroke breaststroke relay dash tall high long wide "
    "deep above below from away of off in to and or by at under down up along apart champion record".split()
)
_MORNING, _EVENING = frozenset(("am", "a.m", "a.m.")), frozenset(("pm", "p.m", "p.m."))


def from_digits(tokens: Sequence[Token], place: int, language: str) -> Found | None:
    """The figure in digits that begins at that token, a sign or a currency before them; None where none does."""
    first = tokens[place]
    if first.lex is Lex.CODE:
        return Found(_code(first.low), place + 1, place + 1)
    currency, start = _prefix(tokens, place)
    if start >= len(tokens) or tokens[start].lex is not Lex.NUMBER:
        return None
    if first.text == "-" and not currency and start == place + 1 and not _is_minus(tokens, place):
        return None
    negative = first.text == "-" or (place > 0 and tokens[place - 1].low == "minus")
    return _in_digits(tokens, start, currency, negative, language)


def _prefix(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """A sign or a currency before the digits, and where those begin."""
    start = place
    if tokens[start].text == "-":
        start += 1
    if start >= len(tokens):
        return "", start
    token = tokens[start]
    if token.text in SIGNS:
        currency = SIGNS[token.text]
        before = tokens[start - 1] if start else None
        if token.text == "$" and before is not None and before.end == token.start:
            currency = DOLLARS.get(before.low, currency)
        return currency, start + 1
    return "", start


def before_sign(tokens: Sequence[Token], place: int) -> bool:
    """Whether that word only says whose dollars follow: US$40, HK$5."""
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    return (
        after is not None
        and after.text == "$"
        and after.start == tokens[place].end
        and tokens[place].low in DOLLARS
    )


def _is_minus(tokens: Sequence[Token], place: int) -> bool:
    """Whether that dash is a sign: right before its digits, and apart from what stands before it."""
    touches = tokens[place + 1].start == tokens[place].end
    return touches and (
        place == 0 or tokens[place - 1].end < tokens[place].start or tokens[place - 1].text in "(["
    )


def _in_digits(
    tokens: Sequence[Token], place: int, currency: str, negative: bool, language: str
) -> Found | None:
    parts = _NUMBER.match(tokens[place].text)
    if parts is None:  # what the lexer calls a number begins with a digit
        return None
    digits, suffix = parts[1].rstrip(".,:/'"), parts[2].lower()
    if language != "en" and not suffix and len(digits) < 4 and digits.isdigit():
        digits, place = _spaced_thousands(tokens, place, digits)
    clock = _clock(tokens, place, digits, suffix)
    if clock is not None:
        return clock
    several = ":" in digits or "/" in digits
    if suffix in _ORDINAL_ENDS and not several and not (suffix in "ao" and len(digits) > 2):
        value, size = _value(digits, language)
        return Found(Figure(value, size, "", Sort.ORDINAL), place + 1, place + 1)
    if several or _is_version(digits) or (suffix and not _is_unit(suffix)):
        return Found(_code(tokens[place].low), place + 1, place + 1)
    return _quantity(tokens, place, digits, suffix, currency, negative, language)


def _spaced_thousands(tokens: Sequence[Token], place: int, digits: str) -> tuple[str, int]:
    """1 200 000, as French and Spanish write it; the digits in one, and the last of their tokens."""
    while place + 1 < len(tokens):
        after = tokens[place + 1]
        if not (len(after.text) == 3 and after.text.isdigit() and after.start == tokens[place].end + 1):
            break
        digits, place = digits + after.text, place + 1
    return digits, place


def _quantity(
    tokens: Sequence[Token],
    place: int,
    digits: str,
    suffix: str,
    currency: str,
    negative: bool,
    language: str,
) -> Found:
    value, size = _value(digits, language)
    end = place + 1
    unit, scale = currency, 0
    if suffix in ATTACHED and not (suffix in "mt" and _means_measure(tokens, end, currency, suffix)):
        scale = ATTACHED[suffix]
    elif suffix in ("c", "f"):
        unit = "°" + suffix.upper()
    elif suffix:
        unit = unit or UNITS.get(suffix, CURRENCIES.get(suffix, suffix))
    elif end < len(tokens) and tokens[end].low in SCALES:
        scale, end = SCALES[tokens[end].low], end + 1
        if end < len(tokens) and tokens[end].text == "." and tokens[end - 1].low in ("mio", "mrd"):
            end += 1
    elif end < len(tokens) and tokens[end].low in ATTACHED and currency and len(tokens[end].low) < 4:
        scale, end = ATTACHED[tokens[end].low], end + 1
    if isinstance(value, Decimal):
        value = value.scaleb(scale)
        value = -value if negative else value
    elif scale:
        value = f"{value}e{scale}"
    size = None if size is None else size * 10**scale * (-1 if negative else 1)
    return with_unit(tokens, end, value, size, unit, plain=not suffix and not scale)


def _means_measure(tokens: Sequence[Token], after: int, currency: str, suffix: str) -> bool:
    """Whether the "m" or "t" behind digits is metres or tonnes rather than a million or a trillion."""
    if currency:
        return False
    word = tokens[after].low if after < len(tokens) else ""
    if suffix == "t":
        return True
    return not word.isalpha() or word in _MEANT_AS_METRES


def _is_unit(suffix: str) -> bool:
    return suffix in ATTACHED or suffix in UNITS or suffix in CURRENCIES or suffix in ("p", "c", "f")


def _is_version(digits: str) -> bool:
    """18.2.0: more than one dot with groups that are no thousands."""
    if digits.count(".") + digits.count(",") < 2:
        return False
    return re.fullmatch(r"\d{1,3}(?:([.,'])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?", digits) is None and (
        re.fullmatch(r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?", digits) is None  # lakh and crore: 1,23,45,678
    )


def _value(digits: str, language: str) -> tuple[object, float | None]:
    """What these digits are worth. Thousands and decimals are taken apart by shape: a last group that
    is not of three digits is a decimal; a single group of three behind a dot is one in English only."""
    plain = digits.replace("'", "")
    last = max(plain.rfind("."), plain.rfind(","))
    if last >= 0:
        mark, tail = plain[last], plain[last + 1 :]
        both = "." in plain and "," in plain
        one = plain.count(mark) == 1
        decimal = one and (
            both or len(tail) != 3 or plain.startswith("0") or (mark == "." and language == "en")
        )
        whole = re.sub(r"[.,]", "", plain[:last] if decimal else plain)
        plain = f"{whole}.{tail}" if decimal else whole
    if len(plain) > 25:
        return plain, None
    number = Decimal(plain)
    return number, float(number)


def _code(text: str) -> Figure:
    numbers = re.findall(r"\d{1,15}", text)
    size = float(numbers[0]) if len(numbers) == 1 else None
    return Figure(text, size, "", Sort.CODE)


def _clock(tokens: Sequence[Token], place: int, digits: str, suffix: str) -> Found | None:
    """A time of day, in minutes: 14:05, 2.30pm, 5 p.m., 17 Uhr, 14h30."""
    after = tokens[place + 1].low if place + 1 < len(tokens) else ""
    half = suffix or after
    end = place + 1 if suffix else place + 2
    time = _CLOCK.fullmatch(digits)
    if half in _MORNING or half in _EVENING:
        hours = re.fullmatch(r"(1[0-2]|0?\d)", digits)
        hour, minute = (int(time[1]), int(time[2])) if time else (int(hours[1]) if hours else 99, 0)
        if hour > 12:
            return None
        return _minutes(hour % 12 + 12 * (half in _EVENING), minute, time and time[3], end)
    if after in ("uhr", "uur", "gmt", "bst", "est", "edt", "cet", "cest", "utc") and time and not suffix:
        return _minutes(int(time[1]), int(time[2]), time[3], end - 1 if after not in ("uhr", "uur") else end)
    if after in ("uhr", "uur") and not suffix:
        hour = int(digits) if digits.isdigit() and len(digits) < 3 else 99
        return _minutes(int(time[1]) if time else hour, int(time[2]) if time else 0, None, end)
    french = re.fullmatch(r"h([0-5]\d)?", suffix)
    if (
        french
        and digits.isdigit()
        and len(digits) < 3
        and (french[1] or after in ("", ".", ",", ";", ")", "gmt"))
    ):
        return _minutes(int(digits), int(french[1] or 0), None, place + 1)
    if time and ":" in digits and not suffix and len(digits) > 3:
        return _minutes(int(time[1]), int(time[2]), time[3], place + 1)
    return None


def _minutes(hour: int, minute: int, second: str | None, end: int) -> Found | None:
    if hour > 24:
        return None
    at = hour * 60 + minute + int(second or 0) / 60
    return Found(Figure(at, at, "", Sort.CLOCK), end, end)
