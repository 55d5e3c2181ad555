"""The laws of comparing, for any texts: nothing is lost, nothing is invented, no side is preferred."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from monitor.compare import compare, normalise, tokens
from monitor.compare.sentences import sentences
from monitor.compare.words import count_words, words
from storage.records import Diff, Extraction, Hunk, HunkOp, Paragraph, ParagraphKind, SentenceOp
from tests.laws import law

LAW = law(100, derandomize=True)

WORDS = "the council bridge mayor old new river vote budget 12 seven said “yes” no. Mr. U.S. plan school road".split()
SENTENCE = st.builds(
    lambda words, end: " ".join(words).capitalize() + end,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9),
    st.sampled_from([".", "!", "?", "…", ".”"]),
)
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=3).map(" ".join)
PARAGRAPHS = st.lists(PARAGRAPH, max_size=7)
PIECES = st.sampled_from(
    [
        "a",
        "Bc",
        "d’e",
        "U.S.",
        "Mr.",
        "12",
        "1,200",
        "$3.5bn",
        ".",
        "!",
        "“",
        "”",
        '"',
        " ",
        "\n",
        "\n\n",
        "\t",
        "é",
        "字",
        "\u00a0",
    ]
)
ANY_TEXT = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=60).map("".join))


def page(*paragraphs: str) -> Extraction:
    made = tuple(Paragraph(kind=ParagraphKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extraction(headline="A headline", paragraphs=made, extractor="test/1")


def whole(text: str) -> Extraction:
    return Extraction(headline=None, paragraphs=(), extractor="test/1", plain=True, whole=text)


@st.composite
def two_versions(draw: st.DrawFn) -> tuple[Extraction, Extraction]:
    """Some paragraphs, and what an editor made of them: some cut, some new, one reworded, the order changed."""
    before = draw(PARAGRAPHS)
    kept = [paragraph for paragraph in before if draw(st.integers(0, 3)) > 0]
    after = [*kept, *draw(st.lists(PARAGRAPH, max_size=2))]
    if draw(st.booleans()):
        after = list(draw(st.permutations(after)))
    if draw(st.booleans()) and after:
        place = draw(st.integers(0, len(after) - 1))
        after[place] = after[place].replace(draw(st.sampled_from(WORDS)), draw(st.sampled_from(WORDS)))
    return page(*before), page(*after)


@st.composite
def near_copies(draw: st.DrawFn) -> tuple[Extraction, Extraction]:
    """Paragraphs of a few that repeat, some a word apart from another, and what came of them."""
    pool = draw(st.lists(st.one_of(PARAGRAPH, st.sampled_from(WORDS)), min_size=1, max_size=4))
    before = draw(st.lists(st.sampled_from(pool), max_size=8))
    kept = [paragraph for paragraph in before if draw(st.integers(0, 5)) > 0]
    after = [_nearly(draw, paragraph) if draw(st.integers(0, 3)) == 0 else paragraph for paragraph in kept]
    if draw(st.booleans()):
        after = list(draw(st.permutations(after)))
    return page(*before), page(*([" ".join(after)] if after and draw(st.integers(0, 4)) == 0 else after))


def _nearly(draw: st.DrawFn, paragraph: str) -> str:
    parts = paragraph.split(" ")
    place = draw(st.integers(0, len(parts) - 1))
    parts[place : place + draw(st.integers(0, 1))] = [draw(st.sampled_from(WORDS))]
    return " ".join(parts)


def ops(diff: Diff) -> Counter[SentenceOp]:
    return Counter(group.op for group in diff.sentences)


def joined(hunks: tuple[Hunk, ...]) -> tuple[str, str]:
    return "".join(hunk.old for hunk in hunks), "".join(hunk.new for hunk in hunks)


@LAW
@given(PARAGRAPHS)
def test_nothing_differs_between_a_text_and_itself(paragraphs: list[str]) -> None:
    diff = compare(page(*paragraphs), page(*paragraphs))
    assert diff.is_empty
    assert all(hunk.op is HunkOp.KEEP for hunk in diff.hunks)
    assert (diff.words.added, diff.words.deleted) == (0, 0)


@LAW
@given(st.one_of(two_versions(), near_copies()))
def test_hunks_rebuild_both_versions_exactly(versions: tuple[Extraction, Extraction]) -> None:
    old, new = versions
    assert joined(compare(old, new).hunks) == (old.text, new.text)


@LAW
@given(ANY_TEXT, ANY_TEXT)
def test_hunks_rebuild_any_two_texts_exactly(old: str, new: str) -> None:
    diff = compare(whole(old), whole(new))
    assert joined(diff.hunks) == (old, new)
    assert ("".join(diff.old_sentences), "".join(diff.new_sentences)) == (old, new)


MIRRORED = {HunkOp.INSERT: HunkOp.DELETE, HunkOp.DELETE: HunkOp.INSERT}
TURNED = {
    SentenceOp.ADD: SentenceOp.DELETE,
    SentenceOp.DELETE: SentenceOp.ADD,
    SentenceOp.SPLIT: SentenceOp.MERGE,
    SentenceOp.MERGE: SentenceOp.SPLIT,
}


@LAW
@given(st.one_of(two_versions(), near_copies()))
def test_swapping_the_versions_swaps_what_was_added_and_deleted_and_changes_nothing_else(
    versions: tuple[Extraction, Extraction],
) -> None:
    forth, back = compare(*versions), compare(*reversed(versions))
    assert Counter((g.op, g.old, g.new) for g in forth.sentences) == Counter(
        (TURNED.get(g.op, g.op), g.new, g.old) for g in back.sentences
    )
    assert [(h.op, h.old, h.new) for h in forth.hunks] == [
        (MIRRORED.get(h.op, h.op), h.new, h.old) for h in back.hunks
    ]
    assert (forth.words.added, forth.words.deleted) == (back.words.deleted, back.words.added)


def test_a_pair_that_could_be_split_and_merged_at_once_is_read_the_same_both_ways() -> None:
    old = page(
        "School road mr. vote 12 “yes” new.",
        "Seven vote 12 said “yes” no. bridge no. new",
        "Road river",
        "Mr. said road old river plan no. budget.Council seven plan river u.s..",
        "Seven council “yes” school",
    )
    new = page(
        "Old said said old river vote budget “yes” bridge.",
        "New mr. budget new “yes” old u.s. budget road.",
        "Seven vote 12 said “yes” no. bridge no. new",
        "Road river",
        "Council seven plan river u.s..",
        "Mr. said road old river plan no. budget.Seven council “yes” school",
        "School road mr. vote 12 “yes” new.",
    )
    forth, back = ops(compare(old, new)), ops(compare(new, old))
    assert (forth[SentenceOp.ADD], forth[SentenceOp.DELETE]) == (
        back[SentenceOp.DELETE],
        back[SentenceOp.ADD],
    )


REPEATING = st.lists(st.one_of(PARAGRAPH, st.sampled_from(WORDS)), min_size=1, max_size=4).flatmap(
    lambda pool: st.lists(st.sampled_from(pool), min_size=1, max_size=9)
)


@LAW
@given(st.data(), st.one_of(st.lists(PARAGRAPH, min_size=1, max_size=8), REPEATING))
def test_no_new_order_of_paragraphs_alone_adds_or_deletes(data: st.DataObject, paragraphs: list[str]) -> None:
    diff = compare(page(*paragraphs), page(*data.draw(st.permutations(paragraphs))))
    assert not ops(diff).keys() - {SentenceOp.KEEP, SentenceOp.MOVE}
    assert not {hunk.op for hunk in diff.hunks} - {HunkOp.KEEP, HunkOp.MOVE}
    assert (diff.words.added, diff.words.deleted) == (0, 0)


@LAW
@given(st.data(), st.lists(st.text(st.characters(blacklist_characters="\n\r"), max_size=30), max_size=6))
def test_no_new_order_of_any_lines_of_a_file_a_blank_one_apart_adds_or_deletes(
    data: st.DataObject, blocks: list[str]
) -> None:
    lines = [block for block in blocks if block.strip()]
    old, new = ("\n\n".join(order) for order in (lines, data.draw(st.permutations(lines))))
    assert not {hunk.op for hunk in compare(whole(old), whole(new)).hunks} - {HunkOp.KEEP, HunkOp.MOVE}


@LAW
@given(st.one_of(two_versions(), near_copies()))
def test_every_sentence_of_both_versions_is_accounted_for_once(
    versions: tuple[Extraction, Extraction],
) -> None:
    diff = compare(*versions)
    assert sorted(i for group in diff.sentences for i in group.old) == list(range(len(diff.old_sentences)))
    assert sorted(j for group in diff.sentences for j in group.new) == list(range(len(diff.new_sentences)))


@LAW
@given(st.one_of(two_versions(), near_copies()))
def test_a_moved_passage_leaves_once_and_arrives_once(versions: tuple[Extraction, Extraction]) -> None:
    moves = [hunk for hunk in compare(*versions).hunks if hunk.op is HunkOp.MOVE]
    left = Counter(hunk.move for hunk in moves if hunk.old)
    came = Counter(hunk.move for hunk in moves if hunk.new)
    assert left == came
    assert set(left.values()) <= {1}
    assert None not in left


@LAW
@given(st.one_of(two_versions(), near_copies()))
def test_a_kept_hunk_reads_the_same_on_both_sides(versions: tuple[Extraction, Extraction]) -> None:
    for hunk in compare(*versions).hunks:
        if hunk.op is HunkOp.KEEP:
            assert normalise(hunk.old).replace(" ", "") == normalise(hunk.new).replace(" ", "")


@LAW
@given(st.one_of(two_versions(), near_copies()))
def test_every_word_of_the_new_version_was_kept_or_added(versions: tuple[Extraction, Extraction]) -> None:
    diff = compare(*versions)
    assert diff.words.kept + diff.words.added == sum(len(words(s)) for s in diff.new_sentences)


@LAW
@given(st.one_of(two_versions(), near_copies()))
def test_every_hunk_is_what_its_two_sides_say(versions: tuple[Extraction, Extraction]) -> None:
    for hunk in compare(*versions).hunks:
        sides = {
            HunkOp.INSERT: (False, True),
            HunkOp.DELETE: (True, False),
            HunkOp.REPLACE: (True, True),
            HunkOp.KEEP: (True, True),
        }
        if hunk.op is HunkOp.MOVE:
            assert bool(hunk.old) is not bool(hunk.new)
        else:
            assert (bool(hunk.old), bool(hunk.new)) == sides[hunk.op]


@LAW
@given(ANY_TEXT)
def test_sentences_partition_any_text(text: str) -> None:
    assert "".join(sentences(text)) == text
    assert all(sentences(text))


@LAW
@given(ANY_TEXT)
def test_tokens_partition_any_text(text: str) -> None:
    assert "".join(tokens(text)) == text
    assert all(tokens(text))


@LAW
@given(ANY_TEXT)
def test_tokens_are_the_same_whether_a_text_has_only_ascii_or_not(text: str) -> None:
    assert tokens(text + " é")[:-2] == tokens(text) or text[-1:].isspace()
    assert words(text) == [t for t in tokens(text) if any(c.isalnum() or c == "_" for c in t)]
    assert count_words(text) == len(words(text))


@LAW
@given(ANY_TEXT)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
