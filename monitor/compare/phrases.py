"""What a reader takes for one thing though it is several tokens: a date, a time, a sum of money, a
percentage, a number with its unit, and the name of a person, a place or a body.

Knows where they stand in a text; refuses to know what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Extent = tuple[int, int]

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?|Januar|Februar|März|Mai|Juni|Juli|"
    r"Oktober|Dezember|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DIGITS = r"\d{1,15}(?:[.,' \u00a0\u202f]\d{3}(?!\d)){0,4}(?:[.,:]\d{1,9})?"
_LARGE = (
    r"(?:hundred|thousand|million|billion|trillion|mn|bn|tn|[mbk]|Mio\.?|Mrd\.?|Millionen|Milliarden|"
    r"millions?|milliards?)"
)
_COINS = (
    r"(?:dollars?|cents?|euros?|pounds?|pence|yen|yuan|won|francs?|roubles?|rubles?|rupees?|kronor|"
    r"EUR|USD|GBP|[€£¥$])"
)
_SMALL_NUMBER = (
    r"(?:(?i:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-[a-z]{3,5})?|half|several)|a)"
)
_GAP = r"[ \u00a0\u202f-]"
_QUANTITY = re.compile(
    rf"""(?<!\w)(?:
      (?:{_WEEKDAY},?\ )?{_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,?\ \d{{4}})?         # May 3, 2024
    | \d{{1,2}}(?:st|nd|rd|th|\.)?\ (?:of\ |de\ )?{_MONTH}(?:,?\ (?:de\ )?\d{{4}})?          # 3 May 2024
    | {_MONTH}\ \d{{4}}
    | \d{{4}}-\d{{1,2}}-\d{{1,2}}(?:T[\d:.]{{4,15}}Z?)?
    | \d{{1,2}}(?:[:.]\d\d)?\ ?(?:[ap]\.m\.?|[ap]m\b|Uhr\b|(?:[A-Z]{{1,2}}[SD]?T|UTC)\b)    # 5 p.m.
    | (?:[A-Z]{{1,3}})?[$€£¥₹]\ ?{_DIGITS}(?:{_GAP}?{_LARGE}\b)?                           # US$40 million
    | (?:{_DIGITS}|{_SMALL_NUMBER})(?:{_GAP}{_LARGE}\b)(?:{_GAP}(?:{_COINS}|percent|per\ cent)(?!\w))?
    | {_DIGITS}(?:{_GAP}?{_LARGE}\b)?{_GAP}?{_COINS}(?!\w)                                  # 40 euros
    | (?:{_DIGITS}|{_SMALL_NUMBER}){_GAP}?(?:%|percent(?:age\ points?)?\b|per\ cent\b|pct\b|Prozent\b)
    | [^\W\d_]{{1,12}}-?\d\w{{0,12}}                                                           # F-16, G7
    | {_DIGITS}
    | (?:[A-Z]\.){{2,}}                                                                       # U.N.
    )""",
    re.VERBOSE,
)
_HINT = re.compile(r"\d|[A-Z]\.[A-Z]|hundred|thousand|illi|per ?cent")
_TELLING = re.compile(
    r"[\d€£¥₹$%]|[^\W\d_a-zß-öø-ÿ]|illi|hundred|thousand|per ?cent|teen\b|ty\b|[ap]\.?m\b|"
    rf"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|several|a|von|van|de|{_COINS})\b"
)
_PARTICLE = r"(?:von|van|der|den|de|del|della|di|da|dos|du|la|le|al|el|bin|ibn|ben|zu|ter|of|the|for|y)"
_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿ]\.|[^\W\d_a-zß-öø-ÿ][\w'’.-]*\w)"
_NAME = re.compile(
    rf"(?<![\w.])(?:(?:von|van|de|del|della|di|da|al|el|bin|le|la) ){{0,2}}{_CAPITAL}"
    rf"(?:{_GAP}(?:{_PARTICLE} ){{0,2}}{_CAPITAL}){{0,6}}"
)
_IS_CAPITAL = re.compile(_CAPITAL)
# What is put before a name, or begins a sentence, is no part of it.
_BEFORE_NAMES = frozenset(
    "president vice prime minister chancellor senator sen representative rep governor gov mayor secretary chairman "
    "chairwoman judge justice general gen colonel col lieutenant lt captain capt major sergeant sgt king queen prince "
    "princess pope sir lady lord mr mrs ms miss dr prof professor st herr frau monsieur madame señor señora "
    "the a an in on at by for from with after before since when while if as but and or so this that these those he she "
    "it they we i his her its their our former new then also however meanwhile".split()
)


def may_touch(changed: str) -> bool:
    """Whether those words can be part of a quantity or a name: a quick look, for what is mostly not."""
    return _TELLING.search(changed) is not None


def quantities(text: str) -> Iterator[Extent]:
    """Where a date, a time, a sum, a percentage, a number with its unit, or an abbreviation or a name of
    letters and figures stands."""
    if _HINT.search(text):
        for found in _QUANTITY.finditer(text):
            yield found.span()


def names(text: str) -> Iterator[Extent]:
    """Where a name of two or more words stands, without titles and without a word that only begins a
    sentence; "of" and the like may stand inside."""
    for found in _NAME.finditer(text):
        start = found.start()
        words = list(re.finditer(r"\S+", found[0]))
        ends = [number for number, word in enumerate(words) if word[0].endswith(("'s", "’s"))]
        words = words[: ends[0] + 1] if ends else words
        while words and words[0][0].rstrip(".").lower() in _BEFORE_NAMES:
            del words[0]
        if len(words) > 1:
            yield start + words[0].start(), start + words[-1].end()
