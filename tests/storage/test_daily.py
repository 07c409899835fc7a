"""Uptime by day: written when a day is over, read back at a start, and never counted twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.response_times import ResponseTimes
from genmedia_exporter.health.uptime import Interval, Sample
from genmedia_exporter.health.uptime_windows import DAYS, Uptimes
from genmedia_exporter.storage.backfill import Backfill
from genmedia_exporter.storage.daily import DailyRollup
from genmedia_exporter.storage.tables import daily_uptime
from tests.fakes import START, FakeClock, settle
from tests.storage.helpers import Life, living, recalled

MIDNIGHT = Unix((START // DAY + 1) * DAY)


async def written(life: Life) -> list[tuple[int, float, float]]:
    """Return the days that storage has."""
    columns = daily_uptime.c
    asked = select(columns.day, columns.up, columns.known).order_by(columns.day)
    rows = await life.history.transact(lambda connection: connection.execute(asked).all())
    return [tuple(row) for row in rows]


def test_a_day_is_written_when_it_is_over(tmp_path: Path) -> None:
    """Not before midnight UTC, once, and also after a start that has read nothing yet."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as life:
            rollup = DailyRollup(life.history.transact, life.history.uptimes, clock)
            life.history.uptimes.note("a", Sample(clock.now(), 1, 3_600.0))
            await rollup.write()
            assert await written(life) == []  # its past is not read yet
            rollup.loaded("a", -1)
            clock.freeze(MIDNIGHT - clock.now() - 1.0)
            await rollup.write()
            assert await written(life) == []
            clock.freeze(1)
            await rollup.write()
            assert await written(life) == [(int(START // DAY), 3_600.0, 3_600.0)]
            life.history.uptimes.add("a", [Interval(START, START + 60, 1)])
            await rollup.write()
            assert len(await written(life)) == 1

    asyncio.run(scenario())


def test_days_of_others_are_theirs(tmp_path: Path) -> None:
    """Whoever owns a target writes its days."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as life:
            rollup = DailyRollup(
                life.history.transact, life.history.uptimes, clock, lambda _: False
            )
            rollup.loaded("a", -1)
            life.history.uptimes.note("a", Sample(clock.now(), 1, 3_600.0))
            clock.freeze(DAY)
            await rollup.write()
            assert await written(life) == []

    asyncio.run(scenario())


def test_a_target_that_comes_late_leaves_the_days_of_others(tmp_path: Path) -> None:
    """Written in one go with a target that has its older days still to come, none of the other's is lost."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as life:
            today = int(clock.now() // DAY)
            rows = [
                {"target": "a", "day": today - ago, "up": 100.0, "known": 200.0}
                for ago in (DAYS + 9, 5, 4, 3, 2)
            ]
            await life.history.transact(
                lambda connection: connection.execute(daily_uptime.insert(), rows)
            )
            rollup = DailyRollup(life.history.transact, life.history.uptimes, clock)
            rollup.loaded("a", today - 2)
            rollup.loaded("late", -1)
            for name, ago in (("a", 1), ("late", 6), ("late", 1)):
                start = Unix((today - ago) * DAY)
                life.history.uptimes.add(name, [Interval(start, start + 60, 1)])
            await rollup.write()
            found = [today - day for day, _, _ in await written(life)]
            assert found == [6, 5, 4, 3, 2, 1, 1]

    asyncio.run(scenario())


def test_a_start_reads_days_and_a_month_of_records(tmp_path: Path) -> None:
    """Older days come from the sums, the newest from the records, whichever knows more, and none from both."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as life:
            for _ in range(30):
                life.see()
            await life.recorder.flush()
            today = int(clock.now() // DAY)
            rows = [
                {"target": "a", "day": today - ago, "up": 100.0, "known": 200.0}
                for ago in (DAYS + 5, 60, 1)
            ]
            await life.history.transact(
                lambda connection: connection.execute(daily_uptime.insert(), rows)
            )
            uptimes, times, told = Uptimes(clock.now), ResponseTimes(clock.now), []
            backfill = Backfill(
                life.place, uptimes, clock, lambda: True, times, lambda *each: told.append(each)
            )
            backfill.request(["a"])
            await recalled(backfill, uptimes, "a")
            for _ in range(9):
                await settle()
            days = uptimes.days("a")
            assert len(days) == DAYS
            assert (days[-61].up, days[-61].known) == (100.0, 200.0)
            assert (days[-2].up, days[-2].known) == (100.0, 200.0)  # its records are gone
            assert days[-1].known == pytest.approx(uptimes.over("a", DAY).known, abs=61)
            assert sum(day.known > 0 for day in days) == 3
            assert told == [("a", today - 1)]
            assert times.of("a").median is not None

    asyncio.run(scenario())


def test_response_times() -> None:
    """Medians by hour and p95 over 24 hours, to a few percent; older hours are forgotten."""
    clock = FakeClock()
    times = ResponseTimes(clock.now)
    assert times.of("a").p95 is None
    times.add("a", [(clock.now(), 0.1)] * 94 + [(clock.now(), 2.0)] * 6)
    found = times.of("a")
    assert found.median == pytest.approx(0.1, rel=0.03)
    assert found.p95 == pytest.approx(2.0, rel=0.03)
    assert found.hours[:-1] == (None,) * 23
    assert found.hours[-1] == found.median
    times.add("a", [(clock.now(), 0.1)] * 20)  # 6 of 120 are slow: the 95th percentile is not
    assert times.of("a").p95 == pytest.approx(0.1, rel=0.03)
    clock.freeze(23 * 3_600)
    assert times.of("a").hours[0] is not None
    clock.freeze(3_600)
    assert times.of("a").median is None
    times.retain([])
    assert times.of("a").hours == ()


def test_the_shallowest_free_depth_is_timed(tmp_path: Path) -> None:
    """Its successes; a failure tells no response time, nor does another depth."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as life:
            life.see(depth=Depth.ACCEPT)
            assert life.history.response_times.of("a").median is None
            life.see()
            assert life.history.response_times.of("a").median is not None

    asyncio.run(scenario())
