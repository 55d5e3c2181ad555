"""The store's promises: one check is one transaction, recorded once, and what went in comes out.

The nouns that the tests of storage speak of are made here.
"""

from __future__ import annotations

import functools
import json
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from storage.errors import Conflict, StorageBusy, StorageError
from storage.forms import extraction_of, reading_form
from storage.ledger import LogFilter
from storage.records import (
    Alert,
    Article,
    ArticleState,
    Assessment,
    Check,
    CheckResult,
    Disclosure,
    Event,
    EventKind,
    Extraction,
    HostBlocks,
    Notice,
    NoticeKind,
    Outcome,
    Paragraph,
    ParagraphKind,
    Reason,
    Redirect,
    Response,
    Revision,
    Severity,
    Source,
    SourceKind,
    StateEvent,
    TaughtBy,
    Validators,
    Verdict,
    WordCount,
    canonical_json,
)
from storage.schema import metadata
from storage.sqlite import driver as sqlite3
from storage.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATABASE = "sqlite:///archive.db"

# ---------------------------------------------------------------------- nouns to speak of


@functools.cache
def _empty_archive() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        Store.open(DATABASE, Path(folder)).close()
        return (Path(folder) / "archive.db").read_bytes()


def new_archive(folder: Path) -> str:
    """The address of an empty archive, made once and copied: that is quicker than making its tables."""
    (folder / "archive.db").write_bytes(_empty_archive())
    return f"sqlite:///{folder}/archive.db"


def new_store(folder: Path) -> Store:
    return Store.open(new_archive(folder), folder)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def watched(store: Store, *urls: str, source: str = "Gazette") -> list[Article]:
    """Articles of one source that were found just now."""
    found = urls or ("https://gazette.example/bridge",)
    store.watchlist.sync_sources(
        [Source(name=source, kind=SourceKind.FEED, url=f"https://{source}.example/")], NOW
    )
    (state,) = store.watchlist.sources()
    store.watchlist.discovered(state.id, found, NOW, at(5), Validators())
    return [store.find_article(url) for url in found]


def reading(text: str = "The council votes on the bridge tonight.") -> Extraction:
    return Extraction(
        headline="Council votes on the bridge",
        paragraphs=(Paragraph(kind=ParagraphKind.PARAGRAPH, text=text),),
        extractor="page/1",
        standfirst="A long night.",
        byline=("A. Reporter", "B. Reporter"),
        published_at=at(-60),
        modified_at=at(-1.5).astimezone(timezone(timedelta(hours=2))),
        language="en",
        canonical_url="https://gazette.example/bridge",
        notices=(Notice(kind=NoticeKind.CORRECTION, text="A name was wrong."),),
    )


def answer(article: Article, body: bytes, moment: datetime = NOW) -> Response:
    return Response(
        url=article.url,
        final_url=f"{article.url}?page=1",
        status=200,
        headers=(("Content-Type", "text/html"), ("ETag", '"1"'), ("X-Twice", "a"), ("X-Twice", "b")),
        body=body,
        fetched_at=moment,
        redirects=(Redirect(status=301, url=f"{article.url}?page=1"),),
    )


def fact(
    kind: EventKind, severity: Severity, old: str | None = "20 people", new: str | None = "31 people"
) -> Event:
    return Event(kind=kind, severity=severity, old=old, new=new, where="paragraph 1")


def looked(article: Article, result: CheckResult, moment: datetime, name: str) -> Outcome:
    """An outcome that changes nothing but the article's times."""
    after = replace(
        article, checks=article.checks + 1, last_check_at=moment, next_check_at=moment + timedelta(minutes=5)
    )
    if result in (CheckResult.SAME, CheckResult.NOT_MODIFIED):
        after = replace(after, last_seen_at=moment)
    verdict = Verdict.ARTICLE if result is not CheckResult.FAILED else None
    check = Check(
        id=uuid.uuid5(uuid.NAMESPACE_URL, name).hex,
        at=moment,
        result=result,
        verdict=verdict,
        status=200,
        ms=12.5,
        reasons=("a", "b"),
    )
    return Outcome(article=after, check=check, expects=article.revisions)


