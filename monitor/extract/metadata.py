"""What a page says of itself: schema.org JSON-LD, OpenGraph and plain meta elements.

Knows the vocabularies and their common misuses; refuses to judge which source of truth wins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml.etree import _Element

from storage.records import fold_spaces

_ARTICLE_TYPES = re.compile(r"Article$|^BlogPosting$|^LiveBlogPosting$|^Report$|^WebPage$|^CreativeWork$")
_BEST_TYPES = re.compile(r"(NewsArticle|Article|BlogPosting|LiveBlogPosting|Report)$")


@dataclass(frozen=True, kw_only=True)
class Said:
    """One article's own metadata; None or empty where the page is silent."""

    headline: str | None = None
    description: str | None = None
    byline: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    section: str | None = None
    language: str | None = None
    corrections: tuple[str, ...] = ()
    live: bool = False


def read_json_ld(root: _Element) -> Said:
    """The most article-like node of the page's JSON-LD."""
    nodes = [node for script in _scripts(root) for node in _nodes(script)]
    fitting = [node for node in nodes if _typed(node, _BEST_TYPES)] or [
        node for node in nodes if _typed(node, _ARTICLE_TYPES) and "headline" in node
    ]
    if not fitting:
        return Said()
    node = fitting[0]
    return Said(
        headline=_text(node.get("headline")),
        description=_text(node.get("description")),
        byline=_people(node.get("author")),
        published_at=parse_date(node.get("datePublished")),
        modified_at=parse_date(node.get("dateModified")),
        section=_text(_first(node.get("articleSection"))),
        language=_text(_first(node.get("inLanguage"))),
        corrections=tuple(_corrections(node.get("correction"))),
        live=_typed(node, re.compile("^LiveBlogPosting$")),
    )


def read_meta(root: _Element) -> Said:
    """OpenGraph and its kin."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = fold_spaces(element.get("content") or "")
        if content:
            found.setdefault(name.lower(), content)
    return Said(
        headline=found.get("og:title") or found.get("twitter:title"),
        description=found.get("og:description") or found.get("description"),
        byline=clean_names(found.get("author") or found.get("article:author") or ""),
        published_at=parse_date(found.get("article:published_time") or found.get("datepublished")),
        modified_at=parse_date(found.get("article:modified_time") or found.get("datemodified")),
        section=found.get("article:section"),
        language=found.get("og:locale"),
    )


def clean_names(text: str) -> tuple[str, ...]:
    """The names in a byline: without "By", addresses, dates and duplicates."""
    if "://" in text or "@" in text.partition(" ")[0]:
        return ()
    text = re.sub(r"^\W*(by|von|par|por|di)\s+", "", fold_spaces(text), flags=re.IGNORECASE)
    parts = re.split(r"\s*(?:,|;|\||·|\band\b|\bund\b|\bet\b|\by\b|&)\s*", text)
    names: list[str] = []
    for part in parts:
        name = part.strip(" .-–—•")
        if 2 < len(name) <= 60 and not re.search(r"\d{2}", name) and name not in names:
            names.append(name)
    return tuple(names)


def parse_date(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC, where one is given; one without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", value.strip())
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _scripts(root: _Element) -> Iterator[Any]:
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            try:
                yield json.loads((script.text or "").strip().removesuffix(";"), strict=False)
            except (ValueError, RecursionError):
                continue


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(value.get(key), depth + 1)


def _typed(node: dict[str, Any], wanted: re.Pattern[str]) -> bool:
    kinds = node.get("@type")
    return any(isinstance(kind, str) and wanted.search(kind) for kind in _list(kinds))


def _people(value: Any) -> tuple[str, ...]:
    names: list[str] = []
    for person in _list(value):
        said = person.get("name") if isinstance(person, dict) else person
        for name in _list(said):
            if isinstance(name, str):
                names += [found for found in clean_names(name) if found not in names]
    return tuple(names)


def _corrections(value: Any) -> Iterator[str]:
    for item in _list(value):
        said = item.get("text") if isinstance(item, dict) else item
        text = _text(said)
        if text and "://" not in text.partition(" ")[0]:
            yield text


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _first(value: Any) -> Any:
    return next(iter(_list(value)), None)


def _text(value: Any) -> str | None:
    folded = fold_spaces(value) if isinstance(value, str) else ""
    return folded or None
