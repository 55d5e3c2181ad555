"""What a feed lists, which of it is wanted, and the one form of an address."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ReadError
from monitor.sources import canonical, read_feed, wanted
from storage.records import Source, SourceKind
from tests.laws import law

LAW = law(100, derandomize=True)
FEED = "https://news.example/feeds/world.xml"

# --------------------------------------------------------------------- feeds


def listed(body: bytes, url: str) -> list[str]:
    return [entry.url for entry in read_feed(body, url).entries]


def rss(*items: str) -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>World</title>{inside}</channel></rss>'.encode()


def atom(*entries: str) -> bytes:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>World</title>{inside}</feed>'.encode()


def test_an_rss_feed_lists_its_articles_in_its_order() -> None:
    body = rss("<link>https://news.example/b</link>", "<title>A</title><link>https://news.example/a</link>")
    assert listed(body, FEED) == ["https://news.example/b", "https://news.example/a"]


def test_an_atom_feed_lists_the_pages_and_not_its_own_ids() -> None:
    body = atom(
        '<id>tag:news.example,2024:1</id><link rel="self" href="/1.json"/><link rel="alternate" href="/1"/>',
        "<id>https://news.example/2</id>",
    )
    assert listed(body, FEED) == ["https://news.example/1", "https://news.example/2"]


def test_an_rdf_feed_is_a_feed() -> None:
    body = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        b'<item rdf:about="https://news.example/r"><link>https://news.example/r</link></item></rdf:RDF>'
    )
    assert listed(body, FEED) == ["https://news.example/r"]


def test_an_ill_formed_feed_with_entries_is_used() -> None:
    body = (
        b'<rss version="2.0"><channel><item><title>Fish & Chips</title><link>https://news.example/a</link></item>'
        b"<item><link>https://news.example/b</link>"
    )
    assert listed(body, FEED) == ["https://news.example/a", "https://news.example/b"]


def test_a_relative_link_counts_from_the_feed() -> None:
    assert listed(rss("<link>../world/a</link>"), FEED) == ["https://news.example/world/a"]


def test_a_guid_stands_in_for_a_missing_link() -> None:
    assert listed(rss("<guid>https://news.example/g</guid>"), FEED) == ["https://news.example/g"]


def test_an_article_listed_twice_is_listed_once() -> None:
    body = rss(
        "<link>https://news.example/a?utm_source=rss</link>", "<link>https://NEWS.example/a#comments</link>"
    )
    assert listed(body, FEED) == ["https://news.example/a"]


@pytest.mark.parametrize(
    "link", ["mailto:desk@news.example", "javascript:alert(1)", "https://[::1/", "https://n.example:99999/"]
)
def test_what_is_not_a_web_address_is_left_out(link: str) -> None:
    assert listed(rss(f"<link>{link}</link>", "<link>/a</link>"), FEED) == ["https://news.example/a"]


def test_an_address_too_long_to_be_one_is_left_out() -> None:
    assert listed(rss(f"<link>/{'a' * 3000}</link>"), FEED) == []


def test_a_feed_without_entries_lists_nothing() -> None:
    assert listed(rss(), FEED) == []


@pytest.mark.parametrize(
    "body", [b"<html><body><p>Not here.</p></body></html>", b"{}", b"", b"\xff\xfe", b"<sitemapindex/>"]
)
def test_what_is_not_a_feed_is_called_so(body: bytes) -> None:
    with pytest.raises(ReadError, match="is not a feed"):
        listed(body, FEED)


def test_a_feed_of_more_entries_than_are_ever_new_is_not_read() -> None:
    many = rss(*(f"<link>/{number}</link>" for number in range(5001)))
    with pytest.raises(ReadError, match="it lists more than 5,000 entries"):
        listed(many, FEED)
    assert len(listed(rss(*(f"<link>/{number}</link>" for number in range(1000))), FEED)) == 1000


def declared(doctype: str, *items: str) -> bytes:
    return rss(*items).replace(b"<rss", f"<!DOCTYPE rss {doctype}><rss".encode())


def test_entities_in_entities_do_not_go_off() -> None:
    layers = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    for name in "bdj":
        found = listed(
            declared(f'[<!ENTITY a "boom">{layers}]', f"<link>/&{name};</link>", "<link>/1</link>"), FEED
        )
        assert "boomboom" not in "".join(found)
        assert len("".join(found)) < 200


def test_one_long_entity_said_often_does_not_go_off() -> None:
    bomb = declared(
        f'[<!ENTITY a "{"b" * 100_000}">]',
        f"<title>{'&a;' * 3000}</title><link>/1</link>",
        "<link>/2</link>",
    )
    assert set(listed(bomb, FEED)) <= {"https://news.example/1", "https://news.example/2"}


@pytest.mark.parametrize(
    "doctype",
    [
        '[<!ENTITY x SYSTEM "{file}">]',
        '[<!ENTITY x PUBLIC "-//x" "{file}">]',
        '[<!ENTITY % p SYSTEM "{file}"> %p;]',
        'SYSTEM "{file}" [<!ENTITY x SYSTEM "{file}">]',
    ],
)
def test_no_feed_has_a_file_of_ours_read(doctype: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("https://news.example/SENTINEL <!ENTITY x 'SENTINEL'>", encoding="utf-8")
    for address in (secret.as_uri(), str(secret)):
        body = declared(
            doctype.format(file=address), "<title>&x;</title><link>/a&x;</link>", "<link>/1</link>"
        )
        assert "SENTINEL" not in "".join(listed(body, FEED))


def test_a_name_of_a_file_is_no_feed(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_bytes(rss("<link>/SENTINEL</link>"))
    for name in (str(feed), feed.as_uri()):
        with pytest.raises(ReadError, match="is not a feed"):
            listed(name.encode(), FEED)


# --------------------------------------------------------------------- wanted


def test_a_pattern_that_takes_for_ever_is_said_to_do_so() -> None:
    slow = source(exclude=(r"(a|a)*$",))
    with pytest.raises(ReadError, match=r"the pattern '\(a\|a\)\*\$' takes longer than 2 s"):
        wanted(slow, ["https://n.example/" + "a" * 60 + "!"] * 100)


def source(include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Source:
    return Source(name="desk", kind=SourceKind.FEED, url=FEED, include=include, exclude=exclude)


def test_without_patterns_everything_is_wanted() -> None:
    assert wanted(source(), ["https://n.example/a"]) == ["https://n.example/a"]


def test_any_include_lets_through_and_any_exclude_keeps_out() -> None:
    urls = ["https://n.example/world/1", "https://n.example/sport/2", "https://n.example/world/video/3"]
    assert wanted(source(include=("/world/", "/local/")), urls) == [urls[0], urls[2]]
    assert wanted(source(exclude=("/video/", r"/\d{9}$")), urls) == urls[:2]
    assert wanted(source(include=("/world/",), exclude=("/video/",)), urls) == urls[:1]


# --------------------------------------------------------------------- the one form of an address


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("HTTP://News.EXAMPLE/A", "http://news.example/A"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("http://news.example:80/a", "http://news.example/a"),
        ("http://news.example:443/a", "http://news.example:443/a"),
        ("https://news.example:8443/a", "https://news.example:8443/a"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://[::1]:8080/a", "https://[::1]:8080/a"),
        ("https://user:password@news.example/a", "https://news.example/a"),
        ("https://news.example/a#comments", "https://news.example/a"),
        ("https://news.example/a?", "https://news.example/a"),
        ("file:///srv/a.txt", "file:///srv/a.txt"),
    ],
)
def test_two_spellings_of_an_address_have_one_form(url: str, form: str) -> None:
    assert canonical(url) == form


@pytest.mark.parametrize(
    "tracking",
    ["utm_source=x", "UTM_Campaign=y", "fbclid=1", "gclid=2", "mc_cid=3", "at_medium=rss", "xtor=RSS-1"],
)
@pytest.mark.parametrize(
    "query", ["id=5", "q=a%20b", "q=a+b", "flag", "a=1;b=2", "attachment_id=7", "p=1&p=2", "q=%C3%A9"]
)
def test_tracking_parameters_leave_the_others_letter_by_letter(query: str, tracking: str) -> None:
    plain = f"https://news.example/a?{query}"
    assert canonical(plain) == plain
    assert canonical(f"{plain}&{tracking}") == plain
    assert canonical(f"https://news.example/a?{tracking}&{query}") == plain
    assert canonical(f"https://news.example/a?{tracking}") == "https://news.example/a"


@LAW
@given(
    st.sampled_from(["http", "https"]),
    st.sampled_from(["news.example", "NEWS.example:80", "[::1]:443", "u@news.example"]),
    st.text(alphabet="aB/%20.;=+é", max_size=12),
    st.text(alphabet="ab=&%2;+_utm", max_size=20),
)
def test_the_form_of_a_form_is_itself(scheme: str, host: str, path: str, query: str) -> None:
    form = canonical(f"{scheme}://{host}/{path}?{query}")
    assert canonical(form) == form
