"""Text into sentences and tokens, and the form in which two of them are compared.

Sentences and tokens both partition the text: joining them gives it back. A number, a date, a sum
of money or a percentage is one token. Normalising folds what a reader would not call a change:
the kind of quotation mark, dash and space.
"""

from __future__ import annotations

import re
import unicodedata

_FOLDS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None),
    }
)
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sen rep gov gen lt col sgt capt maj adm pres rev hon jr sr vs etc inc ltd co corp no vol "
    "fig al approx dept est jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun "
    "u.s u.k u.n e.u e.g i.e a.m p.m ph.d d.c z.b d.h u.a bzw ca hr fr nr str dr.h usw mme mlle m".split()
)
_END = re.compile(r"""([.!?…]+["'”’»)\]]*)([^\S\n]+|\s*\n\s*)(?=["'“‘„«(\[]*[^\sa-z])|\s*\n\s*""")
_TOKEN = re.compile(
    r"""
      \s+
    | (?:[$€£¥]|US\$)?\d+(?:[.,:/]\d+)*(?:st|nd|rd|th|%|[kmb]n?\b)?   # numbers, money, times, dates
    | [^\W\d_]+(?:[.'’-][^\W\d_]+)*                                    # words, U.S, Biden's, long-range
    | \w+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
}
_NUMBER_WORDS |= {
    f"{ten}-{unit}": _NUMBER_WORDS[ten] + _NUMBER_WORDS[unit]
    for ten in "twenty thirty forty fifty sixty seventy eighty ninety".split()
    for unit in "one two three four five six seven eight nine".split()
}


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the white space behind it; joined, they are the text."""
    found, start = [], 0
    for end in _END.finditer(text):
        wrapped = "\n" in end[0]
        goes_on = _is_wrapped(text, start, end) if wrapped else _is_abbreviated(text[start : end.start(2)])
        if not goes_on:
            found.append(text[start : end.end()])
            start = end.end()
    if start < len(text):
        found.append(text[start:])
    return found


def tokens(text: str) -> list[str]:
    """Words, numbers, marks and runs of white space; joined, they are the text."""
    return _TOKEN.findall(text)


def normalise(text: str) -> str:
    """The form in which two texts are compared: NFC, one kind of quotation mark and dash, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(_FOLDS)).strip()


def is_number(token: str) -> bool:
    return any(c.isdigit() for c in token) or token.lower() in _NUMBER_WORDS


def figure(token: str) -> float | str:
    """What a number token stands for, so that "seven" equals "7" and "1,200" equals "1200"."""
    word = token.lower()
    if word in _NUMBER_WORDS:
        return float(_NUMBER_WORDS[word])
    digits = re.sub(r"[^\d.]", "", re.sub(r"[.,](?=\d{3}\b)", "", token))
    try:
        return float(digits)
    except ValueError:
        return word


def _is_wrapped(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether that line end only wraps a long line in the middle of a sentence."""
    line_start = max(text.rfind("\n", 0, end.start()) + 1, start)
    full = 55 <= end.start() - line_start <= 100
    return full and end[0].count("\n") == 1 and end[1] is None and text[end.end() : end.end() + 1].isalnum()


def _is_abbreviated(sentence: str) -> bool:
    """Whether its full stop belongs to an abbreviation or an initial, so that the sentence goes on."""
    last = re.search(r"([\w.]+)\.$", sentence)
    if last is None:
        return False
    word = last[1].lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and last[1].isupper())
