"""Probes in flight: at most one of a target at a time, shared by everybody who asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableSet

from genmedia_exporter.core.clock import PAST, Clock, Monotonic
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.probing.due_queue import Key
from genmedia_exporter.probing.limits import ConcurrencyLimiter
from genmedia_exporter.targets.model import Target

log = EventLog(__name__)

RESULT_SECONDS = 1.0
"""Seconds within which a request gets the last result instead of another probe."""

ProbeTask = asyncio.Task[Observation | None]
Probe = Callable[[Target, Depth, Monotonic], Awaitable[Observation | None]]
"""Makes a probe of a target at a depth that was due at a monotonic moment."""
Ended = Callable[[str, Depth], None]
"""Told that the probe of a target at a depth has ended, however it did; its slot is free again."""


class SingleFlight:
    """Runs *probe*. A request for a busy target waits behind it, once for each depth.

    *in_flight* holds the names of the targets that are being probed, for others to read.
    """

    def __init__(
        self,
        probe: Probe,
        ended: Ended,
        clock: Clock,
        limiter: ConcurrencyLimiter,
        in_flight: MutableSet[str],
    ) -> None:
        self._probe = probe
        self._ended = ended
        self._clock = clock
        self._limiter = limiter
        self._in_flight = in_flight
        self._targets: dict[str, Target] = {}
        self._running: dict[str, tuple[Depth, ProbeTask]] = {}
        self._waiting: dict[str, set[Depth]] = {}
        self._results: dict[Key, tuple[Monotonic, Observation]] = {}  # when, and what; oldest first

    def configure(self, targets: Iterable[Target]) -> None:
        """Probe *targets* from now on; probes in flight end as they began."""
        self._targets = {t.name: t for t in targets}

    def running(self, name: str) -> ProbeTask | None:
        """Return the probe of a target that is in flight or waits for a slot, or None."""
        running = self._running.get(name)
        return running[1] if running is not None else None

    def start(self, target: Target, depth: Depth, due: Monotonic) -> ProbeTask | None:
        """Start a probe, or return the running one; None when it has to wait for another depth."""
        running = self._running.get(target.name)
        if running is not None:
            if running[0] is depth:
                return running[1]
            self._waiting.setdefault(target.name, set()).add(depth)
            return None
        task = asyncio.create_task(self._run(target, depth, due), name=f"probe {target.name}")
        self._running[target.name] = (depth, task)
        self._in_flight.add(target.name)
        task.add_done_callback(lambda task: self._finish(target.name, depth, task))
        return task

    async def join(self, target: Target, depth: Depth) -> Observation | None:
        """Return the result of a probe that runs now or ended just now, else of a new one.

        While the target is probed at another depth, wait for that first. None: it is not probed
        now. Whoever waits may leave; the probe goes on.
        """
        recent = self._recent(target.name, depth)
        if recent is not None:
            return recent
        while (running := self._running.get(target.name)) is not None and running[0] is not depth:
            await _ended(running[1])
        task = self.start(target, depth, self._clock.monotonic())
        if task is None:
            return None
        await _ended(task)
        return None if task.cancelled() else task.result()

    async def stop(self) -> None:
        """Cancel every probe in flight and wait until all have closed their sockets."""
        self._waiting.clear()
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _recent(self, name: str, depth: Depth) -> Observation | None:
        tick, found = self._results.get((name, depth), (PAST, None))
        return found if self._clock.monotonic() - tick < RESULT_SECONDS else None

    async def _run(self, target: Target, depth: Depth, due: Monotonic) -> Observation | None:
        async with self._limiter.probe(target.account.name):
            found = await self._probe(target, depth, due)
        if found is not None:
            self._remember((target.name, depth), found)
        return found

    def _remember(self, key: Key, found: Observation) -> None:
        """Keep a result for as long as somebody may get it: it has the bodies of all answers."""
        tick = self._clock.monotonic()
        self._results.pop(key, None)
        self._results[key] = (tick, found)
        while tick - self._results[oldest := next(iter(self._results))][0] >= RESULT_SECONDS:
            del self._results[oldest]

    def _finish(self, name: str, depth: Depth, task: ProbeTask) -> None:
        self._running.pop(name, None)
        self._in_flight.discard(name)
        # Only now: a run that falls due while the target is busy would be lost.
        self._ended(name, depth)
        if not task.cancelled() and task.exception() is not None:
            log.exception("probe task failed", task.exception(), target=name)
        self._start_waiting(name)

    def _start_waiting(self, name: str) -> None:
        waiting = self._waiting.pop(name, set())
        target = self._targets.get(name)
        if target is None or not waiting or name in self._running:
            return
        following = min(waiting, key=lambda d: d.rank)
        waiting.remove(following)
        if waiting:
            self._waiting[name] = waiting
        if following in target.depths:
            # Due now: the wait for the target's other depth is no delay of ours.
            self.start(target, following, self._clock.monotonic())


async def _ended(task: ProbeTask) -> None:
    """Wait until *task* is done. The event loop runs its other callbacks first, in any case.

    `asyncio.shield` returns at once for a task that is done; a loop around it may then never let
    the callback run that takes the task out of the books.
    """
    await asyncio.wait({task})
