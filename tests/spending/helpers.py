"""A ledger on a real SQLite file, with limits and a clock that tests change."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from genmedia_exporter.config.schema import Budget
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.spending.ledger import Ledger
from genmedia_exporter.spending.limits import Refusal, SpendingLimits, limits_of
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.recorder import Recorder
from genmedia_exporter.targets.model import Cap, Target
from tests.fakes import FakeClock, make_target

DAY = 86_400.0
RETENTION = 90 * DAY


def paid_target(
    name: str = "a",
    usd: float | None = 0.4,
    *,
    every: float = 7_200.0,
    account: str = "main",
    seconds: float | None = None,
    **caps: Cap,
) -> Target:
    """Return a target that is generated at *usd* a request, or a second where a clip has *seconds*."""
    made = make_target(
        name,
        depths=(Depth.REACH, Depth.GENERATE),
        intervals={Depth.REACH: 60.0, Depth.GENERATE: every},
        account=account,
    )
    job = Job.model_validate(
        {"operation": "video", "driver": "async_job", "path": "/videos", "seconds": seconds}
    )
    provider = made.account.provider.model_copy(update={"jobs": (job,)})
    unit = "usd_per_request" if seconds is None else "usd_per_second"
    return replace(
        made,
        account=replace(made.account, provider=provider, budget=caps.get("above", Cap())),
        price=None if usd is None else Price.model_validate({unit: usd}),
        budget=caps.get("own", Cap()),
    )


def limits(daily: float = 1.0, monthly: float = 20.0, *targets: Target) -> SpendingLimits:
    """Return what a configuration with these limits puts into force."""
    budget = Budget(daily_usd=daily, monthly_usd=monthly)
    return limits_of(budget, [t.account for t in targets], targets)


TARGET = paid_target()
JOB = JobRef("job-1", Unix(1_700_000_000.0), poll_url="https://api.example.com/videos/job-1")


@dataclass
class LedgerFixture:
    """A ledger with its recorder, and limits that tests change."""

    path: Path
    clock: FakeClock = field(default_factory=FakeClock)
    limits: SpendingLimits = field(default_factory=limits)

    def __post_init__(self) -> None:
        self.recorder = Recorder(Place(self.path), self.clock, RETENTION)
        self.ledger = Ledger(self.recorder, self.clock, lambda: self.limits)

    async def begin(self) -> None:
        """Open the database and look at it, as the app does."""
        await self.recorder.open()
        await self.ledger.refresh()

    async def end(self) -> None:
        """End in order."""
        await self.ledger.close()
        await self.recorder.close()

    async def crash(self) -> None:
        """Let go of the file without a word more, as a killed process does."""
        await self.recorder._worker.do(self.recorder._close_store)
        self.recorder._worker.shutdown()

    async def given(self, target: Target = TARGET, usd: float | None = None) -> Reservation:
        """Reserve, and expect to be given."""
        found = await self.ledger.reserve(target, usd)
        assert isinstance(found, Reservation), found
        return found

    async def refused(self, target: Target = TARGET, usd: float | None = None) -> Refusal:
        """Reserve, and expect not to be given."""
        found = await self.ledger.reserve(target, usd)
        assert isinstance(found, Refusal), found
        return found

    @property
    def today(self) -> float | None:
        """What the ledger says was spent today, to the cent."""
        spent = self.ledger.spending().spent_today_usd
        return None if spent is None else round(spent, 6)


@contextlib.asynccontextmanager
async def open_ledger(
    path: Path, clock: FakeClock | None = None, **more: SpendingLimits
) -> AsyncIterator[LedgerFixture]:
    """Open a ledger on a file, and end it in order."""
    made = LedgerFixture(path, clock or FakeClock(), **more)
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
