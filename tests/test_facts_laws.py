"""What holds for the facts of any two sentences."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from monitor.events.facts import sentence_events
from storage.records import EventKind
from tests.laws import law

LAW = law(150, derandomize=True)
WORDS = (
    "the mayor of Geneva said police in Berlin on Monday seven people were killed by 20 men who not allegedly may left "
    "with $5m and 5% of it May 3 2019 “we leave today” he told Ana Roux according to officials because it was late"
).split()
COSMETIC = {EventKind.STYLE_CHANGED}
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=16).map(" ".join)


def kinds(old: str, new: str) -> list[EventKind]:
    return [event.kind for event in sentence_events(old, new, "paragraph 1")]


@LAW
@given(SENTENCES)
def test_equal_sentences_have_no_events(sentence: str) -> None:
    assert kinds(sentence, sentence) == []
    assert kinds(sentence, sentence.replace(" ", "\u00a0 ")) == []


@LAW
@given(SENTENCES, SENTENCES)
def test_sentences_that_differ_always_have_an_event(old: str, new: str) -> None:
    assert bool(kinds(old, new)) is (old != new)


@LAW
@given(SENTENCES, SENTENCES)
def test_exchanging_the_sentences_exchanges_old_and_new_and_nothing_else(old: str, new: str) -> None:
    there = [(e.kind, e.severity, e.old, e.new) for e in sentence_events(old, new, "p")]
    back = [(e.kind, e.severity, e.new, e.old) for e in sentence_events(new, old, "p")]
    assert sorted(map(repr, there)) == sorted(map(repr, back))


@LAW
@given(SENTENCES, st.integers(0, 16), st.integers(1, 9_999), st.integers(1, 9_999))
def test_a_changed_digit_is_never_wording(sentence: str, place: int, old: int, new: int) -> None:
    words = sentence.split()
    before, after = ([*words[:place], str(n), *words[place:]] for n in (old, new))
    found = kinds(" ".join(before), " ".join(after))
    facts = {
        EventKind.NUMBER_CHANGED,
        EventKind.DATE_CHANGED,
        EventKind.QUOTE_CHANGED,
        EventKind.ATTRIBUTION_CHANGED,
    }
    assert old == new or set(found) & facts


@LAW
@given(
    st.lists(st.sampled_from([w for w in WORDS if w[0] not in "“"]), min_size=2, max_size=16),
    st.integers(0, 16),
)
def test_a_not_put_in_is_never_wording(words: list[str], place: int) -> None:
    old, new = " ".join(words), " ".join([*words[:place], "not", *words[place:]])
    for found in (kinds(old, new), kinds(new, old)):
        assert EventKind.CERTAINTY_CHANGED in found or EventKind.QUOTE_CHANGED in found


@LAW
@given(SENTENCES, st.randoms(use_true_random=False))
def test_case_marks_dashes_and_spaces_alone_are_style(sentence: str, chance: random.Random) -> None:
    other = sentence.replace("“", '"').replace("”", '"').replace(" ", "  ") + "."
    other = other[0].upper() + other[1:] if chance.random() < 0.5 else other
    assert set(kinds(sentence, other)) <= COSMETIC
    assert set(kinds(sentence + " – later", sentence + " - later")) <= COSMETIC
