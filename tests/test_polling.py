"""The promises of the polling policy: beliefs follow Bayes, looks come when they are worth it, nothing is overspent."""

from __future__ import annotations

import itertools
import json
import math
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import prospects
from monitor.budget import Budget
from monitor.cli import main
from monitor.config import ScheduleSettings, parse_config
from monitor.decide import Look, decide
from monitor.polling import (
    FLOOR,
    Belief,
    Habits,
    Purse,
    Trace,
    first_belief,
    next_turn,
    prospect_of,
    replay,
    score,
    unpack,
    unpack_habits,
)
from monitor.polling.hazard import SCALES, THETAS
from monitor.prospects import Market
from storage.records import (
    Article,
    Capture,
    Extraction,
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
from tests.laws import law

LAW = law(60, derandomize=True)
DAY, WEEK = 86400.0, 7 * 86400.0
UNKNOWN = first_belief(Habits(), Habits(), breaking=False)
AGES = st.lists(st.floats(60, 60 * DAY), min_size=2, max_size=8, unique=True).map(sorted)
GAPS = st.tuples(st.floats(0, 30 * DAY), st.floats(60, 30 * DAY), st.booleans())


@st.composite
def beliefs(draw: st.DrawFn) -> Belief:
    held, age = UNKNOWN, 60.0
    for _ in range(draw(st.integers(0, 6))):
        later = age + draw(st.floats(60, 5 * DAY))
        held, age = held.after_look(age, later, draw(st.booleans())), later
    return held


# ---------------------------------------------------------------------- what is believed


@LAW
@given(beliefs(), GAPS)
def test_the_weights_sum_to_one_after_every_look(held: Belief, gap: tuple[float, float, bool]) -> None:
    since, length, changed = gap
    assert math.fsum(held.after_look(since, since + length, changed).weights) == pytest.approx(1)


@LAW
@given(beliefs(), st.floats(0, 30 * DAY), st.floats(60, 30 * DAY))
def test_a_change_lets_one_expect_more_and_none_lets_one_expect_less(
    held: Belief, since: float, length: float
) -> None:
    thetas = [
        math.fsum(
            weight * theta for weight, theta in zip(after.weights, itertools.cycle(THETAS), strict=False)
        )
        for after in (held.after_look(since, since + length, changed) for changed in (False, True))
    ]
    assert thetas[0] <= thetas[1] + 1e-9


@LAW
@given(beliefs(), AGES)
def test_looks_that_see_nothing_say_the_same_as_one_long_look(held: Belief, ages: list[float]) -> None:
    in_steps = held
    for since, age in itertools.pairwise(ages):
        in_steps = in_steps.after_look(since, age, changed=False)
    at_once = held.after_look(ages[0], ages[-1], changed=False)
    assert in_steps.weights == pytest.approx(at_once.weights, rel=1e-6, abs=1e-9)


def test_one_look_follows_the_law_as_it_is_written() -> None:
    mass = [(1 + 600 / scale) ** -0.85 - (1 + 4200 / scale) ** -0.85 for scale in SCALES]
    likely = [1 - math.exp(-theta * gained) for gained in mass for theta in THETAS]
    joint = [weight * share for weight, share in zip(UNKNOWN.weights, likely, strict=True)]
    wanted = [weight / math.fsum(joint) for weight in joint]
    assert UNKNOWN.after_look(600, 4200, changed=True).weights == pytest.approx(wanted, abs=1e-12)


@LAW
@given(beliefs())
def test_what_is_kept_of_a_belief_is_the_belief(held: Belief) -> None:
    assert unpack(held.pack()).weights == pytest.approx(held.weights, rel=1e-5, abs=1e-9)


# ---------------------------------------------------------------------- when a look is worth it


@LAW
@given(beliefs(), st.floats(0, 60 * DAY))
def test_a_look_is_worth_more_the_longer_it_is_waited_for(held: Belief, since: float) -> None:
    prospect = prospect_of(held, since, FLOOR)
    worth = [prospect.worth(60 * 1.5**step) for step in range(23)]
    assert all(later >= sooner - 1e-9 for sooner, later in itertools.pairwise(worth))


@LAW
@given(beliefs(), st.floats(0, 60 * DAY), st.floats(FLOOR, 0.5))
def test_the_next_look_is_when_the_worth_meets_the_price_within_the_limits(
    held: Belief, since: float, price: float
) -> None:
    prospect = prospect_of(held, since, FLOOR)
    wait = prospect.until(price, 60, WEEK)
    assert 60 <= wait <= WEEK
    assert wait == 60 or prospect.worth(wait) <= price * 1.05
    assert wait == WEEK or prospect.worth(wait) >= price * 0.95


def test_a_breaking_marker_brings_the_next_look_forward() -> None:
    waits = [
        prospect_of(first_belief(Habits(), Habits(), breaking=breaking), 120, 0.01).until(0.01, 60, WEEK)
        for breaking in (False, True)
    ]
    assert waits[1] < waits[0]


def test_an_outlet_that_revises_much_is_looked_at_sooner_once_that_is_known() -> None:
    busy, calm = Habits(), Habits()
    for _ in range(30):
        busy = busy.learnt(UNKNOWN.after_look(60, 3600, changed=True))
        calm = calm.learnt(UNKNOWN.after_look(60, 3600, changed=False))
    everywhere = busy + calm
    often, seldom = (
        prospect_of(first_belief(habits, everywhere, breaking=False), 120, 0.01).until(0.01, 60, WEEK)
        for habits in (busy, calm)
    )
    assert often < seldom


def test_an_article_is_counted_once_and_followed_for_as_long_as_it_is_looked_at() -> None:
    young = UNKNOWN.after_look(60, DAY, changed=False)
    assert Habits().after_look(UNKNOWN, 60, young, DAY) is None
    grown = UNKNOWN.after_look(60, 2 * DAY, changed=False)
    once = Habits().after_look(UNKNOWN, 60, grown, 2 * DAY)
    late = grown.after_look(2 * DAY, 5 * DAY, changed=True)
    assert once is not None
    followed = once.after_look(grown, 2 * DAY, late, 5 * DAY)
    assert followed is not None
    assert followed.articles == 1
    assert followed.weights == pytest.approx(late.weights, abs=1e-9)


def test_a_look_that_tells_next_to_nothing_is_not_written_down() -> None:
    grown = UNKNOWN.after_look(60, 20 * DAY, changed=False)
    known = Habits().learnt(grown)
    since, age = 20 * DAY, 20 * DAY + 60
    assert known.after_look(grown, since, grown.after_look(since, age, changed=False), age) is None


def test_an_outlet_that_revises_late_is_found_out_by_its_late_revisions() -> None:
    grown = UNKNOWN.after_look(60, 2 * DAY, changed=False)
    calm = late = Habits()
    for _ in range(30):
        calm = calm.learnt(grown)
        late = late.learnt(grown).followed(grown, grown.after_look(2 * DAY, 5 * DAY, changed=True))
    less, more = (first_belief(habits, Habits(), breaking=False).expected(DAY) for habits in (calm, late))
    assert more > 2 * less


def test_an_article_that_is_never_revised_costs_some_130_requests_in_its_first_month() -> None:
    held, age, looks = UNKNOWN, 60.0, 0
    while age < 30 * DAY:
        later = age + prospect_of(held, age, FLOOR).until(FLOOR, 60, WEEK)
        held, age, looks = held.after_look(age, later, changed=False), later, looks + 1
    assert 100 <= looks <= 140


# ---------------------------------------------------------------------- what may be spent


def newsroom(articles: int = 60, days: float = 3, tail: float = 0.0) -> list[Trace]:
    """Articles as they come in, some revised soon, some late, most never; ``tail`` moves the last revisions."""
    traces = []
    for number in range(articles):
        published = 1e9 + number * days * DAY / articles
        times = [published + 400 * step**2.5 + number for step in range(1, number % 7)]
        moved = [when + (tail if when > 1e9 + 2 * DAY else 0) for when in times]
        traces.append(
            Trace(
                doc_id=f"a{number}",
                outlet=f"o{number % 3}",
                breaking=number % 11 == 0,
                published=published,
                revisions=tuple(sorted(moved)),
            )
        )
    return traces


@pytest.mark.parametrize("per_hour", [0.5, 7, 60, 900])
def test_no_hour_sees_more_than_its_allowance_and_one_hour_of_saving(per_hour: float) -> None:
    times = [when for _, when in replay(newsroom(), per_hour)]
    assert times == sorted(times)
    saving = max(per_hour, 1)
    for first, when in enumerate(times):
        within = sum(1 for later in times[first:] if later < when + 3600)
        assert within <= per_hour + saving + 1
        assert first + 1 <= per_hour * (when - 1e9) / 3600 + 1e-6


def test_a_scarce_allowance_is_spent_to_the_end() -> None:
    polls = list(replay(newsroom(), 20))
    end = max(when for _, when in polls)
    assert len(polls) > 0.9 * 20 * (end - 1e9) / 3600


def test_no_article_is_asked_twice_within_a_minute_however_much_may_be_spent() -> None:
    last: dict[str, float] = {}
    for trace, when in replay(newsroom(), 1e6):
        assert when - last.get(trace.doc_id, trace.found) >= 60 - 1e-6
        last[trace.doc_id] = when


def test_no_poll_knows_a_time_that_lies_after_it() -> None:
    changed_at = 1e9 + 2 * DAY
    one, other = (
        [(trace.doc_id, when) for trace, when in replay(newsroom(tail=tail), 30) if when <= changed_at]
        for tail in (0.0, 4000.0)
    )
    assert one
    assert one == other


def test_the_price_rises_while_too_much_is_asked_and_falls_back_to_the_floor() -> None:
    purse = Purse(per_hour=60, at=0.0)
    for second in range(0, 7200, 30):
        purse = purse.on(second).spent()
    dear = purse.price
    assert dear > 10 * FLOOR
    assert purse.on(7200 + 3 * DAY).price == FLOOR
    assert purse.on(7200 + 3 * DAY).saved == 60


def test_a_clock_that_was_put_back_brings_nothing_into_the_purse() -> None:
    purse = Purse(per_hour=60, at=7200.0, saved=5.0)
    assert purse.on(0.0).saved == 5.0
    assert purse.on(0.0).on(60.0).saved == pytest.approx(6.0)


# ---------------------------------------------------------------------- what is told of it


def test_the_score_of_three_polls_by_hand() -> None:
    trace = Trace(doc_id="a", outlet="", breaking=False, published=0.0, revisions=(1000.0, 2000.0, 9000.0))
    still = Trace(doc_id="b", outlet="", breaking=False, published=0.0, revisions=(10000.0,))
    found = score([trace, still], {"a": [900.0, 2500.0, 3000.0]})
    assert (found.requests, found.revisions, found.seen) == (3, 4, 1)
    assert found.delays == (0.0, 500.0, 1000.0, 1500.0)  # b's last lies at the end; a's second was polled
    assert found.freshness == pytest.approx((20000 - 1500 - 1000) / 20000)


def written(folder: Path, rows: list[object]) -> str:
    path = folder / "traces.jsonl"
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return str(path)


ROWS: list[object] = [
    {"doc_id": "a", "outlet": "x", "breaking": True, "times": [1000, 2000, 90000]},
    {"doc_id": "b", "times": [5000]},
]


def test_simulate_prints_what_its_polls_caught(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    traces, polls = written(tmp_path, ROWS), tmp_path / "polls.jsonl"
    arguments = ["simulate", traces, "--requests-per-hour", "10"]
    assert main([*arguments, "--json", "--polls", str(polls)]) == 0
    told = json.loads(capsys.readouterr().out)
    looks = [json.loads(line) for line in polls.read_text("utf-8").splitlines()]
    assert told["requests"] == len(looks) == sum(Counter(row["doc_id"] for row in looks).values())
    first = min(row["t"] for row in looks if row["doc_id"] == "a" and row["t"] >= 2000)
    assert told["revisions"] == 2
    assert told["seen"] == 1  # the second comes at the very end
    assert told["delay_mean_s"] == pytest.approx((first - 2000) / 2)
    assert main(arguments) == 0
    assert "versions seen" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "it is not JSON"),
        ("[1]", "it is not an object"),
        ({"times": [1]}, "'doc_id' must be a text"),
        ({"doc_id": "c", "times": []}, "'times' must be a list of epoch seconds"),
        ({"doc_id": "c", "times": [True]}, "'times' must be a list of epoch seconds"),
        ({"doc_id": "c", "times": [5, 4]}, "lies before the publication"),
        ({"doc_id": "a", "times": [5]}, "stands in an earlier line already"),
        ({"doc_id": "c", "times": [5], "breaking": 1}, "'breaking' must be true or false"),
        ('{"doc_id": "c", "times": [NaN]}', "'times' must be a list of epoch seconds"),
    ],
)
def test_a_bad_line_is_named_in_one_sentence(
    row: object, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", written(tmp_path, [*ROWS, row]), "--requests-per-hour", "10"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "Line 3 of " in line
    assert said in line


# ---------------------------------------------------------------------- in the daemon's hands

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
PAGE_SOURCE = Source(name="desk", kind=SourceKind.PAGE, url="https://news.example/a")


def text(words: str, *, breaking: bool = False) -> Extraction:
    marks = (Notice(kind=NoticeKind.BREAKING, text="More to follow."),) if breaking else ()
    paragraph = Paragraph(kind=ParagraphKind.PARAGRAPH, text=words)
    return Extraction(headline="Blast", paragraphs=(paragraph,), notices=marks, extractor="test/1")


def look(number: int, now: datetime, market: Market, source: Source = PAGE_SOURCE) -> Look:
    return Look(check_id=f"{number:032x}", now=now, source=source, schedule=ScheduleSettings(), market=market)


def seen(
    store: Store, words: str, number: int, now: datetime, *, price: float = FLOOR, **more: Any
) -> Article:
    """Record a look that read these words; the article as it then stands in the archive."""
    article = store.find_article(PAGE_SOURCE.url)
    answer = Response(
        url=article.url, final_url=article.url, status=200, headers=(), body=words.encode(), fetched_at=now
    )
    capture = Capture(verdict=Verdict.ARTICLE, extraction=text(words, breaking=more.pop("breaking", False)))
    previous, known = store.latest_revision(article), store.watchlist.habits_of(article.host)
    market = Market(price=price, habits=Habits() if known is None else unpack_habits(known))
    store.record(decide(article, previous, answer, capture, look(number, now, market, **more)))
    return store.find_article(PAGE_SOURCE.url)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'archive.db'}", tmp_path) as store:
        store.watchlist.sync_sources([PAGE_SOURCE], NOW)
        (state,) = store.watchlist.sources()
        store.watchlist.discovered(state.id, [PAGE_SOURCE.url], NOW, NOW + timedelta(days=1), Validators())
        yield store


