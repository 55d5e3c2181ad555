"""The run folder: an ordinary configuration of the product, pointed at the newsroom."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demo.newsroom import Newsroom
from demo.nouns import Page
from demo.story import baseline_text

PROJECT = Path(__file__).resolve().parent.parent
WEB = "http://127.0.0.1:8420"  # the default of [web] listen
DATABASE = "sqlite:///writethru.db"
SECRET = "demo-only"  # noqa: S105 - it signs what one process on loopback tells another


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where this run keeps its files."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def daemon_log(self) -> Path:
        return self.folder / "daemon.log"

    @property
    def report(self) -> Path:
        return self.folder / "report"


def prepare(newsroom: Newsroom, *, web: bool, folder: Path = PROJECT / "demo-run") -> Setting:
    """Empty the run folder and write configuration and baseline into it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    setting = Setting(folder=folder)
    for page in newsroom.story.pages:
        if page.baseline:
            (folder / "baseline.txt").write_text(baseline_text(page), encoding="utf-8")
    setting.config.write_text(config_text(newsroom, web=web), encoding="utf-8")
    return setting


def config_text(newsroom: Newsroom, *, web: bool) -> str:
    """A config.toml that watches every page of the newsroom once a second and tells its desk."""
    blocks = [*_general(newsroom, web), *_sources(newsroom), *_alerts(newsroom)]
    return "# Written anew by every run of the demo.\n\n" + "\n".join(blocks)


def _general(newsroom: Newsroom, web: bool) -> Iterator[str]:
    yield _table("[storage]", url=DATABASE)
    yield _table(
        "[fetch]",
        contact="demo@newsroom.invalid",
        host_interval="0s",
        robots=True,
        allow_private=[newsroom.address],
    )
    # Real outlets answer 404 by mistake for hours; this one means it, and has half a minute.
    yield _table("[schedule]", min_interval="1s", max_interval="1s", gone_checks=2, gone_after="0s")
    yield _table("[web]", enabled=web)


def _sources(newsroom: Newsroom) -> Iterator[str]:
    for page in newsroom.story.pages:
        if not page.in_feed:
            yield _page_source(page, newsroom.base)
    yield _table("[[sources]]", name="world-feed", kind="feed", url=newsroom.feed, interval="1s")


def _page_source(page: Page, base: str) -> str:
    baseline = {"baseline": "baseline.txt"} if page.baseline else {}
    url = base + page.path
    return _table("[[sources]]", name=page.name, kind="page", url=url, interval="1s", **baseline)


def _alerts(newsroom: Newsroom) -> Iterator[str]:
    yield _table(
        "[[channels]]",
        name="desk",
        url=newsroom.desk,
        secret=SECRET,
        allow_private=[newsroom.address],
    )
    yield _table("[[alerts]]", name="desk", to=["desk"], severity="substantive")


def _table(title: str, **values: object) -> str:
    """JSON's strings, booleans and lists of strings are TOML's too."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([title, *lines, ""])
