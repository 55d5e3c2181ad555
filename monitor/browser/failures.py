"""What kept a page from being opened, in our words: the proxy's refusals and Chromium's own."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from monitor.browser.proxy import Load
from monitor.errors import FetchError
from monitor.fetch import MAX_REDIRECTS, check_url
from storage.records import FetchProblem

_NET_ERROR = re.compile(r"net::ERR_(\w+)")
# By how Chromium calls it.
_PROBLEMS = (
    (re.compile(r"(BAD_)?(CERT|SSL)"), FetchProblem.TLS),
    (re.compile(r"NAME_NOT_RESOLVED"), FetchProblem.DNS),
    (re.compile(r"(CONNECTION_)?TIMED_OUT"), FetchProblem.TIMEOUT),
    (re.compile(r"TOO_MANY_REDIRECTS"), FetchProblem.REDIRECT_LOOP),
    (
        re.compile(r"UNSAFE_REDIRECT|UNKNOWN_URL_SCHEME|INVALID_REDIRECT|INVALID_URL"),
        FetchProblem.BAD_REDIRECT,
    ),
    (re.compile(r"UNSAFE_PORT|BLOCKED"), FetchProblem.REFUSED_ADDRESS),
    (
        re.compile(r"CONTENT_LENGTH_MISMATCH|(INCOMPLETE|INVALID)_CHUNKED|CONNECTION_(RESET|CLOSED)"),
        FetchProblem.TRUNCATED,
    ),
    (re.compile(r"CONTENT_DECODING"), FetchProblem.BAD_ENCODING),
)
_IN_PLACE_OF_AN_ANSWER = (403, 502)


def refused(load: Load, url: str, status: int | None) -> FetchError | None:
    """What the proxy had against that address; None: nothing.

    :param status: of the answer, which may have been the proxy's.
    """
    if status is not None and status not in _IN_PLACE_OF_AN_ANSWER:
        return None
    parts = urlsplit(url)
    if parts.scheme == "http":
        return load.failures.get(url.partition("#")[0])
    if status is not None:
        return None  # it came through the tunnel
    return load.failures.get(f"{parts.netloc.rpartition('@')[2]}{'' if parts.port else ':443'}")


def named(url: str, said: str) -> FetchError:
    """Chromium's own trouble with that address."""
    found = _NET_ERROR.search(said)
    name = found[1] if found else ""
    problem = next((each for pattern, each in _PROBLEMS if pattern.match(name)), FetchProblem.PROTOCOL)
    final = problem in (FetchProblem.BAD_REDIRECT, FetchProblem.REFUSED_ADDRESS)
    words = name.replace("_", " ").lower() or "it gave no page"
    return FetchError(problem, f"{url} could not be opened in the browser: {words}.", transient=not final)


def hop_trouble(asked: str, before: str | None, url: str, count: int) -> FetchError | None:
    """Why a page is not followed to where it leads; None: it may be.

    :param before: where it comes from; None: it is the address that was asked for.
    :param count: how often it has led elsewhere.
    """
    if count > MAX_REDIRECTS:
        return FetchError(FetchProblem.REDIRECT_LOOP, f"{asked} led elsewhere {count} times without end.")
    try:
        check_url(url.partition("#")[0])
    except FetchError as error:
        return error
    if before is not None and before.startswith("https:") and url.startswith("http:"):
        return FetchError(
            FetchProblem.BAD_REDIRECT,
            f"{before} leads from https to http, which is not followed.",
            transient=False,
        )
    return None
