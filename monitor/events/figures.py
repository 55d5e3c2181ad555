"""Figures as figures: what a number in a passage stands for, with its unit, however it is written.

"seven" is 7, "$1.5bn" is 1.5 billion dollars, "5 per cent" is 5%, "2:30 p.m." is 14:30. Whether a
figure changed is for others to say; dates are read elsewhere and before.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from monitor.events.language import SMALL_WORDS
from monitor.events.lexer import Lex, Token
from monitor.events.numerals import FRACTIONS, ONES, ONLY_WITH_OF, ORDINALS, SCALES, VAGUE, WEAK, number_words
from monitor.events.units import (
    AMOUNT_ONLY,
    ATTACHED,
    CURRENCIES,
    CURRENCY_CODES,
    DOLLARS,
    OTHER_WORDS,
    PERCENT_PAIRS,
    PERCENTS,
    POINTS,
    SIGNS,
    UNITS,
)


class Sort(enum.Enum):
    COUNT = "count"
    ORDINAL = "ordinal"
    VAGUE = "vague"  # hundreds, dozens
    FRACTION = "fraction"
    RANGE = "range"  # 20-30, and a score
    CLOCK = "clock"
    CODE = "code"  # 18.2.0, MH370, 9/11


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is what two figures are compared by, `size` what they are ordered by (None: nothing).
    `unit` is one name for all ways to write it. `weak`: a word such as "one", "first" or "half",
    which is a figure only where another figure takes its place."""

    value: object
    size: float | None
    unit: str
    sort: Sort
    weak: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        return ("figure", self.value, self.unit, self.sort)


@dataclass(frozen=True, slots=True)
class Found:
    """A figure and the tokens that it takes up: those that name it, and with those of its unit."""

    figure: Figure
    named: int
    whole: int


_NUMBER = re.compile(r"(\d[\d.,:/']*)(.*)", re.DOTALL)
_CLOCK = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)(?::([0-5]\d))?")
_ORDINAL_ENDS = frozenset("st nd rd th er ère e ème o a º ª re".split())
_MEANT_AS_METRES = frozenset(
    "race final sprint hurdles freestyle butterfly backstroke breaststroke relay dash tall high long wide "
    "deep above below from away of off in to and or by at under down up along apart champion record".split()
)
_MORNING, _EVENING = frozenset(("am", "a.m", "a.m.")), frozenset(("pm", "p.m", "p.m."))


def figure_at(tokens: Sequence[Token], place: int, language: str) -> Found | None:
    """The figure that begins at that token; None where none does."""
    first = tokens[place]
    if first.lex is Lex.CODE:
        return Found(_code(first.low), place + 1, place + 1)
    if first.lex is Lex.WORD and first.text.isalpha():
        return _in_words(tokens, place, language)
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
    if suffix in _ORDINAL_ENDS and not (suffix in "ao" and len(digits) > 2):
        value, size = _value(digits, language)
        return Found(Figure(value, size, "", Sort.ORDINAL), place + 1, place + 1)
    if any(mark in digits for mark in ":/") or _is_version(digits) or (suffix and not _is_unit(suffix)):
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
    return _with_unit(tokens, end, value, size, unit, plain=not suffix and not scale)


