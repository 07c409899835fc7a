"""What the scheduler needs of others: somebody who probes, who counts, and who books an accident."""

from __future__ import annotations

from typing import Protocol

from genmedia_exporter.core.evidence import Hints, Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.targets.model import Target


class Probes(Protocol):
    """Whoever makes probes."""

    async def probe(self, target: Target, depth: Depth, hints: Hints) -> Observation:
        """Probe *target* once at *depth* within its timeout; never raises but for cancellation."""
        ...


class Meter(Protocol):
    """Whoever counts what the scheduler does."""

    def observe_lag(self, seconds: float) -> None:
        """Note how late a probe started."""
        ...

    def set_in_flight(self, count: int) -> None:
        """Note how many probes are running."""
        ...


class Accidents(Protocol):
    """Whoever keeps the ledger: see Purse."""

    async def accident(self, target: Target, usd: float) -> None:
        """Book *usd* US dollars that a free probe has cost. Noted before anything is awaited."""
        ...


class NoBooks:
    """Books nothing: for whoever has no ledger."""

    async def accident(self, target: Target, usd: float) -> None:
        """Do nothing."""
