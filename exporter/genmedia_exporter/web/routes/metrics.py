"""/metrics: answers within its time even when every provider hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.metrics.exporter import OwnState
from genmedia_exporter.metrics.exposition import Format, Lines
from genmedia_exporter.metrics.names import named
from genmedia_exporter.web.http.compress import GzipPages, compress
from genmedia_exporter.web.http.negotiate import accepts_gzip, choose_format
from genmedia_exporter.web.http.request import HEADER, scrape_limit
from genmedia_exporter.web.http.responses import InPieces
from genmedia_exporter.web.services import ProbingStalled, Services

log = EventLog(__name__)

PATIENCE: Final = 0.8
"""Seconds a scrape waits for the probes it starts. What takes longer goes on, and is on the next
page: a scrape answers within a second, however long Prometheus would wait."""
STALE_SECONDS: Final = 2.0
"""A probing loop that has not turned for so long is not asked for probes."""

REST: Final = 4.0
"""A page rests for so many times the time it took to write: however many scrape, a fifth of the time goes there."""

_Kind = tuple[Format, bool]  # and whether it is compressed


@dataclass(frozen=True, slots=True)
class _Written:
    """A page, what it is of, and until when it is served again."""

    page: Sequence[Lines]
    of: tuple[Snapshot, OwnState]
    rests_until: float  # the event loop's time

    def is_still(self, of: tuple[Snapshot, OwnState], now: float) -> bool:
        return now < self.rests_until and self.of[0] is of[0] and self.of[1] is of[1]


class MetricsRoute:
    """Serves the page of all targets and the exporter itself.

    One page of a kind is written at a time. A scrape that comes meanwhile gets the one before: it is
    as old as one page takes to write, and nobody queues. So does one that comes right after, where
    nothing has changed but the exporter's own counters.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._gzip = GzipPages()
        self._last: dict[_Kind, _Written] = {}
        self._writing: dict[_Kind, asyncio.Lock] = {}

    async def get(self, request: Request) -> Response:
        """Answer one scrape."""
        services = self._services
        header = request.headers.getlist(HEADER)
        limit = scrape_limit(header, services.timeout_offset, PATIENCE)
        if services.scrape_driven() and services.silent() < STALE_SECONDS:
            await self._scrape_round(min(limit.seconds, PATIENCE))
        form = choose_format(request.headers.getlist("accept"))
        headers = {"Content-Type": form.content_type, "Vary": "Accept, Accept-Encoding"}
        gzipped = accepts_gzip(request.headers.getlist("accept-encoding"))
        if gzipped:
            headers["Content-Encoding"] = "gzip"
        names = frozenset(request.query_params.getlist("name[]"))
        if not names:
            return InPieces(await self._page((form, gzipped)), headers)
        page = named(b"".join(chain.from_iterable(await self._page((form, False)))), names)
        return Response(await compress(page) if gzipped else page, headers=headers)

    async def _page(self, kind: _Kind) -> Sequence[Lines]:
        writing, clock = self._writing.setdefault(kind, asyncio.Lock()), asyncio.get_running_loop()
        of, last = (self._services.snapshot(), self._services.own()), self._last.get(kind)
        if last is not None and (writing.locked() or last.is_still(of, clock.time())):
            return last.page
        async with writing:
            await asyncio.sleep(0)  # who has come already shall see that a page is being written
            of, begun = (self._services.snapshot(), self._services.own()), clock.time()
            page, done = await self._write(*kind), clock.time()
            self._last[kind] = _Written(page, of, done + REST * (done - begun))
        return page

    async def _write(self, form: Format, gzipped: bool) -> Sequence[Lines]:
        services = self._services
        snapshot = services.snapshot()
        await services.metrics.prepare(snapshot)
        pieces, rest = services.metrics.halves(snapshot, form)
        if gzipped:
            return [(await self._gzip.compress(form, pieces, rest),)]
        return [*pieces, (rest,)]

    async def _scrape_round(self, seconds: float) -> None:
        """Run the targets that are probed on scrape; late or broken, what is known is served."""
        try:
            async with asyncio.timeout(seconds):
                await self._services.scrape_round(seconds)
        except (TimeoutError, ProbingStalled):
            log.warning("probing on scrape timed out", timeout_seconds=seconds)
        except Exception as error:
            log.exception("probing on scrape failed", error)
