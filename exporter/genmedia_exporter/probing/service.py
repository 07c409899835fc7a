"""The free probes of the daemon, put together: scheduler, requests, limits and one executor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableSet, Sequence

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.failures import FailureLog
from genmedia_exporter.health.state import StateChange
from genmedia_exporter.health.traffic import ReportedCall
from genmedia_exporter.probing.executor import (
    Meter,
    NoLedger,
    PausedSince,
    ProbeExecutor,
    Probes,
    UnplannedCharges,
    never,
)
from genmedia_exporter.probing.limits import ConcurrencyLimiter
from genmedia_exporter.probing.on_demand import OnDemand
from genmedia_exporter.probing.scheduler import Scheduler
from genmedia_exporter.targets.model import Target


def _all(_name: str) -> bool:
    return True


def _begins(change: StateChange) -> bool:
    """Whether applications have just begun to tell of failures."""
    before, after = change.before.traffic.failing_since, change.after.traffic.failing_since
    return before is None and after is not None


class ProbingService:
    """Watches targets at their free depths, on the timer and on demand."""

    def __init__(
        self,
        board: Board,
        probes: Probes,
        clock: Clock,
        meter: Meter,
        *,
        limiter: ConcurrencyLimiter | None = None,
        charges: UnplannedCharges | None = None,
        owned: Callable[[str], bool] = _all,
        in_flight: MutableSet[str] | None = None,
        paused_since: PausedSince = never,
    ) -> None:
        self._board = board
        self.limiter = limiter or ConcurrencyLimiter()
        self.failures = FailureLog()
        names = set[str]() if in_flight is None else in_flight
        executor = ProbeExecutor(
            board, probes, clock, meter, charges or NoLedger(), owned, paused_since, self.failures
        )
        self.scheduler = Scheduler(board, executor, clock, meter, self.limiter, names)
        self.on_demand = OnDemand(board, self.scheduler.flights, clock)

    async def report(self, calls: Mapping[str, Sequence[ReportedCall]]) -> Sequence[str]:
        """Take in *calls* of applications, by target; return the names that are not watched here.

        Where they begin to fail, our own free probes look at once.
        """
        changes = {name: self._board.report(name, those) for name, those in calls.items()}
        self.scheduler.expedite(n for n, change in changes.items() if change and _begins(change))
        return tuple(name for name, change in changes.items() if change is None)

    def configure(self, targets: Iterable[Target], in_flight: int | None = None) -> None:
        """Watch *targets* from now on, with at most *in_flight* probes at once."""
        watched = tuple(targets)
        self.failures.configure(watched)
        self.limiter.configure((t.account for t in watched), in_flight)
        self.scheduler.configure(watched)
        self.on_demand.configure(watched)
