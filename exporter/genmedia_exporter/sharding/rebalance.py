"""Applies a rebalance: tells board, history and schedule which targets are ours now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.sharding.coordinator import LeaseCoordinator
from genmedia_exporter.sharding.membership import LeaseTimings, Ownership, SingleOwner
from genmedia_exporter.storage.history import HistoryStore
from genmedia_exporter.storage.peers import PeerUpdates
from genmedia_exporter.storage.place import Place


class Rebalancer:
    """The RebalanceListener of a LeaseCoordinator.

    *plan* puts the targets that are ours into the schedule; *busy* says whether a probe of a target
    is running.
    """

    def __init__(
        self,
        board: Board,
        history: HistoryStore,
        plan: Callable[[], None],
        busy: Callable[[str], bool],
    ) -> None:
        self._board = board
        self._history = history
        self._plan = plan
        self.busy = busy

    def reassigned(
        self, before: frozenset[str], owned: frozenset[str], saved: Mapping[str, Saved]
    ) -> None:
        """Probe only *owned* from now on, no longer *before*; new ones start as they were *saved*."""
        self._history.hand_over(before - owned, owned - before)
        self._board.hand_over(before ^ owned, saved)
        self._plan()

    def peers_updated(self, updates: PeerUpdates) -> None:
        """Show what the other exporters have written about their targets."""
        self._board.update_peers(updates.owners, updates.saved)
        self._history.add_peer_samples(updates.samples)

    async def flush(self) -> bool:
        """Write all pending records; return whether none is left."""
        return await self._history.flush()

    def discard(self, names: Collection[str]) -> None:
        """Drop pending records of *names*."""
        self._history.discard(names)

    def ownership(self, place: Place, clock: Clock, timings: LeaseTimings | None) -> Ownership:
        """Return who owns the targets: a server may be shared, a file has one exporter."""
        if place.is_file:
            return SingleOwner()
        return LeaseCoordinator(place, clock, self, timings)
