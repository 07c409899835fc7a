"""Uptime from samples of `up`: time-weighted over known time only. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import DAY, Monotonic, Unix
from genmedia_exporter.health.judge import expiry
from genmedia_exporter.health.state import StateChange, TargetState

WINDOWS: Final = {"1h": 3_600.0, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
"""The usual windows, in seconds."""
STABILITY_WINDOW: Final = "7d"
ENOUGH: Final = 3_600.0
"""Seconds that must be known within the window before stars are given."""
STARS: Final = ((0.999, 5), (0.99, 4), (0.97, 3), (0.90, 2))
"""Least uptime for that many stars; below all of them it is one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`up` as it is from a moment on: until the next sample, at most for *holds* seconds."""

    at: Unix
    up: int | None  # 1 or 0; None when we cannot say
    holds: float  # seconds


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time over which `up` was known."""

    start: Unix
    end: Unix
    up: int


@dataclass(frozen=True, slots=True)
class Uptime:
    """What is known of a window; all in seconds."""

    up: float = 0.0
    known: float = 0.0
    window: float = 0.0

    @property
    def ratio(self) -> float | None:
        """Time up by time known, None when nothing is known."""
        return min(1.0, self.up / self.known) if self.known > 0 else None

    @property
    def share(self) -> float:
        """How much of the window was known, from 0 to 1."""
        return min(1.0, self.known / self.window) if self.window > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Outage:
    """From the first known failure until the next known success."""

    start: Unix
    end: Unix | None  # None while it goes on
    down: float  # seconds known to be down


def sample_of(change: StateChange, now: Unix, tick: Monotonic) -> Sample | None:
    """Return what *change* says of uptime at *now* (Unix seconds, *tick* monotonic), if anything."""
    up = change.after.now.up
    if change.probe is None and change.transition is None and up == change.before.now.up:
        return None
    return Sample(now, up, _holds(change.after, tick) if up is not None else 0.0)


def _holds(state: TargetState, tick: Monotonic) -> float:
    """Return for how many seconds from *tick* the newest probe's `up` may be relied on."""
    if state.newest is None:
        return 0.0
    depth, attempt = state.newest
    return max(0.0, attempt.tick + expiry(state, depth) - tick)


def intervals(samples: Iterable[Sample], end: Unix) -> Iterator[Interval]:
    """Return what *samples*, oldest first, say up to *end*; a step back of the clock counts for 0."""
    before: Sample | None = None
    for sample in samples:
        if before is not None:
            yield from _stretch(before, min(sample.at, end))
        before = sample
    if before is not None:
        yield from _stretch(before, end)


def _stretch(sample: Sample, until: Unix) -> Iterator[Interval]:
    end = min(until, sample.at + sample.holds)
    if sample.up is not None and end > sample.at:
        yield Interval(sample.at, end, sample.up)


def weigh(known: Iterable[Interval], start: Unix, end: Unix) -> Uptime:
    """Return the uptime between *start* and *end*, Unix seconds."""
    up = total = 0.0
    for interval in known:
        seconds = min(interval.end, end) - max(interval.start, start)
        if seconds > 0:
            total += seconds
            up += seconds * interval.up
    return Uptime(up, total, max(0.0, end - start))


def stars(known: Uptime) -> int:
    """Return 1 to 5 for how reliable a target was, 0 when not enough is known."""
    ratio = known.ratio
    if ratio is None or known.known < min(ENOUGH, known.window):
        return 0
    return next((count for least, count in STARS if ratio >= least), 1)


def outages(known: Iterable[Interval]) -> list[Outage]:
    """Return the outages in *known*, oldest first; unknown time neither ends nor lengthens one."""
    found: list[Outage] = []
    start: Unix | None = None
    down = 0.0
    for interval in known:
        if interval.up == 0:
            start = interval.start if start is None else start
            down += interval.end - interval.start
        elif start is not None:
            found.append(Outage(start, interval.start, down))
            start, down = None, 0.0
    return found if start is None else [*found, Outage(start, None, down)]


def mean_time_to_recover(found: Iterable[Outage]) -> float | None:
    """Return the mean seconds known down of outages that ended, None when none did."""
    ended = [outage.down for outage in found if outage.end is not None]
    return sum(ended) / len(ended) if ended else None
