"""Fetcher: all HTTP of our own goes through here, guarded, bounded and conditional.

One total deadline covers look-up, connection, TLS, headers and body. Redirects are followed by
hand, without a source's own headers where they lead to another origin; whoever owes a host a pause is
handed the errand back at each. What comes back is complete and decoded, or it is a FetchError: a body that
was cut, is too large or is packed in a way nobody asked for is never handed on. Knows nothing of articles.
"""

from __future__ import annotations

import http.client
import io
import re
import ssl
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from monitor.adapter import GuardedAdapter
from monitor.config import Proxy
from monitor.deadline import Deadline
from monitor.errand import Errand
from monitor.errors import FetchError
from monitor.guard import Guard
from monitor.kept import Kept
from monitor.room import LARGE, Place, Room
from monitor.tunnel import way_out
from monitor.unpack import ASKED_FOR, unpacker
from storage.records import FetchProblem, Redirect, Response, Validators

WITHHELD = "(withheld)"
"""What stands for the value of a header that may be a secret."""
MAX_REDIRECTS = 5
MAX_URL = 2048
MAX_RETRY_AFTER = timedelta(hours=24)
_CHUNK = 65536
_MOST_PIECES = 50_000  # each takes work, however small: this many take half a second
_RATIO_AFTER = 1 << 20
_MAX_RATIO = 100
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BODILESS = frozenset({204, 304})  # their length is that of the page they do not carry (RFC 9110, 8.6)
_TOLD_TO_ALL = frozenset({"accept", "accept-language"})
_MOST_HEAD = 1 << 17
_HUNG_UP = 0  # no status: the server had given up the connection, and the same is asked over another
_BAD_URL = re.compile(r"[\x00-\x20\x7f\\\u00ad]")
# A host that nobody can read in another way.
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f]*:[0-9a-f:.]+")


