"""The ledger of paid probes: what each transaction on it is made of, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.spending.bucket import Booking
from genmedia_exporter.spending.limits import AHEAD, Periods, Spent, Sums
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.leases import leased
from genmedia_exporter.storage.tables import jobs, ledger, settings

LOCK: Final = 0x6765_6E6D_6C65_6467
"""The advisory lock of a PostgreSQL under which money is reserved; any number that is ours."""
LOCK_TIMEOUT: Final = "5s"
KEEP_SECONDS: Final = 62 * 86_400.0
"""Bookings are kept at least so long, whatever the retention: two months of the longest."""
PRUNE_ROWS: Final = 5_000
SWITCH: Final = "spending"

_AMOUNT: Final = func.coalesce(ledger.c.settled_usd, ledger.c.reserved_usd)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for one generation. Until it is settled it counts as spent, for ever."""

    id: int
    target: str
    account: str
    usd: float
    at: Unix


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job that was paid from a reservation and is not finished."""

    reservation: Reservation
    identity: str
    created_at: Unix
    data: str  # JSON


def lock(connection: Connection) -> None:
    """Let nobody else reserve until the transaction ends; before anything is read in it.

    SQLite has one writer, and BEGIN IMMEDIATE is already said. `Store.transact` sees to it that
    every statement after this one sees what was committed before the lock was given.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("lock_timeout", LOCK_TIMEOUT, True)))
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


def sums(connection: Connection, when: Periods, at: Unix, account: str, target: str) -> Sums:
    """Return what was spent in the periods, by everybody, an account and a target.

    A booking belongs to the periods by its time, so that another time zone in the configuration
    finds it where it is; one from the future counts as today's.
    """
    today = ledger.c.at >= when.day_start
    everybody, mine, its = true(), ledger.c.account == account, ledger.c.target == target
    found = connection.execute(
        select(
            *(
                _sum(condition)
                for who in (everybody, mine, its)
                for condition in (and_(who, today), who)
            ),
            _sum(ledger.c.at > at + AHEAD),
        ).where(ledger.c.at >= when.month_start)
    ).one()
    usd = [float(amount or 0.0) for amount in found]
    whole, part, own = (Spent(*usd[i : i + 2]) for i in (0, 2, 4))
    return Sums(whole, part, own, ahead=usd[6])


def _sum(condition: ColumnElement[bool]) -> ColumnElement[float]:
    return func.sum(case((condition, _AMOUNT), else_=0.0))


def since(connection: Connection, at: Unix) -> list[Booking]:
    """Return what everybody has spent after *at* (Unix seconds), oldest first."""
    found = select(ledger.c.at, _AMOUNT).where(ledger.c.at > at).order_by(ledger.c.at)
    return [Booking(Unix(when), float(usd)) for when, usd in connection.execute(found)]


def newest(connection: Connection) -> dict[str, Unix]:
    """Return when each target was last paid for, in Unix seconds."""
    last = select(ledger.c.target, func.max(ledger.c.at)).group_by(ledger.c.target)
    return {name: Unix(at) for name, at in connection.execute(last)}


def book(connection: Connection, at: Unix, account: str, target: str, usd: float) -> Reservation:
    """Reserve *usd*, unasked: whoever calls has compared sums and limits under the lock."""
    row = {
        "target": target,
        "account": account,
        "at": at,
        "reserved_usd": usd,
    }
    made = connection.execute(insert(ledger).values(row)).inserted_primary_key
    if made is None:
        raise StorageError("the database gave a booking no id")
    return Reservation(int(made[0]), target, account, usd, at)


def book_spent(connection: Connection, spent: Reservation) -> None:
    """Write down what was spent unasked. Again and again changes nothing."""
    same = and_(ledger.c.target == spent.target, ledger.c.at == spent.at)
    if connection.execute(select(ledger.c.id).where(same)).first() is not None:
        return
    row = {
        "target": spent.target,
        "account": spent.account,
        "at": spent.at,
        "reserved_usd": spent.usd,
        "settled_usd": spent.usd,
    }
    connection.execute(insert(ledger).values(row))


def knows(connection: Connection, reservation: Reservation) -> bool:
    """Whether the ledger still has that reservation, and not another under its id."""
    return connection.execute(select(ledger.c.id).where(_is(reservation))).first() is not None


