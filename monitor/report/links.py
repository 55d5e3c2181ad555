"""Where the pages of a report lie, so that one set of templates serves a folder and a server.

A method answers None where there is no such page; the template then shows plain text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

_PAGE_PATH = re.compile(r"index(-\d+)?\.html|charts\.html|articles/\d+/(index|\d+|diff/\d+\.\.\d+)\.html")

_NO_ADDRESS = re.compile(r'[ \\<>"`]')


class Links(Protocol):
    """The address of each kind of page, as seen from the page that is being made. ``choices``
    are the versions to compare one with."""

    def index(self, page: int = 1) -> str | None: ...
    def charts(self) -> str | None: ...
    def article(self, article_id: int) -> str | None: ...
    def version(self, article_id: int, number: int) -> str | None: ...
    def diff(self, article_id: int, old: int, new: int) -> str | None: ...
    def choices(self, article_id: int, number: int) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class SiteLinks:
    """Relative links within the static site, from the page at ``here``. Only to ``pages``,
    the paths that the site has; pairs are linked where they are shown, so it needs no choices."""

    here: str
    pages: Container[str]

    def index(self, page: int = 1) -> str | None:
        return self._to(index_path(page))

    def charts(self) -> str | None:
        return self._to(charts_path())

    def article(self, article_id: int) -> str | None:
        return self._to(article_path(article_id))

    def version(self, article_id: int, number: int) -> str | None:
        return self._to(version_path(article_id, number))

    def diff(self, article_id: int, old: int, new: int) -> str | None:
        return self._to(diff_path(article_id, old, new))

    def choices(self, article_id: int, number: int) -> str | None:
        return None

    def _to(self, path: str) -> str | None:
        if path not in self.pages:
            return None
        return posixpath.relpath(path, posixpath.dirname(self.here) or ".")


@dataclass(frozen=True, kw_only=True)
class ServerLinks:
    """Links on the web server, which has every page; ``root`` is where it is mounted."""

    root: str = ""

    def index(self, page: int = 1) -> str | None:
        return f"{self.root}/" if page == 1 else f"{self.root}/?page={page}"

    def charts(self) -> str | None:
        return f"{self.root}/charts"

    def article(self, article_id: int) -> str | None:
        return f"{self.root}/articles/{article_id}"

    def version(self, article_id: int, number: int) -> str | None:
        return f"{self.root}/articles/{article_id}/{number}"

    def diff(self, article_id: int, old: int, new: int) -> str | None:
        return f"{self.root}/articles/{article_id}/diff/{old}..{new}"

    def choices(self, article_id: int, number: int) -> str | None:
        return f"{self.root}/articles/{article_id}/{number}/compare"


@dataclass(frozen=True, kw_only=True)
class NoLinks:
    """For a page that stands alone: two files compared without a database."""

    def index(self, page: int = 1) -> str | None:
        return None

    def charts(self) -> str | None:
        return None

    def article(self, article_id: int) -> str | None:
        return None

    def version(self, article_id: int, number: int) -> str | None:
        return None

    def diff(self, article_id: int, old: int, new: int) -> str | None:
        return None

    def choices(self, article_id: int, number: int) -> str | None:
        return None


def index_path(page: int = 1) -> str:
    return "index.html" if page == 1 else f"index-{page}.html"


def charts_path() -> str:
    return "charts.html"


def article_path(article_id: int) -> str:
    return f"articles/{article_id}/index.html"


def version_path(article_id: int, number: int) -> str:
    return f"articles/{article_id}/{number}.html"


def diff_path(article_id: int, old: int, new: int) -> str:
    return f"articles/{article_id}/diff/{old}..{new}.html"


def is_page_path(path: str) -> bool:
    """Whether a page of the site may lie at ``path``."""
    return _PAGE_PATH.fullmatch(path) is not None


def web_url(url: str | None) -> str | None:
    """The URL where it may become a link: http or https, with a host, nothing hidden in it, and nothing that no
    address holds and that a careless reader of ours could take for markup."""
    if not url or not url.isprintable() or _NO_ADDRESS.search(url):
        return None
    try:
        split = urlsplit(url)
    except ValueError:
        return None
    return url if split.scheme.lower() in ("http", "https") and split.hostname else None
