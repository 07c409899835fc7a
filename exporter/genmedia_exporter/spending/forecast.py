"""What paid probes will cost at this configuration, and how often each can really run. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from genmedia_exporter.config.values import format_duration
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import generation_spacing
from genmedia_exporter.spending.fair_share import fair_shares
from genmedia_exporter.spending.limits import (
    ROUTINE_SHARE,
    TOLERANCE,
    SpendingLimits,
    dollars,
    estimate,
)
from genmedia_exporter.targets.model import Cap, Target
from genmedia_exporter.words.language import decimal, say

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
    spacing: float = 0.0  # seconds from start to start if money were no object; 0: the interval

    @property
    def wanted(self) -> float:
        """Generations a day if money were no object."""
        return DAY / (self.spacing or self.interval)

    @property
    def every(self) -> float:
        """The pace: seconds from one to the next, within all limits; infinite where there is no money."""
        return DAY / self.runs if self.runs > 0 else math.inf

    @property
    def usd_per_day(self) -> float:
        """What its generations cost a day within the limits."""
        return self.runs * (self.usd or 0.0)

    @property
    def budget_limited(self) -> bool:
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
        if not any(each.budget_limited for each in self.planned):
            return about
        return f"{about}; the intervals as written would take {dollars(round(self.wanted_usd_per_day, 2))} a day"

    def lines(self, most: int = SHOWN) -> list[str]:
        """Return a line for each target, dearest first and those that never run at the end."""
        ordered = dearest_first(self.planned)
        width = max((len(each.name) for each in ordered[:most]), default=0)
        lines = [f"{each.name:<{width}}  {forecast_line(each)}" for each in ordered[:most]]
        rest = len(ordered) - most
        return [*lines, f"and {rest} more"] if rest > 0 else lines


def dearest_first(planned: Iterable[Planned]) -> list[Planned]:
    """Return them in the order people look at: by what they cost, those that never run at the end."""
    return sorted(planned, key=lambda each: (bool(each.never), -each.usd_per_day, each.name))


def forecast_line(each: Planned) -> str:
    """Return what one target's generations cost and how often they run, in words."""
    if each.never:
        return f"never: {each.never}"
    price = f"{dollars(each.usd or 0.0)} each"
    every = format_duration(each.interval)
    if not each.budget_limited:
        return f"{price}, every {every}: {dollars(each.usd_per_day)} a day"
    return (
        f"{price}, {often(each.runs)} instead of every {every}: {dollars(each.usd_per_day)} a day"
    )


def often(runs: float) -> str:
    """Return how often that is: about 2.5 times a day, about every 4 days."""
    if runs >= 1.05:
        return say("about {n} times a day", n=_short(runs))
    if runs >= 1:
        return say("about 1 a day")
    return say("about every {n} days", n=_short(1 / runs)) if runs > 0 else say("never")


def _short(number: float) -> str:
    return decimal(number, 0 if f"{number:.1f}".endswith(".0") else 1)


def forecast(
    targets: Iterable[Target],
    limits: SpendingLimits,
    day_usd: float | None = None,
    now: Unix | None = None,
) -> Forecast:
    """Return what the targets that have the depth generate will cost under *limits*.

    *day_usd* is what a day may cost on average, where the month's rest says otherwise than its
    31st part. *now*: models that have ended by then are never paid for. Where the money does not cover every interval, targets get max-min fair shares of it,
    and these set the pace of each. Urgent generations come on top, within the limits. Refused
    generations cost nothing.
    """
    paid = [target for target in targets if Depth.GENERATE in target.depths]
    whole = limits.process
    day = _steady(whole) if day_usd is None else day_usd
    planned = [_alone(t, limits, day, ended(t, now)) for t in paid]
    planned = _shared(paid, planned, lambda t: (t.account.name, _steady(limits.of(t)[1])))
    planned = _shared(paid, planned, lambda _: ("", ROUTINE_SHARE * day))
    return Forecast(tuple(planned), whole.daily_usd or 0.0, whole.monthly_usd or 0.0)


def _steady(cap: Cap) -> float:
    """Return what *cap* allows a day, day after day."""
    day = math.inf if cap.daily_usd is None else cap.daily_usd
    return day if cap.monthly_usd is None else min(day, cap.monthly_usd / MONTH_DAYS)


def ended(target: Target, now: Unix | None) -> str:
    """Return that the model has ended by its provider's own date; empty where it has not."""
    if now is None or target.ends_at is None or not target.end_date_binding or now < target.ends_at:
        return ""
    day = datetime.fromtimestamp(float(target.ends_at), UTC).date().isoformat()
    return say("its model ended on {day}", day=day)


def _alone(target: Target, limits: SpendingLimits, day: float, over: str) -> Planned:
    """Return what a target gets if nobody shares with it, where *day* dollars flow in a day."""
    usd, never = estimate(target), over or never_paid(target, limits)
    interval, spacing = target.intervals[Depth.GENERATE], generation_spacing(target)
    if never or not usd:
        runs = 0.0 if never else DAY / spacing
        return Planned(target.name, usd, interval, runs, never, spacing)
    whole, *caps = limits.of(target)
    daily = whole.daily_usd or 0.0
    leaves = min((1 - ROUTINE_SHARE) * day, max(0.0, daily - usd))
    days = [daily - leaves, *(cap.daily_usd for cap in caps if cap.daily_usd is not None)]
    whole_clips = [(each + TOLERANCE) // usd for each in days]  # no day pays for half a clip
    runs = min(
        DAY / spacing, ROUTINE_SHARE * day / usd, *(_steady(c) / usd for c in caps), *whole_clips
    )
    return Planned(target.name, usd, interval, runs, spacing=spacing)


def never_paid(target: Target, limits: SpendingLimits) -> str:
    """Return why one generation can never be paid for under *limits*; empty if it can."""
    usd = estimate(target)
    if usd is None:
        known = target.price is not None
        return (
            say("how long its clips are is not known") if known else say("its price is not known")
        )
    account = say("the budget of account '{name}'", name=target.account.name)
    whose = (say("the budget"), account, say("its own budget"))
    for cap, name in zip(limits.of(target), whose, strict=True):
        for limit, word in ((cap.daily_usd, "day"), (cap.monthly_usd, "month")):
            if limit is not None and limit <= 0:
                return say(_ZERO[word], whose=name)
            if limit is not None and usd > limit + TOLERANCE:
                return say(_DEAR[word], usd=dollars(usd), whose=name, limit=dollars(limit))
    return ""


_ZERO: Final = {"day": "{whose} is 0 a day", "month": "{whose} is 0 a month"}
_DEAR: Final = {
    "day": "one costs {usd}, more than {whose} of {limit} a day",
    "month": "one costs {usd}, more than {whose} of {limit} a month",
}


def _shared(
    paid: Sequence[Target],
    planned: Sequence[Planned],
    limit: Callable[[Target], tuple[str, float]],
) -> list[Planned]:
    """Give those under the same *limit* (its name, and its dollars a day) fair shares of it."""
    groups: dict[str, list[int]] = {}
    for place, target in enumerate(paid):
        groups.setdefault(limit(target)[0], []).append(place)
    found = list(planned)
    for places in groups.values():
        demands = [planned[place].usd_per_day for place in places]
        shares = fair_shares(demands, limit(paid[places[0]])[1])
        for place, demand, share in zip(places, demands, shares, strict=True):
            price = found[place].usd
            if price and share < demand:
                found[place] = replace(found[place], runs=share / price)
    return found
