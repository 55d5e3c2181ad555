"""Rows 9, 15, 20 to 25, 33, 36 and 37: pages that are cut, that are none, that are too much to read, or that only
seem to have changed."""

from __future__ import annotations

import gzip
import io
import json
import random
import unicodedata
import zipfile
from collections.abc import Callable

from demo.noise import Noise
from tests.hostile.case import (
    GOOD,
    LAST_WORDS,
    MORE,
    READING,
    Case,
    Load,
    Look,
    believed,
    made,
    never_seen,
    refused,
    story,
)
from tests.newsdesk import BODY, page
from tests.servers import http

SUSPECT, KILLED, EMPTY, NOT_HTML = (
    "withheld suspect",
    "failed parse_killed",
    "withheld empty",
    "withheld not_html",
)
_TOO_LARGE = "failed too_large"

# ---------------------------------------------------------------------- cut, or another page altogether

_HALF = page(*BODY[:3])


def _shrunk(number: int) -> Look:
    """What is left of the text counts once it has stood there for three looks."""
    outcome = ("withheld suspect", "withheld suspect", "changed")[number] if number < 3 else "same"
    return Look(answer=http(200, _HALF), outcomes=(outcome,))


def _short(title: str, *sentences: str) -> bytes:
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return http(
        200,
        f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>",
    )


