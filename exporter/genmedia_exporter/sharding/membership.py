"""What sharing targets means to the rest of the exporter, and how it is when nobody shares with us."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.storage.leases import LEASE, Permit
from genmedia_exporter.storage.peers import News


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often things happen, in seconds."""

    lease: float = LEASE
    beat: float = 10.0  # renewing
    hungry: float = 2.0  # when we should have more targets, or the server was away
    follow: float = 5.0  # reading what the others have written


class Crew(Protocol):
    """Whoever does what follows from a change."""

    def changed(self, owned: frozenset[str], saved: Mapping[str, Saved]) -> None:
        """Watch only *owned* from now on; what comes to us begins as it was *saved*."""
        ...

    def heard(self, news: News) -> None:
        """Show what others have written."""
        ...

    def busy(self, name: str) -> bool:
        """Whether something of a target is under way that had better end here."""
        ...

    async def flush(self) -> bool:
        """Write all that is noted; return whether nothing is left unwritten."""
        ...

    def forget(self, names: Collection[str]) -> None:
        """Drop what is noted of *names* and not written."""
        ...


class Sharing(Protocol):
    """What the rest asks: which targets are ours."""

    @property
    def owned(self) -> frozenset[str]:
        """The targets that we watch."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it is settled for the first time what is ours."""
        ...

    @property
    def doubtful(self) -> bool:
        """Whether we have slept over our leases, so that others may have taken what was ours."""
        ...

    def owns(self, name: str) -> bool:
        """Whether a free probe of a target may start at this moment."""
        ...

    def holds(self, name: str) -> bool:
        """Whether a paid one may: nobody else can have the target at this moment."""
        ...

    @property
    def still_mine(self) -> Permit:
        """Asks within a transaction whether it is so, and makes it stay so until its end."""
        ...

    def owner_of(self, name: str) -> str:
        """Return who watches a target that is not ours, in words."""
        ...

    def configure(self, names: Collection[str]) -> None:
        """Let *names* be what is to be watched, by whomever."""
        ...

    async def run(self) -> None:
        """Keep what is ours, for ever."""
        ...

    async def close(self) -> None:
        """Give everything back. Call it when everything is written."""
        ...


class Alone:
    """Nobody shares with us: everything is ours."""

    ready = True
    doubtful = False

    def __init__(self) -> None:
        self.owned: frozenset[str] = frozenset()
        self.still_mine: Permit = lambda _connection, name: self.owns(name)

    def owns(self, name: str) -> bool:
        """Whether it is watched at all."""
        return name in self.owned

    def holds(self, _name: str) -> bool:
        """Return True: what is watched no more has no other owner who would see it through."""
        return True

    def owner_of(self, _name: str) -> str:
        """Return who it is not: there is nobody else."""
        return "nobody"

    def configure(self, names: Collection[str]) -> None:
        """Take all of *names*."""
        self.owned = frozenset(names)

    async def run(self) -> None:
        """Do nothing, for ever."""
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        """Do nothing."""
