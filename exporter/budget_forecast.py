"""What paid probes will cost at this configuration, and how often each can really run. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from exporter.budget import ROUTINE_SHARE, TOLERANCE, Limits, dollars, estimate
from exporter.status import Depth
from exporter.target import Cap, Target
from exporter.values import format_duration

DAY: Final = 86_400.0
MONTH_DAYS: Final = 31
"""Days a month's budget has to last: the longest month's."""
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

    @property
    def wanted(self) -> float:
        """Generations a day if money were no object."""
        return DAY / self.interval

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


def forecast(targets: Iterable[Target], limits: Limits) -> Forecast:
    """Return what the targets that have the depth generate will cost under *limits*.

    Where money is short, those who share a limit get less in the same proportion, and a day's
    limit pays for whole generations only. It is an estimate: what changes and failures call for
    comes on top, within the limits, and refused generations cost nothing.
    """
    paid = [target for target in targets if Depth.GENERATE in target.depths]
    planned = [_planned(target, limits) for target in paid]
    whole, dearest = limits.process, max((p.usd or 0.0 for p in planned if not p.never), default=0)
    planned = _narrowed(paid, planned, lambda t: (t.account.name, _steady(limits.of(t)[1])))
    planned = _narrowed(paid, planned, lambda _: ("", _routine(whole, dearest)))
    return Forecast(tuple(planned), whole.daily_usd or 0.0, whole.monthly_usd or 0.0)


def _steady(cap: Cap) -> float:
    """Return what *cap* allows a day, day after day."""
    day = math.inf if cap.daily_usd is None else cap.daily_usd
    return day if cap.monthly_usd is None else min(day, cap.monthly_usd / MONTH_DAYS)


def _routine(cap: Cap, usd: float) -> float:
    """Return what may go into turns a day, of which one of *usd* alone always may."""
    return min(cap.daily_usd or 0.0, max(ROUTINE_SHARE * _steady(cap), usd))


def _planned(target: Target, limits: Limits) -> Planned:
    usd, interval = estimate(target), target.intervals[Depth.GENERATE]
    never = _never(target, usd, limits)
    if never or not usd:
        return Planned(target.name, usd, interval, 0.0 if never else DAY / interval, never)
    process, account, own = limits.of(target)
    days = [
        _routine(process, usd),
        *(c.daily_usd for c in (account, own) if c.daily_usd is not None),
    ]
    whole = [(day + TOLERANCE) // usd for day in days]
    runs = min(DAY / interval, _steady(process) / usd, _steady(own) / usd, *whole)
    return Planned(target.name, usd, interval, runs)


def _never(target: Target, usd: float | None, limits: Limits) -> str:
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


def _narrowed(
    paid: Sequence[Target],
    planned: Sequence[Planned],
    shared: Callable[[Target], tuple[str, float]],
) -> list[Planned]:
    """Scale those who share a limit (its name, and what it allows a day) down to it."""
    spent: dict[str, float] = {}
    for target, each in zip(paid, planned, strict=True):
        name, _ = shared(target)
        spent[name] = spent.get(name, 0.0) + each.usd_per_day
    narrowed = []
    for target, each in zip(paid, planned, strict=True):
        name, allowed = shared(target)
        share = 1.0 if spent[name] <= allowed else allowed / spent[name]
        narrowed.append(replace(each, runs=each.runs * share))
    return narrowed
