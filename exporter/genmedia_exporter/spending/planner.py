"""What generations are wished for now: turns spaced by the money there is, and what is left out."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import hold
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.judge import EXPIRY_INTERVALS
from genmedia_exporter.health.state import SkipReason, TargetState
from genmedia_exporter.spending.demand import hopeless, is_due, pointless, wish
from genmedia_exporter.spending.forecast import Forecast, Planned, forecast, never_paid
from genmedia_exporter.spending.limits import (
    Periods,
    Refusal,
    RefusalKind,
    Spending,
    SpendingLimits,
    estimate,
    periods,
)
from genmedia_exporter.spending.priority import SAVING_SECONDS, Pace, Wish, daily_pace
from genmedia_exporter.targets.model import Target

REFUSED_SECONDS: Final = 600.0
"""After a refusal of the ledger, a target does not ask again for this long."""
_NARROW: Final = frozenset({RefusalKind.ACCOUNT, RefusalKind.TARGET})
"""Refusals that others need not wait for: putting their money aside would not help."""


class Wants:
    """The wishes of all targets, and the count of turns that were not taken."""

    def __init__(self, board: Board, clock: Clock, limits: Callable[[], SpendingLimits]) -> None:
        self._board = board
        self._clock = clock
        self._limits = limits
        self._targets: Mapping[str, Target] = {}
        self._refused: dict[str, float] = {}  # until when (monotonic)
        self._narrow: dict[str, float] = {}  # until when (monotonic) it saves nothing
        self._skipped: dict[str, float] = {}  # when last counted (monotonic)
        self._plan = Forecast()
        self._planned_for: tuple[SpendingLimits, float, tuple[Target, ...]] | None = None
        self._today = Periods("", "", 0.0, 0.0, 0.0)  # in this zone
        self._zone = ""
        self.paid_at: Mapping[str, float] = {}  # Unix seconds, of earlier processes

    def configure(self, targets: Mapping[str, Target]) -> None:
        """Wish for *targets* from now on."""
        self._targets = targets
        self._refused.clear()  # another budget may be in force
        self._narrow.clear()
        self._skipped = {n: at for n, at in self._skipped.items() if n in targets}

    def day_usd(self, spending: Spending) -> float | None:
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
        return daily_pace(spending.daily_usd, spending.monthly_usd, before, days)

    def pace(self, day_usd: float, spent: float, urgent: float, full: float) -> Pace:
        """Return what may be spent now, as the last wishes have it; see `Pace`."""
        kept = sum(each.usd_per_day for each in self._plan.planned if not each.short)
        return Pace(day_usd, spent, urgent, full, self._plan.room_usd, kept)

    def wishes(self, day_usd: float, mine: Collection[str], busy: Collection[str]) -> list[Wish]:
        """Return what those of *mine* that are not *busy* wish for, if *day_usd* is a day's money.

        Those that can never be paid for wish for nothing; nor does anybody while our network is in
        doubt.
        """
        if not self._board.network_ok:
            return []
        now, tick = self._clock.now(), self._clock.monotonic()
        states = self._sharing(mine, tick)
        self._space(day_usd, tuple(self._targets[name] for name in states))
        found: list[Wish] = []
        for planned in self._plan.planned:
            name, usd = planned.name, planned.usd
            refused = tick < self._refused.get(name, 0.0)
            if usd is None or planned.never or name in busy or refused:
                continue
            wished = wish(states[name], usd, now, tick, self.paid_at.get(name), planned.every)
            if wished is not None:
                found.append(self._as_planned(wished, planned, tick))
        return found

    def _space(self, day_usd: float, targets: tuple[Target, ...]) -> None:
        """Space the turns of *targets* anew where the money or they have changed."""
        known, limits = self._planned_for, self._limits()
        same = known is not None and known[0] is limits and known[1:] == (day_usd, targets)
        if not same:
            self._plan = forecast(targets, limits, day_usd)
            self._planned_for = (limits, day_usd, targets)

    def _sharing(self, mine: Collection[str], tick: float) -> dict[str, TargetState]:
        """Return those that share the money now; also those that are not ready to take it yet."""
        states = ((name, self._board.state(name)) for name in self._targets if name in mine)
        return {n: state for n, state in states if state is not None and not hopeless(state, tick)}

    def _as_planned(self, wished: Wish, planned: Planned, tick: float) -> Wish:
        saves = tick >= self._narrow.get(wished.name, 0.0)
        return replace(wished, short=planned.short, late=wished.late if saves else 0.0)

    def refuse(self, name: str, why: Refusal) -> None:
        """Do not ask for *name* again for a while."""
        tick = self._clock.monotonic()
        self._refused[name] = tick + REFUSED_SECONDS
        if why.kind in _NARROW:
            self._narrow[name] = tick + SAVING_SECONDS
        self.count_skip(name, "budget")

    def count_left_out(self, mine: Iterable[str], busy: Collection[str], enabled: bool) -> None:
        """Count the turns of *mine* that have come and are not even wished for."""
        now, tick = self._clock.now(), self._clock.monotonic()
        for name in mine:
            state, target = self._board.state(name), self._targets.get(name)
            if state is None or target is None or name in busy or not is_due(state, now, tick):
                continue
            held = hold(state, Depth.GENERATE, tick, self._board.network_ok)
            reason = held.skip_reason if held is not None else None
            if reason is None and not (enabled and self._can_be_paid(target)):
                reason = None if pointless(state, tick) else "budget"
            if reason is not None:
                self.count_skip(name, reason)

    def _can_be_paid(self, target: Target) -> bool:
        return estimate(target) is None or not never_paid(target, self._limits())

    def count_late(self, mine: Iterable[str], busy: Collection[str]) -> None:
        """Count whoever waits for money, and whose last generation counts for nothing by now."""
        now, tick = self._clock.now(), self._clock.monotonic()
        for name in mine:
            state = self._board.state(name)
            if state is None or name in busy or pointless(state, tick):
                continue
            if is_due(state, now, tick, EXPIRY_INTERVALS):
                self.count_skip(name, "budget")

    def count_skip(self, name: str, reason: SkipReason) -> None:
        """Count a turn that is not taken once an interval, not once a look."""
        tick, target = self._clock.monotonic(), self._targets.get(name)
        if target is None:  # a reload took it away while we waited
            return
        interval = target.intervals[Depth.GENERATE]
        if tick - self._skipped.get(name, -interval) >= interval:
            self._skipped[name] = tick
            self._board.skip(name, Depth.GENERATE, reason)
