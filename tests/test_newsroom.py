"""The demo's newsroom keeps its promises: true seeds, a true script, honest noise, fair pacing."""

from __future__ import annotations

import dataclasses
import hashlib
import http.client
import json
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from demo import page as drawing
from demo.edits import StoryError
from demo.judge import Recorded, judge
from demo.newsroom import ENOUGH, DeskAlert, Newsroom
from demo.nouns import Expected, Face, Page, Story, Version
from demo.story import SEEDS, baseline_text, load_story
from storage.records import (
    Event,
    EventKind,
    Extraction,
    LogEntry,
    Notice,
    NoticeKind,
    Paragraph,
    ParagraphKind,
    Reason,
    Revision,
    Severity,
    WordCount,
)

STORY = load_story()

DIGESTS = {
    "000_db7c4599a7f20ca0.txt": "abcf156a4b0ae743e02a833201c5b002ffcc78d4eb70cc4dc37e9f6934d8c0de",
    "001_4cab506a32629c70.txt": "ea78346d6ffa8113f547aa19e2e168522d6767a9db47cc0ce8a3c798f5d13906",
    "002_ee6576c290987b0a.txt": "6dac9c08c785bdbe7ba1dffb763d4aabf221870001710f7d2ab746f5ff1bbce2",
    "003_bc310ae90a618389.txt": "455a9a992653195ffe3a8380d529e9e305cf875a335bb133b919bd086dde1bbf",
    "004_4dce54f93ccd5c0d.txt": "2c162aeabb93fe27187940a71979fd6dbca26949cb0f65f9bced8263ffae29ec",
}

TRANSITIONS = [
    pytest.param(page.versions[i], page.versions[i + 1], expected, id=f"{page.name}-{i + 1}")
    for page in STORY.pages
    for i, expected in enumerate(page.expected)
]


def page_of(number: str, story: Story = STORY) -> Page:
    return next(page for page in story.pages if page.seed.startswith(number))


# --------------------------------------------------------------------- seeds


@pytest.mark.parametrize(("name", "digest"), DIGESTS.items())
def test_a_seed_stands_byte_for_byte(name: str, digest: str) -> None:
    assert hashlib.sha256((SEEDS / name).read_bytes()).hexdigest() == digest


def test_residue_of_the_old_pages_is_neither_body_nor_headline() -> None:
    residue = {"file", "Blogs", "More from International News"}
    for page in STORY.pages:
        first = page.versions[0]
        assert not residue & set(first.texts)
        assert first.headline not in first.texts
        assert "date 2024-11-17" not in first.texts[0]


def test_nothing_of_a_seed_but_residue_is_left_out() -> None:
    lost = {
        page.name: Counter(_words((SEEDS / page.seed).read_text(encoding="utf-8")))
        - Counter(_words(baseline_text(page)))
        for page in STORY.pages
    }
    residue = {
        "000": "date 2024-11-17",
        "001": "",
        "002": "Joe Biden allows Ukraine to use US weapons in strikes on Russia - reports",
        "003": "file More from International News Blogs",
        "004": "",
    }
    assert {name[:3]: words for name, words in lost.items()} == {
        name: Counter(_words(text)) for name, text in residue.items()
    }


def _words(text: str) -> list[str]:
    return text.split()


# --------------------------------------------------------------------- the script


@pytest.mark.parametrize(("before", "after", "expected"), TRANSITIONS)
def test_a_step_does_to_the_text_what_must_be_reported(
    before: Version, after: Version, expected: Expected
) -> None:
    kinds = expected.kinds
    old, new = set(before.texts), set(after.texts)
    rewritten = sum(kinds[kind] > 0 for kind in ("number_changed", "quote_changed", "sentence_rewritten"))
    assert len(new - old) == kinds["paragraph_added"] + rewritten
    assert len(old - new) == kinds["paragraph_removed"] + rewritten
    assert (before.headline != after.headline) is (kinds["headline_changed"] == 1)
    assert len(set(after.notices) - set(before.notices)) == kinds["notice_added"]
    assert len(set(before.notices) - set(after.notices)) == kinds["notice_dropped"]


