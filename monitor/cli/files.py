"""Saved files, without a database or a configuration: extract and compare."""

from __future__ import annotations

import argparse
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tqdm import tqdm

from monitor.cli.common import now, print_json, say, zone_of
from monitor.cli.formats import print_diff
from monitor.compare import compare
from monitor.errors import FetchError, ReadError, UsageError
from monitor.events import assess
from monitor.reader import Reader
from monitor.report import Head, extraction_json
from storage.records import Capture, Extraction, Response, Verdict

_LARGEST = 50 << 20
_PAGES = (".html", ".htm", ".xhtml", ".shtml")
_TEXTS = (".txt", ".text", ".md")
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|article|div|p|title|meta|script|h1)\b", re.IGNORECASE)
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


def extract(arguments: argparse.Namespace) -> int:
    """What is read out of saved pages, one after the other in the order given."""
    code = 0
    with Reader() as reader, ThreadPoolExecutor(3) as pool:
        captures = pool.map(lambda name: _read_or_say(reader, name, arguments.url), arguments.files)
        for name, found in zip(arguments.files, _with_bar(captures, arguments.files), strict=True):
            if isinstance(found, str):
                code = 1
                say(f"writethru: {found}", error=True)
                found = Capture(verdict=Verdict.SUSPECT, reasons=(found,))
                if not arguments.json:
                    continue
            if arguments.json:
                print_json({**extraction_json(found), "file": name})
            else:
                _print_capture(name, found, many=len(arguments.files) > 1)
    return code


def compare_files(arguments: argparse.Namespace) -> int:
    """Two files compared: plain text as it stands, pages as they read."""
    with Reader() as reader:
        old, new = (_article_in(reader, name) for name in (arguments.old, arguments.new))
    diff = compare(old, new)
    assessment = assess(diff)
    head = Head(headline=new.headline, old_label=arguments.old, new_label=arguments.new, zone=zone_of(None))
    print_diff(arguments, diff, assessment, head, {"file": arguments.old}, {"file": arguments.new})
    return 1 if arguments.exit_code and (assessment.events or not diff.is_empty) else 0


def _article_in(reader: Reader, name: str) -> Extraction:
    capture = _capture(reader, name, "http://localhost/")
    if capture.verdict is not Verdict.ARTICLE:
        say(f"writethru: {name} reads as {capture.verdict}: {'; '.join(capture.reasons)}.", error=True)
    if capture.extraction is None:
        raise UsageError(f"{name} holds no text to compare.")
    return capture.extraction


def _read_or_say(reader: Reader, name: str, url: str) -> Capture | str:
    try:
        return _capture(reader, name, url)
    except (UsageError, FetchError, ReadError) as error:
        return str(error)


def _capture(reader: Reader, name: str, url: str) -> Capture:
    """What is in one file. Compressed pages are unpacked; what is no page is plain text."""
    body = _bytes(name)
    suffix = Path(name.removesuffix(".gz")).suffix.lower()
    is_page = suffix in _PAGES or (suffix not in _TEXTS and _HTML.search(body[:4096]) is not None)
    kind: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),)
    if not is_page and not body.startswith(_BINARY):
        url, kind = f"file:{quote(name)}", ()
    return reader.read(
        Response(url=url, final_url=url, status=200, headers=kind, body=body, fetched_at=now())
    )


def _bytes(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``, unpacked where they are gzip.

    :raises UsageError: it cannot be read, or is too large.
    """
    try:
        if name == "-":
            body = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                body = file.read(_LARGEST + 1)
        if body.startswith(b"\x1f\x8b"):
            body = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, _LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    except zlib.error:
        raise UsageError(f"{name} looks compressed and cannot be unpacked.") from None
    if len(body) > _LARGEST:
        raise UsageError(f"{name} is larger than {_LARGEST >> 20} MB.")
    return body


def _print_capture(name: str, capture: Capture, *, many: bool) -> None:
    if many:
        say(f"== {name}")
    reasons = f" ({'; '.join(capture.reasons)})" if capture.reasons else ""
    say(f"verdict: {capture.verdict}{reasons}")
    read = capture.extraction
    if read is None:
        return
    fields: dict[str, Any] = {
        "headline": read.headline,
        "standfirst": read.standfirst,
        "byline": ", ".join(read.byline),
        "published": read.published_at,
        "modified": read.modified_at,
        "section": read.section,
        "language": read.language,
        "address": read.canonical_url,
        "image": read.image,
        "caption": read.image_caption,
        "live": "yes" if read.live else None,
    }
    for label, value in fields.items():
        if value:
            say(f"{label}: {value}")
    for notice in read.notices:
        say(f"notice ({notice.kind}): {notice.text}")
    for line in ("", *read.text.split("\n"), ""):
        say(line)
    for paragraph in read.left_out:
        say(f"left out: {paragraph.text}")


def _with_bar(captures: Iterator[Capture | str], files: Sequence[str]) -> Iterator[Capture | str]:
    """The same, with a progress bar on a terminal where there is much to do."""
    many = len(files) > 10
    yield from tqdm(captures, total=len(files), unit="page", disable=None if many else True)
