"""Samples for the report tests: diffs made by hand from records, and the promise they keep.

The comparing is a stand-in (difflib over sentences), so that the reports are tested on
their own; ``moved`` swaps two sentences by hand.
"""

from __future__ import annotations

import difflib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.report.head import Head
from monitor.report.inline import Mark, word_diff
from storage.records import (
    Aligned,
    Article,
    ArticleState,
    Assessment,
    Check,
    CheckEntry,
    CheckResult,
    Diff,
    Disclosure,
    Event,
    EventKind,
    Extraction,
    Hunk,
    HunkOp,
    LogEntry,
    Notice,
    NoticeKind,
    Paragraph,
    ParagraphKind,
    Reason,
    Revision,
    SentenceOp,
    Severity,
    Validators,
    Verdict,
    WordCount,
)

AT = datetime(2024, 11, 17, 18, 5, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> \x1b[31mred\x1b[0m \u202eevil\u202c [x](javascript:alert(1)) & **b**"

OLD = (
    "Seven people were killed when a blast hit the northern city of Sumy, officials said.",
    "Strikes are not made with words, he said. The missiles will speak for themselves.",
    "News of the decision followed meetings over the last two days with the leaders of South Korea, "
    "Japan and China. The addition of North Korean troops was central to the talks, which took place "
    "on the sidelines of a summit in Peru. He did not mention the decision during a speech.",
    "The White House declined to comment.",
    "As many as 12,000 North Korean troops have been sent to Russia.",
)
NEW = (
    "At least eight people were killed when a blast hit the northern city of Sumy, officials said.",
    "Strikes are not made with words, he said. The missiles will speak for themselves.",
    OLD[2],
    "The Kremlin called it a major escalation.",
    "As many as 12,000 North Korean troops have been sent to Russia.",
)


def extraction(*paragraphs: str, **fields: Any) -> Extraction:
    made = tuple(Paragraph(kind=ParagraphKind.PARAGRAPH, text=text) for text in paragraphs)
    return Extraction(**{"headline": "A headline", "paragraphs": made, "extractor": "test/1"} | fields)


def compared(old: Extraction, new: Extraction) -> Diff:
    left, right = _sentences(old.text), _sentences(new.text)
    hunks: list[Hunk] = []
    aligned: list[Aligned] = []
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        one, two = "".join(left[a:b]), "".join(right[c:d])
        keep = op == "equal"
        hunks += [Hunk(op=HunkOp.KEEP, old=one, new=two)] if keep else _word_hunks(one, two)
        kind = SentenceOp.KEEP if keep else SentenceOp.EDIT
        aligned.append(Aligned(op=kind, old=tuple(range(a, b)), new=tuple(range(c, d))))
    return made(old, new, hunks, aligned)


def made(old: Extraction, new: Extraction, hunks: list[Hunk], aligned: list[Aligned]) -> Diff:
    count = {op: sum(len((h.new or h.old).split()) for h in hunks if h.op is op) for op in HunkOp}
    return Diff(
        old=old,
        new=new,
        old_sentences=_sentences("".join(h.old for h in hunks)),
        new_sentences=_sentences("".join(h.new for h in hunks)),
        sentences=tuple(aligned),
        hunks=tuple(hunks),
        words=WordCount(added=count[HunkOp.INSERT], deleted=count[HunkOp.DELETE], kept=count[HunkOp.KEEP]),
    )


def _word_hunks(old: str, new: str) -> list[Hunk]:
    sides = {
        Mark.KEEP: (HunkOp.KEEP, True, True),
        Mark.INSERT: (HunkOp.INSERT, False, True),
        Mark.DELETE: (HunkOp.DELETE, True, False),
    }
    spans = [(*sides[span.mark], span.text) for span in word_diff(old, new)]
    return [Hunk(op=op, old=text * in_old, new=text * in_new) for op, in_old, in_new, text in spans]


def _sentences(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r".+?(?:[.!?]\s+|\n+|$)", text, flags=re.DOTALL))


def edited() -> Diff:
    old = extraction(
        *OLD,
        headline="Seven dead in Sumy blast",
        notices=(Notice(kind=NoticeKind.BREAKING, text="This is a developing story."),),
    )
    return compared(old, extraction(*NEW, headline="At least eight dead in Sumy blast"))


def moved(now: str | None = None) -> Diff:
    """The first of three paragraphs goes to the end; ``now`` is what it says there."""
    first, second, third = "Alpha was the first to say so.", "Beta spoke next.", "Gamma closed."
    last = now or first
    hunks = [
        Hunk(op=HunkOp.MOVE, old=f"{first}\n\n", new="", move=1),
        Hunk(op=HunkOp.KEEP, old=f"{second}\n\n{third}", new=f"{second}\n\n{third}"),
        Hunk(op=HunkOp.INSERT, old="", new="\n\n"),
        Hunk(op=HunkOp.MOVE, old="", new=last, move=1),
    ]
    aligned = [
        Aligned(op=SentenceOp.KEEP, old=(1,), new=(0,)),
        Aligned(op=SentenceOp.KEEP, old=(2,), new=(1,)),
        Aligned(op=SentenceOp.MOVE, old=(0,), new=(2,)),
    ]
    return made(extraction(first, second, third), extraction(second, third, last), hunks, aligned)


def assessment(**fields: Any) -> Assessment:
    events = (
        Event(
            kind=EventKind.NUMBER_CHANGED,
            severity=Severity.CRITICAL,
            old="seven",
            new="eight",
            where="paragraph 1",
        ),
        Event(
            kind=EventKind.PARAGRAPH_REMOVED,
            severity=Severity.SUBSTANTIVE,
            old="The White House declined to comment.",
            where="paragraph 4",
        ),
        Event(
            kind=EventKind.HEADLINE_CHANGED,
            severity=Severity.SUBSTANTIVE,
            old="Seven dead in Sumy blast",
            new="At least eight dead in Sumy blast",
            where="headline",
        ),
        Event(
            kind=EventKind.NOTICE_DROPPED,
            severity=Severity.MINOR,
            old="This is a developing story.",
            where="notice",
        ),
    )
    facts: dict[str, Any] = {
        "events": events,
        "severity": Severity.CRITICAL,
        "disclosure": Disclosure(notice_changed=False, modified_moved=None, silent=True),
        "summary": "Headline changed. Death toll raised from seven to eight.",
    }
    return Assessment(**facts | fields)


def head(**fields: Any) -> Head:
    facts: dict[str, Any] = {
        "headline": "At least eight dead in Sumy blast",
        "url": "https://news.example/sumy",
        "source": "Example News",
        "seen_at": AT,
        "not_seen_before": AT - timedelta(minutes=6),
        "reason": "edit",
        "article_id": 12,
        "old_number": 1,
        "new_number": 2,
        "revisions": 3,
    }
    return Head(**facts | fields)


def article(**fields: Any) -> Article:
    facts: dict[str, Any] = {
        "id": 12,
        "url": "https://news.example/sumy",
        "source": "Example News",
        "host": "news.example",
        "state": ArticleState.WATCHED,
        "paused": False,
        "found_at": AT - timedelta(hours=2),
        "next_check_at": AT,
        "validators": Validators(),
        "last_check_at": AT + timedelta(hours=1),
        "last_seen_at": AT + timedelta(hours=1),
        "last_change_at": AT,
        "headline": "At least eight dead in Sumy blast",
        "revisions": 3,
        "checks": 1204,
    }
    return Article(**facts | fields)


def entry(number: int | None, **fields: Any) -> LogEntry:
    facts: dict[str, Any] = {
        "article_id": 12,
        "url": "https://news.example/sumy",
        "source": "Example News",
        "headline": "At least eight dead in Sumy blast",
        "number": number,
        "reason": "first" if number == 1 else "edit",
        "seen_at": AT + timedelta(minutes=10 * (number or 9)),
        "not_seen_before": None if number == 1 else AT,
        "severity": None if number == 1 else Severity.CRITICAL,
        "silent": number == 2,
        "summary": "" if number == 1 else "Death toll raised from seven to eight.",
        "events": () if number == 1 else assessment().events,
        "words": WordCount() if number == 1 else WordCount(added=12, deleted=7, kept=300),
        "digest": "d" * 64,
        "chain": "c" * 64,
        "seq": number or 9,
    }
    return LogEntry(**facts | fields)


def removed_entry() -> LogEntry:
    gone = Event(kind=EventKind.REMOVED, severity=Severity.CRITICAL)
    return entry(None, reason="state", events=(gone,), summary="The page is gone.", words=WordCount())


def check_entry(**fields: Any) -> CheckEntry:
    facts: dict[str, Any] = {
        "id": "check-1",
        "at": AT,
        "result": CheckResult.CHANGED,
        "verdict": Verdict.ARTICLE,
        "status": 200,
        "ms": 123.4,
    }
    check = Check(**facts | fields)
    changed = check.result is CheckResult.CHANGED
    return CheckEntry(
        seq=5, article_id=12, url="https://news.example/sumy", check=check, revision=2 if changed else None
    )


def revisions() -> tuple[Revision, ...]:
    texts = (edited().old, edited().new, extraction(*NEW[1:], headline="Eight dead"))
    return tuple(
        Revision(
            number=number,
            reason=Reason.FIRST if number == 1 else Reason.EDIT,
            seen_at=AT + timedelta(minutes=10 * number),
            not_seen_before=None if number == 1 else AT,
            extraction=text,
            assessment=None if number == 1 else assessment(),
        )
        for number, text in enumerate(texts, 1)
    )


def test_the_samples_rebuild_both_texts() -> None:
    for diff in (edited(), moved(), moved("Alpha was the second to say so.")):
        assert "".join(h.old for h in diff.hunks) == diff.old.text
        assert "".join(h.new for h in diff.hunks) == diff.new.text
        assert "".join(diff.old_sentences) == diff.old.text
        assert "".join(diff.new_sentences) == diff.new.text
