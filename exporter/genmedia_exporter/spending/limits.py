"""What paid probes may cost: estimates, days and months, limits by scope, and whether one more fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from genmedia_exporter.config.schema import Budget
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.targets.model import Account, Cap, Target, generation_usd
from genmedia_exporter.words.language import decimal, say

TOLERANCE: Final = 1e-9
"""US dollars by which a sum of floats may miss what it should be."""
ROUTINE_SHARE: Final = 0.8
"""Of a day's money, what routine generations share."""
AHEAD: Final = 86_400.0
"""Seconds in the future from which a booking's date says that a clock was wrong."""


NO_CAP: Final = Cap()
NOTHING: Final = Cap(0.0, 0.0)


class RefusalKind(StrEnum):
    """Why no money is given, for programs."""

    DISABLED = "disabled"
    NO_PRICE = "no_price"
    DAILY = "daily"
    MONTHLY = "monthly"
    ACCOUNT = "account"
    TARGET = "target"
    STORAGE = "storage"
    CLOCK = "clock"
    SHARING = "sharing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """No money for a paid probe: why, as a word and as a sentence."""

    kind: RefusalKind
    why: str


@dataclass(frozen=True, slots=True)
class Spending:
    """What paid probes may cost and have cost, in US dollars; a limit of 0 means none ever runs."""

    daily_usd: float = 0.0
    spent_today_usd: float | None = 0.0  # None: the ledger could not be read yet
    monthly_usd: float = 0.0
    spent_this_month_usd: float | None = 0.0
    enabled: bool = True  # False: switched off by hand


@dataclass(frozen=True, slots=True)
class Spent:
    """What one scope has spent, in US dollars; what is not settled counts as reserved."""

    day: float = 0.0
    month: float = 0.0


@dataclass(frozen=True, slots=True)
class Sums:
    """What counts against the limits of one target: everybody's, its account's and its own."""

    process: Spent = Spent()
    account: Spent = Spent()
    target: Spent = Spent()
    ahead: float = 0.0  # of the process's month, what is dated more than a day ahead


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    """The limits in force. Those of accounts and targets only narrow the process's."""

    process: Cap = NOTHING
    zone: str = "UTC"
    accounts: Mapping[str, Cap] = field(default_factory=lambda: MappingProxyType({}))
    targets: Mapping[str, Cap] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, target: Target) -> tuple[Cap, Cap, Cap]:
        """Return what limits *target*: the process's, its account's and its own."""
        account = self.accounts.get(target.account.name, NO_CAP)
        return self.process, account, self.targets.get(target.name, NO_CAP)


def limits_of(
    budget: Budget, accounts: Iterable[Account], targets: Iterable[Target]
) -> SpendingLimits:
    """Return the limits that a configuration puts into force."""
    return SpendingLimits(
        Cap(budget.daily_usd, budget.monthly_usd),
        budget.timezone,
        {a.name: a.budget for a in accounts if a.budget != NO_CAP},
        {t.name: t.budget for t in targets if t.budget != NO_CAP},
    )


def estimate(target: Target) -> float | None:
    """Return what one generation of *target* costs in US dollars, or None where nobody can say."""
    return generation_usd(target.price, target.provider.job_for(target.operation, target.model))


@dataclass(frozen=True, slots=True)
class Periods:
    """The day and the month that a moment lies in; times in Unix seconds."""

    day: str  # 2026-11-23
    month: str  # 2026-11
    day_start: Unix
    month_start: Unix
    next_day: Unix


def periods(at: Unix, zone: str) -> Periods:
    """Return the periods of *at* (Unix seconds) in a time zone.

    Days are as long as the zone makes them: 23 or 25 hours where a clock changes. Raises
    ValueError, OverflowError or OSError for a time that no calendar has.
    """
    where = _zone(zone)
    today = datetime.fromtimestamp(float(at), where).date()
    tomorrow = today + timedelta(days=1)
    return Periods(
        today.isoformat(),
        today.isoformat()[:7],
        _start(today, where),
        _start(today.replace(day=1), where),
        _start(tomorrow, where),
    )


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)  # UTC also without time zone data


def _start(day: date, where: tzinfo) -> Unix:
    # A midnight that a change of the clock leaves out is the moment of the change; of two, the first.
    return Unix(datetime.combine(day, time.min, where).timestamp())


def refusal(usd: float, sums: Sums, limits: SpendingLimits, target: Target) -> Refusal | None:
    """Return why *usd* more does not fit into what is left for *target*, or None if it does."""
    process, account, own = limits.of(target)
    scopes = (
        (process, sums.process, "the budget", None),
        (
            account,
            sums.account,
            f"the budget of account {quote(target.account.name)}",
            RefusalKind.ACCOUNT,
        ),
        (own, sums.target, f"the budget of target {quote(target.name)}", RefusalKind.TARGET),
    )
    for cap, spent, whose, kind in scopes:
        for limit, used, word, usual in (
            (cap.daily_usd, spent.day, "day", RefusalKind.DAILY),
            (cap.monthly_usd, spent.month, "month", RefusalKind.MONTHLY),
        ):
            if limit is not None and (limit <= 0 or used + usd > limit + TOLERANCE):
                why = _why(usd, used, limit, f"{whose} for the {word}")
                return _of_ahead(Refusal(kind or usual, why), sums.ahead if limit > 0 else 0.0)
    return None


def _why(usd: float, used: float, limit: float, whose: str) -> str:
    if limit <= 0:
        return f"{whose} is 0: paid probes never run"
    left = dollars(max(0.0, limit - used))
    return f"{whose} has {left} of {dollars(limit)} left, and one generation costs {dollars(usd)}"


def _of_ahead(refused: Refusal, ahead: float) -> Refusal:
    """Name the clock where bookings from the future are among what was spent."""
    if ahead <= 0:
        return refused
    why = f"{refused.why}; {dollars(ahead)} of what is spent is dated in the future: a clock is or was wrong"
    return Refusal(RefusalKind.CLOCK, why)


def dollars(usd: float) -> str:
    """Return an amount for people: $1.00, $0.40, and $0.0042 where cents would hide it.

    Three digits of a small one are enough: $0.0236, not $0.023639.
    """
    if usd >= 0.1 or round(usd, 2) == round(usd, 6):
        return say("${amount}", amount=decimal(usd, 2))
    places = len(f"{Decimal(f'{usd:.3g}'):f}".partition(".")[2])
    return say("${amount}", amount=decimal(usd, places))