def _with_unit(
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


def _in_words(tokens: Sequence[Token], place: int, language: str) -> Found | None:
    low = tokens[place].low
    if low == "minus":
        behind = place + 1 < len(tokens) and tokens[place + 1].lex is Lex.NUMBER
        return figure_at(tokens, place + 1, language) if behind else None
    if low in ("noon", "midnight", "midday"):
        at = 0.0 if low == "midnight" else 720.0
        return Found(Figure(at, at, "", Sort.CLOCK), place + 1, place + 1)
    if low in CURRENCY_CODES and place + 1 < len(tokens) and tokens[place + 1].lex is Lex.NUMBER:
        found = figure_at(tokens, place + 1, language)
        if found is not None and found.figure.sort is Sort.COUNT and not found.figure.unit:
            figure = found.figure
            return Found(Figure(figure.value, figure.size, low.upper(), Sort.COUNT), found.named, found.whole)
    return _counted(tokens, place, number_words(language)) or _rank(tokens, place, language)


@lru_cache(maxsize=8)
def opening_words(language: str) -> frozenset[str]:
    """The words with which a figure in words can begin."""
    ranked = ORDINALS["en"].keys() | ORDINALS[language].keys()
    return OPENERS | number_words(language).keys() | ranked | WEAK.keys() | CURRENCY_CODES.keys() | _NOONS


_NOONS = frozenset(("noon", "midnight", "midday"))
OPENERS = frozenset(("a", "an", "half", "minus")) | frozenset(VAGUE)


def _counted(tokens: Sequence[Token], place: int, words: dict[str, int]) -> Found | None:
    """Cardinals in words: seven, twenty-one, two hundred and five, a dozen, half a million, hundreds."""
    low = [token.low for token in tokens[place : place + 3]] + ["", ""]
    if low[0] in VAGUE:
        return _vague(place, low)
    if low[0] == "half" and low[1] == "a" and (low[2] in SCALES or low[2] == "dozen"):
        value = Decimal(6) if low[2] == "dozen" else Decimal(5).scaleb(SCALES[low[2]] - 1)
        return _worded(tokens, place + 3, value)
    if low[0] in ("a", "an"):
        if low[1] not in ("dozen", "hundred", "thousand", "million", "billion", "trillion"):
            return None
        return _worded(tokens, place + 2, Decimal(12) if low[1] == "dozen" else Decimal(10) ** SCALES[low[1]])
    if low[0] not in words:
        return None
    return _split_fraction(tokens, place, words[low[0]]) or _summed(tokens, place, words)


def _vague(place: int, low: Sequence[str]) -> Found | None:
    if low[0] in ONLY_WITH_OF and low[1] not in ("of", "de"):
        return None
    of_more = low[1] in ("of", "de") and low[2] in VAGUE
    size = VAGUE[low[0]] * (VAGUE[low[2]] if of_more else 1)
    end = place + (3 if of_more else 1)
    return Found(Figure(size, float(size), "", Sort.VAGUE), end, end)


def _summed(tokens: Sequence[Token], place: int, words: dict[str, int]) -> Found:
    """Tens and units, hundreds and thousands added up, as long as they go on."""
    total, part, at, end = 0, -1, place, place
    while at < len(tokens) and at < place + 12:
        word = tokens[at].low
        if word in words and _goes_on(part, words[word]):
            part = max(part, 0) + words[word]
        elif word == "dozen" and part > 0:
            part *= 12
        elif word == "hundred" and part > 0:
            part *= 100
        elif word in SCALES and (part > 0 or total):
            total, part = (
                (total + part * 10 ** SCALES[word], -1) if part > 0 else (total * 10 ** SCALES[word], -1)
            )
        elif end > place and _is_joint(tokens, at, part, total, words):
            at += 1
            continue
        else:
            break
        at += 1
        end = at
    value = Decimal(total + max(part, 0))
    weak = end == place + 1 and tokens[place].low in ONES and not _counts_one(tokens, place)
    return _worded(tokens, end, value, weak=weak)


def _counts_one(tokens: Sequence[Token], place: int) -> bool:
    """Whether "one" is a figure by itself: "three boats and one car", "at least one man"."""
    before = tokens[place - 1].low if place else ""
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if before not in ("and", "or", "with", "least", "only", "just", "than", "exactly") or after is None:
        return False
    return after.lex is Lex.WORD and after.text.islower() and after.low not in SMALL_WORDS | _AFTER_PRONOUN


_AFTER_PRONOUN = frozenset("day thing way side hand point man's another else".split())


def _goes_on(part: int, value: int) -> bool:
    tens = part % 100
    return (
        part < 0
        or (tens >= 20 and tens % 10 == 0 and value < 10)
        or (part >= 100 and tens == 0 and value < 100)
    )


def _is_joint(tokens: Sequence[Token], at: int, part: int, total: int, words: dict[str, int]) -> bool:
    """Whether a hyphen or an "and" there goes on with the number: twenty-one, two hundred and five."""
    value = words.get(tokens[at + 1].low, 0) if at + 1 < len(tokens) else 0
    if not value:
        return False
    tens = part % 100 if part > 0 else 0
    if tokens[at].text == "-":
        return tokens[at].start == tokens[at - 1].end and tens >= 20 and tens % 10 == 0 and value < 10
    if tokens[at].low in ("y", "e", "et"):
        return tens >= 20 and tens % 10 == 0 and value < 10
    return (
        tokens[at].low == "and" and value < 100 and ((part >= 100 and tens == 0) or (part < 0 and total > 0))
    )


def _worded(tokens: Sequence[Token], end: int, value: Decimal, *, weak: bool = False) -> Found:
    found = _with_unit(tokens, end, value, float(value), "", plain=True)
    if not weak or found.figure.unit in ("%", "USD", "EUR", "GBP"):
        return found
    figure = found.figure
    return Found(
        Figure(figure.value, figure.size, figure.unit, figure.sort, weak=True), found.named, found.whole
    )


def _rank(tokens: Sequence[Token], place: int, language: str) -> Found | None:
    """Ordinals, fractions and multiples in words: third, twenty-first, a third of, half, double, twice."""
    low = tokens[place].low
    after = tokens[place + 1].low if place + 1 < len(tokens) else ""
    if low in ("third", "second", "first") and _is_name_of_thing(tokens, place + 1):
        return None
    ordinals = ORDINALS[language] if language != "en" and low in ORDINALS[language] else ORDINALS["en"]
    if low == "a" and after in FRACTIONS and _is_of(tokens, place + 2):
        size = 1 / FRACTIONS[after]
        return Found(Figure(round(size, 6), size, "", Sort.FRACTION), place + 2, place + 2)
    if low in ordinals:
        return _ordinal(ordinals[low], place + 1, weak=low in WEAK)
    if low in WEAK:
        size = WEAK[low]
        of_it = low == "half" and (after in ("of", "a", "an", "the") or after.isdigit())
        return Found(Figure(size, size, "", Sort.FRACTION, weak=not of_it), place + 1, place + 1)
    return None


def _is_name_of_thing(tokens: Sequence[Token], place: int) -> bool:
    """third party, third-party, third world: nothing is counted."""
    at = place + (place < len(tokens) and tokens[place].text == "-")
    return at < len(tokens) and tokens[at].low in ("party", "parties", "world", "lady", "hand", "amendment")


def _ordinal(value: int, end: int, *, weak: bool = False) -> Found:
    return Found(Figure(Decimal(value), float(value), "", Sort.ORDINAL, weak=weak), end, end)


def _split_fraction(tokens: Sequence[Token], place: int, over: int) -> Found | None:
    """two-thirds, three quarters, one fifth of; and twenty-first."""
    at = place + 1
    hyphen = at < len(tokens) and tokens[at].text == "-" and tokens[at].start == tokens[place].end
    at += hyphen
    if at >= len(tokens):
        return None
    word = tokens[at].low
    if hyphen and 20 <= over < 100 and over % 10 == 0 and ORDINALS["en"].get(word, 10) < 10:
        return _ordinal(over + ORDINALS["en"][word], at + 1)
    if word not in FRACTIONS or over >= 20:
        return None
    if not (hyphen or _is_of(tokens, at + 1) or (over > 1 and word.endswith("s"))):
        return None
    size = over / FRACTIONS[word]
    return Found(Figure(round(size, 6), size, "", Sort.FRACTION), at + 1, at + 1)


def _is_of(tokens: Sequence[Token], place: int) -> bool:
    return place >= len(tokens) or tokens[place].low in ("of", "der", "des", "de", "von", "van", "del", "di")


def is_spread(before: str, first: Found, second: Found) -> bool:
    """Whether "20 to 30" is one figure: two counts of which the second is more, and no "from" before them."""
    ours, theirs = first.figure, second.figure
    counts = ours.sort is theirs.sort is Sort.COUNT and ours.unit in ("", theirs.unit)
    more = ours.size is not None and theirs.size is not None and ours.size < theirs.size
    return counts and more and not ours.weak and before not in ("from", "von", "de", "da", "desde", "van")


def range_of(first: Found, second: Found) -> Found:
    """ "20-30" or a score; the unit behind the second is that of both."""
    unit = second.figure.unit or first.figure.unit
    value = tuple(  # "20-30" and "20 to 30" alike
        number.normalize() if isinstance(number, Decimal) else number
        for number in (first.figure.value, second.figure.value)
    )
    return Found(Figure(value, first.figure.size, unit, Sort.RANGE), second.named, second.whole)
