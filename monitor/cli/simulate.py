"""simulate: revision times replayed through the polling policy, without a database or a configuration."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from monitor.cli.common import print_json, say
from monitor.errors import UsageError
from monitor.polling import Score, Trace, replay, score

_LONGEST_LINE = 1 << 24
_LATEST = 253402300799.0  # the end of the year 9999


def simulate(arguments: argparse.Namespace) -> int:
    """What the policy would have caught, with that allowance of requests."""
    traces = _traces(arguments.traces)
    polls: dict[str, list[float]] = {}
    try:
        with ExitStack() as stack:
            file = (
                stack.enter_context(arguments.polls.open("w", encoding="utf-8")) if arguments.polls else None
            )
            for trace, when in replay(traces, arguments.requests_per_hour):
                polls.setdefault(trace.doc_id, []).append(when)
                if file is not None:
                    file.write(json.dumps({"doc_id": trace.doc_id, "t": when}, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UsageError(f"{arguments.polls} cannot be written: {error.strerror}.") from None
    found = score(traces, polls)
    if arguments.json:
        print_json(_form(found))
    else:
        _print(found, len(traces), arguments.requests_per_hour)
    return 0


# ---------------------------------------------------------------------- what is read


def _traces(path: Path) -> list[Trace]:
    """
    :raises UsageError: the file, or a line of it, is not what it should be.
    """
    try:
        with path.open(encoding="utf-8") as file:
            lines = iter(lambda: file.readline(_LONGEST_LINE), "")
            traces = _read(path, lines)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text; it should hold one JSON object a line.") from None
    if not traces:
        raise UsageError(f"{path} holds no traces; it should hold one JSON object a line.")
    return traces


def _read(path: Path, lines: Iterable[str]) -> list[Trace]:
    traces: dict[str, Trace] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            trace = _trace(json.loads(line))
            if trace.doc_id in traces:
                raise ValueError(f"'{trace.doc_id}' stands in an earlier line already")
        except (ValueError, RecursionError) as error:
            said = "it is not JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else error
            raise UsageError(f"Line {number} of {path} is no trace: {said}.") from None
        traces[trace.doc_id] = trace
    return list(traces.values())


def _trace(row: Any) -> Trace:
    """
    :raises ValueError: what is wrong with it.
    """
    if not isinstance(row, dict):
        raise ValueError("it is not an object")
    doc_id, outlet, breaking = row.get("doc_id"), row.get("outlet", ""), row.get("breaking", False)
    if not isinstance(doc_id, str):
        raise ValueError("'doc_id' must be a text")
    if not isinstance(outlet, str):
        raise ValueError("'outlet' must be a text")
    if not isinstance(breaking, bool):
        raise ValueError("'breaking' must be true or false")
    times = row.get("times")
    if not isinstance(times, list) or not times or not all(map(_is_time, times)):
        raise ValueError("'times' must be a list of epoch seconds, the publication first")
    published, *revisions = map(float, times)
    if any(revised < published for revised in revisions):
        raise ValueError("a revision lies before the publication, which is the first of 'times'")
    return Trace(
        doc_id=doc_id,
        outlet=outlet,
        breaking=breaking,
        published=published,
        revisions=tuple(sorted(set(revisions))),
    )


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LATEST


# ---------------------------------------------------------------------- what is told


def _form(found: Score) -> dict[str, Any]:
    return {
        "requests": found.requests,
        "revisions": found.revisions,
        "seen": found.seen,
        "seen_share": found.seen / found.revisions if found.revisions else 0.0,
        "delay_mean_s": math.fsum(found.delays) / len(found.delays) if found.delays else 0.0,
        "delay_median_s": _quantile(found.delays, 0.5),
        "delay_p90_s": _quantile(found.delays, 0.9),
        "freshness": found.freshness,
    }


def _quantile(ordered: tuple[float, ...], share: float) -> float:
    """Between two neighbours in proportion; 0 of nothing."""
    if not ordered:
        return 0.0
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _print(found: Score, articles: int, per_hour: float) -> None:
    form = _form(found)
    told = {
        "articles": f"{articles:,}",
        "requests": f"{found.requests:,} ({found.requests / articles:.1f} an article; {per_hour:g} an hour allowed)",
        "revisions": f"{found.revisions:,}",
        "versions seen": f"{found.seen:,} ({100 * form['seen_share']:.1f} %)",
        "delay, mean": _length(form["delay_mean_s"]),
        "delay, median": _length(form["delay_median_s"]),
        "delay, nine of ten": _length(form["delay_p90_s"]),
        "current in the first 48 hours": f"{100 * found.freshness:.2f} %",
    }
    width = max(map(len, told))
    for label, value in told.items():
        say(f"{label.ljust(width)}  {value}")


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"
