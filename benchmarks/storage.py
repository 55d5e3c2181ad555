"""What keeping costs: bytes, time to keep and to give back, and how both grow with the archive.

`python -m benchmarks.storage --data FOLDER [--limit N] [--scale N ...] [--markdown]`
"""

from __future__ import annotations

import argparse
import lzma
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.growth import grown
from benchmarks.looks import Document, as_sent, documents, look_at_all, sent_pages, watch
from benchmarks.made import FILE, made_archive
from benchmarks.tables import Cell, table
from storage.bodies import Bodies
from storage.engine import Database
from storage.records import Outcome
from storage.sqlite import driver
from storage.store import Store

_URL = f"sqlite:///{FILE}"
_NEWS = range(2_000, 10_001)
_WARM_UP = 60
_SYNCS = 100
_MADE = Path("build/benchmarks")
_SCALES = (1_000, 10_000)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One table, still without its form."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def shown(self, markdown: bool) -> str:
        return table(self.title, self.head, self.rows, markdown=markdown)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    for figures in report(options.data, options.limit, options.scale or _SCALES):
        print(figures.shown(options.markdown), flush=True)


def report(data: Path, limit: int | None, scales: Sequence[int], made: Path = _MADE) -> Iterator[Figures]:
    """All figures, a table at a time."""
    chosen = documents(data, limit)
    with ProcessPoolExecutor(2) as pool:
        outcomes = look_at_all(chosen, range(1, len(chosen) + 1), pool)
    with tempfile.TemporaryDirectory() as name:
        yield from kept_texts(Path(name), chosen, outcomes)
    with tempfile.TemporaryDirectory() as name:
        yield from kept_pages(Path(name), data, limit)
    news = [number for number, document in enumerate(chosen) if document.usual_size in _NEWS]
    yield record_rates([chosen[number] for number in news], [outcomes[number] for number in news])
    columns = [grown(made_archive(made, scale)) for scale in scales]
    head = ["milliseconds, but where it says otherwise", *(f"{scale:,} articles" for scale in scales)]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    yield Figures(title=f"As the archive grows ({_syncing()})", head=head, rows=rows)


# ---------------------------------------------------------------------- texts and pages, kept and given back


def kept_texts(
    folder: Path, chosen: Sequence[Document], outcomes: Sequence[Sequence[Outcome]]
) -> Iterator[Figures]:
    with Store.open(_URL, folder) as store:
        empty = _pages(folder)
        record_all(store, chosen, outcomes)
    _vacuum(folder)
    histories = [[o.revision.extraction.text.encode() for o in each if o.revision] for each in outcomes]
    count = sum(map(len, histories))
    xz = _xz(histories)
    bodies = _scalar(folder, "SELECT sum(length(data)) FROM bodies WHERE id IN (SELECT text FROM ledger)")
    whole = (folder / FILE).stat().st_size
    rows: list[tuple[str, int]] = [
        ("plain text", sum(len(text) for history in histories for text in history)),
        ("xz -9 of each document's versions", xz),
        ("git gc --aggressive", _git(folder / "git", histories)),
        ("text bodies", bodies),
        (
            "records",
            _scalar(folder, "SELECT sum(length(data)) FROM bodies WHERE id IN (SELECT record FROM ledger)"),
        ),
        ("the whole database", whole),
        ("the same but for what an empty one takes", whole - empty),
    ]
    yield Figures(
        title=f"{count:,} revisions of texts",
        head=["kept as", "bytes a revision", "times xz"],
        rows=[[name, size / count, size / xz] for name, size in rows],
    )
    yield _restores("Any version of a text given back", folder)
    yield from _verified(folder, count)


def kept_pages(folder: Path, data: Path, limit: int | None) -> Iterator[Figures]:
    """Pages as they were sent, each the revision of an article of which nothing was read."""
    archived = count = 0
    with Store.open(_URL, folder) as store:
        for number, page in enumerate(sent_pages(data, limit)):
            (article,) = watch(store, [f"file:///pages/{number}.html"])
            for outcome in as_sent(article, page.bodies):
                store.record(outcome)
            archived += page.archived
            count += len(page.bodies)
    bodies = _scalar(folder, "SELECT sum(length(data)) FROM bodies WHERE id IN (SELECT payload FROM ledger)")
    yield Figures(
        title=f"{count:,} snapshots of pages",
        head=["kept as", "bytes a snapshot", "times xz"],
        rows=[
            ["an archive of each page (.tar.xz)", archived / count, 1.0],
            ["bodies", bodies / count, bodies / archived],
        ],
    )
    yield _restores("Any snapshot of a page given back", folder)


def record_all(
    store: Store, chosen: Sequence[Document], outcomes: Sequence[Sequence[Outcome]]
) -> list[tuple[float, float]]:
    """Record all of it in an archive that is new; the seconds that each took, by the clock and of processor."""
    found = watch(store, [document.url for document in chosen])
    taken = []
    for article, each in zip(found, outcomes, strict=True):
        for outcome in each:
            outcome = replace(outcome, article=replace(outcome.article, id=article.id))
            started = time.perf_counter(), time.thread_time()
            store.record(outcome)
            taken.append((time.perf_counter() - started[0], time.thread_time() - started[1]))
    return taken


