"""Fills uptime and response times with what this process did not observe: the time before it, and other exporters' targets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from genmedia_exporter.core.clock import DAY, Clock, Unix, pause
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.response_times import ResponseTimes
from genmedia_exporter.health.uptime import WINDOWS, Interval, Sample, intervals
from genmedia_exporter.health.uptime_windows import DAYS, Uptimes
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader, seconds_of

log = EventLog(__name__)

RETRY_SECONDS: Final = 30.0
MOST_DURATIONS: Final = 3_000
"""Records of the last day whose durations are read: twice as many as there are at one probe a minute."""


@dataclass(frozen=True, slots=True)
class _Past:
    """What storage knows of one target."""

    known: Sequence[Interval]  # adjacent ones with the same `up` are merged
    days: Sequence[tuple[int, float, float]]  # number from 1970, seconds up, seconds known
    durations: Mapping[Depth, Sequence[tuple[Unix, float]]]  # of successes: when, seconds
    written: int  # the last day that is in storage as a sum; -1 without any


_NOTHING: Final = _Past((), (), {}, -1)


class Backfill:
    """Reads the last thirty days in the background, and counts what other exporters write.

    Used by the event loop only. Nothing is counted twice: each second of a target is read from
    storage, or taken from its present owner, or observed by ourselves. *loaded* is told of each target
    that has been read, and of the last day that storage has as a sum.
    """

    def __init__(
        self,
        place: Place,
        uptimes: Uptimes,
        clock: Clock,
        storage_ok: Callable[[], bool],
        response_times: ResponseTimes | None = None,
        loaded: Callable[[str, int], None] = lambda _name, _day: None,
    ) -> None:
        self._place = place
        self._uptimes = uptimes
        self._clock = clock
        self._storage_ok = storage_ok
        self._response_times = response_times or ResponseTimes(clock.now)
        self._loaded = loaded
        self._requested: dict[str, Unix] = {}  # to be read, until that moment
        self._peers: dict[str, Sample] = {}  # the last sample counted of targets of others
        self._wake = asyncio.Event()
        self._warned = False

    def request(self, names: Iterable[str]) -> None:
        """Read the history of *names* up to now, soon."""
        now = self._clock.now()
        self._requested |= dict.fromkeys(names, now)
        self._wake.set()

    def retain(self, names: Collection[str]) -> None:
        """Drop all targets but *names*."""
        kept = set(names)
        self._requested = {name: at for name, at in self._requested.items() if name in kept}
        self._peers = {name: last for name, last in self._peers.items() if name in kept}

    def release(self, names: Iterable[str]) -> None:
        """Leave *names* to another exporter: our last sample counts until now only."""
        nothing = Sample(self._clock.now(), None, 0.0)
        for name in names:
            self._uptimes.note(name, nothing)
            self._peers[name] = nothing

    def claim(self, names: Iterable[str]) -> None:
        """Observe *names* ourselves from now on: the last sample of others counts until now only."""
        now = self._clock.now()
        for name in names:
            last = self._peers.pop(name, None)
            if last is not None:
                self._uptimes.add(name, list(intervals([last], now)))

    def add_peer_samples(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        """Count samples that others have written about their targets; those of ours are skipped."""
        for name, new in samples.items():
            last = self._peers.get(name)
            if last is None or not new:
                continue
            known = [last, *(_shifted(sample, last.at) for sample in new)]
            self._uptimes.add(name, list(intervals(known, known[-1].at)))
            self._peers[name] = known[-1]

    async def run(self) -> None:
        """Read what is requested, forever; what cannot be read now is tried again."""
        while True:
            self._wake.clear()
            if self._requested and self._storage_ok():
                await self._read_requested()
            await pause(self._clock, RETRY_SECONDS if self._requested else None, self._wake)

    async def _read_requested(self) -> None:
        try:
            reader = Reader(self._place)
            requested = tuple(self._requested.items())
            # A state is written with the first record: who has none has no past to look for.
            watched = await asyncio.to_thread(reader.identities)
            for name, until in requested:
                found = _NOTHING
                if name in watched:
                    found = await asyncio.to_thread(_read, reader, name, until)
                # Removed and requested again meanwhile, it has another end and is read again.
                if self._requested.get(name) == until:
                    del self._requested[name]
                    await self._add(name, found)
        except StorageError as error:
            if not self._warned:
                log.warning("uptime history not loaded", err=error)
            self._warned = True

    async def _add(self, name: str, past: _Past) -> None:
        shallow = next((d for d in Depth if d in past.durations), None)
        if shallow is not None:
            self._response_times.add(name, past.durations[shallow])
        for start in range(0, len(past.known), 1_000):
            self._uptimes.add(name, past.known[start : start + 1_000])
            await asyncio.sleep(0)
        self._uptimes.put_days(name, past.days)  # now: where records are known, they count
        self._loaded(name, past.written)


def _shifted(sample: Sample, start: Unix) -> Sample:
    """Return what *sample* says from *start* on, both in Unix seconds."""
    if sample.at >= start:
        return sample
    return Sample(start, sample.up, max(0.0, sample.holds - (start - sample.at)))


def _read(reader: Reader, name: str, now: Unix) -> _Past:
    today, month_ago = int(now // DAY), int((now - WINDOWS["30d"]) // DAY)
    days = reader.days(name, today - DAYS)
    written = days[-1][0] if days else -1
    first = min(month_ago, written + 1) if days else today - DAYS
    since = Unix(first * DAY)
    return _Past(
        _merged(intervals(reader.samples(name, since), now), since),
        days,
        _durations(reader, name, now),
        written,
    )


def _merged(known: Iterable[Interval], since: Unix) -> list[Interval]:
    """Return what is *known* from *since* on; adjacent intervals with the same `up` as one."""
    found: list[Interval] = []
    for interval in known:
        start = max(interval.start, since)
        last = found[-1] if found else None
        if interval.end <= start:
            continue
        if last is not None and last.up == interval.up and last.end == start:
            found[-1] = Interval(last.start, interval.end, last.up)
        else:
            found.append(Interval(start, interval.end, interval.up))
    return found


def _durations(
    reader: Reader, name: str, now: Unix
) -> Mapping[Depth, Sequence[tuple[Unix, float]]]:
    found: dict[Depth, list[tuple[Unix, float]]] = {}
    for row in islice(reader.newest(name, now - DAY), MOST_DURATIONS):
        took = seconds_of(row)
        if took is not None and row["message"] is None and row["depth"] in tuple(Depth):
            found.setdefault(Depth(row["depth"]), []).append((row["at"], took))
    return found
