"""What it costs to find out whose turn it is: the dispatcher at ten thousand articles and at a million.

`python -m benchmarks.dispatch [--scale N ...] [--seconds S] [--troubled N] [--markdown]`

Five thousand hosts, of whose articles 300 fall due each second. The dispatcher is the real one; a look is a wait
and the one line that puts the article's next check off, whose processor time does not count. Then the real daemon
runs on the same archive, where every host is an address of this machine, which its guard refuses: it
looks, fails and records, and nothing is sent.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import bindparam, update

from benchmarks.growth import free_port
from benchmarks.tables import Cell, table
from monitor.clock import elapsed
from monitor.crew import Crew
from monitor.turns import Left, Turns
from storage.engine import Database
from storage.schema import articles
from storage.sqlite import driver
from storage.store import Store
from storage.watchlist import Release, Turn, Watchlist, recount_turns
from tests.torture.daemon import Running

FILE = "archive.db"
_URL = f"sqlite:///{FILE}"
_HOSTS = 5_000
_SOURCES = 100
_A_SECOND = 300
_SPACING = timedelta(seconds=5)
_LEASE = timedelta(minutes=2)
_WORKER = "benchmark:1"
_WORKERS = 64
_TICK = 0.5
_ANSWER_SECONDS = 0.1
_WARM_SECONDS = 3.0
_FILLED_A_SECOND = 25_000
_NEVER = datetime(2100, 1, 1, tzinfo=UTC)
_ROBOTS = "User-agent: *\n" + "".join(f"Disallow: /private/{number}/\n" for number in range(60))


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    columns = []
    for scale in options.scale:
        with tempfile.TemporaryDirectory(prefix="writethru-dispatch-") as name:
            folder = Path(name)
            begins = datetime.now(UTC) + timedelta(seconds=5 + scale / _FILLED_A_SECOND)
            fill(folder, scale, begins, troubled=options.troubled)
            time.sleep(max(0.0, (begins - datetime.now(UTC)).total_seconds()))
            columns.append(measured(folder, scale, options.seconds))
    head = ["", *(f"{scale:,} articles" for scale in options.scale)]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    print(table("The dispatcher", head, rows, markdown=options.markdown))
    if len(columns) > 1:
        name = "dispatcher, ms of processor a check"
        print(f"{name}: the last is {columns[-1][name] / columns[0][name]:.2f} times the first")


def measured(folder: Path, scale: int, seconds: float) -> dict[str, Any]:
    """All figures of one archive."""
    figures: dict[str, Cell] = {}
    with closing(Database(_URL, folder)) as database:
        figures |= dispatch(database, scale, seconds).told()
        figures["all turns counted anew, as when a source was paused, ms"] = _timed(
            lambda: _recount(database)
        )
    with Store.open(_URL, folder) as store:
        figures["what is asked at the start, ms"] = _timed(lambda: store.wake(datetime.now(UTC)))
        figures["whose discovery is due, ms"] = _timed(lambda: store.watchlist.due_sources(datetime.now(UTC)))
        figures["moved with a clock that was set, ms"] = _timed(
            lambda: store.clock_was_set(timedelta(seconds=-1))
        )
    return figures | at_work(folder, seconds)


# ---------------------------------------------------------------------- the archive


def fill(folder: Path, count: int, begins: datetime, *, troubled: int = 0) -> None:
    """An archive of so many articles, each due once in its turn, 300 a second from then on.

    :param troubled: so many hosts kept us waiting the last time.
    """
    Store.open(_URL, folder).close()
    with closing(driver.connect(folder / FILE, isolation_level=None)) as connection:
        for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN")
        for table_name, columns, rows in (
            ("sources", _SOURCE, _source_rows()),
            ("hosts", _HOST, _host_rows(begins, troubled)),
            ("articles", _ARTICLE, _article_rows(count, begins)),
        ):
            marks = ", ".join("?" * len(columns.split()))
            named = ", ".join(columns.split())
            connection.executemany(f"INSERT INTO {table_name} ({named}) VALUES ({marks})", rows)  # noqa: S608
        connection.execute("COMMIT")
        connection.execute("PRAGMA optimize")
    with closing(Database(_URL, folder)) as database:
        _recount(database)


_SOURCE = "id name kind url origin paused listed next_discovery_at"
_HOST = "id name free_at troubles robots robots_until"
_ARTICLE = (
    "id url source_id host_id state paused found_at next_check_at troubles doubts absences revisions checks "
    "returns swings"
)
_Row = tuple[object, ...]


def _source_rows() -> Iterator[_Row]:
    for number in range(1, _SOURCES + 1):
        url = f"https://wire{number}.example/"
        yield number, f"Wire {number}", "feed", url, "cli", 0, 1, _stored(_NEVER)


def _host_rows(begins: datetime, troubled: int) -> Iterator[_Row]:
    for number in range(1, _HOSTS + 1):
        slow = int(number > _HOSTS - troubled)
        yield number, _host(number), _stored(begins), slow, _ROBOTS, _stored(_NEVER)


def _article_rows(count: int, begins: datetime) -> Iterator[_Row]:
    """Hosts take turns, in another order each time round, so that none has all of its articles due at once."""
    chance, hosts = Random(7), [*range(1, _HOSTS + 1)]
    for number in range(1, count + 1):
        if (number - 1) % _HOSTS == 0:
            chance.shuffle(hosts)
        host = hosts[(number - 1) % _HOSTS]
        due = begins + timedelta(seconds=number / _A_SECOND)
        url = f"http://{_host(host)}/{number}"
        place = (number, url, 1 + host % _SOURCES, host, "watched", 0, _stored(begins), _stored(due))
        yield *place, 0, 0, 0, 0, 0, 0, 0


def _host(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


def _stored(moment: datetime) -> str:
    """A time as SQLAlchemy writes it into SQLite."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _recount(database: Database) -> None:
    with database.writing() as connection:
        recount_turns(connection)


