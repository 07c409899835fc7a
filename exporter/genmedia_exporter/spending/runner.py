"""Paid generations under way: bought one by one, alive across reloads, taken up again after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import Final

from genmedia_exporter.core.clock import Clock, pause
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.core.status import Depth
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.health.backoff import longest_generation
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.spending.demand import charged
from genmedia_exporter.spending.limits import Refusal, RefusalKind, SpendingLimits, estimate
from genmedia_exporter.spending.planner import Wants
from genmedia_exporter.spending.priority import WINDOW_SECONDS, Bought, Cause, Pace, Wish, choose
from genmedia_exporter.spending.prompts import prompt_for
from genmedia_exporter.spending.protocols import Generates, LedgerAccess
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.spending.transactions import KeptJob
from genmedia_exporter.storage.tables import StorageError
from genmedia_exporter.targets.model import Target

log = EventLog(__name__)

ROUND_SECONDS: Final = 5.0
"""How often it is considered what to buy next; twice in an interval that is shorter than twice this."""
LEAST_ROUND_SECONDS: Final = 0.5
MOST_AT_ONCE: Final = 8
"""Generations under way at once, over all targets."""
FORGOTTEN_SECONDS: Final = 7_200.0
"""A kept job this much older than its deadline is not asked after: its service has forgotten it."""


class Generations:
    """Decides what to buy, pays before it sends, and sees every job through. One a target at once."""

    def __init__(
        self,
        board: Board,
        probes: Generates,
        money: LedgerAccess,
        clock: Clock,
        limits: Callable[[], SpendingLimits],
        owns: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self._board = board
        self._probes = probes
        self._money = money
        self._clock = clock
        self._owns = owns
        self._targets: dict[str, Target] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._urgent = Bought()
        self._full = Bought()  # turns of those who are not short
        self._wants = Wants(board, clock, limits)
        self._paid: dict[str, Reservation] = {}  # for what is running
        self._resume = True
        self._wake = asyncio.Event()

    def configure(self, targets: Iterable[Target]) -> None:
        """Buy for *targets* from now on; what is under way ends as it began, unless it is another
        exporter's by now: then that one sees it through.
        """
        self._targets = {t.name: t for t in targets if Depth.GENERATE in t.depths}
        self._wants.configure(self._targets)
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
                await pause(self._clock, self._round_seconds(), self._wake)
        finally:
            await self._stop()

    def _round_seconds(self) -> float:
        """Return the seconds until the next round: less than usual where an interval is short."""
        shortest = min(
            (t.intervals[Depth.GENERATE] for t in self._targets.values()), default=ROUND_SECONDS
        )
        return min(ROUND_SECONDS, max(shortest / 2, LEAST_ROUND_SECONDS))

    async def _stop(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what to buy

    async def _round(self) -> None:
        """Buy the most deserving, as long as there is room and money for it."""
        spending = self._money.spending()
        self._wants.count_left_out(self._mine(), self._running, spending.enabled)
        while len(self._running) < MOST_AT_ONCE:
            day_usd = self._wants.day_usd(spending)
            if day_usd is None or not spending.enabled:
                return
            wishes = self._wants.wishes(day_usd, self._mine(), self._running)
            pace = await self._pace(day_usd) if wishes else None
            chosen = choose(wishes, pace) if pace is not None else None
            if chosen is None:
                self._wants.count_late(self._mine(), self._running)
                return
            if not await self._buy(chosen):
                return
            spending = self._money.spending()

    def _mine(self) -> Collection[str]:
        return dict.fromkeys(name for name in self._targets if self._owns(name))

    async def _pace(self, day_usd: float) -> Pace | None:
        """Return what may be spent now; None while the ledger cannot be read."""
        try:
            spent = await self._money.spent_since(WINDOW_SECONDS)
        except StorageError:
            return None
        since = self._clock.now() - WINDOW_SECONDS
        urgent, full = self._urgent.since(since), self._full.since(since)
        return self._wants.pace(day_usd, spent, urgent, full)

    async def _buy(self, wished: Wish) -> bool:
        """Pay and start; whether it makes sense to ask for more."""
        target = self._targets.get(wished.name)
        usd = estimate(target) if target is not None else None
        if target is None or usd is None:  # a reload came between wish and choice
            return True
        paid = await self._money.reserve(target, usd)
        if isinstance(paid, Refusal):
            log.info("generation refused", target=target.name, why=paid.why)
            if paid.kind is RefusalKind.DISABLED:  # bought at once when it is switched on again
                return False
            self._wants.refuse(target.name, paid)
            return True
        still_ours = self._targets.get(target.name) is target and self._owns(target.name)
        if not still_ours:  # lost or changed while the money was set aside: nothing is sent
            await self._money.finish(paid, 0.0)
            return True
        log.info(
            "generation started",
            target=target.name,
            cause=wished.cause.name.lower(),
            estimate_usd=usd,
        )
        if wished.cause is not Cause.ROUTINE:
            self._urgent.add(paid.id, paid.at, paid.usd)
        elif not wished.short:
            self._full.add(paid.id, paid.at, paid.usd)
        self._start(target, paid)
        return True

    # --- what has been bought

    async def _take_up(self) -> None:
        """Ask after the jobs of an earlier process; book those that nobody can ask after."""
        self._resume = False  # before anything is awaited: a reload meanwhile wants it again
        try:
            self._wants.paid_at = await self._money.newest()
            kept = await self._money.kept()
        except StorageError:
            self._resume = True  # they are still there; asked for again in the next round
            return
        void = []
        for job in kept:  # without waiting: what ends meanwhile would be taken up once more
            if not self._owns(job.target) or self._paid.get(job.target) == job.reservation:
                continue
            target = self._targets.get(job.target)
            if target is None or job.target in self._running or self._is_void(target, job):
                void.append(job.reservation)
                continue
            log.info("generation resumed", target=target.name)
            self._start(target, job.reservation, job.job)
        for reservation in void:
            await self._money.finish(reservation, reservation.usd)

    def _is_void(self, target: Target, job: KeptJob) -> bool:
        """Whether its target is another by now, or its service must have forgotten it."""
        if identity(target) != job.identity:
            return True
        age = self._clock.now() - job.job.created_at
        return age > longest_generation(target) + FORGOTTEN_SECONDS

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
            log.exception("generation task failed", task.exception(), target=name)

    async def _see_through(self, target: Target, paid: Reservation, job: JobRef | None) -> None:
        run = Run(
            self._clock,
            prompt_for(target.name, paid.id),
            accepted=lambda made: self._money.keep(paid, target, made),
            job=job,
        )
        began = self._clock.monotonic()
        hints = self._board.hints(target, Depth.GENERATE)
        found = await self._probes.generate(target, run, hints)
        usd = charged(found.evidence, paid.usd)
        log.info(
            "generation ended",
            target=target.name,
            outcome=found.verdict.outcome,
            reason=found.verdict.reason,
            duration_seconds=round(self._clock.monotonic() - began, 1),
            cost_usd=usd,
        )
        # Settle first: an interruption from here on loses a result, not money.
        await self._money.finish(paid, usd)
        for sort in (self._urgent, self._full):
            if paid.id in sort:
                sort.add(paid.id, paid.at, usd)
        present = self._targets.get(target.name)
        same = present is not None and identity(present) == identity(target)
        if same and self._owns(target.name):  # else it says nothing about what is watched now
            self._board.observe(found.evidence, found.verdict, usd)
