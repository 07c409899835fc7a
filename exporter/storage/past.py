"""Puts the uptime of the last thirty days back at start, in the background and target by target."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from exporter.clock import Clock
from exporter.storage.place import Place
from exporter.storage.reader import Reader
from exporter.storage.tables import StorageError
from exporter.uptime import WINDOWS, Interval, intervals
from exporter.uptime_rings import Uptimes

log = logging.getLogger(__name__)


async def recall(place: Place, uptimes: Uptimes, names: Iterable[str], clock: Clock) -> None:
    """Read what storage knows of *names* until now. Without it, uptime begins anew."""
    now = clock.now()
    try:
        reader = Reader(place)
        for name in names:
            past = await asyncio.to_thread(_past, reader, name, now)
            for start in range(0, len(past), 1_000):
                uptimes.add(name, past[start : start + 1_000])
                await asyncio.sleep(0)
    except StorageError as error:
        log.warning("uptime begins anew: %s", error)


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
