"""Probes in flight: one at a time for each target, and no more at once than account and whole allow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.targets.model import Target

log = logging.getLogger(__name__)

Running = asyncio.Task[Observation | None]
Work = Callable[[Target, Depth, float], Awaitable[Observation | None]]
"""Makes a probe of a target at a depth that was due at a monotonic moment."""
Done = Callable[[str, Depth], None]
"""Hears that a probe of a target at a depth has ended, however it did, and that its lane is free."""


class Lanes:
    """Runs *work*. What comes for a target that is busy waits behind it, once for each depth."""

    def __init__(self, clock: Clock, work: Work, done: Done) -> None:
        self._clock = clock
        self._work = work
        self._done = done
        self._targets: dict[str, Target] = {}
        self._running: dict[str, tuple[Depth, Running]] = {}
        self._waiting: dict[str, set[Depth]] = {}
        self._accounts: dict[str, asyncio.Semaphore] = {}
        self._slots = asyncio.Semaphore()

    def configure(self, targets: Iterable[Target], in_flight: int) -> None:
        """Take new limits for probes that start from now on; those in flight end as they began."""
        self._targets = {t.name: t for t in targets}
        self._slots = asyncio.Semaphore(in_flight)
        limits = {t.account.name: t.account.concurrency for t in self._targets.values()}
        self._accounts = {name: asyncio.Semaphore(limit) for name, limit in limits.items()}

    def running(self, name: str) -> tuple[Depth, Running] | None:
        """Return the probe of a target that is in flight or waits for its place, or None."""
        return self._running.get(name)

    def start(self, target: Target, depth: Depth, due: float) -> Running | None:
        """Start a probe, or return the running one; None when it has to wait for another depth."""
        running = self._running.get(target.name)
        if running is not None:
            if running[0] is not depth:
                self._waiting.setdefault(target.name, set()).add(depth)
            return running[1] if running[0] is depth else None
        task = asyncio.create_task(self._run(target, depth, due), name=f"probe {target.name}")
        self._running[target.name] = (depth, task)
        task.add_done_callback(lambda task: self._finished(target.name, depth, task))
        return task

    async def stop(self) -> None:
        """Cancel every probe in flight and wait until all have let go of their sockets."""
        self._waiting.clear()
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, target: Target, depth: Depth, due: float) -> Observation | None:
        account = self._accounts.setdefault(target.account.name, asyncio.Semaphore())
        async with account, self._slots:
            return await self._work(target, depth, due)

    def _finished(self, name: str, depth: Depth, task: Running) -> None:
        self._running.pop(name, None)
        # Only now: a turn that falls due while the lane is taken would be swallowed.
        self._done(name, depth)
        if not task.cancelled() and task.exception() is not None:
            log.error("probing %s failed", name, exc_info=task.exception())
        waiting = self._waiting.get(name, set())
        target = self._targets.get(name)
        if target is None or not waiting:
            self._waiting.pop(name, None)
            return
        following = min(waiting, key=lambda d: d.rank)
        waiting.remove(following)
        if following in target.depths:
            # Due now: having waited for the target's other depth is no lateness of ours.
            self.start(target, following, self._clock.monotonic())
