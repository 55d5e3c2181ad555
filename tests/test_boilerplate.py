"""What a host repeats over its articles is learnt from three of them, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.boilerplate import echoes, learn
from storage.forms import blocks_form, blocks_from
from storage.records import Extraction, HostBlocks, Paragraph, ParagraphKind, block_key
from tests.test_decide import LAW

APPEAL = "Our reporting is paid for by readers like you: give what you can."
RULES = "Comments are open for one day after publication."


def story(
    number: int, *more: str, length: int = 6, kind: ParagraphKind = ParagraphKind.PARAGRAPH
) -> Extraction:
    """An article of its own text, with some more blocks at its end."""
    own = [f"Sentence {place} of story {number} is not in any other." for place in range(length)]
    return Extraction(
        headline=f"Story number {number} is out",
        paragraphs=(
            *(Paragraph(kind=ParagraphKind.PARAGRAPH, text=text) for text in own),
            *(Paragraph(kind=kind, text=text) for text in more),
        ),
        extractor="test/1",
    )


def taught(*articles: Extraction, known: HostBlocks | None = None) -> HostBlocks:
    known = known or HostBlocks()
    for number, article in enumerate(articles, start=1):
        known = learn(known, number, article)
    return known


# --------------------------------------------------------------------- what is learnt


def test_a_block_that_stands_in_three_articles_is_learnt() -> None:
    assert taught(story(1, APPEAL), story(2, APPEAL)).learnt == {}
    known = taught(story(1, APPEAL), story(2, APPEAL), story(3, APPEAL))
    assert known.learnt == {block_key(APPEAL): APPEAL}


def test_case_spaces_and_punctuation_make_no_other_block() -> None:
    loud, spaced = APPEAL.upper(), APPEAL.replace(" ", "  ").replace(":", " –")
    assert list(taught(story(1, APPEAL), story(2, loud), story(3, spaced)).learnt) == [block_key(APPEAL)]


def test_three_revisions_of_one_article_are_one_article() -> None:
    known = HostBlocks()
    for length in (5, 6, 7, 8):
        known = learn(known, 1, story(1, APPEAL, length=length))
    assert known.learnt == {}
    assert [article.article_id for article in known.recent] == [1]


def test_what_was_left_out_counts_as_seen() -> None:
    """Otherwise a block that a selector or an earlier reading left out would be forgotten."""
    left_out = replace(story(3), left_out=(Paragraph(kind=ParagraphKind.PARAGRAPH, text=APPEAL),))
    assert list(taught(story(1, APPEAL), story(2, APPEAL), left_out).learnt) == [block_key(APPEAL)]


def test_what_was_learnt_stays_learnt() -> None:
    known = taught(story(1, APPEAL), story(2, APPEAL), story(3, APPEAL))
    for number in range(4, 60):
        known = learn(known, number, story(number))
    assert list(known.learnt) == [block_key(APPEAL)]


# --------------------------------------------------------------------- what is not


@pytest.mark.parametrize(
    "block",
    ["Read more", "By our staff", " ".join(["word"] * 61)],
    ids=["two words", "heading", "too long"],
)
def test_short_blocks_long_blocks_and_headings_are_not_learnt(block: str) -> None:
    kind = ParagraphKind.HEADING if block == "By our staff" else ParagraphKind.PARAGRAPH
    assert taught(*(story(number, block, kind=kind) for number in range(1, 9))).learnt == {}


def test_a_headline_in_the_text_is_not_learnt() -> None:
    same = "A headline for many a story"
    articles = [replace(story(number, same), headline=same) for number in range(1, 6)]
    assert taught(*articles).learnt == {}


def test_articles_that_are_copies_of_one_another_teach_nothing() -> None:
    """A wire story under five addresses is no boilerplate."""
    assert taught(*(story(1) for _ in range(5))).learnt == {}
    longer = [story(1, *(f"Added paragraph {n} of {number}." for n in range(3))) for number in range(5)]
    assert taught(*longer).learnt == {}


def test_an_excerpt_of_an_article_teaches_nothing() -> None:
    assert (
        taught(story(1, length=40), story(1, length=4), story(1, length=5), story(1, length=3)).learnt == {}
    )


def test_what_a_host_repeats_makes_no_article_a_copy() -> None:
    """Short news under a lot of furniture: once that is learnt it does not make them alike."""
    furniture = [f"Line {number} of what stands everywhere." for number in range(5)]
    long = [story(number, *furniture, length=20) for number in range(1, 4)]
    short = [story(number, *furniture, RULES, length=3) for number in range(4, 7)]
    known = taught(*long, *short)
    assert set(known.learnt) == {block_key(block) for block in (*furniture, RULES)}


def test_plain_text_teaches_nothing() -> None:
    assert taught(*(replace(story(n, APPEAL), plain=True) for n in range(1, 6))) == HostBlocks()


def test_three_words_in_a_script_without_spaces_are_a_block() -> None:
    block = "广告：请支持我们的新闻报道工作"
    assert list(taught(*(story(number, block) for number in range(1, 4))).learnt) == [block_key(block)]


# --------------------------------------------------------------------- how much is kept


def test_only_the_last_articles_of_a_host_are_kept() -> None:
    known = taught(*(story(number) for number in range(1, 60)))
    assert [article.article_id for article in known.recent] == list(range(36, 60))


def test_what_is_kept_has_an_end() -> None:
    pages = [
        story(
            number, *(f"Line {n} of the long list." for n in range(number * 40, number * 40 + 60)), length=100
        )
        for number in range(40)
    ]
    known = taught(*pages)
    assert len(known.learnt) <= 256
    assert all(len(article.keys) <= 80 for article in known.recent)


# --------------------------------------------------------------------- echoes


def test_articles_with_exactly_the_same_blocks_are_echoes() -> None:
    known = taught(story(1), story(1), story(2), story(1, APPEAL))
    assert echoes(known, 1, story(1)) == 1
    assert echoes(known, 5, story(1)) == 2
    assert echoes(known, 3, story(2)) == echoes(known, 5, story(3)) == 0


def test_an_article_without_blocks_echoes_nothing() -> None:
    known = taught(story(1, length=0), story(2, length=0))
    assert echoes(known, 9, story(3, length=0)) == 0


# --------------------------------------------------------------------- laws

PAGES = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.lists(st.sampled_from([APPEAL, RULES, *(f"Own line number {n}" for n in "1234567")])),
    ),
    max_size=40,
)


@LAW
@given(PAGES)
def test_learning_never_forgets_and_survives_its_form(pages: list[tuple[int, list[str]]]) -> None:
    known = HostBlocks()
    for article_id, blocks in pages:
        then = learn(known, article_id, story(article_id, *blocks))
        assert dict(then.learnt).items() >= dict(known.learnt).items()
        assert blocks_from(**json.loads(json.dumps(blocks_form(then)))) == then
        assert learn(then, article_id, story(article_id, *blocks)).learnt == then.learnt
        known = then
