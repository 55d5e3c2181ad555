"""How sure a passage is of what it says: its negations and hedges, by what they do rather than by their letters.

"did not" and "didn't" are one, "might" and "could" are of one strength; the month of May is neither.
A modal such as "will" or "can" counts only where another takes its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from monitor.events.pairing import Pair
from monitor.events.reading import Item, Part, Reading, language_between, read
from monitor.events.spelling import is_slip, negates, plain_spelling
from monitor.events.told import Told


@dataclass(frozen=True, slots=True)
class Hedge:
    """`sort` is what it does; `modal`: it is one of will, can, should, must."""

    sort: str
    first: int
    last: int
    modal: bool


_SURE_EVERYWHERE = {
    "not": "not no nor neither none nobody nothing nowhere without nicht kein keine keinen keiner keinem "
    "keines nie niemand ohne weder pas jamais aucun aucune nunca ningún ninguna ninguno não nessun "
    "nessuna nessuno senza niet geen nooit zonder",
    "never": "never niemals",
    "may": "may might could possibly perhaps maybe potentially möglicherweise vielleicht könnte könnten "
    "pourrait pourraient quizá quizás podría podrían posiblemente forse potrebbe potrebbero talvez "
    "poderia poderiam mogelijk misschien eventuell womöglich peut-etre quiza podria podrian",
    "likely": "likely probably presumably probable vermutlich wahrscheinlich probablement probablemente "
    "probabilmente provavelmente waarschijnlijk dürfte dürften",
    "unlikely": "unlikely improbable unwahrscheinlich",
    "alleged": "allegedly alleged purportedly purported supposedly supposed ostensibly accused angeblich "
    "angebliche angeblichen angeblicher mutmaßlich mutmaßliche mutmaßlichen mutmaßlicher présumée "
    "présumés présumées presunto presunta presuntos presuntas presuntamente presunti presunte supuesto "
    "supuesta supuestos supuestas supuestamente suposto suposta supostos supostas supostamente alegado "
    "alegada alegadamente vermeintlich vermeintliche vermeintlichen vermeende prétendu",
    "reported": "reportedly berichten_zufolge",
    "apparent": "apparently apparent seemingly seeming offenbar anscheinend apparemment aparentemente "
    "apparentemente blijkbaar offensichtlich evidently",
    "suspected": "suspected vermeint verdächtigt vermoedelijk vermoedelijke soupçonné sospechoso sospetto suspeito",
    "claimed": "claimed claims claiming",
    "unconfirmed": "unconfirmed unverified unbestätigt unbestätigte non-confirmé",
    "confirmed": "confirmed",
    "hardly": "hardly barely scarcely kaum",
}
_OWN = {
    "de": {"reported": "soll sollen", "likely": "wohl"},
    "fr": {
        "not": "sans ni",
        "suspected": "présumé",
        "may": "peut peuvent",
        "alleged": "aurait auraient serait seraient",
    },
    "es": {"not": "no sin ni", "may": "puede pueden", "alleged": "habría habrían"},
    "it": {"not": "non né mai", "may": "può possono", "alleged": "avrebbe avrebbero sarebbe sarebbero"},
    "pt": {"not": "nem sem nenhum nenhuma", "may": "pode podem", "alleged": "teria teriam"},
    "nl": {"not": "noch", "may": "kan kunnen", "alleged": "zou zouden"},
}
_MODALS = {
    "will": "will would", "can": "can", "should": "should ought", "must": "must shall",
}  # fmt: skip
_PHRASES = {
    ("appears", "to"): "apparent", ("appear", "to"): "apparent", ("appeared", "to"): "apparent",
    ("seems", "to"): "apparent", ("seem", "to"): "apparent", ("seemed", "to"): "apparent",
    ("believed", "to"): "believed", ("thought", "to"): "believed", ("understood", "to"): "believed",
    ("is", "said", "to"): "reported", ("are", "said", "to"): "reported", ("was", "said", "to"): "reported",
    ("were", "said", "to"): "reported", ("reported", "to", "have"): "reported", ("reported", "to",
    "be"): "reported",
    ("so", "called"): "alleged", ("tal", "vez"): "may", ("al", "parecer"): "apparent", ("a", "quanto",
    "pare"): "apparent",
    ("naar", "verluidt"): "reported", ("peut", "etre"): "may", ("believed", "that"): "believed",
    ("expected", "to"): "likely", ("likely", "to"): "likely",
    ("no", "longer"): "no longer", ("nicht", "mehr"): "no longer", ("ne", "plus"): "no longer",
}  # fmt: skip
_CLAUSE = 3  # content words beside the hedge
_SHORT = 4  # words of a change that is about its modal
_RELATIVE = frozenset("who which that where as".split())
_SUBJECTS = frozenset("i you he she it we they one who which that where as if when".split())
_LONG = 8  # plain words, from which on a passage can be another one altogether
_PHRASE_WORDS = frozenset(word for phrase in _PHRASES for word in phrase)
_PHRASE_STARTS = frozenset(phrase[0] for phrase in _PHRASES)


def _table(language: str) -> dict[str, str]:
    words = {word: sort for sort, found in _SURE_EVERYWHERE.items() for word in found.split()}
    if language != "en":
        words["no"] = "not" if language in ("es", "it") else ""
        words.pop("none", None)
        own = _OWN.get(language, {})
        words |= {word: sort for sort, found in own.items() for word in found.split()}
    return {plain_spelling(word, language == "de"): sort for word, sort in words.items() if sort}


_TABLES = {language: _table(language) for language in ("en", *_OWN)}
_MODAL_SORTS = {word: sort for sort, words in _MODALS.items() for word in words.split()}


def hedges(text: str) -> Counter[str]:
    """Hedges and negations of a passage by what they do, modals left out; for comparing two passages."""
    reading = read(text, language_between(text, ""))
    return Counter(hedge.sort for hedge in _found(reading) if not hedge.modal)


def certainty_changes(pair: Pair, told: Told) -> Iterator[tuple[int | None, int | None]]:
    """The first hedge that went and the first that came, outside of quotations, where the hedges of the
    two versions differ; at most once for a passage."""
    if not _may_differ(pair):
        return
    gone = [h for h in _found(pair.before) if _is_free(pair.before.items[h.first], h, told.old)]
    came = [h for h in _found(pair.after) if _is_free(pair.after.items[h.first], h, told.new)]
    left, right = _without(gone, came), _without(came, gone)
    left, right = _no_lone_modals(pair, left, right)
    left = [h for h in left if not (_is_in_clause(pair, h, old=True) or _is_misspelt(pair, h, old=True))]
    right = [h for h in right if not (_is_in_clause(pair, h, old=False) or _is_misspelt(pair, h, old=False))]
    if pair.kept_share < 0.5 and pair.length >= _LONG:
        left = [h for h in left if _stands_in_kept(pair.before.items, pair.partner, h)]
        right = [h for h in right if _stands_in_kept(pair.after.items, pair.back, h)]
    if left or right:
        told.add(_places(left), _places(right))
        yield (left[0].first if left else None), (right[0].first if right else None)
        return
    for change in pair.changes:
        for old, new in zip(change.old, change.new, strict=False):
            if _turns_round(pair.before.items[old], pair.after.items[new]):
                told.add([old], [new])
                yield old, new
                return


def _may_differ(pair: Pair) -> bool:
    """Whether any word that changed can be part of a hedge: most changes hold none."""
    old, new, table = pair.before.items, pair.after.items, _TABLES[pair.before.language]
    for change in pair.changes:
        for items, places in ((old, change.old), (new, change.new)):
            for at in places:
                key = items[at].key
                if key in table or key in _MODAL_SORTS or key in _PHRASE_WORDS:
                    return True
        if len(change.old) == len(change.new) and any(
            map(_turns_round, _at(old, change.old), _at(new, change.new))
        ):
            return True
    return False


def _at(items: Sequence[Item], places: range) -> Sequence[Item]:
    return items[places.start : places.stop]


def _is_free(item: Item, hedge: Hedge, told: set[int]) -> bool:
    """Whether a hedge stands in no quotation and is no part of a name: Doctors Without Borders."""
    return item.quote < 0 and not (item.text[0].isupper() and hedge.first in told)


def _places(found: Sequence[Hedge]) -> Iterator[int]:
    return (at for hedge in found for at in range(hedge.first, hedge.last + 1))


def _turns_round(old: Item, new: Item) -> bool:
    """legal and illegal, outside of quotations."""
    words = isinstance(old.key, str) and isinstance(new.key, str)
    return words and old.quote < 0 and new.quote < 0 and negates(str(old.key), str(new.key))


def _found(reading: Reading) -> Iterator[Hedge]:
    table = _TABLES[reading.language]
    items = reading.items
    at = 0
    while at < len(items):
        key = items[at].key
        if not isinstance(key, str):
            at += 1
            continue
        if key in _PHRASE_STARTS and (phrase := _phrase(items, at)):
            yield Hedge(_PHRASES[phrase], at, at + len(phrase) - 1, False)
            at += len(phrase)
            continue
        if (sort := table.get(key)) and _is_hedge(items, at, key):
            yield Hedge(sort, at, at, False)
        elif sort := _MODAL_SORTS.get(key) if reading.language == "en" else None:
            yield Hedge(sort, at, at, True)
        at += 1


def _phrase(items: Sequence[Item], at: int) -> tuple[str, ...] | None:
    for length in (3, 2):
        words = tuple(str(item.key) for item in items[at : at + length])
        if words in _PHRASES:
            return words
    return None


def _is_hedge(items: Sequence[Item], at: int, key: str) -> bool:
    """Not the month of May, "No. 10", "not only" or somebody's claims."""
    item = items[at]
    before = items[at - 1] if at else None
    after = items[at + 1] if at + 1 < len(items) else None
    if key == "may" and item.text == "May" and at:
        return (
            before is not None and before.text[0].isupper() and after is not None and after.part is Part.WORD
        )
    if key == "no" and after is not None and after.part is Part.FIGURE and "." in after.gap:
        return False
    if key == "not" and after is not None and after.key in ("limited", "only"):
        return False
    if key in ("claims", "claimed", "claiming"):
        follows = after is not None and (
            after.key in _CLAIMED or (after.part is Part.WORD and after.text[0].isupper())
        )
        return follows or (
            key == "claims" and before is not None and before.key in ("he", "she", "it", "who")
        )
    if key == "accused":
        return before is not None and before.key in ("the", "an")
    return True


