"""Text into tokens, and the forms in which two pieces of it are compared.

Tokens partition the text: joining them gives it back. A number with its sign is one token; what makes one
thing of several tokens is known to ``phrases``. Normalising folds what a reader would not call a change:
the kind of quotation mark, dash and space, and characters that cannot be seen.
"""

from __future__ import annotations

import re
from itertools import accumulate

from storage.records import composed

# Scripts that set no spaces between words: each sign is a word.
_SIGNS = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# What stands on or under a letter belongs to its word; so do the letters and vowel signs of India, of which
# Python calls only some letters.
_ON_LETTERS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e8\u0900-\u0963\u0971-\u09e5\u0a01-\u0a65\u0a71-\u0ae5\u0b01-\u0b65\u0b82-\u0be5\u0c00-\u0c65"
    "\u0c80-\u0ce5\u0d00-\u0d65\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a"
    "\ufe00-\ufe0f\ufe20-\ufe2f"
)
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f"
_NUMERAL = r"(?:[$€£¥]|US\$)?\d+(?:[.,:/]\d+)*(?:st|nd|rd|th|%|[kmb]n?\b)?"  # money, times, dates too
_LETTERS = rf"[^\W\d_{_SIGNS}]+(?:[{_ON_LETTERS}]+[^\W\d_{_SIGNS}]*)*"
# U.S, Biden's, long-range
_WORD = rf"(?!US\$\d){_LETTERS}(?:(?:[.'’-]|[{_UNSEEN}]+){_LETTERS})*|[{_SIGNS}][{_ON_LETTERS}]*"
_ASCII_WORD = r"(?!US\$\d)[A-Za-z]+(?:[.'-][A-Za-z]+)*"  # the same in most text, several times as fast


def _patterns(word: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Tokens; words alone; words and marks, each with the white space behind it."""
    either = rf"{word}|{_NUMERAL}|\w+"  # the commonest first
    marks = r"\.\.+|."
    return (
        re.compile(rf"{either}|\s+|{marks}", re.DOTALL),
        re.compile(either),
        re.compile(rf"(?:{either})\s*|\s+|(?:{marks})\s*", re.DOTALL),
    )


_ANY, _ASCII = _patterns(_WORD), _patterns(_ASCII_WORD)
_HIDDEN = re.compile(f"[{_UNSEEN}]+")
_MARKS = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
}
# What cuts a text as these do, sign for sign.
_TWINS = str.maketrans({"’": "'", **dict.fromkeys("“”‘„«»–—…•", ";"), "\u00a0": " "})
_MARK = re.compile(f"[{''.join(_MARKS)}]")
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


def tokens(text: str) -> list[str]:
    """Words, numbers, marks and runs of white space; joined, they are the text."""
    return _partition(text, 0)


def words(text: str) -> list[str]:
    """Those of the tokens that are more than white space and marks."""
    return (_ASCII if text.isascii() else _ANY)[1].findall(text)


def count_words(text: str) -> int:
    return len(words(text if text.isascii() else text.translate(_TWINS)))


def spaced(text: str) -> list[str]:
    """The tokens, each with the white space behind it; joined, they are the text."""
    return _partition(text, 2)


def _partition(text: str, way: int) -> list[str]:
    """The text cut in one of the ways above; typographic marks are cut as their twins of ASCII are."""
    if text.isascii():
        return _ASCII[way].findall(text)
    twin = text.translate(_TWINS)
    if not twin.isascii():
        return _ANY[way].findall(text)
    ends = list(accumulate(map(len, _ASCII[way].findall(twin))))
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def normalise(text: str) -> str:
    """The form in which two texts are compared: nothing unseen, NFC, one kind of quotation mark and dash,
    single spaces."""
    return " ".join(one_style(text if text.isascii() else _HIDDEN.sub("", text)).split())


def one_style(text: str) -> str:
    """NFC, with one kind of quotation mark, dash and ellipsis; unseen characters stay."""
    return text.replace("`", "'") if text.isascii() else _MARK.sub(_plain, composed(text))


def shown(text: str) -> str:
    """What a reader is shown: NFC, single spaces. Where this differs, something can be pointed at."""
    return " ".join(composed(text).split())


def _plain(mark: re.Match[str]) -> str:
    return _MARKS[mark[0]]


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
