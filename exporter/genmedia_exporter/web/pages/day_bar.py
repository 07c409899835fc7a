"""The last 24 hours in half-hour slots, drawn as SVG and said in words; from a target's records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.health.uptime import Sample, intervals
from genmedia_exporter.report.formatting import percent
from genmedia_exporter.storage.reader import Record
from genmedia_exporter.words.language import say

SLOT: Final = 1_800.0
SLOTS: Final = 48
HEIGHT: Final = 32
"""Units of the drawing that a slot without failure is high."""
_DOWN: Final = 16
_LEAST: Final = 4
_UNKNOWN: Final = 2
_UP: Final = 0.9999

Kind = Literal["up", "partly", "down", "unknown"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Half an hour; *height* and *left* place its bar in the drawing."""

    kind: Kind
    left: int
    height: int
    title: str

    @property
    def top(self) -> int:
        """Where the bar begins, from above."""
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Day:
    """All slots, oldest first, and what they say together."""

    slots: tuple[Slot, ...]
    summary: str
    start: str  # the first slot's time of day


def day_bar(records: Sequence[Record], now: Unix) -> Day:
    """Return the day before *now* (Unix seconds); *records* are newest first."""
    first = Unix((now // SLOT - SLOTS + 1) * SLOT)
    up, known = [0.0] * SLOTS, [0.0] * SLOTS
    samples = (Sample(row["at"], row["up"], row["holds"]) for row in reversed(records))
    for interval in intervals(samples, now):
        at = max(interval.start, first)
        while at < interval.end:
            number = int((at - first) // SLOT)
            end = min(first + (number + 1) * SLOT, interval.end)
            known[number] += end - at
            up[number] += (end - at) * interval.up
            at = end
    slots = tuple(_slot(n, first + n * SLOT, up[n], known[n], now) for n in range(SLOTS))
    return Day(slots, _summary(slots), _clock(first))


def _slot(number: int, start: Unix, up: float, known: float, now: Unix) -> Slot:
    left, when = number * 10, f"{_clock(start)}–{_clock(start + SLOT)} UTC"
    if known <= 0:
        return Slot("unknown", left, _UNKNOWN, f"{when}: {say('no data')}")
    ratio = min(1.0, up / known)
    share = min(1.0, known / max(1.0, min(SLOT, now - start)))
    partly = "" if share > 0.95 else say(", {share} known", share=percent(share))
    kind: Kind = "up" if ratio >= _UP else "partly" if ratio > 0 else "down"
    filled = min(HEIGHT - _LEAST, max(_LEAST, round(ratio * HEIGHT)))
    height = {"up": HEIGHT, "partly": filled, "down": _DOWN}[kind]
    return Slot(kind, left, height, f"{when}: {say('{ratio} up', ratio=percent(ratio))}{partly}")


def _clock(at: Unix) -> str:
    return datetime.fromtimestamp(float(at), UTC).strftime("%H:%M")


def _summary(slots: Sequence[Slot]) -> str:
    counts = Counter(slot.kind for slot in slots)
    said = [say(text, n=counts[kind]) for kind, text in _SUMMARIES.items() if counts[kind]]
    of_all = say("Of the last {n} half hours: {what}.", n=len(slots), what=say(", ").join(said))
    return of_all


_SUMMARIES: Final[dict[Kind, str]] = {
    "up": "{n} without failures",
    "partly": "{n} with some failures",
    "down": "{n} down throughout",
    "unknown": "{n} without data",
}
