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
MAX_SAMPLES = 288
"""Enough for the median of a day. Where there are more, they are thinned out, and lie minutes apart."""
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
    At most MAX_SAMPLES are, which tell of the whole day however often is probed.
    """

    __slots__ = ("_apart", "_durations", "_each", "_median", "_ordered", "_passed", "_ticks")

    def __init__(self) -> None:
        self._ticks = array("d")
        self._durations = array("I")  # as they came
        self._ordered = array("I")
        self._apart = 0.0  # seconds that lie between two that are kept, at least
        self._passed = 0  # successes since the last one that is kept
        self._each = 1  # successes that this one stands for
        self._median: float | None = None

    def __len__(self) -> int:
        return len(self._ticks)

    @property
    def seen(self) -> int:
        """About how many successes of the last day it stands for."""
        return len(self) * self._each

    def add(self, tick: Monotonic, duration: float) -> None:
        """Count a success of *duration* seconds at the monotonic time *tick*."""
        self._passed += 1
        if self._ticks and float(tick) - self._ticks[-1] < self._apart:
            return
        self._each, self._passed = self._passed, 0
        grains = min(round(duration * _GRAINS), _MOST_GRAINS)
        self._ticks.append(float(tick))
        self._durations.append(grains)
        insort(self._ordered, grains)
        since = float(tick - WINDOW)
        while self._ticks[0] < since:
            self._drop_oldest()
        if len(self) > MAX_SAMPLES:
            self._thin_out()
        self._median = self._compute()

    def _thin_out(self) -> None:
        """Keep every second one, the newest among them, and let those that follow lie as far apart."""
        newest = (len(self) - 1) % 2
        self._ticks, self._durations = self._ticks[newest::2], self._durations[newest::2]
        self._ordered = array("I", sorted(self._durations))
        self._apart = (self._ticks[-1] - self._ticks[0]) / len(self)

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

    __slots__ = ("_fresh", "_reused")

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
        reused, fresh = self._reused, self._fresh
        return (reused if reused is not None and reused.seen > fresh.seen else fresh).median
