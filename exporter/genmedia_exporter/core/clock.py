"""The door through which time and randomness come, so that tests can advance one and seed the other."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, Protocol

DAY: Final = 86_400.0
"""Seconds."""


class Clock(Protocol):
    """What the exporter knows of time."""

    def now(self) -> float:
        """Return the wall time in Unix seconds; it may step. For timestamps people read."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back. For ages, deadlines and durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for *seconds* of monotonic time; at least yield to the loop."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Return the wall time in Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return the monotonic time in seconds, from an arbitrary zero."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(max(0.0, seconds))


async def within(clock: Clock, seconds: float | None, awaited: asyncio.Future[Any]) -> bool:
    """Wait for *awaited*, at most so many monotonic *seconds* (None: for ever); whether it is done.

    It is never cancelled, and what came of it is not looked at.
    """
    if seconds is None:
        await asyncio.wait({awaited})
        return True
    timer: asyncio.Future[Any] = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({awaited, timer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
    return awaited.done()


async def pause(clock: Clock, seconds: float | None, wake: asyncio.Event) -> None:
    """Wait until *wake* is set, at most so many monotonic *seconds* (None: for ever)."""
    woken = asyncio.ensure_future(wake.wait())
    try:
        await within(clock, seconds, woken)
    finally:
        woken.cancel()
