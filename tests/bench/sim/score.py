"""From what was wrong and what a monitor said to its delays, misses and false alarms.

An *alarm* is any word but operational; the clock of a delay runs from a fault's beginning to the
first change into an alarm that is the fault's doing: one before its end and TAIL, or the end of an
attempt that began before the fault's end. A monitor that is in alarm already when a fault begins (of an earlier one) has found
it, without a delay that could be counted.

A *false alarm* is a change from a usable word (operational, degraded, or none yet) to one that is
not, unknown included, that is no fault's doing in that sense. A transient is no fault: an alarm
after a single failed call is false. Kinds in which customers are served (schedule.NO_OUTAGE) are
not to be found, and an alarm in them is not false.

A fault is *free-visible* when a free depth of the exporter answers with anything but success while
it is in force; all others only a generation shows.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.bench.sim.schedule import Fault
from tests.bench.sim.timeline import Timeline, Timelines, Turn

TAIL: Final = 75.0
"""Seconds after a fault's end: one turn of the depth reach, and its answer."""
LONG: Final = 600.0
VERY_LONG: Final = 21_600.0
USABLE: Final = frozenset({"", "operational", "degraded"})
CALM: Final = frozenset({"", "operational"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one fault."""

    fault: Fault
    free_visible: bool
    found: bool
    delay: float | None  # None: not found, or the alarm was on already

    @property
    def missed(self) -> bool:
        """Whether it lasted long enough for an operator to care, and nobody was told."""
        return not self.found and self.fault.seconds > LONG


@dataclass(frozen=True, slots=True)
class Score:
    """How one monitor did."""

    usd_per_day: float
    findings: Sequence[Finding]
    false_alarms: Sequence[tuple[float, str, str]]  # when, target, word

    def delays(self, free_visible: bool | None = None) -> list[float]:
        """Return all counted delays, or those of one sort of faults."""
        wanted = [f for f in self.findings if free_visible in (None, f.free_visible)]
        return sorted(f.delay for f in wanted if f.delay is not None)

    def as_json(self) -> dict[str, Any]:
        """Return the documented keys."""
        missed = [f for f in self.findings if f.missed]
        deep = [f for f in missed if not f.free_visible]
        return {
            "usd_per_day": round(self.usd_per_day, 4),
            "median_delay_s": median(self.delays()),
            "p95_delay_s": percentile(self.delays(), 0.95),
            "missed_over_10min": len(missed),
            "missed_free_visible_over_10min": len(missed) - len(deep),
            "missed_generation_only_over_10min": len(deep),
            "missed_generation_only_over_6h": sum(f.fault.seconds > VERY_LONG for f in deep),
            "false_alarms": len(self.false_alarms),
            "faults": len(self.findings),
            "detected": sum(f.found for f in self.findings),
            "median_delay_free_visible_s": median(self.delays(True)),
            "p95_delay_free_visible_s": percentile(self.delays(True), 0.95),
            "median_delay_generation_only_s": median(self.delays(False)),
            "p95_delay_generation_only_s": percentile(self.delays(False), 0.95),
        }


def score(
    faults: Sequence[Fault],
    lines: Timelines,
    usd_per_day: float,
    free_visible: Callable[[Fault], bool],
) -> Score:
    """Return how a monitor did that said *lines* while *faults* happened; times on one clock."""
    findings = [
        _finding(f, lines.get(f.target, Timeline()), free_visible(f)) for f in faults if f.scored
    ]
    alarms = [a for name, line in lines.items() for a in _false_alarms(name, line, faults)]
    return Score(usd_per_day, findings, sorted(alarms))


def _finding(fault: Fault, line: Timeline, free_visible: bool) -> Finding:
    if line.at(fault.start) not in CALM:
        return Finding(fault, free_visible, True, None)
    for turn in line.turns:
        if _caused(fault, turn) and turn.before in CALM and turn.word not in CALM:
            return Finding(fault, free_visible, True, turn.at - fault.start)
    return Finding(fault, free_visible, False, None)


def _false_alarms(
    name: str, line: Timeline, faults: Sequence[Fault]
) -> list[tuple[float, str, str]]:
    mine = [f for f in faults if f.target == name and not f.transient]
    return [
        (turn.at, name, turn.word)
        for turn in line.turns
        if turn.before in USABLE
        and turn.word not in USABLE
        and not any(_caused(f, turn) for f in mine)
    ]


def _caused(fault: Fault, turn: Turn) -> bool:
    """Whether a change of word is caused by a fault."""
    return fault.start < turn.at and (turn.at <= fault.end + TAIL or turn.began <= fault.end)


def median(values: Sequence[float]) -> float | None:
    """Return the median to a tenth of a second, None of nothing."""
    return round(statistics.median(values), 1) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that *share* of the sorted *values* do not exceed, None of nothing."""
    if not values:
        return None
    return round(values[max(0, math.ceil(share * len(values)) - 1)], 1)
