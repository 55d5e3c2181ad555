"""The short form of the power cuts: what was acknowledged is there when the machine is back, whole and in order.

`make torture FORM=power` cuts two thousand times.
"""

from __future__ import annotations

import random

import pytest

from tests.torture.power import ROLLBACK, WAL, look, trace
from tests.torture.power_cut import Disk, Fate
from tests.torture.tracing import Call, missing

_MISSING = missing()
can_trace = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")


@can_trace
@pytest.mark.slow
@pytest.mark.parametrize("url", [WAL, ROLLBACK])
def test_a_power_cut_loses_nothing_that_was_acknowledged(url: str) -> None:
    found = look(trace(url, 24), url, 100)
    assert (found.corrupt, found.lost, found.halves) == ([], [], [])
    assert found.states == 100


@can_trace
@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "pragma"),
    [(WAL, "synchronous=OFF"), (ROLLBACK, "journal_mode=DELETE")],
    ids=["unsynced", "deleted"],
)
def test_the_same_cuts_find_what_a_weaker_setting_loses(url: str, pragma: str) -> None:
    found = look(trace(url, 24, pragma), url, 40)
    assert found.lost


# ---------------------------------------------------------------------- the disk that the cuts happen on


def call(kind: str, inode: int, data: bytes = b"", at: int = 0) -> Call:
    return Call(kind=kind, inode=inode, at=at, data=data)


FOLDER, FILE, OTHER = 1, 2, 3
OLD, NEW = b"o" * 2048, b"n" * 2048
SAFE = [
    call("d", FOLDER),
    call("o", FILE, b"archive"),
    call("w", FILE, OLD),
    call("s", FILE),
    call("s", FOLDER),
]


def after(fate: Fate, *calls: Call) -> list[dict[str, bytes]]:
    """What is found after many cuts at the end of these calls."""
    disk = Disk()
    for one in (*SAFE, *calls):
        disk.carry_out(one)
    return [disk.after(fate, random.Random(seed)) for seed in range(60)]


@pytest.mark.parametrize("fate", list(Fate))
def test_what_was_synced_is_there_whatever_happens(fate: Fate) -> None:
    assert after(fate) == [{"archive": OLD}] * 60
    synced = after(fate, call("w", FILE, NEW), call("s", FILE))
    assert synced == [{"archive": NEW}] * 60


def test_what_was_not_synced_is_there_or_not_sector_by_sector() -> None:
    assert after(Fate.KEPT, call("w", FILE, NEW))[0] == {"archive": NEW}
    assert after(Fate.LOST, call("w", FILE, NEW))[0] == {"archive": OLD}
    torn = {found["archive"] for found in after(Fate.CUT_OFF, call("w", FILE, NEW))}
    assert torn == {NEW[:kept] + OLD[kept:] for kept in range(0, 2049, 512)}
    scattered = {found["archive"] for found in after(Fate.SCATTERED, call("w", FILE, NEW))}
    assert any(one.startswith(b"o" * 512) and one.endswith(b"n" * 512) for one in scattered)
    assert all(
        {*one[start : start + 512]} in ({*b"o"}, {*b"n"})
        for one in scattered
        for start in range(0, 2048, 512)
    )


def test_a_file_that_grew_may_have_the_length_without_the_bytes() -> None:
    grown = {found["archive"] for found in after(Fate.SCATTERED, call("w", FILE, NEW, at=2048))}
    assert any(len(one) > 2048 and NEW[:512] not in one[2048:2560] for one in grown)


def test_a_name_is_safe_once_its_folder_is() -> None:
    made = [call("o", OTHER, b"journal"), call("w", OTHER, NEW), call("s", OTHER)]
    assert {"journal" in found for found in after(Fate.SCATTERED, *made)} == {True, False}
    assert after(Fate.LOST, *made)[0] == {"archive": OLD}
    made.append(call("s", FOLDER))
    assert after(Fate.LOST, *made)[0] == {"archive": OLD, "journal": NEW}
    made.append(call("u", 0, b"journal"))
    assert {"journal" in found for found in after(Fate.CUT_OFF, *made)} == {True, False}
    renamed = [*made[:-1], call("r", 0, b"journal"), call("n", 0, b"archive")]
    assert {found["archive"] for found in after(Fate.SCATTERED, *renamed)} == {OLD, NEW}
