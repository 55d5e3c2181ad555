"""Side by side and the change map: either side reads as its text, and every change has its stripe."""

from __future__ import annotations

import random
import re

import pytest

from monitor.compare import compare
from monitor.report.change_map import LENGTH, Change, change_map, said
from monitor.report.head import Head
from monitor.report.headline import headline_of
from monitor.report.inline import Mark
from monitor.report.passages import Run, passages
from monitor.report.sides import Row, Stretch, is_invisible, stretches
from storage.records import Diff
from tests.test_report_samples import NEW, OLD, compared, edited, extraction, moved

WORDS = "rain bridge council train school night river market people storm".split()


def rows_of(diff: Diff) -> list[Row]:
    return [row for stretch in stretches(passages(diff)) for row in stretch.rows]


def read(runs: tuple[Run, ...]) -> str:
    return "".join(span.text for run in runs for span in run.spans)


def letters(text: str) -> str:
    return "".join(text.replace("¶", "").split())


def story(chance: random.Random) -> list[str]:
    return [
        " ".join(chance.choice(WORDS) for _ in range(chance.randint(3, 12))).capitalize() + "."
        for _ in range(chance.randint(1, 12))
    ]


def rewritten(chance: random.Random, paragraphs: list[str]) -> list[str]:
    made = list(paragraphs)
    for _ in range(chance.randint(0, 5)):
        place = chance.randrange(len(made)) if made else 0
        match chance.choice(["drop", "add", "move", "edit"]):
            case "drop" if made:
                del made[place]
            case "move" if made:
                made.insert(chance.randint(0, len(made) - 1), made.pop(place))
            case "edit" if made:
                made[place] = made[place].replace(chance.choice(WORDS), chance.choice(WORDS), 1)
            case _:
                made[place:place] = story(chance)[:2]
    return made


@pytest.mark.parametrize("seed", range(150))
def test_the_left_side_reads_as_the_old_text_and_the_right_one_as_the_new(seed: int) -> None:
    chance = random.Random(seed)
    old = story(chance)
    new = rewritten(chance, old)
    rows = rows_of(compare(extraction(*old), extraction(*new)))
    assert letters("".join(read(row.old) for row in rows)) == letters("".join(old))
    assert letters("".join(read(row.new) for row in rows)) == letters("".join(new))
    for row in rows:
        assert not any(span.mark is Mark.INSERT for run in row.old for span in run.spans)
        assert not any(span.mark is Mark.DELETE for run in row.new for span in run.spans)


def test_what_was_deleted_in_a_moved_passage_is_marked_where_it_was() -> None:
    rows = rows_of(moved("Alpha was the second to say so."))
    left = [span.text for run in rows[0].old for span in run.spans if span.mark is Mark.DELETE]
    right = [span.text for run in rows[-1].new for span in run.spans if span.mark is Mark.INSERT]
    assert (left, right) == (["first"], ["second"])
    assert (rows[0].new, rows[-1].old) == ((), ())


def test_a_row_says_what_happened_to_all_of_it() -> None:
    assert [row.whole for row in rows_of(moved())] == ["moved", None, None, "moved"]
    diff = compare(
        extraction("Rain fell here.", "Trains ran."), extraction("Trains ran.", "Nobody was hurt.")
    )
    assert [row.whole for row in rows_of(diff)] == ["deleted", None, "inserted"]


def test_every_change_is_on_the_map_in_order_and_within_it() -> None:
    for diff in (edited(), moved(), compare(extraction(*OLD), extraction(*NEW))):
        laid = stretches(passages(diff))
        stripes = change_map(laid)
        assert {row.change for s in laid for row in s.rows if row.change} >= {stripe.to for stripe in stripes}
        assert [stripe.at for stripe in stripes] == sorted(stripe.at for stripe in stripes)
        assert all(s.at >= 0 and s.at + s.length <= LENGTH + 1 and s.length > 0 for s in stripes)


def test_the_map_tells_the_ways_of_changing_apart() -> None:
    stripes = change_map(stretches(passages(moved())))
    assert [stripe.change for stripe in stripes] == [Change.MOVED_AWAY, Change.MOVED_HERE]
    assert [stripe.label for stripe in stripes] == [
        "Paragraph 1 of the old text: moved away",
        "Paragraph 3: moved here",
    ]
    assert said(stretches(passages(moved()))) == "Change map of 4 paragraphs: 1 moved here, 1 moved away."


def test_a_very_long_article_has_a_map_of_few_stripes() -> None:
    old = [f"Paragraph number {n} says this of the river." for n in range(900)]
    new = [text.replace("river", "bridge") if n % 2 else text for n, text in enumerate(old)]
    laid = stretches(passages(compared(extraction(*old), extraction(*new))))
    assert len(change_map(laid)) <= 450
    assert sum(stripe.length for stripe in change_map(laid)) <= LENGTH


def test_an_unchanged_text_has_no_stripes() -> None:
    laid: tuple[Stretch, ...] = stretches(passages(compared(edited().old, edited().old)))
    assert change_map(laid) == ()
    assert said(laid).endswith("none changed.")


@pytest.mark.parametrize(
    ("old", "new", "invisible"),
    [
        ("The Russian army left.", "The Rus\u200bsian army left.", True),
        ("The Russian army left.", "The \u202eRussian army left.", True),
        ("The Russian army left.", "The Rus\u200bsian army stayed.", False),
        ("The Russian army left.", "The Russian army left.", False),
    ],
)
def test_a_change_that_does_not_show_is_known_for_it(old: str, new: str, invisible: bool) -> None:
    diff = compare(extraction(old, "It rained."), extraction(new, "It rained."))
    assert is_invisible(diff) is invisible
    assert any(row.invisible for row in rows_of(diff)) is invisible


def test_a_little_changed_headline_is_marked_and_a_new_one_stands_below_the_old() -> None:
    little = headline_of(edited(), Head())
    assert little.was is None
    assert [s.text for s in little.spans if s.mark is not Mark.KEEP] == ["Seven", "At least eight"]
    much = headline_of(
        compared(
            extraction("x", headline="Rain falls"), extraction("x", headline="Council shuts the bridge")
        ),
        Head(),
    )
    assert (much.was, much.now) == ("Rain falls", "Council shuts the bridge")
    assert all(span.mark is Mark.KEEP for span in much.spans)


def test_the_headlines_of_plain_texts_are_compared_too() -> None:
    old, new = (
        extraction("x", headline=line, plain=True) for line in ("Seven dead in flood", "Eight dead in flood")
    )
    assert [s.text for s in headline_of(compared(old, new), Head()).spans if s.mark is not Mark.KEEP] == [
        "Seven",
        "Eight",
    ]
    assert not re.search("Untitled", headline_of(compared(old, new), Head()).now)
