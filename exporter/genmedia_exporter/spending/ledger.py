"""The purse: gives money for a paid probe before it is spent, and refuses when in doubt."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.core.clock import Clock, pause
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.spending import statements as ledger
from genmedia_exporter.spending.clock_guard import Window
from genmedia_exporter.spending.limits import Kind, Limits, Refusal, Spending, estimate
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.spending.transactions import (
    FORGOTTEN,
    SWITCHED_OFF,
    Books,
    Owed,
    Till,
    View,
    job_of,
    job_row,
    periods_of,
)
from genmedia_exporter.storage.leases import Permit
from genmedia_exporter.storage.tables import StorageError
from genmedia_exporter.targets.model import Target

log = logging.getLogger(__name__)

REFRESH_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 5.0
PRUNE_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job that a service had accepted when an exporter ended, and the money it was paid from."""

    reservation: Reservation
    target: str
    identity: str  # genmedia_exporter.health.persisted.identity of the target as it was
    job: JobRef
    price: float  # US dollars reserved


class Purse:
    """Money for paid probes. Its methods belong to the event loop's thread.

    A reservation is committed, durably, before `reserve` returns it, in one transaction with the
    sums it was compared with; so neither parallel probes nor other exporters on the same database
    can spend the same dollar, and a crash at any moment only ever counts too much. Settling writes
    what it really cost. What cannot be written is kept and tried again, and until then it is the
    reservation that counts. Clocks that are set are the Window's business.
    """

    def __init__(
        self,
        books: Books,
        clock: Clock,
        limits: Callable[[], Limits],
        permit: Permit = lambda _connection, _name: True,
    ) -> None:
        self._books = books
        self._clock = clock
        self._limits = limits  # also called in the storage thread
        self._window = Window(clock)
        self._till = Till(clock, limits, self._window, permit)
        self._view = View()
        self._off_here = False  # switched off, and that could not be written yet
        self._owed: dict[Reservation, Owed] = {}
        self._open: dict[Reservation, tuple[float, Target]] = {}  # not settled; monotonic seconds
        self._newest: Reservation | None = None
        self._accidents = 0
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._booking: set[asyncio.Task[Reservation | Refusal]] = set()
        self._prune_at = 0.0  # monotonic seconds

    # --- spending

    async def reserve(self, target: Target, usd: float | None = None) -> Reservation | Refusal:
        """Set aside *usd*, or what one generation of *target* costs. Never raises.

        Not to be called again for the same generation; and no call that costs money without it.
        """
        price = estimate(target) if usd is None else usd
        if price is None or not math.isfinite(price) or price < 0:
            return Refusal(Kind.NO_PRICE, "what one generation costs is not known")
        if self._off_here:
            return SWITCHED_OFF
        task = asyncio.ensure_future(self._reserve(target, price))
        self._booking.add(task)
        task.add_done_callback(self._booking.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._give_back)  # nobody will spend it
            raise

    async def _reserve(self, target: Target, price: float) -> Reservation | Refusal:
        self._window.look()
        tick = self._clock.monotonic()
        refused = self._window.refusal(price, self._limits(), target)
        if refused is not None:
            return refused
        self._window.add(tick, target, price)  # before anything is awaited: others look there
        given = await self._booked(target, price)
        if isinstance(given, Refusal):
            self._window.add(tick, target, -price)
        else:
            self._open[given] = (tick, target)
            self._newest = given
        return given

    async def _booked(self, target: Target, price: float) -> Reservation | Refusal:
        newest, owed = self._newest, dict(self._owed)
        try:
            given, view = await self._books.transact(
                lambda connection: self._till.book(connection, target, price, newest, owed)
            )
        except StorageError as error:
            return Refusal(Kind.STORAGE, f"the ledger cannot be written: {error}")
        self._paid(owed)
        self._view = view or self._view
        if given is FORGOTTEN:
            log.warning("the ledger was replaced: budgets are held closer")
            self._newest = None
            self._window.doubt()
        return given

    async def settle(self, reservation: Reservation, usd: float) -> None:
        """Write down what it really cost, more than was reserved or less. Never raises."""
        await self._owe(reservation, Owed(usd=self._real(reservation, usd)))

    async def keep(self, reservation: Reservation, target: Target, job: JobRef) -> None:
        """Remember a job that was accepted, so that another process can ask after it. Never raises."""
        await self._owe(reservation, Owed(job=job_row(reservation, target, job)))

    async def finish(self, reservation: Reservation, usd: float) -> None:
        """Settle, and forget the job, in one transaction. Never raises."""
        await self._owe(reservation, Owed(usd=self._real(reservation, usd), drop=True))

    async def accident(self, target: Target, usd: float) -> None:
        """Book *usd* that was spent unasked, whatever is left of the budget: it counts from now on.

        Never raises; noted before anything is awaited, so that whoever is cancelled has told of it.
        """
        log.error("a free probe has cost money: target=%s usd=%.4f", target.name, usd)
        self._window.add(self._clock.monotonic(), target, usd)
        self._accidents += 1
        at = self._clock.now() + self._accidents / 1e6  # by its moment it is known again
        spent = Reservation(0, target.name, target.account.name, usd, at)
        await self._owe(spent, Owed(usd=usd, accident=True))

    def _real(self, reservation: Reservation, usd: float) -> float:
        sound = math.isfinite(usd) and usd >= 0
        if not sound:
            log.error("%r is no cost; what was reserved stays spent: %s", usd, reservation)
        real = usd if sound else reservation.usd
        tick, target = self._open.pop(reservation, (0.0, None))
        if target is not None:
            self._window.add(tick, target, real - reservation.usd)
        return real

    async def _owe(self, reservation: Reservation, more: Owed) -> None:
        self._owed[reservation] = self._owed.get(reservation, Owed()).and_then(more)
        await self.refresh()
        if self._owed:
            self._wake.set()  # sooner than in a minute

    def _give_back(self, booked: asyncio.Task[Reservation | Refusal]) -> None:
        if not booked.cancelled() and isinstance(given := booked.result(), Reservation):
            self._owed[given] = Owed(usd=self._real(given, 0.0))
            self._wake.set()

    # --- looking

    async def kept(self) -> Sequence[KeptJob]:
        """Return the jobs that were not finished, of every exporter on the database.

        Raises StorageError: then they are still there, and to be asked for later.
        """
        rows = await self._books.transact(ledger.kept_jobs)
        owed = self._owed  # one that is finished, and only the ledger does not know, is not kept
        rows = [r for r in rows if not owed.get(r.reservation, Owed()).drop]
        found = ((row, job_of(row)) for row in rows)
        return [
            KeptJob(row.reservation, row.reservation.target, row.identity, job, row.reservation.usd)
            for row, job in found
            if job is not None
        ]

    async def newest(self) -> Mapping[str, float]:
        """Return when each target was last paid for, in Unix seconds. Raises StorageError."""
        return await self._books.transact(ledger.newest)

    async def spent_since(self, seconds: float) -> float:
        """Return what everybody has spent in the last *seconds*, in US dollars. Raises StorageError."""
        since = self._clock.now() - seconds
        return await self._books.transact(lambda connection: ledger.since(connection, since))

    def spending(self) -> Spending:
        """Return limits and what is spent, as far as it is known: at most a minute old."""
        limits, view = self._limits(), self._view
        when = periods_of(self._clock.now(), limits)
        if when is not None and when.day != view.day:
            self._wake.set()
        return Spending(
            limits.process.daily_usd or 0.0,
            view.spent.day if view.spent else None,
            limits.process.monthly_usd or 0.0,
            view.spent.month if view.spent else None,
            self.enabled,
        )

    @property
    def enabled(self) -> bool:
        """Whether spending is switched on, as far as this process knows."""
        return self._view.on and not self._off_here

    async def enable(self, on: bool) -> None:
        """Switch spending on or off, for every exporter on the database and past the next start.

        Raises StorageError when it cannot be written. Off then holds in this process all the same,
        and is written later; on does not.
        """
        if not on:
            self._off_here = True
            self._wake.set()  # should it not be written now
        async with self._turn:
            if not on:  # once more: an "on" that was under way has taken it back
                self._off_here = True
            await self._books.transact(lambda connection: ledger.switch(connection, on))
            self._off_here = False
            self._view = replace(self._view, on=on)
        log.warning("paid probes were switched %s", "on" if on else "off")

    # --- life

    async def refresh(self) -> None:
        """Write what is owed and read what is spent; later, where that cannot be done now."""
        async with self._turn:
            owed, off = dict(self._owed), self._off_here
            try:
                view = await self._books.transact(lambda c: self._till.look(c, owed, off))
            except StorageError as error:
                if owed or off:
                    log.warning("the ledger cannot be written, tried again later: %s", error)
                return
            self._paid(owed)
            self._view = view or self._view
            if off:
                self._off_here = False

    def _paid(self, owed: dict[Reservation, Owed]) -> None:
        for reservation, written in owed.items():
            if self._owed.get(reservation) is written:
                del self._owed[reservation]

    async def run(self) -> None:
        """Keep the view fresh and the ledger short, for ever."""
        while True:
            await self._pause()
            await self.refresh()
            await self._prune()

    async def _pause(self) -> None:
        seconds = RETRY_SECONDS if self._owed or self._off_here else REFRESH_SECONDS
        at = self._clock.now()
        when = periods_of(at, self._limits())
        if when is not None:
            seconds = min(seconds, max(0.0, when.next_day - at))
        await pause(self._clock, seconds, self._wake)
        self._wake.clear()

    async def _prune(self) -> None:
        if self._clock.monotonic() < self._prune_at:
            return
        retention = self._books.retention
        try:
            gone = await self._books.transact(lambda c: self._till.tidy(c, retention))
        except StorageError:
            return
        if not gone:
            self._prune_at = self._clock.monotonic() + PRUNE_SECONDS

    async def close(self) -> None:
        """Write what is owed, once; what cannot be written stays reserved."""
        await asyncio.gather(*self._booking, return_exceptions=True)
        await asyncio.sleep(0)  # what nobody waits for any more is given back
        await self.refresh()
