"""What became of one sentence: the facts that changed in it, in the order of the text; its wording where none did.

Figures, dates, quotations, names, sources and hedges are each compared as what they are. Inside
quotation marks everything is the quotation's. What only the way of writing changed is style.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from monitor.events.attribution import Source, SourceChange, source_changes
from monitor.events.certainty import certainty_changes, hedges
from monitor.events.date_changes import date_changes
from monitor.events.dateline import split_dateline
from monitor.events.figure_changes import figure_changes
from monitor.events.house import UNKNOWN, HouseStyle
from monitor.events.likeness import is_slight, key, only_slips
from monitor.events.markup import unmarked, without_numbering
from monitor.events.names import Name, is_title, name_changes
from monitor.events.pairing import Pair, paired
from monitor.events.quote_changes import quote_changes
from monitor.events.reading import Part, Reading, language_between, read
from monitor.events.told import Fact, Told
from storage.records import Event, EventKind, Severity, fold_spaces

__all__ = ["hedges", "number_events", "sentence_events"]

_CLAUSE = 4  # content words that make a clause with something new in it
_BESIDE = 3  # content words that the facts of a sentence do not explain


def sentence_events(
    before: str,
    after: str,
    where: str,
    *,
    style: HouseStyle = UNKNOWN,
    inside: tuple[bool, bool] = (False, False),
) -> Iterator[Event]:
    """What became of one sentence. `style` is what both whole texts tell about spelling; `inside`: the
    old and the new one begin within a quotation (see ``quotes.begin_inside``)."""
    if fold_spaces(before) == fold_spaces(after):
        return
    (old, old_links), (new, new_links) = unmarked(before), unmarked(after)
    old, new = without_numbering(old, new)
    (old_line, old), (new_line, new) = split_dateline(old), split_dateline(new)
    old_line, old = _same_dateline(old_line, old, new_line)
    new_line, new = _same_dateline(new_line, new, old_line)
    language = language_between(old, new)
    pair = paired(
        read(old, language, inside=inside[0]), read(new, language, same=style.exchanged, inside=inside[1])
    )
    told = Told()
    facts = _facts(pair, told, style)
    facts += _links(pair, old_links, new_links)
    if key(old_line or "") != key(new_line or ""):
        facts.insert(0, Fact(EventKind.DATELINE_CHANGED, Severity.MINOR, old_line, new_line, (-1, -1)))
    yield from (_event(fact, where) for fact in facts)
    kind, severity = _wording(pair, told, facts)
    if kind is not None:
        yield Event(kind=kind, severity=severity, old=before, new=after, where=where)


def _same_dateline(line: str | None, text: str, other: str | None) -> tuple[str | None, str]:
    """The dateline of the other version, where this one has it too but for its dash."""
    if line is None and other is not None and text.startswith(f"{other} "):
        return other, text[len(other) :]
    return line, text


def number_events(before: str, after: str, where: str) -> Iterator[Event]:
    """The figures that differ between two passages, in quotations too: in a headline, for one."""
    language = language_between(before, after)
    pair = paired(read(before, language), read(after, language))
    yield from (_event(fact, where) for fact in _in_order(figure_changes(pair, Told(), quoted=True)))


def _event(fact: Fact, where: str) -> Event:
    return Event(kind=fact.kind, severity=fact.severity, old=fact.old, new=fact.new, where=where)


def _once(facts: list[Fact]) -> list[Fact]:
    """Each fact once, though it stands in two places."""
    return list({(fact.kind, fact.old, fact.new): fact for fact in reversed(facts)}.values())[::-1]


def _in_order(facts: Iterator[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: fact.place)


def _facts(pair: Pair, told: Told, style: HouseStyle) -> list[Fact]:
    """The facts that differ, each told once, in the order of the text."""

    def found() -> Iterator[Fact]:
        yield from quote_changes(pair, told)
        sources = list(_sources(pair, told))
        yield from figure_changes(pair, told)
        yield from date_changes(pair, told)
        yield from sources
        yield from _names(pair, told, style)
        yield from _certainty(pair, told)
        yield from _codes(pair, told)

    return _once(_in_order(found())) if pair.changes or _marks_differ(pair) else []


def _marks_differ(pair: Pair) -> bool:
    """Whether words are the same but stand in other quotations, or in none."""
    old, new = pair.before.items, pair.after.items
    return any((old[i].quote < 0) != (new[j].quote < 0) for i, j in pair.partner.items())


def _sources(pair: Pair, told: Told) -> Iterator[Fact]:
    """Sources that differ; of a quotation that is otherwise the same, as its speaker."""
    quoted = _has_same_quotation(pair)
    for change in source_changes(pair):
        old, new = change.old, change.new
        if _only_names_respelt(pair, change):
            continue
        told.add(_items(old), _items(new))
        if change.same:
            told.reworded = True
            continue
        speaks = quoted and old is not None and new is not None
        place = pair.place(old.first if old else None, new.first if new else None)
        texts = (
            _source_text(pair.before, old, alone=new is None),
            _source_text(pair.after, new, alone=old is None),
        )
        kind = EventKind.QUOTE_CHANGED if speaks else EventKind.ATTRIBUTION_CHANGED
        yield Fact(kind, Severity.SUBSTANTIVE, *texts, place)


def _has_same_quotation(pair: Pair) -> bool:
    old, new = pair.before.items, pair.after.items
    kept = sum(old[i].quote >= 0 and new[j].quote >= 0 for i, j in pair.partner.items())
    return kept > 2


def _only_names_respelt(pair: Pair, change: SourceChange) -> bool:
    """Whether the two sources are one, spelt otherwise: that is told as a name or a slip."""
    if change.old is None or change.new is None:
        return False
    ours = [str(pair.before.items[at].key) for at in range(change.old.first, change.old.last + 1)]
    theirs = [str(pair.after.items[at].key) for at in range(change.new.first, change.new.last + 1)]
    return len(ours) == len(theirs) and all(is_slight(a, b) for a, b in zip(ours, theirs, strict=True))


def _items(source: Source | None) -> range:
    if source is None:
        return range(0)
    return range(min(source.first, source.verb), max(source.last, source.verb_last) + 1)


def _source_text(reading: Reading, source: Source | None, *, alone: bool) -> str | None:
    """Who says it; with the words that say so where nobody stood in that place."""
    if source is None:
        return None
    places = _items(source) if alone else range(source.first, source.last + 1)
    return reading.shown(places[0], places[-1])


def _names(pair: Pair, told: Told, style: HouseStyle) -> Iterator[Fact]:
    for change in list(name_changes(pair, style, told.old, told.new)):
        old, new = change.old, change.new
        if change.typo:
            continue
        told.add(_named(old), _named(new))
        if change.same:
            continue
        texts = _name_text(pair.before, old), _name_text(pair.after, new)
        place = pair.place(old.first if old else None, new.first if new else None)
        yield Fact(EventKind.NAME_CHANGED, Severity.SUBSTANTIVE, *texts, place)


def _named(name: Name | None) -> range:
    return range(name.first, name.last + 1) if name is not None else range(0)


def _name_text(reading: Reading, name: Name | None) -> str | None:
    return reading.shown(name.first, name.last) if name is not None else None


def _certainty(pair: Pair, told: Told) -> Iterator[Fact]:
    for old, new in certainty_changes(pair, told):
        texts = fold_spaces(pair.before.text), fold_spaces(pair.after.text)
        yield Fact(EventKind.CERTAINTY_CHANGED, Severity.SUBSTANTIVE, *texts, pair.place(old, new))


def _codes(pair: Pair, told: Told) -> Iterator[Fact]:
    """Words with digits in them that no other fact has told: a changed digit is never wording."""
    for change in pair.changes:
        old = [at for at in change.old if at not in told.old and _has_digit(pair.before, at)]
        new = [at for at in change.new if at not in told.new and _has_digit(pair.after, at)]
        if not (old and new):  # what stands elsewhere in the other version only moved
            old = [at for at in old if pair.before.items[at].key not in pair.after.words]
            new = [at for at in new if pair.after.items[at].key not in pair.before.words]
        for a, b in zip_longest(old, new):
            told.add([] if a is None else [a], [] if b is None else [b])
            texts = _item_text(pair.before, a), _item_text(pair.after, b)
            yield Fact(EventKind.NUMBER_CHANGED, Severity.SUBSTANTIVE, *texts, pair.place(a, b))


def _has_digit(reading: Reading, at: int) -> bool:
    item = reading.items[at]
    return item.part is Part.WORD and any(letter.isdigit() for letter in item.text)


def _item_text(reading: Reading, at: int | None) -> str | None:
    return None if at is None else reading.items[at].text


def _links(pair: Pair, old: tuple[str, ...], new: tuple[str, ...]) -> list[Fact]:
    """Links in the markup or bare in the text whose target differs, that were put on or taken off."""
    ours = [*old, *(item.text for item in pair.before.items if item.part is Part.LINK)]
    theirs = [*new, *(item.text for item in pair.after.items if item.part is Part.LINK)]
    if ours == theirs:
        return []
    former, present = frozenset(ours), frozenset(theirs)
    gone = [link for link in ours if link not in present]
    came = [link for link in theirs if link not in former]
    if not gone and not came:
        return []
    texts = ", ".join(gone) or None, ", ".join(came) or None
    return [Fact(EventKind.LINK_CHANGED, Severity.MINOR, *texts, (len(pair.changes), 0))]


def _wording(pair: Pair, told: Told, facts: list[Fact]) -> tuple[EventKind | None, Severity]:
    """What to call the rest of the difference: style, slips, or another wording, light or weighty."""
    old, new = _untold(pair, told)
    if not facts:
        if not pair.changes or _is_all_told(pair, told):
            return EventKind.STYLE_CHANGED, Severity.COSMETIC
        if only_slips(pair):
            return EventKind.TYPO_FIXED, Severity.COSMETIC
        return EventKind.SENTENCE_REWRITTEN, _weight(pair, old, new)
    if max(len(old), len(new)) >= _BESIDE:
        return EventKind.SENTENCE_REWRITTEN, _weight(pair, old, new)
    return None, Severity.COSMETIC


def _is_all_told(pair: Pair, told: Told) -> bool:
    """Whether nothing differs but how a name is given: with its title, its forename, its initials."""
    if told.reworded:
        return False
    old = [pair.before.items[at] for c in pair.changes for at in c.old if at not in told.old]
    new = [pair.after.items[at] for c in pair.changes for at in c.new if at not in told.new]
    return all(is_title(item) for item in (*old, *new))


def _untold(pair: Pair, told: Told) -> tuple[list[int], list[int]]:
    """Content words of the old passage and of the new one that changed and that no fact has told."""
    old = [
        at for c in pair.changes for at in c.old if at not in told.old and pair.before.items[at].is_content
    ]
    new = [at for c in pair.changes for at in c.new if at not in told.new and pair.after.items[at].is_content]
    return old, new


def _weight(pair: Pair, old: list[int], new: list[int]) -> Severity:
    """Substantive where one side says a clause more than the other at some place."""
    more = Counter(pair.change_at(at, None) for at in old)
    more.subtract(pair.change_at(None, at) for at in new)
    return Severity.SUBSTANTIVE if any(abs(count) >= _CLAUSE for count in more.values()) else Severity.MINOR
