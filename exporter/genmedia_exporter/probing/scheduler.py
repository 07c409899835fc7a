"""When probes run: turns, slots, escalation. It owns no facts; the board does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from genmedia_exporter.core.clock import Clock, pause
from genmedia_exporter.core.evidence import Hints, Observation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import (
    create_unconfirmed,
    earliest_retry,
    escalation,
    jitter_offset,
    next_run,
    skip_reason,
)
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.health.state import SkipReason, TargetState
from genmedia_exporter.probing.due_queue import Key, Turns
from genmedia_exporter.probing.last_seen import LastSeen
from genmedia_exporter.probing.protocols import Accidents, Meter, NoBooks, Probes
from genmedia_exporter.probing.single_flight import Lanes, Running
from genmedia_exporter.targets.model import Target, accident_usd

STARTS_PER_SECOND = 50.0
"""How densely the first round is packed, and how the overdue are spread after a pause."""
CATCH_UP = 60.0
"""Seconds over which probes that a paused machine missed are spread."""
LATE = 2.0
"""Seconds; a probe later than this and than half its interval was missed, not delayed."""
SCRAPE_GAP = 10.0
"""Seconds between two probes that scrapes ask for; a shorter interval shortens it."""
IDLE = 3_600.0
"""Seconds to wait when nothing is planned; a change of plan wakes the loop."""
PROBE_GAP = 1.0
"""Seconds within which /probe answers with the last result instead of asking again."""


class Scheduler:
    """Starts probes on their turns, never two of one target at once, within the limits."""

    def __init__(
        self,
        board: Board,
        probes: Probes,
        clock: Clock,
        meter: Meter,
        in_flight: int = 64,
        books: Accidents | None = None,
    ) -> None:
        self._board = board
        self._probes = probes
        self._clock = clock
        self._meter = meter
        self._books = books or NoBooks()
        self._targets: dict[str, Target] = {}
        self._turns = Turns()
        self._lanes = Lanes(clock, self._probe_unless_skipped, self._done)
        board.busy = lambda name: self._lanes.running(name) is not None
        self.owns: Callable[[str], bool] = lambda _name: True  # asked before any probe starts
        self._seen = LastSeen()
        self._tried: set[str] = set()
        self._in_flight = in_flight
        self._count = 0
        self._wake = asyncio.Event()

    def configure(self, targets: Iterable[Target], in_flight: int | None = None) -> None:
        """Watch *targets* from now on; those that stay keep their turns, new ones start soon."""
        known, self._targets = self._targets, {t.name: t for t in targets}
        self._in_flight = in_flight or self._in_flight
        self._lanes.configure(self._targets.values(), self._in_flight)
        self._turns.keep(self._runs)
        self._seen.retain(self._targets.__contains__)
        self._tried &= set(self._targets)
        for target in self._targets.values():
            if target.schedule == "timer":
                self._enter(target, known.get(target.name))
        self._wake.set()

    def _runs(self, name: str, depth: Depth) -> bool:
        target = self._targets.get(name)
        timed = target is not None and depth in target.depths and target.schedule == "timer"
        return timed and depth.free  # what costs money is not a matter of turns alone

    def _enter(self, target: Target, known: Target | None) -> None:
        """Give each depth of *target* its first turn, unless it has one at the same interval."""
        tick = self._clock.monotonic()
        spread = 1.0 + len(self._targets) / STARTS_PER_SECOND
        for depth in (d for d in target.depths if d.free):
            interval = target.intervals[depth]
            same = known is not None and known.intervals.get(depth) == interval
            if (target.name, depth) in self._turns and same:
                continue
            start = depth.rank * spread + jitter_offset(target.name, depth, spread)
            self._schedule((target.name, depth), tick + min(start, interval))

    def _schedule(self, key: Key, due: float) -> None:
        self._turns.put(key, due)
        self._wake.set()

    @property
    def progress(self) -> tuple[int, int]:
        """How many timer targets have been probed at least once, and how many there are."""
        timed = [
            t.name
            for t in self._targets.values()
            if t.schedule == "timer" and any(depth.free for depth in t.depths)
        ]
        return sum(name in self._tried for name in timed), len(timed)

    async def run(self) -> None:
        """Start probes as they fall due, until cancelled; then cancel those in flight."""
        try:
            while True:
                self._start_due()
                await self._pause()
        finally:
            await self._lanes.stop()

    async def _pause(self) -> None:
        """Wait until the next probe is due or the plan changes."""
        self._wake.clear()
        due = self._turns.next_due()
        seconds = IDLE if due is None else max(0.0, due - self._clock.monotonic())
        await pause(self._clock, seconds, self._wake)

    def _start_due(self) -> None:
        tick = self._clock.monotonic()
        for (name, depth), due in self._turns.pop_due(tick):
            target = self._targets[name]
            if tick - due > max(LATE, target.intervals[depth] / 2):
                self._catch_up((name, depth), due, tick)
            else:
                self._lanes.start(target, depth, due)

    def _catch_up(self, key: Key, due: float, tick: float) -> None:
        """Spread what a pause made late, instead of starting it all in the same moment."""
        self._meter.observe_lag(tick - due)
        interval = self._targets[key[0]].intervals[key[1]]
        self._schedule(key, tick + jitter_offset(*key, min(interval, CATCH_UP)))

    def _done(self, name: str, depth: Depth) -> None:
        self._tried.add(name)
        self._plan_next(name, depth)

    async def _probe_unless_skipped(
        self, target: Target, depth: Depth, due: float
    ) -> Observation | None:
        lag = max(0.0, self._clock.monotonic() - due)
        self._meter.observe_lag(lag)
        state = self._board.state(target.name)
        if state is None or _is_stopped(state, depth) or not self.owns(target.name):
            return None
        if create_unconfirmed(state, depth) and self._clock.monotonic() < earliest_retry(
            state, depth
        ):
            return None  # whoever asks: each may be billed
        reason = self._why_skip(state, depth, lag)
        if reason is not None:
            self._board.skip(target.name, depth, reason)
            return None
        self._count += 1
        self._meter.set_in_flight(self._count)
        try:
            known = state.depths.get(depth)
            worked = known is not None and known.last_success_at is not None
            found = await self._probes.probe(target, depth, Hints(worked_before=worked))
        finally:
            self._count -= 1
            self._meter.set_in_flight(self._count)
        return await self._take_in(target, found, depth)

    async def _take_in(self, target: Target, found: Observation, depth: Depth) -> Observation:
        state = self._board.state(target.name)
        same = state is None or state.target is target or identity(state.target) == identity(target)
        # What was watched before a reload says nothing about what has its name now.
        change = self._board.observe(found.evidence, found.verdict) if same else None
        deeper = escalation(change, depth) if change is not None else None
        if change is not None and deeper is not None:
            self._hasten(change.after, deeper)
        usd = change.accident_usd if change is not None else _unseen_accident(target, found)
        if usd:  # the board first: it only remembers, and this may wait for a database
            await self._books.accident(target, usd)
        return self._seen.keep((found.evidence.target, depth), found, self._clock.monotonic())

    def _hasten(self, state: TargetState, depth: Depth) -> None:
        """Bring the next turn of a depth forward to now, or to a moment after its last."""
        key = (state.target.name, depth)
        last = state.depths[depth].last if depth in state.depths else None
        tick = self._clock.monotonic()
        if key in self._turns:
            soonest = last.tick + PROBE_GAP if last is not None else tick
            self._schedule(key, max(tick, soonest, earliest_retry(state, depth)))

    def _why_skip(self, state: TargetState, depth: Depth, lag: float) -> SkipReason | None:
        """Return why a probe that is due is not made. The depth reach keeps watch in all cases."""
        if lag > max(state.target.intervals[depth], LATE):
            return "concurrency"
        return None if depth is Depth.REACH else skip_reason(state, self._board.network_ok)

    def _plan_next(self, name: str, depth: Depth) -> None:
        state = self._board.state(name)
        if state is None or not self._runs(name, depth) or (name, depth) in self._turns:
            return
        if _is_stopped(state, depth):
            return
        self._schedule((name, depth), next_run(state, depth, self._clock.monotonic()))

    def hurry(self, names: Iterable[str]) -> None:
        """Bring the next turns of *names* forward to now: somebody says that they are ill."""
        for name in names:
            state = self._board.state(name)
            if state is not None:
                for depth in (d for d in state.target.depths if d.free):
                    self._hasten(state, depth)

    async def scrape_round(self, timeout: float) -> None:
        """Probe the scrape-driven targets whose turn it is, and wait at most *timeout* seconds.

        Scrapes that come together share the probes; what is not done in time goes on without them.
        """
        targets = [t for t in self._targets.values() if t.schedule == "scrape"]
        tasks = {task for t in targets if (task := self._scrape(t)) is not None}
        if tasks and timeout > 0:
            await asyncio.wait(tasks, timeout=timeout)

    def _scrape(self, target: Target) -> Running | None:
        running = self._lanes.running(target.name)
        tick = self._clock.monotonic()
        ready = [d for d in target.depths if d.free and self._scrape_due(target, d, tick)]
        tasks = [self._lanes.start(target, depth, tick) for depth in ready]
        started = next((task for task in tasks if task is not None), None)
        return started or (running[1] if running else None)

    def _scrape_due(self, target: Target, depth: Depth, tick: float) -> bool:
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
        """Probe *name* at a free *depth* out of turn; a running probe of it is shared.

        Raises KeyError for an unknown target, ValueError for a depth it cannot do, would pay or
        skips now, and TimeoutError when *timeout* seconds were not enough; the probe then goes on.
        """
        target = self._targets[name]
        if not depth.free or depth not in target.depths:
            offered = ", ".join(d for d in target.depths if d.free) or "none"
            raise ValueError(f"{name!r} has no free depth {depth.value!r}; it has: {offered}")
        just_seen = self._seen.since((name, depth), self._clock.monotonic() - PROBE_GAP)
        if just_seen is not None:
            return just_seen
        async with asyncio.timeout(timeout):
            found = await self._probe_shared(target, depth)
        if found is None:
            raise ValueError(f"{name!r} is not probed at the depth {depth.value!r} just now")
        return found

    async def _probe_shared(self, target: Target, depth: Depth) -> Observation | None:
        while True:
            running = self._lanes.running(target.name)
            task = (
                running[1] if running else self._lanes.start(target, depth, self._clock.monotonic())
            )
            if task is None:
                return None
            # Shielded: whoever asked may leave, the probe belongs to all.
            found = await asyncio.shield(task)
            if running is None or running[0] is depth:
                return found


def _is_stopped(state: TargetState, depth: Depth) -> bool:
    """Whether a create that must be rejected was accepted once: whoever asks, never again."""
    known = state.depths.get(depth)
    return known is not None and known.stopped is not None


def _unseen_accident(target: Target, found: Observation) -> float:
    """Return what an accepted create has cost whose target is not watched any more."""
    accepted = found.verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY
    return accident_usd(target) if accepted else 0.0
