"""Probes that somebody asks for: a scrape with `schedule: scrape`, or a request to /probe."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from genmedia_exporter.core.clock import Clock, Monotonic
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import earliest_retry
from genmedia_exporter.health.board import Board
from genmedia_exporter.probing.single_flight import ProbeTask, SingleFlight
from genmedia_exporter.targets.model import Target

SCRAPE_GAP = 10.0
"""Seconds between two probes that scrapes ask for; a shorter interval shortens it."""


class OnDemand:
    """Answers requests for a probe; one that runs is shared, never started twice."""

    def __init__(self, board: Board, flights: SingleFlight, clock: Clock) -> None:
        self._board = board
        self._flights = flights
        self._clock = clock
        self._targets: dict[str, Target] = {}

    def configure(self, targets: Iterable[Target]) -> None:
        """Answer for *targets* from now on."""
        self._targets = {t.name: t for t in targets}

    async def scrape_round(self, timeout: float) -> None:
        """Probe the scrape-driven targets that are due, and wait at most *timeout* seconds.

        Scrapes that come together share the probes; what is not done in time goes on without them.
        """
        targets = [t for t in self._targets.values() if t.schedule == "scrape"]
        tasks = {task for t in targets if (task := self._scrape(t)) is not None}
        if tasks and timeout > 0:
            await asyncio.wait(tasks, timeout=timeout)

    def _scrape(self, target: Target) -> ProbeTask | None:
        running = self._flights.running(target.name)
        tick = self._clock.monotonic()
        ready = [d for d in target.depths if d.free and self._scrape_due(target, d, tick)]
        tasks = [self._flights.start(target, depth, tick) for depth in ready]
        started = next((task for task in tasks if task is not None), None)
        return started or running

    def _scrape_due(self, target: Target, depth: Depth, tick: Monotonic) -> bool:
        state = self._board.state(target.name)
        known = state.depths.get(depth) if state else None
        if state is None or known is None or known.last is None:
            return True
        if tick < earliest_retry(state, depth):
            return False
        interval = target.intervals[depth]
        gap = min(interval, SCRAPE_GAP) if depth is Depth.REACH else interval
        return tick - known.last.tick >= gap

    async def probe_now(self, name: str, depth: Depth, timeout: float) -> Observation:
        """Probe *name* at a free *depth* now; a running probe of it is shared.

        Raises KeyError for an unknown target, ValueError for a depth it cannot do, would pay for or
        skips now, and TimeoutError when *timeout* seconds were not enough; the probe then goes on.
        """
        target = self._targets[name]
        if not depth.free or depth not in target.depths:
            offered = ", ".join(d for d in target.depths if d.free) or "none"
            raise ValueError(f"{name!r} has no free depth {depth.value!r}; it has: {offered}")
        async with asyncio.timeout(timeout):
            found = await self._flights.join(target, depth)
        if found is None:
            raise ValueError(f"{name!r} is not probed at the depth {depth.value!r} just now")
        return found
