"""A clock that is set: nothing comes due at once, nothing waits for years, and the log keeps its order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import schedule
from monitor.alerts import after_failure, text
from monitor.check import Tools
from monitor.clock import Clock, elapsed
from monitor.config import load_config
from monitor.errors import ChannelError
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.reader import Reader
from monitor.report.head import Head
from monitor.report.timeline import window
from monitor.schedule import Daemon
from storage import outbox, watchlist
from storage.ledger import LogFilter
from storage.records import Delivery, DeliveryState, ServiceReason, Source, SourceKind
from storage.store import Store
from tests.newsdesk import configure
from tests.servers import Line, Scripted, http
from tests.test_store import DATABASE, NOW, at, changed, first, watched
from tests.torture.newsroom import edition_in, edition_of

HOUR, DAY, DECADE = timedelta(hours=1), timedelta(days=1), timedelta(days=3652)
SETTINGS = [sign * jump for jump in (HOUR, DAY, DECADE) for sign in (1, -1)]
_PATIENCE = 30.0


@dataclass
class Machine:
    """A machine's clock, which can be set, and the time that really passes, in hand."""

    wall: datetime = NOW
    passed: float = 0.0
    told: list[timedelta] = field(default_factory=list)
    follows: bool = True

    def sleep(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.passed += seconds

    def follow(self, by: timedelta) -> bool:
        self.told.append(by)
        return self.follows

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, self.follow, lambda: self.passed)


# ---------------------------------------------------------------------- noticing it


@pytest.mark.parametrize("by", SETTINGS, ids=str)
def test_a_clock_that_is_set_is_told_by_how_much_before_anybody_is_told_the_time(by: timedelta) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.sleep(7)
    assert (clock(), machine.told) == (machine.wall, [])
    machine.wall += by
    assert (clock(), machine.told) == (machine.wall, [by])
    machine.sleep(7)
    assert (clock(), machine.told) == (machine.wall, [by])


def test_a_long_sleep_and_a_clock_that_is_kept_right_are_no_news() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.sleep(9 * 3600)
    clock()
    for _ in range(100):
        machine.sleep(60)
        machine.wall += timedelta(milliseconds=400)
        clock()
    assert machine.told == []


def test_until_everything_follows_the_old_reckoning_goes_on() -> None:
    machine = Machine(follows=False)
    clock = machine.clock()
    machine.wall += DECADE
    machine.sleep(5)
    assert clock() == NOW + timedelta(seconds=5)
    machine.wall -= HOUR
    machine.follows = True
    assert clock() == machine.wall
    assert machine.told == [DECADE, DECADE - HOUR]


# ---------------------------------------------------------------------- what is due


def turns(store: Store) -> list[object]:
    """Every time at which something is due, in the order of the rows."""
    with store._database.reading() as connection:
        return [
            value
            for column in (*watchlist.TURNS, *watchlist.MEASURES, *outbox.TURNS)
            for (value,) in connection.execute(select(column).order_by(*column.table.primary_key))
        ]


def busy_store(folder: Path) -> Store:
    """A store with something in every state of being due."""
    store = Store.open(DATABASE, folder)
    (article,) = watched(store)
    store.record(first(article))
    store.record(changed(store.article(article.id), 5))
    assert store.watchlist.add_source(Source(name="g", kind=SourceKind.PAGE, url="https://g.example/"), NOW)
    host = store.watchlist.claim_host(at(100_000), "daemon:1", HOUR)
    assert host is not None
    store.watchlist.keep_robots(host, "", at(3))
    return store


@pytest.mark.parametrize("by", SETTINGS, ids=str)
def test_every_wait_keeps_what_is_left_of_it(tmp_path: Path, by: timedelta) -> None:
    with busy_store(tmp_path) as store:
        before, log = turns(store), store.log()
        store.clock_was_set(by)
        assert turns(store) == [moment + by if isinstance(moment, datetime) else None for moment in before]
        assert any(moment is None for moment in before)
        assert store.log() == log
        (host,) = (h for h in store.watchlist.hosts() if h.next_visit_at is not None)
        (article,) = (a for a in store.articles() if a.revisions)
        assert host.next_visit_at == max(host.free_at, article.next_check_at)