_CLAIMED = frozenset(
    "to that he she it they the there his her their responsibility it's was were is are had have has we".split()
)


def _without(ours: Sequence[Hedge], theirs: Sequence[Hedge]) -> list[Hedge]:
    """Ours that have no like in theirs; the first ones stay paired."""
    left = Counter(hedge.sort for hedge in theirs)
    rest = []
    for hedge in ours:
        if left[hedge.sort] > 0:
            left[hedge.sort] -= 1
        else:
            rest.append(hedge)
    return rest


def _is_misspelt(pair: Pair, hedge: Hedge, *, old: bool) -> bool:
    """Whether a slip of the pen made that word a negation: nothing for noting."""
    number = pair.change_at(hedge.first, None) if old else pair.change_at(None, hedge.first)
    if number is None or hedge.first != hedge.last:
        return False
    change = pair.changes[number]
    if not len(change.old) == len(change.new) == 1:
        return False
    ours, theirs = str(pair.before.items[change.old_start].key), str(pair.after.items[change.new_start].key)
    return min(len(ours), len(theirs)) > 4 and is_slip(ours, theirs)


def _no_lone_modals(pair: Pair, left: list[Hedge], right: list[Hedge]) -> tuple[list[Hedge], list[Hedge]]:
    """Leave out modals in whose place no other hedge came, where a subject came with them ("you can ...")
    or they only tell the time: "will resign" for "resigns"."""

    gone = [pair.change_at(hedge.first, None) for hedge in left]
    came = [pair.change_at(None, hedge.first) for hedge in right]
    both = set(gone).intersection(came) - {None}
    kept_left = [
        h for h, number in zip(left, gone, strict=True) if number in both or _is_alone(pair, h, old=True)
    ]
    kept_right = [
        h for h, number in zip(right, came, strict=True) if number in both or _is_alone(pair, h, old=False)
    ]
    return kept_left, kept_right


