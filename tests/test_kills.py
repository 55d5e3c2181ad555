"""kill -9: nothing that was acknowledged is lost, nothing is there twice, and everything is told in the end."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.sqlite import driver as sqlite3
from storage.store import Store
from tests.servers import Scripted
from tests.torture.audit import DATABASE, Audit
from tests.torture.daemon import Running
from tests.torture.kills import START_WITHIN, Tally, configuration, finish, season
from tests.torture.newsroom import Newsroom
from tests.torture.points import POINTS, dying_at

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("half", [1, 2])
def test_forty_kills_at_random_moments_lose_nothing_and_double_nothing(tmp_path: Path, half: int) -> None:
    tally = Tally()
    season(tmp_path, 20, random.Random(half), tally)
    assert tally.troubles == []
    assert tally.kills == 20
    assert tally.acknowledged > 20
    assert statistics.median(tally.own_starts) < START_WITHIN


@pytest.mark.parametrize("points", [[*POINTS][:19], [*POINTS][19:]], ids=["first", "last"])
def test_a_death_at_any_step_loses_nothing_and_doubles_nothing(tmp_path: Path, points: list[str]) -> None:
    tally = Tally()
    dying_at(tmp_path, points, random.Random(1), tally)
    assert tally.troubles == []
    assert tally.kills == len(points)


def test_there_are_twenty_points_and_more() -> None:
    assert len(POINTS) >= 20


# ---------------------------------------------------------------------- the audit can fail

Damage = Callable[[Any], object]


def _lose_a_revision(connection: Any) -> None:
    (seq,) = connection.execute("SELECT max(seq) FROM ledger").fetchone()
    for table, column in (("alerts", "ledger_seq"), ("ledger", "seq")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (seq,))  # noqa: S608


def _lose_a_check(connection: Any) -> None:
    connection.execute("DELETE FROM checks WHERE seq = (SELECT min(seq) FROM checks)")


def _lose_an_alert(connection: Any) -> None:
    connection.execute("DELETE FROM alerts WHERE id = (SELECT max(id) FROM alerts)")


def _alter_the_log(connection: Any) -> None:
    connection.execute(
        "UPDATE ledger SET chain = (SELECT chain FROM ledger WHERE seq = 1) WHERE seq = (SELECT max(seq) FROM ledger)"
    )


def _orphan_a_check(connection: Any) -> None:
    connection.execute("UPDATE checks SET article_id = 4711 WHERE seq = (SELECT min(seq) FROM checks)")


def test_the_audit_finds_what_is_lost_altered_or_told_twice(tmp_path: Path) -> None:
    """So that its silence means something."""
    room, tally, audit = Newsroom(stories=12, chance=random.Random(1)), Tally(), Audit()
    with Scripted() as server:
        room.open(server)
        config = configuration(tmp_path, server)
        running = Running(config)
        try:
            running.until("revision 3 of")
            running.kill()
        finally:
            running.clear_away()
        finish(config, room, audit, tally)
    assert audit.troubles == []
    for damage in (_lose_a_revision, _lose_a_check, _lose_an_alert, _alter_the_log, _orphan_a_check):
        assert _audit_after(damage, tmp_path).troubles, damage
    with Store.open(f"sqlite:///{DATABASE}", tmp_path) as store:
        again = [*room.told, room.told[0].under_another_id()]
        for told in (room.told[1:], again):
            anew = _audit_after(lambda _: None, tmp_path)
            anew.alerts(store, told)
            assert anew.troubles


def _audit_after(damage: Damage, folder: Path) -> Audit:
    """An audit of the archive with that damage done to it; what was there before the damage was acknowledged."""
    whole, after = Audit(), Audit()
    whole.look(folder, folder / "aside")
    after.acknowledged.revisions = {url: number for url, (number, _) in whole.newest.items()}
    after.acknowledged.checks = dict(whole.checked)
    with closing(sqlite3.connect(folder / "aside" / DATABASE)) as connection, connection:
        damage(connection)
    after.look(folder / "aside", folder / "further")
    return after