@pytest.mark.parametrize("by", [HOUR, DAY, DECADE], ids=str)
def test_a_clock_put_back_while_nobody_looked_is_noticed_by_the_newest_check(
    tmp_path: Path, by: timedelta
) -> None:
    with busy_store(tmp_path) as store:
        newest = store.checks()[-1].check.at
        (waits,) = (a.next_check_at - newest for a in store.articles() if a.revisions)
        assert store.wake(newest - by) == by
        (article,) = (a for a in store.articles() if a.revisions)
        assert article.next_check_at == newest - by + waits


def test_what_is_put_off_for_longer_than_anything_waits_is_due(tmp_path: Path) -> None:
    with busy_store(tmp_path) as store:
        newest = store.checks()[-1].check.at
        assert store.wake(newest) == timedelta(0)
        store.clock_was_set(DECADE)
        assert store.wake(newest) == timedelta(0)
        assert {article.next_check_at for article in store.articles()} == {newest}
        assert {state.next_discovery_at for state in store.watchlist.sources()} == {newest}


@pytest.mark.parametrize("by", SETTINGS, ids=str)
def test_no_message_is_given_up_because_the_clock_was_set(by: timedelta) -> None:
    delivery = Delivery(id="d-1", channel="desk", content={}, alerts=(1,), attempts=1, created_at=NOW)
    later = after_failure(delivery, ChannelError("no answer"), NOW + by)
    assert later.state is DeliveryState.PENDING
    assert later.next_try_at is not None
    assert timedelta(0) < later.next_try_at - (NOW + by) < HOUR


# ---------------------------------------------------------------------- what is claimed of it


def test_a_span_that_would_run_backwards_is_kept_as_it_was_seen_and_shown_to_nobody(tmp_path: Path) -> None:
    with Store.open(DATABASE, tmp_path) as store:
        (article,) = watched(store)
        store.record(first(article))
        outcome = changed(store.article(article.id), 5)
        assert outcome.revision is not None
        turned = replace(outcome.revision, seen_at=at(-60), not_seen_before=at(0))
        store.record(replace(outcome, revision=turned))
        _, entry = store.log()
        assert (entry.number, entry.seen_at, entry.not_seen_before) == (2, at(-60), at(0))
        assert window(entry) == ""
        assert "not seen before" not in text(entry, "d-1")
        old, new = store.revision(article.id, 1), store.revision(article.id, 2)
        assert Head.of(store.article(article.id), old, new, UTC).not_seen_before is None


# ---------------------------------------------------------------------- the daemon under a clock that is set


@dataclass(kw_only=True)
class Bureau:
    """A daemon in this process whose clock can be set, and what its newsroom was asked for, and when."""

    server: Scripted
    store: Store
    daemon: Daemon
    offset: timedelta = timedelta(0)
    slept: timedelta = timedelta(0)
    asked: dict[str, list[float]] = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def elapsed(self) -> float:
        return elapsed() + self.slept.total_seconds()

    def sleep(self, by: timedelta) -> None:
        """The machine was asleep for so long, its lid closed: both of its clocks went on."""
        self.offset += by
        self.slept += by

    def looks(self, path: str) -> int:
        return len(self.asked.get(path, ()))

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for what must come true, as the service's main loop does it."""
        ends = time.monotonic() + _PATIENCE
        while not true():
            assert time.monotonic() < ends, f"it never came true: {self.asked}"
            time.sleep(0.02)
            self.daemon.watch_over_ticks()

    def until_looked_at_again(self, *paths: str) -> float:
        """Wait until each of these was asked for twice more; how many seconds that took."""
        began, wanted = time.monotonic(), {path: self.looks(path) + 2 for path in paths}
        self.until(lambda: all(self.looks(path) >= number for path, number in wanted.items()))
        return time.monotonic() - began


QUICK, SLOW = ("/quick/1", "/quick/2"), ("/slow/1", "/slow/2")
_SPACING = 0.9
_SOON = 10.0  # for two looks that are due after a second each, on a machine that has more to do


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as children:
        yield children


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@contextmanager
def bureau(
    folder: Path, reader: Reader, server: Scripted, offset: timedelta = timedelta(0)
) -> Iterator[Bureau]:
    """On each of two hosts a story that is looked at every second or so, and one that is for once a day."""
    with Store.open("sqlite:///store.db", folder) as store:
        config = load_config(_configuration(folder, server))
        tools = Tools(
            store=store,
            fetcher=Fetcher(
                Guard(config.fetch.allow_private),
                user_agent="Writethru/test",
                deadline=3.0,
                clock=lambda: here.now(),
            ),
            reader=reader,
            config=config,
            clock=lambda: here.now(),
            worker="daemon:1",
        )
        daemon = Daemon(
            lambda: tools, lambda _: tools.fetcher, lambda _: tools.fetcher, lambda: here.elapsed()
        )
        here = Bureau(server=server, store=store, daemon=daemon, offset=offset)
        _publish(here)
        store.watchlist.sync_sources(config.sources, here.now())
        daemon.start()
        try:
            yield here
        finally:
            assert daemon.stop()


