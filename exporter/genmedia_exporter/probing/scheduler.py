"""When timed probes run: first runs spread, the next one planned after each, changes expedited."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, MutableSet

from genmedia_exporter.core.clock import PAST, Clock, Monotonic, pause
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import (
    earliest_retry,
    escalation,
    is_disabled,
    jitter_offset,
    next_run,
)
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import StateChange, TargetState
from genmedia_exporter.probing.due_queue import DueQueue, Key
from genmedia_exporter.probing.executor import MISFIRE_GRACE, Meter, ProbeExecutor
from genmedia_exporter.probing.limits import ConcurrencyLimiter
from genmedia_exporter.probing.single_flight import RESULT_SECONDS, SingleFlight
from genmedia_exporter.targets.model import Target

STARTS_PER_SECOND = 50.0
"""How densely the first round is packed, and how the overdue are spread after a pause."""
SPREAD_SECONDS = 60.0
"""Seconds over which the probes that a paused machine missed are spread."""
EARLY = 0.1
"""Seconds by which a probe may start early, right after another one has ended: the processor has all at hand."""
IDLE = 3_600.0
"""Seconds to wait when nothing is planned; a change of plan wakes the loop."""


def first_delay(name: str, depth: Depth, interval: float, targets: int) -> float:
    """Return in how many seconds a depth of one of so many *targets* is probed for the first time.

    Shallow depths come first. What does not fit into the interval begins at its front again, evenly:
    otherwise all that is left would fall due in the moment that ends it.
    """
    spread = 1.0 + targets / STARTS_PER_SECOND
    start = depth.rank * spread + jitter_offset(name, depth, min(spread, interval))
    return start if start <= interval else start % interval


class Scheduler:
    """Starts the free probes of timed targets when they are due."""

    def __init__(
        self,
        board: Board,
        executor: ProbeExecutor,
        clock: Clock,
        meter: Meter,
        limiter: ConcurrencyLimiter,
        in_flight: MutableSet[str],
    ) -> None:
        self._board = board
        self._executor = executor
        self._clock = clock
        self._meter = meter
        self._targets: dict[str, Target] = {}
        self._queue = DueQueue()
        self.flights = SingleFlight(self._probe, self._ended, clock, limiter, in_flight)
        self._tried: set[str] = set()
        self._timed: frozenset[str] = frozenset()  # targets with a free depth and a timer
        self._untried: set[str] = set()  # of these
        self._wake = asyncio.Event()
        self._sleeps_until = PAST
        self._runs = False

    def configure(self, targets: Iterable[Target]) -> None:
        """Watch *targets* from now on; those that stay keep their plan, new ones start soon."""
        known, self._targets = self._targets, {t.name: t for t in targets}
        self.flights.configure(self._targets.values())
        self._queue.keep(self._is_timed)
        self._tried &= set(self._targets)
        self._timed = frozenset(name for name, t in self._targets.items() if _is_probed_by_timer(t))
        self._untried = set(self._timed - self._tried)
        for target in self._targets.values():
            if target.schedule == "timer":
                self._plan_first(target, known.get(target.name))
        self._wake.set()

    def _is_timed(self, name: str, depth: Depth) -> bool:
        target = self._targets.get(name)
        timed = target is not None and depth in target.depths and target.schedule == "timer"
        return timed and depth.free  # paid depths are planned with the money there is

    def _plan_first(self, target: Target, known: Target | None) -> None:
        """Plan the first run of each depth of *target*, unless one is planned at this interval."""
        tick = self._clock.monotonic()
        for depth in (d for d in target.depths if d.free):
            interval = target.intervals[depth]
            same = known is not None and known.intervals.get(depth) == interval
            if (target.name, depth) in self._queue and same:
                continue
            delay = first_delay(target.name, depth, interval, len(self._targets))
            self._plan((target.name, depth), tick + delay)

    def _plan(self, key: Key, due: Monotonic) -> None:
        self._queue.put(key, due)
        if due < self._sleeps_until:
            self._wake.set()

    @property
    def progress(self) -> tuple[int, int]:
        """How many timed targets have been probed at least once, and how many there are."""
        return len(self._timed) - len(self._untried), len(self._timed)

    async def run(self) -> None:
        """Start probes as they fall due, until cancelled; then cancel those in flight."""
        self._runs = True
        try:
            while True:
                self._start_due()
                await self._pause()
        finally:
            self._runs = False
            await self.flights.stop()

    async def _pause(self) -> None:
        """Wait until the next probe is due or the plan changes."""
        self._wake.clear()
        tick, due = self._clock.monotonic(), self._queue.next_due()
        self._sleeps_until = tick + IDLE if due is None else due
        await pause(self._clock, max(0.0, self._sleeps_until - tick), self._wake)

    def _start_due(self) -> None:
        tick = self._clock.monotonic()
        for key, due in self._queue.pop_due(tick):
            self._start(key, due, tick)

    def _start_early(self) -> None:
        """Start the one that falls due next, if that is in a moment: a wake-up costs as much as half a probe."""
        tick = self._clock.monotonic()
        early = next(self._queue.pop_due(tick + EARLY), None) if self._runs else None
        if early is not None:
            self._start(*early, tick)

    def _start(self, key: Key, due: Monotonic, tick: Monotonic) -> None:
        target = self._targets[key[0]]
        if tick - due > max(MISFIRE_GRACE, target.intervals[key[1]] / 2):
            self._spread_misfire(key, due, tick)
        else:
            self.flights.start(target, key[1], due)

    def _spread_misfire(self, key: Key, due: Monotonic, tick: Monotonic) -> None:
        """Plan a missed run anew: after a pause of the machine, not all in the same moment."""
        self._meter.observe_lag(tick - due, key[0])
        self._plan_again(key, tick)

    def _plan_again(self, key: Key, tick: Monotonic) -> None:
        """Plan a run soon that was missed, or whose result does not count."""
        if not self._is_timed(*key):
            return
        interval = self._targets[key[0]].intervals[key[1]]
        self._plan(key, tick + jitter_offset(*key, min(interval, SPREAD_SECONDS)))

    async def _probe(self, target: Target, depth: Depth, due: Monotonic) -> Observation | None:
        executed = await self._executor.execute(target, depth, due)
        if executed is None:
            return None
        if executed.dropped:
            self._plan_again((target.name, depth), self._clock.monotonic())
        if executed.change is not None:
            self._escalate(executed.change, depth)
        return executed.observation

    def _escalate(self, change: StateChange, depth: Depth) -> None:
        deeper = escalation(change, depth)
        if deeper is not None:
            self._expedite(change.after, deeper)

    def _ended(self, name: str, depth: Depth) -> None:
        self._tried.add(name)
        self._untried.discard(name)
        state = self._board.state(name)
        planned = (name, depth) in self._queue
        if state is None or planned or not self._is_timed(name, depth):
            return
        if not is_disabled(state, depth):
            # Not its own turn once more, if it was early and quick.
            after = self._clock.monotonic() + EARLY
            self._plan((name, depth), next_run(state, depth, after))
        # Once it is out of the books: the next one may be the same target, at another depth.
        asyncio.get_running_loop().call_soon(self._start_early)

    def expedite(self, names: Iterable[str]) -> None:
        """Bring the next runs of *names* forward to now: a status page reports an incident."""
        for name in names:
            state = self._board.state(name)
            if state is not None:
                for depth in (d for d in state.target.depths if d.free):
                    self._expedite(state, depth)

    def _expedite(self, state: TargetState, depth: Depth) -> None:
        """Bring the next run of a depth forward to now, or to a moment after its last."""
        key = (state.target.name, depth)
        last = state.depths[depth].last if depth in state.depths else None
        tick = self._clock.monotonic()
        if key in self._queue:
            soonest = last.tick + RESULT_SECONDS if last is not None else tick
            self._plan(key, max(tick, soonest, earliest_retry(state, depth)))


def _is_probed_by_timer(target: Target) -> bool:
    return target.schedule == "timer" and any(depth.free for depth in target.depths)
