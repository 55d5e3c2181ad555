"""Users' patterns: they mean what they mean to Python, and none can hold anything up."""

from __future__ import annotations

import ast
import logging
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TypeGuard

import pytest

from monitor.config import AlertRule, parse_config
from monitor.decide import objection
from monitor.errors import ConfigError
from monitor.patterns import BadPattern, TooSlow, check, finder
from storage.records import Event, EventKind, Severity, StateEvent
from tests.test_decide import NOW

ROOT = Path(__file__).parent.parent
ORDINARY = (
    "/world/", r"/\d{9}$", r"^https://[^/]+/(news|world)/.*-\d+$", r"/20\d\d/\d{2}/\d{2}/", r"(?i)\bkilled\b",
    r"\b(dead|injured|missing)\b", r"[^a-z]", r"^$", "", ".", r"\.html?(\?|$)", r"(?<!sports)/live", r"(?=.*a)(?=.*b)",
    r"(\w)\1", r"\s+", r"^\S+$", r"(?P<year>\d{4})-(?P=year)", r"a*?b", r"[\w.-]+@[\w-]+", r"é|ü", r"(?i)STRASSE",
    r"\Astart", r"end\Z", r"(?s)a.b", r"(?m)^b$", r"(?x) a  b # note", r"x{,3}y", r"[]-]", r"\x41|\u00e9", r"(?a:\w+)é",
    r"(?:a|b)?c", r"\d+(?:,\d{3})*", r"(?>a+)b", r"a++b", r"\(", r"[{}]", r"\{x\}",
)  # fmt: skip
TEXTS = (
    "", "a", "ab", "aab", "abc", "a\nb", "b\nb", "start end", "Straße straße STRASSE", "https://n.example/news/x-12",
    "https://n.example/2026/03/01/a.html", "https://n.example/world/123456789", "12 killed, 3,000 injured", "KILLED",
    "anna@gazette.example", "2026-2026", "sports/live", "news/live", "xxxxy", "]", "-", "éa", "Aé", "{x}", "( {", " \t",
    "9,999 dead", "\u2028", "end\n",
)  # fmt: skip


@pytest.mark.parametrize("pattern", ORDINARY)
def test_an_ordinary_pattern_finds_what_python_finds(pattern: str) -> None:
    check(pattern)
    found = finder(10)
    for text in TEXTS:
        assert found(pattern, text) is (re.search(pattern, text) is not None), text


HOPELESS = ("(a|a)*$", "(a|aa)+$", "(a{1000}){1000}", "((a{1000}){1000}){1000}")
NONE = ("(", "[", "a{2,1}", "*", "(?P<a>", "[[:alpha:]]", "(?:foo){e<=3}", "a" * 501, "(?<=a+)b")


@pytest.mark.parametrize("pattern", [*HOPELESS, *NONE])
def test_what_is_no_pattern_or_would_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern) as caught:
        check(pattern)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "([a-z]+)*[0-9]$", "(.*a){25}b"])
def test_no_search_outlasts_its_deadline(pattern: str) -> None:
    began, found = time.process_time(), finder(0.2)
    with suppress(TooSlow):
        for text in ("a" * 40 + "!", "a" * 20_000 + "!"):
            assert not found(pattern, text)
    assert time.process_time() - began < 5


def test_many_searches_share_one_deadline() -> None:
    found = finder(0.05)
    with pytest.raises(TooSlow, match=r"the pattern '.a.a..b' takes longer than 0.05 s to search for"):
        all(not found("(a|a)*b", "a" * 12) for _ in range(10_000_000))


def test_the_configuration_names_where_a_bad_pattern_stands() -> None:
    source = {"name": "desk", "kind": "feed", "url": "https://n.example/feed", "include": ["/ok/", "(a|a)*$"]}
    rule = {"name": "r", "to": [], "match": "a" * 501}
    with pytest.raises(ConfigError) as caught:
        parse_config({"sources": [source], "alerts": [rule]}, ROOT, {})
    first, second = caught.value.problems
    assert first.startswith("sources[0].include (desk)")
    assert "can take very long on some texts" in first
    assert second.startswith("alerts[0].match (r)")
    assert "must not be longer than 500 letters, and this one has 501" in second


@pytest.mark.parametrize("selector", ["p" * 501, ":is(" * 200, "p[", "p:has(" + "a," * 100, "["])
def test_a_selector_that_cannot_be_used_is_refused(selector: str) -> None:
    source = {"name": "desk", "kind": "page", "url": "https://n.example/", "selectors": {"body": selector}}
    with pytest.raises(ConfigError, match=r"sources\[0\]\.selectors\.body"):
        parse_config({"sources": [source]}, ROOT, {})


def test_an_alert_whose_pattern_takes_for_ever_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    said = Event(kind=EventKind.BLOCKED, severity=Severity.CRITICAL, new="a" * 60 + "!", where="article")
    subject = StateEvent(event=said, at=NOW, not_seen_before=None)
    with caplog.at_level(logging.WARNING):
        assert objection(AlertRule(name="r", to=("desk",), match="(a|a)*$"), subject) is None
    assert "An alert rule counts as matched, for the pattern '(a|a)*$' takes longer than 1 s" in caplog.text
    assert objection(AlertRule(name="r", to=("desk",), match="bridge"), subject) is not None


# ---------------------------------------------------------------------- nobody else runs a pattern of a user's

_FROM_PHRASES = {  # put together from lists of their own
    "monitor/verdict/signs.py",
    "monitor/extract/notices.py",
    "monitor/events/spelling.py",
    "monitor/events/places.py",
    "monitor/compare/words.py",
    "storage/postgres.py",
    "storage/records.py",
}
_RUNS = {"compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}


def test_re_is_only_ever_given_patterns_that_stand_in_the_code() -> None:
    """Outside of ``patterns``, what ``re`` is called with is a literal, or put together from names of the module."""
    strange = []
    for path in [*(ROOT / "monitor").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        ours = {target.id for node in tree.body for target in _targets(node)}
        for call in ast.walk(tree):
            if _is_re(call) and not _stands_in_code(call.args[0], ours):
                strange.append(f"{path.relative_to(ROOT)}: {ast.unparse(call.args[0])[:60]}")
    assert {place.partition(":")[0] for place in strange} <= _FROM_PHRASES | {"monitor/patterns.py"}


def _targets(node: ast.stmt) -> list[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def _is_re(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in _RUNS
    )


def _stands_in_code(pattern: ast.expr, ours: set[str]) -> bool:
    names = {node.id for node in ast.walk(pattern) if isinstance(node, ast.Name)}
    return names <= ours
