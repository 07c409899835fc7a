"""The pages and the API: every route that is not needed to be scraped and supervised."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route

from genmedia_exporter.incidents.statuspage import VIEWS
from genmedia_exporter.web.http.readers import Readers
from genmedia_exporter.web.http.streams import Streams
from genmedia_exporter.web.pages.embed import EmbedRoute
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
from genmedia_exporter.web.routes.live import LiveRoute
from genmedia_exporter.web.routes.observations import ObservationsRoute
from genmedia_exporter.web.routes.openapi import OpenApiRoute
from genmedia_exporter.web.routes.probe import ProbeRoute
from genmedia_exporter.web.routes.ranking import RouteRoute
from genmedia_exporter.web.routes.status import StatusRoute
from genmedia_exporter.web.routes.statuspage import StatuspageRoutes
from genmedia_exporter.web.services import Services


def routes(services: Services, prefix: str, streams: Streams) -> Sequence[Route]:
    """Return all of them."""
    readers = Readers(services.reader)
    return [
        *_pages(services, prefix, readers, streams),
        *_api(services, prefix, readers),
        *_incidents(services, prefix),
    ]


def _api(services: Services, prefix: str, readers: Readers) -> Sequence[Route]:
    """Return what programs ask of targets."""
    past, failures = HistoryRoutes(services, readers), FailureRoutes(services)
    described = OpenApiRoute(
        services.external_url or prefix,
        lambda: services.snapshot().targets,
        lambda: sorted({s.target.family for s in services.snapshot().targets.values()}),
        services.policies,
    )
    return [
        Route(f"{prefix}/badge/{{name:path}}.svg", BadgeRoute(services).get),
        Route(f"{prefix}/probe", ProbeRoute(services).get),
        Route(f"{prefix}/api/v1/openapi.json", described.get),
        Route(f"{prefix}/api/v1/status", StatusRoute(services).get),
        Route(f"{prefix}/api/v1/catalogue", get_catalogue),
        Route(f"{prefix}/api/v1/route", RouteRoute(services).get),
        Route(f"{prefix}/api/v1/export", past.export),
        Route(f"{prefix}/api/v1/observations", ObservationsRoute(services).post, methods=["POST"]),
        Route(f"{prefix}/api/v1/targets/{{name:path}}/history", past.target),
        Route(f"{prefix}/api/v1/targets/{{name:path}}/probes", failures.listed),
        Route(f"{prefix}/api/v1/targets/{{name:path}}/probes/{{id}}", failures.one),
    ]


def _pages(services: Services, prefix: str, readers: Readers, streams: Streams) -> Sequence[Route]:
    """Return the pages that people look at, and what open ones follow and load."""
    page_state = PageState()

    def state() -> str:
        spending_on = services.spending().enabled
        return page_state.of(services.snapshot(), services.own(), spending_on, services.incidents())

    incidents, feeds = IncidentPages(services, prefix, state), FeedRoutes(services, readers, prefix)
    return [
        Route(f"{prefix}/", PageRoute(services, state, prefix).get),
        Route(f"{prefix}/embed", EmbedRoute(services, state, prefix).get),
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
        *(Route(f"{prefix}/api/v2/{name}.json", v2.part(name)) for name in VIEWS),
    ]
