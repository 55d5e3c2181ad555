"""The laws of comparing, for any texts: nothing is lost, nothing is invented, no side is preferred."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.compare import compare, normalise, tokens
from monitor.compare.sentences import sentences
from storage.records import Diff, Extraction, Hunk, HunkOp, Paragraph, ParagraphKind, SentenceOp

LAW = settings(derandomize=True, deadline=None, max_examples=100)

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
@given(two_versions())
def test_hunks_rebuild_both_versions_exactly(versions: tuple[Extraction, Extraction]) -> None:
    old, new = versions
    assert joined(compare(old, new).hunks) == (old.text, new.text)


@LAW
@given(ANY_TEXT, ANY_TEXT)
def test_hunks_rebuild_any_two_texts_exactly(old: str, new: str) -> None:
    diff = compare(whole(old), whole(new))
    assert joined(diff.hunks) == (old, new)
    assert ("".join(diff.old_sentences), "".join(diff.new_sentences)) == (old, new)


@LAW
@given(two_versions())
def test_swapping_the_versions_swaps_what_was_added_and_deleted(
    versions: tuple[Extraction, Extraction],
) -> None:
    forth, back = ops(compare(*versions)), ops(compare(*reversed(versions)))
    assert forth[SentenceOp.ADD] == back[SentenceOp.DELETE]
    assert forth[SentenceOp.DELETE] == back[SentenceOp.ADD]


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


@LAW
@given(st.data(), st.lists(PARAGRAPH, min_size=1, max_size=8))
def test_no_new_order_of_paragraphs_alone_adds_or_deletes(data: st.DataObject, paragraphs: list[str]) -> None:
    diff = compare(page(*paragraphs), page(*data.draw(st.permutations(paragraphs))))
    assert not ops(diff).keys() - {SentenceOp.KEEP, SentenceOp.EDIT, SentenceOp.MOVE}
    assert (diff.words.added, diff.words.deleted) == (0, 0)


@LAW
@given(two_versions())
def test_every_sentence_of_both_versions_is_accounted_for_once(
    versions: tuple[Extraction, Extraction],
) -> None:
    diff = compare(*versions)
    assert sorted(i for group in diff.sentences for i in group.old) == list(range(len(diff.old_sentences)))
    assert sorted(j for group in diff.sentences for j in group.new) == list(range(len(diff.new_sentences)))


@LAW
@given(two_versions())
def test_a_moved_passage_leaves_once_and_arrives_once(versions: tuple[Extraction, Extraction]) -> None:
    moves = [hunk for hunk in compare(*versions).hunks if hunk.op is HunkOp.MOVE]
    left = Counter(hunk.move for hunk in moves if hunk.old)
    came = Counter(hunk.move for hunk in moves if hunk.new)
    assert left == came
    assert set(left.values()) <= {1}
    assert None not in left


@LAW
@given(two_versions())
def test_a_kept_hunk_reads_the_same_on_both_sides(versions: tuple[Extraction, Extraction]) -> None:
    for hunk in compare(*versions).hunks:
        if hunk.op is HunkOp.KEEP:
            assert hunk.old.split() == hunk.new.split()


@LAW
@given(two_versions())
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
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
