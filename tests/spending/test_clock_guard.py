"""The ledger in doubt: calendars that turn, clocks that are set, ledgers that break or are replaced."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from genmedia_exporter.spending.limits import RefusalKind, periods
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.storage.errors import StorageError
from tests.fakes import FakeClock
from tests.spending.helpers import (
    DAY,
    JOB,
    TARGET,
    LedgerFixture,
    delete,
    limits,
    move,
    open_ledger,
    rows,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "genmedia.db"


# --- the calendar and the clock


def test_another_day_another_budget(path: Path) -> None:
    """At midnight of the zone the day begins anew, the month does not; the view turns with it."""

    async def scenario() -> None:
        async with open_ledger(path, limits=replace(limits(0.8, 1.2), zone="Asia/Shanghai")) as own:
            running = asyncio.ensure_future(own.ledger.run())
            await own.given()
            await own.given()
            await own.clock.advance(DAY)  # the fake clock begins at 06:13 in Shanghai
            await own.ledger.refresh()
            assert own.today == 0
            await own.given()
            assert (await own.refused()).kind is RefusalKind.MONTHLY
            running.cancel()

    asyncio.run(scenario())


def test_what_was_reserved_before_midnight_is_settled_there(path: Path) -> None:
    """A generation that ends in the new day costs the old one, whatever it costs in the end."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            today = periods(own.clock.now(), "UTC")
            own.clock.freeze(today.next_day - own.clock.now() - 1)
            given = await own.given()
            own.clock.freeze(100)
            await own.ledger.finish(given, 0.9)
            assert own.today == 0.0
            assert given.at < today.next_day
            assert rows(path)[0][3:] == (given.at, 0.4, 0.9)
            assert own.ledger.spending().spent_this_month_usd == 0.9

    asyncio.run(scenario())


def test_another_zone_finds_the_money_where_it_is(path: Path) -> None:
    """A booking belongs to a day by its time: changing the zone does not make it another's."""

    async def scenario() -> None:
        async with open_ledger(path) as own:  # 22:13 in UTC
            await own.given()
            await own.given()
            own.limits = replace(own.limits, zone="Asia/Shanghai")  # the next day by its date
            assert (await own.refused()).kind is RefusalKind.DAILY

    asyncio.run(scenario())


def test_a_clock_set_over_midnight_and_back_buys_nothing(path: Path) -> None:
    """For a day of real time, what this process spent in the last 24 hours counts as one day."""

    async def scenario() -> None:
        async with open_ledger(path, limits=limits(0.8, 100)) as own:
            await own.given()
            await own.given()
            own.clock.wall_step = DAY
            refused = await own.refused()
            assert refused.kind is RefusalKind.CLOCK
            assert "the budget for the day has $0.00 of $0.80 left" in refused.why
            own.clock.freeze(DAY + 3_601)
            await own.given()  # a real day later

            own.clock.wall_step = 0.0
            assert (await own.refused(usd=0.5)).kind is RefusalKind.CLOCK

    asyncio.run(scenario())


def test_what_counts_after_a_step_is_shown_at_once(path: Path) -> None:
    """Not only once something is to be bought: a page that shows a new day's money would be wrong."""

    async def scenario() -> None:
        async with open_ledger(path, limits=limits(0.8, 100)) as own:
            await own.given()
            own.clock.wall_step = DAY
            assert own.ledger.spending().spent_today_usd == 0.4
            await own.ledger.refresh()
            assert own.ledger.spending().spent_today_usd == 0.4

    asyncio.run(scenario())


def test_small_steps_are_no_step(path: Path) -> None:
    """What NTP does is not held against anybody; many small steps one way are one large one."""

    async def scenario() -> None:
        async with open_ledger(path, limits=limits(0.8, 100)) as own:
            await own.given()
            for minutes in (2, 4):
                own.clock.wall_step = minutes * 60.0
                await own.ledger.bookings_since(60)
                assert (await own.refused(usd=0.5)).kind is RefusalKind.DAILY
            own.clock.wall_step = 6 * 60.0
            assert (await own.refused(usd=0.5)).kind is RefusalKind.CLOCK

    asyncio.run(scenario())


def test_money_from_the_future_counts_today(path: Path) -> None:
    """A clock that was a week ahead before a restart: what was spent then is not spent again."""

    async def scenario() -> None:
        clock = FakeClock()
        clock.wall_step = 7 * DAY
        async with open_ledger(path, clock) as first:
            await first.given()
            await first.given()
        clock.wall_step = 0.0
        async with open_ledger(path, clock) as second:
            assert second.today == 0.8
            refused = await second.refused()
            assert refused.kind is RefusalKind.CLOCK
            assert "$0.80 of what is spent is dated in the future" in refused.why

    asyncio.run(scenario())


