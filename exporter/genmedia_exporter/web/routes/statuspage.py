"""/api/v2: what we know as a Statuspage says it, for its clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.incidents.statuspage import Json, incident_list, summary, updated_at, view
from genmedia_exporter.report.failure import dumped
from genmedia_exporter.web.http.conditional import conditional_reply
from genmedia_exporter.web.http.request import only
from genmedia_exporter.web.services import Services


class StatuspageRoutes:
    """Answers from what is published; what has not changed is not sent again."""

    def __init__(self, services: Services, prefix: str = "") -> None:
        self._services = services
        self._url = services.external_url.rstrip("/") or prefix

    async def summary(self, request: Request) -> Response:
        """Answer with targets as components, and with the open incidents."""
        return await self._summary(request, lambda whole: whole)

    def part(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers with one part of the summary, *name* of VIEWS."""

        async def answer(request: Request) -> Response:
            return await self._summary(request, lambda whole: view(whole, name))

        return answer

    async def _summary(self, request: Request, shown: Callable[[Json], Json]) -> Response:
        only(request)
        services, url = self._services, self._url
        snapshot, incidents = services.snapshot(), services.incidents()
        windows, now = services.windows(), services.now()
        known = [incident for incident in incidents if incident.open]
        body = await asyncio.to_thread(
            lambda: dumped(shown(summary(snapshot, known, windows, now, url)))
        )
        changed = updated_at(snapshot, known)
        return await conditional_reply(request, body, "application/json", changed)

    async def incidents(self, request: Request) -> Response:
        """Answer with the newest incidents, open or not."""
        only(request)
        snapshot, incidents, url = self._services.snapshot(), self._services.incidents(), self._url
        body = await asyncio.to_thread(lambda: dumped(incident_list(snapshot, incidents, url)))
        changed = updated_at(snapshot, incidents)
        return await conditional_reply(request, body, "application/json", changed)
