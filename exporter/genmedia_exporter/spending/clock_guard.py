"""What this process reserved lately, by a clock that cannot be set: holds while the other one is in doubt."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from genmedia_exporter.core.clock import Clock, Monotonic
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.spending.limits import (
    Refusal,
    RefusalKind,
    SpendingLimits,
    Spent,
    Sums,
    refusal,
)
from genmedia_exporter.targets.model import Target

log = EventLog(__name__)

STEP: Final = 300.0
"""Seconds by which wall and monotonic time may part before the wall clock counts as set."""
DAY: Final = 86_400.0
MONTH: Final = 31 * DAY
HOUR: Final = 3_600.0


class ClockGuard:
    """The reservations of this process, in hours of monotonic time, for 31 days.

    The ledger dates money by the wall clock, for a day's budget is a calendar day's. Whoever sets
    that clock over midnight finds another day's budget there; set back, that day's money counts as
    today's, but by then it is spent. Therefore: once wall and monotonic time part by more than five
    minutes (the clock was set, or the machine slept), what this process reserved in the last 24
    hours must fit a day's limits as well, for 24 hours, and what it reserved in 31 days a month's,
    for 31 days. The same holds after the ledger has forgotten a reservation of ours: its file was
    deleted, or replaced by an older one.

    Hours count whole, so the window is up to an hour longer than it says, never shorter. It begins
    anew with the process. What is booked outlives that, and what is booked ahead of time counts
    until its day has come and gone, so that no calendar day is ever paid for twice.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self.parting()
        self._doubted_at: Monotonic | None = None
        self._hours: dict[int, defaultdict[tuple[str, str], float]] = {}

    def parting(self) -> float:
        """Return wall time less monotonic time; it only changes when the wall clock is set."""
        return float(self._clock.now()) - float(self._clock.monotonic())

    def look(self) -> None:
        """Notice a clock that was set since the last look, or step by step since the one before."""
        parting = self.parting()
        if self.parted(parting):
            step = round(parting - self._offset, 1)
            log.warning("clock stepped, budgets tightened", step_seconds=step)
            self._offset = parting
            self.doubt()

    def parted(self, parting: float) -> bool:
        """Whether the wall clock has been set since it was last found to be."""
        return abs(parting - self._offset) > STEP

    def doubt(self) -> None:
        """From now on, for a while, do not rely on the ledger alone."""
        self._doubted_at = self._clock.monotonic()

    def add(self, tick: Monotonic, target: Target, usd: float) -> None:
        """Take down that *usd* more was reserved at monotonic *tick*; negative: that much less."""
        oldest = (self._clock.monotonic() - MONTH) // HOUR
        for hour in [h for h in self._hours if h < oldest]:
            del self._hours[hour]
        sums = self._hours.setdefault(int(tick // HOUR), defaultdict(float))
        for scope in _scopes(target):
            sums[scope] += usd

    def refusal(self, usd: float, limits: SpendingLimits, target: Target) -> Refusal | None:
        """Return why *usd* more would be too much by this account alone, None without a doubt."""
        if not self._is_in_doubt():
            return None
        sums = [self._spent(scope) for scope in _scopes(target)]
        found = refusal(usd, Sums(sums[0], sums[1], sums[2]), limits, target)
        if found is None:
            return None
        why = "a clock was set or the ledger was replaced, so the last 24 hours (or 31 days) count"
        return Refusal(RefusalKind.CLOCK, f"{why}: {found.why}")

    def held(self) -> Spent:
        """Return what counts against the budgets by this account alone; nothing without a doubt."""
        return self._spent(("", "")) if self._is_in_doubt() else Spent(0.0, 0.0)

    def _is_in_doubt(self, seconds: float = MONTH) -> bool:
        at = self._doubted_at
        return at is not None and self._clock.monotonic() - at < seconds

    def _spent(self, scope: tuple[str, str]) -> Spent:
        tick = self._clock.monotonic()
        day = self._since(scope, tick - DAY) if self._is_in_doubt(DAY) else 0.0
        return Spent(day, self._since(scope, tick - MONTH))

    def _since(self, scope: tuple[str, str], tick: Monotonic) -> float:
        first = tick // HOUR
        return sum(sums.get(scope, 0.0) for hour, sums in self._hours.items() if hour >= first)


def _scopes(target: Target) -> tuple[tuple[str, str], ...]:
    return ("", ""), ("account", target.account.name), ("target", target.name)