@pytest.mark.parametrize("now", [0.0, 1e15, float("nan")])
def test_a_clock_that_was_never_set(path: Path, now: float) -> None:
    """Nothing is spent at a time that cannot be the present."""

    async def scenario() -> None:
        clock = FakeClock()
        clock.wall_step = now - float(clock.now())
        async with open_ledger(path, clock) as own:
            assert (await own.refused()).kind is RefusalKind.CLOCK
            assert own.today is None
            assert rows(path) == []

    asyncio.run(scenario())


# --- trouble


def test_without_storage_no_money(path: Path) -> None:
    """A ledger that cannot be written means no paid probe; what was settled meanwhile is written later."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            given, other = await own.given(), await own.given()
            moved = move(path, ".moved")
            refused = await own.refused(usd=0.01)
            assert refused.kind is RefusalKind.STORAGE
            assert "was deleted or replaced" in refused.why
            assert not own.recorder.ok
            await own.ledger.finish(given, 0.1)
            await own.ledger.keep(other, TARGET, JOB)
            with pytest.raises(StorageError):
                await own.ledger.kept()
            assert own.today == 0.8
            move(moved, ".db")
            assert await own.recorder.flush()
            await own.given(usd=0.5)
            assert own.today == 1.0
            assert len(await own.ledger.kept()) == 1

    asyncio.run(scenario())


def test_a_full_disk(path: Path) -> None:
    """What could not be written was not given; what was given is there afterwards."""

    async def scenario() -> None:
        async with open_ledger(path, limits=limits(1_000, 1_000)) as own:
            pages = await own.recorder.transact(
                lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one()
            )
            limit = f"PRAGMA max_page_count = {pages + 1}"
            await own.recorder.transact(lambda c: c.exec_driver_sql(limit))
            given = 0
            while isinstance(found := await own.ledger.reserve(TARGET, 0.001), Reservation):
                given += 1
            assert found.kind is RefusalKind.STORAGE
            assert "full" in found.why
            assert await own.recorder.flush()
            await own.ledger.refresh()
            assert own.today == pytest.approx(given * 0.001)
            await own.given(usd=0.001)

    asyncio.run(scenario())


def test_a_ledger_that_was_replaced(path: Path) -> None:
    """A fresh file knows nothing of this morning's money; this process does."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            first, _ = await own.given(), await own.given()
            delete(path)
            assert (await own.refused()).kind is RefusalKind.STORAGE
            assert await own.recorder.flush()
            assert (await own.refused()).kind is RefusalKind.STORAGE
            refused = await own.refused()
            assert refused.kind is RefusalKind.CLOCK
            assert "the ledger was replaced" in refused.why
            own.clock.freeze(1)
            small = await own.given(usd=0.2)
            assert small.id == first.id
            await own.ledger.settle(first, 0.0)  # of the old file, not of the new
            assert [row[-2:] for row in rows(path)] == [(0.2, None)]

    asyncio.run(scenario())


def test_what_is_shown_is_what_is_enforced_after_the_ledger_was_deleted(path: Path) -> None:
    """The fresh file says 0; what this process has reserved counts, and is shown, for a day."""

    async def scenario() -> None:
        async with open_ledger(path) as own:
            first, _ = await own.given(), await own.given()
            await own.ledger.settle(first, 0.3)
            delete(path)
            assert (await own.refused()).kind is RefusalKind.STORAGE
            assert await own.recorder.flush()
            await own.ledger.refresh()
            assert own.today == pytest.approx(0.7)
            assert (await own.refused()).kind is RefusalKind.CLOCK
            await own.ledger.refresh()
            assert own.today == pytest.approx(0.7)
            own.clock.freeze(DAY)
            await own.ledger.refresh()
            assert own.today == 0.0
            assert own.ledger.spending().spent_this_month_usd == pytest.approx(0.7)

    asyncio.run(scenario())


def test_before_the_ledger_can_be_read(path: Path) -> None:
    """As long as nothing could be read, what is spent is unknown, not 0."""
    path.mkdir()

    async def scenario() -> None:
        own = LedgerFixture(path)
        await own.begin()
        assert own.today is None
        assert (await own.refused()).kind is RefusalKind.STORAGE
        move(path, ".folder")
        assert await own.recorder.flush()
        await own.ledger.refresh()
        assert own.today == 0
        await own.end()

    asyncio.run(scenario())


def test_a_copy_of_the_file_is_not_the_ledger(path: Path) -> None:
    """An older copy put in its place is noticed: it does not know the newest reservation."""

    async def scenario() -> None:
        async with open_ledger(path) as first:
            await first.given()
        copy = path.with_suffix(".copy")
        shutil.copy(path, copy)
        async with open_ledger(path, first.clock) as own:
            await own.given()
            delete(path)
            shutil.copy(copy, path)
            assert (await own.refused()).kind is RefusalKind.STORAGE
            assert await own.recorder.flush()
            assert (await own.refused()).kind is RefusalKind.STORAGE  # noticed
            own.limits = limits(0.4)
            assert (await own.refused(usd=0.1)).kind is RefusalKind.CLOCK

    asyncio.run(scenario())
