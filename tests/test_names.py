"""Of a byline the names are read, and nothing that stands around them."""

from __future__ import annotations

import pytest

from monitor.extract.names import clean_names, first_names, is_person


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("View all posts by Jane Doe", ("Jane Doe",)),
        ("Written by Jane Doe, Senior Reporter", ("Jane Doe",)),
        ("By Jane Doe and John Roe", ("Jane Doe", "John Roe")),
        ("Jane Doe, John Roe & Ann Poe", ("Jane Doe", "John Roe", "Ann Poe")),
        ("Von Anna Meier und Jan Kühn", ("Anna Meier", "Jan Kühn")),
        ("Von Storch", ("Von Storch",)),
        ("Di Maria", ("Di Maria",)),
        ("Ángel Di Maria", ("Ángel Di Maria",)),
        ("Beatrix von Storch", ("Beatrix von Storch",)),
        ("Écrit par Élise Roux", ("Élise Roux",)),
        ("Michael L. Anderson, PhD", ("Michael L. Anderson, PhD",)),
        ("Robert Downey Jr.", ("Robert Downey Jr.",)),
        ("Bruno (Henrique) Rodrigues", ("Bruno (Henrique) Rodrigues",)),
        ("Jane Doe (Paris)", ("Jane Doe",)),
        ("Jane Doe | 3 May 2024 | 4 min read", ("Jane Doe",)),
        ("jane@news.example Jane Doe", ("Jane Doe",)),
        ("作者：谢若含", ("谢若含",)),
        ("The Currency editors", ("The Currency editors",)),
        ("Min Jin Lee", ("Min Jin Lee",)),
        ("Updated May 3, 2020", ()),
        ("https://social.example/jane", ()),
        ("Staff Writer", ()),
        ("Von", ()),
        ("von Redaktion", ("Redaktion",)),
        ("This post was written by Jane Doe, Head of Sales and Community Development", ("Jane Doe",)),
        ("von Jane Doe am 26/10/13, 3:48", ("Jane Doe",)),
        ("Author(s): Jane Doe", ("Jane Doe",)),
        ("Researched by", ()),
        ("Author's Profile", ()),
    ],
)
def test_a_byline_gives_its_names(said: str, names: tuple[str, ...]) -> None:
    assert clean_names(said) == names


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (("By", "Jane Doe", "and", "John Roe"), ("Jane Doe", "John Roe")),
        (("Jane Doe", ",", "John Roe", "Share", "Paris"), ("Jane Doe", "John Roe")),
        (("Jane Doe", "Founder at Oak", "Copy link"), ("Jane Doe",)),
        (("4 min read", "Jane Doe"), ("Jane Doe",)),
        ((), ()),
    ],
)
def test_what_no_comma_joins_to_a_name_is_none(lines: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert first_names(lines) == names


def test_a_person_is_told_from_a_house() -> None:
    assert is_person("Ludwig van Beethoven")
    assert is_person("Doris Munoz-Mantilla, MD")
    for other in ("BBC News", "mehr lesen", "The Guardian", "x", "Mediagene Inc"):
        assert not is_person(other)
