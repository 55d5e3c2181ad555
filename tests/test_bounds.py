"""No two texts, however they were made, make comparing and telling them long; and what is left out is said.

Work is counted where it can be: lines of Python run, sentences, events, hunks. Twice the text may take
little more than twice the work.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from monitor.compare import compare, detail
from monitor.compare.detail import as_wholes
from monitor.compare.hunks import joined
from monitor.compare.sentences import sentences
from monitor.events import assess, effort
from monitor.extract import extract_plain
from monitor.extract.notices import notice_kind
from monitor.report import Head, NoLinks, diff_page, diff_text
from monitor.report import pieces as laid
from storage.records import Diff, EventKind, Extraction, Link, Paragraph, ParagraphKind, composed, fold_spaces

cut = sys.modules[sentences.__module__]
TOO_MUCH = "Too much changed to tell all of it in detail."
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(count: int, seed: int = 1) -> list[str]:
    """Words without end, of which hardly two are alike; others for another seed."""
    state, found = seed * 7919, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        found.append("".join(LETTERS[(state >> shift) % 26] for shift in (4, 9, 14, 19, 23)))
    return found


def turned(parts: list[str]) -> list[str]:
    """The same in quite another order."""
    return parts[::-3] + parts[-2::-3] + parts[-3::-3]


def told(parts: list[str], between: str, end: str = "") -> tuple[str, str]:
    return between.join(parts) + end, between.join(turned(parts)) + end


PAIRS: dict[str, Callable[[int], tuple[str, str]]] = {
    "stops": lambda n: (". " * n, ". " * (n // 2)),
    "questions against prose": lambda n: ("A? " * n, ". ".join(words(n // 2))),
    "one paragraph of short sentences": lambda n: told([f"{w} so." for w in words(n)], " "),
    "two sentences": lambda n: told(["Yes, sir.", "Not now then."] * (n // 2), " "),
    "lines": lambda n: told(words(n), "\n"),
    "lines nearly alike": lambda n: told([f"It was {w} again" for w in words(n // 3)], "\n"),
    "numbers": lambda n: told([str(7 * k) for k in range(n)], " "),
    "numbers in words": lambda n: told(["one", "two", "hundred", "thousand"] * (n // 4), " "),
    "names": lambda n: told([w.capitalize() for w in words(n)], " ", " met."),
    "names and verbs": lambda n: told([f"{w.capitalize()} said" for w in words(n // 2)], ", "),
    "dates": lambda n: told([f"{k % 28 + 1} May {1900 + k % 150}" for k in range(n // 3)], " "),
    "hedges": lambda n: told(["allegedly", "not", "may", "never", "reportedly"] * (n // 5), " "),
    "quotations": lambda n: told([f"“{w} {w}”" for w in words(n // 2)], " "),
    "quotations left open": lambda n: told([f"“{w}" for w in words(n)], " "),
    "apostrophes": lambda n: told([f"'{w}" for w in words(n)], " "),
    "corrections": lambda n: told([f"Correction: it was {w}." for w in words(n // 4)], "\n\n"),
    "addresses": lambda n: told([f"https://a.invalid/{w}" for w in words(n // 2)], " "),
}


@contextmanager
def counting() -> Iterator[list[int]]:
    """How many lines of Python are run meanwhile."""
    lines = [0]

    def trace(_frame: FrameType, event: str, _about: Any) -> Any:
        lines[0] += event == "line"
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(former)


def work(old: str, new: str) -> int:
    with counting() as lines:
        assess(compare(extract_plain(old), extract_plain(new)))
    return lines[0]


@pytest.mark.parametrize("made", PAIRS.values(), ids=PAIRS)
def test_four_times_the_text_takes_no_square_of_the_work(made: Callable[[int], tuple[str, str]]) -> None:
    work(*made(60))  # what is remembered for good is
    least, most = work(*made(400)), work(*made(1_600))
    assert most < 8 * least  # a square would be sixteen


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every limit put where small texts reach it."""
    for place, name, limit in (
        (cut, "_MOST", 20),
        (detail, "_MOST_LEFT_OVER", 30),
        (detail, "_LONGEST", 300),
        (detail, "_WORK", 3_000),
        (effort, "LONGEST_PASSAGE", 200),
        (effort, "_CHARACTERS", 1_000),
        (effort, "_EVENTS", 20),
        (laid, "_MOST_HUNKS", 20),
        (laid, "_MOST_PIECES", 60),
    ):
        monkeypatch.setattr(place, name, limit)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("made", PAIRS.values(), ids=PAIRS)
