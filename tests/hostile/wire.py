"""Rows 4 to 7, 10, 11, 14 and 40 to 42: servers that are slow, silent, endless or do not keep to HTTP."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.hostile.case import GOOD, Case, Load, believed, drip, endless, made, never_seen, refused, story
from tests.servers import Answer, Line, head, http

_PAGE = story().encode()
_TYPE = {"Content-Type": "text/html; charset=utf-8"}
_OPEN = head(200, _TYPE)
_CHUNKED = head(200, _TYPE | {"Transfer-Encoding": "chunked"})
_TIMEOUT, _PROTOCOL, _CUT, _TOO_LARGE = (
    "failed timeout",
    "failed protocol",
    "failed truncated",
    "failed too_large",
)
_NOT_A_PAGE = "failed http_error"


def _held(start: bytes) -> Answer:
    """That much, and then nothing more."""

    def hold(line: Line) -> None:
        line.send(start)
        line.hold()

    return hold


def status(line: str, body: str = "nothing to see") -> bytes:
    """An answer with that for its first line."""
    top = f"{line}\r\nContent-Type: text/html\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n"
    return top.encode("latin-1", "replace") + body.encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _with_length(length: object, body: bytes = _PAGE) -> bytes:
    return head(200, _TYPE | {"Content-Length": str(length), "Connection": "close"}) + body


def _two_lengths(one: int, other: int) -> bytes:
    return _with_length(one).replace(b"Connection: close", b"Content-Length: %d" % other, 1)


def _with_headers(lines: bytes) -> bytes:
    return GOOD.replace(b"Connection: close", b"Connection: close\r\n" + lines, 1)


@cache
def _continued(times: int) -> bytes:
    return b"HTTP/1.1 100 Continue\r\n\r\n" * times + GOOD


_SLOW: tuple[Case, ...] = (
    refused(4, "a body that drips", drip(_OPEN + _PAGE[:300]), _TIMEOUT),
    refused(4, "a body that drips, with a length", drip(_with_length(len(_PAGE), _PAGE[:300])), _TIMEOUT),
    refused(4, "chunks that drip", drip(_CHUNKED, b"1\r\na\r\n"), _TIMEOUT),
    refused(4, "a size of a chunk that drips", drip(_CHUNKED, b"0"), _TIMEOUT),
    refused(4, "what follows the last chunk drips", drip(_CHUNKED + b"0\r\n", b"X: y\r\n"), _TIMEOUT),
    refused(4, "a header that drips", drip(b"HTTP/1.1 200 OK\r\nX-Long: "), _TIMEOUT),
    refused(4, "headers that drip", drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.2), _TIMEOUT),
    refused(4, "a first line that drips", drip(b"HTTP/1.1 200 "), _TIMEOUT),
    refused(4, "a redirect whose header drips", drip(b"HTTP/1.1 302 Found\r\nLocation: /"), _TIMEOUT),
    refused(4, "nothing at all", _held(b""), _TIMEOUT),
    refused(4, "a head and no more", _held(_OPEN), _TIMEOUT),
    refused(4, "half a page and no more", _held(_OPEN + _PAGE[: len(_PAGE) // 2]), _TIMEOUT),
    believed(
        4,
        "a redirect whose body drips",
        drip(head(302, {"Location": "/whole", "Content-Length": "999"})),
        beside={"/whole": GOOD},
    ),
    never_seen(5, "a TLS handshake that stalls", b"", _TIMEOUT, secure=True, mute=True),
    never_seen(5, "a TLS handshake that is hung up on", b"", "failed tls", "failed connect", secure=True),
    refused(11, "100 Continue and no more", _held(_continued(1)[:25]), _TIMEOUT),
)

_ENDLESS: tuple[Case, ...] = (
    refused(6, "chunks without an end", endless(_CHUNKED, _chunk(b"<p>More of it.</p>" * 400)), _TOO_LARGE),
    refused(
        6,
        "chunks of one byte without an end",
        endless(_CHUNKED, _chunk(b"x") * 4000),
        _PROTOCOL,
        _TIMEOUT,
    ),
    refused(6, "a body without an end", endless(_OPEN, b"<p>More of it.</p>" * 400), _TOO_LARGE),
    refused(6, "a size of a chunk without an end", endless(_CHUNKED, b"1" * 8000), _PROTOCOL, _CUT),
    refused(
        6,
        "headers behind the last chunk without an end",
        endless(_CHUNKED + b"0\r\n", b"X: y\r\n" * 999),
        _TIMEOUT,
    ),
    never_seen(
        11,
        "100,000 times 100 Continue",
        made(lambda: _continued(100_000)),
        "first",
        "same",
        _TIMEOUT,
        _PROTOCOL,
    ),
    refused(
        11,
        "100 Continue without an end",
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
        _TIMEOUT,
        _PROTOCOL,
    ),
)

_SHORT: tuple[Case, ...] = (
    refused(7, "shorter than its length", _with_length(len(_PAGE) + 1000), _CUT),
    refused(7, "one byte shorter than its length", _with_length(len(_PAGE) + 1), _CUT),
    refused(7, "half of what its length says", _with_length(len(_PAGE), _PAGE[: len(_PAGE) // 2]), _CUT),
    refused(7, "no body where one is said to be", _with_length(len(_PAGE), b""), _CUT),
    refused(7, "a chunk that is cut", _CHUNKED + b"%x\r\n" % len(_PAGE) + _PAGE[:-400], _CUT),
    refused(7, "no last chunk", _CHUNKED + _chunk(_PAGE), _CUT),
    refused(
        7, "a size of a chunk that is no number", _CHUNKED + _chunk(_PAGE) + b"quay\r\n", _CUT, _PROTOCOL
    ),
    refused(7, "a negative size of a chunk", _CHUNKED + b"-5\r\n" + _PAGE, _CUT, _PROTOCOL),
    refused(7, "a chunk of 2^70 bytes", _CHUNKED + b"%x\r\n" % 2**70 + _PAGE, _CUT, _PROTOCOL),
    refused(7, "a length that cuts the page in half", _with_length(len(_PAGE) // 2), "withheld truncated"),
    believed(7, "whole chunks", _CHUNKED + _chunk(_PAGE[:900]) + _chunk(_PAGE[900:]) + b"0\r\n\r\n"),
    believed(7, "a length that cuts off what is no text", _with_length(len(_PAGE) - len("</body></html>"))),
    refused(10, "two lengths", _two_lengths(len(_PAGE), 99), _PROTOCOL),
    refused(10, "two lengths in one header", _with_length(f"{len(_PAGE)}, 99"), _PROTOCOL),
    refused(10, "a length that is no number", _with_length("quay"), _PROTOCOL, "same"),
    refused(10, "a negative length", _with_length(-1), _PROTOCOL, "same"),
    refused(10, "a length of 5,000 digits", _with_length("9" * 5000), _PROTOCOL, _CUT, _TOO_LARGE),
    believed(10, "the same length twice", _two_lengths(len(_PAGE), len(_PAGE))),
)

_HEADS: tuple[Case, ...] = (
    refused(11, "a header of 200 KB", _with_headers(b"X-Long: " + b"a" * 200_000), _PROTOCOL),
    refused(11, "a name of a header of 200 KB", _with_headers(b"a" * 200_000 + b": x"), _PROTOCOL),
    refused(
        11, "500 headers", _with_headers(b"".join(b"X-%d: y\r\n" % n for n in range(500))[:-2]), _PROTOCOL
    ),
    refused(11, "headers without an end", endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 999), _PROTOCOL),
    refused(11, "a header without an end", endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 9999), _PROTOCOL),
    refused(11, "a first line without an end", endless(b"HTTP/1.1 200 ", b"y" * 9999), _PROTOCOL),
    refused(
        11, "early hints", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + GOOD, "same", _NOT_A_PAGE
    ),
    believed(11, "zeros in a header", _with_headers(b"X-Zero: a\0b\0c")),
    believed(11, "a header in Latin-1 and worse", _with_headers(b"X-Odd: \xe4\xff\x1b[31m\x85red")),
    refused(14, "status 999", status("HTTP/1.1 999 Nobody's"), "withheld blocked"),
    refused(14, "status 0", status("HTTP/1.1 000 Nothing"), _PROTOCOL),
    refused(14, "status 1000", status("HTTP/1.1 1000 Too much"), _PROTOCOL),
    refused(14, "a status that is no number", status("HTTP/1.1 fine OK"), _PROTOCOL),
    refused(14, "a negative status", status("HTTP/1.1 -200 OK"), _PROTOCOL),
    refused(14, "status 299 with an article", status("HTTP/1.1 299 Fine", story()), _NOT_A_PAGE),
    refused(14, "status 206 with half an article", status("HTTP/1.1 206 Part", story()[:1500]), _NOT_A_PAGE),
    refused(14, "status 204", head(204, _TYPE), _NOT_A_PAGE),
    refused(14, "status 304 to one who did not ask", head(304, _TYPE), _NOT_A_PAGE),
    refused(14, "status 500 with an article", status("HTTP/1.1 500 No", story()), _NOT_A_PAGE),
    refused(
        14,
        "a reason with escapes",
        status("HTTP/1.1 500 \x1b[2J\x1b[31mall is well\x07\x85\x9b1m"),
        _NOT_A_PAGE,
    ),
    refused(14, "a reason in Latin-1", status("HTTP/1.1 503 Dépassé äöü ÿ"), _NOT_A_PAGE),
    refused(14, "a reason of 60 KB", status("HTTP/1.1 500 " + "x" * 60_000), _NOT_A_PAGE),
    refused(14, "another protocol", b"220 mail.quay.example ESMTP\x1b[31m ready\r\n", _PROTOCOL),
    refused(14, "no head", _PAGE, _PROTOCOL),
    refused(14, "noise", bytes(range(256)) * 99, _PROTOCOL),
    refused(14, "nothing, and it hangs up", b"", "failed connect", _PROTOCOL),
    believed(14, "an article whose reason has escapes", status("HTTP/1.1 200 \x1b[31mred", story())),
    believed(14, "an old protocol", status("HTTP/1.0 200 OK", story())),
    refused(
        40,
        "10,000 cookies",
        _with_headers(b"".join(b"Set-Cookie: a%d=b\r\n" % n for n in range(10_000))[:-2]),
        _PROTOCOL,
    ),
    believed(40, "90 cookies", _with_headers(b"".join(b"Set-Cookie: a%d=b\r\n" % n for n in range(90))[:-2])),
    believed(40, "a cookie of 60 KB", _with_headers(b"Set-Cookie: a=" + b"b" * 60_000)),
    believed(
        40,
        "a cookie for every host",
        _with_headers(b"Set-Cookie: a=b; Domain=.com; Path=/; Max-Age=999999999"),
    ),
)


def _later(after: str, code: int = 503) -> bytes:
    return http(code, b"come back later", {"Retry-After": "@@"}).replace(b"@@", after.encode())


_HOSTS: tuple[Case, ...] = (
    *(
        never_seen(41, f"come back after {name}", _later(after), _NOT_A_PAGE, anew=True)
        for name, after in {
            "three years": "99999999",
            "-1": "-1",
            "a text": "soon",
            "1e9": "1e9",
            "5,000 digits": "9" * 5000,
            "a date of long ago": "Thu, 01 Jan 1970 00:00:00 GMT",
            "a date of the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
            "a date that is none": "Thu, 99 Foo 99999 25:61:61 GMT",
            "a number of another script": "٣٦٠٠٠٠٠",
        }.items()
    ),
    never_seen(
        41, "too many requests, for three years", _later("99999999", 429), "withheld blocked", anew=True
    ),
)


def _ruled(name: str, rules: Answer, *outcomes: str, load: Load = Load.LIGHT) -> Case:
    """An article that is only looked at when the rules of its host have been read: each time those of a new one."""
    return never_seen(
        42, name, GOOD, *outcomes, beside={"/robots.txt": rules}, anew=True, robots=True, load=load
    )


def _rules(text: bytes) -> bytes:
    return http(200, text, kind="text/plain")


@cache
def _many_rules(megabytes: int) -> bytes:
    rules = b"User-agent: *\n" + b"".join(b"Disallow: /%d*a*b*c$\n" % n for n in range(50_000))
    rest = b"Disallow: /\n" * ((megabytes << 20) // 12)
    return _rules((rules + rest)[: (megabytes << 20) - 1])


_ROBOTS: tuple[Case, ...] = (
    _ruled("robots.txt of 10 MB", made(lambda: _many_rules(10)), "first", load=Load.HEAVY),
    _ruled("robots.txt of 20 MB", made(lambda: _many_rules(20)), "first", load=Load.HEAVY),
    _ruled("robots.txt that drips", drip(_OPEN, b"#"), _TIMEOUT, load=Load.SLOW),
    _ruled("robots.txt without an end", endless(_OPEN, b"# more\n" * 900), "first", load=Load.HEAVY),
    _ruled("robots.txt answers 500", http(500, b"no"), _NOT_A_PAGE),
    _ruled("robots.txt answers 404", http(404, b"no"), "first"),
    _ruled("robots.txt is a page", GOOD, "first"),
    _ruled("robots.txt is noise", _rules(bytes(range(256)) * 900), "first"),
    _ruled(
        "robots.txt is a line of 400 KB", _rules(b"User-agent: *\nDisallow: /s" + b"*a" * 200_000), "first"
    ),
    _ruled("robots.txt leads in a circle", http(302, b"", {"Location": "/robots.txt"}), "first"),
    _ruled("robots.txt forbids it", _rules(b"User-agent: *\nDisallow: /"), "failed robots"),
)


CASES: tuple[Case, ...] = (
    *(replace(case, load=Load.SLOW) for case in _SLOW),
    *(replace(case, load=Load.HEAVY, within=5.0) for case in _ENDLESS),
    *_SHORT,
    *_HEADS,
    *_HOSTS,
    *_ROBOTS,
)
