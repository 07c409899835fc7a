"""An incident as one immutable object: when, who, why, what the vendor's page said, what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Operation, Status

MOST_EVENTS: Final = 200
"""Events of one incident that are kept: the first half, and the newest."""
MOST_MEMBERS: Final = 200
"""Targets of a closed incident that are kept one by one; `count` knows of all."""


class Scope(StrEnum):
    """What the targets of an incident have in common."""

    VENDOR = "vendor"
    ACCOUNT = "account"
    NETWORK = "network"


class Phase(StrEnum):
    """Where an incident stands, in the words of status pages."""

    INVESTIGATING = "investigating"  # targets are broken
    MONITORING = "monitoring"  # none is broken any more, for less than the hold-off
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Domain:
    """What fails together. *name* is the vendor's, or the account's."""

    scope: Scope
    name: str

    @property
    def key(self) -> str:
        """How storage tells domains apart."""
        return f"{self.scope}:{self.name}"


NETWORK: Final = Domain(Scope.NETWORK, "")


@dataclass(frozen=True, slots=True)
class Member:
    """One target of an incident. Reason and fault are those with which it joined."""

    name: str
    status: Status  # its latest
    reason: Reason
    fault: Fault
    since: Unix  # when it broke
    until: Unix | None = None  # when it was well again; None while it is broken
    lost_at: Unix | None = None  # since when nobody can say

    @property
    def broken(self) -> bool:
        """Whether nothing has shown yet that it is well again."""
        return self.until is None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the story."""

    at: Unix
    target: str  # empty: of the whole
    text: str  # for people
    status: Status | None = None  # what the target became


@dataclass(frozen=True, slots=True)
class PageNote:
    """What the vendor's status page said of one of the targets; cut, and never trusted."""

    page: str  # id of the page
    component: str
    url: str  # of the page's incident, else of the page
    at: Unix | None = None  # when it first reported trouble; None: it has not
    status: str = ""  # its latest word on the component that is not that it is well
    title: str = ""  # of its incident


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One failed probe as evidence: redacted, and cut."""

    target: str
    id: str  # of the kept failure
    at: Unix
    depth: str
    method: str
    url: str
    http_status: int  # 0 without a response
    request_id: str  # the vendor's, where a header has one
    body: str
    reason: Reason
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Substitute:
    """The best usable target that makes what a broken one made."""

    operation: Operation
    family: str
    target: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Targets that failed together, from the first that broke to the last that was well again."""

    id: str
    domain: Domain
    vendor: str  # of an account: who runs its endpoint; empty: our network
    begin: Unix
    members: Mapping[str, Member] = field(default_factory=lambda: MappingProxyType({}))
    closed_at: Unix | None = None
    events: tuple[Event, ...] = ()
    page: PageNote | None = None
    cost_usd: float = 0.0
    exhibits: tuple[Exhibit, ...] = ()
    substitutes: tuple[Substitute, ...] = ()
    dropped: int = 0  # members that are not kept any more
    seen_usd: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def open(self) -> bool:
        """Whether it may go on."""
        return self.closed_at is None

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        if not self.open:
            return Phase.RESOLVED
        return Phase.INVESTIGATING if self.broken else Phase.MONITORING

    @property
    def count(self) -> int:
        """How many targets it has hit."""
        return len(self.members) + self.dropped

    @property
    def broken(self) -> tuple[Member, ...]:
        """Those that are not well again."""
        return tuple(member for member in self.members.values() if member.broken)

    @property
    def end(self) -> Unix | None:
        """When the last target was well again; None while one is broken and it is open."""
        ends = [member.until for member in self.members.values() if member.until is not None]
        return None if self.open and self.broken else max(ends, default=self.closed_at)

    @property
    def cause(self) -> tuple[Reason, Fault]:
        """Reason and fault of most of its targets; of those that broke first, where as many have others."""
        known = sorted(self.members.values(), key=lambda member: (member.since, member.name))
        counted = Counter((member.reason, member.fault) for member in known)
        return max(counted, key=counted.__getitem__, default=(Reason.NO_EVIDENCE, Fault.NONE))

    @property
    def lead(self) -> float | None:
        """By how many seconds the vendor's page was later than we; below 0: it was earlier."""
        if self.page is None or self.page.at is None:
            return None
        return self.page.at - self.begin


def shortened(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return *events* in order, each once: the first ones, and the newest."""
    known = sorted(set(events), key=lambda event: (event.at, event.target, event.text))
    if len(known) <= MOST_EVENTS:
        return tuple(known)
    half = MOST_EVENTS // 2
    return (*known[:half], *known[-half:])