def test_the_daemon_waits_exactly_as_the_replay_does(archive: Store) -> None:
    article, held, now = seen(archive, "One.", 1, NOW), UNKNOWN, NOW
    for number, words in enumerate(["One.", "Two were hurt.", "Two were hurt."], 2):
        later = now + timedelta(
            seconds=next_turn(prospect_of(held, (now - NOW).total_seconds(), FLOOR), FLOOR, 60, WEEK)
        )
        assert abs(article.next_check_at - later) < timedelta(seconds=1) + (later - now) / 50
        before, now = now, article.next_check_at
        held = held.after_look(
            (before - NOW).total_seconds(), (now - NOW).total_seconds(), words != article_words(archive)
        )
        article = seen(archive, words, number, now)
    assert article.belief is not None
    assert unpack(article.belief).weights == pytest.approx(held.weights, rel=1e-3, abs=1e-6)


def article_words(store: Store) -> str:
    latest = store.latest_revision(store.find_article(PAGE_SOURCE.url))
    assert latest is not None
    return latest.extraction.paragraphs[0].text


def test_a_breaking_article_is_looked_at_sooner_by_the_daemon_too(archive: Store) -> None:
    marked = seen(archive, "One.", 1, NOW, price=0.05, breaking=True)
    plain = first_belief(Habits(), Habits(), breaking=False)
    assert (marked.next_check_at - NOW).total_seconds() < next_turn(
        prospect_of(plain, 0, 0.05), 0.05, 60, WEEK
    )