def _configuration(folder: Path, server: Scripted) -> Path:
    names = (server.host, f"localhost:{server.port}")
    sources = "".join(
        f'[[sources]]\nname = "{path}"\nkind = "page"\nurl = "http://{name}{path}"\ninterval = "{every}"\n'
        for paths, every in ((QUICK, "1s"), (SLOW, "1d"))
        for path, name in zip(paths, names, strict=True)
    )
    path = configure(folder, server, sources)
    loose = path.read_text().replace('host_interval = "0s"', 'host_interval = "1s"')
    path.write_text(loose.replace("allow_private = [", f'allow_private = ["{names[1]}", '))
    return path


def _publish(here: Bureau) -> None:
    for number, path in enumerate((*QUICK, *SLOW)):

        def show(line: Line, number: int = number, path: str = path) -> None:
            here.asked.setdefault(path, []).append(time.monotonic())
            line.send(http(200, edition_of(number, here.looks(path))))

        here.server.on(path, show)


def spacing(here: Bureau, since: float = 0.0) -> float:
    """The shortest time between two requests to one host, of those after a moment (monotonic)."""
    gaps = []
    for paths in zip(QUICK, SLOW, strict=True):
        moments = sorted(moment for path in paths for moment in here.asked.get(path, ()))
        moments = [moment for moment in moments if moment >= since]
        gaps += [after - before for before, after in pairwise(moments)]
    return min(gaps)


def is_in_order(store: Store) -> bool:
    """Whether each article's revisions are numbered without a gap, and its editions go only forward."""
    numbers: dict[int, list[int]] = {}
    for entry in store.log():
        assert entry.number is not None, entry
        numbers.setdefault(entry.article_id, []).append(entry.number)
    return all(
        found == [*range(1, len(found) + 1)]
        and [edition(store, article_id, n) for n in found]
        == sorted({edition(store, article_id, n) for n in found})
        for article_id, found in numbers.items()
    )


def edition(store: Store, article_id: int, number: int) -> int:
    return edition_in(store.revision(article_id, number).extraction.text)[1]


@pytest.mark.slow
def test_a_clock_that_is_set_skips_nothing_and_hurries_nothing(
    tmp_path: Path, reader: Reader, server: Scripted
) -> None:
    with bureau(tmp_path, reader, server) as here:
        here.until(lambda: all(here.looks(path) for path in (*QUICK, *SLOW)))
        for by in (-DECADE, DAY, HOUR, DECADE, -DAY, -HOUR):
            here.offset += by
            assert here.until_looked_at_again(*QUICK) < _SOON, by
        assert [here.looks(path) for path in SLOW] == [1, 1]
        assert spacing(here) > _SPACING
    with Store.open("sqlite:///store.db", tmp_path) as store:
        assert is_in_order(store)
        seen = [entry.seen_at for entry in store.log()]
        assert max(seen) - min(seen) > DECADE, "the log says what the clock said"


@pytest.mark.slow
@pytest.mark.parametrize("by", [-HOUR, -DECADE, DECADE], ids=str)
def test_a_clock_that_is_set_while_the_service_is_down_skips_nothing(
    tmp_path: Path, reader: Reader, server: Scripted, by: timedelta
) -> None:
    with bureau(tmp_path, reader, server) as here:
        here.until(lambda: all(here.looks(path) for path in (*QUICK, *SLOW)))
    with bureau(tmp_path, reader, server, by) as here:
        assert here.until_looked_at_again(*QUICK) < _SOON
        later = 1 if by >= DAY else 0
        here.until(lambda: all(here.looks(path) >= later for path in SLOW))
        assert [here.looks(path) for path in SLOW] == [later, later], "a day that is over makes them due"
        assert spacing(here) > _SPACING


