"""Reads flavours.toml: how each outlet marks up the parts of its article pages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Flavour:
    """One template string for each part of a page."""

    title: str
    top: str
    head: str
    label: str
    standfirst: str
    body_open: str
    paragraph: str
    caption: str
    advert: str
    related: str
    correction: str
    body_close: str
    bottom: str


def _read(path: Path) -> dict[str, Flavour]:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Flavour(**table) for name, table in tables.items()}


FLAVOURS = _read(Path(__file__).with_name("flavours.toml"))
