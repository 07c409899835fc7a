"""What the exporter remembers: the recorder, the uptimes, and the way back into both at start."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from exporter.clock import Clock
from exporter.saved import Saved
from exporter.state import Attempt, TargetState
from exporter.status import Depth
from exporter.storage.past import recall
from exporter.storage.place import Place
from exporter.storage.reader import Reader
from exporter.storage.recorder import Recorder
from exporter.storage.rows import Note
from exporter.uptime_rings import Uptimes


class Memory:
    """Listens to the board. Its methods belong to the event loop's thread."""

    def __init__(self, place: Place, clock: Clock, recorder: Recorder) -> None:
        self._place = place
        self._clock = clock
        self._recorder = recorder
        self._names: Collection[str] = ()
        self.uptimes = Uptimes(clock.now)

    async def open(self) -> Mapping[str, Saved]:
        """Return what outlived the last end. Raises StorageError where going on makes no sense."""
        return await self._recorder.open()

    def configure(self, names: Collection[str], retention: float) -> None:
        """Remember *names* from now on, for *retention* seconds."""
        self._names = names
        self._recorder.retention = retention
        self._recorder.retain(names)
        self.uptimes.retain(names)

    def noted(
        self, before: TargetState, after: TargetState, seen: tuple[Depth, Attempt] | None
    ) -> None:
        """Take in one change on the board."""
        note = Note(before, after, seen)
        self._recorder.note(note)
        sample = note.sample(self._clock.now(), self._clock.monotonic())
        if sample is not None:
            self.uptimes.note(after.target.name, sample)

    async def run(self) -> None:
        """Put the past back and write the present, for ever."""
        names = tuple(self._names) if self._recorder.ok else ()
        past = recall(self._place, self.uptimes, names, self._clock)
        await asyncio.gather(self._recorder.run(), past)

    async def close(self) -> None:
        """Write what is left."""
        await self._recorder.close()

    def reader(self) -> Reader:
        """Return somebody who answers questions about the past. Raises StorageError."""
        return Reader(self._place)
