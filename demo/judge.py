"""Compares what the product recorded to what the newsroom did: every change found, and nothing else.

Every difference is one sentence. It takes records and returns sentences; it reads and prints nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from demo.newsroom import DeskAlert
from demo.nouns import Expected, Fact, Page, Story, Version
from storage.records import Delivery, DeliveryState, Event, LogEntry, Revision, Severity, fold_spaces

UNPAIRED = 2  # what a subject that is missing or too many weighs, in differences
ALERT_FROM = Severity.SUBSTANTIVE  # what the rule in the demo's configuration says


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What was remembered in one run. ``revisions`` is by article id and number."""

    entries: Sequence[LogEntry] = ()
    revisions: Mapping[tuple[int, int], Revision] = field(default_factory=dict)
    deliveries: Sequence[Delivery] = ()
    alerts: Sequence[DeskAlert] = ()

    def of(self, url: str) -> list[LogEntry]:
        return [entry for entry in self.entries if entry.url == url]


def judge(story: Story, base: str, recorded: Recorded) -> list[str]:
    """What differs between script and record; empty where all was found and nothing invented."""
    pages = {base + page.path: page for page in story.pages}
    strangers = sorted({entry.url for entry in recorded.entries} - set(pages))
    return [
        *(f"{url} was recorded, and the newsroom has no such article." for url in strangers),
        *(line for url, page in pages.items() for line in _article(page, recorded.of(url), recorded)),
        *_alerts(recorded),
    ]


# --------------------------------------------------------------------- one article


def _article(page: Page, found: Sequence[LogEntry], recorded: Recorded) -> Iterator[str]:
    """The subjects of one article in the order of the log, against the script's."""
    for wanted, entry in _paired(list(_script(page)), found, recorded):
        if wanted is not None and entry is not None:
            for line in _subject(wanted, entry, recorded):
                yield f"{page.name}, {wanted.name}: {line}"
        elif wanted is not None:
            yield f"{page.name}: {wanted.name} was not found."
        elif entry is not None:
            yield f"{page.name}: {_named(entry)} was recorded, and the newsroom did no such thing."


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """One log entry that has to be there: the first revision, a step's revision, or its state."""

    version: Version
    reasons: tuple[str, ...] = ()
    expected: Expected | None = None
    state: str | None = None

    @property
    def name(self) -> str:
        if self.state is not None:
            return f"state '{self.state}' of step {self.version.step} ({self.version.note})"
        return f"step {self.version.step} ({self.version.note})"


def _script(page: Page) -> Iterator[_Wanted]:
    yield _Wanted(version=page.versions[0], reasons=("baseline" if page.baseline else "first",))
    for version, expected in zip(page.versions[1:], page.expected, strict=True):
        if expected.is_revision:
            yield _Wanted(version=version, reasons=("edit", "revert"), expected=expected)
        for state in expected.states:
            yield _Wanted(version=version, state=state)


def _paired(
    wanted: Sequence[_Wanted], found: Sequence[LogEntry], recorded: Recorded
) -> list[tuple[_Wanted | None, LogEntry | None]]:
    """Both lists in order, paired where they differ least: one entry too many or too few is then one
    difference, and not as many as there are entries after it."""
    cost: dict[tuple[int, int], tuple[int, int, int]] = {}
    for i in range(len(wanted) + 1):
        for j in range(len(found) + 1):
            cost[i, j] = min(_ways(wanted[:i], found[:j], recorded, cost), default=(0, 0, 0))
    pairs: list[tuple[_Wanted | None, LogEntry | None]] = []
    i, j = len(wanted), len(found)
    while i or j:
        _total, back_i, back_j = cost[i, j]
        pairs.append((wanted[i - 1] if back_i else None, found[j - 1] if back_j else None))
        i, j = i - back_i, j - back_j
    return pairs[::-1]


def _ways(
    wanted: Sequence[_Wanted],
    found: Sequence[LogEntry],
    recorded: Recorded,
    cost: Mapping[tuple[int, int], tuple[int, int, int]],
) -> Iterator[tuple[int, int, int]]:
    """What it costs to end with a pair, with a subject not found, or with an entry too many."""
    i, j = len(wanted), len(found)
    if i and j:
        yield cost[i - 1, j - 1][0] + _distance(wanted[-1], found[-1], recorded), 1, 1
    if i:
        yield cost[i - 1, j][0] + UNPAIRED, 1, 0
    if j:
        yield cost[i, j - 1][0] + UNPAIRED, 0, 1


def _distance(wanted: _Wanted, found: LogEntry, recorded: Recorded) -> int:
    """Less than one missing and one too many, where the two can be told of as one at all."""
    if (wanted.state is None) is (found.number is None):
        return 2 * UNPAIRED + 1
    return min(len(list(_subject(wanted, found, recorded))), 2 * UNPAIRED - 1)


