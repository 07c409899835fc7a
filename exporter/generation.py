"""Paid generations under way: bought one by one, alive across reloads, taken up again after a restart."""

from __future__ import annotations

import asyncio
import calendar
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final

from exporter.board import Board
from exporter.budget import Refusal, estimate, periods
from exporter.clock import Clock
from exporter.drivers.contract import JobRef, Run
from exporter.generation_needs import Generates, Money
from exporter.judge import EXPIRY_INTERVALS
from exporter.prober import Hints
from exporter.prompts import prompt_for
from exporter.purse import KeptJob
from exporter.saved import identity
from exporter.spending import (
    WINDOW_SECONDS,
    Cause,
    Pace,
    UrgentSpending,
    Wish,
    charged,
    choose,
    daily_pace,
    is_due,
    obstacle,
    wish,
)
from exporter.state import SkipReason
from exporter.status import Depth
from exporter.storage.ledger import Reservation
from exporter.storage.tables import StorageError
from exporter.target import Target

log = logging.getLogger(__name__)

ROUND_SECONDS: Final = 5.0
"""How often it is considered what to buy next."""
MOST_AT_ONCE: Final = 8
"""Generations under way at once, over all targets."""
REFUSED_SECONDS: Final = 600.0
"""After a refusal of the purse, a target does not ask again for this long."""
FORGOTTEN_SECONDS: Final = 7_200.0
"""A kept job this much older than its deadline is not asked after: its service has forgotten it."""


