"""Are the articles of feeds, sitemaps and pages found, and is robots.txt obeyed as RFC 9309 says?

`python -m benchmarks.discovery --data FOLDER [--markdown]`
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml.etree import XMLParser, XMLSyntaxError, _Element, fromstring
from protego import Protego

from benchmarks.data import SETS, pages
from benchmarks.tables import Cell, listing, percent, table
from monitor.errors import ReadError
from monitor.robots import AGENT, MOST, allows
from monitor.sources import Link, canonical, read_feed, read_section, read_sitemap
from monitor.sources.addresses import web_address
from monitor.sources.sections import Chance, chances_of

_FEEDS = ("feedparser_wellformed", "feedparser_encoding", "feedparser_illformed", "real_feeds")
_OURS = Path(__file__).parent.parent / "tests" / "data"
_HERE = "https://feeds.example/feed"
_LINK = re.compile(r"entries\[0\]\['link'\] == u?'(https?://[^']+)'")
_ASKED = ("/", "/news/2024/05/12/story-of-a-day", "/search?q=x", "/wp-admin/a")


@dataclass(frozen=True, kw_only=True)
class Read:
    """What was read out of one file. ``there`` are the entries that another parser finds in it, or that its own
    expectation names, each with all of its addresses; ``trouble`` is what a sentence or an error said."""

    name: str
    found: frozenset[str]
    there: tuple[frozenset[str], ...]
    noted: bool = False
    trouble: str = ""
    failed: bool = False

    @property
    def missed(self) -> list[str]:
        return sorted(min(entry) for entry in self.there if not entry & self.found)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    for part in report(options.data, markdown=options.markdown):
        print(part)


def report(data: Path, *, markdown: bool) -> Iterator[str]:
    folder = data / "E_feeds"
    feeds = {name: [_feed(path) for path in sorted((folder / name).glob("*.gz"))] for name in _FEEDS}
    head = ["set", "files", "read", "noted as ill-formed", "no feed", "errors", "entries", "missed"]
    yield table("Feeds", head, [_counted(name, read) for name, read in feeds.items()], markdown=markdown)
    said = [f"{r.name}: {r.trouble}" for read in feeds.values() for r in read if r.trouble]
    yield listing("No feed, or an error", said, markdown=markdown)
    missed = [f"{r.name}: {url}" for read in feeds.values() for r in read for url in r.missed]
    yield listing("Missed", missed, markdown=markdown)
    yield table("Sitemaps", ["file", "entries", "children"], list(_sitemaps(folder)), markdown=markdown)
    yield from _robots(folder, markdown=markdown)
    yield from _labelled(data, markdown=markdown)


# ---------------------------------------------------------------------- feeds and sitemaps


def _feed(path: Path) -> Read:
    body, name = gzip.decompress(path.read_bytes()), path.name.removesuffix(".gz")
    try:
        listed = read_feed(body, _HERE)
    except ReadError as error:
        return Read(name=name, found=frozenset(), there=_there(body), trouble=str(error))
    except Exception as error:  # noqa: BLE001 - this is what is counted
        return Read(name=name, found=frozenset(), there=_there(body), trouble=repr(error), failed=True)
    found = frozenset(entry.url for entry in listed.entries)
    return Read(name=name, found=found, there=_there(body), noted=listed.note is not None)


def _there(body: bytes) -> tuple[frozenset[str], ...]:
    """The entries as a strict XML parser sees them, beside the one that the file says to expect."""
    expected = _LINK.search(body[:2000].decode("utf-8", "replace"))
    try:
        root: _Element | None = fromstring(
            body, XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        )
    except (XMLSyntaxError, ValueError):
        root = None
    entries = [] if root is None else [e for e in root.iter() if _name(e) in ("item", "entry")]
    said = [*([[expected[1]]] if expected else []), *(list(_links_of(entry)) for entry in entries)]
    urls = (frozenset(url for link in links if (url := web_address(link, _HERE))) for links in said)
    return tuple(found for found in urls if found)


def _links_of(entry: _Element) -> Iterator[str]:
    """Where it leads; what a counter of clicks stands for comes as well."""
    for element in entry:
        is_link = _name(element) == "link" and element.get("rel", "alternate") == "alternate"
        if is_link or _name(element) == "origlink":
            link = str(element.get("href") or element.text or "").strip()
            if link.startswith(("http://", "https://")):
                yield link


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _counted(name: str, read: Sequence[Read]) -> list[Cell]:
    none = sum(bool(r.trouble) and not r.failed for r in read)
    failed = sum(r.failed for r in read)
    noted = sum(r.noted for r in read)
    entries, missed = sum(len(r.found) for r in read), sum(len(r.missed) for r in read)
    return [name, len(read), len(read) - none - failed, noted, none, failed, entries, missed]


def _sitemaps(folder: Path) -> Iterator[list[Cell]]:
    for path in sorted((folder / "sitemaps").glob("*.gz")):
        body = gzip.decompress(path.read_bytes())
        root = "http://www.example.com/" if b"example.com" in body else "https://www.sitemaps.org/"
        found = read_sitemap(body, f"{root}sitemap.xml")
        yield [path.name.removesuffix(".gz"), len(found.entries), len(found.children)]


# ---------------------------------------------------------------------- robots.txt


def _robots(folder: Path, *, markdown: bool) -> Iterator[str]:
    cases = _rows("robots_rfc9309.jsonl")
    texts = {
        json.loads(line)["robots"]
        for line in (folder / "robots_google_literals.jsonl").open(encoding="utf-8")
    }
    rules = {text for text in texts if not text.startswith("http")}
    wrong = [c for c in cases if allows(c["robots"], c["url"], c["agent"]) is not c["allowed"]]
    differs = [c for c in cases if _by_protego(c["robots"], c["url"], c["agent"]) is not c["allowed"]]
    yield f"Texts with a verdict of ours: {percent(len(rules & {c['robots'] for c in cases}), len(rules))}"
    yield f"Verdicts as RFC 9309 says: {percent(len(cases) - len(wrong), len(cases))}"
    yield f"By Protego alone: {percent(len(cases) - len(differs), len(cases))}\n"
    named = [f"{c['agent']} {c['url']}, {c['robots']!r}: {c['why']}" for c in differs]
    yield listing("Protego differs", named, markdown=markdown)
    yield _real_robots(folder, markdown=markdown)


def _real_robots(folder: Path, *, markdown: bool) -> str:
    """Each file is asked twice about four addresses, of which its front page is one."""
    counted, slowest = Counter[str](), 0.0
    for path in sorted((folder / "robots_protego").glob("*.gz")):
        host = path.name.removesuffix(".gz").partition("__")[2]
        text = gzip.decompress(path.read_bytes())[:MOST].decode("utf-8-sig", "replace")
        for asked in _ASKED:
            began = time.perf_counter()
            verdict = allows(text, f"https://{host}{asked}")
            slowest = max(slowest, time.perf_counter() - began)
            counted["verdicts"] += 1
            counted["another the second time"] += allows(text, f"https://{host}{asked}") is not verdict
            counted["not Protego's"] += _by_protego(text, f"https://{host}{asked}", AGENT) is not verdict
    rows: list[list[Cell]] = [[name, number] for name, number in counted.items()]
    return table(
        "Real robots.txt", ["", "count"], [*rows, ["slowest, ms", round(slowest * 1000)]], markdown=markdown
    )


def _by_protego(text: str, url: str, agent: str) -> bool:
    return bool(Protego.parse(text).can_fetch(url, agent))


# ---------------------------------------------------------------------- links


def _labelled(data: Path, *, markdown: bool) -> Iterator[str]:
    labels = _rows("links_labels.jsonl")
    wanted = {(row["set"], row["page"]) for row in labels}
    chances: dict[tuple[str, str, str], Chance] = {}
    known = Counter[str]()
    for name in SETS:
        for page in pages(data, name, None):
            known.update(_of_known(page.url))
            if (name, page.id) in wanted:
                url = canonical(page.url)
                found = chances_of(read_section(page.body, url).links, url)
                chances |= {(name, page.id, link): chance for link, chance in found.items()}
    rows = [_sampled(f"sample {number}", number, labels, chances) for number in (1, 2)]
    head = ["links", "of them articles", "taken for articles", "precision", "recall", "may be, and are not"]
    yield table("Links of pages, labelled by hand", ["", *head], rows, markdown=markdown)
    yield f"Known addresses of articles taken for ones by their address alone: {percent(known['bare'], known['all'])}"
    yield f"With a headline for their words: {percent(known['told'], known['all'])}\n"


def _of_known(address: str) -> Iterator[str]:
    """The address of one article, as a link on its site's front page."""
    url = canonical(address)
    if not url.startswith("http"):
        return
    front = "/".join(url.split("/")[:3]) + "/"
    yield "all"
    for name, text in (("bare", ""), ("told", "What the council said about the bridge")):
        if chances_of([Link(url=url, text=text)], front)[url] is Chance.LIKELY:
            yield name


def _sampled(
    name: str, number: int, labels: Sequence[dict[str, Any]], chances: dict[tuple[str, str, str], Chance]
) -> list[Cell]:
    rows = [row for row in labels if row["sample"] == number]
    found = [(row["article"], chances[row["set"], row["page"], row["url"]]) for row in rows]
    taken = [article for article, chance in found if chance is Chance.LIKELY]
    articles = [chance for article, chance in found if article]
    maybe = sum(chance is Chance.MAYBE and not article for article, chance in found)
    hits = sum(taken)
    return [name, len(found), len(articles), len(taken), hits / len(taken), hits / len(articles), maybe]


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_OURS / name).read_text(encoding="utf-8").splitlines()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discovery", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    main()
