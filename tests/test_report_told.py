"""What a reader is told of the events: every kind in words, the gravest first, many gathered."""

from __future__ import annotations

import pytest

from monitor.report.inline import Mark, Span, excerpt, word_diff
from monitor.report.phrases import disclosure_points, event_line, severity_sign
from monitor.report.told import event_spans, groups
from storage.records import STATE_EVENTS, Event, EventKind, Severity
from tests.test_report_samples import assessment


def event(
    kind: EventKind, old: str | None = None, new: str | None = None, where: str = "paragraph 3"
) -> Event:
    return Event(kind=kind, severity=Severity.MINOR, old=old, new=new, where=where)


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize(("old", "new"), [(None, None), ("a", None), (None, "b"), ("a", "b")])
def test_every_kind_with_any_values_is_a_readable_line(
    kind: EventKind, old: str | None, new: str | None
) -> None:
    line = event_line(event(kind, old, new))
    assert line[0].isupper()
    assert "_" not in line
    assert all(value in line for value in (old, new) if value)
    assert line.strip() == line


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            event(EventKind.CERTAINTY_CHANGED, "allegedly"),
            "Certainty changed, paragraph 3 of the old text: “allegedly” taken out",
        ),
        (event(EventKind.CERTAINTY_CHANGED, None, "not"), "Certainty changed, paragraph 3: “not” put in"),
        (event(EventKind.NUMBER_CHANGED, "12", "21"), "Number changed, paragraph 3: “12” → “21”"),
        (event(EventKind.PARAGRAPH_ADDED, None, "So."), "Paragraph added, paragraph 3: “So.”"),
        (
            event(EventKind.PARAGRAPH_MOVED, "paragraph 3", "paragraph 9"),
            "Paragraph moved: from paragraph 3 to paragraph 9",
        ),
        (event(EventKind.LIVE_POSTS_ADDED, None, "3 posts"), "Live posts added, paragraph 3: 3 posts"),
        (
            event(EventKind.MOVED_URL, "https://a.example/1", "https://a.example/2", "article"),
            "URL moved: https://a.example/1 → https://a.example/2",
        ),
        (
            event(EventKind.STUB_GREW, "40 words", "900 words", "article"),
            "Stub grew: 40 words → 900 words",
        ),
        (
            event(EventKind.LINK_CHANGED, None, "https://a.example/"),
            "Link changed, paragraph 3: https://a.example/ put in",
        ),
        (event(EventKind.LINK_CHANGED, None, "7 links put on", "article"), "Link changed: 7 links put on"),
        (event(EventKind.NOTICE_ADDED, None, "So.", "notice editors_note"), "Editor’s note put on: “So.”"),
        (
            event(EventKind.NOTICE_DROPPED, "So.", None, "notice breaking"),
            "Breaking-news notice dropped: “So.”",
        ),
        (event(EventKind.HEADLINE_TEST, "A", "B", "headline"), "Headline test: “A” → “B”"),
        (
            event(EventKind.REVERTED, None, "the text of revision 2", "article"),
            "Back to an earlier text: the text of revision 2",
        ),
    ],
)
def test_a_line_says_what_came_and_what_went(told: Event, line: str) -> None:
    assert event_line(told) == line


def test_values_can_be_cut_and_stay_in_their_marks() -> None:
    assert event_line(event(EventKind.QUOTE_CHANGED, "x" * 50), 10).endswith(f"“{'x' * 9}…” taken out")


def test_every_severity_has_a_sign_of_its_own() -> None:
    assert len({severity_sign(severity) for severity in Severity}) == len(Severity)


def test_the_three_observations_are_given_one_by_one() -> None:
    assert [answer for _, answer in disclosure_points(assessment())] == [
        "no",
        "the publisher gives none",
        "yes",
    ]


def test_a_dozen_events_are_listed_and_more_are_gathered_by_kind() -> None:
    few = [event(EventKind.TYPO_FIXED, "a", "b", f"paragraph {n}") for n in range(12)]
    assert [group.gathered for group in groups(few)] == [False] * 12
    grave = Event(
        kind=EventKind.NUMBER_CHANGED, severity=Severity.CRITICAL, old="1", new="2", where="headline"
    )
    pair = [event(EventKind.STYLE_CHANGED), event(EventKind.STYLE_CHANGED)]
    told = groups([*few, *pair, grave])
    assert [(group.kind, len(group.events), group.gathered) for group in told] == [
        ("Number changed", 1, False),
        ("Typo fixed", 12, True),
        ("Style changed", 1, False),
        ("Style changed", 1, False),
    ]


def test_no_event_is_lost_in_a_list() -> None:
    found = [event(kind, "a", "b", f"paragraph {n}") for n in range(3) for kind in EventKind]
    assert sorted(e.where + e.kind for group in groups(found) for e in group.events) == sorted(
        e.where + e.kind for e in found
    )


def test_a_long_value_is_cut_to_the_words_around_its_change() -> None:
    before = " ".join(f"word{n}" for n in range(40))
    told = event_spans(event(EventKind.SENTENCE_REWRITTEN, before, before.replace("word20", "other")))
    assert [span.text for span in told if span.mark is not Mark.KEEP] == ["word20", "other"]
    assert told[0].text == "…word16 word17 word18 word19 "
    assert told[-1].text == " word21 word22 word23 word24 …"


def test_values_without_much_in_common_stand_one_after_the_other() -> None:
    told = event_spans(
        event(EventKind.SENTENCE_REWRITTEN, "all of this went " * 5, "nothing like it came " * 5)
    )
    assert [span.mark for span in told] == [Mark.DELETE, Mark.KEEP, Mark.INSERT]


def test_an_address_is_marked_neither_as_put_in_nor_as_taken_out() -> None:
    for kind in (EventKind.MOVED_URL, *STATE_EVENTS):
        assert {span.mark for span in event_spans(event(kind, "a", "b"))} == {Mark.KEEP}


def test_an_excerpt_keeps_every_change_and_a_few_words_around() -> None:
    spans = word_diff("a b c d e f g h i j", "a b c X e f g h i Y")
    assert excerpt(spans, 1) == (
        Span(mark=Mark.KEEP, text="…c "),
        Span(mark=Mark.DELETE, text="d"),
        Span(mark=Mark.INSERT, text="X"),
        Span(mark=Mark.KEEP, text=" e … i "),
        Span(mark=Mark.DELETE, text="j"),
        Span(mark=Mark.INSERT, text="Y"),
    )