@pytest.mark.slow
def test_a_clock_that_was_ten_years_ahead_for_one_run_of_the_service_skips_nothing_after_it(
    tmp_path: Path, reader: Reader, server: Scripted
) -> None:
    counts: list[list[int]] = []
    for offset, slow in ((timedelta(0), 1), (DECADE, 1), (timedelta(0), 0)):
        with bureau(tmp_path, reader, server, offset) as here:
            assert here.until_looked_at_again(*QUICK) < _SOON
            here.until(lambda here=here, slow=slow: all(here.looks(path) >= slow for path in SLOW))  # type: ignore[misc]
            counts.append([here.looks(path) for path in SLOW])
            assert spacing(here) > _SPACING
    assert counts == [[1, 1], [1, 1], [0, 0]], "ten years are more than a day, and their end is no day"


@pytest.mark.slow
@pytest.mark.parametrize("knows", [True, False], ids=["counted", "not counted"])
def test_a_night_with_the_lid_closed_loses_nothing_and_ends_without_a_herd(
    tmp_path: Path, reader: Reader, server: Scripted, knows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the clock that nobody sets counts the night, as it does on Linux and macOS, or stands still, as in a
    virtual machine that was put aside."""
    monkeypatch.setitem(schedule.TICK_SECONDS, "beat", 0.2)
    with bureau(tmp_path, reader, server) as here:
        here.until(lambda: all(here.looks(path) for path in (*QUICK, *SLOW)))
        began, before = time.monotonic(), {path: here.looks(path) for path in QUICK}
        if knows:
            here.sleep(8 * HOUR)
        else:
            here.offset += 8 * HOUR
        assert here.until_looked_at_again(*QUICK) < _SOON
        looks = {path: here.looks(path) - before[path] for path in QUICK}
        assert max(looks.values()) <= (time.monotonic() - began) / _SPACING + 1, (
            "missed looks are not made up"
        )
        assert [here.looks(path) for path in SLOW] == [1, 1]
        assert spacing(here, since=began if knows else 0.0) > _SPACING, "a night lies between two others"
        if knows:
            here.until(lambda: bool(here.store.notes(ServiceReason.GAP)))
        gaps = here.store.notes(ServiceReason.GAP)
        assert is_in_order(here.store)
    assert len(gaps) == knows
    for gap in gaps:
        assert gap.not_seen_before is not None
        assert 8 * HOUR <= gap.seen_at - gap.not_seen_before < 8 * HOUR + timedelta(minutes=1)


@pytest.mark.slow
def test_ticks_that_a_clock_put_back_has_stopped_go_round_again(
    tmp_path: Path, reader: Reader, server: Scripted
) -> None:
    """APScheduler's ticks are times of day as well: an hour back, and the next one is an hour away."""
    with bureau(tmp_path, reader, server) as here:
        here.until(lambda: all(here.looks(path) for path in (*QUICK, *SLOW)))
        for job in here.daemon._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC) + HOUR)
        here.offset -= HOUR
        assert here.until_looked_at_again(*QUICK) < _SOON


@pytest.mark.slow
def test_ticks_that_a_clock_put_forward_has_missed_are_made_up_for_once(
    tmp_path: Path, reader: Reader, server: Scripted
) -> None:
    """For ten years of half seconds APScheduler would make a list of 600 million times."""
    with bureau(tmp_path, reader, server) as here:
        jobs = here.daemon._scheduler.get_jobs()
        assert [len(job._get_run_times(datetime.now(UTC) + DAY)) for job in jobs] == [1] * len(jobs)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"])
def test_the_change_to_and_from_summer_time_is_nothing_at_all(
    tmp_path: Path, reader: Reader, server: Scripted, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    change = datetime.fromisoformat(moment)
    try:
        offset = change - datetime.now(UTC) - timedelta(seconds=2)
        with bureau(tmp_path, reader, server, offset) as here:
            here.until(lambda: here.now() > change + timedelta(seconds=1))
            assert here.until_looked_at_again(*QUICK) < _SOON
            for article in here.store.articles():
                seen = [entry.seen_at for entry in here.store.log(LogFilter(article_id=article.id))]
                assert seen == sorted(seen)
            assert min(entry.seen_at for entry in here.store.log()) < change
            assert [here.looks(path) for path in SLOW] == [1, 1]
    finally:
        monkeypatch.undo()
        time.tzset()
