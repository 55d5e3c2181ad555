"""Proper names that were exchanged, put in, taken out or spelt anew, told by their capitals.

There is no list of names: what is written small elsewhere is none, a title or a forename put before a
surname makes no other name of it, and neither do the initials of one. In German, where every noun has
a capital, only what stands as names do counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from monitor.events.house import HouseStyle
from monitor.events.language import SMALL_WORDS
from monitor.events.pairing import Change, Pair
from monitor.events.reading import Item, Part, Reading, is_acronym
from monitor.events.spelling import is_slip


@dataclass(frozen=True, slots=True)
class Name:
    """Items from `first` to `last`, both in it."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NameChange:
    """`same`: two ways to write one name, such as a surname and the full one; `typo`: a misspelling set right."""

    old: Name | None
    new: Name | None
    same: bool = False
    typo: bool = False


TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir lord lady dame president vice prime minister chancellor senator "
    "sen representative rep governor gov mayor judge justice chief general gen colonel col major maj "
    "captain capt lieutenant lt sergeant sgt officer king queen prince princess pope father sister "
    "brother rev reverend secretary ambassador detective director chairman chairwoman ceo coach former "
    "acting herr frau präsident präsidentin kanzler kanzlerin minister ministerin ministerpräsident "
    "bundeskanzler bundeskanzlerin bürgermeister monsieur madame m mme président premier ministre señor "
    "señora sr sra presidente presidenta ministro ministra signor signora senhor senhora de heer mevrouw "
    "premier dhr mevr".split()
)
_PARTICLES = frozenset(
    "de da do dos du del della di von van der den zu zur la le el al bin ibn ben st san y e of und and".split()
)
_NEVER = frozenset(
    "i i'm ok tv dvd pm am iii ii iv click read yes no fig refs version annex sections section chapter "
    "article table figure part id pdf ppt html url http https faq gmt bst est".split()
)
_PRONOUNS = frozenset(
    "he she they it his her their its him them who er sie es il elle ils elles lui leur hij zij ze él "
    "ella ele ela".split()
)
_LONGEST_CLAUSE = 7
_MOST_PAIRS = 2_500  # beyond which a change is a list of names, that pair as they stand
_IN_PLACE = 4  # content words beside two names that still took each other's place


def name_changes(
    pair: Pair, style: HouseStyle, told: Collection[int], told_new: Collection[int]
) -> Iterator[NameChange]:
    """Names that differ between two versions of a passage, outside of quotations and of what is told."""
    if pair.kept_share < 0.5 or not _may_differ(pair, told, told_new):
        return
    known = _capitals(pair.before) | _capitals(pair.after)
    ours = _names(pair.before, style, known)
    theirs = _names(pair.after, style, known)
    for change in pair.changes:
        left = [
            name for name in _near(ours, change.old) if _is_touched(name, change.old, pair.before.items, told)
        ]
        right = [
            name
            for name in _near(theirs, change.new)
            if _is_touched(name, change.new, pair.after.items, told_new)
        ]
        yield from _in_one_place(pair, style, change, left, right)


def _may_differ(pair: Pair, told: Collection[int], told_new: Collection[int]) -> bool:
    """Whether any word with a capital changed that is not told yet, or a particle of a name."""
    for change in pair.changes:
        if any(at not in told and _may_belong(pair.before.items[at]) for at in change.old):
            return True
        if any(at not in told_new and _may_belong(pair.after.items[at]) for at in change.new):
            return True
    return False


def _may_belong(item: Item) -> bool:
    return _has_capital(item.text) or item.key in _PARTICLES


def _near(names: Sequence[Name], changed: range) -> Sequence[Name]:
    """Those of the names, which come in their order and apart, that have an item in that range."""
    first = bisect_left(names, changed.start, key=lambda name: name.last)
    last = bisect_left(names, changed.stop, key=lambda name: name.first)
    return names[first:last]


def _is_touched(name: Name, changed: range, items: Sequence[Item], told: Collection[int]) -> bool:
    """Whether a word of that name changed there, other than a title, in no quotation, and is not told yet."""
    for at in range(name.first, name.last + 1):
        naming = _is_naming(items[at]) or (at < name.last and items[at + 1].gap == "-")  # al-Hussein
        if at in changed and at not in told and items[at].quote < 0 and naming:
            return True
    return False


def _is_naming(item: Item) -> bool:
    return _has_capital(item.text) and item.key not in TITLES


def is_title(item: Item) -> bool:
    """Whether that word is but the title of a name: Mr, President."""
    return item.text[0].isupper() and item.key in TITLES and item.key != "former"


