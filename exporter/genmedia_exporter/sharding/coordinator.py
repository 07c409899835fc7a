"""Our part of the targets, when several exporters share them on one database server."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from genmedia_exporter.core.clock import Clock, pause, within
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.sharding.membership import Crew, Rhythm
from genmedia_exporter.storage.leases import Claims, Round, fence_of, permit_of
from genmedia_exporter.storage.peers import Others
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.tables import TROUBLE, one_line

log = logging.getLogger(__name__)

T = TypeVar("T")

LEAVE_SECONDS: Final = 5.0
"""How long giving everything back may take when we stop; after that the leases run out."""


class Share:
    """Our part of the targets. Belongs to the event loop's thread; the server is asked in another.

    A lease counts from before the renewal was sent, by the clock that says more has passed: a
    process that was paused or cut off finds it over before the server lets another have it.
    """

    def __init__(
        self, place: Place, clock: Clock, crew: Crew, rhythm: Rhythm | None = None, name: str = ""
    ) -> None:
        self.id = name or own_name(clock)
        self.fence = fence_of(self.id)
        self.still_mine = permit_of(self.id)
        self._place = place
        self._clock = clock
        self._crew = crew
        self._rhythm = rhythm or Rhythm()
        self._claims = Claims(place, self.id, self._rhythm.lease)
        self._others = Others(self.id)
        self._thread = ThreadPoolExecutor(1, "share")
        self._names: frozenset[str] = frozenset()
        self._leaving = False  # targets of ours are not configured any more
        self._owners: Mapping[str, str] = {}
        self._quota = 0
        self._began: tuple[float, float] | None = None  # the last renewal: monotonic, Unix seconds
        self._patient_until: float | None = None  # monotonic
        self._cut_off = False
        self._writing: asyncio.Future[bool] | None = None
        self._wake = asyncio.Event()
        self.owned: frozenset[str] = frozenset()
        self.ready = False

    # --- questions

    def _leased(self) -> bool:
        if self._began is None:
            return False
        tick, now = self._began
        # The monotonic clock may stand still while a machine sleeps, the wall clock may step.
        passed = max(self._clock.monotonic() - tick, self._clock.now() - now)
        return passed < self._rhythm.lease

    @property
    def doubtful(self) -> bool:
        """Whether we have slept over our leases; not when it is the server that is away."""
        return self._began is not None and not self._cut_off and not self._leased()

    def owns(self, name: str) -> bool:
        """Whether a free probe may start: during the lease, or while the server cannot be asked."""
        return name in self.owned and (self._cut_off or self._leased())

    def holds(self, name: str) -> bool:
        """Whether a paid probe may start: during the lease only."""
        return name in self.owned and self._leased()

    def owner_of(self, name: str) -> str:
        """Return who watches a target that is not ours, as far as that is known."""
        owner = self._owners.get(name)
        return f"the exporter {owner}" if owner else "no exporter yet"

    def configure(self, names: Collection[str]) -> None:
        """Take part in watching *names*; what is ours and not among them is given back."""
        self._names = frozenset(names)
        self._leaving |= not self.owned <= self._names
        self.owned &= self._names
        self._wake.set()

    # --- renewing, claiming, giving back

    async def run(self) -> None:
        """Keep what is ours and follow the others, for ever."""
        await asyncio.gather(self._keep(), self._follow())

    async def _keep(self) -> None:
        while True:
            self._wake.clear()
            await self.round()
            await self._pause()

    async def _pause(self) -> None:
        hungry = self._cut_off or len(self.owned) != self._quota
        seconds = self._rhythm.hungry if hungry else self._rhythm.beat
        await pause(self._clock, seconds, self._wake)

    async def round(self) -> None:
        """Renew, claim what is free, give back what is too much; without a server, note that."""
        if self._leaving:
            self._leaving = not await self._written()
        began = (self._clock.monotonic(), self._clock.now())
        names, known, patient = self._names, self.owned, self._is_patient()
        try:
            found = await self._ask(lambda: self._claims.round(names, known, patient))
        except TROUBLE as error:
            self._failed(error)
            return
        if self._cut_off:
            log.warning("the other exporters on %s can be heard again", self._place.shown)
        self._began, self._cut_off, self.ready = began, False, True
        self._take_in(found)
        await self._give_back(len(self.owned) - self._quota)

    def _is_patient(self) -> bool:
        """Whether others get time to renew: the server was away longer than a lease."""
        if self._cut_off and not self._leased():
            self._patient_until = self._clock.monotonic() + self._rhythm.lease
        return self._patient_until is not None and self._clock.monotonic() < self._patient_until

    def _take_in(self, found: Round) -> None:
        self._quota = found.quota
        owned = found.owned & self._names
        lost = self.owned - found.renewed
        if lost:  # perhaps only for a while: what we know of them is not the latest all the same
            self._set(self.owned - lost)
            self._crew.forget(lost)
        if owned != self.owned:
            log.info("%d of %d targets are ours", len(owned), len(self._names))
            self._set(owned, found.saved)

    def _set(self, owned: frozenset[str], saved: Mapping[str, Saved] | None = None) -> None:
        self.owned = owned
        self._crew.changed(owned, saved or {})

    async def _give_back(self, count: int) -> None:
        """Let others have *count* of ours: first everything about them is written."""
        idle = [name for name in sorted(self.owned, reverse=True) if not self._crew.busy(name)]
        names = frozenset(idle[: max(0, count)])
        if not names or not await self._written():
            return
        self._set(self.owned - names)
        await self._written()
        self._crew.forget(names)
        try:
            await self._ask(lambda: self._claims.release(names))
        except TROUBLE as error:
            self._failed(error)

    async def _written(self) -> bool:
        """Whether all that is noted is written within a beat; our leases do not wait for more."""
        self._writing = asyncio.ensure_future(self._crew.flush())
        written = await within(self._clock, self._rhythm.beat, self._writing)
        return written and self._writing.result()

    def _failed(self, error: Exception) -> None:
        if not self._cut_off:
            log.warning(
                "the other exporters on %s cannot be heard, only free probes go on: %s",
                self._place.shown,
                one_line(error),
            )
        self._cut_off = True
        if self._began is None and self.owned != self._names:
            self._set(self._names)  # nobody can say whose they are: better twice than not at all

    # --- the others

    async def _follow(self) -> None:
        while True:
            await self.look()
            await self._clock.sleep(self._rhythm.follow)

    async def look(self) -> None:
        """Take in what the others have written since the last look."""
        names = self._names - self.owned
        try:
            news = await self._ask(lambda: self._others.look(self._claims.connection(), names))
        except TROUBLE as error:
            self._others.reset()
            log.debug("nothing heard of the others: %s", one_line(error))
            return
        self._owners = news.owners
        self._crew.heard(news)

    async def _ask(self, work: Callable[[], T]) -> T:
        """Do *work* in the thread of the server's connection. Raises what is in TROUBLE."""

        def guarded() -> T:
            try:
                return work()
            except TROUBLE:
                self._claims.close()
                raise

        future = asyncio.get_running_loop().run_in_executor(self._thread, guarded)
        future.add_done_callback(_heard)  # nobody may wait for it any more
        for _ in range(2):  # if we were asleep, the answer is there in the second half
            if not future.done():
                await within(self._clock, self._rhythm.lease / 2, future)
        if not future.done():
            raise TimeoutError("no answer for a whole lease")
        return await future

    async def close(self) -> None:
        """Give everything back, so that others need not wait for the end of our leases."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._ask(self._leave)
        except TROUBLE as error:
            log.warning("what was ours is free after its lease only: %s", one_line(error))
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _leave(self) -> None:
        if self._began is not None and not self._cut_off:
            self._claims.leave()
        self._claims.close()


def _heard(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


def own_name(clock: Clock) -> str:
    """Return a name that no other process has: machine, process and moment."""
    moment = int(clock.now() * 1_000) * 1_000 + int(clock.monotonic() * 1_000_000) % 1_000
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{moment:x}"
