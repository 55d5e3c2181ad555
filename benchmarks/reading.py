"""How well pages are read: text, headline, day and names, and what it costs, beside other readers.

`python -m benchmarks.reading --data FOLDER [--set NAME] [--sample N] [--failures N] [--noise] [--markdown]`
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import SETS, Page, pages, response
from benchmarks.noise import with_noise
from benchmarks.scores import mean, middle, ninth_tenth, present, same_names, same_title, word_f1
from benchmarks.systems import SYSTEMS, Found, System, parse_only
from benchmarks.tables import Cell, table
from monitor.extract import Known, decode
from monitor.reader import read

HEADLINE_SETS = ("wcxb_articles", "trafilatura_eval", "postlight")
_PARSE_ONLY = "lxml.html, parse only"
_LOOK = "writethru, a second look and its verdict"
TEXT_SETS = ("scrapinghub", "wcxb_articles", "readability", "newspaper4k")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How one reader did on one page; None: nothing is known to judge it by."""

    set: str
    page: str
    system: str
    ms: float
    failed: bool = False
    text: float | None = None
    wanted: float | None = None
    unwanted: float | None = None
    headline: float | None = None
    date: float | None = None
    byline: float | None = None


@dataclass(frozen=True, kw_only=True)
class Again:
    """Two looks at a page whose article did not change: is the text the same, and what the second cost."""

    set: str
    system: str
    same: bool | None
    ms: float


Value = Callable[[Mark], float | None]


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)  # the libraries complain about pages, not about us
    marks: list[Mark] = []
    again: list[Again] = []
    for name in options.set or SETS:
        for page in pages(options.data, name, options.sample):
            marks += marks_of(page)
            again += looks_again(page) if options.noise else ()
    for part in report(marks, again, markdown=options.markdown):
        print(part)
    if options.failures:
        print("\n".join(worst(marks, options.failures)))


def marks_of(page: Page) -> Iterator[Mark]:
    for name, system in {**SYSTEMS, _PARSE_ONLY: parse_only}.items():
        found, ms = timed(system, page.body, page.url)
        known = {} if system is parse_only else judged(page, found)
        yield Mark(set=page.set, page=page.id, system=name, ms=ms, failed=found.failed, **known)


def timed(system: System, body: bytes, url: str) -> tuple[Found, float]:
    """What it found, and how many milliseconds of the processor that took."""
    start = time.process_time()
    found = system(body, url)
    return found, 1000 * (time.process_time() - start)


def judged(page: Page, found: Found) -> dict[str, float | None]:
    """Each field that something is known about; a reader that cannot tell it at all is left out later."""
    given: dict[str, float | None] = {}
    if page.text is not None:
        given["text"] = word_f1(page.text, found.text)
    if page.wanted:
        given["wanted"] = present(page.wanted, found.text) / len(page.wanted)
    if page.unwanted:
        given["unwanted"] = 1 - present(page.unwanted, found.text) / len(page.unwanted)
    if page.title:
        given["headline"] = float(any(same_title(page.title, title) for title in found.titles))
    if page.date:
        given["date"] = float(found.date == page.date)
    if page.authors:
        given["byline"] = float(same_names(page.authors, found.authors))
    return given


def looks_again(page: Page) -> Iterator[Again]:
    """Two looks with different noise, by every reader; Writethru's own second look may use the first."""
    html = decode(page.body)
    one, two = (with_noise(html, seed).encode("utf-8", "replace") for seed in (1, 2))
    for name, system in SYSTEMS.items():
        first, (second, ms) = system(one, page.url), timed(system, two, page.url)
        yield Again(set=page.set, system=name, same=first.text == second.text, ms=ms)
    answers = [response(page.url, body, kind="text/html; charset=utf-8") for body in (one, two)]
    before = read(answers[0])
    start = time.process_time()
    known = Known(before.locator, before.extraction) if before.locator and before.extraction else None
    after = read(answers[1], known=known)
    ms = 1000 * (time.process_time() - start)
    texts = [capture.extraction.text if capture.extraction else "" for capture in (before, after)]
    same = texts[0] == texts[1]
    yield Again(set=page.set, system=_LOOK, same=same, ms=ms)
    if known is not None and after.extraction is known.extraction:
        yield Again(set=page.set, system=f"{_LOOK}, page recognised", same=same, ms=ms)
    _, ms = timed(parse_only, two, page.url)
    yield Again(set=page.set, system=_PARSE_ONLY, same=None, ms=ms)