def _subject(wanted: _Wanted, found: LogEntry, recorded: Recorded) -> Iterator[str]:
    if wanted.state is not None or found.number is None:
        kinds = [event.kind.value for event in found.events]
        if found.number is not None or kinds != [wanted.state]:
            yield f"instead, {_named(found)} was recorded."
        return
    if found.reason not in wanted.reasons:
        yield f"its reason is '{found.reason}', not '{wanted.reasons[0]}'."
    revision = recorded.revisions.get((found.article_id, found.number))
    if revision is None:
        yield f"revision {found.number} is in the log and not in the archive."
        return
    yield from _text(wanted.version, revision)
    yield from _events(wanted.expected, found)


def _named(entry: LogEntry) -> str:
    if entry.number is None:
        return f"state '{', '.join(event.kind.value for event in entry.events)}'"
    return f"revision {entry.number} ({entry.summary or entry.reason})"


# --------------------------------------------------------------------- its text


def _text(version: Version, revision: Revision) -> Iterator[str]:
    extraction = revision.extraction
    if fold_spaces(extraction.headline or "") != fold_spaces(version.headline):
        yield f"the headline reads '{extraction.headline}', not '{version.headline}'."
    notices = [fold_spaces(notice.text) for notice in version.notices]
    read = [fold_spaces(notice.text) for notice in extraction.notices]
    if Counter(read) != Counter(notices):
        yield f"the notices read {read}, not {notices}."
    paragraphs = [fold_spaces(paragraph.text) for paragraph in extraction.paragraphs]
    body = [text for text in paragraphs if text not in notices]
    yield from _body([fold_spaces(text) for text in version.texts], body)


def _body(served: Sequence[str], read: Sequence[str]) -> Iterator[str]:
    """Paragraph for paragraph; a notice may stand in the text as well and is compared as a notice."""
    if list(served) == list(read):
        return
    for text in (Counter(served) - Counter(read)).elements():
        yield f"this paragraph was served and not read: '{_start(text)}'."
    for text in (Counter(read) - Counter(served)).elements():
        yield f"this paragraph was read and not served: '{_start(text)}'."
    if Counter(served) == Counter(read):
        yield "the paragraphs stand in another order."


def _start(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


# --------------------------------------------------------------------- its events


def _events(expected: Expected | None, found: LogEntry) -> Iterator[str]:
    """Kinds as often as they must be; old and new where the script names them; silent or not."""
    if expected is None:
        return
    kinds = Counter(event.kind.value for event in found.events)
    for kind in (expected.kinds - kinds).elements():
        yield f"the event {kind} is missing."
    for kind in (kinds - expected.kinds).elements():
        yield f"there is an event {kind} too many."
    for fact in expected.facts:
        if kinds[fact.kind] and not any(_agrees(fact, event) for event in found.events):
            yield f"no event {fact.kind} goes from {fact.old!r} to {fact.new!r}."
    if found.silent is not expected.silent:
        yield "it is called silent, and readers were told." if found.silent else "it is not called silent."


def _agrees(fact: Fact, event: Event) -> bool:
    return (
        fact.kind == event.kind.value
        and (fact.old is None or _bare(fact.old) == _bare(event.old))
        and (fact.new is None or _bare(fact.new) == _bare(event.new))
    )


def _bare(text: str | None) -> str:
    """Without the marks that may stand around a quotation."""
    return fold_spaces(text or "").strip(" \"'“”‘’,")


# --------------------------------------------------------------------- who was told


def _alerts(recorded: Recorded) -> Iterator[str]:
    """One alert at the desk for every grave enough subject, and no delivery left lying."""
    grave = Counter(
        (entry.url, entry.number, entry.reason)
        for entry in recorded.entries
        if entry.severity is not None and entry.severity >= ALERT_FROM
    )
    told = Counter(_about(alert) for alert in recorded.alerts)
    for url, number, reason in (grave - told).elements():
        yield f"the desk was not told of {_subject_name(url, number, reason)}."
    for url, number, reason in (told - grave).elements():
        yield f"the desk was told once too often of {_subject_name(url, number, reason)}."
    for delivery in recorded.deliveries:
        if delivery.state is not DeliveryState.DELIVERED:
            yield f"delivery {delivery.id} is {delivery.state.value}: {delivery.error or 'not sent yet'}."


def _about(alert: DeskAlert) -> tuple[str, int | None, str]:
    content = alert.content
    return str(content.get("article")), content.get("revision"), str(content.get("reason"))


def _subject_name(url: str, number: int | None, reason: str) -> str:
    return f"'{reason}' of {url}" if number is None else f"revision {number} of {url}"
