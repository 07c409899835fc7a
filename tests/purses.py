"""A purse on a real SQLite file, with limits and a clock that tests change."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.spending.ledger import Purse
from genmedia_exporter.spending.limits import Limits, Refusal
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.recorder import Recorder
from genmedia_exporter.targets.model import Target
from tests.fakes import FakeClock
from tests.test_budget import limits, paid_target

DAY = 86_400.0
RETENTION = 90 * DAY
TARGET = paid_target()
JOB = JobRef("job-1", 1_700_000_000.0, poll_url="https://api.example.com/videos/job-1")


@dataclass
class Wallet:
    """A purse with its recorder, and limits that tests change."""

    path: Path
    clock: FakeClock = field(default_factory=FakeClock)
    limits: Limits = field(default_factory=limits)

    def __post_init__(self) -> None:
        self.recorder = Recorder(Place(self.path), self.clock, RETENTION)
        self.purse = Purse(self.recorder, self.clock, lambda: self.limits)

    async def begin(self) -> None:
        """Open the database and look at it, as the app does."""
        await self.recorder.open()
        await self.purse.refresh()

    async def end(self) -> None:
        """End in order."""
        await self.purse.close()
        await self.recorder.close()

    async def crash(self) -> None:
        """Let go of the file without a word more, as a killed process does."""
        await self.recorder._in_thread(self.recorder._let_go)
        self.recorder._thread.shutdown()

    async def given(self, target: Target = TARGET, usd: float | None = None) -> Reservation:
        """Reserve, and expect to be given."""
        found = await self.purse.reserve(target, usd)
        assert isinstance(found, Reservation), found
        return found

    async def refused(self, target: Target = TARGET, usd: float | None = None) -> Refusal:
        """Reserve, and expect not to be given."""
        found = await self.purse.reserve(target, usd)
        assert isinstance(found, Refusal), found
        return found

    @property
    def today(self) -> float | None:
        """What the purse says was spent today, to the cent."""
        spent = self.purse.spending().spent_today_usd
        return None if spent is None else round(spent, 6)


@contextlib.asynccontextmanager
async def wallet(
    path: Path, clock: FakeClock | None = None, **more: Limits
) -> AsyncIterator[Wallet]:
    """Open a purse on a file, and end it in order."""
    made = Wallet(path, clock or FakeClock(), **more)
    await made.begin()
    try:
        yield made
    finally:
        await made.end()


def rows(path: Path, table: str = "ledger") -> list[tuple[object, ...]]:
    """Return a table as another program reads it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.execute(f"SELECT * FROM {table} ORDER BY 1"))  # noqa: S608


def move(path: Path, suffix: str) -> Path:
    """Rename a file."""
    return path.rename(path.with_suffix(suffix))


def delete(path: Path) -> None:
    """Delete a database under its exporter, which holds the lock."""
    for file in path.parent.glob(f"{path.name}*"):
        if file.suffix != ".lock":
            file.unlink()
