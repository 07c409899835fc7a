"""What follows when targets come to us or go to other exporters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.sharding.coordinator import Share
from genmedia_exporter.sharding.membership import Alone, Rhythm, Sharing
from genmedia_exporter.storage.history import Memory
from genmedia_exporter.storage.peers import News
from genmedia_exporter.storage.place import Place


class HandOver:
    """Tells board, memory and plan who watches what; the Crew of a Share.

    *plan* puts the targets that are ours into the schedule; *busy* says whether something of a
    target is under way.
    """

    def __init__(
        self,
        board: Board,
        memory: Memory,
        plan: Callable[[], None],
        busy: Callable[[str], bool],
    ) -> None:
        self._board = board
        self._memory = memory
        self._plan = plan
        self.busy = busy

    def changed(self, owned: frozenset[str], saved: Mapping[str, Saved]) -> None:
        """Watch only *owned* from now on; what comes to us begins as it was *saved*."""
        self._memory.share(owned)
        self._board.share(owned, saved)
        self._plan()

    def heard(self, news: News) -> None:
        """Show what others have written about their targets."""
        self._board.follow(news.owners, news.saved)
        self._memory.hear(news.samples)

    async def flush(self) -> bool:
        """Write all that is noted; return whether nothing is left unwritten."""
        return await self._memory.flush()

    def forget(self, names: Collection[str]) -> None:
        """Drop what is noted of *names* and not written."""
        self._memory.forget(names)

    def sharing(self, place: Place, clock: Clock, rhythm: Rhythm | None) -> Sharing:
        """Return who says what is ours: on a server we may share, a file is ours alone."""
        if place.is_file:
            return Alone()
        share = Share(place, clock, self, rhythm)
        self._memory.guard(share.fence)
        self._memory.share(share.owned)
        self._board.share(share.owned)
        return share
