"""Who is said to say it: the sources that a passage names, and which of them changed.

A source stands before or behind a verb of saying, or behind "according to". Another verb of saying is
wording; a pronoun for a name, or a surname for the full one, is the same source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.events.language import SMALL_WORDS
from monitor.events.names import TITLES, is_one_name
from monitor.events.pairing import Pair
from monitor.events.reading import Item, Part, Reading


@dataclass(frozen=True, slots=True)
class Source:
    """Items from `first` to `last` name it; `verb` and `verb_last` are what says that they say it."""

    first: int
    last: int
    verb: int
    verb_last: int


_SAYING = frozenset(
    "said says told tells announced stated reported confirmed claimed warned added insisted denied "
    "acknowledged admitted testified wrote tweeted alleged explained noted argued declared replied "
    "recalled sagte sagten erklärte erklärten teilte berichtete berichteten betonte dijo dijeron afirmó "
    "afirmo aseguró aseguro declaró informó informo señaló senalo declare affirme annonce indique dit "
    "disse dichiarato affermato detto riferito disseram afirmou informou zei zeiden meldde meldden "
    "aldus".split()
)
_BY_PHRASE = {
    "en": ("according to", "in the words of", "as reported by", "citing"),
    "de": ("laut", "nach angaben von", "nach angaben der", "nach angaben des", "so"),
    "fr": ("selon", "d apres", "a declare", "a annonce", "a indique", "a affirme"),
    "es": ("segun", "de acuerdo con"),
    "it": ("secondo", "stando a"),
    "pt": ("segundo", "de acordo com", "conforme"),
    "nl": ("volgens",),
}
_PHRASES = {
    language: {
        phrase.split()[0]: [tuple(p.split()) for p in phrases if p.split()[0] == phrase.split()[0]]
        for phrase in phrases
    }
    for language, phrases in _BY_PHRASE.items()
}
_STOPS = frozenset(
    "that and but which who whom whose when as because while after before if where than or then dass und "
    "aber que et mais che dat".split()
)
_BEHIND = _STOPS | frozenset("on in at during to for with about by from until".split())
_PRONOUNS = frozenset(
    "he she they it i we you er sie es ils elle elles il hij zij él ella lui also one".split()
)
_ARTICLES = frozenset(
    "the a an der die das den dem ein eine le la les un une el los las lo il gli i o os as het de".split()
)
_HELPERS = frozenset("has have had also later then since hat haben ha".split())
_PASSIVE = frozenset("be being been was were is are get got wurde wurden est sont".split())
_MOST = 8
_MOST_PAIRS = 2_500  # beyond which a passage is no sentence, and its sources only come and go


def sources(reading: Reading) -> list[Source]:
    found: list[Source] = []
    items, at = reading.items, 0
    phrases = _PHRASES[reading.language]
    if not reading.words & _SAYING and not any(word in reading.words for word in phrases):
        return found
    while at < len(items):
        item = items[at]
        if item.quote >= 0 or item.part is not Part.WORD:
            at += 1
            continue
        length = next((len(p) for p in phrases.get(str(item.key), ()) if _matches(items, at, p)), 0)
        if length:
            last = _until(items, at + length)
            if last >= at + length and _may_speak(reading, at + length, last):
                found.append(Source(at + length, last, at, at + length - 1))
                at = last
        elif item.key in _SAYING:
            source = _said_by(items, at)
            if source is not None and _may_speak(reading, source.first, source.last):
                found.append(source)
        at += 1
    return found


_SPEAKERS = frozenset(
    "police officials official witnesses witness mayor minister ministry government report reports court "
    "company companies authorities source sources military army agency president lawyer lawyers family "
    "statement study paper group spokesman spokeswoman spokesperson spokespeople man woman men people "
    "residents doctors king queen pope union bank team staff firm media website document documents record "
    "records data figures survey poll census department office chief someone nobody everyone neighbours "
    "neighbors relatives activists investigators researchers scientists experts critics analysts".split()
)
_SPEAKING = ("ers", "ors", "ists", "ials", "ians", "man", "men", "woman", "women", "ees", "yer")


def _may_speak(reading: Reading, first: int, last: int) -> bool:
    """Whether somebody is named there: by a capital, a pronoun or a word for those who speak. Elsewhere
    than in English every source is believed."""
    if reading.language != "en":
        return True
    for at in range(first, last + 1):
        item = reading.items[at]
        word = str(item.key)
        if word in _PRONOUNS or word in _SPEAKERS or word.endswith(_SPEAKING):
            return True
        if item.text[0].isupper() and not item.text.isupper() and (at > 0 and "." not in item.gap):
            return True
    return False


def _matches(items: Sequence[Item], at: int, phrase: Sequence[str]) -> bool:
    return len(items) >= at + len(phrase) and all(items[at + k].key == word for k, word in enumerate(phrase))


def _said_by(items: Sequence[Item], verb: int) -> Source | None:
    """What stands before the verb; behind it, where nothing does: "..., said the mayor"."""
    if verb and items[verb - 1].key in _PASSIVE:
        return None
    first = verb
    while (
        first > 0 and verb - first < _MOST and not _is_edge(items[first].gap) and items[first - 1].quote < 0
    ):
        before = items[first - 1]
        if before.part is Part.WORD and before.key in _STOPS:
            break
        if before.part is Part.DATE:
            break
        first -= 1
    last = verb - 1
    while last >= first and items[last].key in _HELPERS:
        last -= 1
    if last >= first and items[verb].gap.strip() == "":
        return Source(first, last, verb, verb)
    end = _until(items, verb + 1)
    return Source(verb + 1, end, verb, verb) if end > verb and first == verb else None


def _until(items: Sequence[Item], start: int) -> int:
    """The last item of the phrase that begins there."""
    end = start
    while end < len(items) and end - start < _MOST and items[end].quote < 0:
        item = items[end]
        if end > start and _is_edge(item.gap):
            break
        if item.part is Part.DATE or (end > start and item.part is Part.WORD and item.key in _BEHIND):
            break
        end += 1
    return end - 1


def _is_edge(gap: str) -> bool:
    return any(mark in gap for mark in ',;:()"') or " - " in gap or ". " in gap


@dataclass(frozen=True, slots=True)
class SourceChange:
    """`same`: the same source, once named and once not."""

    old: Source | None
    new: Source | None
    same: bool = False


def source_changes(pair: Pair) -> Iterator[SourceChange]:
    """Sources that were exchanged, put in or taken out between two versions of a passage."""
    ours, theirs = sources(pair.before), sources(pair.after)
    changed_old = {at for change in pair.changes for at in change.old}
    changed_new = {at for change in pair.changes for at in change.new}
    left = [s for s in ours if _is_touched(s, changed_old)]
    right = [s for s in theirs if _is_touched(s, changed_new)]
    few = len(left) * len(right) <= _MOST_PAIRS
    for old in list(left) if few else ():
        for new in right:
            if _is_same(_key(pair.before, old), _key(pair.after, new)):
                left.remove(old)
                right.remove(new)
                if _is_pronoun(pair.before, old) or _is_pronoun(pair.after, new):
                    yield SourceChange(old, new, same=True)
                break
    for old in list(left) if few else ():
        match = next(
            (n for n in right if pair.partner.get(old.verb) == n.verb or _share_place(pair, old, n)), None
        )
        if match is not None:
            left.remove(old)
            right.remove(match)
            yield SourceChange(old, match)
    named_before = {word for s in ours for word in _key(pair.before, s)}
    named_after = {word for s in theirs for word in _key(pair.after, s)}
    if pair.rest_share >= 0.6:
        yield from (
            SourceChange(s, None) for s in left if _is_dropped(pair.before, s, named_after, changed_old)
        )
        yield from (
            SourceChange(None, s) for s in right if _is_dropped(pair.after, s, named_before, changed_new)
        )


def _is_touched(source: Source, changed: set[int]) -> bool:
    return any(
        at in changed for at in range(min(source.first, source.verb), max(source.last, source.verb) + 1)
    )


def _share_place(pair: Pair, old: Source, new: Source) -> bool:
    number = pair.change_at(old.first, None)
    return number is not None and number == pair.change_at(None, new.first)


def _key(reading: Reading, source: Source) -> frozenset[object]:
    items = reading.items[source.first : source.last + 1]
    plain = [item.key for item in items if item.part is Part.WORD]
    words = plain or [item.key for item in items]  # how many there are is told as a figure
    return frozenset(word for word in words if word not in _ARTICLES and word not in TITLES and word != "'s")


def _is_same(old: frozenset[object], new: frozenset[object]) -> bool:
    """One names no other than the other: fewer words of the same, or a pronoun for it."""
    if old <= new or new <= old or is_one_name([str(w) for w in old], [str(w) for w in new]):
        return True
    return any(side <= _PRONOUNS for side in (old, new))


def _is_pronoun(reading: Reading, source: Source) -> bool:
    return _key(reading, source) <= _PRONOUNS


def _is_dropped(reading: Reading, source: Source, others: set[object], changed: set[int]) -> bool:
    """Whether the verb itself went with its source, and nobody else is named for it."""
    key = _key(reading, source)
    content = [word for word in key if word not in SMALL_WORDS]
    return bool(content) and source.verb in changed and not key <= others and not key <= _PRONOUNS
