"""/metrics: answers within its time even when every provider hangs."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.web.http.compress import GzipPages
from genmedia_exporter.web.http.negotiate import accepts_gzip, choose_format
from genmedia_exporter.web.http.request import HEADER, scrape_limit
from genmedia_exporter.web.services import Services

log = EventLog(__name__)

MAX_RENDERING: Final = 8
"""Pages written and packed at once; more scrapes wait their turn, which is milliseconds."""
PATIENCE: Final = 0.8
"""Seconds a scrape waits for the probes it starts. What takes longer goes on, and is on the next
page: a scrape answers within a second, however long Prometheus would wait."""


class MetricsRoute:
    """Serves the page of all targets and the exporter itself."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._gzip = GzipPages()
        self._rendering = asyncio.Semaphore(MAX_RENDERING)

    async def get(self, request: Request) -> Response:
        """Answer one scrape."""
        services = self._services
        header = request.headers.getlist(HEADER)
        limit = scrape_limit(header, services.timeout_offset, PATIENCE)
        await self._scrape_round(min(limit.seconds, PATIENCE))
        async with self._rendering:
            return await self._answer(request)

    async def _answer(self, request: Request) -> Response:
        services = self._services
        form = choose_format(request.headers.getlist("accept"))
        snapshot = services.snapshot()
        await services.metrics.prepare(snapshot)
        halves = services.metrics.halves(snapshot, form)
        headers = {"Content-Type": form.content_type, "Vary": "Accept, Accept-Encoding"}
        if accepts_gzip(request.headers.getlist("accept-encoding")):
            headers["Content-Encoding"] = "gzip"
            return Response(await self._gzip.compress(form, *halves), headers=headers)
        return Response(b"".join(halves), headers=headers)

    async def _scrape_round(self, seconds: float) -> None:
        """Run the targets that are probed on scrape; late or broken, what is known is served."""
        try:
            async with asyncio.timeout(seconds):
                await self._services.scrape_round(seconds)
        except TimeoutError:
            log.warning("probing on scrape timed out", timeout_seconds=seconds)
        except Exception as error:
            log.exception("probing on scrape failed", error)
