"""Sentences found where a reader ends them, and comparisons of which the right answer is known."""

from __future__ import annotations

import itertools
import time
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
        ("He said no. Then he left.", ["He said no. ", "Then he left."]),
        ("It is old in the U.S. The law stays.", ["It is old in the U.S. ", "The law stays."]),
        ("He came at 5 p.m. He left at six.", ["He came at 5 p.m. ", "He left at six."]),
        ("They closed it last month.The mayor agreed.", ["They closed it last month.", "The mayor agreed."]),
        ("The ferries ran late. iPhone sales fell.", ["The ferries ran late. ", "iPhone sales fell."]),
        ("这是第一句。这是第二句！真的吗？", ["这是第一句。", "这是第二句！", "真的吗？"]),
        ("- One thing\n- Another thing\n", ["- One thing\n", "- Another thing\n"]),
        ("## A heading\n\nA line. And more.", ["## A heading\n\n", "A line. ", "And more."]),
        ("1. A first step. It is short.", ["1. A first step. ", "It is short."]),
        ("\n\n  He left.\n", ["\n\n  He left.\n"]),
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
        "It was built by the U.S. Army Corps of Engineers.",
        "Er kam z. B. am 3. Mai mit Dr. Weber nach Bonn.",
        "M. Martin et Mme. Durand sont venus.",
        "El Sr. Ortega vive en EE.UU. desde hace años.",
        "As shown in Fig. 3 and Sec. [2] of the paper by Adams et al. last year.",
        "Well... perhaps he will come.",
        "See https://www.example.org/a.b?c=d.e for the map.",
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
        ('"We won!" he said. "Twice!"', ['"We won!" he said. ', '"Twice!"']),
        ("“We won.” she said.", ["“We won.” she said."]),
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


WRAPPED = """The council of the town by the river voted on Tuesday to close the
old bridge over the water, and said that the work would take until
Christmas. The mayor said that nobody was to be hurt by it and that
"the plan is sound".
"""


def test_a_text_set_to_a_width_is_the_same_text_flowing() -> None:
    diff = compare(extract_plain(WRAPPED), extract_plain(" ".join(WRAPPED.split())))
    assert set(ops(diff)) == {"keep"}


def test_lines_that_are_no_wrapped_text_stay_lines() -> None:
    lines = "Mayor wants a new bridge by the end of the coming year\nFerries late again\nMill roof falls in\n"
    assert len(sentences(lines)) == 3


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


def test_a_sign_of_a_script_without_spaces_is_a_word() -> None:
    assert tokens("东京3月") == ["东", "京", "3", "月"]


@pytest.mark.parametrize("word", ["cafe\u0301", "हिन्दी", "fi\u200dne", "co\u00adop"])
def test_what_stands_on_or_in_a_word_does_not_cut_it(word: str) -> None:
    assert tokens(f"a {word} b") == ["a", " ", word, " ", "b"]


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


def changes(old: str, new: str) -> list[tuple[str, str]]:
    hunks = compare(page(old), page(new)).hunks
    return [(hunk.old, hunk.new) for hunk in hunks if hunk.op is not HunkOp.KEEP]


def test_a_comma_put_in_marks_no_word() -> None:
    diff = compare(page("He came, and he saw."), page("He came and he saw."))
    assert (diff.words.added, diff.words.deleted) == (0, 0)
    assert ops(diff) == {"edit": 1}


def test_small_words_between_two_changes_are_not_called_kept() -> None:
    hunks = word_hunks("He sold his two cars the red and old", "He gave us much money the blue or new")
    assert "the" not in [hunk.old.strip() for hunk in hunks if hunk.op is HunkOp.KEEP]
    assert "".join(hunk.old for hunk in hunks) == "He sold his two cars the red and old"
    assert "".join(hunk.new for hunk in hunks) == "He gave us much money the blue or new"


def test_a_word_between_two_single_words_is_kept() -> None:
    assert changes("He sold the red car.", "He bought the blue car.") == [("sold", "bought"), ("red", "blue")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("$56.2 billion", "$61.2 billion"),
        ("$56.2 billion", "$56.2 million"),
        ("5 percent", "6 percent"),
        ("5 per cent", "7 per cent"),
        ("5%", "6%"),
        ("May 3, 2024", "May 4, 2024"),
        ("3 May 2024", "3 June 2024"),
        ("2024-05-03", "2024-05-04"),
        ("3/5/2024", "4/5/2024"),
        ("5:30 p.m.", "6:30 p.m."),
        ("40 euros", "50 euros"),
        ("€3m", "€4m"),
        ("seven million", "eight million"),
        ("1 200", "1 300"),
        ("U.N.", "E.U."),
        ("G7", "G20"),
        ("F-16", "F-35"),
    ],
)
def test_a_quantity_is_never_half_changed(old: str, new: str) -> None:
    assert changes(f"The town said {old} was right.", f"The town said {new} was right.") == [(old, new)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Anna Berg", "Clara Holm"),
        ("Anna Berg", "Anna Holm"),
        ("Ursula von der Aue", "Roberta Salis"),
        ("O'Neill's", "Weber's"),
    ],
)
def test_a_name_that_became_another_is_changed_as_a_whole(old: str, new: str) -> None:
    assert changes(f"The town asked President {old} today.", f"The town asked President {new} today.") == [
        (old, new)
    ]


