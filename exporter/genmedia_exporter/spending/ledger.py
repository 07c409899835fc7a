"""The ledger: reserves money for a paid probe before it is spent, and refuses when in doubt."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from genmedia_exporter.core.clock import PAST, Clock, Monotonic, Unix, pause
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.spending import statements
from genmedia_exporter.spending.bucket import Booking
from genmedia_exporter.spending.clock_guard import ClockGuard
from genmedia_exporter.spending.limits import (
    Refusal,
    RefusalKind,
    Spending,
    SpendingLimits,
    estimate,
)
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.spending.transactions import (
    FORGOTTEN,
    SWITCHED_OFF,
    KeptJob,
    LedgerTotals,
    LedgerTransactions,
    PendingWrite,
    Transactor,
    job_row,
    kept_job,
    periods_of,
)
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.leases import Permit
from genmedia_exporter.targets.model import Target

log = EventLog(__name__)

REFRESH_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 5.0
PRUNE_SECONDS: Final = 3_600.0


class Ledger:
    """The money of paid probes. Its methods belong to the event loop's thread.

    A reservation is committed, durably, before `reserve` returns it, in one transaction with the
    sums it was compared with; so neither parallel probes nor other exporters on the same database
    can spend the same dollar, and a crash at any moment only ever counts too much. Settling writes
    the actual cost. What cannot be written waits in the outbox and is tried again; until then the
    reservation counts. The ClockGuard handles clocks that were set.
    """

    def __init__(
        self,
        database: Transactor,
        clock: Clock,
        limits: Callable[[], SpendingLimits],
        permit: Permit = lambda _connection, _name: True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits  # also called in the storage thread
        self._clock_guard = ClockGuard(clock)
        self._transactions = LedgerTransactions(clock, limits, self._clock_guard, permit)
        self._totals = LedgerTotals()
        self._off_here = False  # switched off, and that could not be written yet
        self._outbox: dict[Reservation, PendingWrite] = {}
        self._open: dict[Reservation, tuple[Monotonic, Target]] = {}  # not settled
        self._newest: Reservation | None = None
        self._unplanned, self._failing = 0, False
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._reserving: set[asyncio.Task[Reservation | Refusal]] = set()
        self._prune_at = PAST

    # --- spending

    async def reserve(self, target: Target, usd: float | None = None) -> Reservation | Refusal:
        """Reserve *usd*, or the estimated price of one generation of *target*. Never raises.

        Call it once for each generation, before any request that costs money.
        """
        price = estimate(target) if usd is None else usd
        if price is None or not math.isfinite(price) or price < 0:
            return Refusal(RefusalKind.NO_PRICE, "what one generation costs is not known")
        if self._off_here:
            return SWITCHED_OFF
        task = asyncio.ensure_future(self._reserve(target, price))
        self._reserving.add(task)
        task.add_done_callback(self._reserving.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._release)  # nobody will use it
            raise

    async def _reserve(self, target: Target, price: float) -> Reservation | Refusal:
        self._clock_guard.look()
        tick = self._clock.monotonic()
        refused = self._clock_guard.refusal(price, self._limits(), target)
        if refused is not None:
            return refused
        self._clock_guard.add(tick, target, price)  # before anything is awaited: others read it
        given = await self._reserve_in_ledger(target, price)
        if isinstance(given, Refusal):
            self._clock_guard.add(tick, target, -price)
        else:
            self._open[given] = (tick, target)
            self._newest = given
        return given

    async def _reserve_in_ledger(self, target: Target, price: float) -> Reservation | Refusal:
        newest, pending = self._newest, dict(self._outbox)
        try:
            given, totals = await self._database.transact(
                lambda c: self._transactions.reserve(c, target, price, newest, pending)
            )
        except StorageError as error:
            return Refusal(RefusalKind.STORAGE, f"the ledger cannot be written: {error}")
        self._flushed(pending)
        self._totals = totals or self._totals
        if given is FORGOTTEN:
            self._doubt(newest)
        return given

    def _doubt(self, newest: Reservation | None) -> None:
        """The ledger does not have *newest*: from now on, count what we reserved ourselves, too."""
        log.warning("ledger replaced, budgets tightened")
        self._newest = None if self._newest == newest else self._newest
        self._clock_guard.doubt()

    async def settle(self, reservation: Reservation, usd: float) -> None:
        """Write the actual cost, which may be above the reservation. Never raises."""
        await self._enqueue(reservation, PendingWrite(usd=self._real(reservation, usd)))

    async def keep(self, reservation: Reservation, target: Target, job: JobRef) -> None:
        """Write down an accepted job, so that another process can poll it. Never raises."""
        await self._enqueue(reservation, PendingWrite(job=job_row(reservation, target, job)))

    async def finish(self, reservation: Reservation, usd: float) -> None:
        """Settle, and delete the job, in one transaction. Never raises."""
        await self._enqueue(reservation, PendingWrite(usd=self._real(reservation, usd), drop=True))

    async def unplanned_charge(self, target: Target, usd: float) -> None:
        """Book *usd* that a free probe has cost, whatever is left of the budget.

        Never raises. It is in the outbox before anything is awaited, so a caller that is cancelled
        has still booked it.
        """
        log.error("free probe cost money", target=target.name, cost_usd=usd)
        self._clock_guard.add(self._clock.monotonic(), target, usd)
        self._unplanned += 1
        # Its time identifies it when it is written twice.
        at = self._clock.now() + self._unplanned / 1e6
        spent = Reservation(0, target.name, target.account.name, usd, at)
        await self._enqueue(spent, PendingWrite(usd=usd, unplanned=True))

    def _real(self, reservation: Reservation, usd: float) -> float:
        sound = math.isfinite(usd) and usd >= 0
        if not sound:
            log.error(
                "invalid cost, reservation counts as spent", target=reservation.target, cost_usd=usd
            )
        real = usd if sound else reservation.usd
        tick, target = self._open.pop(reservation, (PAST, None))
        if target is not None:
            self._clock_guard.add(tick, target, real - reservation.usd)
        return real

    async def _enqueue(self, reservation: Reservation, more: PendingWrite) -> None:
        self._outbox[reservation] = self._outbox.get(reservation, PendingWrite()).and_then(more)
        await self.refresh()
        if self._outbox:
            self._wake.set()  # retry soon, not in a minute

    def _release(self, reserved: asyncio.Task[Reservation | Refusal]) -> None:
        if not reserved.cancelled() and isinstance(given := reserved.result(), Reservation):
            self._outbox[given] = PendingWrite(usd=self._real(given, 0.0))
            self._wake.set()

    # --- reading

    async def kept(self) -> Sequence[KeptJob]:
        """Return the unfinished jobs of every exporter on the database.

        Raises StorageError: they are still there, ask again later.
        """
        rows = await self._database.transact(statements.kept_jobs)
        pending = self._outbox  # finished, but not yet written: no longer open
        rows = [r for r in rows if not pending.get(r.reservation, PendingWrite()).drop]
        return [kept for row in rows if (kept := kept_job(row)) is not None]

    async def newest(self) -> Mapping[str, Unix]:
        """Return when each target was last paid for, in Unix seconds. Raises StorageError."""
        return await self._database.transact(statements.newest)

    async def bookings_since(self, seconds: float) -> Sequence[Booking]:
        """Return what everybody has spent in the last *seconds*. Raises StorageError."""
        since = self._clock.now() - seconds
        return await self._database.transact(lambda connection: statements.since(connection, since))

    def spending(self) -> Spending:
        """Return the limits and what counts against them, at most a minute old.

        That is what the ledger has, or what this process reserved while that or the clock is in doubt.
        """
        self._clock_guard.look()
        limits, totals = self._limits(), self._totals
        when = periods_of(self._clock.now(), limits)
        if when is not None and when.day != totals.day:
            self._wake.set()
        return totals.spending(limits, self._clock_guard.held(), self.enabled)

    @property
    def enabled(self) -> bool:
        """Whether spending is switched on, as far as this process knows."""
        return self._totals.on and not self._off_here

    async def enable(self, on: bool) -> None:
        """Switch spending on or off, for every exporter on the database and past the next start.

        Raises StorageError when it cannot be written. "Off" then holds in this process all the
        same, and is written later; "on" does not.
        """
        if not on:
            self._off_here = True
            self._wake.set()  # in case it cannot be written now
        async with self._lock:
            if not on:  # again: an "on" that was under way may have cleared it
                self._off_here = True
            await self._database.transact(lambda connection: statements.switch(connection, on))
            self._off_here = False
            self._totals = replace(self._totals, on=on)
        log.info("paid probes switched", enabled=on)

    # --- life

    async def refresh(self) -> None:
        """Write the outbox and read the totals; try again later where that fails."""
        async with self._lock:
            pending, off, newest = dict(self._outbox), self._off_here, self._newest
            try:
                totals = await self._database.transact(
                    lambda c: self._transactions.totals_after(c, pending, off, newest)
                )
            except StorageError as error:
                if (pending or off) and not self._failing:
                    log.warning("ledger not written, will retry", err=error)
                self._failing = self._failing or bool(pending) or off
                return
            self._failing = False
            self._flushed(pending)
            self._totals = totals or self._totals
            if totals is not None and totals.replaced:
                self._doubt(newest)
            if off:
                self._off_here = False

    def _flushed(self, pending: dict[Reservation, PendingWrite]) -> None:
        for reservation, written in pending.items():
            if self._outbox.get(reservation) is written:
                del self._outbox[reservation]

    async def run(self) -> None:
        """Keep the totals fresh and prune the ledger, for ever."""
        while True:
            await self._pause()
            await self.refresh()
            await self._prune()

    async def _pause(self) -> None:
        at, hurry = self._clock.now(), self._outbox or self._off_here
        seconds = RETRY_SECONDS if hurry else REFRESH_SECONDS
        when = periods_of(at, self._limits())
        if when is not None:
            seconds = min(seconds, max(0.0, when.next_day - at))
        await pause(self._clock, seconds, self._wake)
        self._wake.clear()

    async def _prune(self) -> None:
        if self._clock.monotonic() < self._prune_at:
            return
        retention = self._database.retention
        try:
            gone = await self._database.transact(lambda c: self._transactions.prune(c, retention))
        except StorageError:
            return
        if not gone:
            self._prune_at = self._clock.monotonic() + PRUNE_SECONDS

    async def close(self) -> None:
        """Write the outbox once; what cannot be written stays reserved."""
        await asyncio.gather(*self._reserving, return_exceptions=True)
        await asyncio.sleep(0)  # reservations nobody waits for are released
        await self.refresh()