# ---------------------------------------------------------------------- the dispatcher


@dataclass(kw_only=True)
class Run:
    """What was dispatched, once it was warm, and what that took."""

    seconds: float = 0.0
    processor: float = 0.0
    looks: float = 0.0
    exchanges: int = 0
    late: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self) -> dict[str, Cell]:
        count = len(self.late)
        return {
            "checks dispatched a second": count / self.seconds,
            "dispatcher, ms of processor a check": 1000 * (self.processor - self.looks) / count,
            "checks an exchange with the database": count / max(1, self.exchanges),
            "how late, median, s": _share(self.late, 0.5),
            "how late, 99 of 100, s": _share(self.late, 0.99),
        }


def dispatch(database: Database, scale: int, seconds: float) -> Run:
    """Let the crew work for so long, after it has worked itself warm."""
    watchlist = Watchlist(database)
    run, again = Run(), timedelta(seconds=scale / _A_SECOND)

    def exchange(left: Sequence[Left], most: int, slow: bool) -> Sequence[Turn]:
        run.exchanges += 1
        second, now = elapsed(), datetime.now(UTC)
        releases = [
            Release(host=each.host, worker=_WORKER, free_at=now + each.rest_at(second)) for each in left
        ]
        return watchlist.claim_hosts(now, _WORKER, _LEASE, most, troubled=slow, releases=releases)

    def look(turn: Turn, _step: Callable[[], None]) -> None:
        now, began = datetime.now(UTC), time.thread_time()
        time.sleep(_ANSWER_SECONDS)
        with database.writing() as connection:
            connection.execute(_PUT_OFF, {"article": turn.article_id, "due": now + again})
        taken = time.thread_time() - began
        with run.lock:
            run.looks += taken
            assert turn.host.next_visit_at is not None
            run.late.append((now - turn.host.next_visit_at).total_seconds())
        turns.leave(turn.host, _SPACING)

    turns = Turns(exchange)
    crew = Crew("benchmark", turns.claim, look)
    crew.start(_WORKERS)
    _tick(crew, _WARM_SECONDS)
    with run.lock:
        run.looks, run.exchanges = 0.0, 0
        run.late.clear()
    began, used = time.perf_counter(), time.process_time()
    _tick(crew, seconds)
    run.processor, run.seconds = time.process_time() - used, time.perf_counter() - began
    crew.stop()
    assert crew.join(time.monotonic() + 10)
    assert turns.settle()
    return run


_PUT_OFF = (
    update(articles).where(articles.c.id == bindparam("article")).values(next_check_at=bindparam("due"))
)


def _tick(crew: Crew[Turn], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        crew.dispatch()
        time.sleep(_TICK)


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - started)


# ---------------------------------------------------------------------- the real daemon


def at_work(folder: Path, seconds: float) -> dict[str, Cell]:
    """The real daemon for so long, on hosts that its guard refuses."""
    config = folder / "config.toml"
    config.write_text(
        f'[storage]\nurl = "{_URL}"\n[web]\nlisten = "127.0.0.1:{free_port()}"\n', encoding="utf-8"
    )
    with Store.open(_URL, folder) as store:
        before = store.counts()["checks"]
    running = Running(config)
    try:
        figures: dict[str, Cell] = {"start of the daemon, s": running.until("started with")}
        running.live(running.age + seconds)
        figures["memory of the daemon at work, MB at most"] = running.memory()
        running.stop()
    finally:
        running.clear_away()
    with Store.open(_URL, folder) as store:
        figures["looks it made meanwhile"] = store.counts()["checks"] - before
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dispatch", description=__doc__)
    parser.add_argument("--scale", type=int, nargs="*", default=[10_000, 1_000_000], help="how many articles")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each part runs")
    parser.add_argument("--troubled", type=int, default=0, help="so many hosts kept us waiting the last time")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser


if __name__ == "__main__":
    main()
