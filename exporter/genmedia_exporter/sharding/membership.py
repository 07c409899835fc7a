"""Who owns a target: the protocols of sharing, and the answer when nobody shares with us."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.storage.leases import LEASE, Fence, Permit
from genmedia_exporter.storage.peers import PeerUpdates


@dataclass(frozen=True, slots=True)
class LeaseTimings:
    """Length of a lease and the intervals of the loops, in seconds."""

    lease: float = LEASE
    renew_every: float = 10.0
    rebalance_every: float = (
        2.0  # while we own more or fewer targets than our quota, or are offline
    )
    poll_every: float = 5.0  # reading what the other exporters have written


class RebalanceListener(Protocol):
    """Called when targets are assigned to this exporter or taken from it."""

    def reassigned(
        self, before: frozenset[str], owned: frozenset[str], saved: Mapping[str, Saved]
    ) -> None:
        """Probe only *owned* from now on, no longer *before*; new ones start as they were *saved*."""
        ...

    def peers_updated(self, updates: PeerUpdates) -> None:
        """Show what the other exporters have written."""
        ...

    def busy(self, name: str) -> bool:
        """Whether a probe of a target is running that should end here."""
        ...

    async def flush(self) -> bool:
        """Write all pending records; return whether none is left."""
        ...

    def discard(self, names: Collection[str]) -> None:
        """Drop pending records of *names*."""
        ...


class Ownership(Protocol):
    """Answers which targets this exporter owns."""

    @property
    def owned(self) -> frozenset[str]:
        """The targets that we probe."""
        ...

    @property
    def ready(self) -> bool:
        """Whether the first assignment is done."""
        ...

    @property
    def lease_lapsed(self) -> bool:
        """Whether our leases ran out while we slept, so that others may own our targets now."""
        ...

    def owns(self, name: str) -> bool:
        """Whether a free probe of a target may start now."""
        ...

    def holds_lease(self, name: str) -> bool:
        """Whether a paid probe may start now: no other exporter can own the target."""
        ...

    @property
    def permit(self) -> Permit:
        """Checks the lease inside a transaction, and keeps it valid until the transaction ends."""
        ...

    @property
    def fence(self) -> Fence:
        """Says inside a transaction about which targets we may write, and keeps it so until its end."""
        ...

    def owner_of(self, name: str) -> str:
        """Return who probes a target that is not ours, in words."""
        ...

    def configure(self, names: Collection[str]) -> None:
        """Share *names* with the other exporters from now on."""
        ...

    async def run(self) -> None:
        """Keep our targets, forever."""
        ...

    async def close(self) -> None:
        """Release all targets. Call it after everything is written."""
        ...


class SingleOwner:
    """No other exporter shares the database: every target is ours."""

    ready = True
    lease_lapsed = False

    def __init__(self) -> None:
        self.owned: frozenset[str] = frozenset()
        self.permit: Permit = lambda _connection, name: self.owns(name)
        self.fence: Fence = lambda _connection, names: names

    def owns(self, name: str) -> bool:
        """Whether the target is configured."""
        return name in self.owned

    def holds_lease(self, _name: str) -> bool:
        """Return True: a job of a removed target has no other owner who would finish it."""
        return True

    def owner_of(self, _name: str) -> str:
        """Return that there is no other owner."""
        return "nobody"

    def configure(self, names: Collection[str]) -> None:
        """Own all of *names*."""
        self.owned = frozenset(names)

    async def run(self) -> None:
        """Do nothing, forever."""
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        """Do nothing."""