def _in_one_place(
    pair: Pair, style: HouseStyle, change: Change, left: list[Name], right: list[Name]
) -> Iterator[NameChange]:
    for old in list(left) if len(left) * len(right) <= _MOST_PAIRS else ():
        same = next(
            (new for new in right if _same_one(_words(pair.before, old), _words(pair.after, new))), None
        )
        if same is not None:
            left.remove(old)
            right.remove(same)
            yield NameChange(old, same, same=True)
    near = max(_beside(pair.before, left, change.old), _beside(pair.after, right, change.new)) < _IN_PLACE
    both = min(len(left), len(right)) if near else 0
    for old, new in zip(left[:both], right[:both], strict=True):
        yield NameChange(old, new, typo=_is_typo(pair, style, old, new))
    for old in left[both:]:
        yield from _alone(pair, old, change, is_old=True)
    for new in right[both:]:
        yield from _alone(pair, new, change, is_old=False)


def _alone(pair: Pair, name: Name, change: Change, *, is_old: bool) -> Iterator[NameChange]:
    """A name without another in its place: one that grew or shrank, or one that went or came."""
    partner = pair.partner if is_old else pair.back
    here, there = (pair.before, pair.after) if is_old else (pair.after, pair.before)
    kept = [at for at in range(name.first, name.last + 1) if at in partner and not is_title(here.items[at])]
    if kept:
        other = Name(partner[kept[0]], partner[kept[-1]])
        old, new = (name, other) if is_old else (other, name)
        yield NameChange(old, new, same=_same_one(_words(pair.before, old), _words(pair.after, new)))
    elif _is_lost(
        here, there, name, change.old if is_old else change.new, change.new if is_old else change.old
    ):
        yield NameChange(name, None) if is_old else NameChange(None, name)


def _beside(reading: Reading, names: Sequence[Name], changed: range) -> int:
    """Content words of a change that belong to none of its names."""
    named = {at for name in names for at in range(name.first, name.last + 1)}
    return sum(reading.items[at].is_content for at in changed if at not in named)


def _words(reading: Reading, name: Name) -> list[Item]:
    found = [reading.items[at] for at in range(name.first, name.last + 1)]
    return [item for item in found if item.part is Part.WORD and item.key not in TITLES and item.key != "'s"]


def _same_one(old: Sequence[Item], new: Sequence[Item]) -> bool:
    return is_one_name([str(item.key) for item in old], [str(item.key) for item in new])


