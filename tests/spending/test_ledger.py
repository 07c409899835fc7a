"""The ledger on real SQLite files: what it gives, what it refuses, and what outlives what."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.health.persisted import identity
from genmedia_exporter.spending import statements
from genmedia_exporter.spending.limits import RefusalKind
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.targets.model import Cap
from tests.events import messages
from tests.fakes import settle
from tests.spending.helpers import (
    DAY,
    JOB,
    TARGET,
    LedgerFixture,
    limits,
    move,
    open_ledger,
    paid_target,
    rows,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "genmedia.db"


# --- giving and settling


def test_a_job_nobody_sees_through_is_settled_as_reserved(path: Path) -> None:
    """After a day nobody asks after it any more: what is in doubt has been spent."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            old, new = await own.given(), await own.given()
            await own.ledger.keep(old, TARGET, JobRef("old", own.clock.now() - DAY - 60))
            await own.ledger.keep(new, TARGET, JobRef("new", own.clock.now() - 60))
            await own.ledger._prune()
            assert [row[-2:] for row in rows(path)] == [(0.4, 0.4), (0.4, None)]
            assert [job.job.id for job in await own.ledger.kept()] == ["new"]

    asyncio.run(scenario())


def test_money_is_booked_before_it_is_given(path: Path) -> None:
    """Once reserve has answered, another process sees it; settling writes what it really cost."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            given = await own.given()
            assert (given.target, given.account, given.usd) == ("a", "main", 0.4)
            (row,) = rows(path)
            assert row == (1, "a", "main", given.at, 0.4, None)
            assert own.today == 0.4

            await own.ledger.settle(given, 0.1)
            assert rows(path)[0][-1] == 0.1
            assert own.today == 0.1

    asyncio.run(scenario())


def test_what_does_not_fit_is_refused(path: Path) -> None:
    """Two of $0.40 fit into a dollar; the third does once one has cost less than it might."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            first, _ = await own.given(), await own.given()
            assert (await own.refused()).kind is RefusalKind.DAILY
            await own.ledger.settle(first, 0.2)
            await own.given()
            assert (await own.refused()).kind is RefusalKind.DAILY
            assert len(rows(path)) == 3

    asyncio.run(scenario())


def test_parallel_reservations(path: Path) -> None:
    """Of fifty at once, only those that fit are given."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            found = await asyncio.gather(*(own.ledger.reserve(TARGET) for _ in range(50)))
            assert sum(isinstance(each, Reservation) for each in found) == 2
            assert own.today == 0.8

    asyncio.run(scenario())


def test_limits_of_accounts_and_targets(path: Path) -> None:
    """They narrow the process's budget, each for its own."""
    one = paid_target("one", account="x", above=Cap(0.4, None))
    two = paid_target("two", account="x", above=Cap(0.4, None))
    three = paid_target("three", account="y", own=Cap(None, 0.4))

    async def scenario() -> None:
        async with open_ledger(path, limits=limits(10, 20, one, two, three)) as own:
            await own.given(one)
            assert (await own.refused(two)).kind is RefusalKind.ACCOUNT
            await own.given(three)
            assert (await own.refused(three)).kind is RefusalKind.TARGET

    asyncio.run(scenario())


def test_limits_are_read_when_money_is_asked_for(path: Path) -> None:
    """A reload holds at once: for less, and for more."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            await own.given()
            own.limits = limits(0.5)
            assert (await own.refused()).kind is RefusalKind.DAILY
            own.limits = limits(0.8)
            await own.given()
            own.limits = limits(0)
            assert "is 0: paid probes never run" in (await own.refused(usd=0.0)).why
            assert own.ledger.spending().daily_usd == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("usd", [float("nan"), float("inf"), -0.1])
def test_no_price_no_money(path: Path, usd: float) -> None:
    """What has no price, or a senseless one, is refused."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            assert (await own.refused(usd=usd)).kind is RefusalKind.NO_PRICE
            assert (await own.refused(paid_target(usd=None))).kind is RefusalKind.NO_PRICE
            assert rows(path) == []

    asyncio.run(scenario())


def test_settling_twice_changes_nothing(path: Path) -> None:
    """Whoever settles last, it never gets less; a cost that is none leaves the reservation."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            given = await own.given()
            for usd in (0.3, 0.3, 0.1):
                await own.ledger.settle(given, usd)
            assert own.today == 0.3
            await own.ledger.settle(await own.given(), float("nan"))
            assert own.today == 0.7

    asyncio.run(scenario())


def test_more_than_reserved_is_booked_truly(path: Path) -> None:
    """A bill above the estimate counts in full, over the limit if it is so."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            await own.ledger.settle(await own.given(), 1.7)
            assert own.today == 1.7
            assert (await own.refused(usd=0.01)).kind is RefusalKind.DAILY

    asyncio.run(scenario())


