"""One run from start to end: newsroom, daemon, following what it records, judging, report."""

from __future__ import annotations

import subprocess
import time
from collections import Counter

from demo.daemon import DaemonError, daemon, is_alive, last_words, stop, write_report
from demo.judge import Recorded, judge
from demo.newsroom import Newsroom
from demo.nouns import Story
from demo.record import Record
from demo.screen import Row, Screen, Summary
from demo.setting import DATABASE, WEB, Setting, prepare
from storage.records import LogEntry
from storage.store import Store

LOOK_EVERY = 0.2  # seconds between two looks at what was recorded; cut short if the daemon ends
STARTS_WITHIN = 20.0
LATE = 90.0  # seconds after its last scheduled step in which a story has to end on a slow machine
PATIENCE = 10.0  # seconds that the last finding and alert may take after the newsroom has finished


def play(story: Story, screen: Screen, *, keep: bool) -> int:
    """Run the demo. Returns the exit code: 0 where all was found and nothing invented, else 1."""
    newsroom = Newsroom(story)
    with newsroom.open():
        setting = prepare(newsroom, web=keep)
        try:
            return _run(newsroom, setting, screen, keep)
        except DaemonError as error:
            screen.says(f"The demo cannot go on: {error}.")
            screen.says(f"The end of {setting.daemon_log}: {last_words(setting)}")
            return 1


def _run(newsroom: Newsroom, setting: Setting, screen: Screen, keep: bool) -> int:
    began = time.monotonic()
    screen.says(f"A newsroom with {len(newsroom.story.pages)} articles is open at {newsroom.base}.")
    with daemon(setting) as process:
        _wait_for_first_request(process, newsroom)
        with Store.open(DATABASE, setting.folder) as store:
            record = Record(store)
            _Follower(newsroom, record, screen).follow(process)
            if not keep:
                stop(process)
            differences = judge(newsroom.story, newsroom.base, record.recorded(newsroom.alerts))
            rows = _rows(newsroom, record)
        write_report(setting)
        summary = Summary(
            rows=rows,
            steps=len(newsroom.moves),
            differences=differences,
            seconds=time.monotonic() - began,
            report=str(setting.report / "index.html"),
        )
        screen.summary(summary)
        if keep:
            _stay(process, newsroom, screen)
    return 1 if differences else 0


def _wait_for_first_request(process: subprocess.Popen[bytes], newsroom: Newsroom) -> None:
    """The daemon has made its database before it asks for anything."""
    deadline = time.monotonic() + STARTS_WITHIN
    while not newsroom.requests:
        if not is_alive(process, LOOK_EVERY):
            raise DaemonError(f"the daemon ended with exit code {process.returncode} while starting")
        if time.monotonic() > deadline:
            raise DaemonError(f"the daemon asked for nothing within {STARTS_WITHIN:.0f} seconds")


class _Follower:
    """Shows what is new at every look, until story and record are both complete."""

    def __init__(self, newsroom: Newsroom, record: Record, screen: Screen) -> None:
        self._newsroom, self._record, self._screen = newsroom, record, screen
        self._moves = self._alerts = 0

    def follow(self, process: subprocess.Popen[bytes]) -> None:
        """Until everything is out and found, or the time for it has passed."""
        deadline = self._newsroom.story.seconds + LATE
        finished_at: float | None = None
        while self._newsroom.second < deadline:
            if not is_alive(process, LOOK_EVERY):
                raise DaemonError(f"the daemon ended by itself with exit code {process.returncode}")
            self._show()
            if finished_at is None and self._newsroom.finished():
                finished_at = self._newsroom.second
            if finished_at is not None and self._is_over(finished_at):
                return
        self._screen.says("The newsroom could not finish: not every version of its pages was looked at.")

    def _is_over(self, finished_at: float) -> bool:
        return self._newsroom.second > finished_at + PATIENCE or not judge(
            self._newsroom.story, self._newsroom.base, self._recorded()
        )

    def _recorded(self) -> Recorded:
        return self._record.recorded(self._newsroom.alerts)

    def _show(self) -> None:
        for move in self._newsroom.moves[self._moves :]:
            self._screen.move(move)
            self._moves += 1
        news = self._record.news()
        for check in news.checks:
            self._screen.check(check)
        for entry in news.entries:
            self._show_entry(entry)
        for alert in self._newsroom.alerts[self._alerts :]:
            self._screen.alert(alert)
            self._alerts += 1

    def _show_entry(self, entry: LogEntry) -> None:
        if entry.number is None:
            self._screen.state(entry)
            return
        new = self._record.revision(entry.article_id, entry.number)
        old = self._record.revision(entry.article_id, entry.number - 1) if entry.number > 1 else None
        self._screen.revision(entry, self._record.article(entry.article_id), old, new)


def _rows(newsroom: Newsroom, record: Record) -> list[Row]:
    checks = Counter(check.url for check in record.checks)
    alerts = Counter(str(alert.content.get("article")) for alert in newsroom.alerts)
    rows = []
    for page in newsroom.story.pages:
        url = newsroom.base + page.path
        entries = [entry for entry in record.entries if entry.url == url]
        rows.append(
            Row(
                article=page.name,
                checks=checks[url],
                revisions=sum(entry.number is not None for entry in entries),
                events=sum(len(entry.events) for entry in entries),
                alerts=alerts[url],
            )
        )
    return rows


def _stay(process: subprocess.Popen[bytes], newsroom: Newsroom, screen: Screen) -> None:
    """Until Ctrl-C."""
    screen.says(f"Web pages: {WEB}\nNewsroom: {newsroom.base}{newsroom.story.pages[0].path}")
    screen.says("Both stay up until Ctrl-C.")
    process.wait()
    raise DaemonError(f"the daemon ended by itself with exit code {process.returncode}")
