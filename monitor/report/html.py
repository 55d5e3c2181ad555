"""The one HTML renderer: Jinja2 templates with autoescape, one stylesheet, no script.

Every page stands alone: the stylesheet is inside it, and its Content-Security-Policy
allows that stylesheet by its digest and nothing else. Text from a page reaches a template
as a string and is escaped there; no template and no filter marks anything as safe.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.report import phrases
from monitor.report.change_map import change_map, said
from monitor.report.charts import Chart
from monitor.report.fields import changed_fields
from monitor.report.gaps import gap_sentence, gaps_within
from monitor.report.head import Head
from monitor.report.headline import headline_of
from monitor.report.inline import Mark, Span, abuts, trimmed
from monitor.report.links import Links, web_url
from monitor.report.passages import passages
from monitor.report.places import places
from monitor.report.sides import field_rows, is_invisible, stretches
from monitor.report.timeline import (
    matrix,
    new_headlines,
    periods,
    unlinked,
    variants,
    window,
)
from monitor.report.times import local, stamp
from monitor.report.told import event_spans, groups, shortened
from monitor.report.visible import clean, parts, shorten
from storage.records import Article, Assessment, CheckEntry, Diff, LogEntry, Revision, ServiceEntry

_TEMPLATES = Path(__file__).parent / "templates"
_STYLESHEET = "report.css"
_CHARTS_ON_INDEX = frozenset({"over-time", "after-publication", "silent-over-time"})

ARTICLES_PER_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How many there are of all."""

    articles: int
    revisions: int
    checks: int

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Totals:
        return cls(
            articles=len(articles),
            revisions=sum(article.revisions for article in articles),
            checks=sum(article.checks for article in articles),
        )


def diff_page(diff: Diff, assessment: Assessment, head: Head, *, links: Links) -> str:
    """What changed between two versions: the head, the events, then the text."""
    laid, fields = passages(diff), changed_fields(diff)
    rows = stretches(laid)
    return _render(
        "diff.html.jinja",
        zone=head.zone,
        links=links,
        diff=diff,
        assessment=assessment,
        head=head,
        headline=headline_of(diff, head),
        events=groups(assessment.events),
        fields=[field for field in field_rows(fields) if field.name != "headline"],
        stretches=rows,
        invisible=is_invisible(diff),
        stripes=change_map(rows),
        map_said=said(rows),
        places=places(laid, fields),
    )


def article_page(
    article: Article,
    entries: Sequence[LogEntry],
    *,
    links: Links,
    checks: Sequence[CheckEntry] = (),
    gaps: Sequence[ServiceEntry] = (),
    zone: tzinfo = UTC,
    since: datetime | None = None,
) -> str:
    """The timeline of one article, newest first; ``entries`` may come in any order.
    ``checks`` are the latest checks to list, or none; ``gaps`` are said at the entries they bear on;
    ``since`` says where the entries begin, if not at the beginning."""
    newest = sorted(entries, key=lambda entry: entry.seq, reverse=True)
    numbers = _with_one_before(article.id, sorted(e.number for e in newest if e.number is not None), links)
    return _render(
        "article.html.jinja",
        zone=zone,
        links=links,
        article=article,
        periods=periods(newest, zone),
        previous=dict(zip(numbers[1:], numbers, strict=False)),  # number -> the one before
        numbers=numbers,
        headlines=variants(newest),
        new_headlines=new_headlines(newest),
        matrix=matrix(article.id, numbers, links),
        unlinked=unlinked(article.id, numbers, links),
        checks=sorted(checks, key=lambda check: check.seq, reverse=True),
        gaps={
            entry.seq: [
                gap_sentence(gap, zone) for gap in gaps_within(gaps, entry.not_seen_before, entry.seen_at)
            ]
            for entry in newest
        },
        since=since,
    )


def _with_one_before(article_id: int, numbers: list[int], links: Links) -> list[int]:
    """The revision that the first of them is compared with has a page, though no entry."""
    if numbers and numbers[0] > 1 and links.version(article_id, numbers[0] - 1):
        return [numbers[0] - 1, *numbers]
    return numbers


