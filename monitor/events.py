"""assess(): a Diff into typed events, a severity, whether it was disclosed, and a summary.

Facts are compared as facts: figures as figures, quotations as quotations, hedges and negations by
name. A difference that is none of these is a rewritten sentence, a typing error or a matter of
style. Pure, and without opinion on who should be told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from rapidfuzz.distance import Levenshtein

from monitor.compare import is_number, normalise, tokens
from monitor.compare.diff import word_hunks
from monitor.compare.words import figure
from storage.records import (
    Aligned,
    Assessment,
    Diff,
    Disclosure,
    Event,
    EventKind,
    Extraction,
    HunkOp,
    Notice,
    NoticeKind,
    ParagraphKind,
    SentenceOp,
    Severity,
    fold_spaces,
)

_CERTAINTY = frozenset(
    "not no never cannot neither nor none without alleged allegedly apparently reportedly reported may might could "
    "possibly perhaps probably likely unlikely suspected claimed unconfirmed confirmed nicht kein keine "
    "angeblich mutmaßlich möglicherweise pas jamais présumé peut no nunca presunto supuestamente non mai "
    "presunti não nunca suposto alegadamente".split()
)
_QUOTED = re.compile(r'"([^"]{2,600})"|„([^"“”„]{2,600})["“”]')
_DISCLOSING = frozenset({EventKind.NOTICE_ADDED, EventKind.NOTICE_CHANGED})
_ONES = ("one", "zero")
_NUMERALS = "no one two three four five six seven eight nine ten".split()


def assess(diff: Diff) -> Assessment:
    """What that diff means. No events: nothing changed that a reader or an editor would call a change."""
    found: tuple[Event, ...] = (*_field_events(diff), *_notice_events(diff), *_text_events(diff))
    if not found and diff.old.text_digest != diff.new.text_digest:
        found = (Event(kind=EventKind.STYLE_CHANGED, severity=Severity.COSMETIC, where="article"),)
    severity = max((event.severity for event in found), default=Severity.COSMETIC)
    disclosure = _disclosure(diff, found, severity)
    return Assessment(
        events=found, severity=severity, disclosure=disclosure, summary=_summary(found, disclosure)
    )


def _disclosure(diff: Diff, found: Sequence[Event], severity: Severity) -> Disclosure:
    notice = any(event.kind in _DISCLOSING for event in found)
    moved = None
    if diff.new.modified_at is not None and not diff.old.plain:
        moved = diff.new.modified_at != diff.old.modified_at
    silent = not notice and not moved and severity >= Severity.SUBSTANTIVE
    return Disclosure(notice_changed=notice, modified_moved=moved, silent=silent)


# ---------------------------------------------------------------------- headline, byline, standfirst


def _field_events(diff: Diff) -> Iterator[Event]:
    old, new = diff.old, diff.new
    if _differ(old.headline, new.headline) and (old.headline or not old.plain):
        yield _headline_event(old.headline, new.headline)
    if old.plain or new.plain:
        return  # plain text knows no more fields than the headline
    if _differ(old.standfirst, new.standfirst):
        yield Event(
            kind=EventKind.STANDFIRST_CHANGED,
            severity=Severity.MINOR,
            old=old.standfirst,
            new=new.standfirst,
            where="standfirst",
        )
    before, after = ", ".join(old.byline), ", ".join(new.byline)
    if _differ(before, after):
        yield Event(
            kind=EventKind.BYLINE_CHANGED,
            severity=Severity.MINOR,
            old=before or None,
            new=after or None,
            where="byline",
        )


def _headline_event(old: str | None, new: str | None) -> Event:
    numbers = list(_number_events(old or "", new or "", "headline"))
    if numbers or _hedges(old or "") != _hedges(new or ""):
        severity = Severity.CRITICAL
    elif _is_style(old or "", new or ""):
        severity = Severity.COSMETIC
    else:
        severity = Severity.SUBSTANTIVE
    return Event(kind=EventKind.HEADLINE_CHANGED, severity=severity, old=old, new=new, where="headline")


# ---------------------------------------------------------------------- notices


def _notice_events(diff: Diff) -> Iterator[Event]:
    old, new = list(diff.old.notices), list(diff.new.notices)
    if diff.old.plain or diff.new.plain:  # plain text shows only what stands in the text itself
        old, new = _in_text(old, diff.old), _in_text(new, diff.new)
    dropped = [n for n in old if not any(_same_notice(n, other) for other in new)]
    added = [n for n in new if not any(_same_notice(n, other) for other in old)]
    for notice in list(added):
        before = next((n for n in dropped if n.kind is notice.kind), None)
        if before is not None:
            dropped.remove(before)
            added.remove(notice)
            yield _notice_event(EventKind.NOTICE_CHANGED, notice, before, notice)
    for notice in added:
        yield _notice_event(EventKind.NOTICE_ADDED, notice, None, notice)
    for notice in dropped:
        yield _notice_event(EventKind.NOTICE_DROPPED, notice, notice, None)


def _notice_event(kind: EventKind, about: Notice, old: Notice | None, new: Notice | None) -> Event:
    grave = about.kind in (NoticeKind.CORRECTION, NoticeKind.EDITORS_NOTE, NoticeKind.CLARIFICATION)
    return Event(
        kind=kind,
        severity=Severity.CRITICAL if grave else Severity.MINOR,
        old=old.text if old else None,
        new=new.text if new else None,
        where=f"notice {about.kind}",
    )


def _same_notice(one: Notice, other: Notice) -> bool:
    return one.kind is other.kind and _key(one.text) == _key(other.text)


def _in_text(notices: Iterable[Notice], extraction: Extraction) -> list[Notice]:
    text = _key(extraction.text)
    return [notice for notice in notices if _key(notice.text) in text]


# ---------------------------------------------------------------------- the text


def _text_events(diff: Diff) -> Iterator[Event]:
    old, new = _Side(diff.old, diff.old_sentences), _Side(diff.new, diff.new_sentences)
    added = {j for group in diff.sentences if group.op is SentenceOp.ADD for j in group.new}
    deleted = {i for group in diff.sentences if group.op is SentenceOp.DELETE for i in group.old}
    told: set[tuple[str, int]] = set()
    for group in diff.sentences:
        if group.op is SentenceOp.KEEP:
            continue
        if group.op is SentenceOp.ADD:
            yield from _one_sided(new, group.new[0], added, told, EventKind.PARAGRAPH_ADDED)
        elif group.op is SentenceOp.DELETE:
            yield from _one_sided(old, group.old[0], deleted, told, EventKind.PARAGRAPH_REMOVED)
        else:
            yield from _edited(old, new, group, told)


class _Side:
    """One text of a diff: which paragraph each sentence stands in, and which are told elsewhere."""

    def __init__(self, extraction: Extraction, sentences: Sequence[str]) -> None:
        self.sentences = sentences
        self.paragraph: list[int] = []
        self.members: dict[int, list[int]] = {}
        number = 0
        for place, sentence in enumerate(sentences):
            self.paragraph.append(number)
            self.members.setdefault(number, []).append(place)
            number += "\n" in sentence[len(sentence.rstrip()) :]
        self._notices = [_key(notice.text) for notice in extraction.notices]
        self._headline = _key(extraction.headline or "") if extraction.plain else ""
        self._kinds = [] if extraction.whole is not None else [p.kind for p in extraction.paragraphs]

    def told_elsewhere(self, place: int) -> bool:
        """A notice is told as a notice, and a plain text's headline as a headline."""
        key = _key(self.text(self.paragraph[place]))
        is_headline = self.paragraph[place] == 0 and key == self._headline
        return is_headline or any(key == notice for notice in self._notices if key)

    def text(self, paragraph: int) -> str:
        return fold_spaces("".join(self.sentences[place] for place in self.members[paragraph]))

    def is_caption(self, place: int) -> bool:
        paragraph = self.paragraph[place]
        return paragraph < len(self._kinds) and self._kinds[paragraph] is ParagraphKind.CAPTION

    def where(self, place: int) -> str:
        return f"paragraph {self.paragraph[place] + 1}"


