"""Wishes for paid generations, and which is paid first: pure functions, and a memory of what was urgent."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from genmedia_exporter.spending.limits import TOLERANCE

WINDOW_SECONDS: Final = 86_400.0
"""What the routine has spent is counted over this long, so that midnight does not bunch it."""
SAVING_SECONDS: Final = WINDOW_SECONDS
"""A turn that finds no money has its price put aside bit by bit, all of it after this long."""
WITH_SEQUEL: Final = 3
"""Clips that must fit where one is not pressing: it may fail, be confirmed, and be looked at again."""


class Cause(IntEnum):
    """Why a target's generation is worth paying for, most urgent first."""

    CONFIRM = 0  # one has failed: accident or fault?
    SUSPICION = 1  # free depths contradict each other, the page says ill, it has become slow
    RECHECK = 2  # a confirmed failure: does it work again?
    RECOVERY = 3  # the free depths were down and are back: does the product work, too?
    ROUTINE = 4  # its turn has come


@dataclass(frozen=True, slots=True)
class Wish:
    """A generation that would teach something now."""

    name: str
    cause: Cause
    usd: float  # estimated price
    staleness: float  # turns since the last one began; infinite when there was none
    late: float = 0.0  # seconds since its turn came, as far as it may save for it
    short: bool = False  # of the routine: money spaces its turns, not its interval

    @property
    def order(self) -> tuple[float, float, str]:
        """Sorts by urgency, then by what a dollar buys: staleness. Deterministic."""
        worth = self.staleness / self.usd if self.usd > 0 else math.inf
        return self.cause, -worth, self.name

    @property
    def put_aside(self) -> float:
        """What has been put aside for it, in US dollars."""
        return self.usd * min(1.0, max(0.0, self.late) / SAVING_SECONDS)


@dataclass(frozen=True, slots=True)
class Pace:
    """What may be spent, in US dollars; sums are over the last WINDOW_SECONDS."""

    daily_usd: float
    spent_usd: float
    urgent_usd: float = 0.0  # of that, what was urgent, as far as this process knows
    full_usd: float = 0.0  # likewise, the turns of those who are not short
    room_usd: float = math.inf  # what turns may cost
    kept_usd: float = 0.0  # of that, what is planned a day for those who are not short

    def fits(self, wished: Wish, aside_usd: float = 0.0) -> bool:
        """Whether it may be bought now, as far as sharing the day among targets is concerned.

        *aside_usd* is put aside for another. Rechecks keep within the day, a recovery so that what
        it may lead to fits, too. A confirmation or a suspicion is for the ledger to refuse.
        """
        if wished.cause is Cause.ROUTINE:
            return self._has_turn(wished, aside_usd)
        if wished.cause in (Cause.RECHECK, Cause.RECOVERY):
            clips = 1 if wished.cause is Cause.RECHECK else WITH_SEQUEL
            return self.spent_usd + clips * wished.usd <= self.daily_usd + TOLERANCE
        return True

    def _has_turn(self, wished: Wish, aside_usd: float) -> bool:
        routine = max(0.0, self.spent_usd - self.urgent_usd)
        more = wished.usd + aside_usd - TOLERANCE
        if not wished.short:
            limit = self.room_usd if aside_usd else max(self.room_usd, self.daily_usd)
            return routine + more <= limit
        others = max(0.0, routine - self.full_usd)
        rest = max(self.room_usd - self.kept_usd, wished.usd)
        return others + more <= rest and routine + more <= self.room_usd

    def beside_the_full(self, wished: Wish) -> bool:
        """Whether there is a moment for it without taking from those who are not short."""
        return wished.usd + self.kept_usd <= self.room_usd + TOLERANCE


def daily_pace(daily_usd: float, monthly_usd: float, spent_before_today: float, days: int) -> float:
    """Return what a day may cost so that the month's budget lasts *days* more days, today included."""
    return max(0.0, min(daily_usd, (monthly_usd - spent_before_today) / max(1, days)))


def choose(wishes: Iterable[Wish], pace: Pace) -> Wish | None:
    """Return the generation to buy next, or None while nothing fits.

    What does not fit is in nobody's way. But for one turn at a time, the one that has waited
    longest, money is put aside: within two days it fits, however many cheap ones come between.
    Those who are not short give nothing to that, unless it could never be bought beside them.
    """
    found = sorted(wishes, key=lambda w: w.order)
    turns = [w for w in found if w.cause is Cause.ROUTINE and w.short]
    saver = max(turns, key=lambda w: w.late, default=None)
    for each in found:
        aside = 0.0
        if saver is not None and each is not saver:
            spared = not each.short and pace.beside_the_full(saver)
            aside = 0.0 if spared else saver.put_aside
        if pace.fits(each, aside):
            return each
    return None


class Bought:
    """What was bought of one sort, remembered for WINDOW_SECONDS: other limits hold for it."""

    def __init__(self) -> None:
        self._bought: dict[int, tuple[float, float]] = {}  # reservation: when (Unix), US dollars

    def add(self, reservation: int, at: float, usd: float) -> None:
        """Note a purchase, or what it really cost."""
        self._bought[reservation] = (at, usd)

    def __contains__(self, reservation: int) -> bool:
        return reservation in self._bought

    def since(self, at: float) -> float:
        """Return what was bought after *at* (Unix seconds), and forget what came before."""
        self._bought = {key: kept for key, kept in self._bought.items() if kept[0] > at}
        return sum(usd for _, usd in self._bought.values())