def first(
    article: Article, minute: float = 0, *, body: bytes = b"<p>one</p>", name: str = "first"
) -> Outcome:
    revision = Revision(
        number=1, reason=Reason.FIRST, seen_at=at(minute), not_seen_before=None, extraction=reading()
    )
    seen = replace(
        article,
        revisions=1,
        headline=revision.extraction.headline,
        last_seen_at=at(minute),
        last_change_at=at(minute),
    )
    outcome = looked(seen, CheckResult.FIRST, at(minute), name + article.url[-8:])
    response = answer(article, body, at(minute))
    check = replace(outcome.check, digest=response.digest)
    return replace(outcome, expects=0, check=check, response=response, revision=revision)


def changed(
    article: Article,
    minute: float,
    *,
    text: str = "The council voted for the bridge.",
    severity: Severity = Severity.SUBSTANTIVE,
    kind: EventKind = EventKind.NUMBER_CHANGED,
    alerts: tuple[Alert, ...] = (),
    name: str = "changed",
) -> Outcome:
    number = article.revisions + 1
    assessment = Assessment(
        events=(fact(kind, severity), fact(EventKind.STYLE_CHANGED, Severity.COSMETIC, old=None, new=None)),
        severity=severity,
        disclosure=Disclosure(notice_changed=False, modified_moved=None, silent=True),
        summary="A number was changed.",
    )
    revision = Revision(
        number=number,
        reason=Reason.EDIT,
        seen_at=at(minute),
        not_seen_before=article.last_seen_at,
        extraction=reading(text),
        assessment=assessment,
        words=WordCount(added=3, deleted=2, kept=40),
    )
    seen = replace(article, revisions=number, last_seen_at=at(minute), last_change_at=at(minute))
    outcome = looked(seen, CheckResult.CHANGED, at(minute), f"{name}{number}{article.url[-8:]}")
    response = answer(article, text.encode(), at(minute))
    return replace(
        outcome,
        expects=article.revisions,
        check=replace(outcome.check, digest=response.digest),
        response=response,
        revision=revision,
        alerts=alerts,
    )


def removed(
    article: Article, minute: float, *, alerts: tuple[Alert, ...] = (), body: bytes | None = None
) -> Outcome:
    """An outcome with a state event, and with the answer that it rests on where there is a body."""
    gone = Event(
        kind=EventKind.REMOVED, severity=Severity.CRITICAL, old="watched", new="the server answered 410"
    )
    state_event = StateEvent(event=gone, at=at(minute), not_seen_before=article.last_seen_at)
    after = replace(article, state=ArticleState.REMOVED)
    outcome = looked(after, CheckResult.WITHHELD, at(minute), f"removed{minute}{article.url[-8:]}")
    response = None if body is None else answer(article, body, at(minute))
    return replace(outcome, state_events=(state_event,), alerts=alerts, response=response)


def dump(store: Store) -> list[str]:
    """Everything the database holds."""
    with store._database.reading() as connection:
        return [
            f"{found.name} {tuple(row)}"
            for found in metadata.sorted_tables
            for row in connection.execute(found.select().order_by(*found.primary_key))
        ]


