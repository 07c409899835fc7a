"""Uptime kept at hand: seconds up and known per minute and per hour, so that asking costs nothing."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.health.slots import Slots
from genmedia_exporter.health.uptime import (
    STABILITY_WINDOW,
    WINDOWS,
    Interval,
    Sample,
    Uptime,
    intervals,
    stars,
)

MINUTES: Final = 24 * 60 + 1
HOURS: Final = 30 * 24 + 1
DAYS: Final = 90
"""Days that are told one by one, the present one among them; they begin at midnight UTC."""
AHEAD: Final = 300.0
"""Seconds by which the clocks of other exporters, whose word is counted too, may be ahead of ours."""


class Ring:
    """Sums over equal slots of time, of which only the newest are kept."""

    __slots__ = ("_down", "_known", "_newest", "_slots", "width")

    def __init__(self, width: float, slots: int) -> None:
        self.width = width  # seconds
        self._slots = slots
        self._newest = -1  # number of the newest slot, counted from 1970
        # Not the time up: of most targets there is nothing to keep of this one.
        self._down, self._known = Slots(slots, width), Slots(slots, width)

    def add(self, interval: Interval) -> None:
        """Count an interval; what is older than the ring is left out."""
        newest = max(self._newest, int(interval.end // self.width))
        at = max(interval.start, Unix((newest - self._slots) * self.width))
        while at < interval.end:
            number = int(at // self.width)
            end = min(Unix((number + 1) * self.width), interval.end)
            self._advance(number)
            if number > self._newest - self._slots:
                self._known[number % self._slots] += end - at
                self._down[number % self._slots] += (end - at) * (1 - interval.up)
            at = end

    def _advance(self, number: int) -> None:
        """Make *number* the newest slot if it is newer; those between are empty."""
        if number > self._newest:
            self._empty(self._newest + 1, number)
            self._newest = number

    def _retreat(self, number: int) -> None:
        """Make *number* the newest slot if it is older: a clock that was ahead has been set back."""
        if number < self._newest:
            self._empty(max(number, self._newest - self._slots) + 1, self._newest)
            self._newest = number

    def _empty(self, first: int, last: int) -> None:
        if last - first + 1 >= self._slots:  # all of them, and perhaps from 1970 on
            self._down.clear()
            self._known.clear()
            return
        for number in range(first, last + 1):
            self._down[number % self._slots] = self._known[number % self._slots] = 0.0

    def over(self, window: float, now: Unix) -> Uptime:
        """Return the sums over the slots that lie in the *window* before *now*, in seconds."""
        self._retreat(int((now + AHEAD) // self.width))
        self._advance(int(now // self.width))
        count = min(self._slots, int(window // self.width))
        end = self._newest % self._slots + 1
        start = max(0, end - count)
        rest = count - (end - start)  # at the other end
        down, known = (
            of.total(start, end) + of.total(self._slots - rest, self._slots)
            for of in (self._down, self._known)
        )
        return Uptime(max(0.0, known - down), known, window)

    def each(self, now: Unix, count: int) -> tuple[Uptime, ...]:
        """Return the newest *count* slots, oldest first; the last one is that of *now*."""
        self._advance(int(now // self.width))
        newest = int(now // self.width)
        numbers = range(newest - count + 1, newest + 1)
        return tuple(
            self._slot(n % self._slots)
            if n > self._newest - self._slots
            else Uptime(window=self.width)
            for n in numbers
        )

    def put(self, number: int, up: float, known: float) -> None:
        """Set the sums of one slot of the past, in seconds, unless more of it is known already."""
        self._advance(number)
        slot = number % self._slots
        if number > self._newest - self._slots and known > self._known[slot]:
            self._down[slot], self._known[slot] = known - up, known

    def _slot(self, slot: int) -> Uptime:
        known = self._known[slot]
        return Uptime(max(0.0, known - self._down[slot]), known, self.width)


class Track:
    """One target's uptime: over a day to the minute, over a month to the hour, over a quarter by day."""

    __slots__ = ("_days", "_hours", "_last", "_minutes")

    def __init__(self) -> None:
        self._minutes = Ring(60.0, MINUTES)
        self._hours = Ring(3_600.0, HOURS)
        self._days = Ring(DAY, DAYS + 1)
        self._last: Sample | None = None

    def add(self, interval: Interval) -> None:
        """Count an interval of the past."""
        self._minutes.add(interval)
        self._hours.add(interval)
        self._days.add(interval)

    def note(self, sample: Sample) -> None:
        """Take in what holds from now on: where it goes on as before, that is all there is to count."""
        last = self._last
        if last is None or last.up != sample.up or not 0 <= sample.at - last.at <= last.holds:
            self.settle(sample.at)
            self._last = sample
        else:
            self._last = Sample(last.at, last.up, sample.at - last.at + sample.holds)

    def settle(self, now: Unix) -> None:
        """Count what has gone by until *now*, Unix seconds."""
        last = self._last
        if last is None or now <= last.at:
            return
        for interval in intervals([last], now):
            self.add(interval)
        self._last = Sample(now, last.up, max(0.0, last.holds - (now - last.at)))

    def over(self, window: float, now: Unix) -> Uptime:
        """Return the uptime over *window* seconds before *now*."""
        self.settle(now)
        ring = self._minutes if window <= DAY else self._hours
        return ring.over(window, now)

    def days(self, now: Unix) -> tuple[Uptime, ...]:
        """Return the last DAYS days one by one, oldest first."""
        self.settle(now)
        return self._days.each(now, DAYS)

    def hours(self, now: Unix) -> tuple[Uptime, ...]:
        """Return the last 24 hours one by one, oldest first."""
        self.settle(now)
        return self._hours.each(now, 24)

    def put_day(self, number: int, up: float, known: float) -> None:
        """Put back a day of the past, counted from 1970, unless more of it is known already."""
        self._days.put(number, up, known)