def test_another_spelling_of_a_name_and_one_word_of_a_long_one_are_shown_alone() -> None:
    assert changes("It was Volodymyr Petrenko.", "It was Volodymyr Petrenkoh.") == [("Petrenko", "Petrenkoh")]
    assert changes("The Old River Bridge Company paid.", "The Old Harbour Bridge Company paid.") == [
        ("River", "Harbour")
    ]


@pytest.mark.parametrize("hidden", ["\u200b", "\u200d", "\u202e", "\u2066", "\u00ad", "\ufeff"])
def test_an_unseen_character_put_in_is_an_edit_that_can_be_pointed_at(hidden: str) -> None:
    diff = compare(page("The work was fine for all."), page(f"The work was fi{hidden}ne for all."))
    assert ops(diff) == {"edit": 1}
    assert any(hidden in hunk.new for hunk in diff.hunks if hunk.op is not HunkOp.KEEP)


@pytest.mark.parametrize(
    "other",
    ["The caf\u00e9 by the river.", "The cafe\u0301  by the\u00a0river.", "The cafe\u0301\nby the river."],
)
def test_composition_and_spaces_are_no_edit(other: str) -> None:
    diff = compare(page("The caf\u00e9 by the river."), page(other))
    assert diff.is_empty
    assert {hunk.op for hunk in diff.hunks} == {HunkOp.KEEP}


def test_another_kind_of_quotation_mark_is_seen_and_marks_nothing() -> None:
    diff = compare(page("“We’ll stay – all of us…” he said."), page('"We\'ll stay - all of us..." he said.'))
    assert not diff.is_empty
    assert {hunk.op for hunk in diff.hunks} == {HunkOp.KEEP}
    assert (diff.words.added, diff.words.deleted) == (0, 0)


# --------------------------------------------------------------------- cut apart, run together, moved


LONG = "The council voted on Tuesday to close the old bridge, and the mayor said that the work would begin in June."
HALVES = (
    "The council voted on Tuesday to close the old bridge.",
    "The mayor said that the work would begin in June.",
)


def links(diff: Diff) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    return [(group.op.value, group.old, group.new) for group in diff.sentences]


def test_a_sentence_put_between_the_halves_of_another_is_added_and_the_halves_stay_together() -> None:
    diff = compare(page(f"{LONG} {MILL}"), page(f"{HALVES[0]} {FERRY} {HALVES[1]} {MILL}"))
    assert links(diff) == [("split", (0,), (0, 2)), ("add", (), (1,)), ("keep", (1,), (3,))]
    back = compare(page(f"{HALVES[0]} {FERRY} {HALVES[1]} {MILL}"), page(f"{LONG} {MILL}"))
    assert links(back) == [("merge", (0, 2), (0,)), ("delete", (1,), ()), ("keep", (3,), (1,))]


def test_a_sentence_cut_into_four_is_one_split() -> None:
    old = "He came to town on Monday, he saw the old bridge there, it was closed in June, and the ferries ran all day."
    new = "He came to town on Monday. He saw the old bridge there. It was closed in June. The ferries ran all day."
    assert links(compare(page(old), page(new))) == [("split", (0,), (0, 1, 2, 3))]


def test_words_that_went_from_one_sentence_to_the_next_are_one_edit_of_both() -> None:
    old = "The bridge will close in June and the ferries will run all day for free. The school stays open."
    new = "The bridge will close in June. The ferries will run all day for free, and the school stays open."
    diff = compare(page(old), page(new))
    assert links(diff) == [("edit", (0, 1), (0, 1))]
    assert diff.words.added + diff.words.deleted <= 6


def test_what_only_the_splitter_cuts_differently_is_neither_added_nor_deleted() -> None:
    diff = compare(
        page("He left early. the mayor stayed at home."), page("He left early: the mayor stayed at home.")
    )
    assert not {"add", "delete"} & set(ops(diff))


def test_of_two_neighbours_that_changed_places_the_lighter_one_moved() -> None:
    diff = compare(page(f"Ferries ran. {LONG}"), page(f"{LONG} Ferries ran."))
    assert links(diff) == [("keep", (1,), (0,)), ("move", (0,), (1,))]