class Generations:
    """Decides what to buy, pays before it sends, and sees every job through. One a target at once."""

    def __init__(
        self,
        board: Board,
        probes: Generates,
        money: Money,
        clock: Clock,
        zone: Callable[[], str] = lambda: "UTC",
        owns: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self._board = board
        self._probes = probes
        self._money = money
        self._clock = clock
        self._zone = zone
        self._owns = owns
        self._targets: dict[str, Target] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._urgent = UrgentSpending()
        self._paid_at: Mapping[str, float] = {}  # Unix seconds, of earlier processes
        self._paid: dict[str, Reservation] = {}  # for what is running
        self._refused: dict[str, float] = {}  # until when (monotonic)
        self._skipped: dict[str, float] = {}  # when last counted (monotonic)
        self._resume = True
        self._wake = asyncio.Event()

    def configure(self, targets: Iterable[Target]) -> None:
        """Buy for *targets* from now on; what is under way ends as it began, unless it is another
        exporter's by now: then that one sees it through.
        """
        self._targets = {t.name: t for t in targets if Depth.GENERATE in t.depths}
        self._refused.clear()  # another budget may be in force
        self._skipped = {n: at for n, at in self._skipped.items() if n in self._targets}
        self._resume = True  # targets may have come to us with their jobs
        for name, task in self._running.items():
            if not self._owns(name):
                task.cancel()
        self._wake.set()

    @property
    def running(self) -> Collection[str]:
        """The targets that have a generation under way."""
        return self._running.keys()

    async def run(self) -> None:
        """Buy what is worth it, for ever; when cancelled, leave the jobs to be taken up again."""
        try:
            while True:
                self._wake.clear()
                if self._resume:
                    await self._take_up()
                await self._round()
                await self._pause()
        finally:
            await self._stop()

    async def _pause(self) -> None:
        timer = asyncio.ensure_future(self._clock.sleep(ROUND_SECONDS))
        woken = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({timer, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            woken.cancel()

    async def _stop(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what to buy

    async def _round(self) -> None:
        """Buy the most deserving, as long as there is room and money for it."""
        self._count_obstacles()
        while len(self._running) < MOST_AT_ONCE:
            wishes = self._wishes()
            if not wishes:
                return
            pace = await self._pace()
            chosen = choose(wishes, pace) if pace is not None else None
            if chosen is None:
                first = min(wishes, key=lambda w: w.order)
                if first.staleness >= EXPIRY_INTERVALS:  # until then it is late, not left out
                    self._count_skip(first.name, "budget")
                return
            await self._buy(chosen)

    def _wishes(self) -> list[Wish]:
        now, tick = self._clock.now(), self._clock.monotonic()
        found: list[Wish] = []
        if not self._board.network_ok:
            return found
        for name, target in self._targets.items():
            state, usd = self._board.state(name), estimate(target)
            free = name not in self._running and self._owns(name)
            if state is None or usd is None or not free or tick < self._refused.get(name, 0.0):
                continue
            wished = wish(state, usd, now, tick, self._paid_at.get(name))
            if wished is not None:
                found.append(wished)
        return found

    async def _pace(self) -> Pace | None:
        """Return what the routine may spend; None while the ledger cannot be read."""
        spending = self._money.spending()
        today_usd, month_usd = spending.spent_today_usd, spending.spent_this_month_usd
        if today_usd is None or month_usd is None:
            return None
        try:
            spent = await self._money.spent_since(WINDOW_SECONDS)
        except StorageError:
            return None
        today = date.fromisoformat(periods(self._clock.now(), self._zone()).day)
        days = calendar.monthrange(today.year, today.month)[1] - today.day + 1
        before = month_usd - today_usd
        daily = daily_pace(spending.daily_usd, spending.monthly_usd, before, days)
        urgent = self._urgent.since(self._clock.now() - WINDOW_SECONDS)
        return Pace(daily, spent, urgent)

    async def _buy(self, wished: Wish) -> None:
        target = self._targets.get(wished.name)
        usd = estimate(target) if target is not None else None
        if target is None or usd is None:  # a reload came between wish and choice
            return
        paid = await self._money.reserve(target, usd)
        if isinstance(paid, Refusal):
            log.info("no generation for %s: %s", target.name, paid.why)
            self._refused[target.name] = self._clock.monotonic() + REFUSED_SECONDS
            self._count_skip(target.name, "budget")
            return
        still_ours = self._targets.get(target.name) is target and self._owns(target.name)
        if not still_ours:  # lost or changed while the money was set aside: nothing is sent
            await self._money.finish(paid, 0.0)
            return
        log.info(
            "generating for %s (%s), up to $%.3f",
            target.name,
            wished.cause.name.lower(),
            usd,
        )
        if wished.cause is not Cause.ROUTINE:
            self._urgent.add(paid.id, paid.at, paid.usd)
        self._start(target, paid)

    def _count_obstacles(self) -> None:
        now, tick = self._clock.now(), self._clock.monotonic()
        for name in self._targets:
            state = self._board.state(name)
            if state is None or name in self._running or not is_due(state, now, tick):
                continue
            reason = obstacle(state, self._board.network_ok)
            if reason is not None and self._owns(name):
                self._count_skip(name, reason)

    def _count_skip(self, name: str, reason: SkipReason) -> None:
        """Count a turn that is not taken once an interval, not once a look."""
        tick, target = self._clock.monotonic(), self._targets.get(name)
        if target is None:  # a reload took it away while we waited
            return
        interval = target.intervals[Depth.GENERATE]
        if tick - self._skipped.get(name, -interval) >= interval:
            self._skipped[name] = tick
            self._board.skip(name, Depth.GENERATE, reason)

    # --- what has been bought

    async def _take_up(self) -> None:
        """Ask after the jobs of an earlier process; book those that nobody can ask after."""
        try:
            self._paid_at = await self._money.newest()
            kept = await self._money.kept()
        except StorageError:
            return  # they are still there; asked for again in the next round
        self._resume, void = False, []
        for job in kept:  # without waiting: what ends meanwhile would be taken up once more
            if not self._owns(job.target) or self._paid.get(job.target) == job.reservation:
                continue
            target = self._targets.get(job.target)
            if target is None or job.target in self._running or self._is_void(target, job):
                void.append(job.reservation)
                continue
            log.info("taking up the generation of %s again", target.name)
            self._start(target, job.reservation, job.job)
        for reservation in void:
            await self._money.finish(reservation, reservation.usd)

    def _is_void(self, target: Target, job: KeptJob) -> bool:
        """Whether its target is another by now, or its service must have forgotten it."""
        if identity(target) != job.identity:
            return True
        described = target.provider.job_for(target.operation, target.model)
        deadline = described.poll.deadline_seconds if described and described.poll else 0.0
        return self._clock.now() - job.job.created_at > deadline + FORGOTTEN_SECONDS

    def _start(self, target: Target, paid: Reservation, job: JobRef | None = None) -> None:
        task = asyncio.create_task(self._see_through(target, paid, job), name=f"buy {target.name}")
        self._running[target.name] = task
        self._paid[target.name] = paid
        task.add_done_callback(lambda task: self._ended(target.name, task))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._running.pop(name, None)
        self._paid.pop(name, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("the generation of %s failed", name, exc_info=task.exception())

    async def _see_through(self, target: Target, paid: Reservation, job: JobRef | None) -> None:
        run = Run(
            self._clock,
            prompt_for(target.name, paid.id),
            accepted=lambda made: self._money.keep(paid, target, made),
            job=job,
        )
        began = self._clock.monotonic()
        state = self._board.state(target.name)
        known = state.depths.get(Depth.GENERATE) if state else None
        hints = Hints(worked_before=known is not None and known.last_success_at is not None)
        found = await self._probes.generate(target, run, hints)
        usd = charged(found.evidence, paid.usd)
        log.info(
            "generation ended: target=%s outcome=%s reason=%s seconds=%.1f usd=%.4f",
            target.name,
            found.verdict.outcome,
            found.verdict.reason,
            self._clock.monotonic() - began,
            usd,
        )
        # First the books: whoever is interrupted now has lost a result, not money.
        await self._money.finish(paid, usd)
        if paid.id in self._urgent:
            self._urgent.add(paid.id, paid.at, usd)
        present = self._targets.get(target.name)
        same = present is not None and identity(present) == identity(target)
        if same and self._owns(target.name):  # else it says nothing about what is watched now
            self._board.observe(found.evidence, found.verdict, usd)
