"""What paid probes will cost at this configuration, and how often each can really run. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.config.values import format_duration
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import generation_spacing
from genmedia_exporter.spending.limits import (
    ROUTINE_SHARE,
    TOLERANCE,
    SpendingLimits,
    dollars,
    estimate,
)
from genmedia_exporter.targets.model import Cap, Target

DAY: Final = 86_400.0
MONTH_DAYS: Final = 31
"""Days a month's budget has to last: the longest month's."""
URGENT_SHARE: Final = 1 - ROUTINE_SHARE
"""Of a day's budget, what stays for others where one clip takes more than the turns' share."""
EQUAL_SHARE: Final = 0.5
"""Of money that is short, what everybody gets the same dollars of."""
SHOWN: Final = 12
"""Targets named one by one; of many more, the dearest."""
NO_BUDGET: Final = "they take budget.daily_usd and budget.monthly_usd above 0"


@dataclass(frozen=True, slots=True)
class Planned:
    """The generations of one target."""

    name: str
    usd: float | None  # one generation; None: nobody can say
    interval: float  # seconds, as configured
    runs: float  # a day, within all limits
    never: str = ""  # why it can never run
    turn: float = 0.0  # seconds from start to start if money were no object; 0: the interval

    @property
    def wanted(self) -> float:
        """Generations a day if money were no object."""
        return DAY / (self.turn or self.interval)

    @property
    def every(self) -> float:
        """Seconds from one to the next, within all limits; infinite where there is no money."""
        return DAY / self.runs if self.runs > 0 else math.inf

    @property
    def usd_per_day(self) -> float:
        """What its generations cost a day within the limits."""
        return self.runs * (self.usd or 0.0)

    @property
    def short(self) -> bool:
        """Whether money, not the interval, says how often it runs."""
        return not self.never and self.runs < self.wanted * 0.999


@dataclass(frozen=True, slots=True)
class Forecast:
    """All paid probes of a configuration; US dollars."""

    planned: tuple[Planned, ...] = ()
    daily_usd: float = 0.0
    monthly_usd: float = 0.0
    room_usd: float = 0.0  # what turns may cost in any 24 hours

    @property
    def usd_per_day(self) -> float:
        """What is spent a day, within the limits."""
        return sum(each.usd_per_day for each in self.planned)

    @property
    def wanted_usd_per_day(self) -> float:
        """What would be spent a day at the intervals as configured."""
        return sum(each.wanted * each.usd for each in self.planned if each.usd and not each.never)

    @property
    def headline(self) -> str:
        """One sentence: "Paid probes: about $0.42 a day, of at most $1.00 a day and $20.00 a month"."""
        if not self.planned:
            set_ = self.daily_usd > 0 and self.monthly_usd > 0
            why = "no target reaches the depth generate" if set_ else NO_BUDGET
            return f"Paid probes: none; {why}"
        limits = f"{dollars(self.daily_usd)} a day and {dollars(self.monthly_usd)} a month"
        about = (
            f"Paid probes: about {dollars(round(self.usd_per_day, 2))} a day, of at most {limits}"
        )
        if not any(each.short for each in self.planned):
            return about
        return f"{about}; the intervals as written would take {dollars(round(self.wanted_usd_per_day, 2))} a day"

    def lines(self, most: int = SHOWN) -> list[str]:
        """Return a line for each target, dearest first and those that never run at the end."""
        ordered = dearest_first(self.planned)
        width = max((len(each.name) for each in ordered[:most]), default=0)
        lines = [f"{each.name:<{width}}  {describe(each)}" for each in ordered[:most]]
        rest = len(ordered) - most
        return [*lines, f"and {rest} more"] if rest > 0 else lines


def dearest_first(planned: Iterable[Planned]) -> list[Planned]:
    """Return them in the order people look at: by what they cost, those that never run at the end."""
    return sorted(planned, key=lambda each: (bool(each.never), -each.usd_per_day, each.name))


def describe(each: Planned) -> str:
    """Return what one target's generations cost and how often they run, in words."""
    if each.never:
        return f"never: {each.never}"
    price = f"{dollars(each.usd or 0.0)} each"
    every = format_duration(each.interval)
    if not each.short:
        return f"{price}, every {every}: {dollars(each.usd_per_day)} a day"
    return (
        f"{price}, {often(each.runs)} instead of every {every}: {dollars(each.usd_per_day)} a day"
    )


def often(runs: float) -> str:
    """Return how often that is: about 2.5 times a day, about every 4 days."""
    if runs >= 1:
        return f"about {runs:.1f}".removesuffix(".0") + (
            " times a day" if runs >= 1.05 else " a day"
        )
    return f"about every {1 / runs:.1f}".removesuffix(".0") + " days" if runs > 0 else "never"


