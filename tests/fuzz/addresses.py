"""Addresses: whatever passes is the same address to everyone who reads it, and none leads to what is not public."""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
import urllib3

from monitor.errors import FetchError
from monitor.fetch import Fetcher, retry_after, url_trouble
from monitor.guard import Answer, Guard
from monitor.sources import canonical
from storage.records import FetchProblem
from tests.fuzz.target import Target, parted

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Recorder:
    """A resolver that knows no name, and remembers which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def __call__(self, name: str, port: int, timeout: float) -> list[Answer]:
        self.asked.append((name, port))
        raise FetchError(FetchProblem.DNS, f"The name {name} cannot be looked up.")


def url(data: bytes) -> None:
    """An address, as anybody may write it."""
    text = data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace") if _decodes(data) else ""
    trouble = url_trouble(text)
    assert trouble is None or (trouble.isprintable() and trouble)
    recorder = Recorder()
    problem = _asked_for(text, recorder)
    form = canonical(text)
    assert canonical(form) == form
    if trouble is not None:
        assert recorder.asked == []
        assert problem is FetchProblem.BAD_REDIRECT
        return
    parts = urlsplit(text)
    name = (parts.hostname or "").lower()
    prepared = requests.Request("GET", text).prepare().url or ""
    judged = {_host(text), _host(prepared), *(asked for asked, _ in recorder.asked)}
    assert len(judged) == 1, judged
    assert not name.isascii() or judged == {name.rstrip(".")}, (judged, name)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme.lower()]
    assert [asked for _, asked in recorder.asked] == [port]
    assert url_trouble(form) is None or len(form) > 2048, form
    assert _host(form) == _host(text)


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace")
    except UnicodeDecodeError:
        return False
    return True


def _asked_for(text: str, recorder: Recorder) -> FetchProblem:
    """What becomes of fetching it; no name can be looked up, so that nothing is ever sent."""
    try:
        Fetcher(Guard(resolve=recorder), user_agent="fuzz", deadline=4.0).get(text)
    except FetchError as error:
        assert str(error).isprintable()
        return error.problem
    raise AssertionError("an answer came from nowhere")


def _host(text: str) -> str:
    """The host as the HTTP library reads it."""
    return (urllib3.util.parse_url(text).host or "").strip("[]").lower().rstrip(".")


# ---------------------------------------------------------------------- the guard

# What the registries say is handed out (IANA, "IPv4 Special-Purpose Address Registry" and its sisters), told here
# a second time and another way: everything in IPv4 but these, and of IPv6 only global unicast but these.
_KEPT_BACK = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
        "168.63.129.16/32 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
    ).split()
)
_GLOBAL = ipaddress.ip_network("2000::/3")


def address(data: bytes) -> None:
    """Four bytes or sixteen: an address that a name led to."""
    if len(data) not in (4, 16):
        return
    family = socket.AF_INET if len(data) == 4 else socket.AF_INET6
    text = socket.inet_ntop(family, data)
    guard = Guard(resolve=lambda name, port, timeout: [(family, (text, port))])
    try:
        guard.addresses("paper.example", 443, 1.0)
    except FetchError as error:
        assert error.problem is FetchProblem.REFUSED_ADDRESS
        return
    judged = ipaddress.ip_address(data)
    inner = getattr(judged, "ipv4_mapped", None)
    judged = inner or judged
    assert judged.version == 4 or judged in _GLOBAL, text
    assert not any(judged.version == net.version and judged in net for net in _KEPT_BACK), text


# ---------------------------------------------------------------------- headers


def header(data: bytes) -> None:
    """A Retry-After as a server may send it."""
    name, value = parted(data)
    for text in (value.decode("latin-1"), value.decode("utf-8", "replace")):
        wait = retry_after(((name, "x"), ("Retry-After", text)), NOW)
        assert wait is None or timedelta(0) <= wait <= timedelta(hours=24)


# ---------------------------------------------------------------------- to begin with

_URLS = (
    "http://paper.example/a?b=c#d|https://paper.example:8443/%7Euser|HTTP://PAPER.example./|http://127.0.0.1\\@paper.example/"
    "|http://paper.example@127.0.0.1/|http://[::ffff:7f00:1]/|http://[fe80::1%25lo]/|http://0x7f.1/|http://①②⑦.⓪.⓪.①/"
    "|http://bücher.example/straße|http://xn--bcher-kva.example/|http://127。0。0。1/|http://a%2eb/|http:///x|http:x|//x/"
    "|https://paper.example/?utm_source=a&b=1&&%75tm_medium=2|http://a:80/|http://a:/|http://a:0/|http://ß.example/"
    "|http://a_b.example/|http://-a.example/|http://a..b/|http://1.2.3.4.5/|http://[v1.a]/|http://\u00ad/|http://a\u200d.b/"
).split("|")
_ADDRESSES = (
    "127.0.0.1 0.0.0.0 8.8.8.8 168.63.129.16 192.0.0.9 ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 "
    "64:ff9b::7f00:1 2002:7f00:1:: 2001:0:7f00:1:: fc00::1 fe80::1 fec0::1 ff02::1 "
    "2606:4700::1 3fff::1 5f00::1 2001:20::1"
).split()
_MARKS = "/|?|#|@|:|\\|%|[|]|.|。|．|｡|%00|%2e|%25|\u00ad|\t|http://|https://|xn--|0x|①|ⓐ|ß|ı|K|::|127.0.0.1|\ud7ff".split(
    "|"
)

TARGETS = (
    Target(
        name="url",
        trial=url,
        seeds=lambda: [text.encode() for text in _URLS],
        guides=("monitor", "urllib3", "requests"),
        longest=256,
        words=tuple(mark.encode() for mark in _MARKS),
    ),
    Target(
        name="address",
        trial=address,
        seeds=lambda: [ipaddress.ip_address(text).packed for text in _ADDRESSES],
        guides=("monitor", "ipaddress"),
        longest=16,
    ),
    Target(
        name="headers",
        trial=header,
        seeds=lambda: [
            b"Date\n" + value
            for value in (
                b"120", b"-1", b"1e9", b"9" * 5000, b"Mon, 02 Mar 2026 13:00:00 GMT", b"Mon, 2 Mar 99 1:0 +9999",
                b"Sun, 06 Nov 1994 08:49:37 -0000", "٣".encode(), "²".encode(),
            )
        ],
        guides=("monitor", "email"),
        longest=8192,
    ),
)  # fmt: skip
