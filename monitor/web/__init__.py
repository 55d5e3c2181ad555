"""Pages over the Store: the same ones that ``report`` writes, served; and the service's health.

Read only. Listens on loopback unless a token is set.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Annotated

import uvicorn
from fastapi import FastAPI, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from monitor.config import WebSettings
from monitor.errors import FetchError, UsageError
from monitor.report import (
    ARTICLES_PER_PAGE,
    Head,
    ServerLinks,
    Totals,
    article_page,
    charts_page,
    choices_page,
    diff_page,
    index_page,
    index_pages,
    text_page,
)
from monitor.web.door import Door
from monitor.web.figures import Figures
from monitor.weighing import Compared, compared
from storage.errors import StorageBusy, StorageError, StorageUnwritable, TakenOut
from storage.ledger import LogFilter
from storage.records import ServiceReason
from storage.store import Store

Id = Annotated[int, Path(ge=1, lt=1 << 62)]
Page = Annotated[int, Query(ge=1, lt=1 << 31)]

_NEWEST = 100
_LATEST_CHECKS = 50


def create_app(
    store: Store,
    settings: WebSettings,
    zone: tzinfo,
    trouble: Callable[[], str | None],
    compared: Compared = compared,
) -> FastAPI:
    """:param trouble: why the daemon is not doing its work, in a sentence; None: it is.
    :param compared: compares two versions, where nothing else is held up by it.
    """
    app = FastAPI(title="Writethru", docs_url=None, redoc_url=None, openapi_url=None)
    _protect(app, settings)
    _add_health(app, store, trouble)
    _add_pages(app, store, zone, compared)
    return app


def _protect(app: FastAPI, settings: WebSettings) -> None:
    """The token where one is set, loopback names alone where none is; and every refusal in plain text, which
    repeats nothing of what was asked."""
    if settings.token is None:
        ours = ["127.0.0.1", "localhost", "[::1]", settings.host]
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=ours, www_redirect=False)
    app.add_middleware(Door, token=settings.token)

    @app.exception_handler(StarletteHTTPException)
    async def refused(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, StarletteHTTPException) else 404
        said = "There is no such page." if status == 404 else "This cannot be asked here."
        return PlainTextResponse(said, status, headers=getattr(error, "headers", None))

    @app.exception_handler(RequestValidationError)
    async def no_address(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse("There is no such page.", 404)

    @app.exception_handler(FetchError)
    async def not_compared(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse("These versions are too different to be compared in time.", 503)

    @app.exception_handler(StorageError)
    async def not_there(_request: Request, error: Exception) -> Response:
        if isinstance(error, StorageBusy | StorageUnwritable):
            return PlainTextResponse("The database cannot be read now; try again in a moment.", 503)
        if isinstance(error, TakenOut):
            return PlainTextResponse(str(error), 410)
        return PlainTextResponse("There is no such page.", 404)


def _add_health(app: FastAPI, store: Store, trouble: Callable[[], str | None]) -> None:
    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/health/ready")
    def ready(response: Response) -> dict[str, str]:
        try:
            store.chain_head()
            reason = trouble()
        except StorageError as error:
            reason = str(error)
        if reason is None:
            return {"status": "ok"}
        response.status_code = 503
        return {"status": "not ready", "reason": reason}


def _add_pages(app: FastAPI, store: Store, zone: tzinfo, compared: Compared) -> None:
    links = ServerLinks()
    figures = Figures(store, zone)

    @app.get("/", response_class=HTMLResponse)
    def index(page: Page = 1) -> str:
        counts = store.counts()
        totals = Totals(**{name: counts[name] for name in ("articles", "revisions", "checks")})
        if page > index_pages(totals.articles):
            raise HTTPException(404)
        articles = store.newest_articles((page - 1) * ARTICLES_PER_PAGE, ARTICLES_PER_PAGE)
        entries = store.log(LogFilter(last=_NEWEST)) if page == 1 else []
        drawn = figures.charts() if page == 1 else ()
        return index_page(
            articles,
            entries,
            datetime.now(UTC),
            links,
            zone=zone,
            charts=drawn,
            charts_since=figures.since,
            page=page,
            totals=totals,
        )

    @app.get("/charts", response_class=HTMLResponse)
    def all_charts() -> str:
        return charts_page(figures.charts(), datetime.now(UTC), links, zone=zone, since=figures.since)

    @app.get("/articles/{article_id}", response_class=HTMLResponse)
    def article(article_id: Id) -> str:
        entries = store.log(LogFilter(article_id=article_id))
        checks = store.checks(article_id=article_id, last=_LATEST_CHECKS)
        gaps = store.notes(ServiceReason.GAP)
        return article_page(
            store.article(article_id), entries, links=links, checks=checks, gaps=gaps, zone=zone
        )

    @app.get("/articles/{article_id}/diff/{a}..{b}", response_class=HTMLResponse)
    def diff(article_id: Id, a: Id, b: Id) -> str:
        old, new = store.revision(article_id, a), store.revision(article_id, b)
        gaps = store.notes(ServiceReason.GAP)
        head = Head.of(store.article(article_id), old, new, zone, store.entry(article_id, b), gaps)
        found, meaning = compared(old.extraction, new.extraction)
        stored = new.assessment if b == a + 1 else None
        return diff_page(found, stored or meaning, head, links=links)

    @app.get("/articles/{article_id}/{number}/compare", response_class=HTMLResponse)
    def choices(article_id: Id, number: Id) -> str:
        entries = store.log(LogFilter(article_id=article_id))
        store.revision(article_id, number)
        return choices_page(store.article(article_id), entries, number, links=links, zone=zone)

    @app.get("/articles/{article_id}/{number}", response_class=HTMLResponse)
    def version(article_id: Id, number: Id) -> str:
        shown = store.article(article_id)
        numbers = range(1, shown.revisions + 1)
        revision, entry = store.revision(article_id, number), store.entry(article_id, number)
        return text_page(shown, revision, links=links, numbers=numbers, zone=zone, entry=entry)


class WebServer:
    """The pages in a thread of their own.

    :raises UsageError: the address cannot be listened on.
    """

    def __init__(self, app: FastAPI, settings: WebSettings) -> None:
        self._socket = _listen(settings.host, settings.port)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                log_config=None,
                access_log=False,
                lifespan="off",
                proxy_headers=False,  # nobody's word is taken for where a request comes from
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that is listened on, also where the system chose it."""
        port: int = self._socket.getsockname()[1]
        return port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(3)
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise UsageError(
            f"Cannot listen on {host}:{port} ({(error.strerror or str(error)).lower()}); set [web] listen to another "
            "address, or enabled = false."
        ) from None
    made.set_inheritable(False)
    return made
