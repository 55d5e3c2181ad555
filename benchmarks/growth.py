"""What a large archive costs where nobody should notice its size: to start on it, to find the next host, to show
an article.

The real daemon is started on it, with nothing due, so that no request leaves the machine.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.made import DUE, FILE
from benchmarks.tables import Cell
from storage.store import Store

_TIMES = 50
_PAGES = 30
_WORKER = "benchmark:1"
_LEASE = timedelta(minutes=2)
_STARTED = "started with"


def grown(where: Path) -> dict[str, Cell]:
    """What is asked of the archive in that folder and what it took, in milliseconds where nothing else is said."""
    with Store.open(f"sqlite:///{FILE}", where) as store:
        (newest,) = store.newest_articles(0, 1)
        figures = _turns(store)
        names = [(source.name, source.url) for source in store.watchlist.sources()]
    port = free_port()
    (where / "config.toml").write_text(_config(names, port), encoding="utf-8")
    started = time.perf_counter()
    with _daemon(where) as process:
        figures["start, seconds"] = time.perf_counter() - started
        figures |= _shown(port, newest.id)
        figures["memory of the daemon at most, MB"] = _memory(process.pid)
    figures["database, MB"] = round((where / FILE).stat().st_size / 1e6)
    return figures


def _turns(store: Store) -> dict[str, Cell]:
    """To find, look into and give back hosts whose turn it is. They are given back as they were; the first has
    a hundredth of all articles."""
    watchlist, now = store.watchlist, DUE + timedelta(days=365)
    claims, finds, releases = [], [], []
    hosts = []
    for _ in range(_TIMES):
        claims.append(
            _timed(lambda: hosts.append(watchlist.claim_host(now, _WORKER, _LEASE, troubled=False)))
        )
    for host in filter(None, hosts):
        finds.append(_timed(partial(watchlist.next_due, host, now)))
        releases.append(_timed(partial(watchlist.release_host, host, _WORKER, host.free_at)))
    return {
        "claim of the next due host, median": _share(claims, 0.5),
        "claim, nine of ten": _share(claims, 0.9),
        "its next due article, median": _share(finds, 0.5),
        "giving it back, median": _share(releases, 0.5),
        "giving back the largest host": releases[0],
    }


def _shown(port: int, newest: int) -> dict[str, Cell]:
    """Pages of the running daemon. The first of all is asked for before anything else, and pays for the making of
    the templates."""
    random = Random(5)
    some = [f"/articles/{random.randint(1, newest)}" for _ in range(_PAGES)]
    _get(port, some[0])
    pages = [_timed(partial(_get, port, path)) for path in some[1:]]
    return {
        "article page, median": _share(pages, 0.5),
        "article page, slowest of 29": max(pages),
        "readiness": _timed(partial(_get, port, "/health/ready")),
        "a page of the list, the last one": _timed(partial(_get, port, f"/?page={-(-newest // 200)}")),
        "first page with its charts, the first time": _timed(partial(_get, port, "/")),
        "first page, again": _timed(partial(_get, port, "/")),
    }


def _share(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - started)


# ---------------------------------------------------------------------- the real daemon


def _config(sources: Sequence[tuple[str, str]], port: int) -> str:
    listed = "".join(f'[[sources]]\nname = "{name}"\nkind = "feed"\nurl = "{url}"\n' for name, url in sources)
    return f'[storage]\nurl = "sqlite:///{FILE}"\n[web]\nlisten = "127.0.0.1:{port}"\n{listed}'


@contextmanager
def _daemon(where: Path) -> Iterator[subprocess.Popen[str]]:
    """The daemon at work in that folder, once it says that it is."""
    command = [sys.executable, "-m", "monitor", "run"]
    process = subprocess.Popen(
        command,
        env=os.environ | {"WRITETHRU_CONFIG": str(where / "config.toml")},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said = next((line for line in process.stderr if _STARTED in line), None)
        assert said is not None, "the daemon did not start"
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def _get(port: int, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)


def _memory(pid: int) -> Cell:
    """The most that a process has held so far, in MB; None where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return round(int(found[1]) / 1000) if found else None


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])
