"""One page, opened, waited for and taken down as it stands: its document as a reader has it, and a picture.

Nothing is kept between two pages: each has a context of its own. Trusts no page: what may not be followed is
not sent for, and what is not whole is not taken down. Knows nothing of where the browser comes from, nor of
articles.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, CDPSession, Error, Page, Request
from playwright.async_api import Response as Answer

from monitor.browser import failures
from monitor.browser.chromium import Chromium
from monitor.browser.glass import HEIGHT, WIDTH, Glass
from monitor.browser.proxy import Load
from monitor.errors import FetchError
from monitor.fetch import WITHHELD
from storage.records import FetchProblem, Redirect, Response

_LOOK_EVERY = 0.1
_QUIET = 0.5
_PATIENCE = 8.0
_MEMORY = 2 << 30
_MEMORY_EVERY = 1.0
_MOST_ASKED = 2000  # requests; pages full of advertisements make some hundreds
_MOST_SENT = 8 << 20  # bytes of addresses and of what is posted: we are told of all of it, and hold it
_ENDLESS = frozenset({"eventsource", "websocket", "media", "ping"})
_NOT_SENT_ON = frozenset({"host", "proxy-connection", "proxy-authorization"})
_PAGES = frozenset({"", "text/html", "application/xhtml+xml"})


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A page to be opened. ``cookies`` go to its own host alone; ``seconds``, and ``max_body`` in bytes of the
    finished document, bound it."""

    url: str
    seconds: float
    max_body: int
    at: datetime
    cookies: tuple[tuple[str, str], ...] = ()


async def open_page(chromium: Chromium, proxy: str, load: Load, wanted: Wanted) -> Response:
    """The page as it stands when it has come to rest, or when patience is at an end. It is left open: closing
    it is for whoever owns the browser.

    :raises FetchError: there is no usable answer.
    :raises TimeoutError: there was none in time; the browser may be beyond help then.
    :raises Error: the browser fails.
    """
    started = time.monotonic()
    async with asyncio.timeout(wanted.seconds):
        context = await chromium.browser.new_context(
            proxy={"server": proxy},  # with a name and a password here, servers that ask would be told them
            viewport={"width": WIDTH, "height": HEIGHT},
            accept_downloads=False,
            service_workers="block",
            ignore_https_errors=False,
            reduced_motion="reduce",
            timezone_id="UTC",
        )
        view = await _View.of(context, chromium, load, wanted)
        answer = await view.come_to_rest()
        response = await view.taken_down(answer)
    ms = round((time.monotonic() - started) * 1000, 1)
    return Response(**response, ms=ms)


