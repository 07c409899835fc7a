"""How many probes run at once: of an account, and of all together. The limits outlive a reload."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from anyio import CapacityLimiter

from genmedia_exporter.targets.model import Account

DEFAULT_IN_FLIGHT = 64
"""Free probes in flight at once, of all accounts."""


class ConcurrencyLimiter:
    """Counts what is in flight; a new configuration changes the numbers, never the counts.

    A free probe holds a slot of its account and one of the whole from its first request to its
    last. A generation runs for minutes, so it is counted apart: it holds one of the account's job
    slots while it lives, and a request slot of the account only while a request is under way.
    """

    def __init__(self, in_flight: int = DEFAULT_IN_FLIGHT) -> None:
        self._whole = CapacityLimiter(in_flight)
        self._requests: dict[str, CapacityLimiter] = {}
        self._jobs: dict[str, CapacityLimiter] = {}

    def configure(self, accounts: Iterable[Account], in_flight: int | None = None) -> None:
        """Take the limits of *accounts* and of the whole for what starts from now on."""
        if in_flight is not None:
            self._whole.total_tokens = in_flight
        for name, limit in _concurrency(accounts).items():
            for limiters in (self._requests, self._jobs):
                if name in limiters:
                    limiters[name].total_tokens = limit
                else:
                    limiters[name] = CapacityLimiter(limit)

    @asynccontextmanager
    async def probe(self, account: str) -> AsyncIterator[None]:
        """Hold the slots of a free probe; waits for them, the account's first."""
        async with self._requests[account], self._whole:
            yield

    @asynccontextmanager
    async def job(self, account: str) -> AsyncIterator[None]:
        """Hold one of the account's job slots: for a generation, from its create to its end."""
        async with self._jobs[account]:
            yield

    @asynccontextmanager
    async def request(self, account: str) -> AsyncIterator[None]:
        """Hold one of the account's request slots: for one request of a generation."""
        async with self._requests[account]:
            yield


def _concurrency(accounts: Iterable[Account]) -> Mapping[str, int]:
    return {account.name: account.concurrency for account in accounts}
