"""A diff as a mail: a subject, HTML for mail programs, and the same as plain text."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.report.brief import brief, subject
from monitor.report.head import Head
from monitor.report.headline import headline_of
from monitor.report.terminal import diff_lines
from monitor.report.visible import clean, shorten
from storage.records import Assessment, Diff

LONGEST_SUBJECT = 120
LONGEST_HTML = 60_000
_LONGEST_TEXT = 60_000
_LONGEST_URL = 2_000
_COLUMNS = 76


@dataclass(frozen=True, kw_only=True)
class Mail:
    """``subject`` is one line of at most 120 printing characters; ``html`` and ``text`` are at most
    60 KB each."""

    subject: str
    html: str
    text: str


def diff_mail(diff: Diff, assessment: Assessment, head: Head, *, report: str | None = None) -> Mail:
    """:param report: the address of the full report, where the reader can reach one."""
    line = subject(assessment, head, headline_of(diff, head).now, LONGEST_SUBJECT)
    html = brief(
        diff,
        assessment,
        head,
        template="mail.html.jinja",
        report=report,
        longest=LONGEST_HTML,
        title=line,
    )
    return Mail(subject=line, html=html, text=_text(diff, assessment, head, report))


def _text(diff: Diff, assessment: Assessment, head: Head, report: str | None) -> str:
    kept, size, cut = [], 0, ""
    for line in diff_lines(diff, assessment, head, colour=False, width=_COLUMNS):
        size += len(line.encode("utf-8", "replace"))
        if size > _LONGEST_TEXT:
            cut = "\nThe rest of this report is left out, for its length.\n"
            break
        kept.append(line)
    link = f"Full report: {shorten(clean(report), _LONGEST_URL)}\n" if report else ""
    return "".join(kept) + cut + link