OTHER: tuple[Case, ...] = (
    refused(9, "half a page without an end", http(200, story()[: len(story()) // 2]), "withheld truncated"),
    refused(
        9,
        "the beginning of the text, and no end",
        http(200, _HALF.replace("</html>", "")),
        "withheld truncated",
    ),
    Case(
        row=9,
        name="the beginning of the text, and an end",
        opening=(Look(answer=GOOD, outcomes=("first",)),),
        turns=_shrunk,
    ),
    refused(
        15,
        "an error that answers 200",
        _short(
            "Page not found",
            "The page you asked for is not here any more.",
            "Try the search, or go back to the front page.",
        ),
        "withheld soft_404",
    ),
    refused(
        15,
        "a wall that wants a login",
        _short(
            "Sign in to read on",
            "This article is for subscribers only.",
            "Log in or subscribe to continue reading.",
        ),
        "withheld paywall",
    ),
    refused(
        15,
        "a captcha",
        _short(
            "Are you a robot?",
            "Please verify you are a human to continue.",
            "Press and hold the button. Reference ID: 7f00-1.",
        ),
        "withheld blocked",
    ),
    refused(
        15,
        "a wall of cookies",
        _short(
            "Before you continue",
            "We and our 742 partners use cookies and personal data for advertising. Accept all or reject all cookies.",
            "Manage your consent choices in the privacy settings: vendors, cookies, data, partners.",
        ),
        "withheld consent",
    ),
    refused(
        15,
        "just a moment",
        _short(
            "Just a moment...",
            "Checking your browser before you go on.",
            "Enable JavaScript and cookies to continue",
        ),
        "withheld blocked",
    ),
    refused(
        15,
        "access denied",
        _short(
            "Access Denied",
            "You don't have permission to access this page on this server.",
            "Reference #18.2f",
        ),
        "withheld blocked",
    ),
    refused(
        15,
        "a shell without a text",
        http(200, "<title>The Quay</title><script src=/app.js></script><body><div id=root></div></body>"),
        EMPTY,
    ),
    refused(25, "an empty body", http(200, b""), EMPTY),
    refused(25, "spaces", http(200, b" \r\n\t " * 999), EMPTY),
    refused(25, "a comment", http(200, b"<!-- only this -->" * 999), EMPTY),
    refused(25, "an XML declaration", http(200, b'<?xml version="1.0" encoding="utf-8"?>'), EMPTY),
    refused(
        25,
        "an XML declaration of another encoding",
        http(200, b'<?xml version="1.0" encoding="utf-16"?>'),
        EMPTY,
    ),
    refused(25, "a mark and no more", http(200, b"\xef\xbb\xbf"), EMPTY),
    refused(
        25,
        "frames",
        http(200, "<html><frameset cols='50%,50%'><frame src=a><frame src=b></frameset></html>"),
        EMPTY,
    ),
    believed(
        25,
        "an article with an XML declaration",
        http(200, '<?xml version="1.0" encoding="utf-16"?>' + story()),
    ),
)

# ---------------------------------------------------------------------- what is no page


def _zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("story.html", story())
    return packed.getvalue()


_NOISE = bytes(range(256)) * 200
_ENTITIES = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a "boom">]>'
_FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>The Quay</title></channel></rss>'

OF_OTHER_KINDS: tuple[Case, ...] = (
    *(
        refused(33, f"{name} as a page", http(200, body), NOT_HTML)
        for name, body in {
            "a PDF": b"%PDF-1.7\n" + story().encode(),
            "a ZIP archive": _zipped(),
            "a PNG image": b"\x89PNG\r\n\x1a\n" + _NOISE,
            "a JPEG image": b"\xff\xd8\xff\xe0" + _NOISE,
            "a gzip file": gzip.compress(story().encode()),
            "a program": b"\x7fELF" + _NOISE,
            "JSON": json.dumps({"headline": "Bridge closed", "text": list(BODY)}).encode(),
            "a feed": _FEED.encode(),
            "noise": _NOISE,
        }.items()
    ),
    *(
        refused(33, f"an article as {kind}", http(200, story(), kind=kind), NOT_HTML)
        for kind in (
            "application/pdf",
            "application/octet-stream",
            "image/png",
            "application/json",
            "x/\x1b[31m",
        )
    ),
    *(
        believed(33, f"an article as {kind}", http(200, story(), kind=kind))
        for kind in ("text/plain", "text/xml", "TEXT/HTML;", "")
    ),
    believed(
        26,
        "an article in XHTML with entities of its own",
        http(200, _ENTITIES + story("<p>There is &x; and &a; here.</p>")),
    ),
)

# ---------------------------------------------------------------------- too much to read


def much(row: int, name: str, body: Callable[[], str], *outcomes: str, within: float | None = None) -> Case:
    """A page that is large, and no article; or where it may count for one, with all of its text."""

    answer = made(lambda: http(200, body()))
    return never_seen(row, name, answer, *outcomes, within=within, load=Load.HEAVY)


def _whole(row: int, name: str, body: Callable[[], str], *, within: float | None = None) -> Case:
    answer = made(lambda: http(200, body()))
    return believed(row, name, answer, within=within, load=Load.HEAVY)


def _nested(depth: int, tag: str = "div") -> Callable[[], str]:
    return lambda: story(
        f"<{tag}>" * depth + "<p>Below it all the captain is said to wait.</p>" + f"</{tag}>" * depth
    )


_NAMES = " ".join(f"a{number}=1" for number in range(100_000))

TOO_MUCH: tuple[Case, ...] = (
    believed(20, "260 levels", http(200, _nested(260)()), reads="Below it all the captain"),
    believed(
        20, "260 levels of letters in bold", http(200, _nested(260, "b")()), reads="Below it all the captain"
    ),
    _whole(20, "1,900 levels", _nested(1900)),
    much(20, "10,000 levels", _nested(10_000), SUSPECT, KILLED),
    much(20, "100,000 levels", _nested(100_000), SUSPECT, KILLED),
    much(20, "1,000,000 levels", lambda: story("<div>" * 1_000_000), SUSPECT, KILLED),
    much(20, "100,000 tables", lambda: story("<table><tr><td>" * 100_000), SUSPECT, KILLED),
    much(
        21,
        "100,000 attributes",
        lambda: story(f"<p {_NAMES}>x</p>"),
        "first",
        "same",
        SUSPECT,
        KILLED,
    ),
    much(21, "100,000 attributes behind a bracket", lambda: story(f'<p title="<" {_NAMES}>x</p>'), KILLED),
    much(
        21,
        "a million times one attribute",
        lambda: story(f"<p {'a=1 ' * 1_000_000}>x</p>"),
        "first",
        "same",
        SUSPECT,
        KILLED,
    ),
    much(22, "a million comments that never end", lambda: "<!--" * 1_000_000, EMPTY, NOT_HTML),
    much(22, "a million comments that never end, in an article", lambda: story("<!--" * 1_000_000), SUSPECT),
    _whole(22, "100,000 sections of characters", lambda: story("<![CDATA[" * 100_000)),
    much(22, "a million opening brackets", lambda: "<" * 1_000_000, EMPTY, NOT_HTML),
    _whole(22, "a million ampersands", lambda: story(f"<p>{'&amp;' * 1_000_000}</p>")),
    _whole(22, "a million closing tags", lambda: story("</p>" * 1_000_000)),
    much(23, "500,000 paragraphs", lambda: story("<p>x" * 500_000), SUSPECT),
    much(23, "500,000 paragraphs of one word", lambda: story("<p>ferry</p>" * 500_000), SUSPECT),
    _whole(24, "an attribute of 9 MB", lambda: story(f'<p title="{"x " * 4_500_000}">y</p>')),
    much(24, "an attribute of 12 MB", lambda: story(f'<p title="{"x " * 6_000_000}">y</p>'), _TOO_LARGE),
    much(24, "50 MB of text", lambda: story(f"<p>{'The ferry is late. ' * 2_700_000}</p>"), _TOO_LARGE),
    much(24, "9 MB of text", lambda: story(f"<p>{'The ferry is late. ' * 490_000}</p>"), SUSPECT),
    much(24, "9 MB in one word", lambda: story(f"<p>{'x' * 9_000_000}</p>"), SUSPECT),
    much(24, "9 MB of lines", lambda: story(f"<p>{'x<br>' * 1_800_000}</p>"), SUSPECT),
    much(
        24,
        "9 MB of noise in letters",
        lambda: story(f"<p>{random.Random(24).randbytes(4_500_000).hex()}</p>"),
        SUSPECT,
    ),
)

# ---------------------------------------------------------------------- two looks that differ


def _noisy(number: int) -> Look:
    """The same article as any other reader gets it: other adverts, counts, tokens, times, spaces."""
    noise = Noise(random.Random(number))
    tokens = f'<meta name="csrf" content="{noise.token(40)}"><script nonce="{noise.token()}">var t=1</script>'
    advert = f'<div class="ad-slot" id="{noise.token()}"><p>{noise.advert()}</p></div>'
    seen = f'<span class="timeago">{noise.ago()}</span><span class="views">{noise.count()} views</span>'
    text = story(advert, head=tokens, last=seen, noise=noise.token())
    return Look(answer=http(200, text), outcomes=("same" if number else "first",))


def _composed(number: int) -> Look:
    """The same letters, now in one piece and now in two; now with one kind of space and now with another."""
    text = unicodedata.normalize("NFD" if number % 2 else "NFC", story())
    if number % 3:
        text = text.replace("42,000 vehicles", "42,000\u00a0vehicles").replace("Monday of", "Monday\u2009of")
    return Look(answer=http(200, text), outcomes=("same" if number else "first",))


def _quoted(number: int) -> Look:
    """The same quotation marks, now straight and now curly: at most a matter of style, never another text."""
    text = story().replace("“", '"').replace("”", '"').replace("„", '"') if number % 2 else story()
    return Look(
        answer=http(200, text), outcomes=("same", "changed", "withheld suspect") if number else ("first",)
    )


def _bomb(name: str, text: Callable[[int], str], *or_else: str) -> Case:
    """An article that is another one at each look, as far as its text goes."""

    def version(number: int) -> Look:
        answer = made(lambda: http(200, text(number)))
        return Look(answer=answer, outcomes=("changed" if number else "first", *or_else))

    return Case(
        row=37,
        name=name,
        opening=(version(0),),
        turns=lambda turn: version(turn + 1),
        load=Load.HEAVY,
        within=2 * READING,
    )


def _one_line(number: int) -> str:
    words = random.Random(number).choices(_WORDS, k=120_000)
    return story(f"<p>{' '.join(words)}.</p>")


def _all_different(number: int) -> str:
    return story(
        "".join(
            f"<p>Paragraph {line} of edition {number * 7919 + line} has nothing in common.</p>"
            for line in range(6000)
        )
    )


def _repeated(number: int) -> str:
    return story("<p>The ferry is late again, it was said.</p>" * (3000 + 7 * number))


def _alike(number: int) -> str:
    said = "At pier {line} the ferry no. {ship} is late by {late} minutes, the company said on Monday."
    return story(
        "".join(
            f"<p>{said.format(line=line % 9, ship=line, late=(line * 31 + number) % 60)}</p>"
            for line in range(1500)
        )
    )


_WORDS = " ".join((*BODY, *MORE)).split()

CHANGING: tuple[Case, ...] = (
    Case(
        row=36,
        name="noise",
        opening=(_noisy(0),),
        turns=lambda turn: _noisy(turn + 1),
        reads=LAST_WORDS,
    ),
    Case(row=36, name="letters in one piece and in two", turns=_composed, reads=LAST_WORDS),
    Case(row=36, name="straight and curly quotation marks", turns=_quoted, reads=LAST_WORDS),
    _bomb("700 KB of other words in one line", _one_line),
    # Reading it takes two seconds of a processor: where others have that, it may be given up, and read later.
    _bomb("6,000 paragraphs that all differ", _all_different, "first", KILLED),
    _bomb("3,000 paragraphs that are all the same", _repeated),
    _bomb("1,500 paragraphs that are nearly the same", _alike),
)

CASES: tuple[Case, ...] = (*OTHER, *OF_OTHER_KINDS, *TOO_MUCH, *CHANGING)
