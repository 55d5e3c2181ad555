"""What other programs read: the shapes and the times."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.report import check_json, diff_json, extraction_json, log_json, rfc3339
from storage.records import Capture, CheckResult, Diff, Verdict
from tests.test_report_samples import (
    HOSTILE,
    assessment,
    check_entry,
    edited,
    entry,
    extraction,
    moved,
    removed_entry,
)


def test_an_extraction_has_every_field_of_the_contract() -> None:
    read = extraction("One.", "Two.", byline=("A", "B"), language="en")
    found = extraction_json(Capture(verdict=Verdict.ARTICLE, extraction=read))
    assert list(found) == [
        "verdict", "reasons", "headline", "standfirst", "byline", "published_at", "modified_at",
        "language", "canonical_url", "section", "image", "image_caption", "live", "notices",
        "paragraphs", "text", "links", "posts", "left_out", "from", "extractor",
    ]  # fmt: skip
    assert found["text"] == "One.\n\nTwo."
    assert found["paragraphs"][1] == {"kind": "paragraph", "text": "Two."}


def test_a_capture_without_an_extraction_has_the_same_fields() -> None:
    nothing = extraction_json(Capture(verdict=Verdict.BLOCKED, reasons=("a challenge page",)))
    full = extraction_json(Capture(verdict=Verdict.ARTICLE, extraction=extraction("One.")))
    assert list(nothing) == list(full)
    assert (nothing["verdict"], nothing["reasons"]) == ("blocked", ["a challenge page"])
    assert (nothing["headline"], nothing["text"], nothing["extractor"]) == (None, "", None)


@pytest.mark.parametrize("diff", [edited(), moved(), moved("Alpha was second.")])
def test_the_hunks_rebuild_the_texts_they_stand_beside(diff: Diff) -> None:
    found = json.loads(json.dumps(diff_json(diff, assessment(), {"file": "a"}, {"file": "b"})))
    for side in ("old", "new"):
        assert "".join(hunk[side] for hunk in found["hunks"]) == found[side]["text"]
        assert "".join(found[f"{side}_sentences"]) == found[side]["text"]
        assert found[side]["headline"] == getattr(diff, side).headline
    assert (found["old"]["file"], found["new"]["file"]) == ("a", "b")


def test_a_moved_passage_is_two_hunks_with_one_id() -> None:
    hunks = diff_json(moved(), assessment(), {}, {})["hunks"]
    first, last = (hunk for hunk in hunks if hunk["op"] == "move")
    assert first["move"] == last["move"] == 1
    assert first["new"] == last["old"] == ""
    assert all("move" not in hunk for hunk in hunks if hunk["op"] != "move")


def test_a_diff_says_severity_and_disclosure_in_words() -> None:
    found = diff_json(edited(), assessment(), {}, {})
    assert found["severity"] == "critical"
    assert found["disclosure"] == {"notice_changed": False, "modified_moved": None, "silent": True}
    assert found["events"][0] == {
        "kind": "number_changed",
        "severity": "critical",
        "old": "seven",
        "new": "eight",
        "where": "paragraph 1",
    }


def test_a_state_event_has_no_revision_number() -> None:
    assert log_json(removed_entry())["revision"] is None
    line = log_json(entry(2))
    assert (line["article"], line["revision"], line["severity"]) == (entry(2).url, 2, "critical")
    assert log_json(entry(1))["severity"] is None


def test_a_check_names_what_was_asked_for_and_the_article() -> None:
    found = check_json(check_entry(), "https://news.example/sumy?utm_source=x")
    assert found == {
        "url": "https://news.example/sumy?utm_source=x",
        "article": "https://news.example/sumy",
        "outcome": "changed",
        "verdict": "article",
        "status": 200,
        "revision": 2,
        "error": None,
        "ms": 123.4,
    }
    failed = check_entry(result=CheckResult.FAILED, verdict=None, status=None, error="dns")
    assert check_json(failed, "x")["error"] == "dns"
    assert check_json(failed, "x")["verdict"] is None


def test_times_are_utc_and_whole_where_they_are_whole() -> None:
    there = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2024, 11, 17, 20, 5, tzinfo=there)) == "2024-11-17T18:05:00Z"
    assert rfc3339(datetime(2024, 11, 17, 18, 5, 0, 250, tzinfo=UTC)) == "2024-11-17T18:05:00.000250Z"
    assert rfc3339(None) is None


def test_json_hands_the_text_over_as_it_was_read() -> None:
    found = extraction_json(Capture(verdict=Verdict.ARTICLE, extraction=extraction(HOSTILE)))
    assert json.loads(json.dumps(found))["text"] == HOSTILE
