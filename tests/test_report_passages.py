"""The layout that every renderer shares: nothing lost, breaks and numbers where they belong."""

from __future__ import annotations

import random

import pytest

from monitor.compare import compare
from monitor.report.inline import Mark
from monitor.report.passages import Block, blocks, passages
from storage.records import Hunk, HunkOp
from tests.test_report_samples import compared, edited, extraction, made, moved

PIECES = ("a", "bb ", "c.\n\n", " ", "\n", "d, ", "É")


def _text(chance: random.Random) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 6)))


def _hunks(chance: random.Random) -> list[Hunk]:
    hunks: list[Hunk] = []
    for move in range(chance.randint(0, 7)):
        op, old, new = chance.choice(list(HunkOp)), _text(chance), _text(chance)
        if op is HunkOp.MOVE:
            now = chance.choice([old, new])
            hunks.insert(chance.randint(0, len(hunks)), Hunk(op=op, old=old, new="", move=move))
            hunks.insert(chance.randint(0, len(hunks)), Hunk(op=op, old="", new=now, move=move))
        else:
            sides = {HunkOp.KEEP: (old, old), HunkOp.INSERT: ("", new), HunkOp.DELETE: (old, "")}
            one, two = sides.get(op, (old, new))
            hunks.append(Hunk(op=op, old=one, new=two))
    return hunks


def _rebuilt(laid: tuple[Block, ...], *, old: bool) -> str:
    other = Mark.INSERT if old else Mark.DELETE
    runs = [run for block in laid for run in block.runs if run.move is None or run.move.here is not old]
    return "".join(
        span.text for run in runs for span in run.spans if span.mark is not other or (run.move and old)
    )


def _letters(text: str) -> str:
    return "".join(text.replace("¶", "").split())


@pytest.mark.parametrize("seed", range(300))
def test_the_layout_loses_nothing_but_space_between_paragraphs(seed: int) -> None:
    hunks = _hunks(random.Random(seed))
    old, new = ("".join(getattr(h, side) for h in hunks) for side in ("old", "new"))
    laid = blocks(made(extraction(*old.split("\n\n")), extraction(*new.split("\n\n")), hunks, []))
    assert _letters(_rebuilt(laid, old=True)) == _letters(old)
    assert _letters(_rebuilt(laid, old=False)) == _letters(new)


def test_paragraphs_are_numbered_in_both_texts() -> None:
    laid = blocks(edited())
    assert [block.new for block in laid] == [(1,), (2,), (3,), (4,), (5,)]
    assert [block.old for block in laid] == [(1,), (2,), (3,), (4,), (5,)]
    assert [(block.old, block.new) for block in blocks(moved())] == [
        ((1,), ()),
        ((2,), (1,)),
        ((3,), (2,)),
        ((), (3,)),
    ]


def test_a_paragraph_cut_in_two_or_joined_shows_the_break_as_the_change() -> None:
    one, two = extraction("One here. Two here."), extraction("One here.", "Two here.")
    cut, joined = blocks(compared(one, two)), blocks(compared(two, one))
    assert [span.text for block in cut for run in block.runs for span in run.spans if "¶" in span.text] == [
        " ¶"
    ]
    assert len(cut) == 2
    assert len(joined) == 1
    assert joined[0].old == (1, 2)


@pytest.mark.parametrize(
    ("old", "new", "numbers"),
    [
        (("One stays here.", "Two went away."), ("One stays here.",), [((1,), (1,)), ((2,), ())]),
        (("One stays here.",), ("One stays here.", "Two came along."), [((1,), (1,)), ((), (2,))]),
        (
            ("Rain fell on the town.", "Trains were late all day."),
            ("A bridge is shut for a week.", "Nobody was hurt at the school."),
            [((1,), ()), ((2,), ()), ((), (1,)), ((), (2,))],
        ),
    ],
)
def test_a_last_paragraph_is_not_joined_to_what_came_or_went_behind_it(
    old: tuple[str, ...], new: tuple[str, ...], numbers: list[object]
) -> None:
    diff = compare(extraction(*old), extraction(*new))
    assert [(block.old, block.new) for block in blocks(diff)] == numbers


def test_a_paragraph_cut_or_joined_without_a_word_changed_shows_the_break() -> None:
    one, two = (
        extraction("One stands here. Two walks there."),
        extraction("One stands here.", "Two walks there."),
    )
    for old, new, mark in ((one, two, Mark.INSERT), (two, one, Mark.DELETE)):
        spans = [s for b in blocks(compare(old, new)) for run in b.runs for s in run.spans]
        assert [(s.mark, s.text.strip()) for s in spans if s.mark is not Mark.KEEP] == [(mark, "¶")]


def test_a_text_that_is_only_wrapped_elsewhere_shows_no_change() -> None:
    old = "The council met on Monday evening and said the bridge would stay shut\nfor a week."
    wrapped = extraction(old, whole=old, plain=True)
    flat = extraction(old, whole=old.replace("\n", " "), plain=True)
    assert not any(block.changed for block in blocks(compare(wrapped, flat)))


def test_only_long_unchanged_stretches_are_folded() -> None:
    shown = passages(edited())
    assert [(p.folded, p.words) for p in shown if p.folded] == [(True, 65)]
    assert not any(p.folded for p in passages(edited(), fold_from=1000))
