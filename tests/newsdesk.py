"""A page to watch, a configuration that watches it, and the command line to do it with."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from monitor.cli import main
from tests.servers import Scripted, http

ROOT = Path(__file__).resolve().parent.parent

BODY = (
    "The harbour bridge was closed on Monday after an inspection found cracks in two of its cables.",
    "Seven people were hurt when a lorry braked on the northern ramp, the fire service said.",
    "“We will not open it before every cable has been looked at,” said the engineer in charge.",
    "The city runs ferries every ten minutes until the repairs are done, and the tunnel is free of charge.",
    "The bridge was built in 1931 and carries about 42,000 vehicles a day across the harbour.",
)


def page(
    *paragraphs: str,
    headline: str = "Harbour bridge closed after cracks are found",
    modified: str = "2026-03-02T09:00:00Z",
    noise: str = "1",
) -> str:
    """An article page with some furniture around it."""
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": headline,
        "datePublished": "2026-03-02T08:00:00Z",
        "dateModified": modified,
        "author": {"@type": "Person", "name": "Ada Dorn"},
    }
    text = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs or BODY)
    return f"""<!doctype html><html lang="en"><head><title>{headline} | The Quay</title>
<script type="application/ld+json">{json.dumps(said)}</script></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>{headline}</h1><div class="byline">By Ada Dorn</div><div class="story">{text}</div></article>
<aside class="related"><h2>Most read {noise}</h2><ul><li><a href="/a{noise}">Something else</a></li></ul></aside>
<footer>The Quay, request {noise}</footer></body></html>"""


def edited(old: str, new: str, **changes: str) -> str:
    """The page with one phrase replaced."""
    assert any(old in paragraph for paragraph in BODY), old
    return page(*(paragraph.replace(old, new) for paragraph in BODY), **changes)


def configure(folder: Path, server: Scripted, sources: str, more: str = "") -> Path:
    """A configuration in ``folder`` that may reach ``server`` and needs no patience."""
    path = folder / "config.toml"
    path.write_text(
        f"""
[storage]
url = "sqlite:///store.db"
[web]
enabled = false
timezone = "UTC"
[fetch]
host_interval = "0s"
deadline = "3s"
robots = false
allow_private = ["{server.host}"]
[schedule]
min_interval = "1s"
requests_per_hour = 10000000
max_interval = "1s"
{sources}
{more}
"""
    )
    return path


def one_page(server: Scripted, *answers: str | bytes) -> str:
    """A page source on ``server`` that gives these answers, one after the other."""
    url = server.on("/story", *(http(200, a) if isinstance(a, str) else a for a in answers))
    return f'[[sources]]\nname = "story"\nkind = "page"\nurl = "{url}"\ninterval = "1s"\n'


def desk(server: Scripted) -> str:
    """A webhook channel on ``server``, and a rule that tells it of everything substantive."""
    url = server.on("/desk", http(200, b"thanks"))
    return f"""
[[channels]]
name = "desk"
url = "{url}"
secret = "quay-secret"
allow_private = ["{server.host}"]
[[alerts]]
name = "facts"
to = ["desk"]
severity = "substantive"
"""


def command(config: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "monitor", "--config", str(config), *words]


def writethru(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command of the real program, in this process, which has loaded it already."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err), _logs_as_they_were():
        try:
            code = main(["--config", str(config), *words])
        except SystemExit as end:  # what argparse does about wrong usage
            code = end.code if isinstance(end.code, int) else 1
    said = [_text(stream) for stream in (out, err)]
    return subprocess.CompletedProcess(words, code, *said)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


@contextmanager
def _logs_as_they_were() -> Iterator[None]:
    """A command sends its logs to its own stderr; afterwards they go where they went before."""
    ours = logging.getLogger("writethru")
    before = list(ours.handlers), ours.level, ours.propagate, logging.lastResort
    try:
        yield
    finally:
        ours.handlers, ours.level, ours.propagate, logging.lastResort = before


def program(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, for what a process of its own is needed for: it takes a second."""
    return subprocess.run(
        command(config, *words),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """JSON Lines from a command that ended well."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def outcomes(checks: Sequence[dict[str, Any]]) -> list[str]:
    return [str(check["outcome"]) for check in checks]
