"""Bytes into text, whatever they claim to be."""

from __future__ import annotations

import codecs
import encodings.aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract import decode
from tests.laws import law

LAW = law(100, derandomize=True)
HTML = "text/html; charset="
RUSSIAN = "Совет города закрыл старый мост через реку, потому что он больше не выдержит зимы. " * 5
LABELS = sorted(
    {*encodings.aliases.aliases, *encodings.aliases.aliases.values(), "undefined", "idna", "x" * 41}
)


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_is_believed_over_header_and_meta(bom: bytes, encoding: str) -> None:
    text = '<meta charset="iso-8859-2">Café “Ł”'
    assert decode(bom + text.encode(encoding), HTML + "windows-1251") == text


def test_the_header_is_believed_over_the_meta_element() -> None:
    body = b'<meta charset="iso-8859-7">' + RUSSIAN.encode("cp1251")
    assert decode(body, HTML + '"windows-1251"').endswith(RUSSIAN)


@pytest.mark.parametrize(
    "meta",
    [
        b'<meta charset="windows-1251">',
        b"<META CHARSET=windows-1251>",
        b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
    ],
)
def test_the_meta_element_is_believed_where_the_header_is_silent(meta: bytes) -> None:
    for header in (None, "text/html", HTML + "nonsense"):
        assert decode(meta + RUSSIAN.encode("cp1251"), header).endswith(RUSSIAN)


def test_an_encoding_nobody_names_is_found_out() -> None:
    assert decode(RUSSIAN.encode("cp1251")) == RUSSIAN
    assert decode(RUSSIAN.encode()) == RUSSIAN


@pytest.mark.parametrize("wrong", ["iso-8859-1", "windows-1251", "shift_jis", "us-ascii"])
def test_utf_8_that_is_called_something_else_is_read_as_utf_8(wrong: str) -> None:
    assert decode("<p>Café “Ł”</p>".encode(), HTML + wrong) == "<p>Café “Ł”</p>"


def test_latin_1_is_read_as_browsers_read_it() -> None:
    assert decode(b"caf\xe9 \x93quoted\x94", HTML + "iso-8859-1") == "café “quoted”"
    assert decode("你好，世界".encode("gb18030"), HTML + "gb2312") == "你好，世界"


@pytest.mark.parametrize("label", ["utf-7", "UTF7", "unicode_escape", "raw_unicode_escape"])
def test_an_encoding_that_hides_markup_is_never_believed(label: str) -> None:
    body = b"caf\xe9 +ADw-script+AD4- \\u003cscript>"
    assert "<script" not in decode(body, HTML + label)
    assert "<script" not in decode(b"<meta charset=%s>" % label.encode() + body)


def test_no_encoding_that_a_header_may_name_is_too_much() -> None:
    for label in LABELS:
        for body in (b"<p>caf\xe9 hello</p>", b"xn--\\N{bad}\\u0041 -", bytes(range(1, 256))):
            assert decode(body, HTML + label), label


def test_bytes_that_fit_no_encoding_become_the_replacement_character() -> None:
    assert decode(b"caf\xe9", HTML + "utf-8") == "caf\ufffd"


def test_control_characters_go_no_further_and_line_ends_do() -> None:
    assert decode(b"a\x00b\x1b[31mc\x08\x7f\tx\r\ny") == "ab[31mc\tx\r\ny"


@LAW
@given(
    st.binary(max_size=80), st.sampled_from([None, HTML + "utf-8", HTML + "windows-1252", HTML + "shift_jis"])
)
def test_any_bytes_become_text_that_can_be_written_as_utf_8(body: bytes, header: str | None) -> None:
    text = decode(body, header)
    assert text.encode("utf-8").decode("utf-8") == text
    assert not set(text) & {chr(code) for code in range(32) if chr(code) not in "\t\n\r"}
