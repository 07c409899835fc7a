"""What each target's generation is good for now, and why one is not bought: the answer for all who ask."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from genmedia_exporter.core.clock import DAY, EPOCH, PAST, Clock, Monotonic, Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import hold
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.judge import EXPIRY_INTERVALS
from genmedia_exporter.health.state import SkipReason, TargetState
from genmedia_exporter.spending.bucket import Booking, TokenBucket
from genmedia_exporter.spending.demand import (
    Blocked,
    BlockedBy,
    blocked,
    cannot_learn,
    is_due,
    paid_probe_due,
    quiet_until,
)
from genmedia_exporter.spending.forecast import Forecast, Planned, forecast, never_paid
from genmedia_exporter.spending.limits import (
    TOLERANCE,
    Periods,
    Refusal,
    RefusalKind,
    Spending,
    SpendingLimits,
    estimate,
    periods,
)
from genmedia_exporter.spending.priority import Candidate, Funds, daily_rate
from genmedia_exporter.targets.model import Target

REFUSED_SECONDS: Final = 600.0
"""After a refusal of the ledger, a target does not ask again for this long, or for its interval."""
_OWN_LIMIT: Final = frozenset({RefusalKind.ACCOUNT, RefusalKind.TARGET})
"""Refusals that concern one account or target: the others do not wait behind it for a day."""


class PurchasePlanner:
    """The candidates among all targets, what may be spent, and the count of skipped generations."""

    def __init__(self, board: Board, clock: Clock, limits: Callable[[], SpendingLimits]) -> None:
        self._board = board
        self._clock = clock
        self._limits = limits
        self._targets: Mapping[str, Target] = {}
        self._refused: dict[str, Monotonic] = {}  # until when
        self._out_of_line: dict[str, Monotonic] = {}  # until when nobody waits behind it
        self._skipped: dict[str, Monotonic] = {}  # when last counted
        self._quiet: dict[str, tuple[TargetState, Monotonic]] = {}  # until when, in this state
        self._unblocked: dict[str, TargetState] = {}  # the states in which nothing blocks
        self._plan = Forecast()
        self._planned_for: tuple[SpendingLimits, float, tuple[Target, ...]] | None = None
        self._today = Periods("", "", EPOCH, EPOCH, EPOCH)  # in this zone
        self._zone = ""
        self.paid_at: Mapping[str, Unix] = {}  # of earlier processes

    def configure(self, targets: Mapping[str, Target]) -> None:
        """Plan for *targets* from now on."""
        self._targets = targets
        self._refused.clear()  # another budget may be in force
        self._out_of_line.clear()
        self._skipped = {n: tick for n, tick in self._skipped.items() if n in targets}
        self._quiet.clear()
        self._unblocked.clear()

    # --- money

    def rate(self, spending: Spending) -> float | None:
        """Return what a day may cost so that the month's lasts; None while the ledger is unknown."""
        today_usd, month_usd = spending.spent_today_usd, spending.spent_this_month_usd
        if today_usd is None or month_usd is None:
            return None
        now, zone = self._clock.now(), self._limits().zone
        if not (self._today.day_start <= now < self._today.next_day and self._zone == zone):
            self._today, self._zone = periods(now, zone), zone
        today = date.fromisoformat(self._today.day)
        days = calendar.monthrange(today.year, today.month)[1] - today.day + 1
        before = month_usd - today_usd
        return daily_rate(spending.daily_usd, spending.monthly_usd, before, days)

    def funds(self, rate: float, spending: Spending, bookings: Iterable[Booking]) -> Funds:
        """Return what may be spent now, as the last candidates have it, if *rate* flows in a day."""
        prices = [each.usd or 0.0 for each in self._plan.planned if not each.never]
        bucket = TokenBucket(max([rate, *prices]), rate)
        left = min(
            spending.daily_usd - (spending.spent_today_usd or 0.0),
            spending.monthly_usd - (spending.spent_this_month_usd or 0.0),
        )
        level = bucket.level(bookings, self._clock.now())
        return Funds(level, left, rate, bucket.capacity_usd)

    # --- candidates

    def candidates(
        self, rate: float, owned: Collection[str], busy: Collection[str]
    ) -> list[Candidate]:
        """Return the generations of *owned* targets, not *busy*, that would show something now.

        Those that can never be paid for are left out. There are none while our network is in doubt.
        """
        if not self._board.network_ok:
            return []
        now, tick = self._clock.now(), self._clock.monotonic()
        states = self._sharing(owned, tick)
        self._set_pace(rate, tuple(self._targets[name] for name in states))
        found = (
            self._candidate(states[planned.name], planned, now, tick)
            for planned in self._plan.planned
            if not self._is_quiet(states[planned.name], tick)
            and planned.name not in busy
            and tick >= self._refused.get(planned.name, PAST)
        )
        return [each for each in found if each is not None]

    def _candidate(
        self, state: TargetState, planned: Planned, now: Unix, tick: Monotonic
    ) -> Candidate | None:
        if planned.usd is None or planned.never:
            return None
        name = planned.name
        found = paid_probe_due(state, planned.usd, now, tick, self.paid_at.get(name), planned.every)
        if found is None or tick >= self._out_of_line.get(name, PAST):
            return found
        return replace(found, waits_in_line=False)

    def _is_quiet(self, state: TargetState, tick: Monotonic) -> bool:
        """Whether nothing of a target is due: a round asks all, and few have changed since the last."""
        name = state.target.name
        known = self._quiet.get(name)
        if known is None or known[0] is not state:
            known = self._quiet[name] = (state, quiet_until(state))
        return tick < known[1]

    def _set_pace(self, rate: float, targets: tuple[Target, ...]) -> None:
        """Share the money among *targets* anew where it or they have changed."""
        known, limits = self._planned_for, self._limits()
        same = known is not None and known[0] is limits and known[1:] == (rate, targets)
        if not same:
            self._plan = forecast(targets, limits, rate)
            self._planned_for = (limits, rate, targets)

    def _sharing(self, owned: Collection[str], tick: Monotonic) -> dict[str, TargetState]:
        """Return those that share the money now, also those that wait for their free depths."""
        states = ((name, self._board.state(name)) for name in self._targets if name in owned)
        return {
            n: state for n, state in states if state is not None and self._is_unblocked(state, tick)
        }

    def _is_unblocked(self, state: TargetState, tick: Monotonic) -> bool:
        """Whether nothing blocks a target; that ends only with its state, so it is kept."""
        name = state.target.name
        if self._unblocked.get(name) is state:
            return True
        if blocked(state, tick):
            return False
        self._unblocked[name] = state
        return True

    def refuse(self, name: str, why: Refusal) -> None:
        """Do not ask for *name* again for a while."""
        tick, target = self._clock.monotonic(), self._targets[name]
        self._refused[name] = tick + min(REFUSED_SECONDS, target.intervals[Depth.GENERATE])
        if why.kind in _OWN_LIMIT:
            self._out_of_line[name] = tick + DAY
        self.count_skip(name, "budget")

    # --- what is skipped

    def count_skipped(self, owned: Iterable[str], busy: Collection[str], enabled: bool) -> None:
        """Count the generations of *owned* targets that are due and no candidates."""
        now, tick = self._clock.now(), self._clock.monotonic()
        for name in owned:
            state, target = self._board.state(name), self._targets.get(name)
            if state is None or target is None or name in busy or self._is_quiet(state, tick):
                continue
            if not is_due(state, now, tick):
                continue
            held = hold(state, Depth.GENERATE, tick, self._board.network_ok)
            reason = held.skip_reason if held is not None else None
            if reason is None and not (enabled and self._can_be_paid(target)):
                reason = None if cannot_learn(state, tick) else "budget"
            if reason is not None:
                self.count_skip(name, reason)

    def _can_be_paid(self, target: Target) -> bool:
        return estimate(target) is None or not never_paid(target, self._limits())

    def count_late(self, owned: Iterable[str], busy: Collection[str]) -> None:
        """Count those that wait for money and whose last generation has expired."""
        now, tick = self._clock.now(), self._clock.monotonic()
        for name in owned:
            state = self._board.state(name)
            if state is None or name in busy or self._is_quiet(state, tick):
                continue
            if is_due(state, now, tick, EXPIRY_INTERVALS) and not cannot_learn(state, tick):
                self.count_skip(name, "budget")

    def count_skip(self, name: str, reason: SkipReason) -> None:
        """Count a skipped generation once an interval, not once a round."""
        tick, target = self._clock.monotonic(), self._targets.get(name)
        if target is None:  # a reload took it away while we waited
            return
        interval = target.intervals[Depth.GENERATE]
        if tick - self._skipped.get(name, PAST) >= interval:
            self._skipped[name] = tick
            self._board.skip(name, Depth.GENERATE, reason)


def blocked_by(
    state: TargetState,
    limits: SpendingLimits,
    spending: Spending,
    tick: Monotonic,
    network_ok: bool = True,
) -> Blocked | None:
    """Return why no generation of a target is bought at monotonic *tick*; None if only its pace decides."""
    if why := never_paid(state.target, limits):
        return Blocked(BlockedBy.NEVER, why=why)
    held = hold(state, Depth.GENERATE, tick, network_ok)
    found = cannot_learn(state, tick, network_ok)
    return found if held is not None else _no_money(state.target, spending) or found


def _no_money(target: Target, spending: Spending) -> Blocked | None:
    """Return why the budget has no room for a generation of *target* now, or None."""
    today, month = spending.spent_today_usd, spending.spent_this_month_usd
    if not spending.enabled:
        return Blocked(BlockedBy.SWITCHED_OFF)
    if today is None or month is None:
        return Blocked(BlockedBy.TOTALS_UNKNOWN)
    usd = (estimate(target) or 0.0) - TOLERANCE
    if today + usd > spending.daily_usd:
        return Blocked(BlockedBy.DAY)
    return Blocked(BlockedBy.MONTH) if month + usd > spending.monthly_usd else None