def test_a_due_look_is_put_off_where_the_price_has_risen_unless_a_feed_hints_at_it(archive: Store) -> None:
    article = seen(archive, "One.", 1, NOW)
    due, schedule = article.next_check_at, ScheduleSettings()
    assert prospects.put_off(article, PAGE_SOURCE, schedule, FLOOR, due) is None
    later = prospects.put_off(article, PAGE_SOURCE, schedule, 0.3, due)
    assert later is not None
    assert later > due
    then = NOW + MINUTES / 2
    archive.watchlist.discovered(1, [], then, then, Validators(), hinted=[PAGE_SOURCE.url])
    hinted = archive.find_article(PAGE_SOURCE.url)
    assert hinted.next_check_at == NOW + MINUTES / 2
    assert prospects.put_off(hinted, PAGE_SOURCE, schedule, 0.3, due) is None
    assert not seen(archive, "One.", 2, due).is_hinted


def test_the_interval_of_a_source_is_kept_whatever_a_look_costs(archive: Store) -> None:
    steady = replace(PAGE_SOURCE, interval=timedelta(minutes=17))
    for number, price in enumerate([FLOOR, 0.5, FLOOR], 1):
        now = NOW + number * timedelta(hours=5)
        article = seen(archive, "One.", number, now, price=price, source=steady)
        assert article.next_check_at == now + timedelta(minutes=17)
        assert prospects.put_off(article, steady, ScheduleSettings(), 0.9, article.next_check_at) is None


