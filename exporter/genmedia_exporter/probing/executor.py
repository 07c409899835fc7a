"""One probe with what surrounds it: may it be made now, and what its result changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from genmedia_exporter.core.clock import PAST, Clock, Monotonic
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import TIMEOUTS, Hints, Observation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.attempts import DISABLING
from genmedia_exporter.health.backoff import hold
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.failures import FailureLog
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.health.state import StateChange, TargetState
from genmedia_exporter.targets.model import Target, accident_usd

log = EventLog(__name__)

MISFIRE_GRACE = 2.0
"""Seconds; a probe later than this and than its interval is skipped: the next one is due already."""


PausedSince = Callable[[Monotonic], bool]
"""Whether this process was paused after a moment."""


def never(_began: Monotonic) -> bool:
    """Return False: for a process that nobody pauses."""
    return False


class Probes(Protocol):
    """Makes probes."""

    async def probe(self, target: Target, depth: Depth, hints: Hints) -> Observation:
        """Probe *target* once at *depth* within its timeout. Raises nothing but cancellation."""
        ...


class Meter(Protocol):
    """Counts what the scheduler does."""

    def observe_lag(self, seconds: float, target: str = "") -> None:
        """Record how late a probe of *target* started."""
        ...

    def observe_self_delay(self, seconds: float, target: str = "") -> None:
        """Record how late our own event loop made a probe of *target*."""
        ...

    def set_in_flight(self, count: int) -> None:
        """Record how many probes are running."""
        ...


class UnplannedCharges(Protocol):
    """Books what a probe has cost that should have been free."""

    async def unplanned_charge(self, target: Target, usd: float) -> None:
        """Book *usd* US dollars; recorded before anything is awaited."""
        ...


class NoLedger:
    """Books nothing: for a process without a ledger."""

    async def unplanned_charge(self, target: Target, usd: float) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Executed:
    """A probe that was made, and what it changed on the board; None where its target is gone."""

    observation: Observation
    change: StateChange | None
    dropped: bool = False  # it says nothing of the service: the time was ours


class ProbeExecutor:
    """Makes a probe that is due, unless something speaks against it, and reports the result."""

    def __init__(
        self,
        board: Board,
        probes: Probes,
        clock: Clock,
        meter: Meter,
        charges: UnplannedCharges,
        owned: Callable[[str], bool],
        paused_since: PausedSince = never,
        failures: FailureLog | None = None,
    ) -> None:
        self._board = board
        self._probes = probes
        self._clock = clock
        self._meter = meter
        self._charges = charges
        self._owned = owned
        self._paused_since = paused_since
        self._failures = failures or FailureLog()
        self._count = 0

    async def execute(self, target: Target, depth: Depth, due: Monotonic) -> Executed | None:
        """Probe *target* at *depth*, which was due at monotonic *due*; None when it is not made."""
        self._paused_since(PAST)
        tick = self._clock.monotonic()
        lag = max(0.0, tick - due)
        self._meter.observe_lag(lag, target.name)
        state = self._board.state(target.name)
        if state is None or not self._owned(target.name):
            return None
        if self._is_skipped(state, depth, lag, tick):
            return None
        found = await self._probe(target, depth)
        self._meter.observe_self_delay(found.evidence.self_delay, target.name)
        why = self._says_nothing(found, tick)
        # A create that was accepted was accepted, however long we slept.
        if why is not None and found.verdict.reason not in DISABLING:
            log.info("probe dropped", target=target.name, depth=depth, why=why)
            return Executed(found, None, dropped=True)
        return await self._report(target, found)

    def _says_nothing(self, found: Observation, began: Monotonic) -> str | None:
        """Return why a probe that began at monotonic *began* says nothing of its service, or None."""
        if self._paused_since(began):
            return "this process was paused"
        timed_out = found.evidence.main.transport in TIMEOUTS
        return "our own loop was late" if timed_out and found.evidence.distorted else None

    def _is_skipped(self, state: TargetState, depth: Depth, lag: float, tick: Monotonic) -> bool:
        held = hold(state, depth, tick, self._board.network_ok)
        reason = held.skip_reason if held is not None else None
        if held is None and lag > max(state.target.intervals[depth], MISFIRE_GRACE):
            reason = "concurrency"
        if reason is not None:
            self._board.skip(state.target.name, depth, reason)
        return held is not None or reason is not None

    async def _probe(self, target: Target, depth: Depth) -> Observation:
        self._count += 1
        self._meter.set_in_flight(self._count)
        try:
            hints = self._board.hints(target, depth)
            return await self._probes.probe(target, depth, hints)
        finally:
            self._count -= 1
            self._meter.set_in_flight(self._count)

    async def _report(self, target: Target, found: Observation) -> Executed:
        state = self._board.state(target.name)
        same = state is None or state.target is target or identity(state.target) == identity(target)
        # What was watched before a reload says nothing about what has its name now.
        change = self._board.observe(found.evidence, found.verdict) if same else None
        if change is not None:
            self._failures.add(target, found)
        usd = change.unplanned_usd if change is not None else _unseen_charge(target, found)
        if usd:  # the board first: it only remembers, and this may wait for a database
            await self._charges.unplanned_charge(target, usd)
        return Executed(found, change)


def _unseen_charge(target: Target, found: Observation) -> float:
    """Return what an accepted create has cost whose target is not watched any more."""
    accepted = found.verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY
    return accident_usd(target) if accepted else 0.0
