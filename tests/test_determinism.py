"""The same bytes give the same extraction: in any process, in any order, on any day."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from monitor.reader import read
from storage.forms import reading_form
from storage.records import canonical_json, sha256
from tests.test_hostile_pages import UMLAUTS, UNITS, filled_with, page, response

ROOT = Path(__file__).parent.parent
PAGES = (
    page(UMLAUTS),
    page(
        head='<meta name="author" content="Ann Reed and Bo Sund"><meta property="og:title" content="Bridge">'
    ),
    page("<time class=date>12 March 2071</time><p class=byline>By Ann Reed, Bo Sund and Cy Tell</p>"),
    page(
        "<h2>Bridge to open</h2><h1>Another heading</h1><article><p>More text, and more of it.</p></article>"
    ),
    page("<div>" * 3000),
    *(filled_with(unit * 100) for unit in UNITS[:12]),
)
_IMPURE = frozenset(
    "now today utcnow time time_ns monotonic random randint choice shuffle urandom uuid4 id hash".split()
)
_CODE = sorted(chain(*((ROOT / "monitor" / part).glob("*.py") for part in ("extract", "verdict"))))


def digests(*, backwards: bool = False) -> list[str]:
    """Of all that is read and judged, in the order of the pages, whichever is read first."""
    order = range(len(PAGES))[::-1] if backwards else range(len(PAGES))
    found = {}
    for place in order:
        capture = read(response(PAGES[place]))
        assert capture.extraction is not None
        origins = canonical_json(
            [capture.verdict, capture.reasons, capture.locator, *capture.extraction.origins.items()]
        )
        found[place] = sha256(
            canonical_json([reading_form(capture.extraction), capture.extraction.text]) + origins
        )
    return [found[place] for place in sorted(found)]


def digests_of_another(seed: str, zone: str, *, backwards: bool) -> list[str]:
    code = f"from tests.test_determinism import digests; print(*digests(backwards={backwards}))"
    environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_any_process_reads_the_same_in_any_order() -> None:
    ours = digests()
    assert digests(backwards=True) == ours
    assert digests_of_another("1", "Pacific/Auckland", backwards=True) == ours
    assert digests_of_another("77", "America/Lima", backwards=False) == ours


@pytest.mark.parametrize("path", _CODE, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_is_asked_but_the_page(path: Path) -> None:
    """Neither the clock nor chance, nor where an object happens to lie."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert name not in _IMPURE, f"line {node.lineno} calls {name}()"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            assert not names & {"time", "random", "secrets", "uuid", "os", "locale"}