def _one_sided(
    side: _Side, place: int, changed: set[int], told: set[tuple[str, int]], kind: EventKind
) -> Iterator[Event]:
    """A sentence that was added or removed: its whole paragraph once, where all of it was."""
    if side.told_elsewhere(place):
        return
    paragraph = side.paragraph[place]
    whole = all(member in changed for member in side.members[paragraph])
    if whole and (kind, paragraph) in told:
        return
    told.add((kind, paragraph))
    text = side.text(paragraph) if whole else fold_spaces(side.sentences[place])
    came = kind is EventKind.PARAGRAPH_ADDED
    if side.is_caption(place):
        kind = EventKind.CAPTION_CHANGED
    elif not whole:
        kind = EventKind.SENTENCE_REWRITTEN
    severity = Severity.MINOR if kind is EventKind.CAPTION_CHANGED else Severity.SUBSTANTIVE
    old, new = (None, text) if came else (text, None)
    yield Event(kind=kind, severity=severity, old=old, new=new, where=side.where(place))


def _edited(old: _Side, new: _Side, group: Aligned, told: set[tuple[str, int]]) -> Iterator[Event]:
    if old.told_elsewhere(group.old[0]) or new.told_elsewhere(group.new[0]):
        return
    where = new.where(group.new[0])
    before = fold_spaces("".join(old.sentences[i] for i in group.old))
    after = fold_spaces("".join(new.sentences[j] for j in group.new))
    if group.op is SentenceOp.MOVE:
        paragraph = new.paragraph[group.new[0]]
        if ("moved", paragraph) not in told:
            told.add(("moved", paragraph))
            yield Event(
                kind=EventKind.PARAGRAPH_MOVED,
                severity=Severity.MINOR,
                old=old.where(group.old[0]),
                new=where,
                where=where,
            )
    if before == after:
        return
    if new.is_caption(group.new[0]):
        yield Event(
            kind=EventKind.CAPTION_CHANGED, severity=Severity.MINOR, old=before, new=after, where=where
        )
        return
    yield from _sentence_events(before, after, where)


