"""What can be seen of an open page: its document, and a picture of it.

It is asked for from a world that the page's scripts cannot reach, and is bounded before it leaves the browser.
Knows nothing of how the page came in.
"""

from __future__ import annotations

import asyncio
import codecs
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Error, Page

WIDTH, HEIGHT = 1280, 900
SHOT_HEIGHT = 6000
SHOT_BYTES = 1 << 20
_SHOT_SECONDS = 5.0
_SHOT_SLACK = 0.5
_QUALITIES = (60, 30)

_LENGTH = "document.readyState == 'loading' ? -1 : (document.documentElement?.outerHTML ?? '').length"
_TALL = "document.documentElement?.scrollHeight ?? 0"
_DOCUMENT = """(() => {
  const kind = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + '\\n' : '';
  const whole = kind + (document.documentElement?.outerHTML ?? '');
  return whole.length > %d ? -1 : whole;
})()"""


@dataclass(frozen=True, kw_only=True)
class Glass:
    """An open page, seen through ``session``, which is the page's own."""

    page: Page
    session: CDPSession

    async def length(self) -> int:
        """Of the document, in characters; negative while it is still coming in."""
        return await self._number(_LENGTH)

    async def document(self, limit: int) -> bytes | None:
        """The document, in UTF-8 whatever it came in: the byte order mark outdoes what else it says of that.
        None: it is longer than so many bytes."""
        found = await self._ask(_DOCUMENT % limit)
        body = codecs.BOM_UTF8 + found.encode("utf-8", "replace") if isinstance(found, str) else None
        return None if body is None or len(body) > limit else body

    async def picture(self, ends: float) -> bytes | None:
        """A picture of the page from its top, in JPEG; None: there is none of a bearable size, or no time.

        :param ends: when there is none left.
        """
        left = ends - time.monotonic() - _SHOT_SLACK
        if left <= 0:
            return None
        try:
            async with asyncio.timeout(min(left, _SHOT_SECONDS)):
                return await self._pictured()
        except (Error, TimeoutError):
            return None  # a page that cannot be pictured can still be read

    async def _pictured(self) -> bytes | None:
        tall = max(HEIGHT, min(SHOT_HEIGHT, await self._number(_TALL)))
        for quality in _QUALITIES:
            shot = await self.page.screenshot(
                type="jpeg",
                quality=quality,
                full_page=True,
                clip={"x": 0, "y": 0, "width": WIDTH, "height": tall},
                animations="disabled",
                scale="css",
                timeout=0,
            )
            if len(shot) <= SHOT_BYTES:
                return shot
        return None

    async def frame(self) -> str:
        tree = await self.session.send("Page.getFrameTree")
        return str(tree["frameTree"]["frame"]["id"])

    async def _ask(self, expression: str) -> object:
        """What an expression comes to in the page, in a world of our own."""
        named = {"frameId": await self.frame(), "worldName": "writethru"}
        world = await self.session.send("Page.createIsolatedWorld", named)
        found: Mapping[str, Any] = await self.session.send(
            "Runtime.evaluate",
            {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True},
        )
        return found["result"].get("value")

    async def _number(self, expression: str) -> int:
        try:
            found = await self._ask(expression)
        except Error:
            return -1  # another page is just coming in
        return int(found) if isinstance(found, int | float) else -1
