"""Where the pages of a report lie, so that one set of templates serves a folder and a server.

A method answers None where there is no such page; the template then shows plain text.
"""

from __future__ import annotations

import posixpath
from collections.abc import Container
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class Links(Protocol):
    """The address of each kind of page, as seen from the page that is being made."""

    def index(self) -> str | None: ...
    def article(self, article_id: int) -> str | None: ...
    def version(self, article_id: int, number: int) -> str | None: ...
    def diff(self, article_id: int, old: int, new: int) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class SiteLinks:
    """Relative links within the static site, from the page at ``here``. Only to ``pages``,
    the paths that the site has."""

    here: str
    pages: Container[str]

    def index(self) -> str | None:
        return self._to(index_path())

    def article(self, article_id: int) -> str | None:
        return self._to(article_path(article_id))

    def version(self, article_id: int, number: int) -> str | None:
        return self._to(version_path(article_id, number))

    def diff(self, article_id: int, old: int, new: int) -> str | None:
        return self._to(diff_path(article_id, old, new))

    def _to(self, path: str) -> str | None:
        if path not in self.pages:
            return None
        return posixpath.relpath(path, posixpath.dirname(self.here) or ".")


@dataclass(frozen=True, kw_only=True)
class ServerLinks:
    """Links on the web server, which has every page; ``root`` is where it is mounted."""

    root: str = ""

    def index(self) -> str | None:
        return f"{self.root}/"

    def article(self, article_id: int) -> str | None:
        return f"{self.root}/articles/{article_id}"

    def version(self, article_id: int, number: int) -> str | None:
        return f"{self.root}/articles/{article_id}/{number}"

    def diff(self, article_id: int, old: int, new: int) -> str | None:
        return f"{self.root}/articles/{article_id}/diff/{old}..{new}"


@dataclass(frozen=True, kw_only=True)
class NoLinks:
    """For a page that stands alone: two files compared without a database."""

    def index(self) -> str | None:
        return None

    def article(self, article_id: int) -> str | None:
        return None

    def version(self, article_id: int, number: int) -> str | None:
        return None

    def diff(self, article_id: int, old: int, new: int) -> str | None:
        return None


def index_path() -> str:
    return "index.html"


def article_path(article_id: int) -> str:
    return f"articles/{article_id}/index.html"


def version_path(article_id: int, number: int) -> str:
    return f"articles/{article_id}/{number}.html"


def diff_path(article_id: int, old: int, new: int) -> str:
    return f"articles/{article_id}/diff/{old}..{new}.html"


def web_url(url: str | None) -> str | None:
    """The URL where it may become a link: http or https, with a host, nothing hidden in it."""
    if not url or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        split = urlsplit(url)
    except ValueError:
        return None
    return url if split.scheme.lower() in ("http", "https") and split.hostname else None
