"""What the board knows, as one immutable snapshot. Metrics, pages and API are functions of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from genmedia_exporter.core.clock import EPOCH, Monotonic, Unix
from genmedia_exporter.core.evidence import (
    AccountBalance,
    Asset,
    Basis,
    Evidence,
    Phases,
    ToldEnd,
    Verdict,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Outcome, Status
from genmedia_exporter.core.status_page import ComponentStatus, PageReport
from genmedia_exporter.health.own_network import could_be_ours
from genmedia_exporter.health.traffic import NO_TRAFFIC, Traffic
from genmedia_exporter.status_pages.report import SILENT, PageWord
from genmedia_exporter.targets.model import MaintenanceWindow, Target

SkipReason = Literal["budget", "maintenance", "retired", "network", "concurrency"]
SKIP_REASONS: tuple[SkipReason, ...] = (
    "budget",
    "maintenance",
    "retired",
    "network",
    "concurrency",
)

Source = Literal["probe", "traffic"]
SOURCES: tuple[Source, ...] = ("probe", "traffic")

LATENCY_BUCKETS = (0.5, 2.5)
"""Upper bounds in seconds of genmedia_probe_latency_seconds."""
GENERATION_BUCKETS = (20.0, 60.0, 180.0, 600.0, 1800.0)
"""Upper bounds in seconds of genmedia_generation_duration_seconds."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts per bucket (not cumulative), the last one being +Inf, and the sum of all values."""

    bounds: tuple[float, ...] = LATENCY_BUCKETS
    counts: tuple[int, ...] = (0,) * (len(LATENCY_BUCKETS) + 1)
    sum: float = 0.0

    def observe(self, value: float) -> Histogram:
        """Return a copy with *value* counted."""
        index = bisect_left(self.bounds, value)
        counts = (*self.counts[:index], self.counts[index] + 1, *self.counts[index + 1 :])
        return Histogram(self.bounds, counts, self.sum + value)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One finished probe, as much of it as later judgement needs."""

    at: Unix  # for people
    tick: Monotonic  # for ages
    duration: float | None  # seconds; None: nobody saw when it ended
    verdict: Verdict
    http_status: int  # 0 without an answer
    phases: Phases
    slow: bool = False  # slower than 3x the target's own median when it was made
    asset: Asset | None = None  # what a generation made, as far as it came
    unreached: bool = False  # it broke as it would without a network of ours

    @classmethod
    def of(
        cls, evidence: Evidence, verdict: Verdict, tick: Monotonic, slow: bool = False
    ) -> Attempt:
        """Return the attempt that *evidence* is of, ended at monotonic *tick*."""
        made = evidence.generation
        return cls(
            evidence.at,
            tick,
            evidence.duration,
            verdict,
            evidence.main.status or 0,
            evidence.phases,
            slow,
            made.asset if made is not None else None,
            could_be_ours(evidence.main),
        )

    @property
    def good(self) -> bool:
        """Whether the service did its part: it succeeded, or only our prompt was blocked."""
        return self.verdict.outcome in (Outcome.SUCCESS, Outcome.MODERATED)


@dataclass(frozen=True, slots=True)
class DepthState:
    """What is known about one target at one depth."""

    recent: tuple[Attempt, ...] = ()  # oldest first, at most RECENT_ATTEMPTS
    total: int = 0
    failures: Mapping[Reason, int] = field(default_factory=lambda: MappingProxyType({}))
    skipped: Mapping[SkipReason, int] = field(default_factory=lambda: MappingProxyType({}))
    last_at: Unix | None = None  # when the last attempt ended; outlives a restart
    last_success_at: Unix | None = None
    asset: Asset | None = None  # of the last attempt; outlives a restart
    latency: Histogram = Histogram()
    median: float | None = None  # seconds over 24 h, None below 20 samples
    cost_usd: float = 0.0
    fresh: bool = False  # the last attempt has not expired
    failing_since: Monotonic | None = None  # start of the unbroken run of failures
    disabled: Reason | None = None  # why never again here: a create that must be rejected was taken
    unanswered: int = 0  # such creates in a row that got no answer, while none was ever rejected

    @property
    def last(self) -> Attempt | None:
        """The newest attempt, or None."""
        return self.recent[-1] if self.recent else None

    @property
    def verified(self) -> bool:
        """Whether there is a fresh success at this depth."""
        return self.fresh and self.last is not None and self.last.verdict.success


def unseen(depth: Depth) -> DepthState:
    """Return the state of a depth that nothing is known about."""
    if depth.free:
        return DepthState()
    empty = (0,) * (len(GENERATION_BUCKETS) + 1)
    return DepthState(latency=Histogram(GENERATION_BUCKETS, empty))


RECENT_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a target is now, and why."""

    status: Status
    reason: Reason
    fault: Fault
    up: int | None = None
    message: str = ""
    rule: str = ""


