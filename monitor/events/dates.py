"""Dates as dates: weekdays, days of a month, months, years and relative days, however they are written.

A date is told in pieces, so that "Tuesday, May 3" and "Wednesday, May 3" differ in the weekday only.
Whether a bare "2019" is a year or a count is told from the words beside it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.events.lexer import Lex, Token


class DateSort(enum.Enum):
    DAY = "day"  # a day of a month, or of every month
    MONTH = "month"
    YEAR = "year"
    WEEKDAY = "weekday"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class DatePiece:
    value: object
    sort: DateSort
    end: int  # the token after it

    @property
    def key(self) -> tuple[object, ...]:
        return ("date", self.sort, self.value)


_MONTHS: dict[str, int] = {}
for _names in (
    "january february march april may june july august september october november december",
    "jan feb mar apr - jun jul aug sep oct nov dec",
    "- - - - - - - - sept - - -",
    "- - - - - - - - sep - - -",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jänner - - - - - - - - okt - dez",
):
    _MONTHS |= {name: number for number, name in enumerate(_names.split(), 1) if name != "-"}
_WORDS_TOO = frozenset("may march mar jan jun dec mars mai sept august mayo mei".split())
_WEEKDAYS: dict[str, int] = {}
for _names in (
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "- - - - - sonnabend -",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays",
):
    _WEEKDAYS |= {name: number for number, name in enumerate(_names.split(), 1) if name != "-"}
_SHORT_WEEKDAYS = {
    "mon": 1,
    "tue": 2,
    "tues": 2,
    "wed": 3,
    "thu": 4,
    "thur": 4,
    "thurs": 4,
    "fri": 5,
    "sat": 6,
    "sun": 7,
}
_FEIRAS = {"segunda": 1, "terça": 2, "quarta": 3, "quinta": 4, "sexta": 5}  # segunda-feira
_RELATIVE = {
    "today": "today", "yesterday": "yesterday", "tomorrow": "tomorrow", "tonight": "tonight",
    "heute": "today", "gestern": "yesterday", "vorgestern": "two days ago",
    "aujourd'hui": "today", "hier": "yesterday", "hoy": "today", "ayer": "yesterday", "oggi": "today",
    "ieri": "yesterday",
    "domani": "tomorrow", "demain": "tomorrow", "hoje": "today", "ontem": "yesterday", "amanhã": "tomorrow",
    "vandaag": "today",
    "gisteren": "yesterday",
}  # fmt: skip
_RELATIVE_IN = {"hier": "fr"}
_SIDES = frozenset(("last", "next", "this", "past", "previous", "coming"))
_STRETCHES = frozenset(
    "week weekend month year night morning afternoon evening summer winter spring autumn fall".split()
)
_OF = frozenset(("of", "de", "di"))
_YEAR_BEFORE = frozenset(
    "in since until till by from of for during before after early mid late to through and or between "
    "circa around year years season fy copyright © ab seit bis im jahr vor nach ende anfang mitte en "
    "depuis jusqu'en desde hasta año dal nel del anno al em desde até ano sinds tot eind begin fiscal "
    "spring summer autumn fall winter summers mai back".split()
)
_COUNTED_AFTER = frozenset(
    "people men women children times more other of per deaths jobs troops euros dollars pounds personen "
    "menschen".split()
)
_ISO = re.compile(r"((?:1[5-9]|20)\d\d)-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])")
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er)?")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_DECADE = re.compile(r"((?:1[5-9]|20)?\d0)'?s")
_NUMERIC = re.compile(r"(0?[1-9]|[12]\d|3[01])([./])(0?[1-9]|[12]\d|3[01])\2((?:1[89]|20)?\d\d)")
_SHORT_NUMERIC = re.compile(r"(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])")


def pieces_at(tokens: Sequence[Token], place: int, language: str) -> tuple[DatePiece, ...]:
    """The pieces of the date that begins at that token, in their order; none where none begins."""
    token = tokens[place]
    if token.lex is Lex.NUMBER:
        return _from_digits(tokens, place, language)
    if token.lex is not Lex.WORD:
        return ()
    low = token.low
    if low in _MONTHS and (low not in _WORDS_TOO or _is_month(tokens, place)):
        return _from_month(tokens, place)
    if low in _WEEKDAYS:
        return (DatePiece(_WEEKDAYS[low], DateSort.WEEKDAY, place + 1),)
    if low in _FEIRAS and [t.low for t in tokens[place + 1 : place + 3]] == ["-", "feira"]:
        return (DatePiece(_FEIRAS[low], DateSort.WEEKDAY, place + 3),)
    if low in _SHORT_WEEKDAYS and token.text[0].isupper() and _is_short_weekday(tokens, place):
        dotted = place + 1 < len(tokens) and tokens[place + 1].text == "."
        return (DatePiece(_SHORT_WEEKDAYS[low], DateSort.WEEKDAY, place + 1 + dotted),)
    if low in _RELATIVE and _RELATIVE_IN.get(low, language) == language:
        return (DatePiece(_RELATIVE[low], DateSort.RELATIVE, place + 1),)
    if low in _SIDES and place + 1 < len(tokens) and tokens[place + 1].low in _STRETCHES:
        return (DatePiece(f"{low} {tokens[place + 1].low}", DateSort.RELATIVE, place + 2),)
    return ()


WORDS = (
    frozenset(_MONTHS)
    | frozenset(_WEEKDAYS)
    | frozenset(_SHORT_WEEKDAYS)
    | frozenset(_RELATIVE)
    | _SIDES
    | frozenset(_FEIRAS)
)


def _from_digits(tokens: Sequence[Token], place: int, language: str) -> tuple[DatePiece, ...]:
    text = tokens[place].low
    low = [token.low for token in tokens[place : place + 6]]
    if text.isdigit() and len(text) == 4 and low[1:4:2] == ["-", "-"] and len(low) > 4:
        iso = _ISO.fullmatch("".join(low[:5]))
        if iso and tokens[place + 4].end - tokens[place].start == len(iso[0]):
            day = (int(iso[3]), int(iso[2]))
            return (DatePiece(day, DateSort.DAY, place + 5), DatePiece(int(iso[1]), DateSort.YEAR, place + 5))
    if numeric := _NUMERIC.fullmatch(text):
        return _numeric(numeric, place)
    if day_first := _day_first(tokens, place, low):
        return day_first
    if decade := _DECADE.fullmatch(text):
        return (DatePiece(f"{decade[1][-2:]}s", DateSort.YEAR, place + 1),) if len(decade[1]) == 4 else ()
    if _YEAR.fullmatch(text) and _is_year(tokens, place, language):
        return _year(tokens, place)
    short = _SHORT_NUMERIC.fullmatch(text) if language == "de" and low[1:2] == ["."] else None
    if short:
        return (DatePiece((int(short[1]), int(short[2])), DateSort.DAY, place + 2),)
    return ()


def _numeric(found: re.Match[str], place: int) -> tuple[DatePiece, ...]:
    """12.05.2019 is a day and a month; 5/12/2019 may be either way and stays as it is written."""
    first, second = int(found[1]), int(found[3])
    year = int(found[4]) if len(found[4]) == 4 else 2000 + int(found[4])
    known = found[2] == "." and second <= 12
    value: object = (first, second) if known else f"{first}/{second}"
    return (DatePiece(value, DateSort.DAY, place + 1), DatePiece(year, DateSort.YEAR, place + 1))


def _day_first(tokens: Sequence[Token], place: int, low: Sequence[str]) -> tuple[DatePiece, ...]:
    """3 May, 3rd of May, 3. Mai, 3 de mayo, 3-5 May."""
    day = _DAY.fullmatch(low[0])
    if day is None:
        return ()
    at, days = 1, [int(day[1])]
    until = _DAY.fullmatch(low[2]) if low[1:2] == ["-"] and len(low) > 3 else None
    if until:
        at, days = 3, [*days, int(until[1])]
    if low[at : at + 1] == ["."] or low[at : at + 1] == ["º"]:
        at += 1
    if at < len(low) and low[at] in _OF:
        at += 1
    if at >= len(low) or low[at] not in _MONTHS:
        return ()
    name = tokens[place + at]
    if name.low in ("may", "march") and not name.text[0].isupper():
        return ()
    end = place + at + 1
    if end < len(tokens) and tokens[end].text == "." and len(name.low) < 5 and name.low not in ("may", "mai"):
        end += 1 if _goes_on(tokens, end) else 0
    return (DatePiece((*days, _MONTHS[name.low]), DateSort.DAY, end), *_year_behind(tokens, end))


def _from_month(tokens: Sequence[Token], place: int) -> tuple[DatePiece, ...]:
    """May; May 3; Nov. 17, 2019; November 2019."""
    month = _MONTHS[tokens[place].low]
    end = place + 1
    if end < len(tokens) and tokens[end].text == "." and len(tokens[place].low) < 5 and _goes_on(tokens, end):
        end += 1
    day = _DAY.fullmatch(tokens[end].low) if end < len(tokens) else None
    if day is None or _counts_something(tokens, end):
        return (DatePiece(month, DateSort.MONTH, end), *_year_behind(tokens, end))
    days, end = [int(day[1])], end + 1
    if end + 1 < len(tokens) and tokens[end].text == "-" and (until := _DAY.fullmatch(tokens[end + 1].low)):
        days, end = [*days, int(until[1])], end + 2
    return (DatePiece((*days, month), DateSort.DAY, end), *_year_behind(tokens, end))


def _counts_something(tokens: Sequence[Token], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].low in (*_COUNTED_AFTER, "%", "percent")


def _goes_on(tokens: Sequence[Token], dot: int) -> bool:
    return dot + 1 < len(tokens) and tokens[dot].start == tokens[dot - 1].end


def _year_behind(tokens: Sequence[Token], place: int) -> tuple[DatePiece, ...]:
    at = place
    if at < len(tokens) and (tokens[at].text == "," or tokens[at].low in _OF):
        at += 1
    if at < len(tokens) and _YEAR.fullmatch(tokens[at].text):
        return (DatePiece(int(tokens[at].text), DateSort.YEAR, at + 1),)
    return ()


def _year(tokens: Sequence[Token], place: int) -> tuple[DatePiece, ...]:
    """2019, and a season or a span: 2019-20, 2019-2021."""
    low = [token.text for token in tokens[place : place + 3]]
    touching = len(low) == 3 and low[1] in ("-", "/") and tokens[place + 2].end - tokens[place].start < 10
    if touching and low[2].isdigit() and len(low[2]) in (2, 4):
        last = int(low[2]) if len(low[2]) == 4 else int(low[0][:2] + low[2])
        if last > int(low[0]):
            return (DatePiece((int(low[0]), last), DateSort.YEAR, place + 3),)
    return (DatePiece(int(low[0]), DateSort.YEAR, place + 1),)


def _is_year(tokens: Sequence[Token], place: int, language: str) -> bool:
    """Whether four digits are a year rather than a count: by the word before, or by no plural behind."""
    before = tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if before is not None and (
        before.text in ("$", "€", "£", "-", "#") and before.end == tokens[place].start
    ):
        return False
    if after is not None and (after.low in _COUNTED_AFTER or after.text in ("%", "€", "$")):
        return False
    if before is not None and (before.low in _YEAR_BEFORE or before.low in _MONTHS or before.text in "(,©'"):
        return True
    if after is None or not after.text.isalpha():
        return True
    plural = ("s",) if language == "en" else ("s", "en", "i", "e")
    return (before is not None and before.low == "the") or not (
        after.text.islower() and after.low.endswith(plural)
    )


def _is_month(tokens: Sequence[Token], place: int) -> bool:
    """Whether "May" or "mars" names a month, by what stands beside it."""
    token = tokens[place]
    if token.text in ("may", "march"):
        return False
    before = tokens[place - 1].low if place else ""
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    number = after is not None and (
        after.lex is Lex.NUMBER and (_DAY.fullmatch(after.low) or _YEAR.fullmatch(after.low))
    )
    if number or (before.rstrip(".") and _DAY.fullmatch(before)) or _has_day(tokens, place):
        return True
    if (
        after is not None
        and after.text == "."
        and token.low in ("jan", "mar", "jun", "dec", "sept")
        and token.text[0].isupper()
    ):
        return place + 2 < len(tokens) and tokens[place + 2].lex is Lex.NUMBER
    foreign = token.low in ("mars", "mai", "mayo", "mei")
    if not token.text[0].isupper() and not (
        foreign and before in ("en", "de", "début", "fin", "em", "in", "eind", "begin")
    ):
        return False
    if token.low == "august":
        return place > 0
    return before in _BEFORE_MONTH and (
        token.low not in ("jan", "jun", "dec", "mar", "mars") or token.low == "mars"
    )


_BEFORE_MONTH = frozenset(
    "in of since until till by from last next early late mid this each every during and through to before "
    "after between im seit bis ab ende anfang mitte en de début fin em in eind begin - for".split()
)


def _has_day(tokens: Sequence[Token], place: int) -> bool:
    """ "3. Mai" and "3rd of May", seen from the month."""
    if place < 2:
        return False
    return (
        tokens[place - 1].text in (".", "of", "de", "di")
        and _DAY.fullmatch(tokens[place - 2].low) is not None
    )


def _is_short_weekday(tokens: Sequence[Token], place: int) -> bool:
    """ "Sun." or "Wed," before a date: alone, these are other words."""
    at = place + 1
    if at < len(tokens) and tokens[at].text in (".", ","):
        at += 1
        if at < len(tokens) and tokens[at].text == ",":
            at += 1
    after = tokens[at] if at < len(tokens) else None
    return after is not None and at > place and (after.lex is Lex.NUMBER or after.low in _MONTHS)
