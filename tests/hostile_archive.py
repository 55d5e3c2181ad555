"""An archive in which articles say what they are given to say, in every field there is; and what is made of it."""

from __future__ import annotations

import socket
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree
from markdown_it import MarkdownIt

from monitor.compare import compare
from monitor.config import ScheduleSettings, WebSettings
from monitor.decide import Look, decide
from monitor.events import assess
from monitor.report import Head, diff_entry, diff_mail, diff_markdown, feed
from monitor.web import WebServer, create_app
from storage.records import (
    Article,
    Assessment,
    Capture,
    Diff,
    Extraction,
    Link,
    Notice,
    NoticeKind,
    Paragraph,
    ParagraphKind,
    Response,
    Source,
    SourceKind,
    Validators,
    Verdict,
)
from storage.store import Store
from tests.newsdesk import BODY, writethru
from tests.payloads import rendered

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def reading(texts: Sequence[str]) -> Extraction:
    """Every field full of them, and each text in every kind of paragraph."""
    said = " ".join(texts)
    kinds = tuple(ParagraphKind)
    paragraphs = [*BODY, *texts, *BODY]
    return Extraction(
        headline=said,
        standfirst=said,
        byline=tuple(texts),
        section=said,
        language=texts[0],
        canonical_url=f"https://quay.example/{said}",
        image=texts[-1],
        image_caption=said,
        published_at=START - timedelta(hours=1),
        notices=tuple(
            Notice(kind=kind, text=" ".join(texts[at :: len(NoticeKind)]))
            for at, kind in enumerate(NoticeKind)
        ),
        paragraphs=tuple(
            Paragraph(kind=kinds[at % len(kinds)], text=text) for at, text in enumerate(paragraphs)
        ),
        links=tuple(Link(paragraph=at % 5, text=text, url=text) for at, text in enumerate(texts)),
        extractor=texts[0],
    )


class Archive:
    """An archive whose articles were quiet, hostile, hostile in another order, and then gone; and everything that
    is made of it but the pages of the service."""

    def __init__(self, folder: Path, texts: Sequence[Sequence[str]]) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.config.write_text('[storage]\nurl = "sqlite:///store.db"\n[web]\nenabled = false\n')
        self.store = Store.open("sqlite:///store.db", folder)
        for at, some in enumerate(texts):
            self._article(at, list(some))

    def report(self) -> list[Path]:
        """The pages of the static site."""
        done = writethru(self.config, "report", "--out", str(self.folder / "report"))
        assert done.returncode == 0, done.stderr
        return sorted((self.folder / "report").rglob("*.html"))

    def documents(self) -> Iterator[tuple[str, str]]:
        """Media type and text of every feed, mail, Markdown text and evidence page, each as whoever gets it
        might show it, with care or without."""
        entries = []
        for article in self.store.articles():
            for number in (2, 3) if article.id == 1 else (2,):  # one whose paragraphs were moved is enough
                diff, judged, head = self._edit(article, number)
                report = f"https://monitor.example/{article.id}"
                entries.append(diff_entry(diff, judged, head, seen_at=START, report=report))
                yield "text/html", etree.fromstring(entries[-1]).findtext("{*}content") or ""
                yield "text/html", diff_mail(diff, judged, head, report=report).html
                told = diff_markdown(diff, judged, head)
                yield "text/html", rendered(told, "extra")
                yield "text/html", MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(told)
            yield "text/html", self._evidence(article.id)
        whole = feed(entries, id="urn:x", title=entries[0], updated=START)
        yield from (("application/xml", whole), ("application/atom+xml", whole), ("text/html", whole))

    def _edit(self, article: Article, number: int) -> tuple[Diff, Assessment, Head]:
        old, new = self.store.revision(article.id, number - 1), self.store.revision(article.id, number)
        diff = compare(old.extraction, new.extraction)
        return diff, assess(diff), Head.of(article, old, new, UTC, self.store.entry(article.id, number))

    def _evidence(self, article_id: int) -> str:
        out = self.folder / f"{article_id}.zip"
        done = writethru(self.config, "evidence", str(article_id), "2", "--out", str(out))
        assert done.returncode == 0, done.stderr
        with zipfile.ZipFile(out) as files:
            return files.read("diff.html").decode()

    def _article(self, at: int, texts: list[str]) -> None:
        url = "".join(texts) if at % 2 else f"https://quay.example/{at}?{'&'.join(texts)}#{texts[0]}"
        source = Source(name=f"{at} {' '.join(texts)}", kind=SourceKind.FEED, url=texts[0], tags=tuple(texts))
        self.store.watchlist.add_source(source, START)
        state = next(s for s in self.store.watchlist.sources() if s.name == source.name)
        self.store.watchlist.discovered(state.id, [url], START, START, Validators())
        self.store.watchlist.discovery_failed(state.id, " ".join(texts), START)
        turned = [*texts[len(texts) // 2 :], *texts[: len(texts) // 2]]
        for number, said in enumerate((["A quiet line."], texts, turned), 1):
            article = Capture(verdict=Verdict.ARTICLE, extraction=reading(said))
            self._look(url, source, at, number, 200, article)
        gone = Capture(verdict=Verdict.GONE, reasons=tuple(texts))
        for number in (5, 40, 80, 120):
            self._look(url, source, at, number, 410, gone)

    def _look(self, url: str, source: Source, at: int, number: int, status: int, capture: Capture) -> None:
        when = START + timedelta(minutes=20 * number)
        article = next(each for each in self.store.articles() if each.url == url)
        response = Response(
            url=url, final_url=url, status=status, headers=(), body=b"%d" % number, fetched_at=when
        )
        look = Look(
            check_id=f"{at * 1000 + number:032x}", now=when, source=source, schedule=ScheduleSettings()
        )
        previous = self.store.latest_revision(article)
        self.store.record(decide(article, previous, response, capture, look))


@contextmanager
def served(store: Store) -> Iterator[str]:
    """The service's pages on loopback: where they are."""
    settings = WebSettings(port=0)
    pages = WebServer(create_app(store, settings, UTC, lambda: None), settings)
    pages.start()
    try:
        _wait_for(pages.port)
        yield f"http://127.0.0.1:{pages.port}"
    finally:
        pages.stop()


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError("the pages were never served")
