"""Files of watched folders as responses; whatever the watching opens by a path is opened here.

Only what lies in the folder of its source, and nothing that could keep its reader waiting. Knows nothing of what
a file says.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from monitor.errors import FetchError
from storage.records import FetchProblem, Response, Source, SourceKind

Clock = Callable[[], datetime]


def read_file(url: str, source: Source, most: int, clock: Clock) -> Response:
    """The file at that ``file:`` address, for a source that is a folder.

    :param most: bytes at most.
    :raises FetchError: it lies elsewhere, cannot be read, or is too large.
    """
    encoded = urlsplit(url).path
    path, shown = Path(os.fsdecode(os.path.realpath(unquote_to_bytes(encoded)))), unquote(encoded)
    if source.kind is not SourceKind.FOLDER or Path(source.url) not in path.parents:
        raise FetchError(
            FetchProblem.REFUSED_ADDRESS,
            f"{shown} does not lie in the folder of its source.",
            transient=False,
        )
    return file_response(path, url, most, clock)


def file_response(path: Path, url: str, most: int, clock: Clock) -> Response:
    """A file as a response; it is held to the same size as a page. A link is not followed: whoever asks has seen
    where the path leads; and nothing is opened that may keep its reader waiting, as a pipe does.

    :raises FetchError: it cannot be read, or is too large.
    """
    shown = unquote(urlsplit(url).path)
    started, now = time.monotonic(), clock()
    try:
        with open(path, "rb", opener=_opened_at_once) as file:
            status, body = 200, file.read(most + 1)
    except FileNotFoundError:
        status, body = 410, b""
    except OSError as error:
        raise FetchError(
            FetchProblem.NOT_FOUND, f"The file {shown} cannot be read: {error.strerror}."
        ) from None
    if len(body) > most:
        raise FetchError(
            FetchProblem.TOO_LARGE, f"The file {shown} is larger than {most >> 20} MB.", transient=False
        )
    ms = round((time.monotonic() - started) * 1000, 1)
    return Response(url=url, final_url=url, status=status, headers=(), body=body, fetched_at=now, ms=ms)


def _opened_at_once(path: str, flags: int) -> int:
    """
    :raises OSError: it is no file, or cannot be opened.
    """
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no file")
    return descriptor
