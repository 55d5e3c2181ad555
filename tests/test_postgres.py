"""What is PostgreSQL's own: writers in turn across processes, a server that goes away and comes back, one
schema however many start at once, and addresses that never show their password."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event, inspect, text, update

from storage import postgres
from storage.engine import Database
from storage.errors import Conflict, InUse, StorageAway, StorageBusy, StorageError
from storage.ledger import ORIGIN, link
from storage.records import (
    Alert,
    Article,
    CheckEntry,
    EventKind,
    Outcome,
    Severity,
    Validators,
)
from storage.schema import ledger, metadata
from storage.store import Store
from storage.verify import verify
from tests.newsdesk import configure, desk, edited, lines, page, writethru
from tests.postgres import Server
from tests.servers import Line, Scripted, http
from tests.test_service import daemon, end, until
from tests.test_store import (
    NOW,
    at,
    changed,
    count,
    fact,
    first,
    new_store,
    reading,
    removed,
    watched,
)

ROOT = Path(__file__).parent.parent
LEASE = timedelta(minutes=2)
SECRET = "correct-horse"


@pytest.fixture
def store(postgres_url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(postgres_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def database(postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = Database(postgres_url, tmp_path)
    yield opened
    opened.close()


# ---------------------------------------------------------------------- the same on both


def test_the_same_history_has_the_same_chain_on_both(store: Store, tmp_path: Path) -> None:
    with new_store(tmp_path) as other:
        for place in (store, other):
            (article,) = watched(place)
            steps = [first(article)]
            steps.append(changed(steps[0].article, 5, alerts=(Alert(channel="desk", rules=("all",)),)))
            steps.append(removed(steps[1].article, 10, body=b"<p>gone</p>"))
            for step in steps:
                place.record(step)
        assert store.log() == other.log()
        assert store.chain_head() == other.chain_head()


def test_any_text_comes_back_as_it_was(url: str, tmp_path: Path) -> None:
    """Also what UTF-8 or PostgreSQL has no place for, and what stands for it."""
    odd = "a\x00b \ud83d c\x1ad\x1a0000 \U0001f600 é"
    with Store.open(url, tmp_path) as store:
        (article,) = watched(store)
        outcome = changed(first(article).article, 5, text="Plain.")
        assert outcome.revision is not None
        assert outcome.response is not None
        assert outcome.revision.assessment is not None
        event = fact(EventKind.NUMBER_CHANGED, Severity.MINOR, old=odd, new=odd)
        assessment = replace(outcome.revision.assessment, events=(event,), summary=odd)
        odd_reading = replace(reading(odd), headline=odd)
        odd_revision = replace(outcome.revision, assessment=assessment, extraction=odd_reading)
        after = replace(outcome.article, headline=odd, validators=Validators(etag=odd, last_modified=odd))
        body = odd.encode("utf-16", "surrogatepass")
        response = replace(outcome.response, headers=(("X", odd),), final_url=odd, body=body)
        check = replace(outcome.check, detail=odd, reasons=(odd,), digest=response.digest)
        store.record(first(article))
        store.record(replace(outcome, article=after, revision=odd_revision, response=response, check=check))
        store.watchlist.keep_robots(store.watchlist.hosts()[0], odd, NOW)
        found = store.article(article.id)
        assert (found.headline, found.validators) == (odd, after.validators)
        assert store.revision(article.id, 2) == odd_revision
        assert store.response(article.id, 2) == response
        assert store.log()[-1].events == (event,)
        assert store.checks()[-1].check == check
        assert store.watchlist.hosts()[0].robots == odd


@pytest.mark.slow
def test_more_articles_can_be_named_than_a_statement_takes(url: str, tmp_path: Path) -> None:
    with Store.open(url, tmp_path) as store:
        _, far = watched(store, "https://gazette.example/bridge", "https://herald.example/far")
        many = [far.id, *range(1000, 67_000)]
        host = store.watchlist.claim_host(NOW, "a", LEASE, only=many)
        assert host is not None
        assert host.name == "herald.example"
        assert store.watchlist.next_due(host, NOW, many) == far.id


def test_numbers_grow_beyond_32_bits(store: Store, database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("SELECT setval(seqrelid::regclass, 5000000000, false) FROM pg_sequence"))
    (article,) = watched(store)
    store.record(first(article))
    store.record(changed(first(article).article, 5, alerts=(Alert(channel="desk", rules=("all",)),)))
    (alert,) = store.outbox.waiting()
    assert article.id == 5_000_000_000
    assert alert.entry.seq == 5_000_000_001
    assert store.latest_revision(store.article(article.id)) is not None


# ---------------------------------------------------------------------- which database


def test_no_password_is_shown(postgres_url: str, postgres_server: Server, tmp_path: Path) -> None:
    address = postgres_url.replace("postgres@", f"postgres:{SECRET}@")
    with Store.open(address, tmp_path) as store:
        assert (
            store.shown
            == f"postgresql://postgres@{postgres_server.folder}/{postgres_url.split('/')[3].split('?')[0]}"
        )
        assert SECRET not in repr(store._database._server.reader)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgres:{secret}@/nowhere?host={folder}", "make it with createdb, or name another one."),
        ("nobody:{secret}@/postgres?host={folder}", "check the user, or make it with createuser."),
        (
            "full:{secret}@/postgres?host={folder}",
            "let it take more connections, or stop a program that holds some.",
        ),
        ("locked:{secret}@/postgres?host={folder}", "check the user and the password."),
        ("postgres:{secret}@/postgres?host={folder}/none", "see that it runs, or try again later."),
        ("postgres:{secret}@127.0.0.1:1/postgres", "see that it runs, or try again later."),
        (
            "postgres:{secret}@/postgres?host={folder}&sslmode={secret}",
            "see that it runs, or try again later.",
        ),
    ],
)
def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(
    postgres_server: Server, tmp_path: Path, address: str, sentence: str
) -> None:
    for role in ("locked LOGIN PASSWORD 'x'", "full LOGIN CONNECTION LIMIT 0"):
        with suppress(psycopg.errors.DuplicateObject):
            postgres_server.ask(f"CREATE ROLE {role}")
    url = "postgresql+psycopg://" + address.format(secret=SECRET, folder=postgres_server.folder)
    with pytest.raises(StorageAway) as caught:
        Store.open(url, tmp_path)
    assert str(caught.value).endswith(sentence)
    assert SECRET not in str(caught.value).replace(f'"{SECRET}"', "")
    assert "\n" not in str(caught.value)


def test_a_wrong_address_is_not_repeated(tmp_path: Path) -> None:
    for url in (f"postgres://me:{SECRET}@h/d", f"postgresql+psycopg://me:{SECRET}@h", f"me:{SECRET}@h/d"):
        with pytest.raises(StorageError) as caught:
            Store.open(url, tmp_path)
        assert SECRET not in str(caught.value)


def test_a_missing_driver_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StorageError, match=r"^PostgreSQL needs its driver; install it with: .*psycopg.*\.$"):
        Store.open("postgresql+psycopg://postgres@localhost/archive", tmp_path)


def test_a_database_that_cannot_hold_every_text_is_refused(postgres_server: Server, tmp_path: Path) -> None:
    latin = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    with (
        postgres_server.database("template0", latin) as url,
        pytest.raises(
            StorageError, match=r"keeps text as LATIN1, .* make one with: createdb --encoding=UTF8"
        ),
    ):
        Store.open(url, tmp_path)


def test_a_commit_is_on_the_disk_even_where_the_server_would_not_wait_for_it(database: Database) -> None:
    with database.writing() as connection:
        settings = [
            connection.scalar(text(f"SHOW {name}"))
            for name in ("synchronous_commit", "transaction_isolation", "timezone")
        ]
    assert settings == ["on", "read committed", "UTC"]


# ---------------------------------------------------------------------- writers in turn, readers undisturbed


def test_a_writer_waits_for_its_turn_and_not_for_ever(
    database: Database, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._WRITERS, "lock_timeout", "50ms")
    with database.writing(), pytest.raises(StorageBusy, match="is held by another process") as caught:
        Store.open(postgres_url, tmp_path)
    assert not isinstance(caught.value, StorageAway)
    Store.open(postgres_url, tmp_path).close()


def test_a_reader_sees_one_state_and_cannot_write(store: Store, database: Database) -> None:
    articles = text("SELECT count(*) FROM articles")
    with database.reading() as connection:
        before = connection.scalar(articles)
        watched(store)
        assert connection.scalar(articles) == before == 0
    with database.reading() as connection:
        assert connection.scalar(articles) == 1
    with pytest.raises(StorageError, match="read-only"), database.reading() as connection:
        connection.execute(text("DELETE FROM articles"))


def test_a_writer_that_was_stopped_half_way_does_not_hold_up_the_others(
    store: Store, database: Database
) -> None:
    def stop_half_way() -> None:
        with database.writing() as connection:
            assert connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1min"
            connection.execute(text("SET idle_in_transaction_session_timeout = '100ms'"))
            watched(store)  # waits until the server has ended the other
            connection.execute(text("DELETE FROM articles"))

    with pytest.raises(StorageAway):
        stop_half_way()
    (article,) = store.articles()
    store.record(first(article))
    assert count(store, "articles") == 1


def check_all(url: str, worker: str, rounds: int) -> None:
    """Claim, decide and record as a worker does, for as long as there is something to change."""
    with Store.open(url, Path()) as store:

        def work(name: str) -> None:
            for turn in range(rounds):
                host = store.watchlist.claim_host(at(1), name, LEASE)
                if host is None:
                    continue
                number = store.watchlist.next_due(host, at(10_000))
                assert number is not None
                article = store.article(number)
                outcome = changed(article, turn, text=f"{name} {turn}", name=f"{name}-{turn}-")
                due_again = replace(outcome.article, next_check_at=NOW)
                store.record(replace(outcome, article=due_again))
                store.watchlist.release_host(host, name, NOW)

        run_together([partial(work, f"{worker}{thread}") for thread in "ab"])


def run_together(tasks: list[Callable[[], None]]) -> None:
    """Each in a thread; what one of them raises is raised here."""
    troubles: list[BaseException] = []

    def run(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as trouble:  # noqa: BLE001
            troubles.append(trouble)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for trouble in troubles:
        raise trouble


def chain_breaks(store: Store) -> bool:
    head = ORIGIN
    for entry in store.log():
        head = link(head, entry.digest)
        if entry.chain != head:
            return True
    return False


@pytest.mark.slow
def test_of_many_workers_none_checks_what_another_has_and_all_write_one_chain(
    postgres_url: str, tmp_path: Path
) -> None:
    with Store.open(postgres_url, tmp_path) as store:
        for article in watched(
            store, "https://x.example/the-one", "https://y.example/the-two", "https://z.example/the-3rd"
        ):
            store.record(replace(first(article), article=replace(first(article).article, next_check_at=NOW)))
        processes = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    f"from tests.test_postgres import check_all; check_all({postgres_url!r}, '{name}', 15)",
                ],
                cwd=ROOT,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name in "xyz"
        ]
        said = [process.communicate(timeout=60)[1] for process in processes]
        assert [process.returncode for process in processes] == [0] * 3, said
        log, checks = store.log(), store.checks()
        assert len(log) == len(checks) > 30
        assert not chain_breaks(store)
        for article in store.articles():
            assert article.revisions == article.checks
            assert [e.number for e in log if e.article_id == article.id] == list(
                range(1, article.revisions + 1)
            )


def test_of_two_that_decided_on_the_same_revision_one_has_to_decide_again(
    store: Store, postgres_url: str, tmp_path: Path
) -> None:
    (article,) = watched(store)
    store.record(first(article))
    seen = store.article(article.id)
    results: list[CheckEntry | str] = []

    def record(name: str) -> None:
        with Store.open(postgres_url, tmp_path) as mine:
            try:
                results.append(mine.record(changed(seen, 5, text=name, name=name)))
            except Conflict:
                results.append("conflict")

    run_together([partial(record, name) for name in ("a", "b", "c")])
    assert results.count("conflict") == 2
    assert store.counts()["revisions"] == 2


# ---------------------------------------------------------------------- the server goes away and comes back


def test_sessions_that_were_ended_are_replaced(store: Store, postgres_server: Server) -> None:
    (article,) = watched(store)
    store.record(first(article))
    postgres_server.end_sessions()
    assert store.counts()["checks"] == 1
    postgres_server.end_sessions()
    store.record(changed(store.article(article.id), 5))
    assert store.counts()["checks"] == 2


def test_a_transaction_that_was_cut_off_is_away_and_leaves_nothing(
    store: Store, database: Database, postgres_server: Server
) -> None:
    def be_cut_off() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO hosts (name, free_at, troubles) VALUES ('x', now(), 0)"))
            postgres_server.end_sessions()
            connection.execute(text("SELECT 1"))

    with pytest.raises(StorageAway, match="see that it runs, or try again later"):
        be_cut_off()
    assert store.watchlist.hosts() == []


def persist(store: Store, outcome: Outcome) -> None:
    """Record as the daemon does: what is away is waited for."""
    ends = time.monotonic() + 30
    while True:
        try:
            store.record(outcome)
            return
        except StorageBusy:
            assert time.monotonic() < ends
            time.sleep(0.02)


@pytest.mark.slow
def test_a_server_killed_again_and_again_costs_nothing_and_doubles_nothing(
    store: Store, postgres_server: Server
) -> None:
    articles = watched(store, *(f"https://gazette.example/story-{number}" for number in range(4)))
    acknowledged: list[str] = []

    def work(article: Article) -> None:
        outcome = first(article)
        for turn in range(25):
            persist(store, outcome)
            acknowledged.append(outcome.check.id)
            outcome = changed(
                outcome.article, turn, text=f"text {turn}", alerts=(Alert(channel="desk", rules=("all",)),)
            )

    def kill() -> None:
        ends = time.monotonic() + 30
        for wanted in (15, 40, 65):
            while len(acknowledged) < wanted and time.monotonic() < ends:
                time.sleep(0.01)
            postgres_server.kill()
            postgres_server.start()

    run_together([kill, *(partial(work, article) for article in articles)])
    assert sorted(entry.check.id for entry in store.checks()) == sorted(acknowledged)
    assert len(acknowledged) == 100
    assert not chain_breaks(store)
    assert len(store.log()) == 100
    assert store.counts() == {"articles": 4, "checks": 100, "revisions": 100, "alerts": 96}


# ---------------------------------------------------------------------- one daemon


def test_of_two_daemons_the_second_is_refused(store: Store, postgres_url: str, tmp_path: Path) -> None:
    with Store.open(postgres_url, tmp_path) as other:
        with store.alone() as is_ours:
            assert is_ours()
            assert other.is_held()
            with (
                pytest.raises(InUse, match=r"^Another writethru run is using this database \(postgresql://"),
                other.alone(),
            ):
                pytest.fail("two daemons on one database")
        assert not other.is_held()


def test_a_daemon_whose_session_was_ended_takes_its_place_again(
    store: Store, postgres_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    with store.alone() as is_ours, Store.open(postgres_url, tmp_path) as other:
        postgres_server.end_sessions()
        assert is_ours()
        assert is_ours()
        assert other.is_held()
    assert not store.is_held()


def test_a_daemon_that_was_replaced_while_it_was_away_ends(
    store: Store, postgres_url: str, postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.alone() as is_ours, Store.open(postgres_url, tmp_path) as other:
        postgres_server.end_sessions()
        with other.alone():
            assert is_ours()
            assert is_ours(), "it may be its own dead session"
            monkeypatch.setattr(postgres, "_GIVEN_UP_SECONDS", 0.0)
            assert not is_ours()
        assert is_ours()


# ---------------------------------------------------------------------- the schema


@pytest.fixture
def empty_url(postgres_server: Server) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


def open_quietly(url: str) -> None:
    Store.open(url, Path()).close()


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
    engine.dispose()
    return found


def test_the_steps_lead_to_the_schema_of_the_code(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.slow
def test_processes_that_start_together_make_one_schema(empty_url: str, tmp_path: Path) -> None:
    code = f"from tests.test_postgres import open_quietly; open_quietly({empty_url!r})"
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 3, said
    with Store.open(empty_url, tmp_path) as store:
        assert count(store, "alembic_version") == 1


@pytest.mark.parametrize("survived", [0, 7])
def test_a_schema_that_fails_half_way_leaves_the_database_as_it_was(empty_url: str, survived: int) -> None:
    made: list[str] = []

    def fail_in_time(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.strip().startswith("CREATE TABLE"):
            if len(made) == survived:
                raise InterruptedError
            made.append(statement)

    event.listen(Engine, "before_cursor_execute", fail_in_time)
    try:
        with pytest.raises(InterruptedError):
            open_quietly(empty_url)
    finally:
        event.remove(Engine, "before_cursor_execute", fail_in_time)
    assert len(made) == survived
    assert tables(empty_url) == set()
    open_quietly(empty_url)
    assert tables(empty_url) == {*metadata.tables, "alembic_version"}


# ---------------------------------------------------------------------- backup


@pytest.mark.slow
def test_a_backup_taken_while_it_is_written_is_one_state_and_comes_back(
    store: Store, postgres_url: str, postgres_server: Server, empty_url: str, tmp_path: Path
) -> None:
    (article,) = watched(store)
    store.record(first(article))
    done = threading.Event()

    def write() -> None:
        outcome = first(article)
        for turn in range(1000):
            outcome = changed(outcome.article, turn, text=f"text {turn}")
            store.record(outcome)
            if done.is_set():
                return

    def back_up() -> None:
        try:
            file = f"--file={tmp_path}/archive.dump"
            postgres_server.run("pg_dump", "--format=custom", file, as_libpq(postgres_url))
            postgres_server.run("pg_restore", f"--dbname={as_libpq(empty_url)}", f"{tmp_path}/archive.dump")
        finally:
            done.set()

    run_together([write, back_up])
    with Store.open(empty_url, tmp_path) as restored:
        log = restored.log()
        assert log == store.log()[: len(log)]
        assert restored.chain_head() == log[-1].chain
        assert len(log) == len(restored.checks()) >= 1
        restored.record(changed(restored.article(article.id), 2000))


def as_libpq(url: str) -> str:
    return url.replace("+psycopg", "")


# ---------------------------------------------------------------------- the whole service


@pytest.mark.slow
def test_the_daemon_lives_through_the_death_of_its_server(
    postgres_url: str, postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The story goes on while the server is away; every version that stays up is recorded once."""
    versions = [page(), *(edited("42,000", f"{number},000") for number in (43, 44, 45))]
    shown = [versions.pop(0)]

    def current(line: Line) -> None:
        line.send(http(200, shown[-1]))

    monkeypatch.setenv("ARCHIVE_PASSWORD", SECRET)
    address = postgres_url.replace("postgres@", "postgres:${ARCHIVE_PASSWORD}@")
    with Scripted() as site, Store.open(postgres_url, tmp_path) as store:
        source = (
            f'[[sources]]\nname = "s"\nkind = "page"\nurl = "{site.on("/story", current)}"\ninterval = "1s"\n'
        )
        config = configure(tmp_path, site, source, desk(site))
        config.write_text(config.read_text().replace("sqlite:///store.db", address))
        with daemon(config, tmp_path / "log") as process:
            until(lambda: len(store.log()) == len(shown))
            for version in versions:
                shown.append(version)
                postgres_server.kill()
                time.sleep(0.3)  # away for a while, with checks in hand
                postgres_server.start()
                until(lambda: len(store.log()) == len(shown))
            until(lambda: [d.state for d in store.outbox.deliveries()] == ["delivered"] * 3)
            (status,) = lines(writethru(config, "status", "--json"))
            second = writethru(config, "run", "--for", "5")
            assert end(process) == 0
        assert [entry.number for entry in store.log()] == [1, 2, 3, 4]
        assert not chain_breaks(store)
    assert (status["running"], status["database"]) == (True, store.shown)
    assert (second.returncode, "Another writethru run" in second.stderr) == (2, True)
    said = (tmp_path / "log").read_text()
    assert SECRET not in said + second.stderr + str(status)
    assert "Traceback" not in said
    assert said.count("is away") <= 6


# ---------------------------------------------------------------------- verified


def test_an_archive_verifies_and_what_was_altered_in_it_is_found(postgres_url: str, tmp_path: Path) -> None:
    with Store.open(postgres_url, tmp_path) as store:
        (article,) = watched(store)
        steps = [first(article)]
        for minute in (5, 10):
            steps.append(changed(steps[-1].article, minute, text=f"The vote is in {minute} minutes."))
        steps.append(removed(steps[-1].article, 15, body=b"<p>gone</p>"))
        for step in steps:
            store.record(step)
        head = store.chain_head()
        assert verify(postgres_url, tmp_path, head=head).findings == ()
        with store._database.writing() as connection:
            connection.execute(update(ledger).where(ledger.c.seq == 2).values(severity=4))
    (finding,) = verify(postgres_url, tmp_path).findings
    assert (finding.revision, finding.entry) == (2, 2)
