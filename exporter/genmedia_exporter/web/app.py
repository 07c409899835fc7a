"""The routes of the exporter, and nothing else: whatever is not listed here is 404."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.web.http.origin import Hosts, KnownHosts, OwnOrigin, external_host
from genmedia_exporter.web.http.responses import (
    NOT_FOUND,
    on_crash,
    on_http_error,
    on_stalled,
    on_storage_error,
    problem,
)
from genmedia_exporter.web.http.streams import Streams
from genmedia_exporter.web.look import Looking
from genmedia_exporter.web.routes.lifecycle import Lifecycle
from genmedia_exporter.web.routes.metrics import MetricsRoute
from genmedia_exporter.web.services import ProbingStalled, Services

RESERVED: Final = ("/metrics", "/-/healthy")
"""What is answered however many other requests there are."""


OBSERVATIONS: Final = "/api/v1/observations"
"""Where applications report their own calls, the one path that takes a body."""
MAX_REPORT: Final = 256 << 10
"""Bytes of such a report."""


def build_app(services: Services, streams: Streams | None = None) -> Starlette:
    """Return the application that serves *services*; who stops it ends its *streams*."""
    lifecycle = Lifecycle(services)
    hosts = Hosts((*services.allowed_hosts, external_host(services.external_url)))
    own = OwnOrigin(hosts, services.external_url)
    prefix = normal_prefix(services.route_prefix)
    routes = [
        Route(f"{prefix}/metrics", MetricsRoute(services).get),
        Route(f"{prefix}/config", lifecycle.config),
        Route(f"{prefix}/-/healthy", lifecycle.healthy),
        Route(f"{prefix}/-/ready", lifecycle.ready),
        Route(f"{prefix}/-/reload", own.only(lifecycle.reload), methods=["POST", "PUT"]),
        Route(f"{prefix}/-/spending", own.only(lifecycle.spending), methods=["POST", "PUT"]),
    ]
    if prefix:
        home = _Home(prefix, services.external_url)
        routes += [Route("/", home.get), Route(prefix, home.get)]
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: on_http_error,
            StorageError: on_storage_error,
            ProbingStalled: on_stalled,
            Exception: on_crash,
        },
    )
    app.add_middleware(Looking, wanted=services.look)
    app.add_middleware(SaneRequests)
    if services.allowed_hosts:
        app.add_middleware(KnownHosts, hosts=hosts)
    app.router.redirect_slashes = False
    app.router.default = _Others(lambda: other_routes(services, streams or Streams()))
    return app


class _Others:
    """What people and programs ask besides: built, and first of all imported, with its first request.

    Pages, their templates and the API are a tenth of a start, and most exporters are only scraped.
    """

    def __init__(self, routes: Callable[[], Sequence[BaseRoute]]) -> None:
        self._routes = routes
        self._router: Router | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._router is None:
            self._router = Router(self._routes(), redirect_slashes=False)
        await self._router(scope, receive, send)


def other_routes(services: Services, streams: Streams) -> Sequence[BaseRoute]:
    """Return the routes that are not needed to be scraped and supervised."""
    from genmedia_exporter.web import others

    return others.routes(services, normal_prefix(services.route_prefix), streams)


def normal_prefix(prefix: str) -> str:
    """Return a route prefix as "" or "/a/b", however the slashes were written."""
    inner = prefix.strip("/")
    return f"/{inner}" if inner else ""


class _Home:
    """Sends people who open the bare address to the prefix, as official exporters do."""

    def __init__(self, prefix: str, external_url: str) -> None:
        self._location = urlsplit(external_url).path.rstrip("/") or prefix

    async def get(self, _request: Request) -> Response:
        return RedirectResponse(self._location + "/", 302)


class SaneRequests:
    """Refuses requests that no route of ours can be meant by, before any sees them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (_refusal(scope) or self._app)(scope, receive, send)


def _refusal(scope: Scope) -> Response | None:
    # A line break at the end would be overlooked by the routes; no name of ours has one.
    if scope["type"] == "http" and not scope["path"].isprintable():
        return problem(NOT_FOUND, 404)
    return None
