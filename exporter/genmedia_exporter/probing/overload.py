"""Do we keep up? Sustained overload is told: what we measure meanwhile is measured late."""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.probing.executor import Meter

log = EventLog(__name__)

LATE_LOOP: Final = 0.1
"""Seconds; an event loop that wakes later than this is short of CPU at that moment."""
LATE_START: Final = 1.0
"""Seconds; a probe that starts later than this had to wait for CPU or for a slot."""
LOOKS: Final = 60
"""How many looks count, one a second."""
SATURATED_AT: Final = 30
"""So many of them must be bad before we say that we do not keep up."""
CLEAR_AT: Final = 6
"""No more of them may be bad when we say that we do again."""


class OverloadMeter(Meter, Protocol):
    """Counts what the scheduler does, and tells whether we keep up."""

    def set_saturated(self, saturated: bool) -> None:
        """Record whether the exporter is overloaded."""
        ...


class Overload(Meter):
    """Hands on to *meter* what the scheduler counts, and judges it once a second."""

    def __init__(self, meter: OverloadMeter) -> None:
        self._meter = meter
        self._bad: deque[bool] = deque(maxlen=LOOKS)
        self._start_lag = 0.0  # the longest since the last look
        self.saturated = False

    def observe_lag(self, seconds: float, target: str = "") -> None:
        """Record how late a probe of *target* started."""
        self._start_lag = max(self._start_lag, seconds)
        self._meter.observe_lag(seconds, target)

    def observe_self_delay(self, seconds: float, target: str = "") -> None:
        """Record how late our own event loop made a probe of *target*."""
        self._meter.observe_self_delay(seconds, target)

    def set_in_flight(self, count: int) -> None:
        """Record how many probes are running."""
        self._meter.set_in_flight(count)

    def look(self, loop_lag: float) -> None:
        """Judge the last second, at the end of which the event loop woke *loop_lag* seconds late."""
        start_lag, self._start_lag = self._start_lag, 0.0
        self._bad.append(loop_lag > LATE_LOOP or start_lag > LATE_START)
        bad = sum(self._bad)
        before, self.saturated = (
            self.saturated,
            bad > (CLEAR_AT if self.saturated else SATURATED_AT),
        )
        if self.saturated is before:
            return
        self._meter.set_saturated(self.saturated)
        if self.saturated:
            log.warning(
                "exporter overloaded",
                late_seconds=bad,
                of_seconds=len(self._bad),
                loop_lag_seconds=round(loop_lag, 3),
                start_lag_seconds=round(start_lag, 3),
            )
        else:
            log.info("exporter keeps up again")
