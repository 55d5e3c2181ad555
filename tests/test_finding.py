"""What is remembered of a listing: which entries are hints, how far hints are believed, and which part of a sitemap
is worth a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources import Child, Entry, Listing
from monitor.sources.finding import Step, found_in, given_up, next_step
from monitor.sources.memory import MOST_SEEN, Memory, key, recent, settle, unsettled, worth_reading
from storage.records import Source, SourceKind, Standing
from tests.laws import law

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def entry(number: int = 1, updated: datetime | None = None, title: str = "") -> Entry:
    return Entry(url=f"https://news.example/{number}", updated_at=updated, title=title)


def standing(number: int = 1, checked: datetime | None = None, changed: datetime | None = None) -> Standing:
    return Standing(
        article_id=number,
        url=f"https://news.example/{number}",
        last_check_at=checked,
        last_seen_at=checked,
        last_change_at=changed,
    )


def looked(*standings: Standing) -> dict[str, Standing]:
    return {each.url: each for each in standings}


# --------------------------------------------------------------------- hints


def test_a_time_later_than_our_last_look_is_a_hint() -> None:
    memory, first = settle(Memory(), [entry(updated=NOW - DAY)], looked(standing()), NOW)
    assert first == [], "it was never looked at and is due anyway"
    seen = looked(standing(checked=NOW))
    assert settle(memory, [entry(updated=NOW - MINUTE)], seen, NOW + MINUTE)[1] == [], "we have seen that"
    later = NOW + 5 * MINUTE
    assert settle(memory, [entry(updated=later)], seen, later)[1] == ["https://news.example/1"]


def test_another_title_is_a_hint_where_there_are_no_times() -> None:
    seen = looked(standing(checked=NOW))
    memory, hinted = settle(Memory(), [entry(title="Bridge closed")], seen, NOW)
    assert hinted == []
    memory, hinted = settle(memory, [entry(title="Bridge closed")], seen, NOW)
    assert hinted == []
    memory, hinted = settle(memory, [entry(title="Bridge closed for weeks")], seen, NOW)
    assert hinted == ["https://news.example/1"]


def test_another_title_is_a_hint_also_where_only_the_publication_is_dated() -> None:
    seen = looked(standing(checked=NOW))
    first = replace(entry(title="Bridge closed"), published_at=NOW - DAY)
    memory, _ = settle(Memory(), [first], seen, NOW)
    assert settle(memory, [replace(first, title="Bridge gone")], seen, NOW)[1] == [first.url]


def test_another_title_with_a_time_before_our_last_look_was_seen_by_it() -> None:
    first = entry(title="Bridge closed", updated=NOW - DAY)
    memory, _ = settle(Memory(), [first], looked(standing(checked=NOW)), NOW)
    later = entry(title="Bridge gone", updated=NOW + MINUTE)
    seen = looked(standing(checked=NOW + 2 * MINUTE))
    assert settle(memory, [later], seen, NOW + 5 * MINUTE)[1] == []


def test_a_time_that_is_still_to_come_says_nothing() -> None:
    seen = looked(standing(checked=NOW))
    assert settle(Memory(), [entry(updated=NOW + DAY)], seen, NOW)[1] == []


def test_a_feed_that_stamps_everything_with_now_hastens_a_few_looks_and_then_none() -> None:
    """The looks go on by themselves, one an hour, and see a change in one of twenty."""
    memory, now, hastened = Memory(), NOW, 0
    articles = {number: standing(number, NOW) for number in range(50)}
    for minute in range(0, 24 * 60, 5):
        now = NOW + minute * MINUTE
        entries = [entry(number, updated=now - MINUTE / 60) for number in articles]
        memory, hinted = settle(memory, entries, looked(*articles.values()), now)
        hastened += len(hinted)
        for number, each in articles.items():
            if each.url in hinted or minute % 60 == number % 12 * 5:
                changed = now if (minute // 5 + number) % 20 == 0 else each.last_change_at
                articles[number] = standing(number, now + MINUTE, changed and changed + MINUTE)
    assert hastened <= 40
    assert not memory.are_believed
    assert memory.trust is not None


def test_hints_that_come_true_are_believed_all_the_more() -> None:
    memory, acted = Memory(), 0
    articles = {number: standing(number, NOW) for number in range(40)}
    for step in range(1, 6):
        now = NOW + step * 5 * MINUTE
        entries = [entry(number, updated=now) for number in articles]
        memory, hinted = settle(memory, entries, looked(*articles.values()), now)
        acted = len(hinted)
        for url in hinted:
            number = int(url.rpartition("/")[2])
            articles[number] = standing(number, now + MINUTE, now + MINUTE)
    assert memory.are_believed
    assert acted >= 20


def test_a_source_that_mends_its_ways_is_believed_again() -> None:
    memory = Memory(hits=0, hints=60, began=True)
    assert not memory.are_believed
    for step in range(1, 80):
        now = NOW + step * 10 * MINUTE
        seen = looked(standing(step, now - MINUTE))
        memory, _ = settle(memory, [entry(step, updated=now)], seen, now)
        changed = now + 5 * MINUTE  # seen by a look that was due anyway
        memory, _ = settle(memory, [], looked(standing(step, changed, changed)), changed)
    assert memory.are_believed


def test_only_what_changed_in_a_listing_has_to_be_looked_up() -> None:
    entries = [entry(number, title="A") for number in range(100)]
    memory, _ = settle(Memory(), entries, {}, NOW)
    assert unsettled(memory, entries) == []
    assert unsettled(memory, [*entries[1:], entry(0, title="B")]) == ["https://news.example/0"]


@law(50)
@given(
    st.builds(
        Memory,
        marks=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
        open=st.dictionaries(st.text(max_size=5), st.tuples(st.floats(0, 1e10), st.booleans()), max_size=3),
        hits=st.integers(0, 60),
        hints=st.integers(0, 60),
        stood=st.none() | st.lists(st.text(max_size=5), max_size=3).map(tuple),
        todo=st.lists(st.tuples(st.text(max_size=5), st.integers(0, 3)), max_size=3).map(tuple),
        at=st.none() | st.text(max_size=5),
        began=st.booleans(),
    )
)
def test_a_memory_is_written_down_whole(memory: Memory) -> None:
    assert Memory.of(memory.text) == memory


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"unknown": 1}', '{"todo": 5}'])
def test_what_is_no_memory_is_none(text: str | None) -> None:
    assert Memory.of(text) == Memory()


def test_hints_at_articles_that_do_not_answer_do_not_wait_for_ever() -> None:
    memory, deaf = Memory(), {n: standing(n, NOW) for n in range(4)}
    memory, hinted = settle(
        memory, [entry(n, updated=NOW + MINUTE) for n in deaf], looked(*deaf.values()), NOW + MINUTE
    )
    assert len(hinted) == 4
    other = looked(*deaf.values(), standing(9, NOW))
    later = NOW + 3 * DAY
    assert settle(memory, [entry(9, updated=NOW + DAY)], other, NOW + DAY)[1] == []
    assert settle(memory, [entry(9, updated=later)], other, later)[1] == ["https://news.example/9"]


# --------------------------------------------------------------------- sitemaps


def test_of_fifty_thousand_old_addresses_none_is_watched() -> None:
    old = [entry(number, updated=NOW - 30 * DAY) for number in range(50_000)]
    new = [entry(50_001, updated=NOW - DAY), Entry(url="https://news.example/n", published_at=NOW)]
    assert recent(Memory(), [*old, *new], NOW, alone=True) == (new, None)


def test_of_fifty_thousand_addresses_stamped_with_today_none_is_watched() -> None:
    stamped = [entry(number, updated=NOW) for number in range(50_000)]
    found, note = recent(Memory(), stamped, NOW, alone=True)
    assert found == []
    assert note is not None


def test_without_times_what_comes_after_the_first_look_is_new() -> None:
    first = [entry(number) for number in range(3)]
    found, note = recent(Memory(), first, NOW, alone=True)
    assert (found, note) == ([], "it gives no times; what is there from the first look on is not watched")
    memory, _ = settle(Memory(), first, {}, NOW)
    assert recent(memory, [entry(9), *first], NOW, alone=True)[0] == [entry(9)]


SOURCE = Source(name="Gazette", kind=SourceKind.SITEMAP, url="https://news.example/sitemap.xml")


def child(number: int, updated: datetime | None = NOW) -> Child:
    return Child(url=f"https://news.example/s{number}.xml", updated_at=updated)


def test_of_an_index_the_newest_sitemaps_are_read_first_and_old_ones_never() -> None:
    children = [child(1, NOW - 60 * DAY), child(2, NOW - DAY), child(3, NOW), child(4, None)]
    memory = worth_reading(Memory(), children, 0, NOW)
    assert [url[-6:] for url, _depth in memory.todo] == ["s3.xml", "s2.xml", "s4.xml"]


def test_a_sitemap_that_is_as_it_was_is_not_read_again() -> None:
    memory = worth_reading(Memory(), [child(1), child(2)], 0, NOW)
    memory = replace(memory, todo=(), asked=0)
    memory = worth_reading(memory, [child(1), child(2, NOW + MINUTE)], 0, NOW + MINUTE)
    assert [url[-6:] for url, _depth in memory.todo] == ["s2.xml"]


def test_an_index_of_indexes_without_an_end_is_followed_three_deep_and_sixty_wide() -> None:
    """Each of them names twenty more that were never seen."""
    memory, asked, number = Memory(), 0, 0
    while asked == 0 or memory.todo:
        step = next_step(SOURCE, memory)
        assert step.depth <= 2
        number += 20
        listing = Listing(children=tuple(child(number + each) for each in range(20)))
        memory = found_in(listing, SOURCE, step, memory, step.url, NOW).memory
        asked += 1
        assert asked <= 61
    assert asked == 61


def test_one_request_is_one_step_and_a_step_that_led_nowhere_is_behind_us() -> None:
    memory = worth_reading(Memory(), [child(1), child(2)], 0, NOW)
    step = next_step(SOURCE, memory)
    assert step == Step(url=child(1).url, kind=SourceKind.SITEMAP, depth=1, is_part=True)
    memory = given_up(memory, step)
    assert next_step(SOURCE, memory).url == child(2).url
    assert next_step(SOURCE, given_up(memory, next_step(SOURCE, memory))).url == SOURCE.url


def test_no_more_is_remembered_than_a_listing_may_have() -> None:
    memory = Memory()
    for part in range(3):
        entries = [entry(part * 4000 + number) for number in range(4000)]
        memory, _ = settle(memory, entries, {}, NOW, part=True)
    assert len(memory.marks) == MOST_SEEN
    assert key(entry(11_999).url) in memory.marks


def test_a_sitemap_that_could_not_be_read_is_asked_for_in_the_next_round() -> None:
    memory = worth_reading(Memory(), [child(1)], 0, NOW)
    memory = given_up(memory, next_step(SOURCE, memory))
    assert memory.todo == ()
    assert [url for url, _depth in worth_reading(memory, [child(1)], 0, NOW).todo] == [child(1).url]
