"""What stands before every page: who may ask, and what a browser may do with the answer.

The outermost layer, so nothing leaves without these headers: no page, no refusal, no mistake in an
address, no fault of ours. It refuses to know which pages there are.
"""

from __future__ import annotations

import base64
import logging
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from monitor.report.html import content_security_policy

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("writethru.web")

_HEADERS = {
    "Content-Security-Policy": content_security_policy() + "; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",  # for what does not know frame-ancestors
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",  # nobody finds a page in the cache of a browser that was shared
}


class Door:
    """Lets nobody past without the token, where one is set, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # nothing here speaks anything but HTTP
        begun = False

        async def send_sealed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        try:
            await self._answer(scope, receive, send_sealed)
        except Exception:  # the outermost place where a fault of ours can still become an answer
            log.exception("no answer could be made to %s", scope["path"])
            if not begun:
                fault = PlainTextResponse("Something went wrong here; the log says what.", 500)
                await fault(scope, receive, send_sealed)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if _is_built_into_another_site(headers):
            await PlainTextResponse("This is not shown inside other pages.", 403)(scope, receive, send)
        elif self._token is None or _shows(headers, self._token):
            await self._app(scope, receive, send)
        else:
            login = {"WWW-Authenticate": 'Basic realm="Writethru"'}
            await PlainTextResponse("This needs the token.", 401, headers=login)(scope, receive, send)


def _is_built_into_another_site(headers: Headers) -> bool:
    """Whether a page of somebody else's has a browser ask for this unseen, as an image say. It would learn
    nothing; but a comparison takes work, and it could ask for a thousand."""
    elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")  # another port is the same site
    return elsewhere and headers.get("sec-fetch-mode") != "navigate"


def _shows(headers: Headers, token: str) -> bool:
    """Whether the request carries the token: as a bearer token, or as the password of a login."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[2]
        except ValueError:  # no base64, or no text in it
            return False
    return secrets.compare_digest(value.encode(), token.encode())
