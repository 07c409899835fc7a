"""A target's own normal: the median of its successful durations over the last day."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from typing import Final

from genmedia_exporter.core.clock import DAY, Monotonic

WINDOW = DAY
"""Seconds of history a median is taken over."""
MIN_SAMPLES = 20
"""Below this many samples nothing is called slow."""
MAX_SAMPLES = 1_440
"""A day at one probe a minute; with faster probes the newest this many count."""
FACTOR = 3.0
"""Slower than this many medians is slow."""
FLOOR = 0.1
"""Seconds above the median below which nothing is slow: three times two milliseconds is noise."""
_GRAINS: Final = 100_000
"""Of a second; 32 bits of them are half a day."""
_MOST_GRAINS: Final = 2**32 - 1


class Baseline:
    """Successful durations of one target at one depth. Not frozen: it is a bag, not a state.

    A day of them is kept for each target, so they are packed: in grains of a second, and in order besides.
    """

    def __init__(self) -> None:
        self._ticks = array("d")
        self._durations = array("I")  # as they came
        self._ordered = array("I")
        self._median: float | None = None

    def __len__(self) -> int:
        return len(self._ticks)

    def add(self, tick: Monotonic, duration: float) -> None:
        """Count a success of *duration* seconds at the monotonic time *tick*."""
        grains = min(round(duration * _GRAINS), _MOST_GRAINS)
        self._ticks.append(float(tick))
        self._durations.append(grains)
        insort(self._ordered, grains)
        since = float(tick - WINDOW)
        while self._ticks and (self._ticks[0] < since or len(self._ticks) > MAX_SAMPLES):
            self._drop_oldest()
        self._median = self._compute()

    def _drop_oldest(self) -> None:
        del self._ticks[0]
        del self._ordered[bisect_left(self._ordered, self._durations.pop(0))]

    def _compute(self) -> float | None:
        count = len(self._ordered)
        if count < MIN_SAMPLES:
            return None
        return (self._ordered[(count - 1) // 2] + self._ordered[count // 2]) / 2 / _GRAINS

    @property
    def median(self) -> float | None:
        """The median in seconds, None below MIN_SAMPLES."""
        return self._median

    def is_slow(self, duration: float) -> bool:
        """Whether *duration* seconds is far above normal."""
        normal = self._median
        return normal is not None and duration > normal * FACTOR and duration > normal + FLOOR


class Baselines:
    """A target's normals at one depth: a probe over a connection of an earlier one is quicker, and has its own."""

    def __init__(self) -> None:
        self._fresh = Baseline()
        self._reused: Baseline | None = None  # few targets have one

    def of(self, reused: bool) -> Baseline:
        """Return what a probe is compared with."""
        if not reused:
            return self._fresh
        if self._reused is None:
            self._reused = Baseline()
        return self._reused

    @property
    def usual(self) -> float | None:
        """The median of the kind of which there are more; None below MIN_SAMPLES."""
        reused = self._reused
        return (
            reused if reused is not None and len(reused) > len(self._fresh) else self._fresh
        ).median
