"""How late our own event loop is with what it runs now: what it was late must not count as a service's time."""

from __future__ import annotations

import asyncio
from typing import Final

from genmedia_exporter.core.clock import PAST, Clock, Monotonic

PERIOD: Final = 0.02
"""Seconds between two beats; a delay shorter than this is seen in part only."""
GRAIN: Final = 0.002
"""Seconds by which a beat is late on an idle machine: timers count whole milliseconds."""


class LoopLag:
    """Lets the running event loop beat while it is entered, by as many as measure a service.

    What the loop runs now was ready, at the earliest, when the beat before should have come. So the
    lateness of the beats is a bound for it, never less than the truth by more than a period.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._users = 0
        self._timer: asyncio.TimerHandle | None = None
        self._late = 0.0  # of the last beat, in seconds
        self._due = PAST  # when the next one should come

    def __enter__(self) -> None:
        """Let it beat."""
        self._users += 1
        if self._users == 1:
            self._late = 0.0
            self._plan(self._clock.monotonic())

    def __exit__(self, *_: object) -> None:
        """Stop, unless somebody else measures."""
        self._users -= 1
        if self._users == 0 and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def at(self, tick: Monotonic) -> float:
        """Return by how many seconds what runs at monotonic *tick* may be late, 0 within the grain."""
        late = self._late + max(0.0, tick - self._due) if self._users else 0.0
        return late if late > GRAIN else 0.0

    def _beat(self) -> None:
        tick = self._clock.monotonic()
        self._late = max(0.0, tick - self._due)
        self._plan(tick)

    def _plan(self, tick: Monotonic) -> None:
        self._due = tick + PERIOD
        self._timer = asyncio.get_running_loop().call_later(PERIOD, self._beat)
