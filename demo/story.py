"""Reads seeds/story.toml and the seeds into the versions each page goes through.

It knows the script's file format and checks the script against the texts; it refuses to know
how a page looks or who reads it.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.edits import StoryError, edited
from demo.nouns import Expected, Fact, Notice, Page, Passage, Seed, Story, Version

SEEDS = Path(__file__).resolve().parent.parent / "seeds"

Table = Mapping[str, Any]


def load_story(folder: Path = SEEDS) -> Story:
    """The whole story. Raises StoryError where the script does not fit its seeds."""
    script = tomllib.loads((folder / "story.toml").read_text(encoding="utf-8"))
    seeds = {str(entry["seed"])[:3]: read_seed(folder, entry) for entry in script["articles"]}
    pages = tuple(_page(entry, seeds) for entry in script["articles"])
    return Story(pages=pages, feed_path=script["feed"]["path"], feed_title=script["feed"]["title"])


def read_seed(folder: Path, entry: Table) -> Seed:
    """One seed file as the script divides it: headline, body, notices; residue left out."""
    path = folder / str(entry["seed"])
    lines = dict(enumerate(path.read_text(encoding="utf-8").split("\n"), start=1))
    for residue in entry.get("residue", []):
        lines[residue["line"]] = _without(lines[residue["line"]], residue.get("prefix"), path.name)
    headline = lines.pop(entry["headline_line"]) if "headline_line" in entry else None
    notices = tuple(
        Notice(kind=notice["kind"], text=lines.pop(notice["line"])) for notice in entry.get("notices", [])
    )
    captions = set(entry.get("captions", []))
    passages = tuple(
        Passage(kind="caption" if number in captions else "paragraph", text=line)
        for number, line in lines.items()
        if line.strip()
    )
    return Seed(name=path.name, headline=headline, passages=passages, notices=notices)


def baseline_text(page: Page) -> str:
    """The first version as a plain text file: headline, blank line, body, notices."""
    first = page.versions[0]
    body = [*first.texts, *(notice.text for notice in first.notices)]
    return "\n\n".join([first.headline, *body]) + "\n"


def _without(line: str, prefix: str | None, name: str) -> str:
    if prefix is None:
        return ""
    if not line.startswith(prefix):
        raise StoryError(f"{name}: no line begins with {prefix!r} where the script says so")
    return line.removeprefix(prefix)


def _page(entry: Table, seeds: Mapping[str, Seed]) -> Page:
    versions = [_first(entry, seeds[str(entry["seed"])[:3]])]
    expected: list[Expected] = []
    for step in entry.get("steps", []):
        after = _stepped(versions[-1], step, seeds, entry["path"])
        expected.append(_expected(versions[-1], after, step, entry["path"]))
        versions.append(after)
    return Page(
        seed=entry["seed"],
        outlet=entry["outlet"],
        template=entry["template"],
        path=entry["path"],
        description=entry["description"],
        byline=tuple(entry["byline"]),
        section=entry["section"],
        versions=tuple(versions),
        expected=tuple(expected),
        baseline=entry.get("baseline", False),
    )


def _first(entry: Table, seed: Seed) -> Version:
    headline = seed.headline or entry.get("headline")
    if headline is None:
        raise StoryError(f"{seed.name}: neither the seed nor the script has a headline")
    return Version(
        step=0,
        at=0.0,
        note="as first published",
        headline=headline,
        published=entry["published"],
        modified=entry["modified"],
        passages=seed.passages,
        notices=seed.notices,
        in_feed=entry.get("feed", False),
    )


def _stepped(before: Version, step: Table, seeds: Mapping[str, Seed], path: str) -> Version:
    if step["at"] <= before.at:
        raise StoryError(f"{path}: the step at {step['at']} s comes after one at {before.at} s")
    version = before
    for change in step["changes"]:
        try:
            version = edited(version, change, seeds)
        except StoryError as error:
            raise StoryError(f"{path}, step {before.step + 1} ({step['note']}): {error}") from error
    return dataclasses.replace(
        version,
        step=before.step + 1,
        at=float(step["at"]),
        note=step["note"],
        modified=step.get("modified", before.modified),
    )


def _expected(before: Version, after: Version, step: Table, path: str) -> Expected:
    facts = tuple(Fact(**fact) for fact in step.get("expect", []))
    silent = bool(step.get("silent", False))
    told = after.modified != before.modified or after.notices != before.notices
    if facts and silent is told:
        raise StoryError(f"{path}, step {after.step}: silent is {silent}, but told is {told}")
    _must_be_true(before, after, facts, f"{path}, step {after.step}")
    return Expected(
        path=path,
        step=after.step,
        note=after.note,
        facts=facts,
        states=tuple(step.get("states", [])),
        silent=silent,
    )


def _must_be_true(before: Version, after: Version, facts: Sequence[Fact], where: str) -> None:
    """Every named old and new really stands on the old and on the new page, and only there."""
    old_page, new_page = _everything(before), _everything(after)
    for fact in facts:
        if fact.old is not None and (fact.old not in old_page):
            raise StoryError(f"{where}: {fact.old!r} was not on the page")
        if fact.new is not None and (fact.new not in new_page):
            raise StoryError(f"{where}: {fact.new!r} is not on the page")
    if bool(facts) is (_read(before) == _read(after)):
        raise StoryError(f"{where}: what is expected does not go with what changes")


def _everything(version: Version) -> str:
    return "\n".join(_read(version))


def _read(version: Version) -> tuple[str, ...]:
    """What a reader of the page reads: headline, body, notices."""
    return (version.headline, *version.texts, *(notice.text for notice in version.notices))
