"""config.toml: any bytes are a Config or a ConfigError, whose every problem is a sentence without a secret in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from monitor.config import Config, load_config, parse_config
from monitor.errors import ConfigError
from tests.fuzz.target import Target

SECRET = "hunter2-and-nobody-else"
ENVIRONMENT = {"TOKEN": SECRET, "KEYS": f"access:{SECRET}", "URL": f"postgresql://u:{SECRET}@h/d", "N": "1"}
_SHIPPED = Path(__file__).parents[2] / "config.toml"


@cache
def _folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="writethru-fuzz-"))
    (made / "feeds").mkdir()
    return made


def config(data: bytes) -> None:
    path = _folder() / "config.toml"
    path.write_bytes(data)
    _read(lambda: load_config(path, ENVIRONMENT))


def table(data: dict[str, Any]) -> None:
    """The same for what TOML may hold."""
    _read(lambda: parse_config(data, _folder(), ENVIRONMENT))


def _read(attempt: Callable[[], Config]) -> None:
    try:
        found = attempt()
        assert SECRET not in repr(found)
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.isprintable(), problem
            assert problem.strip(), problem
            assert SECRET not in problem, problem


FULL = b"""[storage]
url = "sqlite:///writethru.db"
[fetch]
user_agent = "x"
contact = "a@b.example"
workers = 16
host_interval = "5s"
deadline = "30s"
max_body_mb = 10
robots = true
allow_private = ["localhost:80", "10.0.0.0/8", "[::1]:8080"]
[schedule]
policy = "adaptive"
min_interval = "60s"
max_interval = "7d"
[web]
enabled = true
listen = "127.0.0.1:8420"
token = "${TOKEN}"
timezone = "Europe/London"
[log]
format = "json"
level = "info"
[witness]
wayback = true
keys = "${KEYS}"
[stamp]
url = "https://tsa.example/"
[retention]
raw_for = "30d"
[[hosts]]
host = "a.example"
interval = "3s"
[[sources]]
name = "World"
kind = "feed"
url = "https://a.example/feed"
interval = "3m"
include = ["/news/", "(?i)x+$"]
tags = ["world"]
selectors = {body = ".story > p:not(.ad)", remove = "aside", headline = "h1", byline = ".by"}
headers = {"X-Key" = "${TOKEN}"}
cookies = {a = "b"}
[[sources]]
name = "Folder"
kind = "folder"
url = "feeds"
[[channels]]
name = "desk"
url = "https://${N}.example/hook"
secret = "${TOKEN}"
[[alerts]]
name = "all"
to = ["desk"]
severity = "minor"
events = ["number_changed"]
silent = true
match = "dead|killed"
min_words = 3
"""
_WORDS = (
    b"${TOKEN}", b"${KEYS}", b"${URL}", b"${N}", b"${NONE}", b"file:", b"file:config.toml", b'"""', b"'''", b"[[",
    b"{", b"}", b" = ", b'"\\u0000"', b'"\\n"', b"1979-05-27T07:32:00Z", b"inf", b"nan", b"0x1", b"1e400", b"-0",
    b"name = ", b"url = ", b"kind = ", b'"folder"', b'"page"', b"baseline = ", b"selectors", b"headers.", b"token = ",
    b"true", b"(((", b"]]",
)  # fmt: skip

TARGETS = (
    Target(
        name="config",
        trial=config,
        seeds=lambda: [
            FULL,
            *(b"[" + part for part in FULL.split(b"\n[")),
            _SHIPPED.read_bytes(),
            b"\xff",
            b"",
        ],
        guides=("monitor", "tomllib", "soupsieve"),
        longest=4096,
        words=_WORDS,
    ),
)
