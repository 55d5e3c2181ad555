"""The folder of a report: whole pages, nothing stale, nothing foreign touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.cli.site import Folder
from monitor.errors import UsageError

ARTICLE = "articles/7/index.html"
DIFF = "articles/7/diff/1..2.html"


def _files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".writethru-report")
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def _write(folder: Path, **pages: str) -> None:
    named = {"index": "index.html", "article": ARTICLE, "diff": DIFF, "charts": "charts.html"}
    Folder(folder).write((named[name], text) for name, text in pages.items())


def test_a_report_goes_into_a_new_or_an_empty_folder(tmp_path: Path) -> None:
    for folder in (tmp_path / "not" / "there", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        _write(folder, article="a", index="i")
        assert _files(folder) == {ARTICLE: "a", "index.html": "i"}


def test_what_is_no_longer_made_goes_and_its_empty_folders_too(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _write(folder, article="a", diff="d", charts="c", index="i")
    _write(folder, charts="c2", index="i2")
    assert _files(folder) == {"charts.html": "c2", "index.html": "i2"}
    assert not (folder / "articles").exists()


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _write(folder, article="a", index="i")
    (folder / "articles/7/notes.txt").write_text("mine")
    (folder / "CNAME").write_text("news.example")
    _write(folder, index="i2")
    assert _files(folder) == {"index.html": "i2", "articles/7/notes.txt": "mine", "CNAME": "news.example"}


def test_a_folder_that_holds_something_else_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("my home page")
    with pytest.raises(UsageError, match="holds something else"):
        _write(tmp_path, index="i")
    assert _files(tmp_path) == {"index.html": "my home page"}
    file = tmp_path / "index.html"
    with pytest.raises(UsageError, match="holds something else"):
        _write(file, index="i")


def test_a_file_that_came_into_a_report_from_elsewhere_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _write(folder, index="i")
    (folder / "charts.html").write_text("my charts")
    with pytest.raises(UsageError, match="is not of a report"):
        _write(folder, charts="c", index="i2")
    assert _files(folder) == {"index.html": "i", "charts.html": "my charts"}


def test_a_run_that_is_cut_off_leaves_the_earlier_site_working(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _write(folder, article="a", index="i")

    def cut_off() -> Iterator[tuple[str, str]]:
        yield DIFF, "d2"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Folder(folder).write(cut_off())
    assert {ARTICLE: "a", "index.html": "i"}.items() <= _files(folder).items()
    _write(folder, article="a3", index="i3")
    assert _files(folder) == {ARTICLE: "a3", "index.html": "i3"}


def test_the_list_of_what_is_ours_cannot_name_what_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _write(folder, index="i")
    outside = tmp_path / "precious.html"
    outside.write_text("keep")
    with (folder / ".writethru-report").open("a") as listed:
        listed.write(f"../precious.html\n{outside}\narticles/7/../../../precious.html\n")
    _write(folder, index="i2")
    assert outside.read_text() == "keep"
