"""Are answers that are no article called so, and are articles called articles?

`python -m benchmarks.verdicts --data FOLDER [--limit N] [--markdown]`
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import SETS, pages, refused, response
from benchmarks.tables import listing, percent, table
from monitor.reader import read
from storage.records import Response, Verdict


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was said of one answer; ``kind`` is the set it is of, or what kind of refusal it is."""

    kind: str
    id: str
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def line(self) -> str:
        return f"{self.kind} {self.id}: {self.verdict}{'; ' if self.reasons else ''}{'; '.join(self.reasons)}"


Asked = tuple[str, str, Response]


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    with ProcessPoolExecutor(2, initializer=logging.disable) as pool:
        others = list(pool.map(judged, asked_of_refusals(options.data), chunksize=4))
        articles = list(pool.map(judged, asked_of_pages(options.data, options.limit), chunksize=8))
    for part in report(others, articles, markdown=options.markdown):
        print(part)


def judged(asked: Asked) -> Judged:
    kind, name, answer = asked
    capture = read(answer)
    return Judged(kind=kind, id=name, verdict=capture.verdict, reasons=capture.reasons)


def asked_of_refusals(data: Path) -> Iterator[Asked]:
    for answer in refused(data):
        yield answer.kind, answer.id, answer.response


def asked_of_pages(data: Path, limit: int | None) -> Iterator[Asked]:
    for name in SETS:
        for page in pages(data, name, limit):
            yield name, page.id, response(page.url, page.body)


def report(others: Sequence[Judged], articles: Sequence[Judged], *, markdown: bool) -> Iterator[str]:
    pages_of_others = [found for found in others if not found.kind.startswith("text_only")]
    wrong = [found for found in pages_of_others if found.verdict is Verdict.ARTICLE]
    refused_articles = [found for found in articles if found.verdict is not Verdict.ARTICLE]
    yield table(
        "What is no article",
        ["kind", "answers", "called an article", "verdicts"],
        list(_by_kind(others)),
        markdown=markdown,
    )
    yield f"Called an article and are none: {percent(len(wrong), len(pages_of_others))}"
    yield f"Not counted: {len(others) - len(pages_of_others)} that are plain text, which their type alone refuses.\n"
    yield listing("They are", [found.line for found in wrong], markdown=markdown)
    yield table(
        "What is an article",
        ["set", "pages", "called something else", "verdicts"],
        list(_by_set(articles)),
        markdown=markdown,
    )
    yield f"Articles called something else: {percent(len(refused_articles), len(articles))}\n"
    yield listing("They are", [found.line for found in refused_articles], markdown=markdown)


def _by_kind(others: Sequence[Judged]) -> Iterator[list[str | int]]:
    for kind in dict.fromkeys(found.kind for found in others):
        verdicts = Counter(found.verdict for found in others if found.kind == kind)
        yield [kind, verdicts.total(), verdicts[Verdict.ARTICLE], _counted(verdicts)]


def _by_set(articles: Sequence[Judged]) -> Iterator[list[str | int]]:
    for name in dict.fromkeys(found.kind for found in articles):
        verdicts = Counter(found.verdict for found in articles if found.kind == name)
        yield [name, verdicts.total(), verdicts.total() - verdicts[Verdict.ARTICLE], _counted(verdicts)]


def _counted(verdicts: Counter[Verdict]) -> str:
    return ", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--limit", type=int, help="only that many pages of each set")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    main()
