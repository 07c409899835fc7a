"""All incidents that are known: looked after each second, written down, shared with other exporters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from genmedia_exporter.core.clock import PAST, Clock, Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.health.failures import KeptFailure
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.incidents.domains import Groups
from genmedia_exporter.incidents.evidence import with_exhibits, with_substitutes
from genmedia_exporter.incidents.machine import advance
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.incidents.statements import KEPT, load, save
from genmedia_exporter.routing.substitute import Substitutes
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.targets.model import Target

log = EventLog(__name__)

T = TypeVar("T")

LOOK_SECONDS: Final = 5.0
"""Seconds between two looks for evidence and substitutes of open incidents, and between two writes."""
POLL_SECONDS: Final = 10.0
"""Seconds between two readings of what other exporters have written."""
RECENT_SECONDS: Final = 600.0
"""What they have closed since is read again."""


class Database(Protocol):
    """Where incidents are kept."""

    @property
    def retention(self) -> float:
        """How many seconds records are kept."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other exporters may write to it, too."""
        ...

    def transact(self, work: Callable[[Connection], T]) -> Awaitable[T]:
        """Do *work* in one transaction. Raises StorageError."""
        ...


class IncidentRegister:
    """Used by the event loop only. Nothing begins before what is stored has been read."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        substitutes: Callable[[Snapshot], Substitutes] = Substitutes,
        failures: Callable[[str], Sequence[KeptFailure]] = lambda _name: (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._substitutes = substitutes
        self._failures = failures
        self._opened = False
        self._readable = True
        self._groups = Groups.of(())
        self._known: dict[str, Incident] = {}
        self._unwritten: dict[str, Incident] = {}
        self._look_at = PAST
        self._seen: Snapshot | None = None
        self._view: tuple[Incident, ...] = ()

    @property
    def view(self) -> tuple[Incident, ...]:
        """All incidents, the open ones first, then the newest; the same object until one changes."""
        return self._view

    async def open(self) -> None:
        """Take up what was known at the last end, as far as it can be read."""
        await self._read(self._oldest())
        self._opened = True

    async def _read(self, since: Unix) -> None:
        try:
            found = await self._database.transact(lambda c: load(c, since))
        except StorageError as error:
            if self._readable:  # otherwise it has been told
                log.warning("incidents unreadable", err=error)
            self._readable = False
            return
        self._readable = True
        self._adopt(found)

    def configure(self, targets: Iterable[Target]) -> None:
        """Group *targets* by vendor and account from now on."""
        self._seen = None
        self._groups = Groups.of(targets)

    def look(self, snapshot: Snapshot) -> None:
        """Let incidents open, grow, ebb and close by what the board says now."""
        if not self._opened:
            return
        now = self._clock.now()
        before = [incident for incident in self._known.values() if incident.open]
        changed = self._changed(snapshot)
        after = advance(before, snapshot, self._groups, now, changed)
        if after and self._clock.monotonic() >= self._look_at:
            self._look_at = self._clock.monotonic() + LOOK_SECONDS
            after = self._enriched(after, snapshot)
        new = [incident for incident in after if self._known.get(incident.id) is not incident]
        for incident in new:
            self._tell(self._known.get(incident.id), incident)
            self._unwritten[incident.id] = incident
        if new:
            self._put(new)

    def _changed(self, snapshot: Snapshot) -> Container[str] | None:
        """Return the targets that are not as they were at the last look; None where that is not known."""
        seen, self._seen = self._seen, snapshot
        if seen is None:
            return None
        now, then = snapshot.targets, seen.targets
        return {n for n, state in now.items() if then.get(n) is not state} | (
            then.keys() - now.keys()
        )

    def _enriched(self, after: Iterable[Incident], snapshot: Snapshot) -> tuple[Incident, ...]:
        instead = self._substitutes(snapshot)
        shown = (with_exhibits(incident, self._failures) for incident in after)
        return tuple(with_substitutes(incident, snapshot, instead) for incident in shown)

    def _tell(self, before: Incident | None, after: Incident) -> None:
        reason, fault = after.cause
        if before is None:
            log.warning(
                "incident began",
                incident=after.id, scope=after.domain.scope, vendor=after.vendor,
                targets=after.count, reason=reason, fault=fault,
            )  # fmt: skip
        elif before.open and not after.open:
            log.info(
                "incident ended",
                incident=after.id, scope=after.domain.scope, vendor=after.vendor, targets=after.count,
            )  # fmt: skip

    def _put(self, incidents: Iterable[Incident]) -> None:
        self._known.update({incident.id: incident for incident in incidents})
        newest_first = sorted(self._known.values(), key=lambda i: (not i.open, -float(i.begin)))
        self._view = tuple(newest_first[:KEPT])
        self._known = {incident.id: incident for incident in self._view}

    def _adopt(self, found: Iterable[Incident]) -> None:
        """Take over what is stored, but for what we know better and have not written yet."""
        new = [i for i in found if i.id not in self._unwritten and self._known.get(i.id) != i]
        if new:
            self._seen = None  # all of it is to be looked at
            self._put(new)

    async def run(self) -> None:
        """Read what is stored; write what has changed, and read what others have written, forever."""
        await self.open()
        poll_at = self._clock.monotonic() + POLL_SECONDS
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            await self.write()
            if self._database.shared and self._clock.monotonic() >= poll_at:
                await self._read(self._clock.now() - RECENT_SECONDS)
                poll_at = self._clock.monotonic() + POLL_SECONDS

    async def write(self) -> None:
        """Write what has changed; what cannot be written now is tried again."""
        changed, self._unwritten = self._unwritten, {}
        if not changed:
            return
        oldest = self._oldest()
        try:
            saved = await self._database.transact(lambda c: save(c, changed.values(), oldest))
        except StorageError:
            self._unwritten = {**changed, **self._unwritten}
            return  # storage tells of its own trouble
        self._renamed(changed, saved)

    def _renamed(self, ours: Mapping[str, Incident], saved: Iterable[Incident]) -> None:
        """Go on with incidents under the ids they have in storage: another exporter was first."""
        for mine, stored in zip(ours.values(), saved, strict=True):
            if mine.id != stored.id:
                self._known.pop(mine.id, None)
                self._unwritten.pop(mine.id, None)
                log.info("incident known under another id", incident=mine.id, id=stored.id)
            if self._known.get(mine.id, stored) == mine or mine.id != stored.id:
                self._seen = None if mine != stored else self._seen
                self._put([stored])

    def _oldest(self) -> Unix:
        return self._clock.now() - self._database.retention
