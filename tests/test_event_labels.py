"""What holds for the labelled pairs of sentences, and what our events owe them.

Where the sets are, says WRITETHRU_DATA; without it they are looked for beside the project.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.events import Told, score, tell, together, told_all, within_one_step
from benchmarks.labelled import LABELS, Label, Mismatch, Shown, digest, extraction, labels, read_markup, shown
from storage.records import EventKind, Severity

GOAL = 0.95
NOTICES = (EventKind.NOTICE_ADDED, EventKind.NOTICE_CHANGED, EventKind.NOTICE_DROPPED)
AT_LEAST = {
    EventKind.NUMBER_CHANGED: 40,
    EventKind.QUOTE_CHANGED: 40,
    EventKind.HEADLINE_CHANGED: 40,
    EventKind.NAME_CHANGED: 40,
    EventKind.DATE_CHANGED: 30,
    EventKind.NOTICE_ADDED: 30,
    EventKind.LINK_CHANGED: 40,
    EventKind.TYPO_FIXED: 30,
    EventKind.STYLE_CHANGED: 40,
    EventKind.SENTENCE_REWRITTEN: 40,
    EventKind.CERTAINTY_CHANGED: 20,
    EventKind.PARAGRAPH_ADDED: 30,
    EventKind.PARAGRAPH_REMOVED: 30,
}
OF_WHOLE_REVISIONS = {
    EventKind.STUB_GREW,
    EventKind.LIVE_POSTS_ADDED,
    EventKind.HEADLINE_TEST,
    EventKind.REVERTED,
    EventKind.MOVED_URL,
}
_FIELDS = {"id", "set", "doc", "old", "new", "role", "kinds", "severity"}
_SIDE = {"version", "sentences", "at", "digest"}

ROWS: list[dict[str, Any]] = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def data() -> Path:
    folder = Path(os.environ.get("WRITETHRU_DATA") or LABELS.parents[3] / "shared" / "data")
    if not (folder / "B_revisions").is_dir():
        pytest.skip(f"the sets are not at {folder}: WRITETHRU_DATA names their folder")
    return folder


@pytest.fixture(scope="module")
def told(data: Path) -> list[Told]:
    return told_all(data)


# ---------------------------------------------------------------------- the labels by themselves


def test_every_label_says_where_its_pair_stands() -> None:
    for row in ROWS:
        assert row.keys() - {"note"} == _FIELDS, row["id"]
        assert row["role"] in ("text", "headline")
        sides = [row[name] for name in ("old", "new") if row[name] is not None]
        assert sides, row["id"]
        for side in sides:
            assert side.keys() == _SIDE, row["id"]
            start, end = side["at"]
            assert 0 <= start < end, row["id"]
            assert re.fullmatch(r"[0-9a-f]{16}", side["digest"]), row["id"]
            assert all(isinstance(number, int) and number >= 0 for number in side["sentences"])


def test_every_kind_and_severity_is_a_known_one() -> None:
    for row in ROWS:
        kinds = [EventKind(kind) for kind in row["kinds"]]
        assert len(kinds) == len(set(kinds)), row["id"]
        assert not OF_WHOLE_REVISIONS & set(kinds), row["id"]
        assert (row["severity"] is None) == (not kinds), row["id"]
        assert row["severity"] is None or Severity.of(row["severity"])


def test_ids_are_unique() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)


def test_no_place_is_labelled_twice() -> None:
    places = Counter(
        (
            row["set"],
            row["doc"],
            *(str(row[side] and (row[side]["version"], row[side]["at"])) for side in ("old", "new")),
        )
        for row in ROWS
    )
    assert [place for place, count in places.items() if count > 1] == []


def test_there_are_enough_pairs_of_every_kind() -> None:
    counts = Counter(kind for label in labels() for kind in label.kinds)
    assert len(ROWS) >= 300
    assert {kind: counts[kind] for kind, least in AT_LEAST.items() if counts[kind] < least} == {}
    assert sum(not label.kinds for label in labels()) >= 10


def test_the_pairs_are_spread_over_many_documents_of_all_sets() -> None:
    documents = Counter((row["set"], row["doc"]) for row in ROWS)
    assert len(documents) >= 200
    assert len({row["set"] for row in ROWS}) >= 10
    assert {place: count for place, count in documents.items() if count > _most(*place)} == {}


def test_no_sentence_of_a_publisher_stands_among_the_labels() -> None:
    for row in ROWS:
        assert len(row.get("note", "").split()) <= 15, row["id"]
        written = [row["id"], row["set"], *row["kinds"]]
        written += [str(row[side]["version"]) for side in ("old", "new") if row[side]]
        assert max(len(text.split()) for text in written) <= 2, row["id"]


def _most(name: str, doc: str) -> int:
    """How many pairs one document may give: histories of news are few, terms of service are long."""
    return 25 if name.startswith("newsedits") else 9


# ---------------------------------------------------------------------- how a pair is asked about


def test_links_become_their_words_and_are_told_apart_by_their_targets() -> None:
    text = 'See [the plan](https://a.example/plan "Plan"), <a href="/b">the map</a>, [the vote][1] and <https://c.example/>.'
    assert read_markup(text, {"1": "https://d.example/"}) == (
        "See the plan, the map, the vote and https://c.example/.",
        (
            ("the plan", "https://a.example/plan"),
            ("the map", "/b"),
            ("the vote", "https://d.example/"),
            ("https://c.example/", "https://c.example/"),
        ),
    )


def test_what_is_no_link_stays_as_it_was_written() -> None:
    text = "Call `list[int](x)` **now** [sic], *please* &amp; <em>soon</em>."
    assert read_markup(text, {}) == ("Call `list[int](x)` **now** [sic], *please* & soon.", ())


def test_a_pair_is_asked_about_behind_the_same_paragraph_on_both_sides() -> None:
    side = Shown(
        text="The bridge stays\nopen.", links=(("bridge", "/b"),), written="The [bridge](/b) stays\nopen."
    )
    there, gone = extraction(side, headline=False), extraction(None, headline=False)
    assert there.headline == gone.headline
    assert there.paragraphs[:1] == gone.paragraphs
    assert there.paragraphs[1].text == "The bridge stays open."
    assert [(link.paragraph, link.text, link.url) for link in there.links] == [(1, "bridge", "/b")]
    headline = extraction(side, headline=True)
    assert (headline.headline, headline.paragraphs) == ("The bridge stays open.", gone.paragraphs)


def test_the_same_pair_twice_is_told_as_nothing() -> None:
    side = Shown(text="The bridge stays open.", links=(), written="The bridge stays open.")
    label = Label(
        id="x", set="s", doc="d", old=None, new=None, headline=False, kinds=frozenset(), severity=None
    )
    assert tell(label, side, side).agrees


# ---------------------------------------------------------------------- with the sets at hand


@pytest.mark.slow
def test_every_pair_still_stands_where_it_was_labelled(data: Path) -> None:
    known = labels()
    sides = shown(data, known)
    assert all((sides[label.id][0] is None) == (label.old is None) for label in known)


def test_a_text_that_is_not_the_labelled_one_is_named(data: Path, tmp_path: Path) -> None:
    changed = dict(ROWS[0], new=dict(ROWS[0]["new"], digest=digest("something else")))
    file = tmp_path / "labels.jsonl"
    file.write_text(f"{json.dumps(changed)}\n{json.dumps(ROWS[1])}\n", "utf-8")
    with pytest.raises(Mismatch) as caught:
        shown(data, labels(file))
    assert caught.value.where == (f"{ROWS[0]['id']} (new)",)


# ---------------------------------------------------------------------- the goals


@pytest.mark.parametrize(
    "kind", [EventKind.NUMBER_CHANGED, EventKind.QUOTE_CHANGED, EventKind.HEADLINE_CHANGED]
)
@pytest.mark.slow
def test_goal_figures_quotations_and_headlines_are_told(told: list[Told], kind: EventKind) -> None:
    reached = score(kind, told)
    assert (reached.precision or 0) >= GOAL
    assert (reached.recall or 0) >= GOAL


@pytest.mark.slow
def test_goal_notices_are_told(told: list[Told]) -> None:
    reached = together("notices", [score(kind, told) for kind in NOTICES])
    assert (reached.precision or 0) >= GOAL
    assert (reached.recall or 0) >= GOAL


@pytest.mark.slow
def test_goal_severities_are_within_one_step(told: list[Told]) -> None:
    assert within_one_step(told) >= GOAL * len(told)
