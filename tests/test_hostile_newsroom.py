"""Whatever a server answers: the real daemon gives the outcome that it has to give, in time, within its memory, and
makes a revision only of what is an article. And what no server can send is tried where it enters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.hostile import ALL
from tests.hostile.case import Load
from tests.hostile.elsewhere import ELSEWHERE
from tests.hostile.trial import try_out
from tests.newsdesk import ROOT

_BUSY = 20.0
"""Seconds that a look may take longer here, where other tests have the processors; `make hostile` allows half a one."""


@pytest.mark.slow
@pytest.mark.parametrize("load", Load)
def test_each_hostile_answer_has_its_outcome(load: Load, tmp_path: Path) -> None:
    trial = try_out(load, [case for case in ALL if case.load is load], tmp_path, 1, slack=_BUSY)
    assert trial.troubles == []


def test_every_row_is_served_or_tried_where_it_enters() -> None:
    assert {case.row for case in ALL} | ELSEWHERE.keys() == set(range(1, 43))
    titles = [case.title for case in ALL]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("row", "test"), [(row, test) for row, (_, tests) in ELSEWHERE.items() for test in tests]
)
def test_what_is_tried_elsewhere_is_tried(row: int, test: str) -> None:
    file, name = test.split("::")
    assert re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE), (
        row
    )