@pytest.mark.parametrize(("before", "after", "expected"), TRANSITIONS)
def test_old_and_new_of_a_fact_stand_where_they_belong(
    before: Version, after: Version, expected: Expected
) -> None:
    gone, come = _only_in(before, after), _only_in(after, before)
    for fact in expected.facts:
        assert fact.old is None or fact.old in gone
        assert fact.new is None or fact.new in come


@pytest.mark.parametrize(("before", "after", "expected"), TRANSITIONS)
def test_an_edit_is_silent_where_neither_notice_nor_time_moves(
    before: Version, after: Version, expected: Expected
) -> None:
    told = before.modified != after.modified or before.notices != after.notices
    assert expected.silent is (expected.is_revision and not told)


@pytest.mark.parametrize(("before", "after", "expected"), TRANSITIONS)
def test_a_state_is_expected_where_the_face_of_a_page_changes(
    before: Version, after: Version, expected: Expected
) -> None:
    states = {
        (Face.ARTICLE, Face.WALL): ("blocked",),
        (Face.WALL, Face.ARTICLE): ("unblocked",),
        (Face.ARTICLE, Face.GONE): ("removed",),
    }
    assert expected.states == states.get((before.face, after.face), ())


def _only_in(one: Version, other: Version) -> str:
    return "\n".join(sorted(set(_lines(one)) - set(_lines(other))))


def _lines(version: Version) -> list[str]:
    return [version.headline, *version.texts, *(notice.text for notice in version.notices)]


def test_the_story_has_every_turn_that_it_promises() -> None:
    live = page_of("000")
    kinds = sum((expected.kinds for expected in live.expected), Counter[str]())
    assert {"headline_changed", "number_changed", "quote_changed", "notice_added"} <= set(kinds)
    assert {"notice_dropped", "paragraph_added", "paragraph_removed", "sentence_rewritten"} <= set(kinds)
    assert [e.silent for n in ("003", "004") for e in page_of(n).expected if e.is_revision] == [True, True]
    assert page_of("002").expected == ()
    assert Counter(s for page in STORY.pages for e in page.expected for s in e.states) == {
        "blocked": 1,
        "unblocked": 1,
        "removed": 1,
    }
    assert 20 <= STORY.seconds <= 32


def test_the_live_page_ends_nearer_to_the_wire_story() -> None:
    wire = set(page_of("001").versions[0].texts)
    live = page_of("000")
    assert not wire & set(live.versions[0].texts)
    assert len(wire & set(live.versions[-1].texts)) >= 9
    assert live.versions[-1].headline == page_of("001").versions[0].headline


def test_a_replaced_phrase_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    _copy_story(tmp_path, "killed at least seven people", "killed at least seventy people")
    with pytest.raises(StoryError, match=r"step 4 .*'killed at least seventy people' stands in no paragraph"):
        load_story(tmp_path)


def test_a_fact_that_is_not_true_of_the_texts_is_a_clear_error(tmp_path: Path) -> None:
    _copy_story(tmp_path, 'old = "seven", new = "eight"', 'old = "seven", new = "nine"')
    with pytest.raises(StoryError, match="'nine' is not on the page"):
        load_story(tmp_path)


def _copy_story(folder: Path, old: str, new: str) -> None:
    script = (SEEDS / "story.toml").read_text(encoding="utf-8")
    assert script.count(old) == 1
    (folder / "story.toml").write_text(script.replace(old, new), encoding="utf-8")
    for name in DIGESTS:
        (folder / name).write_bytes((SEEDS / name).read_bytes())


# --------------------------------------------------------------------- pages


class _Texts(HTMLParser):
    """Every run of text between two tags, unescaped."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_data(self, data: str) -> None:
        self.runs.append(data)


def _runs(body: bytes) -> list[str]:
    parser = _Texts()
    parser.feed(body.decode())
    return parser.runs


def _article_of(body: bytes, version: Version) -> list[str]:
    """Those runs of a page that are the article's, in the order of the page."""
    wanted = {*version.texts, *(notice.text for notice in version.notices)}
    return [run for run in _runs(body) if run in wanted]


