"""/api/v1/status: the board for programs, in the field names of the contract."""

from __future__ import annotations

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
    rounded,
    target_object,
)
from genmedia_exporter.spending.limits import Spending
from genmedia_exporter.web.http.request import only
from genmedia_exporter.web.http.responses import ready_reply
from genmedia_exporter.web.pages.page_cache import API_SECONDS, PageCache
from genmedia_exporter.web.services import Services


class StatusRoute:
    """Serves the state of all targets as JSON."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._cache = PageCache(most=1, fresh=API_SECONDS)

    async def get(self, request: Request) -> Response:
        """Answer with the present snapshot, written in a worker thread or less than a second ago."""
        only(request)
        services = self._services
        snapshot, spending = services.snapshot(), services.spending()

        def render() -> bytes:
            known = {
                name: PastFigures(services.uptime(name), services.stars(name))
                for name in snapshot.targets
            }
            return render_status(snapshot, spending, services.now(), known)

        state = f"{snapshot.version} {spending}"
        page = await self._cache.page((), state, services.now(), render)
        return ready_reply(request, page.body, page.zipped, "application/json", {})


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
            "spent_today_usd": rounded(spending.spent_today_usd),
            "monthly_usd": spending.monthly_usd,
            "spent_this_month_usd": rounded(spending.spent_this_month_usd),
            "enabled": spending.enabled,
        },
    }
    return json.dumps(document).encode() + b"\n"
