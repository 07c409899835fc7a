"""The ledger's transactions, run in the storage thread: reserve, settle, read totals, prune."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.spending import statements
from genmedia_exporter.spending.clock_guard import ClockGuard
from genmedia_exporter.spending.limits import (
    Periods,
    Refusal,
    RefusalKind,
    Spending,
    SpendingLimits,
    Spent,
    periods,
    refusal,
)
from genmedia_exporter.spending.statements import JobRow, Reservation
from genmedia_exporter.storage.leases import Permit
from genmedia_exporter.targets.model import Target

log = EventLog(__name__)

T = TypeVar("T")

BEFORE_US: Final = Unix(1_600_000_000.0)
"""Unix seconds in 2020: a clock that shows an earlier time was never set."""
ABANDONED: Final = 86_400.0
"""Seconds after which an unfinished job is settled as reserved: the longest deadline is 2 hours."""
NO_CALENDAR: Final = (ValueError, OverflowError, OSError)

SWITCHED_OFF: Final = Refusal(
    RefusalKind.DISABLED, "spending is switched off; POST /-/spending?enabled=true switches it on"
)
UNSET: Final = Refusal(RefusalKind.CLOCK, "the clock cannot be relied on")
TAKEN: Final = Refusal(RefusalKind.SHARING, "another exporter watches this target now")
FORGOTTEN: Final = Refusal(RefusalKind.STORAGE, "the ledger does not know what was reserved before")


class Transactor(Protocol):
    """A database that runs one function in one transaction."""

    @property
    def retention(self) -> float:
        """Seconds for which records are kept."""
        ...

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* in one durable transaction. Raises StorageError."""
        ...


@dataclass(frozen=True, slots=True)
class LedgerTotals:
    """What the ledger said when it was last read."""

    spent: Spent | None = None  # None: not read yet
    day: str = ""
    on: bool = True
    replaced: bool = False  # it does not have our last reservation: it is another file than before

    def spending(self, limits: SpendingLimits, held: Spent, enabled: bool) -> Spending:
        """Return what counts against *limits*: what is here, or *held* by this process, if more."""
        return Spending(
            limits.process.daily_usd or 0.0,
            max(self.spent.day, held.day) if self.spent else None,
            limits.process.monthly_usd or 0.0,
            max(self.spent.month, held.month) if self.spent else None,
            enabled,
        )


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """What waits in the outbox to be written about one reservation."""

    job: JobRow | None = None
    usd: float | None = None  # the actual cost
    drop: bool = False  # delete the job, too
    unplanned: bool = False  # a free probe has cost money: nothing was reserved

    def and_then(self, more: PendingWrite) -> PendingWrite:
        """Merge two writes: the newer job, the higher cost, and no job once it is dropped."""
        costs = [usd for usd in (self.usd, more.usd) if usd is not None]
        drop, unplanned = self.drop or more.drop, self.unplanned or more.unplanned
        job = None if drop else more.job or self.job
        return PendingWrite(job, max(costs, default=None), drop, unplanned)


PendingWrites = Mapping[Reservation, PendingWrite]


class LedgerTransactions:
    """The transactions. They run in the storage thread and share no state with the ledger."""

    def __init__(
        self,
        clock: Clock,
        limits: Callable[[], SpendingLimits],
        clock_guard: ClockGuard,
        permit: Permit = lambda _connection, _name: True,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._clock_guard = clock_guard
        self._permit = permit

    def reserve(
        self,
        connection: Connection,
        target: Target,
        usd: float,
        newest: Reservation | None,
        pending: PendingWrites,
    ) -> tuple[Reservation | Refusal, LedgerTotals | None]:
        """Write *pending*, compare sums and limits, and reserve *usd* if it fits.

        Returns the totals afterwards, too. *newest* is the last reservation made: a ledger that
        does not have it is another file than before.
        """
        statements.lock(connection)
        flush(connection, pending)
        if not self._permit(connection, target.name):
            return TAKEN, None
        if newest is not None and not statements.knows(connection, newest):
            return FORGOTTEN, None
        at, limits = self._clock.now(), self._limits()
        when = periods_of(at, limits)
        if when is None or self._clock_guard.parted(self._clock_guard.parting()):
            return UNSET, None
        account = target.account.name
        sums = statements.sums(connection, when, at, account, target.name)
        totals = LedgerTotals(sums.process, when.day, statements.is_on(connection))
        refused = refusal(usd, sums, limits, target) if totals.on else SWITCHED_OFF
        if refused is not None:
            return refused, totals
        given = statements.book(connection, at, account, target.name, usd)
        spent = Spent(sums.process.day + usd, sums.process.month + usd)
        return given, replace(totals, spent=spent)

    def totals_after(
        self,
        connection: Connection,
        pending: PendingWrites,
        off: bool,
        newest: Reservation | None = None,
    ) -> LedgerTotals | None:
        """Write *pending*, switch spending off if asked to, and return the totals afterwards.

        *newest* is the last reservation made, as in `reserve`.
        """
        if off:
            statements.switch(connection, False)
        flush(connection, pending)
        at = self._clock.now()
        when = periods_of(at, self._limits())
        if when is None:
            return None
        sums = statements.sums(connection, when, at, "", "")
        replaced = newest is not None and not statements.knows(connection, newest)
        return LedgerTotals(sums.process, when.day, statements.is_on(connection), replaced)

    def prune(self, connection: Connection, retention: float) -> int:
        """Settle abandoned jobs and delete some old bookings; return how many."""
        now = self._clock.now()
        statements.settle_abandoned(connection, now - ABANDONED)
        return statements.prune(connection, now, retention)


def flush(connection: Connection, pending: PendingWrites) -> None:
    """Write the outbox."""
    for reservation, what in pending.items():
        if what.unplanned:
            statements.book_spent(connection, reservation)
            continue
        if what.job is not None:
            statements.keep_job(connection, what.job)
        if what.usd is not None:
            statements.settle(connection, reservation, what.usd)
        if what.drop:
            statements.drop_job(connection, reservation)


def periods_of(at: Unix, limits: SpendingLimits) -> Periods | None:
    """Return the periods of *at*, None for a time that cannot be the present."""
    try:
        return periods(at, limits.zone) if at >= BEFORE_US else None
    except NO_CALENDAR:
        return None


def job_row(reservation: Reservation, target: Target, job: JobRef) -> JobRow:
    """Return what is kept of a job."""
    return JobRow(reservation, identity(target), job.created_at, json.dumps(asdict(job)))


def job_of(row: JobRow) -> JobRef | None:
    """Return the job that was kept; keys of another version are left out, None if that is no job."""
    try:
        known = {f.name for f in fields(JobRef)}
        return JobRef(**{k: v for k, v in json.loads(row.data).items() if k in known})
    except (ValueError, TypeError, AttributeError):
        log.error("stored job unreadable", reservation=row.reservation)
        return None


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job that a service has accepted and nobody has finished, with its reservation."""

    reservation: Reservation
    target: str
    identity: str  # genmedia_exporter.health.persisted.identity of the target as it was
    job: JobRef
    price: float  # US dollars reserved


def kept_job(row: JobRow) -> KeptJob | None:
    """Return the job of a row with what it was paid from; None if that is no job."""
    paid, job = row.reservation, job_of(row)
    return None if job is None else KeptJob(paid, paid.target, row.identity, job, paid.usd)
