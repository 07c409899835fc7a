"""Notices when this process did not run: it was stopped, its machine slept, its event loop was blocked."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.core.clock import PAST, Clock, Monotonic

HEARTBEAT: Final = 0.5
"""Seconds between two looks at the clocks."""
PAUSE: Final = 2.0
"""Seconds without a look after which this process counts as having been paused."""


class Pauses:
    """Compares the clocks with the last look at them. Used by the event loop only.

    A stopped process sees the monotonic clock jump. A machine that slept sees the wall clock jump
    against it. Whoever asks looks first, so it does not matter who runs first after a pause.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen = clock.monotonic()
        self._parting = float(clock.now()) - float(self._seen)
        self._resumed_at = PAST
        self._stopped = 0.0

    async def run(self) -> None:
        """Look at the clocks, for ever."""
        while True:
            self.look()
            await self._clock.sleep(HEARTBEAT)

    def look(self) -> float:
        """Notice a pause since the last look; return the seconds it took, 0 without one."""
        tick = self._clock.monotonic()
        parting = float(self._clock.now()) - float(tick)
        stopped, slept = tick - self._seen, parting - self._parting
        self._seen, self._parting = tick, parting
        if stopped > PAUSE:
            self._stopped += stopped
        if max(stopped, slept) <= PAUSE:
            return 0.0
        self._resumed_at = tick
        return max(stopped, slept)

    def take_stopped(self) -> float:
        """Return the monotonic seconds in which this process did not run, not told before."""
        self.look()
        stopped, self._stopped = self._stopped, 0.0
        return stopped

    def since(self, began: Monotonic) -> bool:
        """Whether this process was paused after monotonic *began*."""
        self.look()
        return began < self._resumed_at
