"""The short HTML of a diff: what a mail program or a feed reader shows.

Such programs drop stylesheets, classes, ``<ins>`` and ``<del>``, so every mark has its style on
it and a sign in the text, which reads without any style. Only what changed is in it, with a line
around it; where that is too long, a sentence says what was left out. Nothing is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.report import phrases
from monitor.report.fields import Field, changed_fields
from monitor.report.head import Head
from monitor.report.headline import headline_of
from monitor.report.html import environment
from monitor.report.inline import excerpt
from monitor.report.links import web_url
from monitor.report.passages import Block, Passage, Run, passages
from monitor.report.sides import is_invisible
from monitor.report.told import groups, shortened
from monitor.report.visible import clean, shorten
from storage.records import Assessment, Diff

_MOST_EVENTS = 15
_MOST_BLOCKS = 400
_CONTEXT = 12
_LINE = 90
_LONGEST = 1200
_SHORT = 300
_LONGEST_URL = 2000


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A changed paragraph, with the end of the unchanged one before it and the beginning of the one
    after it where it stands beside them."""

    place: str
    runs: tuple[Run, ...]
    before: str = ""
    after: str = ""


def brief(
    diff: Diff,
    assessment: Assessment,
    head: Head,
    *,
    template: str,
    report: str | None,
    longest: int,
    title: str = "",
) -> str:
    """At most ``longest`` bytes of UTF-8. ``report`` is the address of the full report."""
    laid = passages(diff)
    shown = list(_shown(laid))
    listed = groups(assessment.events)
    lasting = {
        "title": title,
        "head": head,
        "headline": headline_of(diff, head),
        "assessment": assessment,
        "diff": diff,
        "fields": [_short_field(field) for field in changed_fields(diff) if field.name != "headline"],
        "invisible": is_invisible(diff),
        "zone": head.zone,
        "article_url": _link(head.url),
        "report_url": _link(report),
    }

    def rendered(events: int, blocks: int) -> str:
        return (
            environment()
            .get_template(template)
            .render(
                lasting,
                events=listed[:events],
                more_events=sum(len(group.events) for group in listed[events:]),
                shown=shown[:blocks],
                more_shown=len(shown) - blocks,
            )
        )

    def fits(page: str) -> bool:
        return len(page.encode("utf-8", "replace")) <= longest

    events = _most(min(len(listed), _MOST_EVENTS), lambda count: fits(rendered(count, 0)))
    blocks = _most(min(len(shown), _MOST_BLOCKS), lambda count: fits(rendered(events, count)))
    return rendered(events, blocks)


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to ``count`` that fits; what fits has fewer that fit."""
    low = 0
    while low < count:
        middle = (low + count + 1) // 2
        if fits(middle):
            low = middle
        else:
            count = middle - 1
    return low


def _link(url: str | None) -> str | None:
    return url if url and len(url) <= _LONGEST_URL and web_url(url) else None


def _short_field(field: Field) -> Field:
    return replace(field, spans=shortened(excerpt(field.spans, _CONTEXT), _SHORT))


# ------------------------------------------------------------------ what changed in the text


def _shown(laid: Sequence[Passage]) -> Iterator[Shown]:
    for index, passage in enumerate(laid):
        if not passage.blocks[0].changed:
            continue
        before = _text(laid[index - 1].blocks[-1]) if index else ""
        after = _text(laid[index + 1].blocks[0]) if index + 1 < len(laid) else ""
        last = len(passage.blocks) - 1
        for place, block in enumerate(passage.blocks):
            yield Shown(
                place=_place(block),
                runs=tuple(_short_run(run) for run in block.runs),
                before="" if place else _ending(before),
                after="" if place < last else shorten(after, _LINE),
            )


def _place(block: Block) -> str:
    if block.new:
        return f"Paragraph {block.new[0]}"
    return f"Paragraph {block.old[0]} of the old text" if block.old else ""


def _short_run(run: Run) -> Run:
    if run.move and not run.move.here:
        return replace(run, spans=shortened(run.spans, _LINE))
    kept_alone = run.move is not None and not run.move.edited
    spans = run.spans if kept_alone else excerpt(run.spans, _CONTEXT)
    return replace(run, spans=shortened(spans, _SHORT if kept_alone else _LONGEST))


def _text(block: Block) -> str:
    return "".join(span.text for run in block.runs for span in run.spans).strip()


def _ending(text: str) -> str:
    """The last words of a text, on one line."""
    if len(text) <= _LINE:
        return text
    return "…" + text[-_LINE:].partition(" ")[2]


def subject(assessment: Assessment, head: Head, headline: str, longest: int) -> str:
    """``Critical, silent: Eight became twelve. | Example News: Floods in the north``, on one line, of
    at most so many characters, without anything that does not print."""
    severity = phrases.sentence_case(assessment.severity.word)
    silent = ", silent" if assessment.disclosure.silent else ""
    lead = f"{severity}{silent}: " if assessment.events else ""
    what = _plain(assessment.summary)
    name = _plain(f"{head.source}: {headline}" if head.source else headline)
    room = longest - len(lead) - len(" | ")
    what = _cut(what, max(room // 2, room - len(name)))
    return f"{lead}{what} | {_cut(name, room - len(what))}"


def _plain(text: str) -> str:
    return " ".join(clean(text).split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
