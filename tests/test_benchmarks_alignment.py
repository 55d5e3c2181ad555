"""Revisions made by chance know what they did, and the aligners beside ours are the best of their kind."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from rapidfuzz import fuzz

from benchmarks.aligners import ALIGNERS, hungarian, joined, links_of
from benchmarks.marking import MARKERS, agreement, marked
from benchmarks.revised import MIXES, Mix, edited, revised
from benchmarks.versions import Annotated, paragraphs_of
from monitor.compare import compare
from monitor.extract import extract_plain

SUBJECTS = "council mayor school ferry mill baker bridge harbour river road library hospital theatre".split()
ENDS = (
    "rose early on Monday, and nobody in town knew why",
    "paid for the new hall in the spring of last year",
)
TEXT = [
    [
        f"The {subject} of the old town {ENDS[n % 2]}."
        for n in range(start, start + 3)
        for subject in SUBJECTS[n : n + 1]
    ]
    for start in range(0, 12, 3)
]
STRANGERS = [
    f"Somewhere else a {word} was seen by {n} of them."
    for n, word in enumerate("fox owl hare wolf elk".split())
]
SMALL = Mix(name="small", edits=2, adds=2, deletes=1, moves=1, splits=1)


@pytest.mark.parametrize("seed", range(20))
def test_a_revision_knows_where_each_sentence_came_from(seed: int) -> None:
    made = revised(TEXT, SMALL, STRANGERS, Random(seed))
    old, new = made.old_sentences, made.new_sentences
    came = {j for _i, j in made.links}
    assert [new[j] for j in range(len(new)) if j not in came] == [s for s in new if s in STRANGERS]
    assert len(set(range(len(old))) - {i for i, _j in made.links}) == SMALL.deletes
    assert made == revised(TEXT, SMALL, STRANGERS, Random(seed))


def test_an_edit_leaves_most_of_a_sentence_and_never_all_of_it() -> None:
    sentence = TEXT[0][0]
    for seed in range(200):
        after = edited(sentence, ["other", "words"], Random(seed))
        assert after != sentence
        assert len(set(after.lower().split()) & set(sentence.lower().split())) >= 4


def test_the_mixes_are_those_of_the_table() -> None:
    light, typical, heavy = MIXES[:3]
    assert (light.edits, light.adds, light.deletes) == (3, 1, 1)
    assert (typical.edits, typical.adds, typical.deletes, typical.moves, typical.splits) == (6, 5, 3, 1, 1)
    assert (heavy.edits, heavy.adds, heavy.deletes, heavy.moves, heavy.splits) == (14, 14, 8, 3, 3)


def test_the_best_assignment_is_found() -> None:
    words = "ant bee cat dog elk fox".split()
    random = Random(2)
    for _ in range(30):
        old = [(" ".join(random.sample(words, 5)),) for _ in range(4)]
        new = [(" ".join(random.sample(words, 5)),) for _ in range(4)]
        found = hungarian(old, new)
        ours = sum(_alike(old[i][0], new[j][0]) for i, j in found)
        best = max(
            sum(_alike(old[i][0], new[j][0]) for i, j in enumerate(order)) for order in permutations(range(4))
        )
        assert ours == pytest.approx(best)


def test_every_aligner_links_what_stayed_the_same() -> None:
    for name, aligner in ALIGNERS.items():
        assert {(n, n) for n in range(12)} <= aligner(TEXT, TEXT), name


def test_what_is_said_of_our_sentences_is_carried_over_to_those_of_a_list() -> None:
    halves = [["The mayor left the town", "at noon on a Monday."], ["The mill stayed open."]]
    diff = compare(extract_plain(joined(halves)), extract_plain(joined(halves)))
    assert links_of(diff, halves, halves) == {(0, 0), (1, 1), (2, 2)}


def test_words_are_marked_where_they_were_put_in_or_taken_out() -> None:
    diff = compare(extract_plain("The old bridge is shut."), extract_plain("The bridge is now shut."))
    assert marked(diff) == 2
    pair = Annotated(old="a big dog", new="a small dog", readings=(frozenset({(0, 1), (1, 1)}),))
    for name, marker in MARKERS.items():
        assert agreement([pair], marker) == (1.0, 1.0), name


def test_wrapped_lines_are_joined_and_lists_are_not() -> None:
    text = "A line that\nwraps. And more.\n\n- one\n- two\n"
    assert paragraphs_of(text) == (("A line that wraps.", "And more."), ("- one",), ("- two",))


def _alike(one: str, other: str) -> float:
    return fuzz.token_sort_ratio(one, other)
