"""Terminal, Markdown and unified: what is shown, and that hostile text does nothing."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.report import check_line, diff_markdown, diff_text, diff_unified, log_line, table
from monitor.report.inline import Mark, word_diff
from monitor.report.markdown import escaped
from monitor.report.visible import clean, width
from storage.records import CheckResult
from tests.test_report_samples import (
    AT,
    HOSTILE,
    NEW,
    OLD,
    assessment,
    check_entry,
    compared,
    edited,
    entry,
    extraction,
    head,
    moved,
    removed_entry,
)

LONDON = ZoneInfo("Europe/London")
_SGR = re.compile(r"\x1b\[[\d;]*m")


def test_without_colour_words_stand_in_brackets() -> None:
    text = diff_text(edited(), assessment(), head(), colour=False)
    assert "[-Seven-] {+At least eight+} people were killed" in text
    assert "Headline: [-Seven-] {+At least eight+} dead in Sumy blast" in text
    assert "… 65 unchanged words …" in text
    assert "\x1b" not in text


def test_colour_adds_nothing_but_colour() -> None:
    text = diff_text(edited(), assessment(), head(), colour=True)
    assert "\x1b[31;9mSeven\x1b[0m \x1b[32;4mAt least eight\x1b[0m people" in text
    assert "[-" not in text
    assert "\x1b" not in _SGR.sub("", text)


def test_the_head_says_what_when_how_severe_and_whether_silent() -> None:
    summer = head(seen_at=AT.replace(month=7), not_seen_before=AT.replace(month=7, hour=17), zone=LONDON)
    text = diff_text(edited(), assessment(), summer, colour=False)
    for said in (
        "https://news.example/sumy",
        "revision 1 → revision 2, edited",
        "Seen Wed 17 Jul 2024, 19:05:00 BST",
        "Not seen before Wed 17 Jul 2024, 18:05:00 BST",
        "Critical. Silent edit",
        "Death toll raised",
        "critical     Number changed, paragraph 1: “seven” → “eight”",
    ):
        assert said in text


@pytest.mark.parametrize("columns", [40, 72, 100])
def test_no_line_is_wider_than_asked(columns: int) -> None:
    old = extraction("x" * 300 + " 漢字漢字 " * 20)
    diff = compared(old, extraction("y" * 300 + " 漢字漢字 " * 20))
    for each in (diff, edited(), moved("Alpha was the second to say so.")):
        for line in diff_text(each, assessment(), head(), colour=True, width=columns).splitlines():
            assert width(_SGR.sub("", line)) <= columns


def test_a_moved_passage_says_where_it_went_and_what_changed_in_it() -> None:
    text = diff_text(moved("Alpha was the second to say so."), assessment(), head(), colour=False)
    assert "[moved to paragraph 3 and edited: Alpha was the first to say so.]" in text
    assert "[moved from paragraph 1 and edited: Alpha was the [-first-] {+second+} to say so.]" in text


def test_nothing_from_a_page_reaches_the_terminal_raw() -> None:
    diff = compared(extraction(*OLD, headline=HOSTILE), extraction(HOSTILE, *NEW, headline=HOSTILE + "!"))
    hostile = assessment(summary=HOSTILE)
    text = diff_text(diff, hostile, head(headline=HOSTILE, url=HOSTILE, old_label=HOSTILE), colour=False)
    lines = [log_line(entry(2, headline=HOSTILE, summary=HOSTILE), LONDON, False), table([[HOSTILE]], ["x"])]
    for shown in (
        text,
        *lines,
        diff_unified(diff, head(old_label=HOSTILE)),
        diff_markdown(diff, hostile, head()),
    ):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", shown)
    assert "[U+202E]evil[U+202C]" in " ".join(text.split())


def test_joiners_that_a_script_or_an_emoji_needs_are_left_alone() -> None:
    for proper in ("می‌خواهم", "👩‍💻", "❤️", "क्‍ष"):
        assert clean(proper) == proper
    assert clean("pass\u200dword a\ufe0f") == "pass[U+200D]word a[U+FE0F]"
    assert clean("\ud800") == "[U+D800]"


def test_the_log_is_one_line_a_revision() -> None:
    line = log_line(entry(2, summary="Two\nlines."), LONDON, False)
    assert "\n" not in line
    assert line.startswith("2024-11-17 18:25:00  critical     silent  Revision 2, edited")
    assert "Removed" in log_line(removed_entry(), LONDON, False)


def test_a_check_is_one_line() -> None:
    changed = check_line(check_entry(), LONDON, False)
    assert changed.split() == [
        "2024-11-17", "18:05:00", "changed", "200", "article", "r2", "123", "ms", "https://news.example/sumy",
    ]  # fmt: skip
    failed = check_entry(result=CheckResult.FAILED, verdict=None, status=None, error="dns")
    assert " dns " in check_line(failed, LONDON, False)


def test_a_table_keeps_its_columns() -> None:
    lines = table([["é" * 3, 7], ["漢" * 60, 1200]], ["Name", "Checks"]).splitlines()
    assert len({width(line) for line in lines}) == 1
    assert "…" in lines[-1]
    assert table([], ["Name", "Checks"]).splitlines()[0] == "Name  Checks"


def test_markdown_marks_words_and_keeps_signs_off_spaces() -> None:
    text = diff_markdown(edited(), assessment(), head())
    assert "~~Seven~~ **At least eight** people were killed" in text
    assert "*… 65 unchanged words …*" in text
    assert "*moved to paragraph 3*: " in diff_markdown(moved(), assessment(), head())


@pytest.mark.parametrize(
    "hostile",
    ["<script>x</script>", "[a](javascript:b)", "![a](http://b)", "www.evil.example", "http://evil.example",
     "`code`", "**bold**", "~~struck~~", "a@evil.example", "<https://evil.example>", "&lt;"],
)  # fmt: skip
def test_markdown_of_a_page_stays_text(hostile: str) -> None:
    shown = escaped(hostile)
    assert not re.search(r"(?<!\\)[\[\]`*~@]|<|(?<!\\)://|www\.|&(?!amp;|lt;|gt;)", shown)


def test_a_paragraph_cannot_become_a_list_or_a_heading_in_markdown() -> None:
    diff = compared(extraction("x"), extraction("x", "# big", "1. one", "- two", "    code", "> said"))
    for line in diff_markdown(diff, assessment(events=()), head()).split("## The text")[1].splitlines():
        assert not re.match(r"#|\d+[.)]|[-+=>]|\s", line)


def test_a_unified_diff_is_one_that_patch_takes(tmp_path: Path) -> None:
    old, new = extraction(*OLD, plain=True), extraction(*NEW, plain=True)
    (tmp_path / "text").write_text("\n".join(OLD) + "\n")
    made = diff_unified(compared(old, new), head(old_seen_at=AT - timedelta(hours=1)))
    assert made.startswith("--- revision 1\t2024-11-17T17:05:00Z\n+++ revision 2\t2024-11-17T18:05:00Z\n@@ ")
    subprocess.run(["patch", "-s", str(tmp_path / "text")], input=made.encode(), check=True)
    assert (tmp_path / "text").read_text() == "\n".join(NEW) + "\n"


def test_a_unified_diff_of_equal_texts_is_empty() -> None:
    assert diff_unified(compared(edited().new, edited().new), head()) == ""


def test_a_huge_repetitive_text_is_diffed_and_the_diff_applies(tmp_path: Path) -> None:
    old = extraction("start", *["same", "other"] * 20_000, plain=True)
    new = extraction("begin", *["other", "same"] * 20_000, "end", plain=True)
    diff = moved()
    huge = type(diff)(
        old=old,
        new=new,
        old_sentences=(old.text,),
        new_sentences=(new.text,),
        sentences=(),
        hunks=(),
        words=diff.words,
    )
    made = diff_unified(huge, head())
    (tmp_path / "text").write_text(old.text.replace("\n\n", "\n") + "\n")
    subprocess.run(["patch", "-s", str(tmp_path / "text")], input=made.encode(), check=True)
    assert (tmp_path / "text").read_text() == new.text.replace("\n\n", "\n") + "\n"


@pytest.mark.parametrize(
    ("old", "new"), [("a b c", "a x y c"), ("", "new"), ("1,200 dead", "12 dead"), ("x", "x")]
)
def test_a_word_diff_rebuilds_both_lines(old: str, new: str) -> None:
    spans = word_diff(old, new)
    assert "".join(s.text for s in spans if s.mark is not Mark.INSERT) == old
    assert "".join(s.text for s in spans if s.mark is not Mark.DELETE) == new
