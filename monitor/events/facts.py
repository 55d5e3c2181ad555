"""What became of one sentence: its figures, its quotations, its hedges; its wording where none changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from monitor.compare import is_number, normalise, tokens
from monitor.compare.words import figure
from monitor.events.likeness import is_style, is_typo
from storage.records import (
    Event,
    EventKind,
    Severity,
)

_CERTAINTY = frozenset(
    "not no never cannot neither nor none without alleged allegedly apparently reportedly reported may might could "
    "possibly perhaps probably likely unlikely suspected claimed unconfirmed confirmed nicht kein keine "
    "angeblich mutmaßlich möglicherweise pas jamais présumé peut no nunca presunto supuestamente non mai "
    "presunti não nunca suposto alegadamente".split()
)
_QUOTED = re.compile(r'"([^"]{2,600})"|„([^"“”„]{2,600})["“”]')
_ONES = ("one", "zero")


def sentence_events(before: str, after: str, where: str) -> Iterator[Event]:
    """What became of one sentence, as the facts that changed in it; as wording where none did."""
    facts = [*number_events(before, after, where), *_quote_events(before, after, where)]
    if hedges(_unquoted(before)) != hedges(_unquoted(after)):
        facts.append(_event(EventKind.CERTAINTY_CHANGED, Severity.SUBSTANTIVE, before, after, where))
    if facts:
        yield from facts
    elif is_style(before, after):
        yield _event(EventKind.STYLE_CHANGED, Severity.COSMETIC, before, after, where)
    elif is_typo(before, after):
        yield _event(EventKind.TYPO_FIXED, Severity.COSMETIC, before, after, where)
    else:
        yield _event(EventKind.SENTENCE_REWRITTEN, Severity.MINOR, before, after, where)


def number_events(before: str, after: str, where: str) -> Iterator[Event]:
    """Figures that went and came, paired place by place where nothing else changed, or else in the
    order in which they stand. "One" counts where it pairs with another figure."""
    with_ones = _exchanged(figures(before), figures(after))
    left, right = _exchanged(figures(before, _ONES), figures(after, _ONES))
    if len(left) != len(right) and len(with_ones[0]) == len(with_ones[1]):
        left, right = with_ones
    for old, new in _changed_in_place(before, after) or zip_longest(left, right):
        yield _event(EventKind.NUMBER_CHANGED, Severity.SUBSTANTIVE, old, new, where)


def figures(text: str, without: Sequence[str] = ()) -> list[tuple[str, float | str]]:
    """Number tokens with what they stand for."""
    found = tokens(normalise(text))
    return [(token, figure(token)) for token in found if is_number(token) and token.lower() not in without]


def _exchanged(
    gone: list[tuple[str, float | str]], came: list[tuple[str, float | str]]
) -> tuple[list[str], list[str]]:
    stay = Counter(value for _t, value in gone) & Counter(value for _t, value in came)
    return _without(gone, stay), _without(came, stay)


def _changed_in_place(before: str, after: str) -> list[tuple[str, str]]:
    """Figures that differ at the same place of a sentence that is otherwise the same: "3-2" and "2-3",
    "$5m" and "$5bn", "5%" and "5"."""
    old, new = tokens(normalise(before)), tokens(normalise(after))
    if ["#" if is_number(t) else t for t in old] != ["#" if is_number(t) else t for t in new]:
        return []
    return [(a, b) for a, b in zip(old, new, strict=True) if is_number(a) and _quantity(a) != _quantity(b)]


def _quantity(token: str) -> tuple[float | str, str]:
    """A figure with its unit: currency, percent, million."""
    unit = re.sub(r"US(?=\$)|[\d.,:/]|(?<=\d)(?:st|nd|rd|th)\b", "", token)
    return figure(token), unit if any(c.isdigit() for c in token) else ""


def _without(found: list[tuple[str, float | str]], stay: Counter[float | str]) -> list[str]:
    left = Counter(stay)
    rest = []
    for token, value in found:
        if left[value] > 0:
            left[value] -= 1
        else:
            rest.append(token)
    return rest


def _quote_events(before: str, after: str, where: str) -> Iterator[Event]:
    """Words inside quotation marks that changed, went or came."""
    gone, came = quotes(before), quotes(after)
    stay = Counter(gone) & Counter(came)
    left = list((Counter(gone) - stay).elements())
    right = list((Counter(came) - stay).elements())
    for old, new in zip_longest(left, right):
        yield _event(EventKind.QUOTE_CHANGED, Severity.SUBSTANTIVE, old, new, where)


def quotes(text: str) -> list[str]:
    found = [(a or b).strip(" ,.;") for a, b in _QUOTED.findall(normalise(text))]
    return [quote for quote in found if len(quote.split()) > 1]


def _unquoted(text: str) -> str:
    return _QUOTED.sub(" ", normalise(text))


def hedges(text: str) -> Counter[str]:
    """Hedges and negations by name; a short form of "not" is "not", and the month of May is no hedge."""
    words = [token for token in tokens(normalise(text)) if token[0].isalnum()]
    found: Counter[str] = Counter()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        said = word.lower()
        if word == "Mai" or (word == "May" and (before.islower() or is_number(before) or is_number(after))):
            continue
        if said == "cannot" or said.endswith("n't"):
            found["not"] += 1
        elif said in _CERTAINTY:
            found[said] += 1
    return found


def _event(kind: EventKind, severity: Severity, old: str | None, new: str | None, where: str) -> Event:
    return Event(kind=kind, severity=severity, old=old, new=new, where=where)
