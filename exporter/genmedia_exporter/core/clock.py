"""The door through which time and randomness come, so that tests can advance one and seed the other.

Two clocks, two types. Points in time of one clock are compared with, and taken from, each other only;
what is added to them, and what lies between two of them, are seconds. When the program runs, both
types are float: they cost nothing. A type checker, and nobody else, tells them apart.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, overload

DAY: Final = 86_400.0
"""Seconds."""

if TYPE_CHECKING:

    class _Instant:
        def __init__(self, seconds: float, /) -> None: ...
        def __add__(self, seconds: float, /) -> Self: ...
        @overload
        def __sub__(self, other: Self, /) -> float: ...
        @overload
        def __sub__(self, seconds: float, /) -> Self: ...
        def __sub__(self, other: Self | float, /) -> Self | float: ...
        def __floordiv__(self, seconds: float, /) -> float: ...
        def __mod__(self, seconds: float, /) -> float: ...
        def __lt__(self, other: Self, /) -> bool: ...
        def __le__(self, other: Self, /) -> bool: ...
        def __gt__(self, other: Self, /) -> bool: ...
        def __ge__(self, other: Self, /) -> bool: ...
        def __float__(self) -> float: ...
        def __int__(self) -> int: ...

    class Unix(_Instant):
        """Wall time in Unix seconds; it may step. For timestamps, and what people read."""

    class Monotonic(_Instant):
        """Seconds that never go back, from an arbitrary zero. For ages, deadlines and durations."""

else:
    Unix = Monotonic = float

EPOCH: Final = Unix(0.0)
"""Before anything that was ever seen."""
PAST: Final = Monotonic(-math.inf)
"""Before every reading of the monotonic clock."""


class Clock(Protocol):
    """What the exporter knows of time."""

    def now(self) -> Unix:
        """Return the wall time in Unix seconds; it may step. For timestamps people read."""
        ...

    def monotonic(self) -> Monotonic:
        """Return seconds that never go back. For ages, deadlines and durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for *seconds* of monotonic time; at least yield to the loop."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Unix:
        """Return the wall time in Unix seconds."""
        return Unix(time.time())

    def monotonic(self) -> Monotonic:
        """Return the monotonic time in seconds, from an arbitrary zero."""
        return Monotonic(time.monotonic())

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