def test_a_paragraph_put_in_and_a_word_cut_behind_it_are_two_changes() -> None:
    after = "Later on Tuesday the mayor spoke."
    hunks = compare(page(BRIDGE, after), page(BRIDGE, MILL, after.replace("Later on", "On"))).hunks
    changed = [(hunk.op, hunk.old.strip(), hunk.new.strip()) for hunk in hunks if hunk.op is not HunkOp.KEEP]
    assert changed == [(HunkOp.INSERT, "", MILL), (HunkOp.REPLACE, "Later on", "On")]


def test_a_block_of_sentences_is_one_move() -> None:
    block = "A first thing was said in the hall. A second one followed at once. Then all went home."
    diff = compare(page(block, BRIDGE, FERRY, MILL), page(BRIDGE, FERRY, MILL, block))
    assert ops(diff) == {"move": 3, "keep": 3}
    assert {hunk.move for hunk in diff.hunks if hunk.op is HunkOp.MOVE} == {1}
    assert sum(hunk.op is HunkOp.MOVE for hunk in diff.hunks) == 2


def test_a_moved_sentence_that_was_edited_counts_its_edit_only() -> None:
    diff = compare(page(BRIDGE, FERRY, MILL), page(FERRY, MILL, BRIDGE.replace("Tuesday", "Friday")))
    assert ops(diff) == {"keep": 2, "move": 1}
    assert (diff.words.added, diff.words.deleted) == (1, 1)


def test_a_short_sentence_far_away_is_not_the_moved_form_of_another() -> None:
    diff = compare(page("He said so.", BRIDGE, FERRY, MILL), page(BRIDGE, FERRY, MILL, "She said so."))
    assert ops(diff) == {"delete": 1, "keep": 3, "add": 1}


def test_a_repeated_line_stays_with_the_block_it_stands_in() -> None:
    old = page(BRIDGE, "Read more", FERRY, "Read more", MILL)
    new = page(FERRY, "Read more", MILL, BRIDGE, "Read more")
    assert ops(compare(old, new)) == {"keep": 3, "move": 2}
    assert {hunk.move for hunk in compare(old, new).hunks if hunk.op is HunkOp.MOVE} == {1}


def test_a_rewritten_sentence_is_an_edit_where_its_neighbours_stayed() -> None:
    new = "After a long debate the council decided to shut the bridge over the river for good."
    assert ops(compare(page(FERRY, BRIDGE, MILL), page(FERRY, new, MILL))) == {"keep": 2, "edit": 1}


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


LETTERS = str.maketrans("0123456789", "abcdefghij")
LIKE = "The council of the town voted on item {} of the plan to close the old bridge over the river."
HARD = {
    "all alike": (
        "\n".join(LIKE.format(n) for n in range(600)),
        "\n".join(LIKE.format(n + 5000) for n in range(600)),
    ),
    "the same line": ("The same line.\n" * 5000, "The same line.\n" * 4000 + "Another."),
    "two lines in turn": ("One line.\nOther line.\n" * 1500, "Other line.\nOne line.\n" * 1400),
    "no space and no mark": ("a" * 500_000, "b" * 500_000),
    "nothing but marks": (".,;" * 30_000, ";,." * 30_000),
    "accents": ("a" + "\u0301\u0316" * 30_000, "b" + "\u0316\u0301" * 30_000),
    "abbreviations": ("Mr. " * 20_000, "Dr. " * 20_000),
    "one long list": ("the quick fox and the lazy dog 1\n" * 3000, "the quick fox and a lazy dog 2\n" * 3000),
    "no landmark": ("a b a c " * 8000 + "a c b a", "b a c a " * 7000 + "c c b a"),
}


@pytest.mark.parametrize("name", HARD)
def test_no_text_makes_comparing_slow(name: str) -> None:
    """Each took minutes where a step took the square of its length; the bound is far above what it takes."""
    old, new = HARD[name]
    start = time.process_time()
    diff = compare(extract_plain(old), extract_plain(new))
    assert time.process_time() - start < 10
    assert "".join(hunk.old for hunk in diff.hunks) == old
    assert "".join(hunk.new for hunk in diff.hunks) == new


def test_two_edits_in_a_passage_without_end_are_found() -> None:
    words = [f"{n * n % 7919}".translate(LETTERS) for n in range(12_000)]
    edited = list(words)
    edited[3000] = edited[9000] = "other"
    diff = compare(extract_plain(" ".join(words)), extract_plain(" ".join(edited)))
    assert (diff.words.added, diff.words.deleted) == (2, 2)


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
