"""What ``status`` says of the hosts: when each is asked next, what that waits for, how its looks went."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.hosts import SHOWN, lag_said, troubled_first
from storage.records import Host
from tests.newsdesk import configure, page, writethru
from tests.servers import Scripted, http


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        yield running


def sources(*urls: str) -> str:
    return "".join(
        f'[[sources]]\nname = "s{n}"\nkind = "page"\nurl = "{url}"\ninterval = "1h"\n'
        for n, url in enumerate(urls)
    )


def told(config: Path) -> tuple[dict[str, Any], str]:
    return json.loads(writethru(config, "status", "--json").stdout), writethru(config, "status").stdout


def test_status_says_for_each_host_its_next_turn_and_how_it_went(tmp_path: Path, server: Scripted) -> None:
    urls = [server.on("/a", http(200, page())), server.on("/b", http(403, "no")), server.on("/c", http(500))]
    config = configure(tmp_path, server, sources(*urls, server.on("/d", http(200, page()))))
    began = datetime.now(UTC)
    assert writethru(config, "check", "--all").returncode == 1
    found, shown = told(config)
    (host,) = found["hosts"]
    assert (host["host"], host["looks"], host["block_rate"], host["error_rate"]) == (
        server.host,
        4,
        0.25,
        0.25,
    )
    assert (found["looks"], found["block_rate"], found["error_rate"]) == (4, 0.25, 0.25)
    assert (host["waiting_for"], host["why"], host["requests"]) == ("nothing_due", "nothing is due", 4)
    assert datetime.fromisoformat(host["next_turn"]) > began + timedelta(minutes=59)
    assert 0 <= host["lag_p50_s"] <= host["lag_p99_s"] < 60
    assert "4: 25.0% blocked, 25.0% failed" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith(server.host))
    assert "nothing is due" in line
    assert line.count("25%") == 2


def test_status_says_until_when_a_host_asked_us_to_stay_away(tmp_path: Path, server: Scripted) -> None:
    url = server.on("/a", http(503, "", {"Retry-After": "7200"}))
    config = configure(tmp_path, server, sources(url))
    writethru(config, "check", "--all")
    found, shown = told(config)
    (host,) = found["hosts"]
    until = datetime.fromisoformat(host["not_before"])
    assert timedelta(minutes=119) < until - datetime.now(UTC) <= timedelta(minutes=120)
    assert host["waiting_for"] == "retry_after"
    assert "it asked us to stay away until " in shown
    again = writethru(config, "check", "--all")
    assert "skipped" in again.stdout
    assert server.asked == ["/a"]


def test_of_many_hosts_a_few_are_shown_and_all_are_told(tmp_path: Path, server: Scripted) -> None:
    config = configure(tmp_path, server, "")
    writethru(config, "add", *(f"http://h{number}.example/" for number in range(SHOWN + 3)))
    found, shown = told(config)
    assert len(found["hosts"]) == SHOWN + 3
    assert shown.count(".example") == SHOWN
    assert "... and 3 more; --json tells all" in shown


def test_trouble_comes_first_and_then_whose_turn_is_next() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    names = {"later": 9, "soon": 1, "never": None, "failing": 20}
    hosts = [
        Host(
            id=n,
            name=name,
            free_at=at,
            next_visit_at=None if due is None else at + timedelta(hours=due),
            recent="f0" if name == "failing" else "",
        )
        for n, (name, due) in enumerate(names.items())
    ]
    assert [host.name for host in troubled_first(hosts)] == ["failing", "soon", "later", "never"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0.4 s"), (42, "42 s"), (150, "2 min"), (7300, "2 h"), (259_200, "3 d")],
)
def test_a_lag_is_told_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert lag_said(timedelta(seconds=seconds)) == said