def dump_of(path: Path) -> list[str]:
    """Everything in a SQLite file: each table as it was made, with its rows in order."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        tables = [name for kind, name, _ in made if kind == "table"]
        rows = [(name, *row) for name in tables for row in connection.execute(f'SELECT * FROM "{name}"')]  # noqa: S608
    return [repr(line) for line in [*made, *rows]]


def count(store: Store, name: str) -> int:
    with store._database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(sqlalchemy.table(name))) or 0


# ---------------------------------------------------------------------- what goes in comes out


def test_a_revision_comes_back_as_it_was(store: Store) -> None:
    (article,) = watched(store)
    one, two = first(article), changed(first(article).article, 5)
    store.record(one)
    store.record(two)
    assert store.revision(article.id, 1) == one.revision
    assert store.revision(article.id, 2) == two.revision
    assert store.latest_revision(store.article(article.id)) == two.revision
    assert store.response(article.id, 1) == one.response
    assert store.response(article.id, 2) == two.response


def test_the_article_stands_as_the_outcome_left_it(store: Store) -> None:
    (article,) = watched(store)
    outcome = first(article)
    entry = store.record(outcome)
    assert (entry.article_id, entry.url, entry.check, entry.revision) == (
        article.id,
        article.url,
        outcome.check,
        1,
    )
    assert store.checks() == [entry]
    assert outcome.revision is not None
    digests = {outcome.revision.extraction.text_digest: 1}
    headlines = {outcome.revision.extraction.headline or "": 1}
    assert store.article(article.id) == replace(outcome.article, text_digests=digests, headlines=headlines)


def test_of_equal_texts_the_latest_revision_is_remembered(store: Store) -> None:
    (article,) = watched(store)
    steps = [first(article)]
    for minute, text in ((5, "Another text."), (10, reading().paragraphs[0].text)):
        steps.append(changed(steps[-1].article, minute, text=text))
    for step in steps:
        store.record(step)
    assert store.article(article.id).text_digests == {
        reading().text_digest: 3,
        reading("Another text.").text_digest: 2,
    }


# ---------------------------------------------------------------------- read again, and learnt


def read_anew(article: Article, minute: float, *, text: str, then: str | None = None) -> Outcome:
    """An outcome in which the latest revision reads otherwise, and the page may have changed as well."""
    base = changed(replace(article, revisions=article.revisions + 1), minute, text=then or text)
    assert base.revision is not None
    reread = replace(
        base.revision,
        number=article.revisions + 1,
        reason=Reason.EXTRACTOR,
        extraction=replace(reading(text), told="abc"),
    )
    outcome = replace(base, expects=article.revisions, reread=reread)
    if then is not None:
        return outcome
    after = replace(outcome.article, revisions=reread.number)
    return replace(outcome, article=after, revision=None, response=None)


def test_a_revision_read_anew_rests_on_the_bytes_of_the_one_before(store: Store) -> None:
    (article,) = watched(store)
    one = first(article)
    store.record(one)
    anew = read_anew(one.article, 5, text="The council votes.")
    entry = store.record(anew)
    assert entry.revision == 2
    assert store.revision(article.id, 2) == anew.reread
    assert store.response(article.id, 2) == store.response(article.id, 1) == one.response
    assert [line.reason for line in store.log()] == ["first", "extractor"]


def test_a_reading_that_was_replaced_is_no_earlier_text(store: Store) -> None:
    (article,) = watched(store)
    one = first(article)
    store.record(one)
    anew = read_anew(one.article, 5, text="The council votes.")
    store.record(anew)
    assert store.article(article.id).text_digests == {reading("The council votes.").text_digest: 2}


def test_what_was_read_anew_comes_before_what_changed_and_the_alert_is_about_the_change(store: Store) -> None:
    (article,) = watched(store)
    one = first(article)
    store.record(one)
    both = read_anew(one.article, 5, text="The council votes.", then="The council voted.")
    store.record(replace(both, alerts=(Alert(channel="desk", rules=("all",)),)))
    assert [(line.number, line.reason) for line in store.log()] == [
        (1, "first"),
        (2, "extractor"),
        (3, "edit"),
    ]
    (alert,) = store.outbox.waiting()
    assert alert.entry.number == 3
    assert store.response(article.id, 3) == both.response
    before = dump(store)
    store.record(both)
    assert dump(store) == before


def test_what_a_host_repeats_comes_back_as_it_was_and_belongs_to_that_host(store: Store) -> None:
    here, there = watched(store, "https://gazette.example/bridge", "https://other.example/tunnel")
    known = HostBlocks(
        learnt={"0" * 16: "Read more of our stories."},
        recent=(
            TaughtBy(article_id=7, keys=("a", "b")),
            TaughtBy(article_id=here.id, keys=("a",), teaches=False),
        ),
    )
    assert store.blocks(here) == HostBlocks()
    store.record(replace(first(here), blocks=known))
    assert store.blocks(store.article(here.id)) == known
    assert store.blocks(there) == HostBlocks()
    store.record(replace(changed(first(here).article, 5), blocks=HostBlocks()))
    assert store.blocks(here) == HostBlocks()


def test_an_article_stands_with_all_that_is_remembered_of_its_copies(store: Store) -> None:
    (article,) = watched(store)
    one = first(article)
    stands = replace(
        one.article,
        locator='{"at":"article"}',
        read_as="page/2 abc",
        absent_since=at(1),
        returns=2,
        other_copy="f" * 64,
        swings=3,
        swings_since=at(2),
        swung_at=at(3),
        alternated_at=at(2.5),
    )
    store.record(replace(one, article=stands))
    found = store.article(article.id)
    assert replace(found, text_digests={}, headlines={}) == stands


texts = st.text(max_size=40)
moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1))  # noqa: DTZ001
readings = st.builds(
    Extraction,
    headline=st.none() | texts,
    paragraphs=st.lists(
        st.builds(Paragraph, kind=st.sampled_from(ParagraphKind), text=texts), max_size=4
    ).map(tuple),
    extractor=texts,
    standfirst=st.none() | texts,
    byline=st.lists(texts, max_size=3).map(tuple),
    published_at=st.none() | moments,
    modified_at=st.none() | moments,
    notices=st.lists(st.builds(Notice, kind=st.sampled_from(NoticeKind), text=texts), max_size=2).map(tuple),
    plain=st.booleans(),
    whole=st.none() | texts,
)


@given(readings)
def test_an_extraction_survives_its_byte_form(extraction: Extraction) -> None:
    assert extraction_of(json.loads(canonical_json(reading_form(extraction))), extraction.text) == extraction


def test_a_first_answer_that_makes_no_entry_of_the_log_is_kept_and_chained(store: Store) -> None:
    """As the first 410, which is no removal yet."""
    (article,) = watched(store)
    store.record(first(article))
    head = store.chain_head()
    gone = looked(store.article(article.id), CheckResult.WITHHELD, at(5), "the first 410")
    store.record(replace(gone, response=answer(article, b"<p>Gone.</p>", at(5))))
    assert [response.body for response in store.received(article.id)] == [b"<p>one</p>", b"<p>Gone.</p>"]
    assert [entry.reason for entry in store.log()] == ["first"]
    assert store.chain_head() != head


# ---------------------------------------------------------------------- once


def test_recording_an_outcome_twice_changes_nothing(store: Store) -> None:
    (article,) = watched(store)
    one = first(article)
    two = changed(one.article, 5, alerts=(Alert(channel="desk", rules=("all",)),))
    three = removed(two.article, 10, alerts=(Alert(channel="desk", rules=("all",), about=EventKind.REMOVED),))
    entries = [store.record(outcome) for outcome in (one, two, three)]
    before = dump(store)
    assert [store.record(outcome) for outcome in (one, two, three)] == entries
    assert dump(store) == before


def test_a_revisit_stores_no_second_body(store: Store) -> None:
    (article,) = watched(store)
    seen = first(article)
    store.record(seen)
    bodies, entries = count(store, "bodies"), count(store, "ledger")
    for minute in range(5, 30, 5):
        seen = looked(seen.article, CheckResult.SAME, at(minute), f"same{minute}")
        store.record(seen)
    assert (count(store, "bodies"), count(store, "ledger"), count(store, "checks")) == (bodies, entries, 6)


def test_a_body_that_is_known_is_not_stored_again(store: Store) -> None:
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    store.record(first(one, body=b"<p>shared</p>"))
    before = count(store, "bodies")
    store.record(first(other, body=b"<p>shared</p>"))
    assert count(store, "bodies") == before + 1, "its record, and neither its text nor its page"
    pages = [store.response(article.id, 1) for article in (one, other)]
    assert [page and page.body for page in pages] == [b"<p>shared</p>"] * 2


# ---------------------------------------------------------------------- all or nothing


def naive(outcome: Outcome) -> Outcome:
    return replace(outcome, check=replace(outcome.check, at=outcome.check.at.replace(tzinfo=None)))


def told_twice(outcome: Outcome) -> Outcome:
    return replace(outcome, alerts=(Alert(channel="desk", rules=("a",)), Alert(channel="desk", rules=("b",))))


def numbered_again(outcome: Outcome) -> Outcome:
    assert outcome.revision is not None
    return replace(outcome, revision=replace(outcome.revision, number=1))


def decided_too_early(outcome: Outcome) -> Outcome:
    return replace(outcome, expects=0)


@pytest.mark.parametrize("spoil", [naive, told_twice, numbered_again, decided_too_early])
def test_an_outcome_that_cannot_be_written_whole_is_not_written_at_all(store: Store, spoil: object) -> None:
    assert callable(spoil)
    (article,) = watched(store)
    store.record(first(article))
    before = dump(store)
    good = changed(first(article).article, 5, alerts=(Alert(channel="desk", rules=("all",)),))
    with pytest.raises(StorageError):
        store.record(spoil(good))
    assert dump(store) == before
    store.record(good)
    assert len(dump(store)) > len(before)


def test_an_outcome_decided_on_an_older_revision_is_a_conflict(store: Store) -> None:
    (article,) = watched(store)
    seen = first(article).article
    store.record(first(article))
    store.record(changed(seen, 5))
    before = dump(store)
    with pytest.raises(Conflict, match="is at revision 2, and this check was decided on 1"):
        store.record(changed(seen, 6, name="late", text="Something else."))
    assert dump(store) == before


# ---------------------------------------------------------------------- questions


def test_what_is_not_there_is_said_in_one_sentence(store: Store) -> None:
    (article,) = watched(store)
    for ask, sentence in (
        (lambda: store.article(99), "There is no article 99; 'writethru articles' lists them."),
        (lambda: store.find_article("99"), "There is no article 99; 'writethru articles' lists them."),
        (
            lambda: store.find_article("https://x.example/"),
            "No article is watched at https://x.example/; 'writethru articles' lists them.",
        ),
        (lambda: store.revision(article.id, 3), "There is no revision 3; this article has 0."),
    ):
        with pytest.raises(StorageError) as caught:
            ask()
        assert str(caught.value) == sentence
    assert store.latest_revision(article) is None
    assert store.response(article.id, 1) is None
    assert store.chain_head() is None


def test_an_article_is_found_by_id_and_by_address(store: Store) -> None:
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    assert store.find_article(str(other.id)) == store.find_article(other.url) == other
    assert store.articles() == store.articles("Gazette") == [one, other]
    assert store.articles("Herald") == []


def test_checks_are_counted_and_read_from_where_one_left_off(store: Store) -> None:
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    entries = [
        store.record(looked(store.article(article.id), CheckResult.FAILED, at(minute), f"check{minute}"))
        for minute, article in enumerate((one, other, one, other))
    ]
    assert store.checks() == entries
    assert store.checks(after=entries[1].seq) == entries[2:]
    assert store.checks(article_id=one.id) == entries[::2]
    assert store.checks(last=1, article_id=one.id) == [entries[2]]
    assert store.counts() == {"articles": 2, "checks": 4, "revisions": 0, "alerts": 0}


@pytest.fixture
def told(store: Store) -> Store:
    """An archive with five log entries: two first revisions, two changes and a removal."""
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    steps = [first(one, 0), first(other, 1)]
    steps.append(changed(steps[0].article, 2, severity=Severity.MINOR, kind=EventKind.QUOTE_CHANGED))
    steps.append(changed(steps[1].article, 3, severity=Severity.SUBSTANTIVE))
    steps.append(removed(steps[2].article, 4))
    for step in steps:
        store.record(step)
    return store


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        (LogFilter(), [1, 2, 3, 4, 5]),
        (LogFilter(after=3), [4, 5]),
        (LogFilter(last=2), [4, 5]),
        (LogFilter(since=at(2)), [3, 4, 5]),
        (LogFilter(since=at(2).astimezone(timezone(timedelta(hours=-8)))), [3, 4, 5]),
        (LogFilter(severity=Severity.COSMETIC), [3, 4, 5]),
        (LogFilter(severity=Severity.SUBSTANTIVE), [4, 5]),
        (LogFilter(severity=Severity.CRITICAL), [5]),
        (LogFilter(kind=EventKind.QUOTE_CHANGED), [3]),
        (LogFilter(kind=EventKind.STYLE_CHANGED), [3, 4]),
        (LogFilter(kind=EventKind.REMOVED), [5]),
        (LogFilter(kind=EventKind.RESTORED), []),
        (LogFilter(article_id=2), [2, 4]),
        (LogFilter(article_id=1, severity=Severity.MINOR, last=1), [5]),
        (LogFilter(article_id=2, since=at(9)), []),
    ],
)
def test_the_log_is_read_in_order_and_in_part(told: Store, wanted: LogFilter, seqs: list[int]) -> None:
    assert [entry.seq for entry in told.log(wanted)] == seqs


def test_a_log_entry_says_what_was_recorded(told: Store) -> None:
    opening, _, edit, _, gone = told.log()
    assert (opening.number, opening.reason, opening.severity, opening.events) == (1, "first", None, ())
    assert (edit.number, edit.reason, edit.severity, edit.silent) == (2, "edit", Severity.MINOR, True)
    assert [event.kind for event in edit.events] == [EventKind.QUOTE_CHANGED, EventKind.STYLE_CHANGED]
    assert (edit.seen_at, edit.not_seen_before, edit.words) == (
        at(2),
        at(0),
        WordCount(added=3, deleted=2, kept=40),
    )
    assert (gone.number, gone.reason, gone.severity) == (None, "removed", Severity.CRITICAL)
    assert (gone.summary, gone.seen_at, gone.not_seen_before) == ("the server answered 410", at(4), at(2))
    assert {entry.source for entry in told.log()} == {"Gazette"}
    assert told.chain_head() == gone.chain


# ---------------------------------------------------------------------- when something is in the way


def test_a_locked_database_is_busy_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = new_store(tmp_path)
    (article,) = watched(store)
    monkeypatch.setattr("storage.sqlite._BUSY_MS", 50)
    with store, Store.open(DATABASE, tmp_path) as hasty, closing(sqlite3.connect(store.shown)) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageBusy) as caught:
            hasty.record(first(article))
        with pytest.raises(StorageBusy):
            Store.open(DATABASE, tmp_path)
        other.execute("ROLLBACK")
        hasty.record(first(article))
        assert count(store, "checks") == 1
    assert str(caught.value) == (
        f"The database {store.shown} is locked by another process; close that, or try again later."
    )
    assert count(store, "checks") == 1


def test_a_page_of_articles_begins_with_those_changed_last(store: Store) -> None:
    one, two, three = watched(store, *(f"https://gazette.example/{name}" for name in "abc"))
    for article, minute in ((two, 10), (one, 20)):
        outcome = first(article, minute)
        store.record(replace(outcome, article=replace(outcome.article, last_change_at=at(minute))))
    assert [article.id for article in store.newest_articles(0, 2)] == [one.id, two.id]
    assert [article.id for article in store.newest_articles(2, 2)] == [three.id]
    assert store.newest_articles(3, 2) == []
