"""Times when nothing was watched, said in plain words where a claim about time depends on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from monitor.report.ansi import Style, paint
from monitor.report.jsonform import rfc3339
from monitor.report.times import local, short
from monitor.report.visible import clean
from storage.records import ServiceEntry, ServiceReason


def gaps_within(
    notes: Sequence[ServiceEntry], since: datetime | None, until: datetime
) -> tuple[ServiceEntry, ...]:
    """The gaps of the whole service that lie, at least in part, between two looks at an article."""
    if since is None:
        return ()
    return tuple(
        gap
        for gap in notes
        if gap.reason is ServiceReason.GAP and "source" not in gap.about and gap.not_seen_before is not None
        if gap.not_seen_before < until and gap.seen_at > since
    )


def gap_sentence(gap: ServiceEntry, zone: tzinfo) -> str:
    """``Writethru was not watching from ... to ...``"""
    source = gap.about.get("source")
    who = f"The source {source} could not be reached" if source else "Writethru was not watching"
    began = f"from {local(gap.not_seen_before, zone)} " if gap.not_seen_before else ""
    return f"{who} {began}to {local(gap.seen_at, zone)}."


def gap_line(gap: ServiceEntry, zone: tzinfo, colour: bool) -> str:
    """One line of the log, in the columns that its entries have."""
    line = [
        paint(short(gap.seen_at, zone), Style.DIM, colour),
        f"{'':<11}",
        "      ",
        paint("Gap", Style.BOLD, colour),
        clean(gap_sentence(gap, zone)),
    ]
    return "  ".join(line)


def gap_json(gap: ServiceEntry) -> dict[str, Any]:
    """One line of ``log --json``: an entry about no article."""
    return {
        "article": None,
        "source": gap.about.get("source"),
        "headline": None,
        "revision": None,
        "reason": gap.reason.value,
        "seen_at": rfc3339(gap.seen_at),
        "not_seen_before": rfc3339(gap.not_seen_before),
        "severity": None,
        "silent": False,
        "summary": "",
        "events": [],
        "words": {"added": 0, "deleted": 0, "kept": 0},
        "witness": None,
        "about": dict(gap.about),
        "digest": gap.digest,
        "chain": gap.chain,
        "seq": gap.seq,
    }
