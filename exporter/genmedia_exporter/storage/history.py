"""What the exporter remembers: the recorder, the uptimes, and the way back into both at start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.health.state import StateChange
from genmedia_exporter.health.uptime import Sample, sample_of
from genmedia_exporter.health.uptime_windows import Uptimes
from genmedia_exporter.storage.backfill import Past
from genmedia_exporter.storage.leases import Fence
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.recorder import Recorder

T = TypeVar("T")


class Memory:
    """Listens to the board. Its methods belong to the event loop's thread."""

    def __init__(self, place: Place, clock: Clock, recorder: Recorder) -> None:
        self._place = place
        self._clock = clock
        self._recorder = recorder
        self._names: frozenset[str] = frozenset()
        self._ours: frozenset[str] | None = None  # None: all
        self.uptimes = Uptimes(clock.now)
        self._past = Past(place, self.uptimes, clock, lambda: recorder.ok)

    async def open(self) -> Mapping[str, Saved]:
        """Return what outlived the last end. Raises StorageError where going on makes no sense."""
        return await self._recorder.open()

    def configure(self, names: Collection[str], retention: float) -> None:
        """Remember *names* from now on, for *retention* seconds; what was of new ones, too."""
        new = set(names) - set(self._names)
        self._names = frozenset(names)
        self._recorder.retention = retention
        self._recorder.retain(names)
        self.uptimes.retain(names)
        self._past.retain(names)
        self._past.want(new)
        if self._ours is not None:
            self._past.give(new - self._ours)

    def share(self, ours: frozenset[str]) -> None:
        """Count for ourselves only what is of *ours* from now on; others tell of the rest."""
        before = self._names if self._ours is None else self._ours & self._names
        self._ours = ours
        self._past.give(before - ours)
        self._past.take(ours - before)

    def hear(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        """Take in what others have written of their targets; what is said of ours is left out."""
        self._past.hear(samples)

    def guard(self, fence: Fence) -> None:
        """Write from now on only what *fence* lets through."""
        self._recorder.fence = fence

    def hear_of_stops(self, heard: Callable[[str, Depth, Reason], None]) -> None:
        """Tell *heard* of each stop that somebody else has written of a target we write about."""
        self._recorder.heard = heard

    async def flush(self) -> bool:
        """Write all that is noted now; return whether nothing is left unwritten."""
        return await self._recorder.flush()

    def forget(self, names: Collection[str]) -> None:
        """Drop what is noted of *names* and not written: others have watched them since."""
        self._recorder.forget(names)

    def changed(self, change: StateChange) -> None:
        """Record one change on the board."""
        self._recorder.changed(change)
        sample = sample_of(change, self._clock.now(), self._clock.monotonic())
        if sample is not None:
            self.uptimes.note(change.after.target.name, sample)

    async def run(self) -> None:
        """Put the past back and write the present, for ever."""
        await asyncio.gather(self._recorder.run(), self._past.run())

    @property
    def retention(self) -> float:
        """How many seconds records are kept."""
        return self._recorder.retention

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* on the database, durably and in one transaction. Raises StorageError."""
        return await self._recorder.transact(work)

    async def close(self) -> None:
        """Write what is left."""
        await self._recorder.close()

    def reader(self) -> Reader:
        """Return somebody who answers short questions about the past. Raises StorageError."""
        return Reader(self._place, hurried=True)