def test_nobody_waits_for_it_any_more(path: Path) -> None:
    """A reservation whose asker was cancelled is given back: nothing was sent."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            asking = asyncio.ensure_future(own.ledger.reserve(TARGET))
            await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait({asking})
            assert asking.cancelled()
        assert [row[-2:] for row in rows(path)] == [(0.4, 0.0)]

    asyncio.run(scenario())


# --- crashes and restarts


def test_a_crash_loses_no_reservation(path: Path) -> None:
    """What was reserved and not settled counts after a restart, this day and this month."""

    async def scenario() -> None:
        first = LedgerFixture(path)
        await first.begin()
        await first.given()
        await first.given()
        await first.crash()
        async with open_ledger(path, first.clock) as second:
            assert second.today == 0.8
            assert (await second.refused()).kind is RefusalKind.DAILY
            first.clock.freeze(DAY)
            await second.ledger.refresh()
            spending = second.ledger.spending()
            assert (spending.spent_today_usd, spending.spent_this_month_usd) == (0.0, 0.8)

    asyncio.run(scenario())


async def spend(path: Path) -> None:
    """Be a process that spends dime after dime, and says so each time it may, until it is killed."""
    own = LedgerFixture(path, limits=limits(1_000, 1_000))
    await own.begin()
    while True:
        given = await own.given(usd=0.1)
        print(given.id, flush=True)  # noqa: T201 - for whoever started the process
        if given.id % 2:
            await own.ledger.settle(given, 0.1)


def test_a_killed_process_loses_no_reservation(path: Path) -> None:
    """Whatever it was told it may spend is in the ledger, however suddenly it ended."""
    code = "import asyncio, pathlib, sys; from tests.spending.test_ledger import spend; asyncio.run(spend(pathlib.Path(sys.argv[1])))"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        told = [int(other.stdout.readline()) for _ in range(25)]
        other.kill()
        told += [int(line) for line in other.stdout.read().split()]

    async def scenario() -> None:
        async with open_ledger(path) as own:
            assert told == list(range(1, len(told) + 1))
            spent = own.today
            assert spent is not None
            assert len(told) * 0.1 - 1e-6 <= spent <= len(told) * 0.1 + 0.1 + 1e-6

    asyncio.run(scenario())


def test_jobs_outlive_a_crash(path: Path) -> None:
    """A job comes back with its money; finishing settles and forgets it in one go."""

    async def scenario() -> None:
        first = LedgerFixture(path)
        await first.begin()
        given = await first.given()
        await first.ledger.keep(given, TARGET, JobRef("job-1", EPOCH))
        await first.ledger.keep(given, TARGET, JOB)
        await first.given()
        await first.crash()
        async with open_ledger(path, first.clock) as second:
            (kept,) = await second.ledger.kept()
            assert (kept.reservation, kept.target, kept.price) == (given, "a", 0.4)
            assert (kept.identity, kept.job) == (identity(TARGET), JOB)
            await second.ledger.finish(kept.reservation, 0.35)
            assert await second.ledger.kept() == []
            assert second.today == 0.75

    asyncio.run(scenario())


def test_a_job_of_another_version(path: Path) -> None:
    """Keys nobody knows are left out; what is no job at all is told, and does not stop the others."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            for target in (TARGET, paid_target("b")):
                await own.ledger.keep(await own.given(target), target, JOB)
            data = json.dumps({"id": "job-1", "created_at": 5.0, "colour": "red"})
            for number, value in ((1, data), (2, "[]")):
                statement = text("UPDATE jobs SET data = :value WHERE reservation = :number")
                values = {"value": value, "number": number}
                await own.recorder.transact(lambda c, s=statement, v=values: c.execute(s, v))  # type: ignore[misc]
            assert [kept.job for kept in await own.ledger.kept()] == [JobRef("job-1", Unix(5.0))]

    asyncio.run(scenario())


# --- the switch


def test_the_switch_outlives_a_restart(path: Path) -> None:
    """Off is off, for every process on the ledger, until it is switched on."""

    async def scenario() -> None:
        async with open_ledger(path) as first:
            await first.ledger.enable(False)
            assert not first.ledger.enabled
            assert (await first.refused()).kind is RefusalKind.DISABLED
        async with open_ledger(path) as second:
            assert not second.ledger.spending().enabled
            assert (await second.refused()).kind is RefusalKind.DISABLED
            await second.ledger.enable(True)
            assert second.ledger.enabled
            await second.given()

    asyncio.run(scenario())