def forecast(
    targets: Iterable[Target], limits: SpendingLimits, day_usd: float | None = None
) -> Forecast:
    """Return what the targets that have the depth generate will cost under *limits*.

    *day_usd* is what a day may cost on average, where the month's rest says otherwise than its
    31st part. Where money is short, half of it goes to all who share it in equal dollars, up to
    what each asks for, and the rest to the cheapest first; it is how the exporter itself spaces
    their turns. What changes and failures call for comes on top, within the limits, and refused
    generations cost nothing.
    """
    paid = [target for target in targets if Depth.GENERATE in target.depths]
    whole = limits.process
    day = _steady(whole) if day_usd is None else day_usd
    never = {t.name: never_paid(t, limits) for t in paid}
    dearest = max((estimate(t) or 0.0 for t in paid if not never[t.name]), default=0.0)
    room = max(ROUTINE_SHARE * day, min(whole.daily_usd or 0.0, dearest + URGENT_SHARE * day))
    planned = [_planned(t, limits, (day, room), never[t.name]) for t in paid]
    planned = _shared_out(paid, planned, lambda t: (t.account.name, _steady(limits.of(t)[1])))
    planned = _shared_out(paid, planned, lambda _: ("", _routine(day, dearest)))
    return Forecast(tuple(planned), whole.daily_usd or 0.0, whole.monthly_usd or 0.0, room)


def _steady(cap: Cap) -> float:
    """Return what *cap* allows a day, day after day."""
    day = math.inf if cap.daily_usd is None else cap.daily_usd
    return day if cap.monthly_usd is None else min(day, cap.monthly_usd / MONTH_DAYS)


def _routine(day: float, dearest: float) -> float:
    """Return what turns may cost a day on average: their share, or one clip alone."""
    return max(ROUTINE_SHARE * day, min(dearest, day))


def _planned(
    target: Target, limits: SpendingLimits, shared: tuple[float, float], never: str
) -> Planned:
    """Return what one gets alone; *shared*: what a day may cost on average, turns within one."""
    day, room = shared
    usd, interval, turn = (
        estimate(target),
        target.intervals[Depth.GENERATE],
        generation_spacing(target),
    )
    if never or not usd:
        return Planned(target.name, usd, interval, 0.0 if never else DAY / turn, never, turn)
    caps = limits.of(target)[1:]
    days = [room, *(cap.daily_usd for cap in caps if cap.daily_usd is not None)]
    whole = [(each + TOLERANCE) // usd for each in days]  # no day pays for half a clip
    runs = min(DAY / turn, _routine(day, usd) / usd, _steady(caps[1]) / usd, *whole)
    return Planned(target.name, usd, interval, runs, turn=turn)


def never_paid(target: Target, limits: SpendingLimits) -> str:
    """Return why one generation can never be paid for under *limits*; empty if it can."""
    usd = estimate(target)
    if usd is None:
        known = target.price is not None
        return "how long its clips are is not known" if known else "its price is not known"
    whose = ("the budget", f"the budget of account '{target.account.name}'", "its own budget")
    for cap, name in zip(limits.of(target), whose, strict=True):
        for limit, word in ((cap.daily_usd, "day"), (cap.monthly_usd, "month")):
            if limit is not None and limit <= 0:
                return f"{name} is 0 a {word}"
            if limit is not None and usd > limit + TOLERANCE:
                return f"one costs {dollars(usd)}, more than {name} of {dollars(limit)} a {word}"
    return ""


def _shared_out(
    paid: Sequence[Target],
    planned: Sequence[Planned],
    shared: Callable[[Target], tuple[str, float]],
) -> list[Planned]:
    """Let those who share a limit (its name, and what it allows a day) keep within it."""
    groups: dict[str, list[int]] = {}
    for place, target in enumerate(paid):
        groups.setdefault(shared(target)[0], []).append(place)
    found = list(planned)
    for places in groups.values():
        allowed = shared(paid[places[0]])[1]
        some = [planned[place] for place in places]
        if sum(each.usd_per_day for each in some) <= allowed + TOLERANCE:
            continue
        for place, usd in zip(places, _given(some, allowed), strict=True):
            price = found[place].usd
            if price:
                found[place] = replace(found[place], runs=usd / price)
    return found


def _given(some: Sequence[Planned], allowed: float) -> list[float]:
    """Return what each gets a day: of one part the same dollars, of the rest the cheapest first."""
    wants = [each.usd_per_day for each in some]
    level = _level(wants, EQUAL_SHARE * allowed)
    given = [min(want, level) for want in wants]
    for price in sorted({each.usd or 0.0 for each in some}):
        alike = [n for n, each in enumerate(some) if (each.usd or 0.0) == price]
        missing = [wants[n] - given[n] for n in alike]
        level = _level(missing, allowed - sum(given))
        for n, more in zip(alike, missing, strict=True):
            given[n] += min(more, level)
    return given


def _level(wants: Sequence[float], allowed: float) -> float:
    """Return the height to which all *wants* are cut so that they sum up to what is *allowed*."""
    left = allowed
    for place, want in enumerate(sorted(wants)):
        level = left / (len(wants) - place)
        if want > level:
            return max(0.0, level)
        left -= want
    return math.inf
