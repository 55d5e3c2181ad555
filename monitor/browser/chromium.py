"""The Chromium on this machine: where it is, why it may not be used, how it is started and ended.

It runs in its own sandbox, with nothing of ours in its environment, and can reach nothing but the proxy that
it is given. Knows nothing of pages.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
LAUNCH_SECONDS = 30.0
_END_SECONDS = 5.0
_PASSED_ON = frozenset("PATH HOME LANG LANGUAGE TMPDIR USER LOGNAME FONTCONFIG_FILE FONTCONFIG_PATH".split())
_CLOSED = [
    "--disable-quic",
    # A name is for the proxy to look up, which judges what it leads to.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-plugins",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-gpu",
    "--disable-notifications",
    "--no-pings",
    "--no-first-run",
]


def installed(chosen: str | None) -> str | None:
    """The browser's program: the one that was chosen, else one that is installed; None: there is none."""
    if chosen is not None:
        return chosen if os.access(chosen, os.X_OK) else None
    on_path = next(filter(None, map(shutil.which, _NAMES)), None)
    return on_path or next((path for path in _MAC if Path(path).exists()), None)


def why_not(chosen: str | None) -> str | None:
    """Why no page can be fetched with a browser here, in words that say what to do; None: it can be.

    :param chosen: as configured.
    """
    if find_spec("playwright") is None:
        return "Playwright is not installed: pip install 'writethru[browser]'"
    if installed(chosen) is None:
        where = f"there is no program {chosen}" if chosen else "there is no Chromium on this machine"
        return f"{where}: install one (on Debian the package chromium), or name it in [fetch] browser"
    if runs_as_root():
        return (
            "no page is opened in a browser as root, which Chromium's sandbox does not bind: "
            "run Writethru as a user of its own"
        )
    return None


def runs_as_root() -> bool:
    return os.geteuid() == 0


@dataclass(kw_only=True)
class Chromium:
    """A running browser. ``pages`` counts what was opened in it, ``born`` is when it started."""

    playwright: Playwright
    browser: Browser
    process: int
    born: float = field(default_factory=time.monotonic)
    pages: int = 0

    @classmethod
    async def start(cls, program: str, proxy: str, user_agent: str) -> Chromium:
        """
        :param proxy: where all that it asks for goes.
        :raises playwright.async_api.Error: it cannot be started.
        """
        from playwright.async_api import async_playwright

        playwright = await asyncio.wait_for(async_playwright().start(), LAUNCH_SECONDS)
        try:
            browser = await playwright.chromium.launch(
                executable_path=program,
                headless=True,
                chromium_sandbox=True,
                args=[*_CLOSED, f"--user-agent={user_agent}"],
                env=_environment(os.environ),
                proxy={"server": proxy},
                timeout=LAUNCH_SECONDS * 1000,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            process = await _process_of(browser)
        except BaseException:
            await _bounded_stop(playwright)
            raise
        return cls(playwright=playwright, browser=browser, process=process)

    @property
    def name(self) -> str:
        return f"Chromium/{self.browser.version}"

    @property
    def memory(self) -> int:
        """Bytes that it and its children have resident, as far as Linux tells; 0 elsewhere."""
        return sum(map(_resident, _group(self.process))) if sys.platform == "linux" else 0

    def kill(self) -> None:
        """It goes at once, with all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process, signal.SIGKILL)

    async def end(self) -> None:
        """It is asked to go, and made to; what drives it goes with it."""
        with suppress(Exception):
            await asyncio.wait_for(self.browser.close(), _END_SECONDS)
        self.kill()
        await _bounded_stop(self.playwright)


def _environment(ours: Mapping[str, str]) -> dict[str, str | float | bool]:
    """What it needs of our environment, in which there may be secrets and proxies."""
    return {name: value for name, value in ours.items() if name in _PASSED_ON or name.startswith("LC_")}


async def _process_of(browser: Browser) -> int:
    """The number of the browser's own process, which leads the group of all of them."""
    session = await browser.new_browser_cdp_session()
    found = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    return next(int(each["id"]) for each in found["processInfo"] if each["type"] == "browser")


async def _bounded_stop(playwright: Playwright) -> None:
    with suppress(Exception):
        await asyncio.wait_for(playwright.stop(), _END_SECONDS)


def _group(leader: int) -> list[int]:
    """The processes that belong to that process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError):
                state = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(state[2]) == leader:
                    found.append(int(entry.name))
    return found


def _resident(process: int) -> int:
    """Its own memory: what it shares with the others is left out."""
    try:
        _size, resident, shared = Path(f"/proc/{process}/statm").read_text().split()[:3]
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
