"""Five charts of a Tally: each a drawing, the main figure of it in words, and its data as a table.

What is drawn and what is said come from the same numbers. A share of fewer than five is
given as its two numbers and never as a percentage. Knows no log and no page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from monitor.report.bins import Bin, Unit, binned
from monitor.report.drawing import Bar, Shape, flat, upright
from monitor.report.phrases import counted
from monitor.report.tally import DAYS, HOURS, LATER, Count, Tally

FEW = 5
"""Fewer than that are too few for a share."""

_OUTLETS = 15
_AXIS_LABELS = 5
_MARKED_AGES = {0: "1 h", 5: "6 h", 11: "12 h", 17: "18 h", HOURS - 1: "24 h", LATER: "later"}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """``said`` are the sentences under the title; the first has the main figure. ``legend`` names the
    parts of a bar, where it has two. Without a drawing the sentences are all there is to say."""

    id: str
    title: str
    said: tuple[str, ...]
    drawing: Shape | None = None
    legend: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def charts(tally: Tally, zone: tzinfo) -> tuple[Chart, ...]:
    """All of them, in the order they are shown; none where no revision counts yet."""
    if not tally.total.revisions:
        return ()
    unit, bins = binned(tally.hours, zone)
    outlets = sorted(tally.outlets().items(), key=lambda item: (-item[1].revisions, item[0]))
    return (
        _over_time(unit, bins, tally.total),
        _after_publication(tally),
        _by_outlet(outlets, tally.total),
        _silent_over_time(unit, bins, tally.total),
        _silent_by_outlet(outlets),
    )


def share(part: int, whole: int, noun: str = "") -> str:
    """``3 of 10 revisions (30%)``, and only ``2 of 3 revisions`` where a percentage would pretend to
    more."""
    numbers = f"{part:,} of {counted(whole, noun) if noun else f'{whole:,}'}"
    return f"{numbers} ({_percent(part, whole)})" if whole >= FEW else numbers


def _percent(part: int, whole: int) -> str:
    """Rounded, but 0% and 100% mean none and all."""
    exact = 100 * part / whole
    rounded = round(exact) if part in (0, whole) else min(99, max(1, round(exact)))
    return f"{rounded}%"


# ---------------------------------------------------------------------- revisions


def _over_time(unit: Unit, bins: Sequence[Bin], total: Count) -> Chart:
    most = max(bins, key=lambda each: each.count.revisions)
    if len(bins) == 1:
        said = f"{counted(total.revisions, 'revision')}, all in one {unit.value}: {most.name}."
    else:
        said = (
            f"{counted(total.revisions, 'revision')} over {counted(len(bins), unit.value)}; "
            f"the busiest was {most.name}, with {most.count.revisions:,}."
        )
    bars = [
        Bar(label=each.label, parts=(each.count.revisions,), said=f"{each.count.revisions:,}", marked=marked)
        for each, marked in _marked(bins)
    ]
    return Chart(
        id="over-time",
        title=f"Revisions by {unit.value}",
        said=(said,),
        drawing=upright(bars),
        columns=(unit.value.capitalize(), "Revisions"),
        rows=tuple((each.name, f"{each.count.revisions:,}") for each in bins if each.count.revisions),
    )


def _after_publication(tally: Tally) -> Chart:
    total = tally.total.revisions
    first, day = tally.ages[0], sum(tally.ages[age] for age in range(HOURS))
    said = [
        f"{share(first, total, 'revision')} {_were(first)} seen within an hour of publication, "
        f"{share(day, total)} within a day."
    ]
    if tally.undated:
        said.append(
            f"{tally.undated:,} of them {'counts' if tally.undated == 1 else 'count'} from when the article was "
            "found, since it gives no time of publication before that."
        )
    ages = range(LATER + 1)
    bars = [
        Bar(
            label=_MARKED_AGES.get(age, _age_name(age)),
            parts=(count, 0) if age < HOURS else (0, count),
            said=f"{count:,}",
            marked=age in _MARKED_AGES,
        )
        for age in ages
        for count in [tally.ages[age]]
    ]
    return Chart(
        id="after-publication",
        title="Revisions by hour after publication",
        said=tuple(said),
        drawing=upright(bars),
        legend=("hour by hour", "day by day, then all later ones"),
        columns=("After publication", "Revisions"),
        rows=tuple((_age_name(age), f"{tally.ages[age]:,}") for age in ages if tally.ages[age]),
    )


def _age_name(age: int) -> str:
    if age < HOURS:
        return f"hour {age + 1}"
    return f"day {age - HOURS + 2}" if age < LATER else f"after {DAYS} days"


def _by_outlet(outlets: Sequence[tuple[str, Count]], total: Count) -> Chart:
    name, most = outlets[0]
    said = f"All {counted(total.revisions, 'revision')} are by {name}."
    if len(outlets) > 1:
        said = f"{len(outlets):,} outlets; {name} made {share(most.revisions, total.revisions, 'revision')}."
    shown = _with_others(outlets)
    bars = [Bar(label=label, parts=(count.revisions,), said=f"{count.revisions:,}") for label, count in shown]
    return Chart(
        id="by-outlet",
        title="Revisions by outlet",
        said=(said,),
        drawing=flat(bars, longest=max(count.revisions for _, count in shown)),
        columns=("Outlet", "Revisions"),
        rows=tuple((label, f"{count.revisions:,}") for label, count in outlets),
    )


def _with_others(outlets: Sequence[tuple[str, Count]]) -> list[tuple[str, Count]]:
    """The first fifteen, and the rest as one."""
    if len(outlets) <= _OUTLETS + 1:
        return list(outlets)
    rest = outlets[_OUTLETS:]
    return [*outlets[:_OUTLETS], (f"{len(rest):,} others", sum((count for _, count in rest), Count()))]


# ---------------------------------------------------------------------- the silent among them


def _silent_over_time(unit: Unit, bins: Sequence[Bin], total: Count) -> Chart:
    title = f"Silent edits by {unit.value}"
    if not total.substantive:
        return Chart(id="silent-over-time", title=title, said=(_NONE_SUBSTANTIVE,))
    silent = share(total.silent, total.substantive, "substantive revision")
    said = [f"{silent} {_were(total.silent)} silent: no notice, and no newer time of modification."]
    said += [f"With {total.substantive} that is too few for a share."] if total.substantive < FEW else []
    bars = [
        Bar(
            label=each.label,
            parts=(each.count.silent, each.count.substantive - each.count.silent),
            said=f"{share(each.count.silent, each.count.substantive)} silent",
            marked=marked,
        )
        for each, marked in _marked(bins)
    ]
    return Chart(
        id="silent-over-time",
        title=title,
        said=tuple(said),
        drawing=upright(bars),
        legend=("silent", "other substantive revisions"),
        columns=(unit.value.capitalize(), "Silent, of the substantive"),
        rows=tuple(_silent_row(each.name, each.count) for each in bins if each.count.substantive),
    )


def _silent_by_outlet(outlets: Sequence[tuple[str, Count]]) -> Chart:
    title = "Silent share by outlet"
    judged = sorted(
        ((name, count) for name, count in outlets if count.substantive),
        key=lambda item: (-item[1].substantive, item[0]),
    )
    if not judged:
        return Chart(id="silent-by-outlet", title=title, said=(_NONE_SUBSTANTIVE,))
    bars = [
        Bar(label=name, parts=_share_parts(count), said=_share_words(count))
        for name, count in _with_others(judged)
    ]
    return Chart(
        id="silent-by-outlet",
        title=title,
        said=(_most_silent(judged),),
        drawing=flat(bars, longest=100) if any(bar.parts for bar in bars) else None,
        columns=("Outlet", "Silent, of the substantive"),
        rows=tuple(_silent_row(name, count) for name, count in judged),
    )


def _most_silent(judged: Sequence[tuple[str, Count]]) -> str:
    enough = [(name, count) for name, count in judged if count.substantive >= FEW]
    if not enough:
        return f"No outlet has {FEW} substantive revisions yet, which is too few for a share."
    name, count = max(enough, key=lambda item: item[1].silent / item[1].substantive)
    if not count.silent:
        return f"None was silent at an outlet with at least {FEW} substantive revisions."
    as_often = (
        sum(each.silent * count.substantive == count.silent * each.substantive for _, each in enough) - 1
    )
    where = f"Most often at {name}:" if len(enough) > as_often + 1 else f"At {name},"
    numbers = share(count.silent, count.substantive, "substantive revision")
    others = f", and as often at {counted(as_often, 'other')}" if as_often else ""
    return f"{where} {numbers} {_were(count.silent)} silent{others}."


def _share_parts(count: Count) -> tuple[float, ...]:
    return (100 * count.silent / count.substantive,) if count.substantive >= FEW else ()


def _share_words(count: Count) -> str:
    numbers = share(count.silent, count.substantive)
    return numbers if count.substantive >= FEW else f"{numbers}, too few"


def _silent_row(name: str, count: Count) -> tuple[str, str]:
    return name, share(count.silent, count.substantive)


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _marked(bins: Sequence[Bin]) -> list[tuple[Bin, bool]]:
    """Each bin, and whether the axis names it: a handful at equal distances."""
    step = max(1, math.ceil(len(bins) / _AXIS_LABELS))
    return [(each, number % step == 0) for number, each in enumerate(bins)]


_NONE_SUBSTANTIVE = "No substantive revision has been seen yet, so none could be silent."