UNSEEN = Judgement(Status.UNKNOWN, Reason.NO_EVIDENCE, Fault.NONE)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of status. `previous` is None at first sight."""

    at: Unix
    previous: Status | None
    current: Status


@dataclass(frozen=True, slots=True)
class PageAgreement:
    """What the target's status page says of it, beside what our probes say."""

    word: PageWord = SILENT
    agreement: int | None = (
        None  # 1 both healthy or both unhealthy, 0 they differ, None one does not say
    )
    probe_unhealthy_since: Unix | None = None
    page_unhealthy_since: Unix | None = None
    lead: float | None = None  # seconds by which our probes were first, last such episode

    @property
    def maintenance(self) -> bool:
        """Whether the page ties a running maintenance to the target's component."""
        component = self.word.component
        said = component is not None and component.status is ComponentStatus.MAINTENANCE
        return self.word.maintenance is not None or said


NO_PAGE = PageAgreement()


@dataclass(frozen=True, slots=True)
class TargetState:
    """Everything the board knows about one target."""

    target: Target
    depths: Mapping[Depth, DepthState]
    added_at: Unix = EPOCH  # when we began to watch it
    now: Judgement = UNSEEN
    last_transition: Transition | None = None
    changes: int = 0  # transitions after the first sight
    tls_expiry: Unix | None = None
    window: MaintenanceWindow | None = None  # maintenance of ours in force
    page: PageAgreement = NO_PAGE
    sunset: Unix | None = None  # announced by response headers
    told_end: ToldEnd | None = None  # by the service's own listing
    restored_until: Monotonic | None = None  # `now` is from before a restart
    traffic: Traffic = NO_TRAFFIC  # what applications tell of their own calls
    sources: frozenset[Source] = frozenset()  # where fresh evidence comes from

    def with_depth(self, depth: Depth, known: DepthState) -> TargetState:
        """Return this state with *known* at *depth*."""
        return replace(self, depths=MappingProxyType({**self.depths, depth: known}))

    @property
    def since(self) -> Unix:
        """When the present status began, Unix seconds."""
        return self.last_transition.at if self.last_transition else self.added_at

    @property
    def previous_status(self) -> Status | None:
        """The status before the present one, None at first sight."""
        return self.last_transition.previous if self.last_transition else None

    @property
    def newest(self) -> tuple[Depth, Attempt] | None:
        """The newest attempt at any depth, or None."""
        seen = [(d, s.last) for d, s in self.depths.items() if s.last is not None]
        return max(seen, key=lambda pair: pair[1].tick, default=None)

    @property
    def has_worked(self) -> bool:
        """Whether a probe has ever succeeded, at any depth, perhaps before a restart."""
        return any(known.last_success_at is not None for known in self.depths.values())

    @property
    def in_maintenance(self) -> bool:
        """Whether a window of ours is open or the status page says maintenance is running."""
        return self.window is not None or self.page.maintenance

    @property
    def ends_at(self) -> Unix | None:
        """The end date that decides: the listing's, where it tells one or none, else the catalogue's."""
        return self.target.ends_at if self.told_end is None else self.told_end.at

    @property
    def retires_at(self) -> Unix | None:
        """The known end date in Unix seconds: the listing's, else the catalogue's, else of headers."""
        known = (self.ends_at, self.target.ends_at, self.sunset)
        return next((at for at in known if at is not None), None)

    @property
    def lifecycle_disagreement(self) -> bool | None:
        """Whether our file and the service's listing tell different ends; None where it tells nothing."""
        if self.told_end is None:
            return None
        entry = self.target.provider.model(self.target.model)
        return self.told_end.at != (entry.ends_at if entry else None)


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change on the board: a target's state before and after it, and the probe that made it."""

    before: TargetState
    after: TargetState
    probe: tuple[Depth, Attempt] | None = None  # None: time passed, or another process wrote it
    unplanned_usd: float = (
        0.0  # US dollars: what creates that must be rejected count as having cost
    )

    @property
    def transition(self) -> Transition | None:
        """The change of status, None when the status stayed."""
        last = self.after.last_transition
        return last if last != self.before.last_transition else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The board at one moment."""

    at: Unix
    version: int  # grows with each change
    targets: Mapping[str, TargetState]
    network_ok: bool = True
    pages: Mapping[str, PageReport] = field(default_factory=lambda: MappingProxyType({}))
    verdicts: Mapping[tuple[str, Basis], int] = field(default_factory=lambda: MappingProxyType({}))
    """How many verdicts rested on what, by provider, since the process started."""
    balances: Mapping[str, AccountBalance] = field(default_factory=lambda: MappingProxyType({}))
    """What is left on accounts, by name, as far as their services tell."""
