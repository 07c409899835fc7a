"""Puts into the uptimes what this process has not seen itself: what was before, and what others see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from genmedia_exporter.core.clock import Clock, pause
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.health.uptime import WINDOWS, Interval, Sample, intervals
from genmedia_exporter.health.uptime_windows import Uptimes
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.tables import StorageError

log = EventLog(__name__)

RETRY_SECONDS: Final = 30.0


class Past:
    """Recalls the last thirty days in the background, and follows the targets of other exporters.

    Belongs to the event loop's thread. Nothing is counted twice: each second of a target is either
    recalled, or heard from others, or noted by ourselves.
    """

    def __init__(
        self, place: Place, uptimes: Uptimes, clock: Clock, works: Callable[[], bool]
    ) -> None:
        self._place = place
        self._uptimes = uptimes
        self._clock = clock
        self._works = works  # whether storage does
        self._wanted: dict[str, float] = {}  # to recall, until that moment in Unix seconds
        self._heard: dict[str, Sample] = {}  # of targets of others: what is counted up to its time
        self._wake = asyncio.Event()
        self._told = False

    def want(self, names: Iterable[str]) -> None:
        """Recall what was until now of *names*, soon."""
        now = self._clock.now()
        self._wanted |= dict.fromkeys(names, now)
        self._wake.set()

    def retain(self, names: Collection[str]) -> None:
        """Forget all targets but *names*."""
        kept = set(names)
        self._wanted = {name: at for name, at in self._wanted.items() if name in kept}
        self._heard = {name: last for name, last in self._heard.items() if name in kept}

    def give(self, names: Iterable[str]) -> None:
        """Let others watch *names* from now on: what we saw last counts no further."""
        nothing = Sample(self._clock.now(), None, 0.0)
        for name in names:
            self._uptimes.note(name, nothing)
            self._heard[name] = nothing

    def take(self, names: Iterable[str]) -> None:
        """Watch *names* ourselves from now on: what others saw last counts until now."""
        now = self._clock.now()
        for name in names:
            last = self._heard.pop(name, None)
            if last is not None:
                self._uptimes.add(name, list(intervals([last], now)))

    def hear(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        """Count what others have written about their targets; samples of ours are left out."""
        for name, new in samples.items():
            last = self._heard.get(name)
            if last is None or not new:
                continue
            known = [last, *(_shifted(sample, last.at) for sample in new)]
            self._uptimes.add(name, list(intervals(known, known[-1].at)))
            self._heard[name] = known[-1]

    async def run(self) -> None:
        """Recall what is wanted, for ever; what cannot be read now is tried again."""
        while True:
            self._wake.clear()
            if self._wanted and self._works():
                await self._recall()
            await pause(self._clock, RETRY_SECONDS if self._wanted else None, self._wake)

    async def _recall(self) -> None:
        try:
            reader = Reader(self._place)
            for name, until in tuple(self._wanted.items()):
                past = await asyncio.to_thread(_past, reader, name, until)
                # Taken away and wanted again meanwhile, it has another end: that is read anew.
                if self._wanted.get(name) == until:
                    del self._wanted[name]
                    await _add(self._uptimes, name, past)
        except StorageError as error:
            if not self._told:
                log.warning("uptime history not loaded", err=error)
            self._told = True


async def _add(uptimes: Uptimes, name: str, past: Sequence[Interval]) -> None:
    for start in range(0, len(past), 1_000):
        uptimes.add(name, past[start : start + 1_000])
        await asyncio.sleep(0)


def _shifted(sample: Sample, start: float) -> Sample:
    """Return what *sample* says from *start* on, both in Unix seconds."""
    if sample.at >= start:
        return sample
    return Sample(start, sample.up, max(0.0, sample.holds - (start - sample.at)))


def _past(reader: Reader, name: str, now: float) -> list[Interval]:
    """Return the intervals of one target, those that touch and agree made one."""
    found: list[Interval] = []
    for interval in intervals(reader.samples(name, now - WINDOWS["30d"]), now):
        last = found[-1] if found else None
        if last is not None and last.up == interval.up and last.end == interval.start:
            found[-1] = Interval(last.start, interval.end, last.up)
        else:
            found.append(interval)
    return found
