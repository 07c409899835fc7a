"""The door through which time and randomness come, so that tests can advance one and seed the other."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


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
