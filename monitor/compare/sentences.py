"""Where a reader ends a sentence. Knows abbreviations, initials, quotation marks, list numbers and lines
that only wrap; refuses to know grammar, so that two versions of a sentence are cut alike.

Every look around a possible end is of bounded length: no text can make this slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise

_STOPS = re.compile(r"([.!?…]+|[。！？｡]+|\n)([\"'”’»›)\]」』）】》]*)(\s*)")
_GLUED = re.compile(r"[A-Z“][a-z]")
_NEXT = re.compile(r"[\"'“‘„‚«‹(\[¿¡*_]*(\w?)(\w*)")
_LISTED = re.compile(r"\s*(?:[-*•]\s*)?[\"'“(\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})\.$")
_MARKED = re.compile(r"\s*(?:[-*+•·‣–—]\s|\d{1,3}[.)]\s|[#>|]|```)")
_OPENING = "\"'“‘„«([/—–-*_"
_LINE_END = re.compile(r"\n+")
_MOST = 12_000
_LOOK_BACK = 14
_ORDINARY = 4
_LINE = range(45, 121)
_FULL = 0.75

# Never the end of a sentence; only before a figure; the end only before a word that begins sentences.
_ALWAYS = frozenset(
    "mr mrs ms messrs dr prof st ste sen rep gov gen lt col sgt cpl capt cmdr maj adm pres rev hon supt insp vs e.g "
    "i.e approx govt misc incl fig figs sec eq eqs ref refs vol pp ch nos abs mt ft dept fr hr sr sra srta dra herr "
    "z.b d.h u.a o.ä s.o v.a bzw ca evtl ggf inkl nr str mio mrd mme mlle mgr p.ej lic ing".split()
)
_MONTHS = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun".split()
)
_BEFORE_FIGURES = _MONTHS | frozenset("no p art para op cit s núm num pág".split())
_PERHAPS = _MONTHS | frozenset(
    "jr sr inc ltd co corp bros plc llc etc al est ave blvd rd usw u.s u.k u.n e.u u.s.a d.c a.m p.m ph.d m.d b.a "
    "m.a l.a n.y ee.uu av cf ud uds ass assn intl univ".split()
)
_SHORTENED = _ALWAYS | _PERHAPS
_BEGINNERS = frozenset(
    "the a an he she it they we i you but and or so in on at as for from by with this that these those there then "
    "when while if after before since during although however meanwhile not no his her its their our my what who why "
    "how where now here both some many most all one two er sie es wir ich der die das ein eine und aber im am als "
    "il elle ils elles nous on le la les un une mais et el los las una pero y en".split()
)
_MONTH_NAMES = frozenset(
    "january february march april may june july august september october november december "
    "januar februar märz mai juni juli oktober dezember jänner jahrhundert".split()
)


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the white space around it; joined, they are the text. Behind twelve
    thousand of them only lines are told apart, and behind as many of these nothing."""
    found, start = [], 0
    for end in _ends(text):
        if not text[start:end].isspace():
            found.append(text[start:end])
            start = end
    if start < len(text):
        if text[start:].isspace() and found:
            found[-1] += text[start:]
        else:
            found.append(text[start:])
    return found


def _ends(text: str) -> Iterator[int]:
    """Where sentences end; behind so many of them, where lines do."""
    end, cuts = 0, _cuts(text)
    for end in islice(cuts, _MOST):
        yield end
    if next(cuts, None) is not None:
        yield from islice((line.end() for line in _LINE_END.finditer(text, end)), _MOST)


def _cuts(text: str) -> Iterator[int]:
    """Where a sentence ends, its white space with it."""
    lines = _Lines(text)
    start = 0
    for stop in _STOPS.finditer(text):
        mark, closed, end = stop[1], stop.end(2), stop.end()
        if end >= len(text):
            return
        if mark == "\n":
            goes_on = lines.wraps(stop.start(), end)
        elif mark[0] in "。！？｡":
            goes_on = False
        elif closed == end:
            goes_on = not _is_glued(text, start, stop)
        elif "\n" in stop[3] and not lines.wraps(text.index("\n", closed), end):
            goes_on = False
        else:
            goes_on = _goes_on(text, start, stop, end)
        if not goes_on:
            yield end
            start = end


