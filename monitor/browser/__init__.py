"""Browser: pages that need JavaScript, opened in a Chromium of this machine, bounded like any other fetch.

All that the browser asks for goes through a proxy of ours, which the address guard watches. It is started when
it is first needed, opens one page at a time, and is ended and started anew after some pages, or when one of
them was too much for it. Only this package knows Playwright.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from monitor import config
from monitor.browser.chromium import LAUNCH_SECONDS, Chromium, installed, why_not
from monitor.browser.proxy import Proxy
from monitor.errors import BrowserBusy, FetchError
from monitor.fetch import check_url
from monitor.guard import Guard
from monitor.tunnel import way_out
from storage.records import FetchProblem, Response

__all__ = ["Browser", "installed", "why_not"]

log = logging.getLogger("writethru.browser")

PAGES_EACH = 50
_LIFETIME = 3600.0
_GROWN = 1 << 30
_ALLOWANCE = 5
_TURN_SECONDS = 1.0
_CLOSE_SECONDS = 3.0
_GRACE = 20.0


class Browser:
    """:param program: the browser; None: the one that is installed.
    :param user_agent: sent with every request.
    :param deadline: seconds for one page, from its first request to its picture.
    :param max_body: bytes of a finished document at most; all that a page brings in may be five times as much.
    :param proxy: what all connections are made through; the guard judges where they lead as ever.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        user_agent: str,
        program: str | None = None,
        deadline: float = 30.0,
        max_body: int = 10 << 20,
        proxy: config.Proxy | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connect = way_out(guard, proxy)
        self._program = program
        self._user_agent = user_agent
        self._deadline = deadline
        self._max_body = max_body
        self._clock = clock
        self._turn = threading.Lock()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._proxy: Proxy | None = None
        self._chromium: Chromium | None = None
        self._task: asyncio.Task[object] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def get(self, url: str, *, cookies: str = "") -> Response:
        """The page at ``url`` as it stands once its scripts have run; see ``Response.browser``.

        :param cookies: as in a Cookie header; they go to the host of ``url`` alone.
        :raises FetchError: there is no usable answer.
        :raises BrowserBusy: another page is open in it; it is for the caller to come again.
        """
        check_url(url)
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise BrowserBusy(f"The browser has another page open; {url} is opened later.")
        try:
            if self._closed:
                raise _failed(url, "it has been ended")
            loop = self._running()
            asked = asyncio.run_coroutine_threadsafe(self._get(url, _pairs(cookies)), loop)
            return asked.result(LAUNCH_SECONDS + self._deadline + _GRACE)
        except CancelledError:
            raise _failed(url, "it was ended meanwhile") from None
        except TimeoutError:
            self._abandon()
            raise _failed(url, "it does not answer any more") from None
        finally:
            self._turn.release()

    def close(self, patience: float = 0.0) -> None:
        """End it for good; a page that is just being opened is given up after so many seconds."""
        self._closed = True
        if self._turn.acquire(timeout=patience):
            self._turn.release()
        loop, proxy = self._loop, self._proxy
        self._loop, self._proxy = None, None
        if loop is not None:
            with suppress(TimeoutError, CancelledError):
                asyncio.run_coroutine_threadsafe(self._end(), loop).result(_GRACE)
            loop.call_soon_threadsafe(loop.stop)
        if proxy is not None:
            proxy.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ in the loop's own thread

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop that the browser is driven in, with the proxy it needs; made where there is none."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._proxy = Proxy(self._connect)
            threading.Thread(target=_turn_round, args=(self._loop,), name="browser", daemon=True).start()
        return self._loop

    async def _get(self, url: str, cookies: tuple[tuple[str, str], ...]) -> Response:
        from playwright.async_api import Error

        from monitor.browser.page import Wanted, open_page

        self._task = asyncio.current_task()
        wanted = Wanted(
            url=url,
            seconds=self._deadline,
            max_body=self._max_body,
            at=self._clock(),
            cookies=cookies,
        )
        try:
            chromium, proxy = await self._started()
            with proxy.load(_ALLOWANCE * self._max_body) as load:
                response = await _or_its_trouble(open_page(chromium, proxy.address, load, wanted))
            await self._tidy(chromium)
        except TimeoutError:
            self._kill()
            raise FetchError(
                FetchProblem.TIMEOUT, f"{url} took longer than {self._deadline:.0f} s in the browser."
            ) from None
        except Error as error:
            self._kill()
            raise _failed(url, _words(error.message)) from None
        if isinstance(response, FetchError):
            raise response
        return response

    async def _started(self) -> tuple[Chromium, Proxy]:
        """
        :raises FetchError: BROWSER: it cannot be started.
        """
        proxy = self._proxy
        trouble = why_not(self._program)
        if trouble is not None or proxy is None:
            raise FetchError(FetchProblem.BROWSER, f"No browser can be started: {trouble}.", transient=False)
        if self._chromium is not None and not self._chromium.browser.is_connected():
            self._kill()
        if self._chromium is None:
            program = installed(self._program) or ""
            self._chromium = await Chromium.start(program, proxy.address, self._user_agent)
            log.info("started %s to read pages with", self._chromium.name)
        self._chromium.pages += 1
        return self._chromium, proxy

    async def _tidy(self, chromium: Chromium) -> None:
        """Nothing of a page stays open; and a browser that has done its share is ended.

        :raises TimeoutError: it does not obey.
        """
        for context in chromium.browser.contexts:
            await asyncio.wait_for(context.close(), _CLOSE_SECONDS)
        old = time.monotonic() - chromium.born > _LIFETIME
        if old or chromium.pages >= PAGES_EACH or chromium.memory > _GROWN:
            self._chromium = None
            self._leave(chromium)

    def _kill(self) -> None:
        chromium, self._chromium = self._chromium, None
        if chromium is not None:
            chromium.kill()
            self._leave(chromium)

    def _leave(self, chromium: Chromium) -> None:
        """What is left of it to do need not be waited for."""
        task = asyncio.ensure_future(chromium.end())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _end(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_CLOSE_SECONDS)
        chromium, self._chromium = self._chromium, None
        if chromium is not None:
            self._leave(chromium)
        if self._leaving:
            await asyncio.wait(self._leaving)

    def _abandon(self) -> None:
        """The loop itself hangs: leave it behind, without a browser."""
        log.error("The browser does not answer any more; it is started anew.")
        loop, proxy, chromium = self._loop, self._proxy, self._chromium
        self._loop, self._proxy, self._chromium = None, None, None
        if chromium is not None:
            chromium.kill()
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)
        if proxy is not None:
            proxy.close()


def _turn_round(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _or_its_trouble(opening: Coroutine[None, None, Response]) -> Response | FetchError:
    """The page; or why there is none, where the browser is not to blame."""
    try:
        return await opening
    except FetchError as error:
        return error


def _failed(url: str, why: str) -> FetchError:
    return FetchError(FetchProblem.BROWSER, f"The browser could not open {url}: {why}.")


def _words(said: str) -> str:
    if "No usable sandbox" in said:
        return "its sandbox cannot run on this machine, which docs/browser.md tells more about"
    return said.strip().partition("\n")[0].rstrip(".")


def _pairs(cookies: str) -> tuple[tuple[str, str], ...]:
    pairs = (cookie.strip().partition("=") for cookie in cookies.split(";"))
    return tuple((name, value) for name, _, value in pairs if name)
