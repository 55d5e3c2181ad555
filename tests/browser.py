"""A real Chromium to look at our pages in: the system's, or the one that Playwright downloads by hand.

A page is opened from a file, as a reader would open it. Whatever it asks for beside that, and whatever
the browser complains of, is kept for the test to see.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # it reaches nothing but files and this machine
]
_MISSING = "There is no Chromium here: install Debian's chromium, or run `playwright install chromium`."


@dataclass(kw_only=True)
class Looked:
    """An open page; ``asked`` are the addresses that it wanted beside itself, ``complaints`` what the
    browser said of it (scripts, policies)."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; the test is skipped where there is none."""
    with sync_playwright() as playwright:
        path = _path(playwright)
        if path is None:
            pytest.skip(_MISSING)
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        with playwright.chromium.launch(executable_path=path, args=[*_QUIET, *as_root]) as browser:
            yield browser


def _path(playwright: Playwright) -> str | None:
    system = next(filter(None, map(shutil.which, _NAMES)), None)
    downloaded = playwright.chromium.executable_path
    return system or (downloaded if Path(downloaded).exists() else None)


@contextmanager
def opened(
    browser: Browser, folder: Path, html: str, *, width: int = 1280, dark: bool = False
) -> Iterator[Looked]:
    """The page in a window of that width, 900 pixels high."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    scheme: Any = "dark" if dark else "light"
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        looked = Looked(page=context.new_page())
        looked.page.on("request", lambda request: looked.asked.append(request.url))
        looked.page.on("console", lambda message: looked.complaints.append(message.text))
        looked.page.on("pageerror", lambda error: looked.complaints.append(str(error)))
        looked.page.goto(file.as_uri())
        looked.asked.remove(file.as_uri())
        yield looked


def unfit(page: Page) -> list[str]:
    """What axe finds that keeps some people from using the page, in lines to read."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found
    ]
