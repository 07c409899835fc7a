"""Paid generations under way: bought one by one, kept across reloads, resumed after a restart."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Final

from genmedia_exporter.core.clock import Clock, Monotonic, pause
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import Evidence, JobRef, Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.health.backoff import longest_generation
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.spending.bucket import REPLAY_SECONDS
from genmedia_exporter.spending.demand import actual_cost
from genmedia_exporter.spending.limits import (
    Refusal,
    RefusalKind,
    Spending,
    SpendingLimits,
    estimate,
)
from genmedia_exporter.spending.planner import PurchasePlanner
from genmedia_exporter.spending.priority import Candidate, Funds, choose
from genmedia_exporter.spending.prompts import prompt_for
from genmedia_exporter.spending.protocols import GenerationMaker, LedgerAccess
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.spending.transactions import KeptJob
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.targets.model import Target

log = EventLog(__name__)

ROUND_SECONDS: Final = 5.0
"""How often the next purchase is considered; twice in an interval that is shorter than twice this."""
LEAST_ROUND_SECONDS: Final = 0.5
MOST_AT_ONCE: Final = 8
"""Generations under way at once, over all targets."""
FORGOTTEN_SECONDS: Final = 7_200.0
"""A job this long past its deadline is not polled any more: its service has forgotten it."""


class Generations:
    """Decides what to buy, pays before it sends, and follows every job to its end.

    At most one of a target at once, as many of an account as its concurrency says, and MOST_AT_ONCE
    of all.
    """

    def __init__(
        self,
        board: Board,
        probes: GenerationMaker,
        money: LedgerAccess,
        clock: Clock,
        limits: Callable[[], SpendingLimits],
        owns: Callable[[str], bool] = lambda _name: True,
        paused_since: Callable[[Monotonic], bool] = lambda _began: False,
        keep: Callable[[Target, Observation], None] = lambda _target, _found: None,
    ) -> None:
        self._board = board
        self._probes = probes
        self._money = money
        self._clock = clock
        self._owns = owns
        self._paused_since = paused_since
        self._keep = keep
        self._targets: dict[str, Target] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._planner = PurchasePlanner(board, clock, limits)
        self._paid: dict[str, Reservation] = {}  # for what is running
        self._round_seconds = ROUND_SECONDS
        self._resume_due = True
        self._wake = asyncio.Event()

    def configure(self, targets: Iterable[Target]) -> None:
        """Buy for *targets* from now on.

        Jobs under way end as they began, unless another exporter owns the target by now: then that
        one follows the job.
        """
        self._targets = {t.name: t for t in targets if Depth.GENERATE in t.depths}
        self._planner.configure(self._targets)
        shortest = min(
            (t.intervals[Depth.GENERATE] for t in self._targets.values()), default=math.inf
        )
        self._round_seconds = min(ROUND_SECONDS, max(shortest / 2, LEAST_ROUND_SECONDS))
        self._resume_due = True  # targets may have come to us with their jobs
        for name, task in self._running.items():
            if not self._owns(name):
                task.cancel()
        self._wake.set()

    @property
    def running(self) -> Collection[str]:
        """The targets that have a generation under way."""
        return self._running.keys()

    async def run(self) -> None:
        """Buy what is worth it, for ever; when cancelled, leave the jobs to be resumed."""
        try:
            while True:
                self._wake.clear()
                if self._resume_due:
                    await self._resume_jobs()
                await self._round()
                await pause(self._clock, self._round_seconds, self._wake)
        finally:
            await self._stop()

    async def _stop(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what to buy

    async def _round(self) -> None:
        """Buy the first in the order of priority, as long as there is room and money for it."""
        spending = self._money.spending()
        self._planner.count_skipped(self._owned(), self._running, spending.enabled)
        funds: Funds | None = None
        while len(self._running) < MOST_AT_ONCE:
            rate = self._planner.rate(spending)
            if rate is None or not spending.enabled:
                return
            found = self._planner.candidates(rate, self._owned(), self._busy())
            if found:
                funds = await self._funds(rate, spending)
            chosen = choose(found, funds) if funds is not None else None
            if chosen is None:
                self._planner.count_late(self._owned(), self._running)
                return
            if not await self._buy(chosen):
                return
            spending = self._money.spending()

    def _owned(self) -> Collection[str]:
        return dict.fromkeys(name for name in self._targets if self._owns(name))

    def _busy(self) -> Collection[str]:
        """Return the targets that have a job, and those whose account has as many as it may."""
        jobs = Counter(paid.account for paid in self._paid.values())
        full = (
            n for n, t in self._targets.items() if jobs[t.account.name] >= t.account.concurrency
        )
        return {*self._running, *full}

    async def _funds(self, rate: float, spending: Spending) -> Funds | None:
        """Return what may be spent now; None while the ledger cannot be read."""
        try:
            bookings = await self._money.bookings_since(REPLAY_SECONDS)
        except StorageError:
            return None
        return self._planner.funds(rate, spending, bookings)

    async def _buy(self, chosen: Candidate) -> bool:
        """Pay and start; whether it makes sense to ask for more."""
        target = self._targets.get(chosen.name)
        usd = estimate(target) if target is not None else None
        if target is None or usd is None:  # a reload came between plan and choice
            return True
        paid = await self._money.reserve(target, usd)
        if isinstance(paid, Refusal):
            log.info("generation refused", target=target.name, why=paid.why)
            if paid.kind is RefusalKind.DISABLED:  # bought at once when it is switched on again
                return False
            if target.name in self._targets:
                self._planner.refuse(target.name, paid)
            return True
        still_ours = self._targets.get(target.name) is target and self._owns(target.name)
        if not still_ours:  # lost or changed while the money was reserved: nothing is sent
            await self._money.finish(paid, 0.0)
            return True
        log.info(
            "generation started",
            target=target.name,
            cause=chosen.cause.name.lower(),
            estimate_usd=round(usd, 6),
        )
        self._start(target, paid)
        return True

    # --- what has been bought

    async def _resume_jobs(self) -> None:
        """Poll the jobs of an earlier process; settle those that nobody can poll any more."""
        self._resume_due = False  # before anything is awaited: a reload meanwhile wants it again
        try:
            self._planner.paid_at = await self._money.newest()
            kept = await self._money.kept()
        except StorageError:
            self._resume_due = True  # they are still there: next round
            return
        void = []
        for job in kept:  # without waiting: one that ends meanwhile would be resumed again
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
        task = asyncio.create_task(self._generate(target, paid, job), name=f"buy {target.name}")
        self._running[target.name] = task
        self._paid[target.name] = paid
        task.add_done_callback(lambda task: self._ended(target.name, task))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        self._running.pop(name, None)
        self._paid.pop(name, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.exception("generation task failed", task.exception(), target=name)

    async def _generate(self, target: Target, paid: Reservation, job: JobRef | None) -> None:
        run = Run(
            self._clock,
            prompt_for(target.name, paid.id),
            accepted=lambda made: self._money.keep(paid, target, made),
            job=job,
        )
        began = self._clock.monotonic()
        hints = self._board.hints(target, Depth.GENERATE)
        found = await self._probes.generate(target, run, hints)
        paused = self._paused_since(began)
        evidence = _untimed(found.evidence) if paused else found.evidence
        usd = actual_cost(found.evidence, paid.usd, resumed=job is not None)
        log.info(
            "generation ended",
            target=target.name,
            outcome=found.verdict.outcome,
            reason=found.verdict.reason,
            duration_seconds=None if evidence.duration is None else round(evidence.duration, 1),
            cost_usd=round(usd, 6),
        )
        # Settle first: an interruption from here on loses a result, not money.
        await self._money.finish(paid, usd)
        present = self._targets.get(target.name)
        same = present is not None and identity(present) == identity(target)
        # A failure while this process was paused is our own: a deadline went by unseen.
        ours = paused and not found.verdict.success
        if same and self._owns(target.name) and not ours:
            self._board.observe(evidence, found.verdict, usd)
            self._keep(target, found)


def _untimed(evidence: Evidence) -> Evidence:
    """Return *evidence* without the seconds of a job that went on while this process did not."""
    made = evidence.generation
    if made is not None:
        made = replace(made, queue=None, run=None, fetch=None)
    return replace(evidence, duration=None, generation=made)
