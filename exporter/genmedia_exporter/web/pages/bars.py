"""Availability by day and by hour, and response times, drawn as SVG without script and said in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.health.response_times import ResponseTime
from genmedia_exporter.health.uptime import Uptime
from genmedia_exporter.report.formatting import duration, percent, short_day
from genmedia_exporter.web.services import NO_PAST, Past
from genmedia_exporter.words.language import language, plural, say

STEP: Final = 4
"""Units of the drawing from one slot to the next; a bar takes three of them."""
HEIGHT: Final = 20
GAP: Final = 8
"""Between the days and the hours."""
_UP: Final = 0.9999
_HEIGHTS: Final = {"up": HEIGHT, "partly": 15, "down": 9, "unknown": 2}
"""How high a bar is: what the colour says, the height says too."""

Kind = Literal["up", "partly", "down", "unknown"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One drawing: a path for each kind of slot, so that a quarter of a year costs few bytes."""

    paths: tuple[tuple[Kind, str], ...]
    width: int
    label: str
    days: int  # on which anything is known


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Response times of a day: a line through what is known, and its words."""

    path: str
    width: int
    p95: str
    label: str


class Drawings:
    """What was drawn for each target, drawn again once a minute: each target at a second of its own."""

    def __init__(self, past: Past = NO_PAST) -> None:
        self._past = past
        self._known: dict[tuple[str, str], tuple[int, Bar | None, Sparkline | None]] = {}

    def of(self, name: str, now: Unix) -> tuple[Bar | None, Sparkline | None]:
        """Return availability and response time of a target, in the present language."""
        key = (name, language().code)
        minute = int((now + len(name) * 7 + sum(name.encode()) % 60) // 60)
        known = self._known.get(key)
        if known is None or known[0] != minute:
            past = self._past
            drawn = bar(past.days(name), past.hours(name), now)
            known = (minute, drawn, sparkline(past.response_time(name)))
            self._known[key] = known
        return known[1:]

    def retain(self, names: Collection[str]) -> None:
        """Forget all targets but *names*."""
        for key in [key for key in self._known if key[0] not in names]:
            del self._known[key]


def bar(days: Sequence[Uptime], hours: Sequence[Uptime], now: Unix) -> Bar | None:
    """Return *days* and beside them *hours*, both oldest first; None while nothing is known."""
    if not any(slot.known > 0 for slot in (*days, *hours)):
        return None
    starts: dict[Kind, list[str]] = {}
    for number, slot in enumerate((*days, *hours)):
        left = number * STEP + (GAP if number >= len(days) else 0)
        kind = kind_of(slot)
        high = _HEIGHTS[kind]
        starts.setdefault(kind, []).append(f"M{left + 2} {HEIGHT}V{HEIGHT - high}")
    width = (len(days) + len(hours)) * STEP + GAP
    paths = tuple((kind, "".join(drawn)) for kind, drawn in sorted(starts.items()))
    return Bar(paths, width, _words(days, now), sum(day.known > 0 for day in days))


def kind_of(slot: Uptime) -> Kind:
    """Return what a slot of time was, as far as it is known."""
    ratio = slot.ratio
    if ratio is None:
        return "unknown"
    return "up" if ratio >= _UP else "partly" if ratio > 0 else "down"


def _words(days: Sequence[Uptime], now: Unix) -> str:
    """Say what the days say: the whole, and the worst of them."""
    whole = Uptime(sum(day.up for day in days), sum(day.known for day in days)).ratio
    if whole is None:
        return say("no data")
    known = [(day.ratio, number) for number, day in enumerate(days) if day.ratio is not None]
    said = plural(len(known), "{n} day: {ratio} up", "{n} days: {ratio} up", ratio=percent(whole))
    worst, number = min(known)
    if worst >= _UP or len(known) == 1:
        return said
    day = short_day(now - (len(days) - 1 - number) * DAY)
    return say("{said}; the worst day {day}: {ratio}", said=said, day=day, ratio=percent(worst))


def sparkline(times: ResponseTime) -> Sparkline | None:
    """Return the response times of a day, as high as the slowest hour; None while none is known."""
    if times.median is None or times.p95 is None:
        return None
    slowest = max(hour for hour in times.hours if hour is not None)
    drawn, pen = [], "M"
    for number, hour in enumerate(times.hours):
        if hour is None:
            pen = "M"  # the line is broken where nothing is known
            continue
        drawn.append(f"{pen}{number * STEP} {HEIGHT - 1 - round(hour / slowest * (HEIGHT - 2))}")
        pen = "L"
        if number + 1 == len(times.hours) or times.hours[number + 1] is None:
            drawn.append("h2")  # an hour between two gaps is seen, too
    p95, median = duration(times.p95), duration(times.median)
    label = say("response time over 24 h: median {median}, p95 {p95}", median=median, p95=p95)
    return Sparkline("".join(drawn), len(times.hours) * STEP, p95, label)
