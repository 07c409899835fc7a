"""How fast a target responded over the last day: medians by hour and the 95th percentile, kept at hand."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from math import log
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import StateChange
from genmedia_exporter.targets.model import Target

HOUR: Final = 3_600.0
HOURS: Final = 24
P95: Final = 0.95
_STEP: Final = 1.05
"""Durations are counted in classes, each so many times as long as the one before: to 2.5 %."""
_SHORTEST: Final = 1e-4


@dataclass(frozen=True, slots=True)
class ResponseTime:
    """Successful probes of the last 24 hours, in seconds; None where there was none."""

    hours: tuple[float | None, ...] = ()  # medians, oldest first, the last is the present hour
    median: float | None = None
    p95: float | None = None


NOTHING: Final = ResponseTime()


def timed_depth(target: Target) -> Depth | None:
    """Return the depth whose durations are told: the shallowest one, for it is probed most often."""
    return next((depth for depth in target.depths if depth.free), None)


class ResponseTimes:
    """Durations of all targets, in classes by hour. Any thread may call it."""

    def __init__(self, now: Callable[[], Unix]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._counts: dict[str, dict[int, Counter[int]]] = {}  # by the hour's number from 1970

    def changed(self, change: StateChange) -> None:
        """Count the probe that made *change*, if it tells how fast the target responds."""
        if change.probe is None:
            return
        depth, attempt = change.probe
        target = change.after.target
        if attempt.verdict.success and depth is timed_depth(target):
            self.add(target.name, [(attempt.at, attempt.duration)])

    def add(self, name: str, durations: Iterable[tuple[Unix, float]]) -> None:
        """Count successes: when each ended, and the seconds it took."""
        with self._lock:
            hours = self._counts.setdefault(name, {})
            for at, seconds in durations:
                hours.setdefault(int(at // HOUR), Counter())[_class(seconds)] += 1
            oldest = int(self._now() // HOUR) - HOURS
            for number in [number for number in hours if number <= oldest]:
                del hours[number]

    def retain(self, names: Collection[str]) -> None:
        """Forget all targets but *names*."""
        with self._lock:
            for name in self._counts.keys() - set(names):
                del self._counts[name]

    def of(self, name: str) -> ResponseTime:
        """Return what is known of a target."""
        newest = int(self._now() // HOUR)
        with self._lock:
            hours = self._counts.get(name, {})
            last = [Counter(hours.get(newest - ago, ())) for ago in reversed(range(HOURS))]
        together: Counter[int] = sum(last, Counter())
        if not together:
            return NOTHING
        medians = tuple(_quantile(counts, 0.5) for counts in last)
        return ResponseTime(medians, _quantile(together, 0.5), _quantile(together, P95))


def _class(seconds: float) -> int:
    return round(log(max(_SHORTEST, seconds)) / log(_STEP))


def _quantile(counts: Counter[int], share: float) -> float | None:
    """Return the duration that *share* of all is not longer than, as its class has it."""
    wanted, seen = share * counts.total(), 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= wanted:
            return float(_STEP**number)
    return None
