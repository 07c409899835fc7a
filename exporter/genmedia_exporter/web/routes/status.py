"""/api/v1/status: the board for programs, in the field names of the contract."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.report.targets import (
    NO_FIGURES,
    NO_HISTORY,
    PastFigures,
    page_object,
    rounded_usd,
    target_object,
)
from genmedia_exporter.spending.limits import Spending
from genmedia_exporter.web.http.responses import body_reply
from genmedia_exporter.web.services import Services


class StatusRoute:
    """Serves the state of all targets as JSON."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """Answer with the present snapshot; written in a worker thread, for it may be large."""
        services = self._services
        snapshot = services.snapshot()
        known = {
            name: PastFigures(services.uptime(name), services.stars(name))
            for name in snapshot.targets
        }
        body = await asyncio.to_thread(
            render_status, snapshot, services.spending(), services.now(), known
        )
        return await body_reply(request, body, "application/json")


def render_status(
    snapshot: Snapshot,
    spending: Spending,
    now: Unix,
    known: Mapping[str, PastFigures] = NO_HISTORY,
) -> bytes:
    """Return the whole answer; *now* in Unix seconds, *known* the figures of history by target."""
    document = {
        "generated_at": iso(now),
        "targets": [
            target_object(s, known.get(name, NO_FIGURES)) for name, s in snapshot.targets.items()
        ],
        "status_pages": [page_object(report) for report in snapshot.pages.values()],
        "budget": {
            "daily_usd": spending.daily_usd,
            "spent_today_usd": rounded_usd(spending.spent_today_usd),
            "monthly_usd": spending.monthly_usd,
            "spent_this_month_usd": rounded_usd(spending.spent_this_month_usd),
            "enabled": spending.enabled,
        },
    }
    return json.dumps(document).encode() + b"\n"
