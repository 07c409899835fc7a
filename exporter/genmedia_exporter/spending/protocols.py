"""What paid generations need of others: somebody who makes them, and somebody who keeps the money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Hints, JobRef, Observation
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.spending.bucket import Booking
from genmedia_exporter.spending.limits import Refusal, Spending
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.spending.transactions import KeptJob
from genmedia_exporter.targets.model import Target


class GenerationMaker(Protocol):
    """Whoever makes generations."""

    async def generate(self, target: Target, run: Run, hints: Hints) -> Observation:
        """Create, poll, look at the asset, clean up; nothing but cancellation is raised."""
        ...


class LedgerAccess(Protocol):
    """Whoever keeps the ledger: see Ledger."""

    async def reserve(self, target: Target, usd: float | None = None) -> Reservation | Refusal:
        """Put money aside before a create leaves, or say why not."""
        ...

    async def keep(self, reservation: Reservation, target: Target, job: JobRef) -> None:
        """Remember an accepted job, so that another process can ask after it."""
        ...

    async def finish(self, reservation: Reservation, usd: float) -> None:
        """Book what it has cost and forget the job."""
        ...

    async def kept(self) -> Sequence[KeptJob]:
        """Return the jobs that were accepted and not finished. Raises StorageError."""
        ...

    async def newest(self) -> Mapping[str, Unix]:
        """Return when each target was last paid for, in Unix seconds. Raises StorageError."""
        ...

    async def bookings_since(self, seconds: float) -> Sequence[Booking]:
        """Return what the last *seconds* have cost. Raises StorageError."""
        ...

    def spending(self) -> Spending:
        """Return limits and sums of this day and month."""
        ...
