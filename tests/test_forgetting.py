"""Forgetting's promises: the words are gone from the file too, the chain holds, and nothing trips over it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from monitor.alerts import compose
from monitor.config import WebSettings
from monitor.web import create_app
from storage.errors import Conflict, TakenOut
from storage.records import (
    Alert,
    Article,
    ArticleState,
    CheckResult,
    Delivery,
    DeliveryState,
    HostBlocks,
    Outcome,
    Paragraph,
    ParagraphKind,
    TaughtBy,
    WitnessState,
)
from storage.sqlite import driver
from storage.store import Store
from tests.newsdesk import BODY, configure, desk, edited, lines, one_page, page, writethru
from tests.servers import Scripted, http
from tests.test_keeping import unproved
from tests.test_store import at, changed, first, looked, new_store, reading, removed, watched

WORD = "zwetschgenknoedel"
ORDER = "A court order of 3 March."


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path) as opened:
        yield opened


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Store]:
    """A store on a file, which can be looked into."""
    with new_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


def on_disk(folder: Path, *words: str) -> set[str]:
    """Which words stand in the files of the database, as they are or as SQLite's UTF-8."""
    held = b"".join(path.read_bytes() for path in folder.glob("*.db*"))
    return {word for word in words if word.encode() in held}


def wordy(step: Outcome, word: str) -> Outcome:
    """The same outcome with a word in everything that may quote the article."""
    assert step.revision is not None
    assert step.response is not None
    told = f"It says {word}."
    extraction = replace(
        step.revision.extraction,
        headline=f"{word} {step.revision.number}",
        paragraphs=(Paragraph(kind=ParagraphKind.PARAGRAPH, text=f"{told} {step.revision.number}"),),
    )
    assessment = step.revision.assessment
    if assessment is not None:
        facts = tuple(replace(event, old=told, new=f"{told} Now.") for event in assessment.events)
        assessment = replace(assessment, summary=told, events=facts)
    revision = replace(step.revision, extraction=extraction, assessment=assessment)
    check = replace(step.check, detail=told, reasons=(told,))
    article = replace(step.article, headline=extraction.headline, locator=json.dumps({"after": word}))
    response = replace(step.response, body=f"<p>{told} {step.revision.number}</p>".encode())
    blocks = HostBlocks(learnt={"1" * 16: told}, recent=(TaughtBy(article_id=article.id, keys=("1" * 16,)),))
    return replace(step, revision=revision, check=check, article=article, response=response, blocks=blocks)


def story(store: Store, article: Article, word: str = WORD) -> list[Outcome]:
    told = (Alert(channel="desk", rules=("all",)),)
    one = wordy(first(article, 0), word)
    steps = [one, wordy(changed(one.article, 5, alerts=told), word)]
    steps.append(wordy(changed(steps[1].article, 10, alerts=told), word))
    for step in steps:
        store.record(step)
    gone = removed(steps[-1].article, 20, body=f"<p>{word}, gone</p>".encode(), alerts=told)
    event = replace(gone.state_events[0].event, new=f"It was {word}.")
    state_events = (replace(gone.state_events[0], event=event),)
    last = replace(gone, state_events=state_events, alerts=(replace(told[0], about=event.kind),))
    store.record(last)
    return [*steps, last]


def test_no_word_of_it_is_left_in_the_files(filed: Store, tmp_path: Path) -> None:
    article, other = watched(filed, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    story(filed, article)
    for alert in filed.outbox.waiting()[:2]:
        filed.outbox.compose(compose(alert), at(30))
    filed.record(replace(wordy(first(other, 40), "apfelstrudel"), blocks=None))
    assert on_disk(tmp_path, WORD, "apfelstrudel") == {WORD, "apfelstrudel"}
    done = filed.forget(article.id, ORDER, at(60))
    assert done.bodies > 8
    assert done.messages == 2
    assert on_disk(tmp_path, WORD, "apfelstrudel") == {"apfelstrudel"}
    assert unproved(filed) == []
    filed.close()
    assert on_disk(tmp_path, WORD) == set()


def test_no_packed_body_of_it_is_left_either(filed: Store, tmp_path: Path) -> None:
    """Compressed, a word does not show; but its bodies' bytes do, as they were stored."""
    (article,) = watched(filed)
    story(filed, article)
    with closing(driver.connect(tmp_path / "archive.db")) as connection:
        packed = [row[0] for row in connection.execute("SELECT data FROM bodies WHERE length(data) > 24")]
    held = b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
    assert len([data for data in packed if data in held]) == len(packed) >= 6
    filed.forget(article.id, ORDER, at(60))
    held = b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
    assert [data for data in packed if data in held] == []


@pytest.mark.parametrize("wal", [False, True])
def test_what_earlier_writes_left_in_free_pages_goes_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wal: bool
) -> None:
    """A headline that was replaced long ago, in a library that does not wipe what it frees."""
    monkeypatch.setattr("storage.sqlite.wal_is_safe", lambda _version: wal)
    with new_store(tmp_path) as store:
        (article,) = watched(store)
        story(store, article)
        with closing(driver.connect(tmp_path / "archive.db")) as careless:
            careless.execute("PRAGMA secure_delete=OFF")
            careless.execute("CREATE TABLE scratch (words TEXT)")
            careless.execute("INSERT INTO scratch VALUES (?)", (f"{WORD} of old " * 2000,))
            careless.commit()
            careless.execute("DROP TABLE scratch")
            careless.commit()
        assert on_disk(tmp_path, f"{WORD} of old") == {f"{WORD} of old"}
        store.forget(article.id, ORDER, at(60))
        assert on_disk(tmp_path, WORD) == set()


