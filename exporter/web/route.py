"""/api/v1/route: which channel to call now, best first, and why."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from exporter.routing import (
    CLIP_SECONDS,
    DEFAULT_POLICY,
    Entry,
    Ranking,
    RoutingError,
    route,
)
from exporter.status import Operation
from exporter.web.query import single
from exporter.web.replies import body_reply, plain
from exporter.web.services import Services
from exporter.web.words import iso


class RouteRoute:
    """Serves the ranking of one operation by one policy as JSON."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """Answer with the ranking; 400 with one sentence for what there is not."""
        services, operation = self._services, single(request, "operation")
        if not operation:
            return plain(f"Say which operation: one of {', '.join(Operation)}.", 400)
        policy = single(request, "policy") or DEFAULT_POLICY
        known, snapshot = services.policies(), services.snapshot()
        # Asked here: the sums behind it belong to the event loop's thread, and asking moves them.
        uptimes = {name: services.route_uptime(name) for name in snapshot.targets}
        try:
            found = await asyncio.to_thread(route, snapshot, operation, policy, known, uptimes.get)
        except RoutingError as error:
            return plain(f"{error}", 400)
        body = json.dumps(ranking_object(found, services.now())).encode() + b"\n"
        return await body_reply(request, body, "application/json")


def ranking_object(ranking: Ranking, now: float) -> dict[str, Any]:
    """Return a ranking as `/api/v1/route` and `route --format json` show it; *now* in Unix seconds."""
    return {
        "generated_at": iso(now),
        "operation": ranking.operation,
        "policy": ranking.policy,
        "clip_seconds": CLIP_SECONDS if ranking.operation is Operation.VIDEO else None,
        "message": ranking.message or None,
        "targets": [entry_object(entry) for entry in ranking.entries],
    }


def entry_object(entry: Entry) -> dict[str, Any]:
    """Return one target in its place. Prices are in US dollars for a standard clip."""
    one, target = entry.candidate, entry.state.target
    return {
        "rank": entry.rank,
        "target": one.name,
        "channel": one.channel,
        "provider": target.provider.name,
        "account": target.account.name,
        "model": target.model,
        "status": one.status,
        "usable": entry.usable,
        "reason": entry.reason or None,
        "price": None if one.price is None else round(one.price, 6),
        "price_per_100": entry.price_per_100,
        "uptime": one.uptime,
        "why": entry.why,
    }
