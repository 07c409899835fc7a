"""Leases on targets, when several exporters share them on one database server."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from genmedia_exporter.core.clock import Clock, Monotonic, Unix, pause, within
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.sharding.membership import LeaseTimings, RebalanceListener
from genmedia_exporter.storage.leases import Claims, Renewal, fence_of, permit_of
from genmedia_exporter.storage.peers import Peers
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.tables import TROUBLE, one_line

log = EventLog(__name__)

T = TypeVar("T")

RELEASE_SECONDS: Final = 5.0
"""How long releasing everything may take at shutdown; after that the leases run out."""


class LeaseCoordinator:
    """Renews our leases, claims free targets and releases surplus ones. Used by the event loop only.

    The database is asked in a thread of its own. A lease counts from before the renewal was sent, by
    the clock that says more has passed: a process that was paused or disconnected sees its lease end
    before the server lets another exporter have the target.
    """

    def __init__(
        self,
        place: Place,
        clock: Clock,
        listener: RebalanceListener,
        timings: LeaseTimings | None = None,
        name: str = "",
    ) -> None:
        self.id = name or own_name(clock)
        self.fence = fence_of(self.id)
        self.permit = permit_of(self.id)
        self._place = place
        self._clock = clock
        self._listener = listener
        self._timings = timings or LeaseTimings()
        self._claims = Claims(place, self.id, self._timings.lease)
        self._peers = Peers(self.id)
        self._thread = ThreadPoolExecutor(1, "leases")
        self._names: frozenset[str] = frozenset()
        self._flush_first = False  # targets of ours were removed from the configuration
        self._owners: Mapping[str, str] = {}
        self._quota = 0
        self._renewed_at: tuple[Monotonic, Unix] | None = None
        self._spare_until: Monotonic | None = None
        self._offline = False
        self._writing: asyncio.Future[bool] | None = None
        self._wake = asyncio.Event()
        self.owned: frozenset[str] = frozenset()
        self.ready = False

    # --- questions

    def _leased(self) -> bool:
        if self._renewed_at is None:
            return False
        tick, now = self._renewed_at
        # The monotonic clock may stand still while a machine sleeps, the wall clock may step.
        passed = max(self._clock.monotonic() - tick, self._clock.now() - now)
        return passed < self._timings.lease

    @property
    def lease_lapsed(self) -> bool:
        """Whether our leases ran out while we slept; not when it is the server that is away."""
        return self._renewed_at is not None and not self._offline and not self._leased()

    def owns(self, name: str) -> bool:
        """Whether a free probe may start: during the lease, or while the server is unreachable."""
        return name in self.owned and (self._offline or self._leased())

    def holds_lease(self, name: str) -> bool:
        """Whether a paid probe may start: during the lease only."""
        return name in self.owned and self._leased()

    def owner_of(self, name: str) -> str:
        """Return who probes a target that is not ours, as far as that is known."""
        owner = self._owners.get(name)
        return f"the exporter {owner}" if owner else "no exporter yet"

    def configure(self, names: Collection[str]) -> None:
        """Share *names* with the other exporters; targets of ours that are not among them are released."""
        self._names = frozenset(names)
        self._flush_first |= not self.owned <= self._names
        self.owned &= self._names
        self._wake.set()

    # --- renewing, claiming, releasing

    async def run(self) -> None:
        """Keep our targets and read what the other exporters write, forever.

        When one of the two fails, the other ends with it, and the error is raised in a group.
        """
        async with asyncio.TaskGroup() as together:
            together.create_task(self._keep_leases(), name="keep leases")
            together.create_task(self._poll_peers(), name="poll peers")

    async def _keep_leases(self) -> None:
        while True:
            self._wake.clear()
            await self.renew()
            await self._pause()

    async def _pause(self) -> None:
        balanced = not self._offline and len(self.owned) == self._quota
        seconds = self._timings.renew_every if balanced else self._timings.rebalance_every
        await pause(self._clock, seconds, self._wake)

    async def renew(self) -> None:
        """Renew our leases, claim free targets up to our quota, release what exceeds it."""
        if self._flush_first:
            self._flush_first = not await self._flushed()
        began = (self._clock.monotonic(), self._clock.now())
        names, known, spare = self._names, self.owned, self._spares_expired()
        try:
            renewal = await self._ask(lambda: self._claims.renew(names, known, spare))
        except TROUBLE as error:
            self._failed(error)
            return
        if self._offline:
            log.info("database reachable again", database=self._place.shown)
        self._renewed_at, self._offline, self.ready = began, False, True
        self._apply(renewal)
        await self._release(len(self.owned) - self._quota)

    def _spares_expired(self) -> bool:
        """Whether others get time to renew: the server was away for longer than a lease."""
        if self._offline and not self._leased():
            self._spare_until = self._clock.monotonic() + self._timings.lease
        return self._spare_until is not None and self._clock.monotonic() < self._spare_until

    def _apply(self, renewal: Renewal) -> None:
        self._quota = renewal.quota
        owned = renewal.owned & self._names
        lost = self.owned - renewal.renewed
        if lost:  # even if we got them back at once: another exporter may have written about them
            self._assign(self.owned - lost)
            self._listener.discard(lost)
        if owned != self.owned:
            log.info("targets assigned", owned=len(owned), targets=len(self._names))
            self._assign(owned, renewal.saved)

    def _assign(self, owned: frozenset[str], saved: Mapping[str, Saved] | None = None) -> None:
        before, self.owned = self.owned, owned
        self._listener.reassigned(before, owned, saved or {})

    async def _release(self, count: int) -> None:
        """Release *count* of our targets, after everything about them is written."""
        idle = [name for name in sorted(self.owned, reverse=True) if not self._listener.busy(name)]
        names = frozenset(idle[: max(0, count)])
        if not names or not await self._flushed():
            return
        self._assign(self.owned - names)
        await self._flushed()
        self._listener.discard(names)
        try:
            await self._ask(lambda: self._claims.release(names))
        except TROUBLE as error:
            self._failed(error)

    async def _flushed(self) -> bool:
        """Whether all pending records were written in time; our leases cannot wait for longer."""
        self._writing = asyncio.ensure_future(self._listener.flush())
        written = await within(self._clock, self._timings.renew_every, self._writing)
        return written and self._writing.result()

    def _failed(self, error: Exception) -> None:
        if not self._offline:
            log.warning(
                "database unreachable, only free probes continue",
                database=self._place.shown,
                err=one_line(error),
            )
        self._offline = True
        if self._renewed_at is None and self.owned != self._names:
            self._assign(self._names)  # owners unknown: a target probed twice beats one not probed

    # --- the other exporters

    async def _poll_peers(self) -> None:
        while True:
            await self.poll()
            await self._clock.sleep(self._timings.poll_every)

    async def poll(self) -> None:
        """Read what the other exporters have written since the last poll."""
        names = self._names - self.owned
        try:
            updates = await self._ask(lambda: self._peers.poll(self._claims.connection(), names))
        except TROUBLE as error:
            self._peers.reset()
            log.debug("updates of other exporters unreadable", err=one_line(error))
            return
        self._owners = updates.owners
        self._listener.peers_updated(updates)

    async def _ask(self, work: Callable[[], T]) -> T:
        """Do *work* in the thread of the database connection. Raises what is in TROUBLE."""

        def guarded() -> T:
            try:
                return work()
            except TROUBLE:
                self._claims.close()
                raise

        future = asyncio.get_running_loop().run_in_executor(self._thread, guarded)
        future.add_done_callback(_retrieve_error)  # the caller may have given up
        for _ in range(2):  # after a sleep of the machine, the answer is there in the second half
            if not future.done():
                await within(self._clock, self._timings.lease / 2, future)
        if not future.done():
            raise TimeoutError("no answer for a whole lease")
        return await future

    async def close(self) -> None:
        """Release everything, so that others need not wait for the end of our leases."""
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._ask(self._leave)
        except TROUBLE as error:
            log.warning("targets not released, leases will expire", err=one_line(error))
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _leave(self) -> None:
        if self._renewed_at is not None and not self._offline:
            self._claims.leave()
        self._claims.close()


def _retrieve_error(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


def own_name(clock: Clock) -> str:
    """Return a name that no other process has: host, process id and moment."""
    moment = (
        int(float(clock.now()) * 1_000) * 1_000 + int(float(clock.monotonic()) * 1_000_000) % 1_000
    )
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{moment:x}"
