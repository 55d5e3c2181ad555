"""Retention's promises: texts stay, the latest stays, what goes is said in the chain, and spans say as much."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select, update

from monitor.upkeep import Calendar, Done, excesses, tidy, upkeep
from storage.bodies import Bodies
from storage.errors import StorageError, TakenOut
from storage.forms import seal
from storage.ledger import ORIGIN, link, record
from storage.records import (
    Article,
    CheckResult,
    Outcome,
    Reason,
    Retention,
    ServiceReason,
)
from storage.schema import articles, bodies, checks, ledger
from storage.store import Store
from storage.verify import verify
from tests.newsdesk import configure, edited, lines, one_page, page, writethru
from tests.servers import Scripted
from tests.test_store import NOW, at, changed, first, looked, removed, watched

YEAR = timedelta(days=365)
LAST_TWO = Retention(raw_last=2)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


def unproved_in(url: str, folder: Path) -> list[str]:
    """The same of a database that is closed."""
    with Store.open(url, folder) as store:
        return unproved(store)


def unproved(store: Store) -> list[str]:
    """What a reading of everything finds wrong: the chain, bodies that are gone although no chained record
    says so, seals of checks, and checks that are not counted."""
    kept, wrong, head = Bodies(), [], ORIGIN
    missing: dict[str, int] = {}
    said: set[str] = set()
    with store._database.reading() as connection:
        for row in connection.execute(select(ledger).order_by(ledger.c.seq)).all():
            digest = connection.scalar(select(bodies.c.digest).where(bodies.c.id == row.record)) or ""
            head = link(head, digest)
            wrong += [] if row.chain == head else [f"the chain breaks at {row.seq}"]
            for number in filter(None, (row.text, row.payload, row.answer, row.record)):
                try:
                    kept.get(connection, number)
                except TakenOut as taken:
                    missing[taken.digest] = row.seq
            if row.reason in ("dropped", "forgotten"):
                form = record(connection, kept, row.record)
                said |= {*form.get("digests", form.get("about", {}).get("digests", ()))}
        wrong += [f"{digest} of {seq} is gone" for digest, seq in missing.items() if digest not in said]
        counted: dict[int, int] = {}
        for row in connection.execute(select(checks).order_by(checks.c.article_id, checks.c.number)):
            said_of_it = {key: value for key, value in row._mapping.items() if key not in ("seq", "seal")}
            wrong += [] if seal(said_of_it) == bytes(row.seal) else [f"check {row.seq} is not as sealed"]
            before = counted.get(row.article_id, 0)
            wrong += [] if row.number == before + 1 else [f"check {row.seq} is not the next"]
            counted[row.article_id] = before + int(row._mapping["count"])
        wrong += [
            f"article {row.id} was looked at {row.checks} times"
            for row in connection.execute(select(articles.c.id, articles.c.checks))
            if row.checks != counted.get(row.id, 0)
        ]
    if Path(store.shown).exists():  # another reader than this one, where one needs no password
        wrong += [finding.sentence for finding in verify(f"sqlite:///{store.shown}", Path()).findings]
    return wrong


def history(
    store: Store, article: Article, versions: int, *, noise: int = 1, every: float = 1440
) -> list[Outcome]:
    """A first revision and its edits, a day apart, each on a page of its own."""
    pages = random.Random(noise)
    steps = [first(article, 0, body=f"<p>one {noise}</p>".encode() + pages.randbytes(2000))]
    for number in range(2, versions + 1):
        step = changed(steps[-1].article, every * (number - 1), text=f"Text {noise} {number}. " * 20)
        body = f"<p>Page {noise} {number}.</p>".encode() * 50 + pages.randbytes(100)
        assert step.response is not None
        response = replace(step.response, body=body)
        steps.append(replace(step, response=response, check=replace(step.check, digest=response.digest)))
    for step in steps:
        store.record(step)
    return steps


def all_of(store: Store, rule: Retention, now: datetime) -> Done:
    done = Done()
    for _, batch in excesses(store, rule, now):
        for excess in batch:
            done += tidy(store, excess, rule, now)
    return done


def kept_pages(store: Store, article: Article, versions: int) -> list[int]:
    found = []
    for number in range(1, versions + 1):
        try:
            store.response(article.id, number)
        except TakenOut:
            continue
        found.append(number)
    return found


# ---------------------------------------------------------------------- what was received


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (Retention(), [1, 2, 3, 4, 5, 6]),
        (Retention(raw_last=2), [5, 6]),
        (Retention(raw_last=1), [6]),
        (Retention(raw_for=timedelta(days=3)), [4, 5, 6]),
        (Retention(raw_for=timedelta(days=1)), [6]),
        (Retention(raw_for=timedelta(seconds=1)), [6]),
        (Retention(raw_for=timedelta(days=3), raw_last=5), [2, 3, 4, 5, 6]),
        (Retention(raw_for=timedelta(days=30), raw_last=1), [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_page_stays_for_as_long_as_a_rule_keeps_it_and_the_latest_always(
    store: Store, rule: Retention, kept: list[int]
) -> None:
    (article,) = watched(store)
    steps = history(store, article, 6)
    now = NOW + timedelta(days=6)
    would_go = sum(e.payloads for _, batch in excesses(store, rule, now) for e in batch)
    done = all_of(store, rule, now)
    assert done.payloads == would_go == 6 - len(kept)
    assert kept_pages(store, article, 6) == kept
    for number, step in enumerate(steps, 1):
        assert step.revision is not None
        assert store.revision(article.id, number) == step.revision, "all text is kept for good"
    for number in kept:
        assert store.response(article.id, number) == steps[number - 1].response
    assert unproved(store) == []


def test_what_went_is_listed_in_the_chain_by_digest(store: Store) -> None:
    (article,) = watched(store)
    steps = history(store, article, 5)
    all_of(store, LAST_TWO, NOW + YEAR)
    (entry,) = store.notes(ServiceReason.DROPPED)
    assert entry.about == {
        "because": "[retention] raw_last 2",
        "digests": [step.response.digest for step in steps[:3] if step.response],
    }
    assert entry.chain == store.chain_head()
    assert [line.number for line in store.log()] == [1, 2, 3, 4, 5], "and the log is about articles"


def test_a_second_round_has_nothing_to_do_and_writes_nothing(store: Store) -> None:
    (article,) = watched(store)
    history(store, article, 5)
    all_of(store, LAST_TWO, NOW + YEAR)
    head = store.chain_head()
    assert all_of(store, LAST_TWO, NOW + YEAR) == Done()
    assert store.chain_head() == head


def test_a_page_that_is_also_the_text_stays(store: Store) -> None:
    """A watched text file: what was received is the text, byte by byte, and one body."""
    (article,) = watched(store)
    steps = [first(article, body=b"The council votes on the bridge tonight.")]
    steps += [
        changed(steps[0].article, 5, text="Another."),
    ]
    steps += [changed(steps[1].article, 10, text="A third.")]
    for step in steps:
        store.record(step)
    all_of(store, Retention(raw_last=1), NOW + YEAR)
    assert [store.response(article.id, number) for number in (1, 2, 3)] == [step.response for step in steps]


def test_a_page_that_another_article_needs_stays(store: Store) -> None:
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    steps = history(store, one, 3)
    assert steps[0].response is not None
    store.record(first(other, 1, body=steps[0].response.body))
    all_of(store, Retention(raw_last=1), NOW + YEAR)
    shown = store.response(other.id, 1)
    assert shown is not None
    assert shown.body == steps[0].response.body
    assert kept_pages(store, one, 3) == [1, 3]


def test_a_page_that_only_one_article_still_refers_to_goes_although_it_is_marked_as_shared(
    store: Store,
) -> None:
    """As all bodies are that come from an archive of an earlier version."""
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    history(store, one, 3)
    history(store, other, 3, noise=2)
    with store._database.writing() as connection:
        connection.execute(update(bodies).values(shared=True, article_id=None))
    assert all_of(store, Retention(raw_last=1), NOW + YEAR).payloads == 4
    assert kept_pages(store, one, 3) == kept_pages(store, other, 3) == [3]
    assert unproved(store) == []


def test_a_page_that_came_back_counts_from_its_last_sight(store: Store) -> None:
    (article,) = watched(store)
    steps = history(store, article, 4)
    again = changed(steps[-1].article, 1440 * 4, text="Text again.")
    assert steps[0].response is not None
    store.record(replace(again, response=steps[0].response))
    all_of(store, LAST_TWO, NOW + YEAR)
    assert kept_pages(store, article, 5) == [1, 4, 5]


def test_a_page_that_went_and_came_back_is_kept_again(store: Store) -> None:
    (article,) = watched(store)
    steps = history(store, article, 4)
    all_of(store, Retention(raw_last=1), NOW + YEAR)
    assert kept_pages(store, article, 4) == [4]
    again = changed(steps[-1].article, 1440 * 4, text="Text again.")
    store.record(replace(again, response=steps[0].response))
    assert kept_pages(store, article, 5) == [1, 4, 5]
    assert unproved(store) == []


def test_the_page_of_the_latest_revision_outlives_a_later_refusal(store: Store) -> None:
    (article,) = watched(store)
    steps = history(store, article, 2)
    store.record(removed(steps[-1].article, 1440 * 3, body=b"<p>Gone.</p>"))
    all_of(store, Retention(raw_last=1), NOW + YEAR)
    assert kept_pages(store, article, 2) == [2]


def test_what_rests_on_a_page_that_goes_can_still_be_read(store: Store, url: str, tmp_path: Path) -> None:
    """Forty versions in one delta chain, thinned at random; a fresh reader finds the rest whole."""
    (article,) = watched(store)
    steps = history(store, article, 40, every=60)
    for days in (1.2, 1.4, 1.5):
        all_of(store, Retention(raw_for=timedelta(hours=6)), NOW + timedelta(days=days))
    kept = kept_pages(store, article, 40)
    assert 0 < len(kept) < 40
    with Store.open(url, tmp_path) as fresh:
        for number in kept:
            assert fresh.response(article.id, number) == steps[number - 1].response
    assert unproved(store) == []


def test_a_page_that_was_taken_out_is_said_to_be_and_is_no_damage(store: Store) -> None:
    (article,) = watched(store)
    history(store, article, 3)
    all_of(store, Retention(raw_last=1), NOW + YEAR)
    with pytest.raises(
        TakenOut, match=r"^That was taken out for good, by a rule of \[retention\] or on request"
    ):
        store.response(article.id, 1)
    assert issubclass(TakenOut, StorageError)
    assert [response.body[:10] for response in store.received(article.id)] == [b"<p>Page 1 "]


# ---------------------------------------------------------------------- spans of checks


def looks(store: Store, article: Article, results: str, *, start: int = 0, every: float = 10) -> Article:
    """One check for each letter: s(ame), n(ot modified), f(ailed)."""
    kinds = {"s": CheckResult.SAME, "n": CheckResult.NOT_MODIFIED, "f": CheckResult.FAILED}
    for place, letter in enumerate(results):
        outcome = looked(article, kinds[letter], at(every * (start + place)), f"{article.id}-{start + place}")
        outcome = replace(outcome, check=replace(outcome.check, ms=float(place)))
        store.record(outcome)
        article = outcome.article
    return article


def spans(store: Store, article: Article) -> list[tuple[str, int]]:
    return [(entry.check.result.value, entry.count) for entry in store.checks(article_id=article.id)]


MONTH = Retention(checks_after=timedelta(days=30))
LATER = NOW + timedelta(days=60)


def test_a_long_run_of_equal_checks_becomes_one_that_says_first_and_last_sight(store: Store) -> None:
    (article,) = watched(store)
    one = first(article, 0)
    store.record(one)
    before = looks(store, one.article, "s" * 60, start=1)
    single = store.checks(article_id=article.id)
    done = all_of(store, MONTH, LATER)
    assert done == Done(checks=59)
    made, span = store.checks(article_id=article.id)
    assert made == single[0]
    assert (span.count, span.check.at, span.until) == (60, at(10), at(600))
    assert (span.seq, span.check.id, span.revision) == (single[1].seq, single[1].check.id, 1)
    assert span.check.ms == pytest.approx(29.5)
    assert store.counts()["checks"] == before.checks == 61
    assert unproved(store) == []


@pytest.mark.parametrize(
    ("results", "found"),
    [
        ("ssss", [("same", 4)]),
        ("ss", [("same", 1), ("same", 1)]),
        ("sssfssss", [("same", 3), ("failed", 1), ("same", 4)]),
        ("nnnsss", [("not_modified", 3), ("same", 3)]),
        ("sfsfsf", [("same", 1), ("failed", 1)] * 3),
        ("", []),
    ],
)
def test_only_equal_checks_in_a_row_are_rolled_up(
    store: Store, results: str, found: list[tuple[str, int]]
) -> None:
    (article,) = watched(store)
    looks(store, article, results)
    all_of(store, MONTH, LATER)
    assert spans(store, article) == found
    assert unproved(store) == []


def test_no_span_crosses_a_revision_or_a_different_answer(store: Store) -> None:
    (article,) = watched(store)
    steps = [first(article, 0)]
    store.record(steps[0])
    seen = looks(store, steps[0].article, "sss", start=1)
    step = changed(seen, 45)
    store.record(step)
    seen = looks(store, step.article, "sss", start=5)
    other = looked(seen, CheckResult.SAME, at(90), "another digest")
    other = replace(other, check=replace(other.check, digest="ab" * 32))
    store.record(other)
    looks(store, other.article, "sss", start=10)
    all_of(store, MONTH, LATER)
    assert spans(store, article) == [
        ("first", 1),
        ("same", 3),
        ("changed", 1),
        ("same", 3),
        ("same", 1),
        ("same", 3),
    ]
    assert [entry.revision for entry in store.checks(article_id=article.id)] == [1, 1, 2, 2, 2, 2]


def test_young_checks_stay_and_a_span_grows_as_they_age(store: Store) -> None:
    (article,) = watched(store)
    looks(store, article, "s" * 20, every=1440)
    rounds = []
    for days in (35, 40, 45, 60):
        all_of(store, MONTH, NOW + timedelta(days=days))
        rounds.append(spans(store, article))
    assert [len(found) for found in rounds] == [16, 11, 6, 1]
    assert rounds[-1] == [("same", 20)]
    (span,) = store.checks(article_id=article.id)
    assert (span.check.at, span.until) == (at(0), at(19 * 1440))
    assert span.check.ms == pytest.approx(9.5, abs=0.01)
    assert unproved(store) == []


def test_where_the_clock_was_put_back_a_new_span_begins(store: Store) -> None:
    (article,) = watched(store)
    seen = looks(store, article, "sss", start=20)
    looks(store, seen, "sss", start=10)
    all_of(store, MONTH, LATER)
    found = store.checks(article_id=article.id)
    assert [(entry.check.at, entry.until) for entry in found] == [(at(200), at(220)), (at(100), at(120))]


def test_spans_of_several_articles_stay_in_order(store: Store) -> None:
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    for turn in range(8):
        for article in (one, other):
            seen = store.article(article.id)
            store.record(looked(seen, CheckResult.SAME, at(turn), f"{article.id} {turn}"))
    all_of(store, MONTH, LATER)
    found = store.checks()
    assert [(entry.article_id, entry.count) for entry in found] == [(one.id, 8), (other.id, 8)]
    assert all(a.seq < b.seq for a, b in pairwise(found))
    assert store.checks(after=found[0].seq) == found[1:]


def test_a_check_goes_on_after_a_span(store: Store) -> None:
    (article,) = watched(store)
    seen = looks(store, article, "ssss")
    all_of(store, MONTH, LATER)
    entry = store.record(looked(seen, CheckResult.SAME, at(100), "the next"))
    assert entry.seq > store.checks(article_id=article.id)[0].seq
    assert spans(store, article) == [("same", 4), ("same", 1)]
    assert unproved(store) == []


@pytest.mark.parametrize("results", ["s" * 25, "ssfssssssfnnnnnnfs", "f" * 5, "sfsfsfsfsf", "sssssf"])
def test_a_long_history_is_rolled_up_in_pieces_as_it_is_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, results: str
) -> None:
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    looks(store, one, results)
    looks(store, other, results)
    at_once = store.keeping.roll_up(one.id, MONTH, LATER)
    monkeypatch.setattr("storage.keeping._MOST_CHECKS", 5)
    assert store.keeping.roll_up(other.id, MONTH, LATER) == at_once
    assert spans(store, other) == spans(store, one)
    assert unproved(store) == []


def test_nothing_is_rolled_up_where_nobody_asked_for_it(store: Store) -> None:
    (article,) = watched(store)
    looks(store, article, "ssss")
    assert all_of(store, Retention(), LATER) == Done()
    assert len(spans(store, article)) == 4


# ---------------------------------------------------------------------- upkeep


def test_upkeep_goes_round_all_articles_and_rests_for_an_hour(store: Store) -> None:
    urls = [f"https://gazette.example/{number}" for number in range(5)]
    for number, article in enumerate(watched(store, *urls)):
        history(store, article, 4, noise=number)
    moment = LATER

    def clock() -> datetime:
        return moment

    assert upkeep(store, LAST_TWO, clock).payloads == 10
    extra = changed(store.article(1), 1440 * 9, text="Late text.", name="late")
    store.record(extra)
    moment += timedelta(minutes=59)
    assert upkeep(store, LAST_TWO, clock) == Done()
    moment += timedelta(minutes=2)
    assert upkeep(store, LAST_TWO, clock).payloads == 1
    moment -= timedelta(days=400)
    upkeep(store, LAST_TWO, clock)
    assert unproved(store) == []


def test_upkeep_goes_on_from_where_it_was_interrupted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.upkeep._BATCH", 2)
    urls = [f"https://gazette.example/{number}" for number in range(5)]
    for number, article in enumerate(watched(store, *urls)):
        history(store, article, 3, noise=number)
    went = []
    for _ in range(4):
        asked = iter([False, False, False, False, True, True, True])
        went.append(upkeep(store, LAST_TWO, lambda: LATER, lambda: next(asked), seconds=60).payloads)  # noqa: B023
    assert sum(went) == 5
    assert went[0] < 5
    assert unproved(store) == []


def test_a_clock_that_leapt_is_not_believed_for_a_day() -> None:
    uptime = 0.0
    calendar = Calendar(elapsed=lambda: uptime)
    now = NOW
    sure = []
    for minutes, leap in ((0, 0), (1, 0), (1, 3650), (60, 0), (1370, 0), (20, 0), (1, -3650), (1, 0)):
        uptime += minutes * 60
        now += timedelta(minutes=minutes, days=leap)
        sure.append(calendar.is_sure_of(now))
    assert sure == [True, True, False, False, False, True, False, False]


def test_a_revision_made_by_our_reading_shares_its_page_with_the_one_before(store: Store) -> None:
    (article,) = watched(store)
    steps = history(store, article, 3)
    assert steps[-1].revision is not None
    anew = replace(steps[-1].revision, number=4, reason=Reason.EXTRACTOR)
    base = looked(replace(steps[-1].article, revisions=4), CheckResult.SAME, at(1440 * 3), "reread")
    store.record(replace(base, expects=3, reread=anew))
    all_of(store, Retention(raw_last=1), NOW + YEAR)
    assert kept_pages(store, article, 4) == [3, 4]


# ---------------------------------------------------------------------- the command


@pytest.mark.slow
def test_retain_says_what_would_go_and_then_takes_it_out(tmp_path: Path) -> None:
    with Scripted() as server:
        rules = "[retention]\nraw_last = 1\n"
        looks_like = [page(), *(edited("42,000", f"{number},000") for number in (43, 44))]
        config = configure(tmp_path, server, one_page(server, *looks_like), rules)
        for _ in range(3):
            assert writethru(config, "check", "--all").returncode == 0
        (would,) = lines(writethru(config, "retain", "--dry-run", "--json"))
        sizes = sum(len(each.encode()) for each in looks_like[:2])
        assert (would["article"], would["bodies"], would["bytes"]) == (server.url("/story"), 2, sizes)
        assert 0 < would["stored"] < sizes
        said = writethru(config, "retain", "--dry-run").stdout
        assert f"Would go: 2 bodies ({sizes:,} bytes, {would['stored']:,} in the database), 0 rows of" in said
        assert writethru(config, "show", "1", "1", "--raw").stdout == looks_like[0]
        assert f"Gone: 2 bodies ({sizes:,} bytes), 0 rows of checks." in writethru(config, "retain").stdout
        gone = writethru(config, "show", "1", "1", "--raw")
        assert gone.returncode == 2
        assert gone.stderr.startswith(
            "writethru: That was taken out for good, by a rule of [retention] or on"
        )
        assert writethru(config, "show", "1", "3", "--raw").stdout == looks_like[2]
        assert "42,000" in writethru(config, "diff", "1", "1..2").stdout, "texts stay"
        assert writethru(config, "retain").stdout == "Nothing: [retention] keeps all that there is.\n"