def _restores(title: str, folder: Path) -> Figures:
    """Every body of that archive, one by one, nothing of it remembered."""
    database = Database(_URL, folder)
    kept = Bodies(cached=0)
    column = "payload" if title.endswith("page given back") else "text"
    taken = []
    with database.reading() as connection:
        wanted = connection.exec_driver_sql(f"SELECT DISTINCT {column} FROM ledger").scalars().all()  # noqa: S608
        for number in wanted:
            started = time.perf_counter()
            kept.get(connection, number)
            taken.append(1000 * (time.perf_counter() - started))
    database.close()
    return Figures(
        title=title,
        head=["", "median", "99 of 100", "slowest"],
        rows=[["milliseconds", _share(taken, 0.5), _share(taken, 0.99), max(taken)]],
    )


def _verified(folder: Path, count: int) -> Iterator[Figures]:
    """How fast all of it is verified, where this release can."""
    if find_spec("storage.verify") is None:
        return
    verify = import_module("storage.verify").verify
    started = time.perf_counter()
    verified = verify(_URL, folder, processes=2)
    taken = time.perf_counter() - started
    assert not verified.findings
    head = ["", "seconds", "revisions a second"]
    yield Figures(title="Verified", head=head, rows=[["all of these texts", taken, count / taken]])


# ---------------------------------------------------------------------- record()


def record_rates(chosen: Sequence[Document], outcomes: Sequence[Sequence[Outcome]]) -> Figures:
    """Texts of the size of news recorded one by one, each in its transaction."""
    sizes = [len(o.response.body) for each in outcomes for o in each if o.response]
    rows = []
    for url in (_URL, f"{_URL}?journal=rollback"):
        with tempfile.TemporaryDirectory() as name, Store.open(url, Path(name)) as store:
            taken = record_all(store, chosen, outcomes)
            taken = taken[min(_WARM_UP, len(taken) // 4) :]  # the first ones pay for making the statements
            journal = _scalar(Path(name), "PRAGMA journal_mode", url)
        clock, processor = (sum(each) / len(taken) for each in zip(*taken, strict=True))
        middle = _share([seconds for seconds, _ in taken], 0.5)
        rows.append([journal, 1 / clock, 1 / middle, 1000 * middle, 1000 * processor])
    return Figures(
        title=f"Texts of {sum(sizes) // len(sizes):,} bytes recorded ({_syncing()})",
        head=["journal", "a second", "a second by the median", "milliseconds, median", "of processor, mean"],
        rows=rows,
    )


def _syncing() -> str:
    """What this machine takes to have a page on its disk: nothing durable is quicker."""
    taken = []
    with tempfile.TemporaryFile() as file:
        for _ in range(_SYNCS):
            os.write(file.fileno(), bytes(4096))
            started = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(1000 * (time.perf_counter() - started))
    return f"fsync {_share(taken, 0.5):.2f} ms, nine of ten {_share(taken, 0.9):.2f} ms"


# ---------------------------------------------------------------------- what others need


def _xz(histories: Iterable[Sequence[bytes]]) -> int:
    return sum(len(lzma.compress(b"".join(versions), preset=9)) for versions in histories)


def _git(folder: Path, histories: Sequence[Sequence[bytes]]) -> int:
    """The pack, with its index, of a repository with one commit for each version, packed as hard as git does."""
    git = ["git", "-C", str(folder)]
    folder.mkdir()
    subprocess.run([*git, "init", "--quiet", "--bare", "."], check=True)
    stream = b"".join(_commits(histories))
    subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)
    subprocess.run([*git, "gc", "--aggressive", "--quiet"], check=True)
    return sum(path.stat().st_size for path in (folder / "objects" / "pack").iterdir())


def _commits(histories: Sequence[Sequence[bytes]]) -> Iterator[bytes]:
    for number, versions in enumerate(histories):
        for version in versions:
            head = f"commit refs/heads/all\ncommitter A <a@b.example> {number} +0000\ndata 0\n"
            yield f"{head}M 644 inline {number}.txt\ndata {len(version)}\n".encode() + version + b"\n"


def _pages(folder: Path) -> int:
    """What the database takes, whatever of it is still in its journal."""
    size: int = _scalar(folder, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    return size


def _vacuum(folder: Path) -> None:
    with closing(driver.connect(folder / FILE, isolation_level=None)) as connection:
        connection.execute("VACUUM")


def _scalar(folder: Path, query: str, url: str = _URL) -> Any:
    with closing(Database(url, folder)) as database, database.reading() as connection:
        return connection.exec_driver_sql(query).scalar()


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--limit", type=int, help="only that many documents of each set")
    parser.add_argument(
        "--scale", type=int, nargs="*", help="how many articles the made archives have (kept under build/)"
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    main()