def test_the_log_still_lists_what_there_was_and_says_why_it_went(store: Store) -> None:
    (article,) = watched(store)
    steps = story(store, article)
    before = store.log()
    store.forget(article.id, ORDER, at(60))
    *entries, forgotten = store.log()
    assert [(e.seq, e.number, e.reason, e.seen_at, e.severity, e.digest, e.chain) for e in entries] == [
        (e.seq, e.number, e.reason, e.seen_at, e.severity, e.digest, e.chain) for e in before
    ]
    assert {entry.headline for entry in entries} == {None}
    assert {entry.summary for entry in entries} == {"What it said was taken out for good."}
    assert (forgotten.reason, forgotten.number, forgotten.seen_at) == ("forgotten", None, at(60))
    assert forgotten.summary == f"Its texts were taken out for good: {ORDER}"
    stands = store.article(article.id)
    assert (stands.state, stands.paused, stands.headline) == (ArticleState.FORGOTTEN, True, None)
    assert (stands.revisions, stands.checks) == (3, len(steps))
    for ask in (store.revision, store.response):
        with pytest.raises(TakenOut, match="taken out for good"):
            ask(article.id, 2)
    assert list(store.received(article.id)) == []


def test_what_another_article_needs_stays_until_that_is_forgotten_too(filed: Store, tmp_path: Path) -> None:
    one, other = watched(filed, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    for article in (one, other):
        filed.record(first(article, 0, body=b"<p>shared by both</p>"))
    done = filed.forget(one.id, ORDER, at(60))
    assert done.kept == 2, "the text and the page"
    shown = filed.response(other.id, 1)
    assert shown is not None
    assert shown.body == b"<p>shared by both</p>"
    assert filed.revision(other.id, 1).extraction == reading()
    filed.forget(other.id, ORDER, at(70))
    assert on_disk(tmp_path, "shared by both", "votes on the bridge") == set()
    assert unproved(filed) == []


def test_what_rests_on_a_forgotten_body_is_packed_anew(store: Store) -> None:
    """Two articles with one page; the second one's next page rests on it, and outlives it."""
    one, other = watched(store, "https://gazette.example/bridge", "https://gazette.example/tunnel")
    page_of_both = b"<p>shared by both</p>" * 100
    store.record(first(one, 0, body=page_of_both))
    step = first(other, 1, body=page_of_both)
    store.record(step)
    later = changed(step.article, 5, text="shared by both, and more. " * 80)
    store.record(later)
    for article in (one, other):
        store.forget(article.id, ORDER, at(60))
    (third,) = watched(store, "https://gazette.example/third")
    anew = first(third, 70, body=page_of_both)
    store.record(anew)
    assert store.response(third.id, 1) == anew.response
    assert unproved(store) == []


def test_forgetting_twice_says_so_once(store: Store) -> None:
    (article,) = watched(store)
    story(store, article)
    store.forget(article.id, ORDER, at(60))
    head = store.chain_head()
    again = store.forget(article.id, ORDER, at(61))
    assert (again.bodies, store.chain_head()) == (0, head)


def test_messages_about_it_keep_a_note_and_what_was_not_sent_is_not_sent(store: Store) -> None:
    (article,) = watched(store)
    story(store, article)
    sent, unsent, uncomposed = store.outbox.waiting()
    for alert in (sent, unsent):
        store.outbox.compose(compose(alert), at(30))
    delivered = next(d for d in store.outbox.deliveries() if d.alerts == (sent.id,))
    store.outbox.settle(_delivered(delivered))
    store.forget(article.id, ORDER, at(60))
    assert store.outbox.waiting() == []
    assert store.outbox.claim(at(90), timedelta(minutes=1)) == []
    states = {d.alerts: d.state for d in store.outbox.deliveries()}
    assert states == {(sent.id,): DeliveryState.DELIVERED, (unsent.id,): DeliveryState.DEAD}
    for delivery in store.outbox.deliveries():
        assert delivery.content["subject"] == f"[Writethru] forgotten: {article.url}"
        assert delivery.content["delivery"] == delivery.id
        assert WORD not in json.dumps(delivery.content)
    assert uncomposed.id not in [number for d in store.outbox.deliveries() for number in d.alerts]


def _delivered(delivery: Delivery) -> Delivery:
    return replace(
        delivery, state=DeliveryState.DELIVERED, attempts=1, delivered_at=at(31), next_try_at=at(31)
    )


def test_a_host_still_knows_what_other_articles_taught_it(store: Store) -> None:
    (article,) = watched(store)
    known = HostBlocks(
        learnt={"1" * 16: "Read more.", "2" * 16: f"Only {WORD}."},
        recent=(
            TaughtBy(article_id=article.id, keys=("1" * 16, "2" * 16)),
            TaughtBy(article_id=99, keys=("1" * 16,)),
        ),
    )
    store.record(replace(first(article), blocks=known))
    store.forget(article.id, ORDER, at(60))
    assert store.blocks(store.article(article.id)) == HostBlocks(
        learnt={"1" * 16: "Read more."}, recent=(TaughtBy(article_id=99, keys=("1" * 16,)),)
    )


def test_no_public_archive_is_asked_for_it_any_more(store: Store) -> None:
    (article,) = watched(store)
    store.record(replace(first(article), witness=article.url))
    assert store.witnesses.counts() == {WitnessState.PENDING: 1}
    store.forget(article.id, ORDER, at(60))
    assert store.witnesses.counts() == {}


def test_a_check_that_was_under_way_keeps_nothing_of_it(filed: Store, tmp_path: Path) -> None:
    (article,) = watched(filed)
    steps = story(filed, article)
    late = wordy(changed(steps[-1].article, 30), WORD)
    filed.forget(article.id, ORDER, at(60))
    with pytest.raises(Conflict, match="was forgotten meanwhile"):
        filed.record(late)
    with pytest.raises(Conflict):
        filed.record(looked(steps[-1].article, CheckResult.SAME, at(61), "late"))
    assert on_disk(tmp_path, WORD) == set()


def test_its_pages_say_that_it_was_forgotten(store: Store) -> None:
    (article,) = watched(store)
    story(store, article)
    store.forget(article.id, ORDER, at(60))
    app = create_app(store, WebSettings(), UTC, lambda: None)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        index, shown = client.get("/"), client.get(f"/articles/{article.id}")
        gone = [client.get(f"/articles/{article.id}/{path}") for path in ("2", "diff/1..2", "2/compare")]
        charts = client.get("/charts")
    assert (index.status_code, shown.status_code, charts.status_code) == (200, 200, 200)
    assert ORDER in shown.text
    assert "Forgotten" in shown.text
    assert WORD not in index.text + shown.text + charts.text
    assert [answer.status_code for answer in gone] == [410, 410, 410]
    assert "taken out for good" in gone[0].text


@pytest.mark.slow
def test_every_command_copes_with_a_forgotten_article(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, page(), edited("Seven", "Eight")), desk(server))
    for _ in range(2):
        writethru(config, "check", "--all")
    asked = writethru(config, "forget", "1", "--because", ORDER)
    assert (asked.returncode, asked.stderr) == (
        2,
        "writethru: This cannot be undone; say --yes where nobody can be asked.\n",
    )
    done = writethru(config, "forget", "1", "--because", ORDER, "--yes")
    assert done.returncode == 0
    assert done.stdout.startswith(f"forgotten: {server.url('/story')}: ")
    assert on_disk(tmp_path, BODY[0][:40], "The ferry", "Ada Dorn") == set()

    log = lines(writethru(config, "log", "--json"))
    assert [(line["revision"], line["reason"], line["headline"]) for line in log] == [
        (1, "first", None),
        (2, "edit", None),
        (None, "forgotten", None),
    ]
    for words in (["show", "1"], ["show", "1", "1", "--raw"], ["diff", "1"], ["alerts", "explain", "1", "2"]):
        said = writethru(config, *words)
        assert said.returncode == 2, words
        assert said.stderr.startswith("writethru: That was taken out for good"), words
        assert said.stderr.count("\n") == 1
    assert lines(writethru(config, "articles", "--json"))[0]["state"] == "forgotten"
    assert writethru(config, "status").returncode == 0
    assert lines(writethru(config, "alerts", "--json"))[0]["subject"].startswith("[Writethru] forgotten: ")
    resumed = writethru(config, "resume", "1")
    assert (resumed.returncode, resumed.stderr) == (
        2,
        f"writethru: {server.url('/story')} was forgotten and is not watched again.\n",
    )
    assert writethru(config, "check", "--all").stdout == "Nothing to check.\n"
    assert writethru(config, "reextract").stdout == "Nothing to read again.\n"
    assert writethru(config, "report", "--out", str(tmp_path / "site")).returncode == 0
    shown = (tmp_path / "site/articles/1/index.html").read_text()
    assert ORDER in shown
    assert 'href="diff' not in shown
    exported = writethru(config, "export", "--format", "warc", "--out", str(tmp_path / "x.warc.gz"))
    assert exported.returncode == 0
    with Store.open("sqlite:///store.db", tmp_path) as store:
        assert store.article(1).state is ArticleState.FORGOTTEN


def test_the_reason_must_be_given(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, one_page(server, http(200, page())))
    assert writethru(config, "forget", "1").returncode == 2
    said = writethru(config, "forget", "1", "--because", "  ", "--yes")
    assert (said.returncode, said.stderr) == (
        2,
        "writethru: Say why with --because: the log keeps the reason for good.\n",
    )