def test_a_quiet_article_is_retired_and_a_change_makes_it_young_again(archive: Store) -> None:
    seen(archive, "One.", 1, NOW)
    now = NOW
    for number in range(2, 14):
        now += timedelta(days=6)
        retired = seen(archive, "One.", number, now)
    assert retired.next_check_at == now + timedelta(days=7)
    now += timedelta(days=7)
    revived = seen(archive, "Seven people were hurt, the police say.", 14, now)
    assert revived.next_check_at < now + timedelta(hours=1)


def test_ten_years_that_nobody_watched_count_as_a_month(archive: Store) -> None:
    seen(archive, "One.", 1, NOW)
    article = seen(archive, "One.", 2, NOW + timedelta(days=3650))
    assert article.aged_from is not None
    assert NOW + timedelta(days=3650) - article.aged_from == timedelta(days=30)
    assert article.next_check_at < NOW + timedelta(days=3657)


def test_a_host_is_learnt_from_once_an_article_is_a_day_old(archive: Store) -> None:
    seen(archive, "One.", 1, NOW)
    seen(archive, "One.", 2, NOW + timedelta(hours=23))
    assert archive.watchlist.habits() == {}
    for number in (3, 4):
        seen(archive, "One.", number, NOW + number * timedelta(hours=10))
    (known,) = archive.watchlist.habits().values()
    assert unpack_habits(known).articles == 1
    later = seen(archive, "Seven people were hurt, the police say.", 5, NOW + timedelta(days=6))
    (known,) = archive.watchlist.habits().values()
    assert later.belief is not None
    assert unpack_habits(known).articles == 1
    assert unpack_habits(known).weights == pytest.approx(unpack(later.belief).weights, abs=0.02)


def test_a_budget_pays_for_no_more_than_it_has_and_remembers_it(tmp_path: Path) -> None:
    plain = '[schedule]\nrequests_per_hour = 60\n[[hosts]]\nhost = "a.example"\nrequests_per_hour = 6\n'
    config = parse_config(tomllib.loads(plain), tmp_path, {})
    budget = Budget(lambda: config)
    own = sum(budget.take("a.example", NOW) for _ in range(100))
    others = sum(budget.take("b.example", NOW) for _ in range(100))
    assert (own, own + others) == (6, 60)
    assert budget.wait("b.example", NOW) == MINUTES
    assert budget.price("a.example", NOW) > FLOOR
    again = Budget(lambda: config)
    again.read_back(budget.written())
    assert not again.take("b.example", NOW)
    assert again.take("b.example", NOW + MINUTES)
