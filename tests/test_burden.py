"""What would cost a parser more time than a page may take is refused by counting, and nothing else is."""

from __future__ import annotations

import pytest

from monitor.errors import ReadError
from monitor.extract import extract, overburdened
from monitor.sources import read_feed
from tests.test_reader import FEED, PAGE


def attributes(number: int, quote: str = "") -> bytes:
    return " ".join(f"data-number-{n}={quote}a b{quote or ''}" for n in range(number)).encode()


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_an_element_of_very_many_attributes_is_refused(quote: str) -> None:
    said = overburdened(PAGE.replace(b"<h1>", b"<h1 " + attributes(12_000, quote) + b">"))
    assert said == "an element of it has more than 10,000 attributes"


def test_a_long_text_in_an_attribute_is_no_attribute() -> None:
    text = b"a word and another " * 20_000
    assert overburdened(PAGE.replace(b"<h1>", b'<h1 data-props="' + text + b'">')) is None
    assert overburdened(PAGE.replace(b"<h1>", b"<h1 data-props='" + text + b"'>")) is None


def test_a_script_of_many_words_is_no_element() -> None:
    script = b"<script>if (a <b) { " + b"call = now ; " * 30_000 + b"}</script>"
    body = PAGE.replace(b"</h1>", b"</h1><p>before</p>" + script.replace(b"<b", b"< b"))
    assert overburdened(body) is None


def test_a_page_of_very_many_elements_is_refused() -> None:
    assert overburdened(b"<br>" * 900_000) == "it has more than 200,000 elements"
    assert overburdened(b"<br>" * 100_000) is None


def test_a_page_that_shows_more_than_anybody_reads_is_refused() -> None:
    shown = PAGE.replace(b"</h1>", b"</h1><p>" + b"The ferry is late. " * 250_000 + b"</p>")
    assert extract(shown, url="https://a.example/").paragraphs == ()
    hidden = PAGE.replace(b"</h1>", b"</h1><script>" + b"The ferry is late. " * 250_000 + b"</script>")
    assert (
        extract(hidden, url="https://a.example/").paragraphs
        == extract(PAGE, url="https://a.example/").paragraphs
    )


def test_a_feed_of_very_many_attributes_is_refused() -> None:
    with pytest.raises(ReadError, match="more than 10,000 attributes"):
        read_feed(
            FEED.replace(b"<channel>", b"<channel><x " + attributes(12_000) + b"/>"), "https://a.example/feed"
        )