def _is_alone(pair: Pair, hedge: Hedge, *, old: bool) -> bool:
    """Whether a hedge that came or went by itself says something by itself."""
    if not hedge.modal:
        return True
    number = pair.change_at(hedge.first, None) if old else pair.change_at(None, hedge.first)
    if hedge.sort == "will" or number is None:
        return False
    places = pair.changes[number].old if old else pair.changes[number].new
    items = pair.before.items if old else pair.after.items
    return len(places) <= _SHORT and not any(items[at].key in _SUBJECTS for at in places)


def _is_in_clause(pair: Pair, hedge: Hedge, *, old: bool) -> bool:
    """Whether a hedge came or went with a clause of its own, in whose place the other passage has nothing."""
    number = pair.change_at(hedge.first, None) if old else pair.change_at(None, hedge.first)
    if number is None:
        return False
    own, other = pair.clauses[number] if old else pair.clauses[number][::-1]
    items = pair.before.items if old else pair.after.items
    own -= sum(items[at].is_content for at in range(hedge.first, hedge.last + 1))
    places = pair.changes[number].old if old else pair.changes[number].new
    if hedge.sort not in ("not", "never") and other == 0 and any(items[at].key in _RELATIVE for at in places):
        return True  # "who may acquire it"
    return (other == 0 and own >= _CLAUSE) or (other <= 1 and own >= 2 * _CLAUSE)


def _stands_in_kept(items: Sequence[Item], kept: Collection[int], hedge: Hedge) -> bool:
    """Whether the words right beside that hedge stayed, so that it is this that changed."""
    near = [at for at in range(hedge.first - 3, hedge.last + 4) if 0 <= at < len(items) and at != hedge.first]
    content = [at for at in near if items[at].is_content]
    return 2 * sum(at in kept for at in content) >= len(content) and any(at in kept for at in near)