@dataclass(kw_only=True)
class _View:
    """An open page, and what came and went in it. ``hops`` are the requests for the page itself: redirects and
    what its scripts led to included; ``ended`` says of each how it ended (None: well). ``broken`` is done when
    something puts an end to it all, and ``ends`` is when its time is up."""

    chromium: Chromium
    page: Page
    session: CDPSession
    glass: Glass
    load: Load
    wanted: Wanted
    broken: asyncio.Future[Answer]
    ends: float
    hops: list[Request] = field(default_factory=list)
    ended: dict[Request, str | None] = field(default_factory=dict)
    pending: set[Request] = field(default_factory=set)
    weighed_at: float = 0.0
    asked: int = 0
    sent: int = 0

    @classmethod
    async def of(cls, context: BrowserContext, chromium: Chromium, load: Load, wanted: Wanted) -> _View:
        parts = urlsplit(wanted.url)
        origin = f"{parts.scheme}://{parts.netloc}/"
        await context.add_cookies([{"name": n, "value": v, "url": origin} for n, v in wanted.cookies])
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        view = cls(
            chromium=chromium,
            page=page,
            session=session,
            glass=Glass(page=page, session=session),
            load=load,
            wanted=wanted,
            broken=asyncio.get_running_loop().create_future(),
            ends=time.monotonic() + wanted.seconds,
        )
        context.on("page", _close)
        page.on("request", view._began)
        page.on("requestfinished", lambda request: view._done(request, None))
        page.on("requestfailed", lambda request: view._done(request, request.failure or "net::ERR_FAILED"))
        page.on("close", lambda _: view._break(_given_up(wanted.url, "the browser was ended")))
        page.on("crash", lambda _: view._break(_given_up(wanted.url, "its tab broke down")))
        return view

    # ------------------------------------------------------------------ what happens in it

    def _began(self, request: Request) -> None:
        self.asked += 1
        self.sent += len(request.url) + len(request.post_data_buffer or b"")
        if self.asked > _MOST_ASKED or self.sent > _MOST_SENT:
            self._break(_asks_too_much(self.wanted.url))
            return
        if request.resource_type not in _ENDLESS:
            self.pending.add(request)
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.hops.append(request)

    def _done(self, request: Request, failure: str | None) -> None:
        self.pending.discard(request)
        if request in self.hops:
            self.ended[request] = failure

    def _break(self, error: FetchError) -> None:
        if not self.broken.done():
            self.broken.set_exception(error)

    # ------------------------------------------------------------------ until it rests

    async def come_to_rest(self) -> Answer:
        """Open it and wait; the answer that the page itself came by.

        :raises FetchError: there is none.
        """
        walk = asyncio.ensure_future(self._walk())
        try:
            await asyncio.wait({walk, self.broken}, return_when=asyncio.FIRST_COMPLETED)
            return walk.result() if walk.done() else self.broken.result()
        finally:
            walk.cancel()
            self.broken.cancel()

    async def _walk(self) -> Answer:
        said = ""
        await self._stand_between()
        try:
            await self.page.goto(self.wanted.url, wait_until="commit", timeout=0)
        except Error as error:
            said = error.message  # it may be a download, or another page that took its place
        await self._rest()
        if not self.hops:
            raise failures.named(self.wanted.url, said)
        last = self.hops[-1]
        answer = await last.response()
        failure = self.ended[last]
        self._judge(last.url, answer, failure)
        if answer is None:
            raise failures.named(last.url, failure or said)
        return answer

    async def _stand_between(self) -> None:
        """Let no request of the page itself out that may not be followed; and tell the proxy, and nobody else,
        the secret of this load."""
        frame = await self.glass.frame()
        led_from: list[str] = []

        def go_on(paused: Mapping[str, Any]) -> None:
            if self.broken.done():
                return  # nothing more of it goes out
            request, url = {"requestId": paused["requestId"]}, paused["request"]["url"]
            if paused["resourceType"] == "Document" and paused.get("frameId") == frame:
                before = led_from[-1] if led_from else None
                led_from.append(url)
                trouble = failures.hop_trouble(self.wanted.url, before, url, len(led_from) - 1)
                if trouble is not None:
                    self._break(trouble)
                    _behind(self.session.send("Fetch.failRequest", request | {"errorReason": "Aborted"}))
                    return
            _behind(self.session.send("Fetch.continueRequest", request))

        def answer(paused: Mapping[str, Any]) -> None:
            said = {"response": "CancelAuth"}
            if paused["authChallenge"].get("source") == "Proxy":
                secret = {"username": self.load.username, "password": self.load.password}
                said = {"response": "ProvideCredentials", **secret}
            told = {"requestId": paused["requestId"], "authChallengeResponse": said}
            _behind(self.session.send("Fetch.continueWithAuth", told))

        self.session.on("Fetch.requestPaused", go_on)
        self.session.on("Fetch.authRequired", answer)
        await self.session.send("Fetch.enable", {"handleAuthRequests": True})

    async def _rest(self) -> None:
        """Until the page has come in, and nothing is on its way and its document no longer changes, or until
        patience is at an end: some pages never rest. One that is not whole yet is waited for in any case."""
        came_in, length, since = None, -1, time.monotonic()
        patience = min(_PATIENCE, self.wanted.seconds / 2)
        while self.hops:
            now = time.monotonic()
            self._weigh(now)
            last = self.hops[-1]
            if last not in self.ended:
                came_in = None
            elif self.ended[last] is not None:
                return
            else:
                came_in = came_in or now
                found = await self.glass.length()
                if found != length or found < 0 or self.pending:
                    length, since = found, now
                if found >= 0 and (now - since >= _QUIET or now - came_in >= patience):
                    return
            await asyncio.sleep(_LOOK_EVERY)

    def _weigh(self, now: float) -> None:
        """
        :raises FetchError: the page asks for more than it may have.
        """
        if self.load.is_over:
            raise FetchError(
                FetchProblem.TOO_LARGE,
                f"{self.wanted.url} brought in more than {self.load.allowance >> 20} MB.",
                transient=False,
            )
        if now - self.weighed_at >= _MEMORY_EVERY:
            self.weighed_at = now
            if self.chromium.memory > _MEMORY:
                raise _given_up(self.wanted.url, f"it took more than {_MEMORY >> 30} GB of memory")

    def _judge(self, url: str, answer: Answer | None, failure: str | None) -> None:
        """
        :raises FetchError: what came in is no answer, or not all of one.
        """
        self._weigh(time.monotonic())
        refusal = failures.refused(self.load, url, answer.status if answer else None)
        if refusal is not None:
            raise refusal
        broken_off = failure is not None and "ERR_ABORTED" not in failure  # so end downloads, too
        if broken_off:
            raise failures.named(url, failure or "")

    # ------------------------------------------------------------------ taken down

    async def taken_down(self, answer: Answer) -> dict[str, Any]:
        """What there is to keep of it, as the fields of a response."""
        headers = tuple((each["name"], each["value"]) for each in await answer.headers_array())
        sent = tuple((each["name"], each["value"]) for each in await answer.request.headers_array())
        fields = {
            "url": self.wanted.url,
            "final_url": answer.url.partition("#")[0],
            "status": answer.status,
            "headers": headers,
            "fetched_at": self.wanted.at,
            "redirects": await self._redirects(),
            "asked": tuple(_shown(name, value) for name, value in sent if name.lower() not in _NOT_SENT_ON),
        }
        if self.ended[answer.request] is not None or not _is_page(headers):
            return fields | {"body": b""}  # a viewer's document, or a download: its type says enough
        body = await self._document()
        if self.hops[-1] != answer.request:
            raise _given_up(self.wanted.url, "it led elsewhere while it was read")
        shot = await self.glass.picture(self.ends)
        return fields | {"body": body, "browser": self.chromium.name, "screenshot": shot}

    async def _redirects(self) -> tuple[Redirect, ...]:
        """Where it led, each with the status of the answer that did; a script does so from a page."""
        found = []
        for before, after in zip(self.hops, self.hops[1:], strict=False):
            answer = await before.response()
            found.append(Redirect(status=answer.status if answer else 200, url=after.url.partition("#")[0]))
        return tuple(found)

    async def _document(self) -> bytes:
        """
        :raises FetchError: BAD_REDIRECT: it is one that its scripts made out of nothing; TOO_LARGE.
        """
        if not self.page.url.startswith(("http://", "https://")):
            said = f"{self.wanted.url} led to something that is not fetched."
            raise FetchError(FetchProblem.BAD_REDIRECT, said, transient=False)
        body = await self.glass.document(self.wanted.max_body)
        if body is None:
            said = f"The page is larger than {self.wanted.max_body >> 20} MB."
            raise FetchError(FetchProblem.TOO_LARGE, said, transient=False)
        return body


def _shown(name: str, value: str) -> tuple[str, str]:
    return name, WITHHELD if name.lower() == "cookie" else value


def _close(popup: Page) -> None:
    _behind(popup.close())


def _behind(doing: Coroutine[Any, Any, object]) -> None:
    """Have it done; where it fails the page is gone, which shows elsewhere."""
    asyncio.ensure_future(doing).add_done_callback(lambda done: done.cancelled() or done.exception())


def _given_up(url: str, why: str) -> FetchError:
    return FetchError(FetchProblem.BROWSER, f"{url} was given up in the browser: {why}.")


def _asks_too_much(url: str) -> FetchError:
    said = f"{url} asked for more than any page does, and was given up in the browser."
    return FetchError(FetchProblem.TOO_LARGE, said, transient=False)


def _is_page(headers: tuple[tuple[str, str], ...]) -> bool:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return kind.partition(";")[0].strip().lower() in _PAGES