def settle(connection: Connection, reservation: Reservation, usd: float) -> None:
    """Write down what it really cost. Again and again changes nothing; it never gets less."""
    settled = ledger.c.settled_usd
    rises = or_(settled.is_(None), settled < usd)
    connection.execute(update(ledger).where(_is(reservation), rises).values(settled_usd=usd))


def _is(reservation: Reservation) -> ColumnElement[bool]:
    # Ids begin anew in another file; the time tells whose this is.
    return and_(
        ledger.c.id == reservation.id,
        func.abs(ledger.c.at - reservation.at) < 0.001,
        ledger.c.target == reservation.target,
    )


def keep_job(connection: Connection, job: JobRow) -> None:
    """Remember a job, in place of what was remembered of its reservation."""
    drop_job(connection, job.reservation)
    if knows(connection, job.reservation):
        row = {
            "reservation": job.reservation.id,
            "target": job.reservation.target,
            "identity": job.identity,
            "created_at": job.created_at,
            "data": job.data,
        }
        connection.execute(insert(jobs).values(row))


def drop_job(connection: Connection, reservation: Reservation) -> None:
    """Forget the job of a reservation; nothing where there is none."""
    mine = and_(jobs.c.reservation == reservation.id, jobs.c.target == reservation.target)
    connection.execute(delete(jobs).where(mine))


def kept_jobs(connection: Connection) -> list[JobRow]:
    """Return every job that is not finished, oldest first."""
    found = connection.execute(
        select(
            ledger.c.id, ledger.c.target, ledger.c.account, ledger.c.reserved_usd, ledger.c.at,
            jobs.c.identity, jobs.c.created_at, jobs.c.data,
        )
        .join(jobs, jobs.c.reservation == ledger.c.id)
        .order_by(ledger.c.id)
    )  # fmt: skip
    return [JobRow(Reservation(*row[:5]), row[5], row[6], row[7]) for row in found]


def settle_abandoned(connection: Connection, before: Unix) -> None:
    """Book the jobs made *before* (Unix seconds) whose target nobody watches any more, as reserved.

    Whoever watches a target sees its jobs through; a lease says that somebody does. On a file,
    where nobody leases, a job that old is one that was never taken up again.
    """
    old = select(jobs.c.reservation).where(jobs.c.created_at < before)
    if connection.dialect.name == "postgresql":
        old = old.where(jobs.c.target.not_in(leased()))
    few = list(connection.execute(old.limit(PRUNE_ROWS)).scalars())
    for start in range(0, len(few), 500):
        some = few[start : start + 500]
        open_ = and_(ledger.c.id.in_(some), ledger.c.settled_usd.is_(None))
        connection.execute(update(ledger).where(open_).values(settled_usd=ledger.c.reserved_usd))
        connection.execute(delete(jobs).where(jobs.c.reservation.in_(some)))


def is_on(connection: Connection) -> bool:
    """Whether spending is allowed; not where the setting cannot be read."""
    found = connection.execute(select(settings.c.value).where(settings.c.name == SWITCH)).scalar()
    if found is None:
        return True
    try:
        return bool(json.loads(found) == {"enabled": True})
    except ValueError:
        return False


def switch(connection: Connection, on: bool) -> None:
    """Allow spending or not, until it is said otherwise."""
    lock(connection)
    connection.execute(delete(settings).where(settings.c.name == SWITCH))
    connection.execute(insert(settings).values(name=SWITCH, value=json.dumps({"enabled": on})))


def prune(connection: Connection, now: Unix, retention: float) -> int:
    """Delete some bookings that are too old, with what was left of their jobs; return how many.

    Old is measured from the newest booking where that is older than *now*: a clock that runs a
    year ahead must not take this month's bookings away.
    """
    newest = connection.execute(select(func.max(ledger.c.at))).scalar()
    if newest is None:
        return 0
    horizon = min(now, Unix(newest)) - max(retention, KEEP_SECONDS)
    few = select(ledger.c.id).where(ledger.c.at < horizon).order_by(ledger.c.at).limit(PRUNE_ROWS)
    ids = list(connection.execute(few).scalars())
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        connection.execute(delete(jobs).where(jobs.c.reservation.in_(some)))
        connection.execute(delete(ledger).where(ledger.c.id.in_(some)))
    return len(ids)
