"""/api/v1/route: which channel to call now, best first, and why."""

from __future__ import annotations

import asyncio
import json

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.core.status import Operation
from genmedia_exporter.report.ranking import ranking_object
from genmedia_exporter.routing.ranking import DEFAULT_POLICY, RoutingError, route
from genmedia_exporter.web.http.request import only, single
from genmedia_exporter.web.http.responses import body_reply, problem
from genmedia_exporter.web.services import Services


class RouteRoute:
    """Serves the ranking of one operation by one policy as JSON."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """Answer with the ranking; 400 with one sentence for what there is not."""
        only(request, "operation", "family", "policy")
        services, operation = self._services, single(request, "operation")
        family = single(request, "family")
        if not operation:
            return problem(
                f"The parameter operation is missing; one of {', '.join(Operation)}.", 400
            )
        policy = single(request, "policy") or DEFAULT_POLICY
        known, snapshot = services.policies(), services.snapshot()
        # Asked here: the sums behind it belong to the event loop's thread, and asking moves them.
        uptimes = {name: services.route_uptime(name) for name in snapshot.targets}
        try:
            found = await asyncio.to_thread(
                route, snapshot, operation, policy, known, uptimes.get, family
            )
        except RoutingError as error:
            return problem(f"{error}", 400)
        body = json.dumps(ranking_object(found, services.now())).encode() + b"\n"
        return await body_reply(request, body, "application/json")
