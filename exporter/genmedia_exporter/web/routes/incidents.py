"""/api/v1/incidents and /api/v1/incidents/ID: what fails together now, and did lately."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.core.clock import DAY, EPOCH
from genmedia_exporter.incidents.report import incident_object, incident_summary
from genmedia_exporter.report.failure import dumped
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.web.http.request import only, since
from genmedia_exporter.web.http.responses import body_reply, problem
from genmedia_exporter.web.services import Services

RECENT: Final = 7 * DAY
"""Seconds for which a closed incident is among the recent ones."""


class IncidentRoutes:
    """Answers from what is published, which holds all incidents that are kept."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def listed(self, request: Request) -> Response:
        """Answer with the open incidents and those that have ended since a moment."""
        only(request, "since")
        now = self._services.now()
        begin = since(request, now)
        begin = now - RECENT if begin <= EPOCH else begin
        shown = [i for i in self._services.incidents() if i.open or (i.end or now) >= begin]
        body = await asyncio.to_thread(
            lambda: dumped(
                {"generated_at": iso(now), "incidents": [incident_summary(i) for i in shown]}
            )
        )
        return await body_reply(request, body, "application/json")

    async def one(self, request: Request) -> Response:
        """Answer with one incident whole."""
        only(request)
        wanted = request.path_params["id"]
        found = next((i for i in self._services.incidents() if i.id == wanted), None)
        if found is None:
            listed = "/api/v1/incidents?since=90d lists them."
            return problem(f"No incident is called {wanted[:64]!r}; {listed}", 404)
        body = await asyncio.to_thread(lambda: dumped(incident_object(found)))
        return await body_reply(request, body, "application/json")
