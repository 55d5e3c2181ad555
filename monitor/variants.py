"""Headlines that take turns over one and the same text: a test of headlines, not an edit of the article.

Knows a headline that was there before when it comes back; which copy of the article that is, and whether it
has held, is not asked here. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from storage.records import Article, Assessment, Event, EventKind, Extraction, Severity, fold_spaces


def headline_again(article: Article, assessment: Assessment, seen: Extraction) -> int | None:
    """The latest revision that had the headline which is back, where nothing but the headline differs."""
    if {event.kind for event in assessment.events} != {EventKind.HEADLINE_CHANGED}:
        return None
    number = article.headlines.get(fold_spaces(seen.headline or ""))
    return None if number == article.revisions else number


def as_test(assessment: Assessment, number: int) -> Assessment:
    """What is told in place of a headline changed: that an earlier one is back. Minor, and never silent,
    since nothing was rewritten."""
    (changed,) = assessment.events
    event = Event(
        kind=EventKind.HEADLINE_TEST,
        severity=Severity.MINOR,
        old=changed.old,
        new=changed.new,
        where=changed.where,
    )
    return replace(
        assessment,
        events=(event,),
        severity=Severity.MINOR,
        disclosure=replace(assessment.disclosure, silent=False),
        summary=f"The headline of revision {number} is back over the same text: two headlines take turns.",
    )
