"""A board with a history store behind it, for the tests of storage: real files, a clock that tests move."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import Table, func, select

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.uptime_windows import Uptimes
from genmedia_exporter.storage.backfill import Backfill
from genmedia_exporter.storage.history import HistoryStore
from genmedia_exporter.storage.leases import Fence
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.recorder import CAPACITY, Recorder
from genmedia_exporter.storage.store import Store
from genmedia_exporter.storage.tables import history
from genmedia_exporter.targets.model import Target
from tests.fakes import FakeClock, make_target, settle, verdict, verdict_evidence

RETENTION = 90 * 86_400.0


class Life:
    """One life of an exporter: what it is told of goes through the board into storage."""

    def __init__(
        self,
        place: Place | Path,
        clock: FakeClock | None = None,
        *targets: Target,
        capacity: int = CAPACITY,
        fence: Fence | None = None,
    ) -> None:
        self.place = place if isinstance(place, Place) else Place(place)
        self.clock = clock or FakeClock()
        self.targets = {t.name: t for t in targets or (make_target(),)}
        self.told: list[tuple[bool, int]] = []
        self.recorder = Recorder(
            self.place,
            self.clock,
            RETENTION,
            lambda ok, n: self.told.append((ok, n)),
            capacity,
            on_disabled=lambda *each: self.board.disable(*each),
            fence=fence,
        )
        self.history = HistoryStore(self.place, self.clock, self.recorder)
        self.board = Board(self.clock, listener=self.history.changed)

    async def begin(self) -> None:
        """Start as the app does."""
        self.board.restore(await self.history.open())
        self.history.configure(list(self.targets), RETENTION)
        self.board.configure(self.targets.values(), {})

    def see(
        self,
        reason: Reason = Reason.OK,
        name: str = "a",
        depth: Depth = Depth.REACH,
        usd: float = 0.0,
    ) -> None:
        """Let ten seconds pass and feed one observation, which cost *usd*."""
        self.clock.freeze(10)
        found = verdict_evidence(self.clock, self.targets[name], depth, verdict(reason))
        self.board.observe(found.evidence, found.verdict, usd)

    def state(self, name: str = "a") -> TargetState:
        """Return what the board says."""
        found = self.board.state(name)
        assert found is not None
        return found


def rows_in(store: Store, table: Table = history) -> int:
    """Return how many rows a table has."""
    asked = select(func.count()).select_from(table)
    return store.transact(lambda connection: connection.execute(asked).scalar_one())


async def recalled(backfill: Backfill, uptimes: Uptimes, name: str) -> None:
    """Run *backfill* until something is known of the last day of *name*."""
    running = asyncio.create_task(backfill.run())
    while not uptimes.over(name, 86_400).known:
        await settle()
    await settle()  # the sums of its days come a turn after its records
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@contextlib.asynccontextmanager
async def living(
    place: Place | Path,
    clock: FakeClock | None = None,
    *targets: Target,
    capacity: int = CAPACITY,
    fence: Fence | None = None,
) -> AsyncIterator[Life]:
    """Live from start to an ordered end."""
    life = Life(place, clock, *targets, capacity=capacity, fence=fence)
    await life.begin()
    try:
        yield life
    finally:
        await life.history.close()
