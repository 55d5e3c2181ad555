"""A passage read into items: words, figures, pieces of dates and links, each with the key it is compared by.

Equal keys mean what a reader would call the same: "7" and "seven", "Nov. 17" and "17 November",
"colour" and "color", "don't" and "do not". Marks are no items; they stand before the item they precede.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from monitor.events import dates, quotes
from monitor.events.dates import DatePiece
from monitor.events.digits import before_sign
from monitor.events.figures import Figure, Found, Sort, is_spread, range_of
from monitor.events.language import SMALL_WORDS, language_of
from monitor.events.lexer import Lex, Token, folded, lex, visible
from monitor.events.spelling import plain_spelling
from monitor.events.units import DOLLARS
from monitor.events.worded import figure_at, opening_words


class Part(enum.Enum):
    WORD = "word"
    FIGURE = "figure"
    DATE = "date"
    LINK = "link"


@dataclass(slots=True)
class Item:
    """`start` to `end` is what names it, `whole` where its unit ends; `gap` are the marks before it.
    `quote` is the number of the quotation that it stands in, or -1."""

    part: Part
    key: Hashable
    text: str
    start: int
    end: int
    whole: int
    gap: str
    quote: int = -1
    figure: Figure | None = None
    date: DatePiece | None = None

    is_content: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_content = self.part is not Part.WORD or self.key not in SMALL_WORDS


@dataclass(frozen=True)
class Reading:
    """`text` is the passage as it is shown; `quotes` are its quotations, in their order."""

    text: str
    items: tuple[Item, ...]
    quotes: tuple[quotes.Span, ...]
    language: str

    @cached_property
    def keys(self) -> list[Hashable]:
        return [item.key for item in self.items]

    @cached_property
    def words(self) -> frozenset[Hashable]:
        return frozenset(self.keys)

    @cached_property
    def links(self) -> tuple[str, ...]:
        return tuple(item.text for item in self.items if item.part is Part.LINK)

    @cached_property
    def acronyms(self) -> frozenset[str]:
        return frozenset(item.text.lower() for item in self.items if is_acronym(item.text))

    def shown(self, first: int, last: int) -> str:
        """The words from one item to another, the last one in it."""
        return self.text[self.items[first].start : self.items[last].end]


_LETTERS = re.compile(r"[^\W\d_]+")
_SHORT_FORMS = {
    "n't": "not", "'re": "are", "'ll": "will", "'ve": "have", "'m": "am", "'d": "'d", "'s": "'s",
}  # fmt: skip
_LEFT_OF_NOT = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_ABBREVIATED = {"us": "u.s.", "usa": "u.s.", "uk": "u.k.", "un": "u.n.", "eu": "e.u."}
_UNIONS = {
    "united": {"states": "u.s.", "kingdom": "u.k.", "nations": "u.n."},
    "european": {"union": "e.u."},
}
_SAME = {"&": "and", "etc": "etc", "vs": "versus", "mr": "mr", "dept": "department", "govt": "government"}
_LONGEST_CHAIN = 8  # of figures joined by hyphens: a date, a telephone number
_SIGNS = frozenset("$€£¥₹₽₩₪₺₴₦฿₫₿-")


def read(
    text: str, language: str = "en", *, same: Mapping[str, str] | None = None, inside: bool = False
) -> Reading:
    """The items of a passage. `same` maps a spelling to the one it counts as; `inside`: the passage
    begins within a quotation."""
    text = visible(text)
    plain = folded(text)
    tokens = lex(plain)
    spans = tuple(quotes.spans(text, inside=inside)) if _has_marks(plain) or inside else ()
    items = _Reader(text, plain, tokens, language, same or {}).items()
    _mark_quotes(items, spans)
    return Reading(text, tuple(items), spans, language)


def is_acronym(text: str) -> bool:
    return len(text) > 1 and text.isupper()


def language_between(before: str, after: str) -> str:
    """One language for both versions of a passage, so that both are read alike."""
    return language_of(_LETTERS.findall(f"{before} {after}".lower()))


def _has_marks(plain: str) -> bool:
    return '"' in plain or "'" in plain or "「" in plain or "『" in plain or "‹" in plain


def _mark_quotes(items: Sequence[Item], spans: Sequence[quotes.Span]) -> None:
    at = 0
    for item in items:
        while at < len(spans) and spans[at].end <= item.start:
            at += 1
        if at < len(spans) and spans[at].start <= item.start:
            item.quote = at


class _Reader:
    """One walk over the tokens of a passage."""

    def __init__(
        self, text: str, plain: str, tokens: list[Token], language: str, same: Mapping[str, str]
    ) -> None:
        self.text, self.plain, self.tokens, self.language, self.same = text, plain, tokens, language, same
        self.accents = language == "de"
        self.openers = opening_words(language)
        self.known = _known_words(language)
        self.found: list[Item] = []
        self.last = 0  # where the last item ended

    def items(self) -> list[Item]:
        place, tokens = 0, self.tokens
        while place < len(tokens):
            token = tokens[place]
            lexed = token.lex
            if lexed is Lex.WORD:
                if token.low in self.known or "'" in token.low or token.text in self.same:
                    place = self._word(place)
                    continue
                start, end = token.start, token.end
                key = plain_spelling(token.low, self.accents)
                gap, shown = self.plain[self.last : start], self.text[start:end]
                self.found.append(Item(Part.WORD, key, shown, start, end, end, gap))
                self.last = end
                place += 1
            elif lexed is Lex.NUMBER or lexed is Lex.CODE or (lexed is Lex.MARK and token.text in _SIGNS):
                place = self._number(place)
            elif lexed is Lex.SHORT:
                self._add(Part.WORD, _short(token), token.start, token.end)
                place += 1
            elif lexed is Lex.LINK:
                self._add(Part.LINK, ("link", token.text.rstrip(".,;:!?")), token.start, token.end)
                place += 1
            else:
                if token.text in "&%@":
                    self._add(Part.WORD, _SAME.get(token.text, token.text), token.start, token.end)
                place += 1
        return self.found

    def _word(self, place: int) -> int:
        token = self.tokens[place]
        low = token.low
        if low in dates.WORDS and (end := self._date(place)):
            return end
        if low in _UNIONS and place + 1 < len(self.tokens) and self.tokens[place + 1].low in _UNIONS[low]:
            last = self.tokens[place + 1]
            self._add(Part.WORD, _UNIONS[low][last.low], token.start, last.end)
            return place + 2
        if low in self.openers and (found := figure_at(self.tokens, place, self.language)):
            return self._figure(place, found)
        if len(low) < 4 and before_sign(self.tokens, place) and place + 2 < len(self.tokens):
            return self._number(place + 1, first=place)
        if "'" in token.text:
            self._short_form(token)
        elif low == "cannot":
            self._add(Part.WORD, "can", token.start, token.start + 3)
            self._add(Part.WORD, "not", token.start + 3, token.end)
        else:
            self._add(Part.WORD, self._key(token.text, low), token.start, token.end)
        return place + 1

    def _number(self, place: int, first: int | None = None) -> int:
        if self.tokens[place].lex is Lex.NUMBER and first is None and (end := self._date(place)):
            return end
        found = figure_at(self.tokens, place, self.language)
        if found is None:
            return place + 1
        if self._is_in_name(place):
            token = self.tokens[place]
            self._add(Part.WORD, token.low, token.start, token.end)
            return place + 1
        return self._figure(place if first is None else first, found)

    def _is_in_name(self, place: int) -> bool:
        """Whether a number hangs on a capitalised word by a hyphen: Covid-19, F-16."""
        tokens = self.tokens
        if place < 2 or tokens[place].lex is not Lex.NUMBER or tokens[place - 1].text != "-":
            return False
        touching = (
            tokens[place - 2].end == tokens[place - 1].start and tokens[place - 1].end == tokens[place].start
        )
        return touching and tokens[place - 2].lex is Lex.WORD and tokens[place - 2].text[0].isupper()

    def _date(self, place: int) -> int:
        pieces = dates.pieces_at(self.tokens, place, self.language)
        start = place
        for piece in pieces:
            first = start if start < piece.end else place  # 2019-05-12 is both a day and a year
            begins, ends = self.tokens[first].start, self.tokens[piece.end - 1].end
            while self.plain[begins] in ",. ":
                begins += 1
            self._add(Part.DATE, piece.key, begins, ends, date=piece)
            start = piece.end
        return start if pieces else 0

    def _figure(self, place: int, found: Found) -> int:
        """That figure; with a hyphen and a second one right behind it, a range or a score."""
        tokens = self.tokens
        for _ in range(_LONGEST_CHAIN):
            if not self._is_range(found):
                break
            second = figure_at(tokens, found.named + 1, self.language)
            if second is None or second.figure.sort is not Sort.COUNT:
                break
            found = range_of(found, second)
        found = self._spread(place, found)
        if found.figure.sort is Sort.CODE and _is_name(tokens[place].text):
            self._add(Part.WORD, tokens[place].low, tokens[place].start, tokens[place].end)
            return place + 1
        self._add(
            Part.FIGURE,
            found.figure.key,
            tokens[place].start,
            tokens[found.named - 1].end,
            whole=tokens[found.whole - 1].end,
            figure=found.figure,
        )
        return found.whole

    def _spread(self, place: int, found: Found) -> Found:
        tokens, at = self.tokens, found.whole
        if at + 1 >= len(tokens) or tokens[at].low not in ("to", "bis", "à", "tot"):
            return found
        second = figure_at(tokens, at + 1, self.language)
        before = tokens[place - 1].low if place else ""
        return range_of(found, second) if second is not None and is_spread(before, found, second) else found

    def _is_range(self, found: Found) -> bool:
        at, tokens = found.named, self.tokens
        if at + 1 >= len(tokens) or tokens[at].text != "-" or found.whole != found.named:
            return False
        touching = tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start
        digits = tokens[at + 1].lex is Lex.NUMBER or tokens[at + 1].text in _SIGNS
        return touching and digits and found.figure.sort in (Sort.COUNT, Sort.RANGE)

    def _short_form(self, token: Token) -> None:
        """don't is do and not; Biden's is Biden and 's; l'homme is l' and homme."""
        start, low, shown = token.start, token.low, token.text
        if low == "n't":
            self._add(Part.WORD, "not", start, token.end)
            return
        if low.endswith("n't"):
            left = _LEFT_OF_NOT.get(low[:-3], low[:-3])
            self._add(Part.WORD, left, start, start + len(low) - 3)
            self._add(Part.WORD, "not", start + len(low) - 3, token.end)
            return
        cut = shown.rfind("'")
        tail = low[cut:]
        if tail in _SHORT_FORMS:
            self._add(Part.WORD, self._key(shown[:cut], low[:cut]), start, start + cut)
            self._add(Part.WORD, _SHORT_FORMS[tail], start + cut, token.end)
            return
        if cut < 4:
            self._add(Part.WORD, low[:cut], start, start + cut)
            self._add(Part.WORD, self._key(shown[cut + 1 :], low[cut + 1 :]), start + cut + 1, token.end)
            return
        self._add(Part.WORD, self._key(shown, low), start, token.end)

    def _key(self, shown: str, low: str) -> Hashable:
        if shown in self.same:
            shown = self.same[shown]
            low = shown.lower()
        if low in _ABBREVIATED and shown.isupper():
            return _ABBREVIATED[low]
        return plain_spelling(low, self.accents)

    def _add(
        self,
        part: Part,
        key: Hashable,
        start: int,
        end: int,
        *,
        whole: int = 0,
        figure: Figure | None = None,
        date: DatePiece | None = None,
    ) -> None:
        gap = self.plain[self.last : start]
        self.found.append(
            Item(part, key, self.text[start:end], start, end, max(whole, end), gap, -1, figure, date)
        )
        self.last = max(whole, end)


def _is_name(text: str) -> bool:
    """Whether letters and digits run together name something: MH370, 18F; not a version or a date."""
    return text.isalnum() and not text.isdigit() and any(letter.isupper() for letter in text)


@lru_cache(maxsize=8)
def _known_words(language: str) -> frozenset[str]:
    """The words that may be more than words: all others are read the quick way."""
    known = dates.WORDS | opening_words(language) | _UNIONS.keys() | DOLLARS.keys() | _ABBREVIATED.keys()
    return known | {"cannot"}


def _short(token: Token) -> str:
    letters = token.low.replace(".", "")
    return _ABBREVIATED.get(letters, letters if len(letters) > 1 else token.low)