class Uptimes:
    """The tracks of all targets. Any thread may call it; nobody holds it up for longer than one sum."""

    def __init__(self, now: Callable[[], Unix]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._tracks: defaultdict[str, Track] = defaultdict(Track)
        self._weeks: dict[str, _Week] = {}

    def note(self, name: str, sample: Sample) -> None:
        """Take in what one change on the board says."""
        with self._lock:
            self._tracks[name].note(sample)

    def add(self, name: str, past: Iterable[Interval]) -> None:
        """Put back what storage knows of the past."""
        for interval in past:
            with self._lock:  # one by one: there may be a month of them
                self._tracks[name].add(interval)

    def put_days(self, name: str, past: Iterable[tuple[int, float, float]]) -> None:
        """Put back days of the past, of which the records may be gone: number from 1970, seconds up and known."""
        with self._lock:
            track = self._tracks[name]
            for day in past:
                track.put_day(*day)

    def days(self, name: str) -> Sequence[Uptime]:
        """Return the last DAYS days of a target, oldest first; nothing for one never heard of."""
        with self._lock:
            track = self._tracks.get(name)
            return track.days(self._now()) if track else ()

    def hours(self, name: str) -> Sequence[Uptime]:
        """Return the last 24 hours of a target, oldest first; nothing for one never heard of."""
        with self._lock:
            track = self._tracks.get(name)
            return track.hours(self._now()) if track else ()

    def retain(self, names: Collection[str]) -> None:
        """Forget all targets but *names*."""
        with self._lock:
            for name in self._tracks.keys() - set(names):
                del self._tracks[name]
                self._weeks.pop(name, None)

    def over(self, name: str, window: float) -> Uptime:
        """Return the uptime of a target over *window* seconds until now."""
        with self._lock:
            track = self._tracks.get(name)
            return track.over(window, self._now()) if track else Uptime(window=window)

    def usual(self, name: str) -> Mapping[str, Uptime]:
        """Return the uptime of a target over the usual windows."""
        return {window: self.over(name, seconds) for window, seconds in WINDOWS.items()}

    def ratio(self, name: str) -> float | None:
        """Return the uptime that stability is made of, None when nothing is known."""
        return self.over(name, WINDOWS[STABILITY_WINDOW]).ratio

    def stars(self, name: str) -> int:
        """Return the stability of a target, worked out once a minute: each target's at a second of its own."""
        return self._week(name).stars

    def ratio_of_minute(self, name: str) -> float | None:
        """Return what `ratio` does, worked out once a minute: for what asks for all targets."""
        return self._week(name).ratio

    def _week(self, name: str) -> _Week:
        now = float(self._now())
        known = self._weeks.get(name)
        if known is None or not known.since <= now < known.since + 60.0:
            second = crc32(name.encode("utf-8", "replace")) % 60
            found = self.over(name, WINDOWS[STABILITY_WINDOW])
            since = now - (now + second) % 60.0
            known = self._weeks[name] = _Week(since, stars(found), found.ratio)
        return known


@dataclass(frozen=True, slots=True)
class _Week:
    """What the last seven days say of a target in the minute that begins at *since*."""

    since: float  # Unix seconds
    stars: int
    ratio: float | None