class Fetcher:
    """:param user_agent: sent with every request.
    :param deadline: seconds for one whole fetch, redirects included.
    :param max_body: bytes at most, packed and unpacked.
    :param proxy: what the connections are made through; the guard judges where they lead as ever.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        user_agent: str,
        deadline: float = 30.0,
        max_body: int = 10 << 20,
        proxy: Proxy | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connect = way_out(guard, proxy)
        self._user_agent = user_agent
        self._deadline = deadline
        self._max_body = max_body
        self._clock = clock
        self._room = Room()
        self._kept = Kept()
        weakref.finalize(self, self._kept.close)

    def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        headers: Mapping[str, str] | None = None,
        first: int | None = None,
    ) -> Response:
        """GET ``url``, following at most five redirects at once; a 304 comes back as such.

        :param validators, headers, first: as in ``errand``.
        :raises FetchError: there is no usable answer.
        """
        step: Response | Errand = self.errand(url, validators=validators, headers=headers, first=first)
        while isinstance(step, Errand):
            step = self.go(step, lambda _: True)
        return step

    def errand(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        headers: Mapping[str, str] | None = None,
        first: int | None = None,
    ) -> Errand:
        """A GET that is still to be made.

        :param validators: make it conditional.
        :param headers: a source's own; where the origin changes all are dropped that may be a secret, and
            with them what made it conditional.
        :param first: of a longer body only so many bytes are wanted, and the rest is not waited for.
        :raises FetchError: this is no address that is ever fetched.
        """
        sent = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"}
        sent |= dict(headers or {}) | _conditions(validators)
        own = frozenset(name.lower() for name in headers or {})
        return Errand(url=url, at=check_url(url), headers=sent, own=own, first=first, since=self._clock())

    def go(self, errand: Errand, may_follow: Callable[[str], bool]) -> Response | Errand:
        """Make an errand's next request, and those to which it is redirected and that may be made at once.

        :param may_follow: whether the next request, to that address, may follow upon the one before.
        :return: the answer; or the errand as it stands, where the next request has to wait.
        :raises FetchError: there is no usable answer.
        """
        began = time.monotonic()
        with Deadline(max(0.0, self._deadline - errand.spent)) as deadline, self._room.place() as place:
            while True:
                step = self._step(errand, deadline, place)
                spent = errand.spent + time.monotonic() - began
                if isinstance(step, Response):
                    answer = replace(step, ms=round(spent * 1000, 1))
                    place.keep_for(answer)
                    return answer
                if not may_follow(step.at):
                    return replace(step, spent=spent)
                errand = step

    def tidy(self) -> None:
        """Close the connections that nobody has asked for in a while."""
        self._kept.tidy()

    def _step(self, errand: Errand, deadline: Deadline, place: Place) -> Response | Errand:
        """One request of an errand: the answer, or the errand with what is to be asked next."""
        status, received, body = self._exchange(
            "GET", errand.at, errand.headers, None, deadline, self._max_body, place, errand
        )
        if status == _HUNG_UP:
            return replace(errand, fresh=True)
        target = _redirect_target(errand.at, status, received)
        if target is None:
            return Response(
                url=errand.url,
                final_url=errand.at,
                status=status,
                headers=received,
                body=body,
                fetched_at=errand.since,
                redirects=errand.hops,
                asked=self._asked(errand.headers, errand.own),
            )
        hops = (*errand.hops, Redirect(status=status, url=target))
        if len(hops) > MAX_REDIRECTS or target == errand.at:
            raise FetchError(
                FetchProblem.REDIRECT_LOOP, f"{errand.url} was redirected {len(hops)} times without end."
            )
        sent = _headers_for(errand.headers, errand.at, target)
        return replace(errand, at=target, headers=sent, hops=hops, fresh=False)

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, max_answer: int | None = 1 << 20
    ) -> Response:
        """POST ``body``; a redirect is an answer like any other and is not followed.

        :param max_answer: bytes of the answer at most; None: only its head is wanted.
        :raises FetchError: there is no usable answer.
        """
        started = time.monotonic()
        with Deadline(self._deadline) as deadline, self._room.place() as place:
            status, received, answer = self._exchange(
                "POST", check_url(url), headers, body, deadline, max_answer, place
            )
        return Response(
            url=url,
            final_url=url,
            status=status,
            headers=received,
            body=answer,
            fetched_at=self._clock(),
            ms=round((time.monotonic() - started) * 1000, 1),
        )

    def _own(self) -> dict[str, str]:
        return {"User-Agent": self._user_agent, "Accept-Encoding": ASKED_FOR}

    def _asked(self, sent: Mapping[str, str], hidden: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """What is kept of the last request's headers: of a source's own, which may be secret, the names."""
        return tuple(
            (name, WITHHELD if name.lower() in hidden else value)
            for name, value in {**self._own(), **sent}.items()
        )

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: Deadline,
        limit: int | None,
        place: Place,
        errand: Errand | None = None,
    ) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """One request and its answer; the body of a redirect is not read, nor where no limit is given.

        :param errand: whose connection may be one that was kept, and is kept; then ``_HUNG_UP`` says that it
            was not there any more.
        """
        kept = None if errand is None or errand.fresh else self._kept.take(errand.line)
        adapter = kept or GuardedAdapter(self._connect)
        raw: urllib3.HTTPResponse | None = None
        try:
            adapter.go_by(deadline)
            request = requests.Request(method, url, headers={**self._own(), **headers}, data=body).prepare()
            answer = adapter.send(request, stream=True, timeout=deadline.remaining(), verify=True)
            raw = answer.raw
            deadline.check()
            received = tuple((name, _header_text(name, value)) for name, value in raw.headers.items())
            if sum(len(name) + len(value) for name, value in received) > _MOST_HEAD:
                raise http.client.HTTPException("its headers have no end")
            if limit is None or (answer.status_code in _REDIRECTS and "location" in raw.headers):
                return answer.status_code, received, b""
            first = None if errand is None else errand.first
            return answer.status_code, received, _read_body(raw, limit, deadline, place, first)
        except FetchError as error:
            raise _too_late(url, deadline) if deadline.is_over(error) else error from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            if raw is None and not deadline.expired and adapter.was_hung_up_on(error):
                return _HUNG_UP, (), b""
            raise _problem(url, error, deadline) from error
        except (OSError, ValueError) as error:
            raise _problem(url, error, deadline) from error
        finally:
            if raw is not None:
                raw.close()
            if errand is not None and adapter.is_open():
                self._kept.keep(errand.line, adapter)
            else:
                adapter.close()


def check_url(url: str) -> str:
    """That URL, where it is one we fetch: http or https, with a host, without credentials.

    :raises FetchError: BAD_REDIRECT, with what is wrong about it.
    """
    trouble = url_trouble(url)
    if trouble is not None:
        raise FetchError(FetchProblem.BAD_REDIRECT, f"{_clean(url)[:200]}: {trouble}.", transient=False)
    return url


def url_trouble(url: str) -> str | None:
    """What is wrong with that URL, in words; None: nothing."""
    if len(url) > MAX_URL:
        return f"the address is longer than {MAX_URL} characters"
    if _BAD_URL.search(url):
        return "the address has spaces, backslashes or control characters in it"
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        agreed = urllib3.util.parse_url(url)
        if not host.isascii():
            host = urllib3.util.parse_url(f"http://{host}").host or ""
    except (ValueError, urllib3.exceptions.LocationParseError):
        return "this is not a web address"
    if parts.scheme.lower() not in ("http", "https"):
        return "only http:// and https:// addresses are fetched"
    if not _HOST.fullmatch(host) or port == 0 or (agreed.host or "").strip("[]").lower() != host.lower():
        return "the address names no host that can be trusted"
    if parts.username is not None or parts.password is not None:
        return "the address carries credentials; put them into the source's headers"
    return None


def retry_after(response_headers: tuple[tuple[str, str], ...], now: datetime) -> timedelta | None:
    """How long the server asks us to stay away (RFC 9110, 10.2.3), at most a day."""
    value = next((v for name, v in response_headers if name.lower() == "retry-after"), "").strip()
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else parsedate_to_datetime(value) - now
    except (ValueError, TypeError, OverflowError):
        return MAX_RETRY_AFTER if value.isdecimal() else None
    return max(timedelta(0), min(wait, MAX_RETRY_AFTER))


# ---------------------------------------------------------------------- one exchange


def _conditions(validators: Validators | None) -> dict[str, str]:
    if validators is None:
        return {}
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in pairs.items() if value}


def _redirect_target(url: str, status: int, headers: tuple[tuple[str, str], ...]) -> str | None:
    location = next((value for name, value in headers if name.lower() == "location"), None)
    if status not in _REDIRECTS or location is None:
        return None
    try:
        joined = urljoin(url, location.strip())
    except ValueError:
        joined = location
    target = check_url(joined.partition("#")[0])
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http":
        raise FetchError(
            FetchProblem.BAD_REDIRECT,
            f"{url} leads from https to http, which is not followed.",
            transient=False,
        )
    return target


def _headers_for(sent: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    """What is sent to the next address: to another origin nothing that was meant for the one before."""
    if urlsplit(old)[:2] == urlsplit(new)[:2]:
        return dict(sent)
    return {name: value for name, value in sent.items() if name.lower() in _TOLD_TO_ALL}


# ---------------------------------------------------------------------- the body


def _read_body(
    raw: urllib3.HTTPResponse, limit: int, deadline: Deadline, place: Place, first: int | None
) -> bytes:
    unpack = unpacker(raw.headers.get("content-encoding", ""))
    if raw.headers.get("transfer-encoding", "").strip().lower() not in ("", "identity", "chunked"):
        raise FetchError(FetchProblem.BAD_ENCODING, "The answer is sent in a way that was not asked for.")
    promised = None if raw.status in _BODILESS else _promised(raw.headers.get("content-length", ""))
    received, pieces, body = 0, 0, io.BytesIO()  # its bytes are handed on without a copy
    for chunk in _chunks(raw):
        received += len(chunk)
        for piece in unpack.feed(chunk):
            deadline.check()
            body.write(piece)
            if first is not None and body.tell() >= first:
                return body.getvalue()[:first]
            pieces += 1
            if pieces > _MOST_PIECES:
                raise FetchError(
                    FetchProblem.PROTOCOL,
                    "The answer comes in crumbs, and in more of them than any page does.",
                )
            packed_beyond_reason = body.tell() > max(_RATIO_AFTER, received * _MAX_RATIO)
            if max(received, body.tell()) > limit or packed_beyond_reason:
                raise FetchError(
                    FetchProblem.TOO_LARGE,
                    f"The page is larger than {limit >> 20} MB, or packed beyond reason.",
                    transient=False,
                )
        if body.tell() > LARGE and not place.take(deadline):
            raise TimeoutError("too many large pages were in hand")
    deadline.check()
    if promised not in (None, received) or not unpack.complete(received):
        raise FetchError(FetchProblem.TRUNCATED, "The answer ended before it was complete.")
    return body.getvalue()


def _promised(length: str) -> int | None:
    """The length of the body as it is announced, which a careless server says twice; None: it is not.

    :raises ValueError: this is no length.
    """
    said = {each.strip() for each in length.split(",")}
    if said == {""}:
        return None
    (value,) = said
    if not value.isascii() or not value.isdecimal():
        raise ValueError("its length is none")
    return int(value)


def _chunks(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    while chunk := raw.read1(_CHUNK, decode_content=False):
        yield chunk


# ---------------------------------------------------------------------- what went wrong


def _problem(url: str, error: BaseException, deadline: Deadline) -> FetchError:
    """The FetchError for whatever the libraries below raised."""
    host = urlsplit(url).netloc
    causes = list(_causes(error))
    if deadline.expired or any(isinstance(c, TimeoutError | requests.Timeout) for c in causes):
        return _too_late(url, deadline)
    if any(isinstance(c, ssl.SSLError | ssl.CertificateError | requests.exceptions.SSLError) for c in causes):
        return FetchError(FetchProblem.TLS, f"No secure connection to {host}: {_last_words(causes)}.")
    if any(isinstance(c, http.client.IncompleteRead | urllib3.exceptions.IncompleteRead) for c in causes):
        return FetchError(FetchProblem.TRUNCATED, f"The answer of {host} ended before it was complete.")
    if any(isinstance(c, requests.exceptions.InvalidURL | UnicodeError) for c in causes):
        return FetchError(
            FetchProblem.BAD_REDIRECT, f"{_clean(url)[:200]} is not a web address.", transient=False
        )
    if any(isinstance(c, http.client.HTTPException | ValueError) for c in causes):
        return FetchError(FetchProblem.PROTOCOL, f"{host} does not speak HTTP: {_last_words(causes)}.")
    return FetchError(FetchProblem.CONNECT, f"The connection to {host} failed: {_last_words(causes)}.")


def _too_late(url: str, deadline: Deadline) -> FetchError:
    host = urlsplit(url).netloc
    if deadline.cut_short:
        return FetchError(FetchProblem.TIMEOUT, f"{host} sends a large page slowly, and others had to wait.")
    return FetchError(FetchProblem.TIMEOUT, f"{host} did not answer within {deadline.seconds:.0f} s.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo = [error]
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [current.__cause__, current.__context__, getattr(current, "reason", None)]
        todo += [arg for arg in current.args if isinstance(arg, BaseException)]
        todo = [cause for cause in todo if isinstance(cause, BaseException)]


def _last_words(causes: list[BaseException]) -> str:
    said = getattr(causes[-1], "strerror", None) or str(causes[-1]) or type(causes[-1]).__name__
    return _clean(str(said))[:200].rstrip(".")


def _header_text(name: str, value: str) -> str:
    """A header fit to be kept; an address in it may be in UTF-8, which HTTP's headers know nothing of."""
    if name.lower() == "location":
        with suppress(UnicodeError):  # it may be in what HTTP says
            value = value.encode("latin-1").decode("utf-8")
    return _clean(value)


def _clean(text: str) -> str:
    """That text on one line, free of control characters: it goes into logs and the database."""
    return "".join(c if c.isprintable() else " " for c in text)