@pytest.mark.parametrize("page", STORY.pages, ids=lambda page: page.name)
def test_a_page_is_never_twice_the_same_and_its_article_always(page: Page) -> None:
    for version in page.versions:
        drawn = [drawing.article(page, version, "http://127.0.0.1:1", random.Random(n)) for n in range(8)]
        article = [*version.texts, *(notice.text for notice in version.notices)]
        assert len(set(drawn)) == len(drawn)
        assert all(_article_of(body, version) == article for body in drawn)


@pytest.mark.parametrize("page", STORY.pages, ids=lambda page: page.name)
def test_a_page_describes_itself_in_linked_data(page: Page) -> None:
    version = page.versions[-1]
    body = drawing.article(page, version, "http://127.0.0.1:1", random.Random(1)).decode()
    data = json.loads(body.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert data["headline"] == version.headline
    assert data["dateModified"] == version.modified.isoformat()
    assert [author["name"] for author in data["author"]] == list(page.byline)
    assert ("correction" in data) is any(notice.kind == "correction" for notice in version.notices)
    assert body.count(f'rel="canonical" href="http://127.0.0.1:1{page.path}"') == 1


@pytest.mark.parametrize("page", STORY.pages, ids=lambda page: page.name)
def test_a_page_is_a_whole_news_page(page: Page) -> None:
    body = drawing.article(page, page.versions[0], "http://127.0.0.1:1", random.Random(1)).decode()
    for part in ("<nav", "og:title", "Most read", "cookies", "Comments", "newsletter", "site-footer"):
        assert part in body
    assert body.count("<a ") > 40


# --------------------------------------------------------------------- pacing


class Clock:
    """A clock that stands until it is put forward."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def newsroom(clock: Clock) -> Iterator[Newsroom]:
    with Newsroom(STORY, clock=clock, chance=random.Random(7)).open() as newsroom:
        yield newsroom


def ask(newsroom: Newsroom, path: str, method: str = "GET", data: bytes | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(newsroom.base + path, method=method, data=data)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def look_at_everything(newsroom: Newsroom) -> None:
    ask(newsroom, newsroom.story.feed_path)
    for page in newsroom.story.pages:
        ask(newsroom, page.path)


def test_nothing_moves_before_its_second(newsroom: Newsroom, clock: Clock) -> None:
    path = page_of("000").path
    for _ in range(5):
        ask(newsroom, path)
    clock.now += 2.9
    ask(newsroom, path)
    assert newsroom.step_of(path) == 0
    clock.now += 0.1
    ask(newsroom, path)
    assert newsroom.step_of(path) == 1


def test_no_version_is_replaced_before_it_was_served_twice(newsroom: Newsroom, clock: Clock) -> None:
    clock.now += 1000
    for _ in range(40):
        look_at_everything(newsroom)
    served = Counter((r.path, r.version) for r in newsroom.requests if r.version is not None)
    for page in STORY.pages:
        shown = [served[page.path, version.step] for version in page.versions]
        assert min(shown) >= ENOUGH
        assert shown[:-1].count(ENOUGH) == len(shown) - 1 or page.path == page_of("004").path


def test_looking_without_reading_is_not_serving(newsroom: Newsroom, clock: Clock) -> None:
    path = page_of("000").path
    clock.now += 1000
    for _ in range(5):
        assert ask(newsroom, path, "HEAD") == (200, b"")
    assert newsroom.step_of(path) == 0


def test_finished_only_when_every_last_version_was_looked_at(newsroom: Newsroom, clock: Clock) -> None:
    clock.now += 1000
    rounds = 0
    while not newsroom.finished():
        look_at_everything(newsroom)
        rounds += 1
    assert rounds == ENOUGH * max(len(page.versions) for page in STORY.pages)


def test_an_article_leaves_the_feed_and_waits_until_that_was_seen(newsroom: Newsroom, clock: Clock) -> None:
    page = page_of("004")
    assert page.path.encode() in ask(newsroom, newsroom.story.feed_path)[1]
    clock.now += 1000
    for _ in range(6):
        ask(newsroom, page.path)
    assert newsroom.step_of(page.path) == 1
    assert page.path.encode() not in ask(newsroom, newsroom.story.feed_path)[1]
    ask(newsroom, page.path)
    assert newsroom.step_of(page.path) == 2


def test_a_wall_answers_403_and_a_page_taken_down_410(newsroom: Newsroom, clock: Clock) -> None:
    clock.now += 1000
    walled = [ask(newsroom, page_of("003").path)[0] for _ in range(8)]
    assert walled == [200] * 4 + [403] * 2 + [200] * 2
    taken_down = [ask(newsroom, page_of("001").path)[0] for _ in range(4)]
    assert taken_down == [200, 200, 410, 410]


def test_many_readers_at_once_lose_nothing(newsroom: Newsroom, clock: Clock) -> None:
    clock.now += 1000

    def read() -> None:
        for _ in range(12):
            look_at_everything(newsroom)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert newsroom.finished()
    assert len(newsroom.requests) == 4 * 12 * (len(STORY.pages) + 1)


# --------------------------------------------------------------------- the rest of the house


def test_robots_feed_and_unknown_paths(newsroom: Newsroom) -> None:
    assert ask(newsroom, "/robots.txt") == (200, b"User-agent: *\nAllow: /\n")
    feed = ask(newsroom, newsroom.story.feed_path)[1].decode()
    assert feed.count("<item>") == 2
    assert ask(newsroom, "/nowhere")[0] == 404
    assert ask(newsroom, "/desk", "POST", b"not json")[0] == 400
    assert ask(newsroom, "/elsewhere", "POST", b"{}")[0] == 404


def test_the_desk_keeps_what_is_sent_to_it() -> None:
    with Newsroom(STORY).open() as newsroom:
        assert ask(newsroom, "/desk", "POST", b'{"id": "a"}')[0] == 200
        assert [alert.content for alert in newsroom.alerts] == [{"id": "a"}]
        assert newsroom.alerts[0].headers["Host"] == newsroom.address


def test_a_newsroom_closes_while_a_reader_holds_the_line() -> None:
    threads = threading.active_count()
    newsroom = Newsroom(STORY)
    newsroom.start()
    host, port = newsroom.address.split(":")
    line = http.client.HTTPConnection(host, int(port))
    line.request("GET", "/robots.txt")
    line.getresponse().read()
    newsroom.stop()
    line.close()
    assert threading.active_count() == threads


# --------------------------------------------------------------------- the judge

BASE = "http://127.0.0.1:1"


def faithful(story: Story = STORY) -> Recorded:
    """What a watcher records that finds everything and invents nothing."""
    entries: list[LogEntry] = []
    revisions: dict[tuple[int, int], Revision] = {}
    for article_id, page in enumerate(story.pages, start=1):
        first = "baseline" if page.baseline else "first"
        entries.append(_entry(page, article_id, 1, first))
        revisions[article_id, 1] = _revision(1, page.versions[0])
        for version, expected in zip(page.versions[1:], page.expected, strict=True):
            number = sum(key[0] == article_id for key in revisions) + 1
            if expected.is_revision:
                facts = tuple(_event(fact.kind, fact.old, fact.new) for fact in expected.facts)
                entries.append(_entry(page, article_id, number, "edit", facts, silent=expected.silent))
                revisions[article_id, number] = _revision(number, version)
            for state in expected.states:
                entries.append(_entry(page, article_id, None, state, (_event(state, None, None),)))
    alerts = tuple(_alert(entry) for entry in entries if entry.severity is not None)
    return Recorded(entries=tuple(entries), revisions=revisions, alerts=alerts)


def _event(kind: str, old: str | None, new: str | None) -> Event:
    return Event(kind=EventKind(kind), severity=Severity.SUBSTANTIVE, old=old, new=new)


def _entry(
    page: Page,
    article_id: int,
    number: int | None,
    reason: str,
    events: tuple[Event, ...] = (),
    *,
    silent: bool = False,
) -> LogEntry:
    return LogEntry(
        article_id=article_id,
        url=BASE + page.path,
        source=page.name,
        headline=None,
        number=number,
        reason=reason,
        seen_at=page.versions[0].published,
        not_seen_before=None,
        severity=Severity.SUBSTANTIVE if events else None,
        silent=silent,
        summary="",
        events=events,
        words=WordCount(),
        digest="",
        chain="",
        seq=0,
    )


def _revision(number: int, version: Version) -> Revision:
    extraction = Extraction(
        headline=version.headline,
        paragraphs=tuple(
            Paragraph(kind=ParagraphKind(passage.kind), text=passage.text) for passage in version.passages
        ),
        notices=tuple(Notice(kind=NoticeKind(n.kind), text=n.text) for n in version.notices),
        extractor="test/1",
    )
    return Revision(
        number=number,
        reason=Reason.EDIT,
        seen_at=version.published,
        not_seen_before=None,
        extraction=extraction,
    )


def _alert(entry: LogEntry) -> DeskAlert:
    content = {"article": entry.url, "revision": entry.number, "reason": entry.reason}
    return DeskAlert(second=0.0, headers={}, content=content)


def without(recorded: Recorded, place: int) -> Recorded:
    """The record as it would be had one entry never been made; its alert neither."""
    entries = (*recorded.entries[:place], *recorded.entries[place + 1 :])
    alerts = tuple(_alert(entry) for entry in entries if entry.severity is not None)
    return dataclasses.replace(recorded, entries=entries, alerts=alerts)


def test_the_judge_has_nothing_to_say_of_a_faithful_record() -> None:
    assert judge(STORY, BASE, faithful()) == []


@pytest.mark.parametrize("place", range(len(faithful().entries)))
def test_the_judge_names_the_one_subject_that_is_missing(place: int) -> None:
    (difference,) = judge(STORY, BASE, without(faithful(), place))
    assert difference.endswith("was not found.")


@pytest.mark.parametrize("place", range(len(faithful().entries)))
def test_the_judge_names_the_one_entry_that_is_too_many(place: int) -> None:
    recorded = faithful()
    entries = (*recorded.entries[: place + 1], *recorded.entries[place:])
    alerts = tuple(_alert(entry) for entry in entries if entry.severity is not None)
    twice = dataclasses.replace(recorded, entries=entries, alerts=alerts)
    (difference,) = judge(STORY, BASE, twice)
    assert difference.endswith("was recorded, and the newsroom did no such thing.")


def test_the_judge_names_an_article_that_nobody_published() -> None:
    recorded = faithful()
    stranger = dataclasses.replace(recorded.entries[0], url=f"{BASE}/elsewhere")
    more = dataclasses.replace(recorded, entries=(*recorded.entries, stranger))
    assert judge(STORY, BASE, more) == [
        f"{BASE}/elsewhere was recorded, and the newsroom has no such article."
    ]


def test_the_judge_reads_figures_text_silence_and_alerts() -> None:
    recorded = faithful()
    place = next(i for i, entry in enumerate(recorded.entries) if entry.silent)
    entry = recorded.entries[place]
    loud = dataclasses.replace(entry, silent=False, events=(_event("number_changed", "190", "187"),))
    assert entry.number is not None
    key = (entry.article_id, entry.number)
    revision = recorded.revisions[key]
    cut = dataclasses.replace(revision.extraction, paragraphs=revision.extraction.paragraphs[1:])
    entries = (*recorded.entries[:place], loud, *recorded.entries[place + 1 :])
    worse = dataclasses.replace(
        recorded,
        entries=entries,
        revisions={**recorded.revisions, key: dataclasses.replace(revision, extraction=cut)},
        alerts=recorded.alerts[1:],
    )
    said = "\n".join(judge(STORY, BASE, worse))
    assert "the event number_changed is missing." in said
    assert "no event number_changed goes from '190' to '186'." in said
    assert "this paragraph was served and not read: 'President Joe Biden's" in said
    assert "it is not called silent." in said
    assert "the desk was not told of revision 2 of" in said
