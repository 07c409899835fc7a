"""Writes changes of the board in a thread; without a database it queues them and retries."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from genmedia_exporter.core.clock import PAST, Clock, pause
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.health.state import StateChange, TargetState
from genmedia_exporter.health.uptime import sample_of
from genmedia_exporter.storage.disabled_depths import DisabledDepth
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.leases import Fence
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.rows import Row, history_row, state_row, transition_row
from genmedia_exporter.storage.store import Batch, Store, open_store
from genmedia_exporter.storage.tables import TROUBLE, one_line
from genmedia_exporter.storage.worker import Worker

log = EventLog(__name__)

T = TypeVar("T")

FLUSH_SECONDS: Final = 1.0
FLUSH_RECORDS: Final = 500
CAPACITY: Final = 50_000
"""Probes, and as many transitions, queued while nothing can be written; the oldest are dropped."""
BATCH_RECORDS: Final = 5_000
"""Records in one transaction at most, after an outage of the database."""
RETRY_SECONDS: Final = (1.0, 2.0, 5.0, 15.0)
PRUNE_SECONDS: Final = 3_600.0


OnDisabled = Callable[[str, Depth, Reason], None]
"""Told of each depth that another process has disabled on a target of ours."""


class Recorder:
    """Queue and writer. Used by the event loop only; the database is used in a thread of its own.

    *on_state* is called with whether storage works, and how many records have been dropped. *fence*
    says, in the thread of the database, about which targets we may write: None, about all.
    """

    def __init__(
        self,
        place: Place,
        clock: Clock,
        retention: float,
        on_state: Callable[[bool, int], None] = lambda _ok, _dropped: None,
        capacity: int = CAPACITY,
        on_disabled: OnDisabled = lambda *_: None,
        fence: Fence | None = None,
    ) -> None:
        self._place = place
        self._clock = clock
        self.retention = retention  # seconds
        self._on_state = on_state
        self._fence = fence
        self._on_disabled = on_disabled
        self._capacity = capacity
        self._store: Store | None = None
        self._worker = Worker(self._late)
        self._states: dict[str, TargetState] = {}
        self._dirty: set[str] = set()
        self._transitions: deque[Row] = deque()
        self._history: deque[Row] = deque()
        self._closed = False
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._failures = 0  # in a row
        self._to_bound: list[str] = []
        self._prune_at = PAST
        self.dropped = 0

    @property
    def ok(self) -> bool:
        """Whether the last write succeeded, and none has been under way for long."""
        return self._failures == 0 and not self._worker.late

    async def open(self) -> Mapping[str, Saved]:
        """Open the database and return what it knows. With a broken one, go on without.

        Raises StorageError when the database is another process' or a newer exporter's: nothing
        to wait for.
        """
        try:
            return await self._worker.do(self._open)
        except StorageError:
            self._worker.shutdown(wait=False)
            raise
        except (SQLAlchemyError, OSError) as error:
            self._failed(error)
            return {}

    def _open(self) -> Mapping[str, Saved]:
        self._store = open_store(self._place)
        return self._store.saved()

    def changed(self, change: StateChange) -> None:
        """Queue the records of one change. Costs a few microseconds and never fails."""
        name = change.after.target.name
        self._states[name] = change.after
        self._dirty.add(name)
        sample = sample_of(change, self._clock.now(), self._clock.monotonic())
        if sample is None:
            return
        if change.probe is not None:
            self._append(self._history, history_row(change, sample, *change.probe))
        if change.probe is None or change.transition is not None:
            self._append(self._transitions, transition_row(change, sample))
        if len(self._history) >= FLUSH_RECORDS:
            self._wake.set()

    def _append(self, rows: deque[Row], row: Row) -> None:
        rows.append(row)
        if len(rows) > self._capacity:
            rows.popleft()
            self.dropped += 1

    def retain(self, names: Collection[str]) -> None:
        """Drop the states of all targets but *names*; their records stay."""
        for name in self._states.keys() - set(names):
            del self._states[name]
            self._dirty.discard(name)

    def discard(self, names: Collection[str]) -> None:
        """Drop pending records of *names*: another exporter owns them now."""
        discarded = set(names)
        for name in discarded & self._states.keys():
            del self._states[name]
        self._dirty -= discarded
        for rows in (self._transitions, self._history):
            kept = [row for row in rows if row["target"] not in discarded]
            rows.clear()
            rows.extend(kept)

    async def run(self) -> None:
        """Write every second, or as soon as many records are queued; forever."""
        while True:
            await self._pause(RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS)) - 1])
            # Shielded: a batch taken from the queue is written, or put back.
            await asyncio.shield(asyncio.ensure_future(self.flush()))
            if self.ok:
                await self._prune()

    async def _pause(self, retry: float) -> None:
        if self.ok:
            await pause(self._clock, FLUSH_SECONDS, self._wake)
        else:  # a long queue is no reason to retry sooner
            await self._clock.sleep(retry)
        self._wake.clear()

    async def flush(self) -> bool:
        """Write all pending records; return whether none is left."""
        async with self._writing:
            while self._dirty or self._transitions or self._history or not self.ok:
                batch, names = self._take()
                if not await self._write(batch):
                    self._put_back(batch, names)
                    return False
        return True

    def _take(self) -> tuple[Batch, set[str]]:
        names, self._dirty = self._dirty, set()
        states = [state_row(self._states[name]) for name in names if name in self._states]
        batch = Batch(states, _first(self._transitions), _first(self._history))
        return batch, names

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* in the storage thread, in one transaction that outlives a power cut.

        Raises StorageError when that cannot be done now; it is not tried again.
        """
        if self._closed:
            raise StorageError("storage is closed")
        try:
            return await self._worker.do(lambda: self._transact_now(work))
        except TROUBLE as error:
            if self.ok:  # otherwise a retry is on its way
                self._dirty |= self._states.keys()
                await self._worker.do(self._close_store)
                self._failed(error)
            raise StorageError(one_line(error)) from error

    def _transact_now(self, work: Callable[[Connection], T]) -> T:
        if self._store is None:
            raise StorageError("storage is not available")
        return self._store.transact(work)

    def _put_back(self, batch: Batch, names: set[str]) -> None:
        self._dirty |= names & self._states.keys()
        for rows, older in (
            (self._transitions, batch.transitions),
            (self._history, batch.history),
        ):
            room = max(0, self._capacity - len(rows))
            kept = older[-room:] if room else []
            self.dropped += len(older) - len(kept)
            rows.extendleft(reversed(kept))
        self._on_state(self.ok, self.dropped)

    async def _write(self, batch: Batch) -> bool:
        fresh = self._store is None
        try:
            disabled = await self._worker.do(lambda: self._write_now(batch))
        except TROUBLE as error:
            await self._worker.do(self._close_store)
            self._failed(error)
            return False
        if fresh:  # it may be another file than before
            self._dirty |= self._states.keys() - {row["name"] for row in batch.states}
        self._succeeded()
        for each in disabled:
            self._on_disabled(*each)
        return True

    def _write_now(self, batch: Batch) -> Sequence[DisabledDepth]:
        if self._store is None:
            self._store = open_store(self._place)
        return self._store.write(batch, self._fence)

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _failed(self, error: Exception) -> None:
        if self.ok:
            log.error(
                "storage failed, history is kept in memory",
                database=self._place.shown,
                err=one_line(error),
            )
        self._failures += 1
        self._on_state(False, self.dropped)

    def _succeeded(self) -> None:
        if not self.ok:
            log.info("storage recovered", database=self._place.shown, dropped=self.dropped)
        self._failures = 0
        self._on_state(True, self.dropped)

    def _late(self) -> None:
        if self._worker.late:
            log.error("storage does not respond", database=self._place.shown)
        else:
            log.info("storage responds again", database=self._place.shown)
        self._on_state(self.ok, self.dropped)

    async def _prune(self) -> None:
        """Delete some records that are too old or too many; in small steps, so that writes do not wait."""
        if self._clock.monotonic() < self._prune_at:
            return
        try:
            if await self._worker.do(self._prune_now):
                return
        except TROUBLE as error:
            log.warning("old records not deleted", err=one_line(error))
        self._prune_at = self._clock.monotonic() + PRUNE_SECONDS
        self._to_bound = list(self._states)

    def _prune_now(self) -> bool:
        """Do one step; return whether there is more to do."""
        store = self._store
        if store is None:
            return False
        if store.prune(self._clock.now() - self.retention):
            return True
        if self._to_bound and not store.bound(self._to_bound[-1]):
            self._to_bound.pop()
        return bool(self._to_bound)

    async def close(self) -> None:
        """Write what is pending, once, and close the database."""
        if not await self.flush():
            log.error(
                "history not written at the end",
                database=self._place.shown,
                probes=len(self._history),
                transitions=len(self._transitions),
                targets=len(self._dirty),
            )
        self._closed = True
        await self._worker.do(self._close_store)
        self._worker.shutdown()


def _first(rows: deque[Row]) -> list[Row]:
    return [rows.popleft() for _ in range(min(len(rows), BATCH_RECORDS))]
