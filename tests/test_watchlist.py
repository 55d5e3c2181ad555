"""The watch list's promises: due-ness is a column, a host is visited by one at a time and in its turn,
and nothing that was once found is forgotten."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from storage.records import (
    CheckResult,
    Host,
    Source,
    SourceKind,
    SourceOrigin,
    SourceState,
    Validators,
    Waiting,
)
from storage.schema import hosts
from storage.store import Store
from storage.watchlist import Watchlist, host_name
from tests.test_store import NOW, at, first, looked, new_store, watched

LEASE = timedelta(minutes=2)
SPACING = timedelta(seconds=5)
BRIDGE, TUNNEL, FERRY = (f"https://gazette.example/{name}" for name in ("bridge", "tunnel", "ferry"))
FAR = "https://herald.example/far"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


def feed(name: str, url: str | None = None) -> Source:
    return Source(name=name, kind=SourceKind.FEED, url=url or f"https://{name.lower()}.example/feed")


def state_of(store: Store, name: str) -> SourceState:
    return next(state for state in store.watchlist.sources() if state.name == name)


def found(store: Store, name: str, *urls: str, now: datetime = NOW) -> int:
    state = state_of(store, name)
    return store.watchlist.discovered(state.id, urls, now, now + timedelta(minutes=5), Validators())


def host_of(store: Store, url: str) -> Host:
    return next(host for host in store.watchlist.hosts() if host.name == host_name(url))


def turn(store: Store, url: str = BRIDGE) -> datetime | None:
    return host_of(store, url).next_visit_at


def claimed(watchlist: Watchlist, now: datetime, worker: str = "a") -> Host:
    host = watchlist.claim_host(now, worker, LEASE)
    assert host is not None
    return host


# ---------------------------------------------------------------------- what is watched


def test_what_is_found_is_watched_from_then_on_and_due_at_once(store: Store) -> None:
    one, other = watched(store, BRIDGE, FAR)
    assert [one.next_check_at, other.next_check_at] == [NOW, NOW]
    assert (one.host, other.host) == ("gazette.example", "herald.example")
    assert found(store, "Gazette", BRIDGE, TUNNEL) == 1
    assert found(store, "Gazette", BRIDGE, TUNNEL) == 0


def test_an_article_stays_watched_after_it_has_left_the_feed(store: Store) -> None:
    watched(store, BRIDGE, TUNNEL)
    assert found(store, "Gazette", now=at(10)) == 0
    assert set(store.watchlist.due(at(10))) == {1, 2}


def test_a_source_is_due_until_it_was_looked_at(store: Store) -> None:
    store.watchlist.sync_sources([feed("Gazette"), feed("Herald")], NOW)
    assert [state.name for state in store.watchlist.due_sources(NOW)] == ["Gazette", "Herald"]
    state = state_of(store, "Gazette")
    seen = Validators(etag='"1"', last_modified="Sun, 01 Mar 2026 11:00:00 GMT")
    store.watchlist.discovered(state.id, [BRIDGE], NOW, at(5), seen)
    after = state_of(store, "Gazette")
    assert (after.last_ok_at, after.validators, after.articles, after.last_error) == (NOW, seen, 1, None)
    assert [state.name for state in store.watchlist.due_sources(at(4))] == ["Herald"]
    assert [state.name for state in store.watchlist.due_sources(at(5))] == ["Herald", "Gazette"]


def test_a_discovery_that_fails_says_why_until_one_works(store: Store) -> None:
    watched(store, BRIDGE)
    state = state_of(store, "Gazette")
    store.watchlist.discovery_failed(state.id, "The feed answered 500.", at(5))
    failed = state_of(store, "Gazette")
    assert (failed.last_error, failed.last_ok_at, failed.articles) == ("The feed answered 500.", NOW, 1)
    found(store, "Gazette", now=at(5))
    assert state_of(store, "Gazette").last_error is None


def test_the_list_is_that_of_the_file_and_saying_it_again_changes_nothing(store: Store) -> None:
    wanted = [feed("Gazette"), feed("Herald")]
    store.watchlist.sync_sources(wanted, NOW)
    found(store, "Gazette", BRIDGE)
    before = store.watchlist.sources()
    store.watchlist.sync_sources(wanted, at(3))
    assert store.watchlist.sources() == before
    assert {state.origin for state in before} == {SourceOrigin.CONFIG}


def test_a_source_that_leaves_the_file_rests_and_its_history_stays(store: Store) -> None:
    (article,) = watched(store, BRIDGE)
    store.record(first(article))
    store.watchlist.sync_sources([], at(1))
    assert store.watchlist.sources() == []
    assert store.watchlist.due_sources(at(60)) == []
    assert (turn(store), store.watchlist.claim_host(at(60), "a", LEASE)) == (None, None)
    assert store.watchlist.due(at(60)) == {}
    assert store.revision(article.id, 1).number == 1
    assert [entry.url for entry in store.log()] == [BRIDGE]
    store.watchlist.sync_sources([feed("Gazette", "https://Gazette.example/")], at(2))
    assert set(store.watchlist.due(at(60))) == {article.id}
    assert turn(store) is not None


def test_an_article_goes_over_to_the_source_that_names_it_when_its_own_has_left(store: Store) -> None:
    (article,) = watched(store, BRIDGE)
    store.record(first(article))
    store.watchlist.sync_sources([feed("Herald")], at(1))
    assert turn(store) is None
    assert found(store, "Herald", BRIDGE, now=at(1)) == 0
    assert store.article(article.id).source == "Herald"
    assert store.article(article.id).revisions == 1
    assert turn(store) is not None


def test_an_article_stays_with_the_source_that_found_it_first(store: Store) -> None:
    watched(store, BRIDGE)
    store.watchlist.sync_sources([feed("Gazette"), feed("Herald")], NOW)
    found(store, "Herald", BRIDGE, FAR)
    assert [article.source for article in store.articles()] == ["Gazette", "Herald"]


def test_a_source_that_moved_is_looked_at_anew(store: Store) -> None:
    store.watchlist.sync_sources([feed("Gazette")], NOW)
    state = state_of(store, "Gazette")
    store.watchlist.discovered(state.id, [], NOW, at(60), Validators(etag='"1"'))
    store.watchlist.sync_sources([feed("Gazette", "https://gazette.example/elsewhere")], at(1))
    moved = state_of(store, "Gazette")
    assert (moved.id, moved.next_discovery_at, moved.validators) == (state.id, at(1), Validators())


def test_what_the_command_line_added_outlives_the_file(store: Store) -> None:
    assert store.watchlist.add_source(feed("mine"), NOW)
    assert not store.watchlist.add_source(feed("again", feed("mine").url), NOW)
    store.watchlist.sync_sources([feed("Gazette")], NOW)
    assert [(state.name, state.origin) for state in store.watchlist.sources()] == [
        ("Gazette", SourceOrigin.CONFIG),
        ("mine", SourceOrigin.CLI),
    ]
    assert not store.watchlist.remove_source("Gazette")
    assert store.watchlist.remove_source("mine")
    assert [state.name for state in store.watchlist.sources()] == ["Gazette"]


# ---------------------------------------------------------------------- when it is whose turn


def test_a_turn_is_the_later_of_the_first_due_article_and_the_hosts_freedom(store: Store) -> None:
    one, _ = watched(store, BRIDGE, TUNNEL)
    assert turn(store) == NOW
    host = claimed(store.watchlist, NOW)
    store.record(looked(one, CheckResult.SAME, NOW, "look"))
    store.watchlist.release_host(host, "a", NOW + SPACING)
    assert turn(store) == NOW + SPACING
    host = claimed(store.watchlist, NOW + SPACING)
    store.record(looked(store.articles()[1], CheckResult.SAME, NOW, "other look"))
    store.watchlist.release_host(host, "a", NOW + 2 * SPACING)
    assert turn(store) == at(5)


def test_a_host_that_kept_us_waiting_is_claimed_by_who_asks_for_such(store: Store) -> None:
    watched(store)
    host = claimed(store.watchlist, NOW)
    store.watchlist.release_host(replace(host, troubles=1), "a", NOW)
    assert store.watchlist.claim_host(NOW, "a", LEASE, troubled=False) is None
    slow = store.watchlist.claim_host(NOW, "a", LEASE, troubled=True)
    assert slow is not None
    assert slow.troubles == 1
    store.watchlist.release_host(replace(slow, troubles=0), "a", NOW)
    assert store.watchlist.claim_host(NOW, "a", LEASE, troubled=True) is None
    assert store.watchlist.claim_host(NOW, "a", LEASE, troubled=False) is not None


def test_a_turn_comes_once_something_is_due_there_and_not_before(store: Store) -> None:
    (article,) = watched(store)
    host = claimed(store.watchlist, NOW)
    store.record(looked(article, CheckResult.SAME, NOW, "look"))
    store.watchlist.release_host(host, "a", NOW + SPACING)
    assert store.watchlist.claim_host(at(4.9), "a", LEASE) is None
    assert claimed(store.watchlist, at(5)).name == "gazette.example"


def test_a_pause_takes_the_turn_away_and_its_end_gives_it_back(store: Store) -> None:
    (article,) = watched(store)
    pauses: list[Callable[[bool], None]] = [
        lambda paused: store.watchlist.pause_article(article.id, paused),
        lambda paused: store.watchlist.pause_source("Gazette", paused),
    ]
    for pause in pauses:
        pause(True)
        assert (turn(store), store.watchlist.due(at(60))) == (None, {})
        assert store.watchlist.claim_host(at(60), "a", LEASE) is None
        assert store.watchlist.claim_host(at(60), "a", LEASE, only=[article.id]) is None
        pause(False)
        assert turn(store) == NOW
    store.watchlist.pause_source("Gazette", True)
    assert store.watchlist.due_sources(at(60)) == []


def test_the_host_that_has_waited_longest_comes_first(store: Store) -> None:
    watched(store, FAR)
    found(store, "Gazette", BRIDGE, now=at(-1))
    assert [claimed(store.watchlist, at(1)).name for _ in range(2)] == ["gazette.example", "herald.example"]
    assert store.watchlist.claim_host(at(1), "b", LEASE) is None


def test_of_a_host_the_longest_due_article_comes_first(store: Store) -> None:
    watched(store, BRIDGE, TUNNEL)
    found(store, "Gazette", FERRY, now=at(-1))
    host = host_of(store, BRIDGE)
    assert store.watchlist.next_due(host, NOW) == 3
    assert store.watchlist.next_due(host, NOW, only=[1, 2]) == 1
    assert store.watchlist.next_due(host, at(-2)) is None


def test_what_is_wanted_now_is_due_now(store: Store) -> None:
    (article,) = watched(store)
    host = claimed(store.watchlist, NOW)
    store.record(looked(article, CheckResult.SAME, NOW, "look"))
    store.watchlist.release_host(host, "a", NOW)
    assert store.watchlist.claim_host(at(1), "a", LEASE) is None
    store.watchlist.make_due([article.id], at(1))
    assert store.article(article.id).next_check_at == turn(store) == at(1)
    store.watchlist.make_due([article.id], at(2))
    assert store.article(article.id).next_check_at == at(1), "what is overdue is not put off"


# ---------------------------------------------------------------------- one at a time


def test_a_host_is_claimed_by_one(store: Store) -> None:
    watched(store)
    host = claimed(store.watchlist, NOW)
    assert store.watchlist.claim_host(at(1), "b", LEASE) is None
    assert store.watchlist.claim_host(at(1), "b", LEASE, only=[1]) is None
    assert store.watchlist.claim_host_of(BRIDGE, at(1), "b", LEASE) is None
    store.watchlist.release_host(host, "a", at(1))
    assert store.watchlist.claim_host_of(BRIDGE, at(1), "b", LEASE) == host_of(store, BRIDGE)


def test_a_host_rests_between_two_visits_whoever_asks(store: Store) -> None:
    (article,) = watched(store)
    host = claimed(store.watchlist, NOW)
    store.watchlist.release_host(host, "a", NOW + SPACING)
    early = NOW + SPACING - timedelta(microseconds=1)
    assert store.watchlist.claim_host(early, "b", LEASE) is None
    assert store.watchlist.claim_host(early, "b", LEASE, only=[article.id]) is None
    assert store.watchlist.claim_host_of(BRIDGE, early, "b", LEASE) is None
    assert store.watchlist.due(early) == {article.id: NOW + SPACING}
    assert store.watchlist.claim_host(NOW + SPACING, "b", LEASE, only=[article.id]) is not None


def test_a_claim_runs_out_and_its_late_holder_releases_nothing(store: Store) -> None:
    watched(store)
    host = claimed(store.watchlist, NOW, "dead")
    assert store.watchlist.claim_host(NOW + LEASE, "b", LEASE) is None
    after = NOW + LEASE + timedelta(seconds=1)
    assert claimed(store.watchlist, after, "b").id == host.id
    store.watchlist.release_host(host, "dead", after)
    assert store.watchlist.claim_host(after, "c", LEASE) is None


def test_the_claims_of_a_process_that_is_gone_are_dropped_and_no_others(store: Store) -> None:
    watched(store, BRIDGE, FAR)
    claimed(store.watchlist, NOW, "box_1/7")
    claimed(store.watchlist, NOW, "boxx1/8")
    store.watchlist.void_claims("box_1/")
    assert claimed(store.watchlist, NOW, "new").name == "gazette.example"
    assert store.watchlist.claim_host(NOW, "new", LEASE) is None


def test_a_host_whose_visitor_died_rests_as_if_it_had_been_asked_just_then(store: Store) -> None:
    watched(store, BRIDGE, FAR)
    rests = {"gazette.example": at(1), "herald.example": at(1.5)}
    for worker in ("box/7", "other/1"):
        claimed(store.watchlist, NOW, worker)
    store.watchlist.void_claims("box/", rests.__getitem__)
    host = host_of(store, BRIDGE)
    assert host.free_at == host.next_visit_at == at(1)
    assert store.watchlist.claim_host(at(0.9), "new", LEASE) is None
    assert claimed(store.watchlist, at(1), "new").id == host.id
    assert host_of(store, FAR).free_at == NOW, "it is held by one that is alive"


def test_a_rest_that_is_longer_already_stays_so(store: Store) -> None:
    watched(store, BRIDGE)
    host = claimed(store.watchlist, NOW, "box/7")
    with store._database.writing() as connection:
        connection.execute(update(hosts).values(free_at=at(30)))
    store.watchlist.void_claims("box/", lambda _: at(1))
    assert host_of(store, BRIDGE).free_at == at(30), host


def test_a_pass_over_some_articles_leaves_the_others_alone(store: Store) -> None:
    one, other, far = watched(store, BRIDGE, TUNNEL, FAR)
    host = store.watchlist.claim_host(NOW, "a", LEASE, only=[other.id])
    assert host is not None
    assert host.name == "gazette.example"
    assert store.watchlist.next_due(host, NOW, only=[other.id]) == other.id
    assert store.watchlist.claim_host(NOW, "a", LEASE, only=[one.id, other.id]) is None
    assert store.watchlist.claim_host(NOW, "a", LEASE, only=[]) is None
    assert set(store.watchlist.due(NOW, [one.id, far.id, 99])) == {one.id, far.id}


def test_a_pass_that_takes_longer_than_an_interval_ends_all_the_same(store: Store) -> None:
    (article,) = watched(store)
    host = claimed(store.watchlist, NOW)
    store.record(looked(article, CheckResult.SAME, NOW, "look"))
    store.watchlist.release_host(host, "a", NOW)
    assert article.id in store.watchlist.due(at(6))
    assert store.watchlist.claim_host(at(6), "a", LEASE, only=[article.id], due_by=NOW) is None


def test_rules_of_a_host_are_kept_with_it(store: Store) -> None:
    watched(store)
    store.watchlist.keep_robots(host_of(store, BRIDGE), "User-agent: *", at(60))
    host = claimed(store.watchlist, NOW)
    assert (host.robots, host.robots_until) == ("User-agent: *", at(60))


@pytest.mark.parametrize("seed", range(5))
def test_no_order_of_events_gives_a_host_to_two_or_a_visit_too_early(tmp_path: Path, seed: int) -> None:
    """Workers that claim, finish, or vanish, in any order, while the clock goes on."""
    chance = random.Random(seed)
    with new_store(tmp_path) as store:
        watched(store, *(f"https://host{number}.example/" for number in range(3)))
        now, holds, rests = NOW, dict[str, tuple[str, datetime]](), dict[str, datetime]()
        for _ in range(150):
            now += timedelta(seconds=chance.choice([0, 1, 7, 40]))
            worker = f"worker{chance.randrange(4)}"
            if worker in {held for held, _until in holds.values()}:
                name = next(name for name, (held, _until) in holds.items() if held == worker)
                if chance.random() < 0.7:  # or else it vanished, and its claim has to run out
                    store.watchlist.release_host(host_of(store, f"https://{name}/"), worker, now + SPACING)
                    rests[name] = now + SPACING
                del holds[name]
                continue
            host = store.watchlist.claim_host(now, worker, LEASE)
            if host is None:
                continue
            if host.name in holds:
                assert now > holds[host.name][1], "it was held by another"
            assert now >= rests.get(host.name, NOW), "it was to rest"
            holds[host.name] = (worker, now + LEASE)


def test_threads_never_hold_the_same_host(store: Store) -> None:
    watched(store, *(f"https://host{number}.example/" for number in range(3)))
    held: set[str] = set()
    lock, visits, troubles = threading.Lock(), list[str](), list[str]()

    def work(worker: str) -> None:
        for _ in range(12):
            host = store.watchlist.claim_host(at(1), worker, LEASE)
            if host is None:
                continue
            with lock:
                if host.name in held:
                    troubles.append(host.name)
                held.add(host.name)
                visits.append(host.name)
            with lock:
                held.discard(host.name)
            store.watchlist.release_host(host, worker, at(1))

    threads = [threading.Thread(target=work, args=(f"worker{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert set(visits) == {"host0.example", "host1.example", "host2.example"}


# ---------------------------------------------------------------------- names of hosts


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://Gazette.Example/a", "gazette.example"),
        ("http://gazette.example:80/", "gazette.example"),
        ("https://gazette.example:443/", "gazette.example"),
        ("http://gazette.example:443/", "gazette.example:443"),
        ("https://gazette.example:8443/", "gazette.example:8443"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("file:///var/news/a.txt", "files"),
    ],
)
def test_a_host_is_its_lower_case_name_and_a_port_that_is_not_the_default(address: str, name: str) -> None:
    assert host_name(address) == name


# ---------------------------------------------------------------------- by which addresses an article is known


def listed(store: Store, *urls: str, hinted: tuple[str, ...] = (), now: datetime = NOW, **more: str) -> int:
    """A look at a feed; addresses that end alike are twins."""
    keys = {url: url.rpartition("/")[2] for url in (*urls, *hinted)}
    state = state_of(store, "Gazette")
    return store.watchlist.discovered(
        state.id, urls, now, at(5), Validators(), keys=keys, hinted=hinted, **more
    )


@pytest.fixture
def gazette(store: Store) -> Store:
    store.watchlist.sync_sources([feed("Gazette")], NOW)
    return store


def test_twins_are_one_article(gazette: Store) -> None:
    assert listed(gazette, BRIDGE, "https://m.gazette.example/bridge") == 1
    assert listed(gazette, "https://gazette.example/amp/bridge", TUNNEL) == 1
    assert [article.url for article in gazette.articles()] == [BRIDGE, TUNNEL]
    assert gazette.find_article("https://x.example/bridge", "bridge").url == BRIDGE
    assert gazette.watchlist.known_as(FERRY, "ferry") is None


def test_an_article_from_before_there_were_keys_learns_its_own_when_it_is_listed_again(store: Store) -> None:
    watched(store, BRIDGE)
    assert listed(store, BRIDGE) == 0
    assert listed(store, "https://m.gazette.example/bridge") == 0


def test_a_hint_makes_an_article_due_however_long_it_was_to_rest(gazette: Store) -> None:
    listed(gazette, BRIDGE, TUNNEL)
    for article in gazette.articles():
        outcome = first(article)
        gazette.record(replace(outcome, article=replace(outcome.article, next_check_at=at(9999))))
    listed(gazette, hinted=("https://m.gazette.example/bridge",), now=at(7))
    bridge, tunnel = gazette.articles()
    assert (bridge.next_check_at, bridge.hinted_at) == (at(7), at(7))
    assert (tunnel.next_check_at, tunnel.hinted_at) == (at(9999), None)
    assert turn(gazette) == at(7)


def test_a_hint_puts_nothing_off(gazette: Store) -> None:
    listed(gazette, BRIDGE)
    listed(gazette, hinted=(BRIDGE,), now=at(7))
    assert gazette.articles()[0].next_check_at == NOW


def test_what_discovery_remembers_stays_until_the_source_leads_elsewhere(gazette: Store) -> None:
    listed(gazette, BRIDGE, note="It is odd.", memory='{"began":true}')
    gazette.watchlist.discovery_failed(1, "No answer.", at(9))
    state = state_of(gazette, "Gazette")
    assert (state.note, state.memory) == ("It is odd.", '{"began":true}')
    gazette.watchlist.sync_sources([feed("Gazette", "https://gazette.example/other")], at(1))
    state = state_of(gazette, "Gazette")
    assert (state.note, state.memory) == (None, None)


def test_of_two_that_are_one_the_one_without_a_history_is_no_more(gazette: Store) -> None:
    listed(gazette, BRIDGE, TUNNEL)
    bridge, tunnel = gazette.articles()
    gazette.watchlist.merge(tunnel.id, bridge.id, ["tunnel", "other"])
    assert [article.id for article in gazette.articles()] == [bridge.id]
    assert {gazette.watchlist.known_as("x", key) for key in ("bridge", "tunnel", "other")} == {bridge.id}


def test_of_two_that_are_one_the_one_with_a_history_rests(gazette: Store) -> None:
    listed(gazette, BRIDGE, TUNNEL)
    bridge, tunnel = gazette.articles()
    gazette.record(first(tunnel))
    gazette.watchlist.merge(tunnel.id, bridge.id, [])
    assert [article.paused for article in gazette.articles()] == [False, True]
    assert gazette.revision(tunnel.id, 1).number == 1


def test_a_url_that_is_taken_or_in_the_log_stays_with_whom_it_is(gazette: Store) -> None:
    listed(gazette, BRIDGE, TUNNEL)
    bridge, tunnel = gazette.articles()
    wants_anothers = first(bridge)
    bridge_seen = wants_anothers.article
    gazette.record(replace(wants_anothers, article=replace(bridge_seen, url=TUNNEL, address=BRIDGE)))
    assert (gazette.articles()[0].url, gazette.articles()[0].address) == (BRIDGE, None)
    gazette.record(replace(first(tunnel), article=replace(first(tunnel).article, url=FERRY)))
    assert gazette.articles()[1].url == FERRY
    again = looked(gazette.article(tunnel.id), CheckResult.SAME, at(5), "again")
    gazette.record(replace(again, article=replace(again.article, url=TUNNEL)))
    assert gazette.articles()[1].url == FERRY


def test_an_article_waits_in_the_turn_of_the_host_that_is_asked_next(store: Store) -> None:
    watched(store)
    away = "away.example"
    (article,) = [found for found in store.articles() if found.url == BRIDGE]
    store.watchlist.stand_at(article.id, away, NOW)
    there = store.watchlist.host(away)
    assert there is not None
    assert store.watchlist.next_due(there, at(60)) == article.id
    assert there.next_visit_at == NOW
    assert store.article(article.id).host == host_name(BRIDGE)
    store.watchlist.stand_at(article.id, host_name(BRIDGE), NOW)
    assert store.watchlist.next_due(there, at(60)) is None
    assert store.watchlist.drop_strangers(at(59)) == 0
    assert store.watchlist.drop_strangers(at(61)) == 1
    assert host_of(store, BRIDGE).next_visit_at == NOW


def test_late_hosts_have_their_turns_one_after_the_other(store: Store) -> None:
    watched(store)
    late = len([host for host in store.watchlist.hosts() if host.next_visit_at is not None])
    assert store.watchlist.spread(at(60), 2.0, timedelta(minutes=1)) == late
    turns = sorted(host.free_at for host in store.watchlist.hosts() if host.next_visit_at is not None)
    assert turns == [at(60) + timedelta(seconds=place / 2) for place in range(late)]


def test_what_a_visit_learnt_of_its_host_is_kept(store: Store) -> None:
    watched(store)
    host = claimed(store.watchlist, NOW)
    learnt = replace(host, requests=7, setbacks=2, waits=Waiting.BACKOFF, recent="f0b1")
    store.watchlist.release_host(learnt, "a", at(1))
    store.watchlist.keep_robots(host, "", at(60), timedelta(seconds=12))
    store.watchlist.distrust(host.name, at(90))
    kept = store.watchlist.host(host.name)
    assert kept is not None
    assert (kept.requests, kept.setbacks, kept.waits, kept.recent) == (7, 2, Waiting.BACKOFF, "f0b1")
    assert (kept.free_at, kept.crawl_delay, kept.distrusted_until) == (at(1), timedelta(seconds=12), at(90))