def is_one_name(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether two names, as the keys of their words, are one: the last part of the other, its initials."""
    shorter, longer = sorted((old, new), key=len)
    if not shorter or "".join(shorter) == "".join(longer):
        return True
    added = longer[: len(longer) - len(shorter)]
    if list(longer[len(added) :]) == list(shorter) and not (added and added[-1] in _PARTICLES):
        return True
    if len(old) == len(new) and all(
        a == b or a + "s" == b or b + "s" == a for a, b in zip(old, new, strict=True)
    ):
        return True  # one of them, or several
    return len(shorter) == 1 and _is_initials(shorter[0].replace(".", ""), longer)


def _is_initials(short: str, words: Sequence[str]) -> bool:
    return len(short) > 1 and short in _initials(words)


def _initials(words: Sequence[str]) -> tuple[str, str]:
    """Of all words, and of those with content."""
    letters = "".join(word[0] for word in words if word)
    return letters, "".join(word[0] for word in words if word and word not in SMALL_WORDS)


def _is_typo(pair: Pair, style: HouseStyle, old: Name, new: Name) -> bool:
    """A misspelling set right by a form that stands in the old text already."""
    ours, theirs = _words(pair.before, old), _words(pair.after, new)
    if len(ours) != len(theirs):
        return False
    differing = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.key != b.key]
    return all(style.stood_right(a.text, b.text) and is_slip(str(a.key), str(b.key)) for a, b in differing)


def _is_lost(here: Reading, there: Reading, name: Name, changed: range, other: range) -> bool:
    """Whether a name without its like on the other side came or went there: not where it only stands
    elsewhere, where a pronoun stands for it, or where it is a small part of a clause of its own."""
    words = _words(here, name)
    elsewhere = there.words
    if not words or words[-1].key in elsewhere or all(item.key in elsewhere for item in words):
        return False
    if any(short in there.acronyms for short in _initials([str(word.key) for word in words])):
        return False  # (Long-term Support) beside LTS
    if any(there.items[at].key in _PRONOUNS for at in other) and len(other) < 4:
        return False
    return _beside(here, [name], changed) < _LONGEST_CLAUSE


def _capitals(reading: Reading) -> set[str]:
    """Words with a capital that stand where not every word would have one."""
    items = reading.items
    return {item.text for at, item in enumerate(items) if item.text[0].isupper() and not _opens(items, at)}


def _names(reading: Reading, style: HouseStyle, known: Collection[str]) -> list[Name]:
    """Runs of capitalised words, with the particles between them."""
    items = reading.items
    flags = [_may_name(reading, at, style, known) for at in range(len(items))]
    if sum(is_acronym(item.text) for item in items) > len(items) / 2:
        return []
    if not reading.text.rstrip().endswith((".", "!", "?", ",", ";")) and _is_title_case(items):
        flags = [
            flag and item.text.isupper() and len(item.text) > 1
            for flag, item in zip(flags, items, strict=True)
        ]
    found: list[Name] = []
    at = 0
    while at < len(items):
        if not flags[at]:
            at += 1
            continue
        last = at
        first = at - (at > 0 and items[at].gap == "-" and items[at - 1].key in _PARTICLES)
        while True:
            after = last + 1
            while after < len(items) and items[after].gap == "-" and items[after].part is Part.WORD:
                last, after = after, after + 1
            while after < len(items) and after - last < 3 and _links(items[after]):
                after += 1
            if (
                after >= len(items)
                or not flags[after]
                or any(_parts(items[k]) for k in range(last + 1, after + 1))
            ):
                break
            last = after
        found.append(Name(first, last))
        at = last + 1
    return (
        found if reading.language != "de" else [name for name in found if _is_german_name(items, name, style)]
    )


def _links(item: Item) -> bool:
    return (
        item.part is Part.WORD
        and item.key in _PARTICLES
        and item.text[0].islower()
        and item.text not in ("and", "und", "y", "e")
    )


def _parts(item: Item) -> bool:
    """Whether the marks before it part it from the name before: a full stop only follows an initial."""
    return any(mark in item.gap for mark in ',;:()"[]!?/') or (" - " in item.gap)


def _is_title_case(items: Sequence[Item]) -> bool:
    words = [item for item in items if item.part is Part.WORD and item.is_content and item.text[0].isalpha()]
    return len(words) >= 4 and sum(item.text[0].isupper() for item in words) >= 0.75 * len(words)


def _may_name(reading: Reading, at: int, style: HouseStyle, known: Collection[str]) -> bool:
    item = reading.items[at]
    if item.part is not Part.WORD or not _has_capital(item.text):
        return False
    low = str(item.key)
    if low in _NEVER or low in TITLES or (not is_acronym(item.text) and item.text.lower() in SMALL_WORDS):
        return False
    if is_acronym(item.text):
        return True
    if style.is_common(item.text):
        return False
    if not _opens(reading.items, at):
        return True
    if style.is_name(item.text) or (item.text in known and reading.language != "de"):
        return True
    after = reading.items[at + 1] if at + 1 < len(reading.items) else None
    follows = after is not None and after.part is Part.WORD and after.text[0].isupper() and not _parts(after)
    return follows and after is not None and after.key not in SMALL_WORDS and after.text != "I"


def _has_capital(text: str) -> bool:
    """Biden, and also 18F."""
    return text[0].isupper() or (text[0].isdigit() and any(letter.isupper() for letter in text))


def _opens(items: Sequence[Item], at: int) -> bool:
    """Whether any word would have a capital there: at the start, or behind a full stop, colon or quotation mark."""
    gap = items[at].gap
    if at == 0:
        return True
    if ". " in gap and len(items[at - 1].text) < 3:
        return False  # an initial or "Mr."
    return (
        any(mark in gap for mark in '.!?:"*|')
        or " - " in gap
        or (items[at].quote >= 0 and items[at - 1].quote < 0)
    )


def _is_german_name(items: Sequence[Item], name: Name, style: HouseStyle) -> bool:
    """Two capitalised words side by side, a word behind a title, an acronym, or a place behind a bare
    preposition."""
    first = items[name.first]
    if name.last > name.first or (first.text.isupper() and len(first.text) > 1):
        return True
    before = items[name.first - 1] if name.first else None
    if before is None:
        return False
    if before.key in TITLES:
        return True
    return before.key in ("in", "aus", "nach", "bei", "von") and not first.text.endswith(_GERMAN_NOUNS)


_GERMAN_NOUNS = ("ung", "heit", "keit", "schaft", "tion", "tät", "en", "er")
