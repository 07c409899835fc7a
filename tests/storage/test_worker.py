"""The thread of the database: a disk that hangs is told, a process that was stopped is not."""

from __future__ import annotations

import asyncio
import threading

import pytest

from genmedia_exporter.storage.worker import LATE_SECONDS, Worker

TURNS = 10
"""Turns of the event loop in which a deadline that has passed is seen."""


@pytest.mark.parametrize(("jumps", "late"), [(1, False), (2, True)])
def test_one_leap_of_the_clock_is_no_hanging_disk(jumps: int, late: bool) -> None:
    """A process that was stopped for a minute wakes up past the deadline, with its answer on the way."""
    told: list[bool] = []
    free = threading.Event()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        real, ahead = loop.time, 0.0
        loop.time = lambda: real() + ahead  # type: ignore[method-assign]
        worker = Worker(lambda: told.append(worker.late))
        answer = asyncio.ensure_future(worker.do(lambda: free.wait()))
        for _ in range(jumps):
            await _turns()
            ahead += LATE_SECONDS + 1
            await _turns()
        free.set()
        await answer
        worker.shutdown()

    asyncio.run(run())

    assert told == ([True, False] if late else [])


async def _turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