def _sentence_events(before: str, after: str, where: str) -> Iterator[Event]:
    """What became of one sentence, as the facts that changed in it; as wording where none did."""
    facts = [*_number_events(before, after, where), *_quote_events(before, after, where)]
    if _hedges(_unquoted(before)) != _hedges(_unquoted(after)):
        facts.append(_event(EventKind.CERTAINTY_CHANGED, Severity.SUBSTANTIVE, before, after, where))
    if facts:
        yield from facts
    elif _is_style(before, after):
        yield _event(EventKind.STYLE_CHANGED, Severity.COSMETIC, before, after, where)
    elif _is_typo(before, after):
        yield _event(EventKind.TYPO_FIXED, Severity.COSMETIC, before, after, where)
    else:
        yield _event(EventKind.SENTENCE_REWRITTEN, Severity.MINOR, before, after, where)


def _number_events(before: str, after: str, where: str) -> Iterator[Event]:
    """Figures that went and came, paired place by place where nothing else changed, or else in the
    order in which they stand. "One" counts where it pairs with another figure."""
    with_ones = _exchanged(_figures(before), _figures(after))
    left, right = _exchanged(_figures(before, _ONES), _figures(after, _ONES))
    if len(left) != len(right) and len(with_ones[0]) == len(with_ones[1]):
        left, right = with_ones
    for old, new in _changed_in_place(before, after) or zip_longest(left, right):
        yield _event(EventKind.NUMBER_CHANGED, Severity.SUBSTANTIVE, old, new, where)


def _figures(text: str, without: Sequence[str] = ()) -> list[tuple[str, float | str]]:
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
    gone, came = _quotes(before), _quotes(after)
    stay = Counter(gone) & Counter(came)
    left = list((Counter(gone) - stay).elements())
    right = list((Counter(came) - stay).elements())
    for old, new in zip_longest(left, right):
        yield _event(EventKind.QUOTE_CHANGED, Severity.SUBSTANTIVE, old, new, where)


def _quotes(text: str) -> list[str]:
    found = [(a or b).strip(" ,.;") for a, b in _QUOTED.findall(normalise(text))]
    return [quote for quote in found if len(quote.split()) > 1]


def _unquoted(text: str) -> str:
    return _QUOTED.sub(" ", normalise(text))


def _hedges(text: str) -> Counter[str]:
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


def _is_style(before: str, after: str) -> bool:
    """Equal but for spaces, marks, capitals and how a figure is written."""
    return _key(_in_figures(before)) == _key(_in_figures(after))


def _in_figures(text: str) -> str:
    return "".join(str(figure(t)) if is_number(t) else t for t in tokens(normalise(text)))


