"""Waiting for a moment or for something else, whichever comes first."""

from __future__ import annotations

import asyncio

from genmedia_exporter.core.clock import pause, within
from tests.fakes import FakeClock, settle


def test_what_comes_in_time_is_waited_for_and_not_longer() -> None:
    """Whether it is done is told; what takes longer goes on, and without a limit it is waited for."""

    async def scenario() -> None:
        clock = FakeClock()
        awaited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        hurried = asyncio.ensure_future(within(clock, 5.0, awaited))
        patient = asyncio.ensure_future(within(clock, None, awaited))
        await clock.advance(4.0)
        assert not hurried.done()
        await clock.advance(1.0)
        assert hurried.result() is False
        await clock.advance(1e9)
        assert not patient.done()
        assert not awaited.cancelled()
        awaited.set_exception(OSError("nobody asks what came of it"))
        assert await patient is True
        assert await within(clock, 5.0, awaited) is True
        assert isinstance(awaited.exception(), OSError)

    asyncio.run(scenario())


def test_whoever_stops_waiting_stops_nothing_else() -> None:
    """A cancelled wait leaves what it waited for alone, and no task behind."""

    async def scenario() -> None:
        awaited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = asyncio.ensure_future(within(FakeClock(), 5.0, awaited))
        await settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await settle()
        assert not awaited.cancelled()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())


def test_a_pause_ends_with_its_time_or_when_woken() -> None:
    """The event stays as it is: clearing it is for whoever knows what it was set for."""

    async def scenario() -> None:
        clock, wake = FakeClock(), asyncio.Event()
        timed = asyncio.ensure_future(pause(clock, 5.0, wake))
        endless = asyncio.ensure_future(pause(clock, None, wake))
        await clock.advance(5.0)
        assert (timed.done(), endless.done()) == (True, False)
        woken = asyncio.ensure_future(pause(clock, 5.0, wake))
        await settle()
        wake.set()
        await asyncio.wait_for(asyncio.gather(woken, endless), 5.0)
        assert wake.is_set()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())
