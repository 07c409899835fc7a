"""How many probes run at once: of an account, and of all together. The limits outlive a reload."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from anyio import CapacityLimiter

from genmedia_exporter.targets.model import Account

DEFAULT_IN_FLIGHT = 64
"""Free probes in flight at once, of all accounts."""


class ConcurrencyLimiter:
    """Counts what is in flight; a new configuration changes the numbers, never the counts.

    A free probe holds a slot of its account and one of the whole from its first request to its
    last. Jobs run for minutes and are counted apart, against the same number: spending/runner.py.
    """

    def __init__(self, in_flight: int = DEFAULT_IN_FLIGHT) -> None:
        self._whole = CapacityLimiter(in_flight)
        self._accounts: dict[str, CapacityLimiter] = {}

    def configure(self, accounts: Iterable[Account], in_flight: int | None = None) -> None:
        """Take the limits of *accounts* and of the whole for what starts from now on."""
        if in_flight is not None:
            self._whole.total_tokens = in_flight
        limits = {account.name: account.concurrency for account in accounts}
        for name, limit in limits.items():
            if name in self._accounts:
                self._accounts[name].total_tokens = limit
            else:
                self._accounts[name] = CapacityLimiter(limit)

    @asynccontextmanager
    async def probe(self, account: str) -> AsyncIterator[None]:
        """Hold the slots of a free probe; waits for them, the account's first."""
        async with self._accounts[account], self._whole:
            yield
