"""What an answer's status, headers and first bytes say, before anything is read out of it."""

from __future__ import annotations

import re

from monitor.verdict.signs import carries_check, carries_wall
from storage.records import Response, Verdict

_BLOCKING_STATUS = frozenset({401, 402, 403, 407, 418, 429, 451, 999})
_BLOCKING_HEADERS = (
    ("cf-mitigated", ("challenge", "block")),
    ("x-amzn-waf-action", ("challenge", "captcha", "block")),
    ("x-dd-b", ("",)),
    ("x-sucuri-block", ("",)),
    ("x-px-blocked", ("1", "true")),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a picture or a sound"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "a text document"),
    (b"ID3", "a sound"),
    (b"OggS", "a sound"),
)
_HTML_SIGNS = re.compile(
    rb"<(!doctype\s+html|html|head|body|article|div|p|title|meta|script)\b", re.IGNORECASE
)
_FEED_SIGNS = re.compile(rb"<(rss|feed|rdf:rdf|urlset|sitemapindex|opml)\b", re.IGNORECASE)
_OTHER_ROOT = re.compile(
    rb"(?><\?[^>]{0,500}>|<!--.{0,2000}?-->|<!doctype\s[^>]{0,500}>|\s)*+<(rss|feed|rdf:rdf|urlset|sitemapindex|opml)\b",
    re.IGNORECASE | re.DOTALL,
)
_BINARY = re.compile(
    rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]"
)  # no text has these (https://mimesniff.spec.whatwg.org)
_A_FEED = "the bytes are a feed or a sitemap, not a page"
_JSON_SIGNS = re.compile(rb"""[\[{]\s*(["{\[\]}]|$)""")


def refusal(response: Response) -> tuple[Verdict, str] | None:
    """What status and headers alone say against an article; None: nothing."""
    for name, wanted in _BLOCKING_HEADERS:
        value = response.header(name)
        if value is not None and any(word in value.lower() for word in wanted):
            return Verdict.BLOCKED, f"the header {name} says that this is a bot wall"
    if response.status in (404, 410):
        return Verdict.GONE, f"the server answered {response.status}"
    if response.status in _BLOCKING_STATUS:
        return Verdict.BLOCKED, f"the server answered {response.status}"
    if response.status not in (200, 304) and (carries_wall(response.body) or carries_check(response.body)):
        return Verdict.BLOCKED, f"the page is a bot wall, sent with {response.status}"
    return None


def failed_answer(response: Response, *, asked: bool) -> str | None:
    """Why that answer is no use at all, in a sentence; None: it can be read or judged.

    :param asked: the request was conditional, so that a 304 is an answer.
    """
    if response.status == 200 or (response.status == 304 and asked) or refusal(response) is not None:
        return None
    return f"{response.final_url} answered {response.status}, which is neither a page nor a refusal."


def not_html(response: Response) -> str | None:
    """Why these bytes cannot be a page; None: they can."""
    start = response.body[:4096].lstrip()
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return f"the bytes are {name}, not a page"
    readable = start.replace(b"\0", b"")
    if _OTHER_ROOT.match(readable):
        return _A_FEED
    marked = _HTML_SIGNS.search(readable) is not None
    kind = (response.header("content-type") or "").partition(";")[0].strip().lower()
    if kind not in ("", "text/html", "application/xhtml+xml"):
        wrongly_named = marked and kind in ("text/plain", "application/xml", "text/xml")
        return None if wrongly_named else f"the server calls it {kind[:60]}, not a page"
    return None if marked else _other_text(start, readable)


def _other_text(start: bytes, readable: bytes) -> str | None:
    """What a text without a sign of HTML in its beginning is instead of a page."""
    if not readable.strip():
        return None
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and (len(start) > 2 * len(readable) or len(_BINARY.findall(readable)) > 3):
        return "the bytes are binary, not a page"
    if _FEED_SIGNS.search(readable):
        return _A_FEED
    if _JSON_SIGNS.match(readable):
        return "the bytes are JSON, not a page"
    return None
