"""Spellings of one word: British and American, with and without accents; and what is a slip of the pen.

There is no dictionary here. Two spellings of one word are folded into one form by rule; a misspelling
is told from another word by how little, and in which letters, the two differ.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

_RULES = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"is(e[drs]?|ing|ations?|ational|able)$", r"iz\1"),
        (r"ys(e[drs]?|ing)$", r"yz\1"),
        (r"(?<=[a-z][a-z])our(?=$|s$|ed$|ing$|ite|able$|abl[ey]|al|hood|ers?$|ful|ly$|less|ism|ist)", "or"),
        (r"([bct])re(s?)$", r"\1er\2"),
        (r"([bct])red$", r"\1ered"),
        (r"([bct])ring$", r"\1ering"),
        (r"([aeiouy][^aeiouy]+[aeiouy]+)ll(ed|ing|ers?|ors?)$", r"\1l\2"),
        (r"(def|off|lic|pret)enc(e[ds]?|ing)$", r"\1ens\2"),
        (r"^practis", "practic"),
        (r"^programme(s?)$", r"program\1"),
        (r"(l)ogue(s?)$", r"\1og\2"),
        (r"^gray", "grey"),
        (r"gement(s?)$", r"gment\1"),
        (r"^(a)geing$", r"\1ging"),
        (r"^tyre(s?)$", r"tire\1"),
        (r"^cheque(s?)$", r"check\1"),
        (r"^kerb(s?)$", r"curb\1"),
        (r"^plough", "plow"),
        (r"^(m)ould(s|ed|ing|y)?$", r"\1old\2"),
        (r"^skilful", "skillful"),
        (r"^(fulfil|enrol|instal|instil|distil)(s|ments?)?$", r"\1l\2"),
        (r"^jewellery$", "jewelry"),
        (r"^aluminium$", "aluminum"),
        (r"^sceptic", "skeptic"),
        (r"^(p|orthop)aed", r"\1ed"),
        (r"^(h)aem", r"\1em"),
        (r"^(an)aes", r"\1es"),
        (r"^manoeuvr(e?)", r"maneuver"),
        (r"(?<=[a-z]{2})wards$", "ward"),
        (r"^(advis|protest)or(s?)$", r"\1er\2"),
        (r"^(among|amid)st$", r"\1"),
        (r"^whilst$", "while"),
        (r"^whisk(e?)y$", "whisky"),
        (r"^ok$|^okay$", "ok"),
        (r"^(moustache|moustaches)$", "mustache"),
        (r"^(learn|burn|dream|spoil|leap|spel)t$", r"\1ed"),
        (r"^mums?$", "mom"),
    )
)
_SUSPECT = re.compile(
    r"is[ei]|isa|ys[ei]|our|[bct]r[ei]|ll[ieo]|enc|isin|pract|progr|logue|gray|geme|gein|tyre|cheq|kerb|plough|ould|"
    r"skilf|fil|rol|stal|stil|jewell|alumin|scept|aed|aem|aes|oeu|wards|sor|tor|gst|dst|ilst|whisk|ok|oust|nt$|mt$|"
    r"lt$|pt$|mum"
)
_LONGEST = 100
_LETTERS = re.compile(r"[^\W\d_]+")
_VOWELS = frozenset("aeiouyäöüáéíóúàèìòùâêîôû")
_NEGATING = ("un", "non", "il", "im", "ir", "dis", "in")


def plain_spelling(word: str, accents: bool) -> str:
    """The one form that stands for all spellings of a lower-case word; `accents`: they make another word.
    What is longer than any word stays as it is."""
    return _plain_spelling(word, accents) if len(word) <= _LONGEST else word


@lru_cache(maxsize=20_000)
def _plain_spelling(word: str, accents: bool) -> str:
    if not word.isascii():
        word = word.replace("ß", "ss")
        if not accents:
            parts = unicodedata.normalize("NFKD", word)
            word = "".join(letter for letter in parts if not unicodedata.combining(letter))
    if len(word) < 4 or not _SUSPECT.search(word):
        return word
    for pattern, by in _RULES:
        word = pattern.sub(by, word)
    return word


def is_slip(old: str, new: str) -> bool:
    """Whether one of two words is the other misspelt: a letter or two doubled, dropped, put in or
    exchanged with its neighbour. Another letter in its place makes another word of a short one."""
    if old == new:
        return True
    if not (old.isalpha() and new.isalpha()) or negates(old, new):
        return False
    shorter, longer = sorted((len(old), len(new)))
    far = OSA.distance(old, new, score_cutoff=3)
    if far > 2 or longer < 3:
        return False
    if sorted(old) == sorted(new):
        return longer > 3 and far == 1
    if far == 1 and shorter < longer:
        return shorter > 3 or _doubles(old, new)
    if far == 1:
        return longer > 4 and (longer > 6 or _vowels_only(old, new)) and old[0] == new[0]
    return shorter > 6 and old[0] == new[0]


def _doubles(old: str, new: str) -> bool:
    """ "tto" for "to"."""
    longer, shorter = (old, new) if len(old) > len(new) else (new, old)
    return any(
        longer[at] == longer[at + 1] and longer[:at] + longer[at + 1 :] == shorter
        for at in range(len(longer) - 1)
    )


def _vowels_only(old: str, new: str) -> bool:
    return all(a == b or (a in _VOWELS and b in _VOWELS) for a, b in zip(old, new, strict=False))


def is_inflected(old: str, new: str) -> bool:
    """Two forms of one word: issue and issues, release and released, come and came are not told."""
    shorter, longer = sorted((old, new), key=len)
    if len(shorter) < 3 or negates(old, new):
        return False
    stem = shorter.rstrip("e") if len(shorter) > 4 else shorter
    if longer.startswith(stem) and longer[len(stem) :] in _ENDINGS:
        return True
    if shorter.endswith("y") and longer in (shorter[:-1] + "ies", shorter[:-1] + "ied"):
        return True
    for one, other in (("ed", "ing"), ("s", "ed"), ("s", "ing"), ("es", "ing"), ("es", "ed")):
        for a, b in ((old, new), (new, old)):
            if (
                a.endswith(one)
                and b.endswith(other)
                and len(a) - len(one) > 2
                and a[: -len(one)] == b[: -len(other)]
            ):
                return True
    return False


_ENDINGS = frozenset("s es ed d ing e".split())


def negates(old: str, new: str) -> bool:
    """Whether one is the other with a prefix that turns it round: legal and illegal."""
    shorter, longer = sorted((old, new), key=len)
    if len(shorter) < 4:
        return False
    for prefix in _NEGATING:
        if longer == prefix + shorter:
            return prefix != "in" or shorter.endswith(
                ("able", "ible", "ent", "ant", "ive", "ate", "ct", "al", "ure")
            )
    return False
