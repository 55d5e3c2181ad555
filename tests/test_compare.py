"""Sentences found where a reader ends them, and comparisons of which the right answer is known."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest

from monitor.compare import compare, is_number, normalise, tokens
from monitor.compare.diff import word_hunks
from monitor.compare.sentences import sentences
from monitor.compare.words import figure
from monitor.extract import extract_plain
from storage.records import Diff, Extraction, HunkOp, Paragraph, ParagraphKind, SentenceOp

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
BRIDGE = "The council voted on Tuesday to close the old bridge over the river."
FERRY = "Ferries were late all morning because of heavy fog in the harbour."
MILL = "Nobody was hurt when the roof of the paper mill came down."


def page(*paragraphs: str) -> Extraction:
    made = tuple(Paragraph(kind=ParagraphKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extraction(headline="A headline", paragraphs=made, extractor="test/1")


def seed(number: str) -> Extraction:
    path = next(SEEDS.glob(f"{number}_*.txt"))
    return extract_plain(path.read_text(encoding="utf-8"))


def ops(diff: Diff) -> Counter[str]:
    return Counter(group.op.value for group in diff.sentences)


# --------------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed.", ["He left. ", "She stayed."]),
        ("Really?! Yes.", ["Really?! ", "Yes."]),
        ("He waited… Then he left.", ["He waited… ", "Then he left."]),
        ("It rose 3.14 points. No more.", ["It rose 3.14 points. ", "No more."]),
        ("One\n\nTwo", ["One\n\n", "Two"]),
        ("A first line\nA second line", ["A first line\n", "A second line"]),
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Biden and Dr. Jill Biden met Sen. Mitch McConnell.",
        "The U.S. President and the U.N. Secretary spoke.",
        "At 5 p.m. Tuesday the doors of St. Paul's were shut.",
        "It happened on Nov. 17 and again on Dec. 3 in Washington.",
        "The firm, Acme Inc. Holdings, moved to No. 10 High Street.",
    ],
)
def test_no_sentence_ends_at_an_abbreviation(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text", ["J. K. Rowling wrote it.", "George W. Bush and Lyndon B. Johnson were there."]
)
def test_no_sentence_ends_at_an_initial(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “We go.” Then he left.", ["He said “We go.” ", "Then he left."]),
        ('"I went." He said so.', ['"I went." ', "He said so."]),
        ("He was asked why. “Because,” he said.", ["He was asked why. ", "“Because,” he said."]),
        ("(He left.) She stayed.", ["(He left.) ", "She stayed."]),
    ],
)
def test_closing_quotes_stay_with_their_sentence_and_opening_ones_with_the_next(
    text: str, expected: list[str]
) -> None:
    assert sentences(text) == expected


def test_a_softly_wrapped_line_does_not_end_a_sentence() -> None:
    wrapped = (
        "The council of the town by the river voted on Tuesday to close\nthe old bridge. It opens in May."
    )
    assert sentences(wrapped) == [wrapped[:-16], "It opens in May."]


def test_wrapping_a_text_anew_changes_no_word_of_it() -> None:
    flowing = (
        "The council of the town by the river voted on Tuesday to close the old bridge. It opens in May."
    )
    wrapped = flowing.replace("close the", "close\nthe")
    words = compare(extract_plain(flowing), extract_plain(wrapped)).words
    assert (words.added, words.deleted) == (0, 0)


# --------------------------------------------------------------------- tokens and figures


@pytest.mark.parametrize("token", ["1,200", "3.14", "12%", "$1.5bn", "14:05", "17/11/2024", "21st", "US$40"])
def test_a_number_is_one_token(token: str) -> None:
    assert tokens(f"It was {token} then") == ["It", " ", "was", " ", token, " ", "then"]
    assert is_number(token)


@pytest.mark.parametrize("token", ["Biden's", "long-range", "U.S", "don’t"])
def test_a_word_with_marks_inside_is_one_token(token: str) -> None:
    assert tokens(token) == [token]
    assert not is_number(token)


@pytest.mark.parametrize(
    ("one", "other"),
    [("seven", "7"), ("1,200", "1200"), ("1.200", "1200"), ("Twenty-one", "21"), ("dozen", "12")],
)
def test_two_ways_to_write_a_figure_stand_for_the_same(one: str, other: str) -> None:
    assert figure(one) == figure(other)


@pytest.mark.parametrize(
    ("one", "other"), [("12", "21"), ("120", "1,200"), ("1.5", "15"), ("twenty-one", "twenty-two")]
)
def test_two_figures_stand_for_different_things(one: str, other: str) -> None:
    assert figure(one) != figure(other)


def test_normalising_folds_only_what_a_reader_would_not_call_a_change() -> None:
    assert normalise("“It’s\u00a0a –  test…”") == '"It\'s a - test..."'
    assert normalise("cafe\u0301") == "café"
    assert normalise("Café") != normalise("Cafe")


# --------------------------------------------------------------------- known comparisons


def test_one_reworded_sentence_is_an_edit_and_not_an_add_and_a_delete() -> None:
    diff = compare(page(BRIDGE, FERRY), page(BRIDGE.replace("close", "shut"), FERRY))
    assert ops(diff) == {"edit": 1, "keep": 1}
    changed = [(hunk.op, hunk.old, hunk.new) for hunk in diff.hunks if hunk.op is not HunkOp.KEEP]
    assert changed == [(HunkOp.REPLACE, "close", "shut")]


def test_a_paragraph_put_between_two_is_one_add() -> None:
    assert ops(compare(page(BRIDGE, MILL), page(BRIDGE, FERRY, MILL))) == {"keep": 2, "add": 1}


def test_a_paragraph_put_first_moves_nothing() -> None:
    assert ops(compare(page(BRIDGE, MILL), page(FERRY, BRIDGE, MILL))) == {"keep": 2, "add": 1}


def test_a_paragraph_taken_to_the_end_is_one_move() -> None:
    diff = compare(page(BRIDGE, FERRY, MILL), page(FERRY, MILL, BRIDGE))
    assert ops(diff) == {"keep": 2, "move": 1}
    assert [hunk.new.strip() or hunk.old.strip() for hunk in diff.hunks if hunk.move] == [BRIDGE, BRIDGE]
    assert (diff.words.added, diff.words.deleted) == (0, 0)


def test_a_sentence_cut_in_two_is_a_split_and_its_reverse_a_merge() -> None:
    one = "The council voted on Tuesday to close the old bridge, and the mayor said that the work would begin in June."
    two = "The council voted on Tuesday to close the old bridge. The mayor said that the work would begin in June."
    assert ops(compare(page(one), page(two)))["split"] == 1
    assert ops(compare(page(two), page(one)))["merge"] == 1


def test_a_text_that_came_out_of_nothing_is_all_added() -> None:
    diff = compare(page(), page(BRIDGE, FERRY))
    assert ops(diff) == {"add": 2}
    assert diff.words.added == len(BRIDGE.split()) + len(FERRY.split())


def test_curly_quotes_alone_add_and_delete_no_word() -> None:
    diff = compare(page("“We’ll stay,” the mayor said."), page('"We\'ll stay," the mayor said.'))
    assert not {"add", "delete"} & set(ops(diff))


def test_small_words_between_two_changes_are_not_called_kept() -> None:
    hunks = word_hunks("He sold the red car today", "He bought the blue car today")
    assert [hunk.op for hunk in hunks if hunk.op is not HunkOp.KEEP]
    assert "".join(hunk.old for hunk in hunks) == "He sold the red car today"
    assert "".join(hunk.new for hunk in hunks) == "He bought the blue car today"


# --------------------------------------------------------------------- the seeds


def test_the_live_page_and_the_wire_story_share_eleven_sentences_one_of_them_moved() -> None:
    """Read through by hand: eleven sentences of 000 stand in 001, and one of them elsewhere."""
    diff = compare(seed("000"), seed("001"))
    shared = [group for group in diff.sentences if group.old and group.new]
    assert len(shared) == 11
    moved = [diff.old_sentences[i] for group in shared if group.op is SentenceOp.MOVE for i in group.old]
    assert len(moved) == 1
    assert moved[0].startswith("The weapons are likely to be used in response to North Korea's decision")


@pytest.mark.parametrize("one", ["000", "001", "002", "003", "004"])
@pytest.mark.parametrize("other", ["000", "001", "002", "003", "004"])
def test_hunks_between_any_two_seeds_rebuild_both_files(one: str, other: str) -> None:
    old, new = seed(one), seed(other)
    hunks = compare(old, new).hunks
    assert "".join(hunk.old for hunk in hunks) == old.text
    assert "".join(hunk.new for hunk in hunks) == new.text


def test_a_hundred_kilobytes_of_all_different_text_are_compared() -> None:
    letters = ["".join(word) for word in itertools.product("abcdefghij", repeat=5)]

    def text(first: str) -> str:
        rows = (letters[n : n + 6] for n in range(0, 15_600, 6))
        return " ".join(" ".join(first + word for word in row).capitalize() + "." for row in rows)

    old, new = text("x"), text("y")
    assert len(old) > 100_000
    diff = compare(extract_plain(old), extract_plain(new))
    assert ops(diff) == {"delete": len(diff.old_sentences), "add": len(diff.new_sentences)}
    assert len(diff.old_sentences) == 2600
