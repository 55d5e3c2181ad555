"""weigh(): what changed between two extractions and what it means, in one step; and coarsely, where that
cannot be found out.

Pure. Knows neither how texts are compared nor what events there are; refuses to know how long it may take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.compare import compare
from monitor.events import assess
from storage.records import Assessment, Diff, Event, EventKind, Extraction, Severity, WordCount


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What a difference means, and its words. No events: nothing changed that anybody would call a change."""

    assessment: Assessment
    words: WordCount


_LONGEST_FIELD = 2000

Weigh = Callable[[Extraction, Extraction], Weighed]
Compared = Callable[[Extraction, Extraction], tuple[Diff, Assessment]]


def weigh(old: Extraction, new: Extraction) -> Weighed:
    diff = compare(old, new)
    return Weighed(assessment=assess(diff), words=diff.words)


def compared(old: Extraction, new: Extraction) -> tuple[Diff, Assessment]:
    """The difference itself, as it is shown, and what it means."""
    diff = compare(old, new)
    return diff, assess(diff)


def coarsely(old: Extraction, new: Extraction) -> Weighed:
    """The same for two texts that cannot be compared in time: that the text was rewritten, all of it, and how
    the headline and the other short fields changed. Says of no outlet that it kept silent.

    The same two texts always give the same; what it takes grows with their length and no faster.
    """
    fields = weigh(_without_text(old), _without_text(new)).assessment
    rewritten = Event(kind=EventKind.SENTENCE_REWRITTEN, severity=Severity.SUBSTANTIVE, where="article")
    events = (*fields.events, *((rewritten,) if old.text != new.text else ()))
    assessment = replace(
        fields,
        events=events,
        severity=max((event.severity for event in events), default=Severity.COSMETIC),
        disclosure=replace(fields.disclosure, notice_changed=old.notices != new.notices, silent=False),
        summary="The text is too different to be compared in time.",
    )
    return Weighed(assessment=assessment, words=WordCount(added=_words(new), deleted=_words(old)))


def _without_text(extraction: Extraction) -> Extraction:
    return replace(
        extraction,
        headline=_cut(extraction.headline),
        standfirst=_cut(extraction.standfirst),
        paragraphs=(),
        whole=None,
        notices=(),
        links=(),
        posts=(),
        left_out=(),
    )


def _cut(field: str | None) -> str | None:
    return None if field is None else field[:_LONGEST_FIELD]


def _words(extraction: Extraction) -> int:
    return len(extraction.text.split())