# ---------------------------------------------------------------------- what is printed


def report(marks: Sequence[Mark], again: Sequence[Again], *, markdown: bool) -> Iterator[str]:
    fields: list[tuple[str, Value, tuple[str, ...]]] = [
        ("Main text, word F1", lambda mark: mark.text, TEXT_SETS),
        ("Passages of the article that were found", lambda mark: mark.wanted, ()),
        ("Passages beside the article that were left out", lambda mark: mark.unwanted, ()),
        ("Headline right", lambda mark: mark.headline, HEADLINE_SETS),
        ("Day of publication right", _only(lambda mark: mark.date), ()),
        ("Names in the byline right", _only(lambda mark: mark.byline), ()),
    ]
    for title, value, chosen in fields:
        rows = list(_by_set(marks, value, chosen))
        if rows:
            yield table(title, ["set", "pages", *SYSTEMS], rows, markdown=markdown)
    yield table(
        "Milliseconds of processor time for a page, and pages given up",
        ["reader", "median", "nine of ten", "given up"],
        list(_times(marks)),
        markdown=markdown,
    )
    if again:
        head = ["reader", "pages", "same text", "median ms"]
        yield table("The same article with fresh noise", head, list(_noise(again)), markdown=markdown)


def worst(marks: Sequence[Mark], count: int) -> Iterator[str]:
    """The pages of each set that Writethru reads worst, with what the others make of them."""
    for name in dict.fromkeys(mark.set for mark in marks):
        known = [(mark, mark.text) for mark in marks if mark.set == name and mark.text is not None]
        ours = [(value, mark.page) for mark, value in known if mark.system == "writethru"]
        if not ours:
            continue
        yield f"Worst of {name}: {', '.join(SYSTEMS)}"
        for _value, page in sorted(ours)[:count]:
            yield "  ".join(["", *(f"{value:.3f}" for mark, value in known if mark.page == page), page])


def _only(value: Value) -> Value:
    """That value, where the reader has such a field at all."""
    return lambda mark: None if mark.system == "readability-lxml" else value(mark)


def _by_set(marks: Sequence[Mark], value: Value, chosen: tuple[str, ...]) -> Iterator[list[Cell]]:
    """A row for each set, one for the mean of the sets, one for all pages as one set."""
    known = [(mark, given) for mark in marks if (given := value(mark)) is not None]
    names = list(dict.fromkeys(mark.set for mark, _given in known))
    means: dict[tuple[str, str], float] = {}
    for name in names:
        row = {s: mean(v for m, v in known if (m.set, m.system) == (name, s)) for s in SYSTEMS}
        means |= {(name, system): given for system, given in row.items() if given is not None}
        yield [name, sum(mark.set == name and mark.system == "writethru" for mark, _ in known), *row.values()]
    if len(names) > 1:
        yield ["mean of the sets", "", *(_mean_of(means, names, system) for system in SYSTEMS)]
        if 1 < len(set(chosen) & set(names)) < len(names):
            title = f"mean of {', '.join(chosen)}"
            yield [title, "", *(_mean_of(means, chosen, system) for system in SYSTEMS)]
        total = sum(mark.system == "writethru" for mark, _given in known)
        yield ["all pages", total, *(mean(v for m, v in known if m.system == s) for s in SYSTEMS)]


def _mean_of(means: dict[tuple[str, str], float], names: Sequence[str], system: str) -> float | None:
    return mean(means[name, system] for name in names if (name, system) in means)


def _times(marks: Sequence[Mark]) -> Iterator[list[Cell]]:
    for name in dict.fromkeys(mark.system for mark in marks):
        spent = [mark.ms for mark in marks if mark.system == name]
        failed = sum(mark.failed for mark in marks if mark.system == name)
        yield [name, f"{middle(spent):.1f}", f"{ninth_tenth(spent):.1f}", failed]


def _noise(again: Sequence[Again]) -> Iterator[list[Cell]]:
    for name in dict.fromkeys(look.system for look in again):
        looks = [look for look in again if look.system == name]
        same = mean(float(look.same) for look in looks if look.same is not None)
        yield [name, len(looks), same, f"{middle(look.ms for look in looks):.1f}"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--set", action="append", choices=SETS, help="only this set; may be repeated")
    parser.add_argument("--sample", type=int, help="only that many pages of each set")
    parser.add_argument("--failures", type=int, default=0, help="list that many of the worst pages of a set")
    parser.add_argument("--noise", action="store_true", help="also look twice, with fresh noise")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    main()