def _is_glued(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether a sentence begins right behind that stop, the space between the two lost: "month.The"."""
    if not text[stop.end()].isupper() and text[stop.end()] != "“":
        return False
    words = text[max(start, stop.start() - _LOOK_BACK) : stop.start()].split()
    plain = bool(words) and len(words[-1]) > 1 and words[-1].isalpha() and words[-1].islower()
    return plain and _GLUED.match(text, stop.end()) is not None


def _goes_on(text: str, start: int, stop: re.Match[str], after: int) -> bool:
    """Whether the sentence goes on behind that full stop, question or exclamation mark."""
    following = _NEXT.match(text, after, after + 30)
    first, rest = following.groups() if following else ("", "")
    if stop[1] != ".":
        return first.islower()
    end = stop.start()
    words = text[max(start, end - _LOOK_BACK) : end].split()
    word = words[-1].lstrip(_OPENING) if words else ""
    if len(word) >= _ORDINARY and word.isalpha() and word.islower() and word not in _SHORTENED:
        return first.islower() and bool(stop[2])
    if first.islower():
        return True
    if end - start < _LOOK_BACK and _LISTED.match(text[start : end + 1]):
        return True
    return _is_abbreviated(word, first, (first + rest).lower())


def _is_abbreviated(word: str, first: str, following: str) -> bool:
    """Whether the full stop behind that word belongs to an abbreviation, an initial or an ordinal, so
    that the sentence goes on; ``following`` is the next word in lower case, ``first`` its first letter."""
    short = word.lower()
    if short in _ALWAYS or (short in _BEFORE_FIGURES and first.isdigit()):
        return True
    if word.isdigit():
        return len(word) <= 2 and following in _MONTH_NAMES
    initial = len(word) == 1 and word.isalpha()
    return (initial or short in _PERHAPS) and following not in _BEGINNERS


class _Lines:
    """The lines of a text in their blocks, for telling which line ends only wrap. A line wraps where the
    next word had no more room in a block of narrow lines, and nothing says that a new one begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._start = self._end = -1
        self._width = 0
        self._set = False

    def wraps(self, line_end: int, following: int) -> bool:
        text = self._text
        if text.count("\n", line_end, following) != 1 or _MARKED.match(text, following):
            return False
        self._find_block(line_end)
        begin = max(text.rfind("\n", self._start, line_end) + 1, self._start)
        length = len(text[begin:line_end].strip())
        if length not in _LINE or self._width not in _LINE or text[begin] in "#|":
            return False
        full = self._is_full(length, text[following : following + 80])
        return full and (text[following].islower() or self._set)

    def _is_full(self, length: int, following: str) -> bool:
        """Whether the next word had no room behind a line of that length."""
        return length + 1 + len(following.split(None, 1)[0]) > self._width

    def _find_block(self, place: int) -> None:
        """The block of lines about that place: how wide it is, and whether it was set to that width, all
        its lines being full but those that end with a sentence."""
        if self._start <= place < self._end:
            return
        text = self._text
        self._start = text.rfind("\n\n", 0, place) + 1
        end = text.find("\n\n", place)
        self._end = end if end >= 0 else len(text)
        lines = [line.strip() for line in text[self._start : self._end].strip().split("\n")]
        lines = [line for line in lines if line]
        self._width = max(map(len, lines))
        open_ended = [(a, b) for a, b in pairwise(lines) if a[-1] not in ".!?:"]
        full = sum(self._is_full(len(a), b[:80]) for a, b in open_ended)
        self._set = len(open_ended) > 1 and full >= _FULL * len(open_ended)
