"""What the purse does in the storage thread: compare, reserve, settle, look; each in one transaction."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.spending import statements as ledger
from genmedia_exporter.spending.clock_guard import Window
from genmedia_exporter.spending.limits import (
    Kind,
    Limits,
    Periods,
    Refusal,
    Spent,
    periods,
    refusal,
)
from genmedia_exporter.spending.statements import JobRow, Reservation
from genmedia_exporter.storage.leases import Permit
from genmedia_exporter.targets.model import Target

log = logging.getLogger(__name__)

T = TypeVar("T")

BEFORE_US: Final = 1_600_000_000.0
"""Unix seconds in 2020: a clock that shows an earlier time has not been set."""
ABANDONED: Final = 86_400.0
"""Seconds after which a job nobody has seen through is settled: the longest deadline is 2 hours."""
NO_CALENDAR: Final = (ValueError, OverflowError, OSError)

SWITCHED_OFF: Final = Refusal(
    Kind.DISABLED, "spending is switched off; POST /-/spending?enabled=true switches it on"
)
UNSET: Final = Refusal(Kind.CLOCK, "the clock shows no time to be relied on")
TAKEN: Final = Refusal(Kind.SHARING, "another exporter watches this target now")
FORGOTTEN: Final = Refusal(Kind.STORAGE, "the ledger does not know what was reserved before")


class Books(Protocol):
    """Where the ledger is."""

    @property
    def retention(self) -> float:
        """How many seconds records are kept."""
        ...

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* in one durable transaction. Raises StorageError."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """What the ledger said last."""

    spent: Spent | None = None  # None: nothing yet
    day: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be written of a reservation, as soon as it can be."""

    job: JobRow | None = None
    usd: float | None = None  # settle to that
    drop: bool = False  # and forget the job
    accident: bool = False  # it was spent without asking: nothing was reserved

    def and_then(self, more: Owed) -> Owed:
        """Return both: the newer job, the higher cost, and no job once it is dropped."""
        costs = [usd for usd in (self.usd, more.usd) if usd is not None]
        drop, accident = self.drop or more.drop, self.accident or more.accident
        job = None if drop else more.job or self.job
        return Owed(job, max(costs, default=None), drop, accident)


Debts = Mapping[Reservation, Owed]


class Till:
    """The transactions. They run in the storage thread, and touch nothing of the purse's."""

    def __init__(
        self,
        clock: Clock,
        limits: Callable[[], Limits],
        window: Window,
        permit: Permit = lambda _connection, _name: True,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._window = window
        self._permit = permit

    def book(
        self,
        connection: Connection,
        target: Target,
        usd: float,
        newest: Reservation | None,
        owed: Debts,
    ) -> tuple[Reservation | Refusal, View | None]:
        """Pay what is owed, compare, and reserve *usd* if it fits; with what the ledger says then.

        *newest* is what was last given: a ledger that does not know it is not the one it was.
        """
        ledger.lock(connection)
        pay(connection, owed, self._limits())
        if not self._permit(connection, target.name):
            return TAKEN, None
        if newest is not None and not ledger.knows(connection, newest):
            return FORGOTTEN, None
        at, limits = self._clock.now(), self._limits()
        when = periods_of(at, limits)
        if when is None or self._window.parted(self._window.parting()):
            return UNSET, None
        account = target.account.name
        sums = ledger.sums(connection, when, at, account, target.name)
        view = View(sums.process, when.day, ledger.is_on(connection))
        refused = refusal(usd, sums, limits, target) if view.on else SWITCHED_OFF
        if refused is not None:
            return refused, view
        given = ledger.book(connection, when, at, account, target.name, usd)
        spent = Spent(sums.process.day + usd, sums.process.month + usd)
        return given, replace(view, spent=spent)

    def look(self, connection: Connection, owed: Debts, off: bool) -> View | None:
        """Pay what is owed, switch off if asked to, and return what the ledger says then."""
        if off:
            ledger.switch(connection, False)
        pay(connection, owed, self._limits())
        at = self._clock.now()
        when = periods_of(at, self._limits())
        if when is None:
            return None
        sums = ledger.sums(connection, when, at, "", "")
        return View(sums.process, when.day, ledger.is_on(connection))

    def tidy(self, connection: Connection, retention: float) -> int:
        """Settle what nobody will settle any more, and delete a little; return how many bookings."""
        now = self._clock.now()
        ledger.settle_abandoned(connection, now - ABANDONED)
        return ledger.prune(connection, now, retention)


def pay(connection: Connection, owed: Debts, limits: Limits) -> None:
    """Write what is owed."""
    for reservation, what in owed.items():
        if what.accident:
            when = periods_of(reservation.at, limits)
            ledger.book_spent(connection, when, reservation)
            continue
        if what.job is not None:
            ledger.keep_job(connection, what.job)
        if what.usd is not None:
            ledger.settle(connection, reservation, what.usd)
        if what.drop:
            ledger.drop_job(connection, reservation)


def periods_of(at: float, limits: Limits) -> Periods | None:
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
        log.error("a job that was kept cannot be read: %s", row.reservation)
        return None
