"""Shows a run as it happens: for people on a terminal, or as JSON Lines for machines."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from demo.newsroom import DeskAlert, Move
from monitor.compare import compare
from monitor.report import Head, check_json, check_line, diff_json, diff_text, log_json, log_line, table
from storage.records import Article, CheckEntry, LogEntry, Revision


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the last table."""

    article: str
    checks: int
    revisions: int
    events: int
    alerts: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    rows: Sequence[Row]
    steps: int
    differences: Sequence[str]
    seconds: float
    report: str | None


class Screen(Protocol):
    def says(self, sentence: str) -> None: ...

    def move(self, move: Move) -> None: ...

    def check(self, entry: CheckEntry) -> None: ...

    def revision(self, entry: LogEntry, article: Article, old: Revision | None, new: Revision) -> None: ...

    def state(self, entry: LogEntry) -> None: ...

    def alert(self, alert: DeskAlert) -> None: ...

    def summary(self, summary: Summary) -> None: ...


class Terminal:
    """Lines and coloured diffs on stdout; colour only on a terminal and never against NO_COLOR."""

    def __init__(self) -> None:
        self._colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._width = min(shutil.get_terminal_size().columns, 110)
        self._zone: tzinfo | None = datetime.now().astimezone().tzinfo

    def says(self, sentence: str) -> None:
        print(sentence, flush=True)

    def move(self, move: Move) -> None:
        self.says(self._dim(f"\nnewsroom, second {move.second:.0f}: {move.page.outlet}: {move.version.note}"))

    def check(self, entry: CheckEntry) -> None:
        self.says(check_line(entry, self._here, self._colour))

    def revision(self, entry: LogEntry, article: Article, old: Revision | None, new: Revision) -> None:
        self.says("\n" + log_line(entry, self._here, self._colour))
        if old is not None and new.assessment is not None:
            diff = compare(old.extraction, new.extraction)
            head = Head.of(article, old, new, self._here)
            text = diff_text(diff, new.assessment, head, colour=self._colour, width=self._width)
            self.says(text.rstrip("\n") + "\n")

    def state(self, entry: LogEntry) -> None:
        self.says("\n" + log_line(entry, self._here, self._colour) + "\n")

    def alert(self, alert: DeskAlert) -> None:
        self.says(self._bold(f"alert at the desk: {alert.content.get('subject')}"))

    def summary(self, summary: Summary) -> None:
        headers = ("article", "checks", "revisions", "events", "alerts")
        rows = [(row.article, row.checks, row.revisions, row.events, row.alerts) for row in summary.rows]
        numbers = [[row[column] for row in rows] for column in range(1, 5)]
        total = ("all", *(sum(int(n) for n in column) for column in numbers))
        self.says("\n" + table([*rows, total], headers) + "\n")
        for difference in summary.differences:
            self.says(f"  differs: {difference}")
        if summary.differences:
            self.says(f"The record differs from the newsroom's script in {len(summary.differences)} ways.")
        else:
            self.says(f"Every one of the newsroom's {summary.steps} steps was found, and nothing else.")
        if summary.report is not None:
            self.says(f"Report: {summary.report}")

    @property
    def _here(self) -> tzinfo:
        assert self._zone is not None  # astimezone() always sets one
        return self._zone

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._colour else text

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._colour else text


class Lines:
    """JSON Lines on stdout, each with its ``type``; what is meant for people goes to stderr."""

    def says(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    def move(self, move: Move) -> None:
        """The newsroom's own doings are no finding."""

    def check(self, entry: CheckEntry) -> None:
        _line("check", check_json(entry, entry.url))

    def revision(self, entry: LogEntry, article: Article, old: Revision | None, new: Revision) -> None:
        line = log_json(entry)
        if old is not None and new.assessment is not None:
            diff = compare(old.extraction, new.extraction)
            ends = ({"revision": old.number}, {"revision": new.number})
            line["diff"] = diff_json(diff, new.assessment, *ends)
        _line("revision", line)

    def state(self, entry: LogEntry) -> None:
        _line("state", log_json(entry))

    def alert(self, alert: DeskAlert) -> None:
        _line("alert", {"second": round(alert.second, 3), "content": alert.content})

    def summary(self, summary: Summary) -> None:
        rows = [asdict(row) for row in summary.rows]
        line = {"ok": not summary.differences, "rows": rows, "differences": list(summary.differences)}
        rest = {"steps": summary.steps, "seconds": round(summary.seconds, 1), "report": summary.report}
        _line("summary", line | rest)


def _line(kind: str, content: dict[str, Any]) -> None:
    print(json.dumps({"type": kind} | content, ensure_ascii=False), flush=True)
