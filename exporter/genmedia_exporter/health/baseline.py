"""A target's own normal: the median of its successful durations over the last day."""

from __future__ import annotations

from collections import deque
from statistics import median

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


class Baseline:
    """Successful durations of one target at one depth. Not frozen: it is a bag, not a state."""

    def __init__(self) -> None:
        self._samples: deque[tuple[Monotonic, float]] = deque(maxlen=MAX_SAMPLES)
        self._median: float | None = None

    def add(self, tick: Monotonic, duration: float) -> None:
        """Count a success of *duration* seconds at the monotonic time *tick*."""
        self._samples.append((tick, duration))
        while self._samples and self._samples[0][0] < tick - WINDOW:
            self._samples.popleft()
        self._median = self._compute()

    def _compute(self) -> float | None:
        if len(self._samples) < MIN_SAMPLES:
            return None
        return median(duration for _, duration in self._samples)

    @property
    def median(self) -> float | None:
        """The median in seconds, None below MIN_SAMPLES."""
        return self._median

    def is_slow(self, duration: float) -> bool:
        """Whether *duration* seconds is far above normal."""
        normal = self._median
        return normal is not None and duration > normal * FACTOR and duration > normal + FLOOR