def _is_typo(before: str, after: str) -> bool:
    """Nothing but single words that became nearly the same word."""
    changes = [hunk for hunk in word_hunks(before, after) if hunk.op is not HunkOp.KEEP]
    return all(_nearly(hunk.old, hunk.new) for hunk in changes)


def _nearly(old: str, new: str) -> bool:
    old, new = _key(old), _key(new)
    if old == new:
        return True
    single = len(old.split()) == 1 and len(new.split()) == 1
    return single and min(len(old), len(new)) > 3 and Levenshtein.distance(old, new) <= 2


def _event(kind: EventKind, severity: Severity, old: str | None, new: str | None, where: str) -> Event:
    return Event(kind=kind, severity=severity, old=old, new=new, where=where)


def _differ(old: str | None, new: str | None) -> bool:
    return fold_spaces(old or "") != fold_spaces(new or "")


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", normalise(text)).strip().lower()


# ---------------------------------------------------------------------- in plain sentences


def _summary(found: Sequence[Event], disclosure: Disclosure) -> str:
    """One or two plain sentences put together from the events."""
    if not found:
        return "Nothing changed."
    parts = [*_headline_words(found), *_fact_words(found), *_paragraph_words(found), *_notice_words(found)]
    if not parts:
        cosmetic = all(event.severity is Severity.COSMETIC for event in found)
        parts = ["Only spelling or style changed" if cosmetic else "The wording changed"]
    if disclosure.silent:
        parts.append("No notice was published")
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def _headline_words(found: Sequence[Event]) -> Iterator[str]:
    kinds = {event.kind for event in found}
    for kind, words in (
        (EventKind.HEADLINE_CHANGED, "headline changed"),
        (EventKind.STANDFIRST_CHANGED, "standfirst changed"),
        (EventKind.BYLINE_CHANGED, "byline changed"),
    ):
        if kind in kinds:
            yield words


def _fact_words(found: Sequence[Event]) -> Iterator[str]:
    numbers = [event for event in found if event.kind is EventKind.NUMBER_CHANGED]
    for event in numbers[:3]:
        old, new = (text.lower() if text and text.isalpha() else text for text in (event.old, event.new))
        if old and new:
            yield f"{old} became {new}"
        else:
            yield f"the figure {old} was dropped" if old else f"the figure {new} was added"
    if len(numbers) > 3:
        yield f"{_numeral(len(numbers) - 3)} more figure{'s' if len(numbers) > 4 else ''} changed"
    for kind, one, more in (
        (EventKind.QUOTE_CHANGED, "a quotation changed", "quotations changed"),
        (EventKind.CERTAINTY_CHANGED, "a hedge or a negation changed", "hedges or negations changed"),
        (EventKind.SENTENCE_REWRITTEN, "a sentence was rewritten", "sentences were rewritten"),
        (EventKind.CAPTION_CHANGED, "a caption changed", "captions changed"),
    ):
        count = sum(event.kind is kind for event in found)
        if count:
            yield one if count == 1 else f"{_numeral(count)} {more}"


def _paragraph_words(found: Sequence[Event]) -> Iterator[str]:
    for kind, verb in (
        (EventKind.PARAGRAPH_ADDED, "added"),
        (EventKind.PARAGRAPH_REMOVED, "removed"),
        (EventKind.PARAGRAPH_MOVED, "moved"),
    ):
        count = sum(event.kind is kind for event in found)
        if count:
            yield f"{_numeral(count)} paragraph{'s' if count > 1 else ''} {verb}"


def _notice_words(found: Sequence[Event]) -> Iterator[str]:
    verbs = {
        EventKind.NOTICE_ADDED: "put on",
        EventKind.NOTICE_CHANGED: "reworded",
        EventKind.NOTICE_DROPPED: "dropped",
    }
    for event in found:
        if event.kind in verbs:
            kind = (
                event.where.removeprefix("notice ")
                .replace("editors_note", "editor's note")
                .replace("breaking", "breaking-news")
            )
            article = "an" if kind.startswith(("editor", "update")) else "a"
            what = kind if kind in ("correction", "clarification", "editor's note") else f"{kind} notice"
            yield f"{article if verbs[event.kind] == 'put on' else 'the'} {what} was {verbs[event.kind]}"


def _numeral(count: int) -> str:
    return _NUMERALS[count] if count < len(_NUMERALS) else str(count)
