"""Candidates for paid generations, and which is bought first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from genmedia_exporter.spending.limits import ROUTINE_SHARE, TOLERANCE

URGENT_SHARE: Final = 1 - ROUTINE_SHARE
"""Of a day's money, what a routine generation leaves for urgent ones."""
FOLLOW_UPS: Final = 2
"""Prices that a recovery leaves: it may fail, must then be confirmed, and be rechecked."""


class Cause(IntEnum):
    """Why a target's generation is worth paying for, most urgent first."""

    CONFIRM = 0  # one has failed: chance or fault?
    SUSPICION = 1  # free depths contradict each other, the page reports an incident, it became slow
    RECHECK = 2  # a confirmed failure: does it work again?
    RECOVERY = 3  # the free depths were down and are back: does the product work, too?
    ROUTINE = 4  # its interval is over


@dataclass(frozen=True, slots=True)
class Candidate:
    """A generation that would show something new now."""

    name: str
    cause: Cause
    usd: float  # estimated price
    overdue: float = 0.0  # of the routine: how late it is, in parts of its own pace
    waits_in_line: bool = True  # of the routine: whether those behind it wait, too

    @property
    def order(self) -> tuple[int, float, float, str]:
        """Sorts by cause, then the most overdue first, then the cheapest, then by name."""
        return self.cause, -self.overdue, self.usd, self.name


@dataclass(frozen=True, slots=True)
class Funds:
    """What may be spent now, in US dollars."""

    level_usd: float  # in the token bucket
    left_usd: float  # of the calendar day and the month
    usd_per_day: float  # what flows into the bucket
    capacity_usd: float  # what the bucket holds at most

    def allow(self, candidate: Candidate) -> bool:
        """Whether the bucket has enough for it, and for what its cause must leave.

        A confirmation or a suspicion does not wait for the bucket. The ledger may refuse it.
        """
        if candidate.cause in (Cause.CONFIRM, Cause.SUSPICION):
            return True
        rest = min(self.level_usd, self.left_usd) - candidate.usd
        return rest >= self._must_leave(candidate) - TOLERANCE

    def _must_leave(self, candidate: Candidate) -> float:
        if candidate.cause is Cause.RECHECK:
            return 0.0
        if candidate.cause is Cause.RECOVERY:
            return FOLLOW_UPS * candidate.usd
        # A clip that takes nearly all of the bucket leaves what is left of a full one.
        return min(URGENT_SHARE * self.usd_per_day, self.capacity_usd - candidate.usd)

    def without(self, usd: float) -> Funds:
        """Return what is left after a purchase."""
        return Funds(self.level_usd - usd, self.left_usd - usd, self.usd_per_day, self.capacity_usd)


def daily_rate(daily_usd: float, monthly_usd: float, spent_before_today: float, days: int) -> float:
    """Return what a day may cost so that the month's budget lasts *days* more days, today included."""
    return max(0.0, min(daily_usd, (monthly_usd - spent_before_today) / max(1, days)))


def choose(candidates: Iterable[Candidate], funds: Funds) -> Candidate | None:
    """Return the generation to buy next, or None while nothing fits.

    An urgent one that does not fit is passed over. The routine is a line: behind the first one that
    does not fit, the others wait, so that cheap ones do not take what an expensive one waits for.
    """
    for each in sorted(candidates, key=lambda c: c.order):
        if funds.allow(each):
            return each
        if each.cause is Cause.ROUTINE and each.waits_in_line:
            return None
    return None