def test_the_switch_without_storage(path: Path) -> None:
    """Off holds at once and is written as soon as it can be; on waits for the ledger."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            moved = move(path, ".moved")
            with pytest.raises(StorageError):
                await own.ledger.enable(False)
            assert not own.ledger.enabled
            with pytest.raises(StorageError):
                await own.ledger.enable(True)
            assert (await own.refused()).kind is RefusalKind.DISABLED
            move(moved, ".db")
            assert await own.recorder.flush()
            running = asyncio.ensure_future(own.ledger.run())
            await own.clock.advance(5)
            await own.recorder.transact(statements.is_on)
            await settle()
            assert (await own.refused()).kind is RefusalKind.DISABLED
            assert rows(path, "settings") == [("spending", '{"enabled": false}')]
            running.cancel()

    asyncio.run(scenario())


def test_an_off_is_not_lost_to_an_on_under_way(path: Path) -> None:
    """The on is written when the off is said, and the off cannot be: spending stays off here."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            real, held = own.recorder.transact, asyncio.Event()

            async def slow(work: Callable[[Connection], Any]) -> Any:
                await held.wait()
                return await real(work)

            async def broken(_work: object) -> Any:
                raise StorageError("the disk is full")

            setattr(own.recorder, "transact", slow)  # noqa: B010 - for one test
            on = asyncio.create_task(own.ledger.enable(True))
            await settle()
            off = asyncio.create_task(own.ledger.enable(False))
            await settle()
            setattr(own.recorder, "transact", broken)  # noqa: B010 - for one test
            held.set()
            found = await asyncio.gather(on, off, return_exceptions=True)
            assert [type(each) for each in found] == [type(None), StorageError]
            assert not own.ledger.enabled
            setattr(own.recorder, "transact", real)  # noqa: B010 - for one test

    asyncio.run(scenario())


def test_a_switch_that_cannot_be_read_is_off(path: Path) -> None:
    """In doubt nothing is spent."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            insert = text("INSERT INTO settings (name, value) VALUES ('spending', 'perhaps')")
            await own.recorder.transact(lambda connection: connection.execute(insert))
            assert (await own.refused()).kind is RefusalKind.DISABLED
            assert not own.ledger.enabled

    asyncio.run(scenario())


# --- others on the same database, and what is told


def test_bookings_since(path: Path) -> None:
    """What everybody has spent lately, oldest first."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            await own.given(usd=0.1)
            own.clock.freeze(3_600)
            await own.given(usd=0.2)
            assert [b.usd for b in await own.ledger.bookings_since(1_800)] == [0.2]
            assert [b.usd for b in await own.ledger.bookings_since(7_200)] == [0.1, 0.2]

    asyncio.run(scenario())


def test_what_others_spend_is_seen_within_a_minute(path: Path) -> None:
    """The view is renewed every minute, whoever spends."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            running = asyncio.ensure_future(own.ledger.run())
            await own.clock.advance(0)
            at = own.clock.now()
            await own.recorder.transact(lambda c: statements.book(c, at, "x", "b", 0.3))
            assert own.today == 0
            await own.clock.advance(60)
            await own.recorder.transact(lambda _: None)  # the storage thread has come that far
            await settle()
            assert own.today == 0.3
            running.cancel()

    asyncio.run(scenario())


def test_a_settlement_while_its_job_is_being_written_is_not_lost(path: Path) -> None:
    """The job ends while its row is on its way to the disk: its cost is written, its row goes."""
    entered, go_on = threading.Event(), threading.Event()

    def held() -> None:
        entered.set()
        go_on.wait(60)

    async def scenario() -> None:
        async with open_ledger(path) as it:
            paid = await it.given()
            holding = asyncio.ensure_future(it.recorder._worker.do(held))
            keeping = asyncio.ensure_future(it.ledger.keep(paid, TARGET, JOB))
            await asyncio.to_thread(entered.wait, 60)
            await settle()  # its write waits behind what holds the thread of the database
            finishing = asyncio.ensure_future(it.ledger.finish(paid, 0.1))
            await settle()
            go_on.set()
            await asyncio.gather(holding, keeping, finishing)
        assert rows(path, "jobs") == []
        assert [row[-2:] for row in rows(path)] == [(0.4, 0.1)]

    asyncio.run(scenario())


def test_a_job_that_is_finished_but_not_written_off_is_not_kept(path: Path) -> None:
    """The ledger comes back before the outbox is written: the job is over all the same."""

    async def scenario() -> None:
        async with open_ledger(path) as it:
            paid = await it.given()
            await it.ledger.keep(paid, TARGET, JOB)
            await it.recorder._worker.do(it.recorder._close_store)
            await it.ledger.finish(paid, 0.1)
            assert await it.recorder.flush()
            assert rows(path, "jobs") != []
            assert await it.ledger.kept() == []
            await it.ledger.refresh()
            assert rows(path, "jobs") == []

    asyncio.run(scenario())


def test_a_ledger_that_cannot_be_written_is_told_of_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Until it can: a disk that stays full for a night is a line in the log, not ten thousand."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            given, real = await own.given(), own.recorder.transact

            async def broken(_work: object) -> Any:
                raise StorageError("the disk is full")

            setattr(own.recorder, "transact", broken)  # noqa: B010 - for one test
            await own.ledger.settle(given, 0.1)
            for _ in range(3):
                await own.ledger.refresh()
            assert messages(caplog.records) == ["ledger not written, will retry"]
            setattr(own.recorder, "transact", real)  # noqa: B010 - for one test
            await own.ledger.refresh()
            setattr(own.recorder, "transact", broken)  # noqa: B010 - for one test
            await own.ledger.settle(given, 0.1)
            assert len(caplog.records) == 2
            setattr(own.recorder, "transact", real)  # noqa: B010 - for one test

    asyncio.run(scenario())
