"""Diffs, log lines and checks for a terminal.

With colour, insertions are green and underlined, deletions red and struck; without it they
stand in ``{+plus+}`` and ``[-minus-]``. Nothing from a page reaches the terminal uncleaned.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import tzinfo

from monitor.report import phrases
from monitor.report.ansi import Flow, Piece, Style, lines, paint
from monitor.report.fields import changed_fields
from monitor.report.head import Head
from monitor.report.inline import Mark, Span, abuts, trimmed
from monitor.report.passages import Passage, Run, passages
from monitor.report.phrases import (
    counted,
    disclosure_sentence,
    entry_label,
    event_line,
    folded,
    reason_label,
    sentence_case,
)
from monitor.report.sides import is_invisible
from monitor.report.times import local, short
from monitor.report.visible import clean, shorten, width
from storage.records import (
    Assessment,
    CheckEntry,
    CheckResult,
    Diff,
    LogEntry,
    Severity,
)

_BRACKETS = {Mark.INSERT: ("{+", "+}"), Mark.DELETE: ("[-", "-]"), Mark.KEEP: ("", "")}
_STYLES = {Mark.INSERT: Style.INSERTED, Mark.DELETE: Style.DELETED, Mark.KEEP: Style.PLAIN}
_SEVERITIES = {
    Severity.COSMETIC: Style.DIM,
    Severity.MINOR: Style.PLAIN,
    Severity.SUBSTANTIVE: Style.WARNING,
    Severity.CRITICAL: Style.ALARM,
}
_RESULTS = {
    CheckResult.CHANGED: Style.BOLD,
    CheckResult.FIRST: Style.BOLD,
    CheckResult.WITHHELD: Style.WARNING,
    CheckResult.FAILED: Style.ALARM,
}
_KEEP_WHOLE = 60
_KEEP_EDGE = 15
_LONGEST_CELL = 60
_LONGEST_VALUE = 160
_EVENT_INDENT = 13


def diff_text(diff: Diff, assessment: Assessment, head: Head, *, colour: bool, width: int = 100) -> str:
    """The whole report, ending in a newline; no line is wider than ``width``."""
    return "".join(diff_lines(diff, assessment, head, colour=colour, width=width))


def diff_lines(
    diff: Diff, assessment: Assessment, head: Head, *, colour: bool, width: int = 100
) -> Iterator[str]:
    """The same line by line, made as far as they are taken."""
    parts = (_head(diff, assessment, head), _events(assessment), _fields(diff, colour), _text(diff, colour))
    for flow in itertools.chain.from_iterable(parts):
        yield from (f"{line}\n" for line in lines(flow, width, colour))


# ------------------------------------------------------------------ the head


def _head(diff: Diff, assessment: Assessment, head: Head) -> Iterator[Flow]:
    yield _line(clean(head.headline or diff.new.headline or "Untitled"), Style.BOLD)
    if head.url:
        yield _line(clean(head.url), Style.DIM)
    versions = f"{clean(head.old_name)} → {clean(head.new_name)}"
    yield _line(f"{versions}, {reason_label(head.reason)}" if head.reason else versions)
    yield from _times(head)
    severity = assessment.severity
    chip = Piece(text=sentence_case(severity.word), style=_SEVERITIES[severity])
    yield Flow(pieces=[chip, Piece(text=f". {disclosure_sentence(assessment.disclosure)}")])
    yield _line(f"{counted(diff.words.added, 'word')} added, {diff.words.deleted:,} deleted.")
    yield Flow()
    if assessment.summary:
        yield from (_line(clean(assessment.summary)), Flow())
    if is_invisible(diff):
        yield from (_line(phrases.INVISIBLE), Flow())


def _line(text: str, style: Style = Style.PLAIN) -> Flow:
    return Flow(pieces=[Piece(text=text, style=style)])


def _times(head: Head) -> Iterator[Flow]:
    if head.seen_at:
        yield _line(f"Seen {local(head.seen_at, head.zone)}")
    if head.not_seen_before:
        yield _line(f"Not seen before {local(head.not_seen_before, head.zone)}")
    if head.chain:
        yield _line(f"Log entry {head.entry}, chain {head.chain}", Style.DIM)
    for sentence in head.gaps:
        yield _line(clean(sentence), Style.WARNING)


def _events(assessment: Assessment) -> Iterator[Flow]:
    for event in sorted(assessment.events, key=lambda e: -e.severity):
        word = event.severity.word
        label = Piece(text=word, style=_SEVERITIES[event.severity])
        told = " " * (_EVENT_INDENT - len(word)) + clean(event_line(event, _LONGEST_VALUE))
        yield Flow(pieces=[label, Piece(text=told)], hang=_EVENT_INDENT)
    if assessment.events:
        yield Flow()


# ------------------------------------------------------------------ the text


def _fields(diff: Diff, colour: bool) -> Iterator[Flow]:
    for field in changed_fields(diff):
        label = Piece(text=f"{sentence_case(field.name)}: ", style=Style.DIM)
        yield Flow(pieces=[label, *_spans(field.spans, Style.PLAIN, not colour)])
        yield Flow()


def _text(diff: Diff, colour: bool) -> Iterator[Flow]:
    for passage in passages(diff):
        if passage.folded:
            yield from (Flow(pieces=[_ellipsis(passage.words)]), Flow())
        else:
            yield from _passage(passage, colour)


def _passage(passage: Passage, colour: bool) -> Iterator[Flow]:
    for block in passage.blocks:
        yield Flow(pieces=[piece for run in block.runs for piece in _run(run, colour)])
        yield Flow()


def _ellipsis(words: int) -> Piece:
    return Piece(text=f"… {folded(words)} …", style=Style.DIM)


def _run(run: Run, colour: bool) -> Iterator[Piece]:
    if run.move is None:
        yield from _spans(run.spans, Style.PLAIN, not colour)
        return
    kept = Style.MOVED if run.move.here else Style.DIM
    yield Piece(text=f"[{run.move.label}: ", style=Style.MOVED)
    yield from _spans(run.spans, kept, not colour)
    yield Piece(text="] ", style=Style.MOVED)


def _spans(spans: Sequence[Span], kept: Style, brackets: bool) -> Iterator[Piece]:
    before: Span | None = None
    for span in spans:
        if before and abuts(before, span):
            yield Piece(text=" ")
        if span.mark is Mark.KEEP:
            yield from _kept(clean(span.text), kept)
        else:
            yield from _marked(span, brackets)
        before = span


def _kept(text: str, style: Style) -> Iterator[Piece]:
    """Unchanged words; a long stretch between two changes keeps only its edges."""
    words = text.split()
    if len(words) <= _KEEP_WHOLE:
        yield Piece(text=text, style=style)
        return
    lead, tail = " " * text[0].isspace(), " " * text[-1].isspace()
    yield Piece(text=lead + " ".join(words[:_KEEP_EDGE]) + " ", style=style)
    yield _ellipsis(len(words) - 2 * _KEEP_EDGE)
    yield Piece(text=" " + " ".join(words[-_KEEP_EDGE:]) + tail, style=style)


def _marked(span: Span, brackets: bool) -> Iterator[Piece]:
    cut = trimmed(span.text)
    left, right = _BRACKETS[span.mark] if brackets else ("", "")
    text = f"{left}{clean(cut.text, spaces=True)}{right}"
    yield Piece(text=cut.before)
    yield Piece(text=text, style=_STYLES[span.mark])
    yield Piece(text=cut.after)


# ------------------------------------------------------------------ lines and tables


def log_line(entry: LogEntry, zone: tzinfo, colour: bool) -> str:
    """Time, severity, silent or not, what it is, headline, summary, and where else it is kept, on one
    line."""
    severity = entry.severity
    word = f"{severity.word if severity else '':<11}"
    line = [
        paint(short(entry.seen_at, zone), Style.DIM, colour),
        paint(word, _SEVERITIES[severity] if severity else Style.PLAIN, colour),
        paint("silent" if entry.silent else "      ", Style.WARNING, colour),
        paint(clean(entry_label(entry)), Style.BOLD, colour),
        clean(entry.headline or entry.url),
    ]
    told = [f"— {clean(entry.summary)}"] if entry.summary else []
    kept = [paint(f"also kept: {clean(entry.witness)}", Style.DIM, colour)] if entry.witness else []
    return "  ".join([*line, *told, *kept])


def check_line(entry: CheckEntry, zone: tzinfo, colour: bool) -> str:
    """Time, outcome, what came back, how long it took, and the URL, on one line."""
    check = entry.check
    span = phrases.span(entry, zone)
    line = [
        paint(short(check.at, zone), Style.DIM, colour),
        paint(f"{check.result.value:<12}", _RESULTS.get(check.result, Style.PLAIN), colour),
        f"{_answer(entry):<18}",
        f"{check.ms:>6.0f} ms",
        clean(entry.url),
        *([span] if span else []),
    ]
    return "  ".join(line)


def _answer(entry: CheckEntry) -> str:
    """``200 article r2``: what came back, and the revision that the check made."""
    made = entry.check.result in (CheckResult.FIRST, CheckResult.CHANGED) and entry.revision
    return clean(phrases.answer(entry.check)) + (f" r{entry.revision}" if made else "")


def table(rows: Sequence[Sequence[object]], headers: Sequence[str]) -> str:
    """Columns aligned under their headers, numbers to the right; long cells are cut with ``…``."""
    cells = [[shorten(clean(_cell(value)), _LONGEST_CELL) for value in row] for row in rows]
    sizes = [max(map(width, column)) for column in zip(headers, *cells, strict=True)]
    right = [
        bool(rows) and all(isinstance(row[i], int | float) or row[i] is None for row in rows)
        for i in range(len(headers))
    ]
    rule = ["─" * size for size in sizes]
    return "\n".join(_row(line, sizes, right) for line in [list(headers), rule, *cells])


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _row(cells: Sequence[str], sizes: Sequence[int], right: Sequence[bool]) -> str:
    columns = []
    for cell, size, to_right in zip(cells, sizes, right, strict=True):
        gap = " " * (size - width(cell))
        columns.append(gap + cell if to_right else cell + gap)
    return "  ".join(columns).rstrip()
