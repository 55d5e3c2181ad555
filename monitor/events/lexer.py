"""A passage cut into tokens that are fine enough for facts: numbers with their suffix, words, codes, marks.

Nothing is understood here: a number is digits, whatever they count. Every pattern is possessive or
bounded, so that no text makes it slow.
"""

from __future__ import annotations

import enum
import re
from typing import NamedTuple

from storage.records import composed


class Lex(enum.Enum):
    WORD = "WORD"
    SHORT = "SHORT"  # U.S., p.m.
    NUMBER = "NUMBER"  # 5, 1,200, 14:05, 3rd, 5m
    CODE = "CODE"  # Q3, v18.2, MH370
    LINK = "LINK"
    MARK = "MARK"


class Token(NamedTuple):
    lex: Lex
    text: str
    low: str
    start: int
    end: int


_LETTER = r"[^\W\d_]"
_TOKEN = re.compile(
    rf"""
      (?P<PLAIN>[A-Za-zÀ-ɏ]++)(?![\w.':/])   # most words, the quick way
    | (?P<LINK>(?:https?://|www\.)[^\s<>"'\])}}]++)
    | (?P<NUMBER>\d++(?:[.,:/]\d++|'\d{{3}}(?!\d))*+(?:[A-Za-zÀ-ɏ][A-Za-z0-9À-ɏ]*+)?)
    | (?P<SHORT>{_LETTER}(?:\.{_LETTER}){{1,8}}+\.?(?!{_LETTER}))
    | (?P<CODE>[A-Za-zÀ-ɏͰ-ӿ]++\d[A-Za-z0-9_À-ɏͰ-ӿ]*+(?:\.\d++)*+)
    | (?P<CJK>[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])
    | (?P<WORD>{_LETTER}++(?:'{_LETTER}++)*+)
    | (?P<MARK>\S)
    """,
    re.VERBOSE,
)
_GONE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f", None)
_ONE_FOR_ONE = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(
            "\t\n\r\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a", " "
        ),
        **dict.fromkeys("\u202f\u205f\u3000\u2028\u2029\u0085", " "),
    }
)
_INVISIBLE = str.maketrans(_GONE)
_THIN_GROUPS = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_LEX = {name: Lex[name] for name in Lex.__members__} | {"CJK": Lex.WORD, "PLAIN": Lex.WORD}


def visible(text: str) -> str:
    """NFC, without invisible characters, and without the thin spaces that group digits by thousands."""
    if not text.isascii():
        text = composed(text).translate(_INVISIBLE)
        text = _THIN_GROUPS.sub("", text)
    return text


def folded(text: str) -> str:
    """One kind of quotation mark, dash and space; every character stays at its place."""
    return text.translate(_ONE_FOR_ONE)


def lex(text: str) -> list[Token]:
    """The tokens of a folded text, without the spaces between them."""
    return [
        Token(_LEX[match.lastgroup or "MARK"], match[0], match[0].lower(), *match.span())
        for match in _TOKEN.finditer(text)
    ]
