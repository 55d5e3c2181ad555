"""Figures in words: seven, twenty-one, two dozen, half a million, two-thirds, the third, twice."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from monitor.events.digits import from_digits
from monitor.events.figures import Figure, Found, Sort
from monitor.events.language import SMALL_WORDS
from monitor.events.lexer import Lex, Token
from monitor.events.measured import with_unit
from monitor.events.numerals import FRACTIONS, ONES, ONLY_WITH_OF, ORDINALS, SCALES, VAGUE, WEAK, number_words
from monitor.events.units import CURRENCY_CODES

_NOONS = frozenset(("noon", "midnight", "midday"))
_OPENERS = frozenset(("a", "an", "half", "minus")) | frozenset(VAGUE)


def figure_at(tokens: Sequence[Token], place: int, language: str) -> Found | None:
    """The figure that begins at that token, in words or in digits; None where none does."""
    first = tokens[place]
    if first.lex is Lex.WORD and first.text.isalpha():
        return _in_words(tokens, place, language)
    return from_digits(tokens, place, language)


@lru_cache(maxsize=8)
def opening_words(language: str) -> frozenset[str]:
    """The words with which a figure in words can begin."""
    ranked = ORDINALS["en"].keys() | ORDINALS[language].keys()
    return _OPENERS | number_words(language).keys() | ranked | WEAK.keys() | CURRENCY_CODES.keys() | _NOONS


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
    found = with_unit(tokens, end, value, float(value), "", plain=True)
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
