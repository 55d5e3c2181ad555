"""A diff as Markdown (CommonMark with GitHub's strikethrough).

Insertions are bold, deletions struck. Whatever the page says stays text: every character
that could open a link, an image, HTML, a heading or a list is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from monitor.report.fields import changed_fields
from monitor.report.head import Head
from monitor.report.inline import Mark, Span, abuts, trimmed
from monitor.report.links import web_url
from monitor.report.passages import Block, Passage, Run, passages
from monitor.report.phrases import (
    INVISIBLE,
    counted,
    disclosure_sentence,
    event_line,
    folded,
    reason_label,
    sentence_case,
)
from monitor.report.sides import is_invisible
from monitor.report.times import local
from monitor.report.visible import clean
from storage.records import Assessment, Diff

_SIGNS = {Mark.INSERT: "**", Mark.DELETE: "~~"}
_SPECIALS = re.compile(r"[\\`*_\[\]|~@$]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_AUTOLINK = re.compile(r"(?i)(://|\bwww\.|\bmailto:|\bxmpp:)")
_LINE_START = re.compile(r"^(\d{1,9})([.)])|^([#+=-])")
_LONGEST_VALUE = 160
_HAIR_SPACE = "\u200a"


def diff_markdown(diff: Diff, assessment: Assessment, head: Head) -> str:
    """The whole report, ending in a newline."""
    sections = [*_head(diff, assessment, head), *_events(assessment), *_fields(diff), *_text(diff)]
    return "\n\n".join(section for section in sections if section) + "\n"


def escaped(text: str) -> str:
    """The text so that Markdown shows it letter by letter; on one line."""
    inert = _SPECIALS.sub(r"\\\g<0>", clean(text).translate(_ENTITIES))
    return _AUTOLINK.sub(_unlinked, inert)


def _unlinked(match: re.Match[str]) -> str:
    return match[0].replace(":", "\\:").replace(".", "\\.")


def _block_start(line: str) -> str:
    """What would make the line a list, a heading or a rule, made text."""
    return _LINE_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", line.strip())


# ------------------------------------------------------------------ the head


def _head(diff: Diff, assessment: Assessment, head: Head) -> Iterator[str]:
    yield f"# {_block_start(escaped(head.headline or diff.new.headline or 'Untitled'))}"
    yield _address(head.url)
    severity = sentence_case(assessment.severity.word)
    yield f"**{severity}.** {disclosure_sentence(assessment.disclosure)}"
    yield _block_start(escaped(assessment.summary))
    yield INVISIBLE if is_invisible(diff) else ""
    yield "\n".join(f"- {fact}" for fact in _facts(diff, head))


def _address(url: str | None) -> str:
    """An autolink where the URL may be one, text where not."""
    if web_url(url) and not re.search(r"[<>\s]", url or ""):
        return f"<{url}>"
    return escaped(url or "")


def _facts(diff: Diff, head: Head) -> Iterator[str]:
    reason = f", {reason_label(head.reason)}" if head.reason else ""
    yield f"Versions: {escaped(head.old_name)} → {escaped(head.new_name)}{reason}"
    if head.seen_at:
        yield f"Seen: {escaped(local(head.seen_at, head.zone))}"
    if head.not_seen_before:
        yield f"Not seen before: {escaped(local(head.not_seen_before, head.zone))}"
    yield from (escaped(sentence) for sentence in head.gaps)
    yield f"Words: {counted(diff.words.added, 'word')} added, {diff.words.deleted:,} deleted"


def _events(assessment: Assessment) -> Iterator[str]:
    events = sorted(assessment.events, key=lambda event: -event.severity)
    lines = (
        f"- **{sentence_case(e.severity.word)}** {escaped(event_line(e, _LONGEST_VALUE))}" for e in events
    )
    if assessment.events:
        yield "## What changed"
        yield "\n".join(lines)


# ------------------------------------------------------------------ the text


def _fields(diff: Diff) -> Iterator[str]:
    for field in changed_fields(diff):
        yield f"{sentence_case(field.name)}: {_spans(field.spans)}"


def _text(diff: Diff) -> Iterator[str]:
    yield "## The text"
    for passage in passages(diff):
        yield from _passage(passage)


def _passage(passage: Passage) -> Iterator[str]:
    if passage.folded:
        yield f"*… {folded(passage.words)} …*"
    else:
        yield from (_block(block) for block in passage.blocks)


def _block(block: Block) -> str:
    return _block_start("".join(_run(run) for run in block.runs))


def _run(run: Run) -> str:
    return _spans(run.spans) if run.move is None else f"(*{run.move.label}*: {_spans(run.spans)}) "


def _spans(spans: Sequence[Span]) -> str:
    line, before = "", None
    for span in spans:
        gap = " " if before and abuts(before, span) else ""
        line += _apart(line, gap + _span(span))
        before = span
    return line


def _span(span: Span) -> str:
    if span.mark is Mark.KEEP:
        return escaped(span.text)
    cut = trimmed(span.text)
    sign = _SIGNS[span.mark]
    text = escaped(clean(cut.text, spaces=True))
    return f"{cut.before}{sign}{text}{sign}{cut.after}"


def _apart(left: str, right: str) -> str:
    """``right``, a hair space before it where a sign would stand between a letter and what it
    marks would begin or end in punctuation: there it is no sign (CommonMark 0.31, 6.2)."""
    signs = tuple(_SIGNS.values())
    if not left or not right:
        return right
    inner, outer = "", ""
    if left.endswith(signs):
        inner, outer = left[-3], right[0]
    elif right.startswith(signs):
        inner, outer = right[2], left[-1]
    return _HAIR_SPACE + right if outer.isalnum() and not inner.isalnum() else right
