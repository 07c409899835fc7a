"""What applications tell of their own calls to a target: kept in slots of time, each as good as one attempt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from genmedia_exporter.core.clock import PAST, Monotonic, Unix
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.status import Depth, Outcome, Status

SLOT_SECONDS: Final = 30.0
"""The calls of so many seconds count as one attempt: a busy application has no more votes than an idle one."""
LASTING_SECONDS: Final = 600.0
"""For so long what was told is evidence."""
LATE_SECONDS: Final = 120.0
"""A call that ended longer ago than this when it was told is counted, and is no evidence."""
MOST_SLOTS: Final = 20
"""Slots that are kept: as many as last."""
FAILING_SHARE: Final = 0.5
"""A slot has failed when at least this share of its calls has."""
PARTLY_SHARE: Final = 0.1
"""Some calls fail when at least this share of all that last has, "some attempts fail" in the words of a status."""
PARTLY_CALLS: Final = 20
"""Calls below which a share says nothing."""

_DECIDING: Final = frozenset(
    {Outcome.SUCCESS, Outcome.FAILURE, Outcome.REFUSED, Outcome.UNAVAILABLE}
)


@dataclass(frozen=True, slots=True)
class ReportedCall:
    """One call of an application's, and what it means."""

    at: Unix
    depth: Depth  # what a success proves; a failure is one of a real create, deeper than free probes go
    verdict: Verdict
    http_status: int = 0  # 0 without an answer
    duration: float = 0.0  # seconds
    unreached: bool = False  # it never reached the service: the caller's network, perhaps
    late: bool = False  # told so long after it ended that it says nothing of now

    @property
    def good(self) -> bool:
        """Whether the service did its part."""
        return self.verdict.success

    @property
    def decides(self) -> bool:
        """Whether it counts as evidence: content, callers' mistakes and their networks do not."""
        theirs = self.verdict.status is Status.AUTH_ERROR or self.unreached
        return self.verdict.outcome in _DECIDING and not theirs and not self.late


@dataclass(frozen=True, slots=True)
class Slot:
    """The deciding calls of half a minute."""

    begin: Monotonic
    last: Monotonic
    good: int = 0
    bad: int = 0
    worked: ReportedCall | None = None  # the newest of each
    failed: ReportedCall | None = None

    @property
    def word(self) -> ReportedCall | None:
        """The call that speaks for the slot; None while there is none."""
        failing = self.bad >= FAILING_SHARE * (self.good + self.bad)
        return self.failed if failing else self.worked

    def taking(self, call: ReportedCall, tick: Monotonic) -> Slot:
        """Return the slot with *call*, told at monotonic *tick*."""
        if call.good:
            return replace(self, last=tick, good=self.good + 1, worked=_deeper(self.worked, call))
        return replace(self, last=tick, bad=self.bad + 1, failed=call)


def _deeper(known: ReportedCall | None, call: ReportedCall) -> ReportedCall:
    return known if known is not None and known.depth.rank > call.depth.rank else call


@dataclass(frozen=True, slots=True)
class Traffic:
    """What applications have told of one target."""

    slots: tuple[Slot, ...] = ()  # oldest first
    counts: Mapping[Outcome, int] = field(default_factory=lambda: MappingProxyType({}))
    """All calls that were told, by outcome."""

    def lasting(self, tick: Monotonic) -> tuple[Slot, ...]:
        """Return the slots that are evidence at monotonic *tick*."""
        return tuple(slot for slot in self.slots if tick - slot.last <= LASTING_SECONDS)

    @property
    def expires(self) -> Monotonic:
        """The monotonic moment after which nothing of it is evidence; PAST if nothing ever was."""
        return self.slots[-1].last + LASTING_SECONDS if self.slots else PAST

    @property
    def failing_since(self) -> Monotonic | None:
        """When the unbroken run of failed slots began (monotonic); None when the newest works."""
        since = None
        for slot in reversed(self.slots):
            if slot.word is None or slot.word.good:
                break
            since = slot.begin
        return since

    def partly_failing(self, tick: Monotonic) -> bool:
        """Whether so many of the calls that are evidence fail that it is no accident."""
        slots = self.lasting(tick)
        bad, calls = sum(s.bad for s in slots), sum(s.good + s.bad for s in slots)
        return calls >= PARTLY_CALLS and bad >= PARTLY_SHARE * calls


NO_TRAFFIC: Final = Traffic()


def with_calls(traffic: Traffic, calls: Iterable[ReportedCall], tick: Monotonic) -> Traffic:
    """Return *traffic* with more *calls*, all told at monotonic *tick*."""
    counts, slots = dict(traffic.counts), list(traffic.lasting(tick))
    for call in calls:
        outcome = call.verdict.outcome
        counts[outcome] = counts.get(outcome, 0) + 1
        if call.decides:
            if not slots or tick - slots[-1].begin >= SLOT_SECONDS:
                slots.append(Slot(tick, tick))
            slots[-1] = slots[-1].taking(call, tick)
    return Traffic(tuple(slots[-MOST_SLOTS:]), MappingProxyType(counts))


def younger(traffic: Traffic, seconds: float) -> Traffic:
    """Return *traffic* as if told *seconds* later: this process was paused for so long."""
    slots = (
        replace(slot, begin=slot.begin + seconds, last=slot.last + seconds)
        for slot in traffic.slots
    )
    return replace(traffic, slots=tuple(slots))
