"""Row 13: redirects without end, to where nothing is fetched, and to addresses that are not on the public web.

The addresses that have to be refused are all spellings of this very machine, and of a port of it that nobody has let
through, so that nothing would get out if they were not.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.hostile.case import GOOD, Case, believed, refused, story
from tests.servers import Answer, head, http, redirect

VAULT = "VAULT"
"""Stands for the port of a server that must never be asked, and is as long as one."""
_LOOP, _BAD, _REFUSED = "failed redirect_loop", "failed bad_redirect", "failed refused_address"


def to(location: str, status: int = 302) -> bytes:
    return head(status, {"Location": "@@", "Content-Length": "0", "Connection": "close"}).replace(
        b"@@", location.encode("utf-8", "surrogateescape")
    )


def _hops(number: int, end: Answer = GOOD) -> Mapping[str, Answer]:
    """Paths that lead on from /1, in so many hops, to ``end``."""
    return {f"/{hop}": redirect(f"/{hop + 1}") for hop in range(1, number)} | {f"/{number}": end}


_TWO_TURNS = 4.0
"""Seconds: a look goes on in the turn of the host that it is led to, and all others here are due each second."""
PRIVATE = (
    "http://127.0.0.1:VAULT/",
    "http://localhost:VAULT/",
    "http://LOCALHOST.:VAULT/",
    "http://[::1]:VAULT/",
    "http://[::ffff:127.0.0.1]:VAULT/",
    "http://[::ffff:7f00:1]:VAULT/",
    "http://0.0.0.0:VAULT/",
    "http://127.1:VAULT/",
    "http://2130706433:VAULT/",
    "http://0x7f000001:VAULT/",
    "http://0177.0.0.1:VAULT/",
    "http://017700000001:VAULT/",
    "//127.0.0.1:VAULT/",
    "http://①②⑦.⓪.⓪.①:VAULT/",
    "http://127。0。0。1:VAULT/",
)
NOT_FETCHED = (
    "file:///etc/passwd",
    "gopher://127.0.0.1:VAULT/",
    "ftp://127.0.0.1:VAULT/",
    "data:text/html,<p>An article.</p>",
    "javascript:alert(1)",
    "jar:http://127.0.0.1:VAULT/!/",
    "http://127.0.0.1:VAULT@127.0.0.1:VAULT/",
    "http://user:word@127.0.0.1:VAULT/",
    "http:\\\\127.0.0.1:VAULT\\",
    "http://127.0.0.1:VAULT\\@gazette.example/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:VAULT%00.gazette.example/",
    "http://[::1",
    "/a b",
    "/\x1b[31mred",
    "/" + "a" * 3000,
)

CASES: tuple[Case, ...] = (
    refused(13, "to itself", redirect("/story"), _LOOP),
    refused(
        13,
        "a loop of two",
        redirect("/there"),
        _LOOP,
        beside={"/there": redirect("/here"), "/here": redirect("/there")},
    ),
    refused(13, "31 hops", redirect("/1"), _LOOP, beside=_hops(31)),
    refused(13, "six hops", redirect("/1"), _LOOP, beside=_hops(6)),
    believed(13, "five hops", redirect("/1"), beside=_hops(5)),
    *(
        believed(
            13,
            f"to an article, with {status}",
            redirect("/whole", status),
            beside={"/whole": GOOD},
            known_as="/whole" if status in (301, 308) else None,
        )
        for status in (301, 303, 307, 308)
    ),
    *(refused(13, f"to {place}", to(place), _REFUSED, _BAD, within=_TWO_TURNS) for place in PRIVATE),
    *(refused(13, f"to {place[:50]!a}", to(place), _BAD) for place in NOT_FETCHED),
    refused(
        13,
        "to what is not fetched, at the third hop",
        redirect("/1"),
        _BAD,
        beside=_hops(3, to("file:///etc/passwd")),
    ),
    refused(
        13,
        "to a private address, at the third hop",
        redirect("/1"),
        _REFUSED,
        beside=_hops(3, to(PRIVATE[0])),
        within=_TWO_TURNS,
    ),
    *(refused(13, f"to {place}", to(place), _LOOP, _BAD) for place in ("http://", "http:///story", "")),
    refused(13, "bytes that are no text", to("/\udcff\udcfe"), _BAD, "withheld gone"),
    refused(13, "a location of 200 KB", to("/" + "a" * 200_000), "failed protocol"),
    refused(13, "a redirect to nowhere", head(302, {"Content-Length": "0"}), "failed http_error"),
    refused(
        13,
        "two locations",
        to("/whole\r\nLocation: " + PRIVATE[0]),
        _REFUSED,
        "withheld gone",
        "failed protocol",
    ),
    refused(13, "a header Refresh", http(200, "", {"Refresh": f"0; url={PRIVATE[0]}"}), "withheld empty"),
    refused(
        13,
        "a page that sends its reader on",
        http(200, f'<html><head><meta http-equiv="refresh" content="0; url={PRIVATE[0]}"></head></html>'),
        "withheld empty",
    ),
    believed(
        13,
        "an article that calls a private address its own",
        http(
            200,
            story(head=f'<link rel="canonical" href="{PRIVATE[0]}"><link rel="amphtml" href="{PRIVATE[0]}">'),
        ),
    ),
)
