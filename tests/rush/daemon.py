"""`python -m tests.rush.daemon CONFIG`: the real daemon by a clock that runs faster, until SIGTERM.

It is put together as `writethru run` does it, but for the clock and for the ticks, which come closer together.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from monitor import logs, schedule
from monitor.allocator import give_back_at_once
from monitor.check import Tools
from monitor.cli.common import zone_of
from monitor.config import load_config
from monitor.fetch import Fetcher
from monitor.guard import Guard
from monitor.reader import Reader
from storage.store import Store
from tests.rush.motion import VARIABLE, Motion

_TICK = 0.05
_WATCH = 0.2


def main(path: Path, motion: Motion) -> int:
    give_back_at_once()
    for name, seconds in schedule.TICK_SECONDS.items():
        schedule.TICK_SECONDS[name] = max(_TICK, seconds / motion.speed)
    config = load_config(path)
    logs.set_up(config.log.format, config.log.level, zone_of(config))
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    fetcher = Fetcher(Guard(config.fetch.allow_private), user_agent=config.fetch.user_agent, clock=motion.now)
    with Store.open(config.storage_url, config.folder) as store, store.alone(), Reader() as reader:
        tools = Tools(
            store=store,
            fetcher=fetcher,
            reader=reader,
            config=config,
            clock=motion.now,
            worker=f"daemon:{os.getpid()}",
            stopping=lambda: daemon.stopping(),
            outlives_disk=True,
        )
        daemon = schedule.Daemon(lambda: tools, lambda _: fetcher, lambda _: fetcher, motion.elapsed)
        store.watchlist.sync_sources(config.sources, motion.now())
        daemon.start()
        while not ending.wait(_WATCH):
            daemon.watch_over_ticks()
        return 0 if daemon.stop() else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Motion.from_text(os.environ[VARIABLE])))
