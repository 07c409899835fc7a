"""History: what happened on the board is written, and read back after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.health.response_times import ResponseTimes
from genmedia_exporter.health.state import StateChange
from genmedia_exporter.health.uptime import Sample, sample_of
from genmedia_exporter.health.uptime_windows import Uptimes
from genmedia_exporter.storage.backfill import Backfill
from genmedia_exporter.storage.daily import DailyRollup
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.recorder import Recorder

log = EventLog(__name__)

T = TypeVar("T")


class HistoryStore:
    """Recorder, uptime, response times and backfill together. Used by the event loop only."""

    def __init__(
        self,
        place: Place,
        clock: Clock,
        recorder: Recorder,
        is_ours: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self._place = place
        self._clock = clock
        self._recorder = recorder
        self._names: frozenset[str] = frozenset()
        self._is_ours = is_ours
        self.uptimes = Uptimes(clock.now)
        self.response_times = ResponseTimes(clock.now)
        self._rollup = DailyRollup(recorder.transact, self.uptimes, clock, is_ours)
        self._backfill = Backfill(
            place,
            self.uptimes,
            clock,
            lambda: recorder.ok,
            self.response_times,
            self._rollup.loaded,
        )

    async def open(self) -> Mapping[str, Saved]:
        """Open the database and return the saved states. Raises StorageError like `Recorder.open`."""
        return await self._recorder.open()

    def configure(self, names: Collection[str], retention: float) -> None:
        """Keep records of *names* for *retention* seconds from now on; read those of new ones."""
        new = set(names) - set(self._names)
        self._names = frozenset(names)
        self._recorder.retention = retention
        self._recorder.retain(names)
        self.uptimes.retain(names)
        self.response_times.retain(names)
        self._rollup.retain(names)
        self._backfill.retain(names)
        self._backfill.request(new)
        self._backfill.release(name for name in new if not self._is_ours(name))

    def hand_over(self, lost: frozenset[str], gained: frozenset[str]) -> None:
        """Observe *gained* ourselves from now on; another exporter writes about *lost*."""
        self._backfill.release(lost & self._names)
        self._backfill.claim(gained)

    def add_peer_samples(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        """Count samples that others have written about their targets; those of ours are skipped."""
        self._backfill.add_peer_samples(samples)

    async def flush(self) -> bool:
        """Write all pending records now; return whether none is left."""
        return await self._recorder.flush()

    def discard(self, names: Collection[str]) -> None:
        """Drop pending records of *names*: another exporter owns them now."""
        self._recorder.discard(names)

    def changed(self, change: StateChange) -> None:
        """Record one change on the board."""
        self._recorder.changed(change)
        sample = sample_of(change, self._clock.now(), self._clock.monotonic())
        if sample is not None:
            self.uptimes.note(change.after.target.name, sample)
        self.response_times.changed(change)

    async def run(self) -> None:
        """Read back and write, forever.

        When one of these fails, the others end with it, and the error is raised in a group.
        """
        async with asyncio.TaskGroup() as together:
            together.create_task(self._recorder.run(), name="recorder")
            together.create_task(self._backfill.run(), name="backfill")
            together.create_task(self._rollup.run(), name="daily rollup")

    @property
    def retention(self) -> float:
        """How many seconds records are kept."""
        return self._recorder.retention

    @property
    def shared(self) -> bool:
        """Whether other exporters may write to the same database."""
        return not self._place.is_file

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* on the database, durably and in one transaction. Raises StorageError."""
        return await self._recorder.transact(work)

    async def cut_off(self, seconds: float) -> None:
        """After *seconds*, end all connections to a server: whatever waits for it fails."""
        await self._clock.sleep(seconds)
        if not self._place.is_file:
            log.error("database does not answer, cut off", database=self._place.shown)
            self._place.connections.end()

    async def close(self) -> None:
        """Write what is pending, and close the database."""
        await self._recorder.close()

    def reader(self) -> Reader:
        """Return a reader for short queries. Raises StorageError."""
        return Reader(self._place, hurried=True)
