"""The targets of ``make fuzz``, tried on the same few hundred inputs each time, and the same promises on whole
values that hypothesis makes."""

from __future__ import annotations

import copy
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import Extraction, Link, Notice, NoticeKind, Paragraph, ParagraphKind
from tests.fuzz import addresses, answers, bodies, settings, texts
from tests.fuzz.inputs import harmed
from tests.fuzz.run import Run
from tests.fuzz.targets import TARGETS
from tests.laws import law

_FEW = {"page": 50, "second-look": 20, "compare": 40, "report": 12, "answer": 300, "body": 100, "feed": 200}
"""How many of those that cost more than a few milliseconds each."""


@pytest.mark.parametrize("name", TARGETS)
def test_no_harm_done_to_an_input_breaks_a_promise(name: str) -> None:
    for data in harmed(TARGETS[name], _FEW.get(name, 400)):
        try:
            TARGETS[name].trial(data)
        except Exception as error:
            error.add_note(f"{name} was tried on {data!r}")
            raise


def test_of_the_inputs_that_break_one_promise_the_shortest_is_kept_until_it_breaks_none(
    tmp_path: Path,
) -> None:
    def has_no_x(data: bytes) -> None:
        assert b"x" not in data

    run = Run(has_no_x, tmp_path)
    for data in (b"axb", b"a", b"x", b"xyz"):
        run(data)
    Run(has_no_x, tmp_path).again()
    (kept,) = tmp_path.glob("broken-*.input")
    assert kept.read_bytes() == b"x"
    assert "has_no_x" in kept.with_suffix(".txt").read_text()
    Run(lambda data: None, tmp_path).again()
    assert not list(tmp_path.glob("broken-*"))


# ---------------------------------------------------------------------- whole values

TEXT = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([word.decode() for word in TARGETS["compare"].words]), max_size=12).map("".join),
).filter(lambda text: bool(text.strip()))
TIMES = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def extractions(draw: st.DrawFn) -> Extraction:
    """Any that a reader could make: each field there or not, the text in any letters."""
    kinds = st.sampled_from(ParagraphKind)
    paragraphs = tuple(draw(st.lists(st.builds(Paragraph, kind=kinds, text=TEXT), max_size=5)))
    places = st.integers(0, max(0, len(paragraphs) - 1))
    links = st.lists(st.builds(Link, paragraph=places, text=TEXT, url=TEXT), max_size=2 * bool(paragraphs))
    return Extraction(
        headline=draw(st.none() | TEXT),
        paragraphs=paragraphs,
        extractor="page/3",
        standfirst=draw(st.none() | TEXT),
        byline=tuple(draw(st.lists(TEXT, max_size=2))),
        published_at=draw(TIMES),
        modified_at=draw(TIMES),
        language=draw(st.sampled_from([None, "en", "de-AT"])),
        image=draw(st.none() | TEXT),
        image_caption=draw(st.none() | TEXT),
        live=draw(st.booleans()),
        notices=tuple(
            draw(st.lists(st.builds(Notice, kind=st.sampled_from(NoticeKind), text=TEXT), max_size=2))
        ),
        links=tuple(draw(links)),
        posts=tuple(sorted(draw(st.sets(places, max_size=3)))) if paragraphs else (),
    )


@law(60, derandomize=True)
@given(extractions())
def test_an_extraction_is_read_back_as_it_was_kept(extraction: Extraction) -> None:
    texts.kept(extraction)


@law(40, derandomize=True)
@given(extractions(), extractions())
def test_any_two_extractions_can_be_compared_and_told_of(old: Extraction, new: Extraction) -> None:
    texts.compared(old, new)


@law(12, derandomize=True)
@given(extractions(), extractions())
def test_any_two_extractions_can_be_shown_in_every_form(old: Extraction, new: Extraction) -> None:
    texts.shown(old, new)


VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.datetimes(),
        st.sampled_from(
            ["${TOKEN}", "${KEYS}", "file:.", "file:\0", "5s", "\n", "[", "(?P<a>", "a:99", "::1", ":is("]
        ),
    ),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=8), some, max_size=3),
    max_leaves=4,
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """A configuration with everything in it, in which some values are others."""
    data = copy.deepcopy(tomllib.loads(settings.FULL.decode()))
    for _ in range(draw(st.integers(1, 4))):
        place: Any = data
        while draw(st.integers(0, 3)) and isinstance(place, dict | list) and place:
            keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or not draw(st.integers(0, 4)):
                place[key] = draw(VALUES)
                break
            place = place[key]
    return data


@law(150, derandomize=True)
@given(tables())
def test_a_table_is_a_configuration_or_every_mistake_in_it_is_a_sentence(data: dict[str, Any]) -> None:
    settings.table(data)


SPELLED = "paper example 127 0 1 . .. - _ xn-- @ : [ ] %2e %00 \\ / ? # 。 ① ß \u00ad \u200d \ud7ff".split(
    " "
)
HOSTS = st.lists(st.sampled_from(SPELLED) | st.characters(), min_size=1, max_size=8).map("".join)


@law(300, derandomize=True)
@given(
    st.sampled_from(
        ["http://", "https://", "HTTP://", "http:", "//", "http:///", "ftp://", "http://u:p@", ""]
    ),
    HOSTS,
    st.sampled_from(["", ":80", ":0", ":", ":443", ":99999", ":8o", ":٨٠"]),
    st.sampled_from(["", "/", "/a?b#c", "?a=b&&utm_source=1", "#x", "/é", "/%zz", "\\a"]),
)
def test_an_address_is_the_same_to_everyone_who_reads_it_or_is_refused(
    scheme: str, host: str, port: str, rest: str
) -> None:
    addresses.url(f"{scheme}{host}{port}{rest}".encode("utf-8", "replace"))


@law(300, derandomize=True)
@given(st.ip_addresses())
def test_no_address_is_admitted_that_the_registries_keep_back(address: Any) -> None:
    addresses.address(address.packed)


@law(40, derandomize=True)
@given(
    st.sampled_from(sorted(answers.PACKED)),
    st.integers(1, 99),
    st.sampled_from([99_999, 0, 1, 10, 20, 40, 80]) | st.integers(0, 400),
    st.binary(max_size=300),
)
def test_a_body_comes_whole_or_not_at_all(how: str, size: int, cut: int, body: bytes) -> None:
    answers.packed(f"{how} {size} {cut}\n".encode() + body)


@law(60, derandomize=True)
@given(st.integers(0, 999), st.integers(1, 255), st.lists(st.binary(max_size=120), min_size=1, max_size=5))
def test_a_body_comes_back_as_it_was_kept_and_a_damaged_one_not_at_all(
    place: int, mask: int, versions: list[bytes]
) -> None:
    bodies.body(f"{place} {mask}\n".encode() + b"\n====\n".join(versions))
