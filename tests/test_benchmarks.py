"""The benchmarks measure what they say: scores on values made by hand, and noise that spares the article."""

from __future__ import annotations

import re

import pytest

from benchmarks.data import day
from benchmarks.noise import with_noise
from benchmarks.scores import mean, ninth_tenth, present, same_names, same_title, token_ratio, word_f1
from benchmarks.systems import SYSTEMS, text_of
from benchmarks.tables import percent, table

PARAGRAPHS = [
    f"The {word} council voted on Tuesday to close the bridge, after a long debate in the old hall."
    for word in "first second third fourth fifth".split()
]
SCRIPT = '<script nonce="abc">var markup = "<p>not a paragraph</p>";</script>'
PAGE = (
    '<html><head><title>Bridge</title><script src="/app-0123abcd.js"></script></head><body><article><h1>Bridge</h1>'
    f"{SCRIPT}{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</article></body></html>"
)


@pytest.mark.parametrize(
    ("true", "found", "score"),
    [
        ("One two two", "two, TWO one!", 1.0),
        ("one two three four", "one two", 2 / 3),
        ("one one", "one", 2 / 3),
        ("one", "two", 0.0),
        ("one", "", 0.0),
        ("", "", 1.0),
    ],
)
def test_words_are_counted_as_often_as_they_stand_there(true: str, found: str, score: float) -> None:
    assert word_f1(true, found) == pytest.approx(score)
    assert word_f1(found, true) == pytest.approx(score)


def test_the_token_ratio_knows_the_order_that_the_word_bag_does_not() -> None:
    assert word_f1("a b c d", "d c b a") == 1.0
    assert token_ratio("a b c d", "d c b a") == pytest.approx(0.25)
    assert token_ratio("a b", "A, b!") == 1.0


def test_titles_and_names_are_equal_but_for_case_spaces_and_punctuation() -> None:
    assert same_title("It’s  over: the bridge", "It's over – the Bridge")
    assert not same_title("The bridge", "The bridge | Outlet")
    assert not same_title("The bridge", None)
    assert same_names(["Ann B. Lee", "Jo Ray"], ["JO RAY", "Ann B Lee"])
    assert not same_names(["Ann Lee", "Jo Ray"], ["Ann Lee"])


def test_passages_are_found_whatever_their_spaces() -> None:
    assert present(["one two", "three", "four"], "One one\n two\u00a0three") == 2


def test_means_and_shares_of_nothing_are_nothing() -> None:
    assert (mean([]), ninth_tenth([])) == (None, None)
    assert percent(0, 0) == "none"
    assert percent(1, 8) == "1 of 8 (12.5 %)"


def test_nine_of_ten_values_do_not_exceed_it() -> None:
    assert ninth_tenth(range(1, 11)) == 9
    assert ninth_tenth([7]) == 7


def test_the_day_is_the_one_that_was_written_down() -> None:
    assert day("2020-01-31T23:30:00-08:00") == "2020-01-31"
    assert day("31 January") is None
    assert day(None) is None
    assert day(float("nan")) is None


def test_blocks_do_not_run_into_one_another() -> None:
    assert text_of("<div><p>one</p><p>t<b>w</b>o</p></div>").split() == ["one", "two"]


def test_every_reader_finds_the_article_of_a_plain_page() -> None:
    for name, system in SYSTEMS.items():
        found = system(PAGE.encode(), "https://news.example/bridge")
        assert not found.failed, name
        assert word_f1(" ".join(PARAGRAPHS), found.text) > 0.9, name


def test_noise_is_the_same_for_a_seed_and_fresh_for_another() -> None:
    assert with_noise(PAGE, 1) == with_noise(PAGE, 1)
    assert with_noise(PAGE, 1) != with_noise(PAGE, 2)
    assert "app-0123abcd.js" not in with_noise(PAGE, 1)


def test_noise_spares_the_article_and_the_insides_of_scripts() -> None:
    noisy = with_noise(PAGE, 3)
    assert [text for text in re.findall(r"<p>([^<]*)</p>", noisy) if text in PARAGRAPHS] == PARAGRAPHS
    assert re.sub(r'nonce="\w+"', 'nonce="abc"', noisy).count(SCRIPT) == 1
    assert "Advertisement" in noisy


def test_a_table_says_where_nothing_is_known() -> None:
    lines = table("Figures", ["set", "one"], [["a", 0.5], ["b", None]], markdown=True).splitlines()
    assert lines == [
        "### Figures",
        "",
        "| set |   one |",
        "|-----|------:|",
        "| a   | 0.500 |",
        "| b   |     – |",
    ]
