"""Copies of one article that alternate: quiet while they do, and nothing missed once one of them holds."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import AlertRule
from monitor.decide import decide, decide_failure
from monitor.verdict import MAX_DOUBTS
from monitor.weighing import weigh
from storage.records import (
    Alert,
    Article,
    ArticleState,
    Capture,
    CheckResult,
    EventKind,
    Extraction,
    Outcome,
    Reason,
    Revision,
    Severity,
    Verdict,
)
from tests.test_decide import (
    ARTICLE,
    DAY,
    EVERYTHING,
    HOUR,
    LAW,
    MINUTE,
    NOW,
    answer,
    failure,
    look,
    reading,
    withheld,
)

A = reading("Seven people were killed on Sunday.")
B = reading("Eight people were killed on Sunday.")
C = reading("Nine people were killed on Sunday, and a house fell.")
TEXTS = {"A": A, "B": B, "C": C}
WALL, FAILED, UNCHANGED, GONE = "#", "!", "=", "0"


weigh_once = functools.cache(weigh)  # the stories here weigh the same few texts many thousand times


@dataclass
class Watch:
    """An article, its latest revision and what came of every look, as a store would keep them."""

    article: Article
    latest: Revision | None
    outcomes: list[Outcome]
    now: datetime = NOW

    def sees(self, seen: str | Extraction, after: timedelta = MINUTE, **fields: Any) -> Outcome:
        self.now += after
        outcome = self._decided(seen, look(self.now, **fields))
        texts, headlines = dict(self.article.text_digests), dict(self.article.headlines)
        if outcome.revision is not None:
            self.latest = outcome.revision
            texts[outcome.revision.extraction.text_digest] = outcome.revision.number
            headlines[outcome.revision.extraction.headline or ""] = outcome.revision.number
        self.article = replace(outcome.article, text_digests=texts, headlines=headlines)
        self.outcomes.append(outcome)
        return outcome

    def _decided(self, seen: str | Extraction, around: Any) -> Outcome:
        if seen == FAILED:
            return decide_failure(self.article, failure(), around)
        if seen == UNCHANGED:
            return decide(self.article, self.latest, answer(304), None, around)
        if seen in (WALL, GONE):
            verdict = Verdict.BLOCKED if seen == WALL else Verdict.GONE
            return decide(self.article, self.latest, answer(403), withheld(verdict), around)
        extraction = TEXTS[seen] if isinstance(seen, str) else seen
        capture = Capture(verdict=Verdict.ARTICLE, extraction=extraction)
        return decide(self.article, self.latest, answer(at=around.now), capture, around, weigh=weigh_once)

    @property
    def reasons(self) -> list[Reason]:
        return [outcome.revision.reason for outcome in self.outcomes if outcome.revision]

    @property
    def events(self) -> list[EventKind]:
        return [told.event.kind for outcome in self.outcomes for told in outcome.state_events]


def watched(steps: Iterable[str | Extraction], **fields: Any) -> Watch:
    """A watch after these looks, a minute apart."""
    watch = Watch(article=ARTICLE, latest=None, outcomes=[])
    for step in steps:
        watch.sees(step, **fields)
    return watch


PAIR = [Reason.FIRST, Reason.EDIT]


# --------------------------------------------------------------------- another copy does not count yet


def test_an_earlier_text_is_looked_at_again_before_it_counts() -> None:
    watch = watched("ABA")
    outcome = watch.outcomes[-1]
    assert outcome.revision is None
    assert (outcome.check.result, outcome.check.verdict) == (CheckResult.WITHHELD, Verdict.SUSPECT)
    assert outcome.check.reasons == (
        "the text of revision 1 is back; it is looked at again before it counts",
    )
    assert outcome.article.next_check_at == watch.now + MINUTE
    assert outcome.article.last_seen_at == watch.now - MINUTE
    assert (outcome.article.troubles, outcome.article.doubts, outcome.state_events) == (0, 0, ())


def test_a_return_that_holds_is_one_revision() -> None:
    watch = watched("AB" + "A" * 8)
    assert watch.reasons == [*PAIR, Reason.REVERT]
    assert watch.events == []
    (made,) = [place for place, outcome in enumerate(watch.outcomes[2:], start=1) if outcome.revision]
    assert made == MAX_DOUBTS + 1


def test_a_return_lies_between_the_last_look_at_the_text_before_and_the_look_that_counts() -> None:
    watch = watched("ABBAAA")
    assert watch.latest is not None
    assert (watch.latest.not_seen_before, watch.latest.seen_at) == (NOW + 3 * MINUTE, watch.now)


@pytest.mark.parametrize("story", ["ABAB", "ABABBAAB", "ABA=", "AB" + "AABB" * 20, "AB" + "AB" * 40])
def test_copies_that_alternate_make_no_revision_and_are_told_once(story: str) -> None:
    watch = watched(story)
    assert watch.reasons == PAIR
    assert watch.events == [EventKind.ALTERNATED]
    assert watch.article.state is ArticleState.WATCHED


def test_that_copies_alternate_is_minor_and_told_to_those_who_ask_for_it() -> None:
    wanted = AlertRule(name="copies", to=("desk",), events=(EventKind.ALTERNATED,))
    severe = AlertRule(name="severe", to=("pager",), severity=Severity.SUBSTANTIVE)
    watch = watched("AB")
    watch.sees("A", rules=(wanted, severe))
    outcome = watch.sees("B", rules=(wanted, severe))
    (told,) = outcome.state_events
    assert (told.event.severity, told.event.new) == (Severity.MINOR, "Two copies of the article alternate.")
    assert told.not_seen_before == NOW + 2 * MINUTE
    assert outcome.alerts == (Alert(channel="desk", rules=("copies",), about=EventKind.ALTERNATED),)
    assert outcome.check.result is CheckResult.SAME


def test_every_further_swing_is_said_on_its_check() -> None:
    watch = watched("AB" + "AB" * 6)
    assert watch.outcomes[3].check.reasons == ()
    assert watch.outcomes[-1].check.reasons == ("two copies of it alternate, 6 times in 10 min",)


def test_an_unchanged_answer_is_the_latest_text_too() -> None:
    watch = watched("ABA=A=")
    assert watch.outcomes[-1].check.reasons == ("two copies of it alternate, 2 times in 2 min",)
    assert watch.reasons == PAIR


def test_the_more_often_copies_took_turns_the_longer_one_has_to_hold() -> None:
    watch = watched("AB" + "AB" * 3 + "A" * 5)
    assert watch.reasons == PAIR
    watch.sees("A")
    assert watch.reasons == [*PAIR, Reason.REVERT]


def test_walls_and_failures_between_two_looks_are_no_look_at_a_copy() -> None:
    assert watched("ABA#A!A").reasons == [*PAIR, Reason.REVERT]
    assert watched("ABA#!B").events == [EventKind.BLOCKED, EventKind.UNBLOCKED, EventKind.ALTERNATED]


def test_an_earlier_copy_of_a_missing_article_brings_it_back_only_once_it_has_held() -> None:
    watch = watched("AB")
    for _ in range(5):
        watch.sees(GONE, HOUR)
    assert watch.events == [EventKind.REMOVED]
    assert watch.sees("A").article.state is ArticleState.REMOVED
    watch.sees("A")
    assert [told.event.kind for told in watch.sees("A").state_events] == [EventKind.RESTORED]


# --------------------------------------------------------------------- series of swings


def test_after_a_day_without_swings_a_new_series_is_a_new_event() -> None:
    watch = watched("ABAB")
    watch.sees("A", DAY)
    watch.sees("B")
    assert watch.events == [EventKind.ALTERNATED] * 2
    watch.sees("A", DAY - MINUTE)
    watch.sees("B")
    assert watch.events == [EventKind.ALTERNATED] * 3


def test_a_series_that_goes_on_is_told_once_however_long_it_lasts() -> None:
    watch = watched("AB")
    for _ in range(60):
        watch.sees("A", HOUR)
        watch.sees("B", HOUR)
    assert watch.events == [EventKind.ALTERNATED]


def test_a_new_text_ends_the_series() -> None:
    watch = watched("ABABC")
    assert watch.reasons == [*PAIR, Reason.EDIT]
    assert (watch.article.swings, watch.article.returns, watch.article.swings_since) == (0, 0, None)
    watch.sees("B")
    watch.sees("C")
    assert watch.events == [EventKind.ALTERNATED] * 2


def test_looks_at_two_different_earlier_texts_do_not_add_up() -> None:
    assert watched("ABC" + "AB" * 8).reasons == [*PAIR, Reason.EDIT]


# --------------------------------------------------------------------- copies that date themselves older


def dated(extraction: Extraction, minutes: float) -> Extraction:
    return replace(extraction, modified_at=NOW + timedelta(minutes=minutes))


def test_a_copy_that_dates_itself_older_is_looked_at_again() -> None:
    watch = watched([dated(A, 0), dated(C, 9), dated(B, 5)])
    assert watch.reasons == PAIR
    assert watch.outcomes[-1].check.reasons == (
        "this copy dates itself before revision 2; it is looked at again before it counts",
    )
    watch.sees(dated(B, 5))
    watch.sees(dated(B, 5))
    assert watch.reasons == [*PAIR, Reason.EDIT]


def test_an_unknown_older_copy_that_goes_away_was_no_edit() -> None:
    watch = watched([dated(A, 0), dated(C, 9), dated(B, 5), dated(C, 9)])
    assert watch.reasons == PAIR
    assert watch.events == [EventKind.ALTERNATED]


@pytest.mark.parametrize("minutes", [9, 9 - 0.5 / 60, 12])
def test_a_new_text_that_is_not_older_counts_at_once(minutes: float) -> None:
    """Up to a second is a difference of clocks."""
    assert watched([dated(A, 9), dated(B, minutes)]).reasons == PAIR


def test_a_text_without_a_date_counts_at_once() -> None:
    assert watched([dated(A, 9), B]).reasons == PAIR
    assert watched([A, dated(B, -9)]).reasons == PAIR


def test_an_older_date_over_the_same_text_is_no_other_copy() -> None:
    renamed = replace(dated(A, 0), byline=("Ana Roux",))
    assert watched([dated(A, 9), renamed]).reasons == PAIR


def test_edits_that_all_date_themselves_older_are_seen_in_the_end() -> None:
    """A clock that was wrong once must not hide what comes after."""
    edits = [dated(reading(f"{count} people were killed."), count) for count in range(10, 13)]
    assert watched([dated(A, 900), *edits]).reasons == PAIR


# --------------------------------------------------------------------- doubts about something else


def test_doubts_about_a_collapse_and_about_a_return_are_counted_apart() -> None:
    watch = watched("AB")
    watch.article = replace(watch.article, doubts=2)
    outcome = watch.sees("A")
    assert (outcome.article.doubts, outcome.article.returns) == (2, 1)
    collapsed = decide(outcome.article, watch.latest, answer(), withheld(Verdict.SUSPECT), look(watch.now))
    assert (collapsed.article.doubts, collapsed.article.returns) == (3, 1)
    assert watch.sees("B").article.doubts == 0


def test_a_file_has_no_copies() -> None:
    watch = Watch(article=replace(ARTICLE, url="file:///texts/one.txt"), latest=None, outcomes=[])
    for step in "ABA":
        watch.sees(step)
    assert watch.reasons == [*PAIR, Reason.REVERT]


# --------------------------------------------------------------------- laws


def runs(lengths: list[int]) -> str:
    """A and B in turn, each for so many looks."""
    return "AB" + "".join("AB"[place % 2] * length for place, length in enumerate(lengths))


@LAW
@given(st.lists(st.integers(1, MAX_DOUBTS), max_size=40))
def test_copies_that_never_hold_make_no_revision(lengths: list[int]) -> None:
    watch = watched(runs(lengths))
    assert watch.reasons == PAIR
    assert len(watch.events) <= 1


@LAW
@given(st.lists(st.integers(1, 8), max_size=60))
def test_copies_that_hold_for_less_than_nine_looks_are_believed_less_and_less(lengths: list[int]) -> None:
    watch = watched(runs(lengths), rules=(EVERYTHING,))
    assert watch.reasons[:2] == PAIR
    assert len(watch.reasons) <= 2 + 6
    assert watch.events.count(EventKind.ALTERNATED) <= 1


@LAW
@given(st.lists(st.integers(1, 8), min_size=12, max_size=60))
def test_six_turns_on_copies_make_no_revision_any_more(lengths: list[int]) -> None:
    watch = watched(runs([1] * 12))
    before = watch.reasons
    for step in runs(lengths)[2:]:
        watch.sees(step)
    assert watch.reasons == before == PAIR


@LAW
@given(st.text("AB#!=", max_size=40), st.sampled_from("AB"))
def test_a_text_that_holds_for_nine_looks_is_the_latest(story: str, last: str) -> None:
    watch = watched("AB" + story + last * 9)
    assert watch.latest is not None
    assert watch.latest.extraction == TEXTS[last]


@LAW
@given(st.text("ABC#!=", max_size=40))
def test_a_revision_is_always_a_change_of_the_text(story: str) -> None:
    watch = watched(story.lstrip("=") or "A")
    texts = [outcome.revision.extraction for outcome in watch.outcomes if outcome.revision]
    assert all(one != other for one, other in itertools.pairwise(texts))
