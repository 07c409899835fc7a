"""The routes of the exporter, and nothing else: whatever is not listed here is 404."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.web.http.origin import Hosts, KnownHosts, OwnOrigin, external_host
from genmedia_exporter.web.http.readers import Readers
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
from genmedia_exporter.web.pages.incidents import IncidentPages
from genmedia_exporter.web.pages.page_state import PageState
from genmedia_exporter.web.pages.status_page import PageRoute
from genmedia_exporter.web.pages.target_page import TargetRoute
from genmedia_exporter.web.routes.assets import AssetRoute
from genmedia_exporter.web.routes.badge import BadgeRoute
from genmedia_exporter.web.routes.catalogue import get_catalogue
from genmedia_exporter.web.routes.failures import FailureRoutes
from genmedia_exporter.web.routes.feeds import FeedRoutes
from genmedia_exporter.web.routes.history import HistoryRoutes
from genmedia_exporter.web.routes.incidents import IncidentRoutes
from genmedia_exporter.web.routes.lifecycle import Lifecycle
from genmedia_exporter.web.routes.live import LiveRoute
from genmedia_exporter.web.routes.metrics import MetricsRoute
from genmedia_exporter.web.routes.openapi import OpenApiRoute
from genmedia_exporter.web.routes.probe import ProbeRoute
from genmedia_exporter.web.routes.ranking import RouteRoute
from genmedia_exporter.web.routes.status import StatusRoute
from genmedia_exporter.web.routes.statuspage import StatuspageRoutes
from genmedia_exporter.web.services import ProbingStalled, Services

RESERVED: Final = ("/metrics", "/-/healthy")
"""What is answered however many other requests there are."""


def build_app(services: Services, streams: Streams | None = None) -> Starlette:
    """Return the application that serves *services*; who stops it ends its *streams*."""
    lifecycle = Lifecycle(services)
    readers = Readers(services.reader)
    past, failures = HistoryRoutes(services, readers), FailureRoutes(services)
    hosts = Hosts((*services.allowed_hosts, external_host(services.external_url)))
    own = OwnOrigin(hosts, services.external_url)
    prefix = normal_prefix(services.route_prefix)
    described = OpenApiRoute(
        services.external_url or prefix,
        lambda: services.snapshot().targets,
        lambda: sorted({s.target.family for s in services.snapshot().targets.values()}),
        services.policies,
    )
    routes = [
        *_pages(services, prefix, readers, streams or Streams()),
        Route(f"{prefix}/badge/{{name:path}}.svg", BadgeRoute(services).get),
        Route(f"{prefix}/metrics", MetricsRoute(services).get),
        Route(f"{prefix}/probe", ProbeRoute(services).get),
        Route(f"{prefix}/api/v1/openapi.json", described.get),
        Route(f"{prefix}/api/v1/status", StatusRoute(services).get),
        Route(f"{prefix}/api/v1/catalogue", get_catalogue),
        Route(f"{prefix}/api/v1/route", RouteRoute(services).get),
        Route(f"{prefix}/api/v1/export", past.export),
        *_incidents(services, prefix),
        Route(f"{prefix}/api/v1/targets/{{name:path}}/history", past.target),
        Route(f"{prefix}/api/v1/targets/{{name:path}}/probes", failures.listed),
        Route(f"{prefix}/api/v1/targets/{{name:path}}/probes/{{id}}", failures.one),
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
    return app


def _pages(services: Services, prefix: str, readers: Readers, streams: Streams) -> Sequence[Route]:
    """Return the pages that people look at, and what open ones follow and load."""
    page_state = PageState()

    def state() -> str:
        spending_on = services.spending().enabled
        return page_state.of(services.snapshot(), services.own(), spending_on, services.incidents())

    incidents, feeds = IncidentPages(services, prefix, state), FeedRoutes(services, readers, prefix)
    return [
        Route(f"{prefix}/", PageRoute(services, state, prefix).get),
        Route(f"{prefix}/live", LiveRoute(state, streams).get),
        Route(f"{prefix}/static/{{name}}", AssetRoute(services.look.logo).get),
        Route(f"{prefix}/targets/{{name:path}}/feed.atom", feeds.target),
        Route(f"{prefix}/targets/{{name:path}}", TargetRoute(services, prefix, readers, state).get),
        Route(f"{prefix}/feed.atom", feeds.fleet),
        Route(f"{prefix}/incidents", incidents.listed),
        Route(f"{prefix}/incidents/{{id}}", incidents.one),
    ]


def _incidents(services: Services, prefix: str) -> Sequence[Route]:
    """Return what programs ask of incidents."""
    api, v2 = IncidentRoutes(services), StatuspageRoutes(services, prefix)
    return [
        Route(f"{prefix}/api/v1/incidents", api.listed),
        Route(f"{prefix}/api/v1/incidents/{{id}}", api.one),
        Route(f"{prefix}/api/v2/summary.json", v2.summary),
        Route(f"{prefix}/api/v2/incidents.json", v2.incidents),
    ]


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