def test_a_coarse_diff_too_rebuilds_both_texts_either_way(made: Callable[[int], tuple[str, str]]) -> None:
    for old, new in (made(200), made(200)[::-1]):
        diff = between(old, new)
        assert "".join(hunk.old for hunk in diff.hunks) == old == "".join(diff.old_sentences)
        assert "".join(hunk.new for hunk in diff.hunks) == new == "".join(diff.new_sentences)
        assert sorted(i for group in diff.sentences for i in group.old) == list(
            range(len(diff.old_sentences))
        )
        assert sorted(j for group in diff.sentences for j in group.new) == list(
            range(len(diff.new_sentences))
        )
        assert between(old, old).is_empty


@pytest.mark.usefixtures("small")
def test_a_summary_says_that_not_all_was_told() -> None:
    old, new = PAIRS["lines nearly alike"](300)
    diff = between(old, new)
    assessment = assess(diff)
    assert diff.coarse
    assert assessment.summary.endswith(TOO_MUCH)
    assert len(assessment.events) <= 25
    rest = assessment.events[-1]
    assert rest.kind is EventKind.SENTENCE_REWRITTEN
    assert "more sentences" in f"{rest.old} {rest.new}"


@pytest.mark.usefixtures("small")
def test_a_page_shows_no_more_changes_than_anybody_reads_and_says_so() -> None:
    diff = between(*PAIRS["lines nearly alike"](400))
    left_out = "more changes are left out"
    page = diff_page(diff, assess(diff), Head(), links=NoLinks())
    assert left_out in page
    assert left_out in diff_text(diff, assess(diff), Head(), colour=False)
    assert page.count("<ins") < 200


def test_an_article_is_told_in_full() -> None:
    old, new = " ".join(f"{w.capitalize()} it was." for w in words(900)), "It was not so."
    diff = between(f"{old} {new}", f"{old} It was so.")
    assert not diff.coarse
    assert TOO_MUCH not in assess(diff).summary


def test_a_long_passage_is_kept_as_far_as_both_begin_and_end_alike() -> None:
    hunks = list(joined(as_wholes("one two three four five", "one two or four five")))
    assert [(hunk.old, hunk.new) for hunk in hunks] == [
        ("one two ", "one two "),
        ("three", "or"),
        (" four five", " four five"),
    ]


def test_behind_very_many_sentences_lines_are_told_apart_and_then_nothing() -> None:
    many: int = cut._MOST
    found = sentences("Yes. " * many + "No. No.\n" * (many + 5))
    assert len(found) == 2 * many + 1
    assert found[many] == "No. No.\n"


# ---------------------------------------------------------------------- marks in a heap


def test_marks_in_a_heap_take_no_square_of_the_work() -> None:
    """A heap stays as it is: in order it would be put for minutes."""
    for heap in ("a" + "\u0301\u0316" * 100_000, "\u0f73" * 100_000):
        assert composed(f"e\u0301 {heap} e\u0301") == f"é {heap} é"


@pytest.mark.parametrize("mark", ["\u0301\u0316", "\u0316\u0301\u0323", "\u0f73", "\u0344", "\u0308\u0301"])
def test_text_with_thirty_marks_in_a_row_is_composed_as_ever(mark: str) -> None:
    text = f"caf\u0065{mark * (30 // len(mark))} na\u0131\u0308ve ☃☃☃ {'☃' * 100} e\u0301"
    assert composed(text) == unicodedata.normalize("NFC", text)


def test_no_letter_digit_or_space_is_a_mark() -> None:
    """Which is what the search for heaps rests on; and what comes apart into marks alone is known by name."""
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.combining(char):
            assert re.fullmatch(r"[^\w\s]", char)
        elif unicodedata.combining(unicodedata.normalize("NFD", char)[0]):
            assert char in "\u0f73\u0f75\u0f81"


def test_folding_twice_folds_once() -> None:
    heap = "a" + "\u0301\u0316" * 500 + " b"
    assert fold_spaces(fold_spaces(heap)) == fold_spaces(heap)


# ---------------------------------------------------------------------- links, notices


def test_links_whose_words_do_not_stand_in_the_text_are_not_searched_for_without_end() -> None:
    def linked(count: int, to: str) -> Extraction:
        links = tuple(
            Link(paragraph=0, text=f"zz{k}", url=f"https://a.invalid/{to}{k}") for k in range(count)
        )
        text = Paragraph(kind=ParagraphKind.PARAGRAPH, text=" ".join(words(20_000)))
        return Extraction(headline="H", paragraphs=(text,), extractor="test/1", links=links)

    assert assess(compare(linked(20_000, "a"), linked(20_000, "b"))).events == ()


def test_a_block_as_long_as_a_page_is_no_notice() -> None:
    assert notice_kind("([" * 200_000 + "correction") is None
    assert notice_kind("." * 400_000 + " version of this ") is None


def between(old: str, new: str) -> Diff:
    return compare(extract_plain(old), extract_plain(new))
