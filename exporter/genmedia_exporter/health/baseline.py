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

    def __len__(self) -> int:
        return len(self._samples)

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
