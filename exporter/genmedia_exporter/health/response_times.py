"""How fast a target responded over the last day: medians by hour and the 95th percentile, kept at hand."""

from __future__ import annotations

import threading
from array import array
from collections import Counter, defaultdict
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
_MOST: Final = 2**15 - 1
"""Of one class in an hour; there are as many at nine probes a second."""


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
        self._days: defaultdict[str, _Day] = defaultdict(_Day)

    def changed(self, change: StateChange) -> None:
        """Count the probe that made *change*, if it tells how fast the target responds."""
        if change.probe is None:
            return
        depth, attempt = change.probe
        target = change.after.target
        took = attempt.duration if attempt.verdict.success else None
        if took is not None and depth is timed_depth(target):
            self.add(target.name, [(attempt.at, took)])

    def add(self, name: str, durations: Iterable[tuple[Unix, float]]) -> None:
        """Count successes: when each ended, and the seconds it took."""
        with self._lock:
            day = self._days[name]
            for at, seconds in durations:
                day.count(int(at // HOUR), _class(seconds))
            day.forget(int(self._now() // HOUR) - HOURS)

    def retain(self, names: Collection[str]) -> None:
        """Forget all targets but *names*."""
        with self._lock:
            for name in self._days.keys() - set(names):
                del self._days[name]

    def of(self, name: str) -> ResponseTime:
        """Return what is known of a target."""
        newest = int(self._now() // HOUR)
        with self._lock:
            day = self._days.get(name, _Day())
            last = [day.of(newest - ago) for ago in reversed(range(HOURS))]
        together: Counter[int] = sum(last, Counter())
        if not together:
            return NOTHING
        medians = tuple(_quantile(counts, 0.5) for counts in last)
        return ResponseTime(medians, _quantile(together, 0.5), _quantile(together, P95))


class _Day:
    """The counts of one target by hour, whose number is from 1970. Those of hours gone by are packed."""

    __slots__ = ("_counts", "_number", "_packed")

    def __init__(self) -> None:
        self._number, self._counts = 0, Counter[int]()  # of the hour that is counted now
        self._packed: dict[int, bytes] = {}

    def count(self, number: int, duration: int) -> None:
        """Count a duration of that class in that hour."""
        if number != self._number:
            counts = self.of(number)
            if self._counts:
                self._packed[self._number] = _pack(self._counts)
            self._packed.pop(number, None)
            self._number, self._counts = number, counts
        self._counts[duration] += 1

    def of(self, number: int) -> Counter[int]:
        """Return a copy of an hour's counts."""
        if number == self._number:
            return self._counts.copy()
        packed = array("h", self._packed.get(number, b""))
        return Counter(dict(zip(packed[::2], packed[1::2], strict=True)))

    def forget(self, newest: int) -> None:
        """Drop all hours up to that one."""
        for number in [number for number in self._packed if number <= newest]:
            del self._packed[number]


def _pack(counts: Counter[int]) -> bytes:
    flat = (value for pair in counts.items() for value in pair)
    return array("h", [min(value, _MOST) for value in flat]).tobytes()


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