def choices_page(
    article: Article, entries: Sequence[LogEntry], number: int, *, links: Links, zone: tzinfo = UTC
) -> str:
    """Every version of the article to compare one of them with, newest first."""
    others = [entry for entry in entries if entry.number is not None and entry.number != number]
    return _render(
        "compare.html.jinja",
        zone=zone,
        links=links,
        article=article,
        number=number,
        chosen=next((entry for entry in entries if entry.number == number), None),
        periods=periods(sorted(others, key=lambda entry: entry.seq, reverse=True), zone),
    )


def index_page(
    articles: Sequence[Article],
    entries: Sequence[LogEntry],
    generated_at: datetime,
    links: Links,
    *,
    zone: tzinfo = UTC,
    charts: Sequence[Chart] = (),
    charts_since: datetime | None = None,
    since: datetime | None = None,
    page: int = 1,
    totals: Totals | None = None,
) -> str:
    """The newest revisions, newest first, then the articles in the order given.

    :param articles: all of them; of which the page lists its part (see ``index_pages``). With ``totals``,
        which says how many there are of all: that part alone.
    :param charts: the best known of these are shown small.
    :param charts_since: where what they show begins, if not at the beginning.
    :param since: where the entries begin, if not at the beginning.
    """
    listed = articles
    if totals is None:
        totals = Totals.of(articles)
        listed = articles[(page - 1) * ARTICLES_PER_PAGE :][:ARTICLES_PER_PAGE]
    return _render(
        "index.html.jinja",
        zone=zone,
        links=links,
        totals=totals,
        listed=listed,
        entries=sorted(entries, key=lambda entry: entry.seq, reverse=True),
        generated_at=generated_at,
        charts=[chart for chart in charts if chart.id in _CHARTS_ON_INDEX],
        charts_since=charts_since,
        since=since,
        page=page,
        pages=index_pages(totals.articles),
    )


def index_pages(articles: int) -> int:
    """How many pages the list of so many articles takes."""
    return max(1, -(-articles // ARTICLES_PER_PAGE))


def charts_page(
    charts: Sequence[Chart],
    generated_at: datetime,
    links: Links,
    *,
    zone: tzinfo = UTC,
    since: datetime | None = None,
) -> str:
    """All charts, each with its numbers."""
    return _render(
        "charts.html.jinja", zone=zone, links=links, charts=charts, generated_at=generated_at, since=since
    )


def text_page(
    article: Article,
    revision: Revision,
    *,
    links: Links,
    numbers: Sequence[int] = (),
    zone: tzinfo = UTC,
    entry: LogEntry | None = None,
) -> str:
    """The full text of one version. ``numbers`` are all the revisions there are, for the
    links to its neighbours; ``entry`` is what the log says of it."""
    return _render(
        "text.html.jinja",
        zone=zone,
        links=links,
        article=article,
        revision=revision,
        before=max((n for n in numbers if n < revision.number), default=None),
        after=min((n for n in numbers if n > revision.number), default=None),
        entry=entry,
    )


# ------------------------------------------------------------------ how pages are made


@cache
def environment() -> Environment:
    """The environment of every page that this project shows."""
    env = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        parts=parts,
        marked_parts=_marked_parts,
        clean=clean,
        local=local,
        stamp=stamp,
        trimmed=trimmed,
        marked_clean=_marked_clean,
        event_spans=event_spans,
        shortened=shorten,
        short_spans=shortened,
    )
    env.globals.update(phrases=phrases, web_url=web_url, window=window, abutting=_abutting, Mark=Mark)
    return env


@cache
def content_security_policy() -> str:
    """What a page may do: use its own stylesheet."""
    css = environment().get_template(_STYLESHEET).render()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _render(template: str, **values: Any) -> str:
    page = environment().get_template(template)
    return page.render(values, csp=content_security_policy(), stylesheet=_STYLESHEET)


def _marked_parts(text: str) -> object:
    """The parts of a changed text, where unusual spaces may be what changed."""
    return parts(text, spaces=True)


def _marked_clean(text: str) -> str:
    return clean(text, spaces=True)


def _abutting(before: Span | None, after: Span) -> bool:
    return before is not None and abuts(before, after)
