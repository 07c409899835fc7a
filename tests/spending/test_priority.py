"""Which of several generations is bought first, and what each must leave in the bucket."""

from __future__ import annotations

from itertools import pairwise

import pytest

from genmedia_exporter.core.clock import DAY, EPOCH, Unix
from genmedia_exporter.spending.bucket import Booking, TokenBucket
from genmedia_exporter.spending.fair_share import fair_shares
from genmedia_exporter.spending.limits import ROUTINE_SHARE
from genmedia_exporter.spending.priority import Candidate, Cause, Funds, choose, daily_rate

HOUR = 3_600.0


def routine(name: str, usd: float, overdue: float = 0.0) -> Candidate:
    """Return a routine generation that is late by so many of its paces."""
    return Candidate(name, Cause.ROUTINE, usd, overdue)


def funds(level: float, left: float | None = None, capacity: float = 1.0) -> Funds:
    """Return the funds of a dollar a day."""
    return Funds(level, level if left is None else left, 1.0, capacity)


def test_causes_come_first_then_the_latest_then_the_cheapest() -> None:
    """Confirmation, suspicion, recheck, recovery, routine; then lateness, price and name."""
    line = [
        Candidate("z", Cause.CONFIRM, 0.4),
        Candidate("y", Cause.SUSPICION, 0.1),
        Candidate("x", Cause.RECHECK, 0.1),
        Candidate("w", Cause.RECOVERY, 0.1),
        routine("v", 0.4, 0.5),
        routine("u", 0.01, 0.4),
        routine("t", 0.02, 0.4),
        routine("r", 0.02),
        routine("s", 0.02),
    ]
    for place, first in enumerate(line):
        assert choose(reversed(line[place:]), funds(1.0)) == first
    assert choose([], funds(1.0)) is None


def test_behind_the_first_that_does_not_fit_the_routine_waits() -> None:
    """Cheap ones do not take what an expensive one waits for; once they are later, they go first."""
    dear, cheap = routine("dear", 0.4, 0.5), routine("cheap", 0.02, 0.4)
    assert choose([cheap, dear], funds(0.59)) is None
    assert choose([cheap, dear], funds(0.6)) == dear
    assert choose([routine("cheap", 0.02, 0.6), dear], funds(0.59)) == routine("cheap", 0.02, 0.6)


def test_nobody_waits_behind_one_that_its_own_limit_refuses() -> None:
    """Money would not help it."""
    refused = Candidate("own", Cause.ROUTINE, 0.4, 0.5, waits_in_line=False)
    cheap = routine("cheap", 0.02, 0.4)
    assert choose([cheap, refused], funds(0.5)) == cheap
    assert choose([cheap, refused], funds(0.6)) == refused


def test_an_urgent_one_that_does_not_fit_is_passed_over() -> None:
    """A recovery needs money for what may follow; the routine does not wait for that."""
    recovery, cheap = Candidate("a", Cause.RECOVERY, 0.2), routine("cheap", 0.02)
    assert choose([recovery, cheap], funds(0.59)) == cheap
    assert choose([recovery, cheap], funds(0.6)) == recovery


@pytest.mark.parametrize(
    ("cause", "usd", "needed"),
    [
        (Cause.RECHECK, 0.2, 0.2),
        (Cause.RECOVERY, 0.2, 0.6),
        (Cause.ROUTINE, 0.2, 0.4),
        (Cause.ROUTINE, 0.8, 1.0),
        (Cause.ROUTINE, 0.95, 1.0),
        (Cause.ROUTINE, 1.0, 1.0),
    ],
)
def test_what_each_cause_needs(cause: Cause, usd: float, needed: float) -> None:
    """In the bucket and of the calendar day. The routine leaves a fifth, or what a full one leaves."""
    one = Candidate("a", cause, usd)
    assert choose([one], funds(needed)) == one
    assert choose([one], funds(needed - 0.001)) is None
    assert choose([one], funds(1.0, left=needed)) == one
    assert choose([one], funds(1.0, left=needed - 0.001)) is None


@pytest.mark.parametrize("cause", [Cause.CONFIRM, Cause.SUSPICION])
def test_what_is_pressing_does_not_wait_for_the_bucket(cause: Cause) -> None:
    """The ledger decides: it knows what the day has left."""
    one = Candidate("a", cause, 0.4)
    assert choose([one], funds(-1.0)) == one


def test_a_month_spread_over_its_days() -> None:
    """A month's budget smaller than its days' is divided by the days that are left."""
    assert daily_rate(1.0, 20.0, 0.0, 30) == pytest.approx(20 / 30)
    assert daily_rate(1.0, 31.0, 15.0, 16) == 1.0
    assert daily_rate(1.0, 20.0, 20.0, 10) == 0.0


@pytest.mark.parametrize("usd", [0.4, 0.7, 0.9, 1.0])
def test_nobody_waits_for_ever(usd: float) -> None:
    """Ten that ask for a cent every hour and an expensive one a day, for twelve days of one dollar.

    The expensive one gets its share at its pace and a day more at most, the cheap ones as well.
    """
    prices = {**{f"c{n}": 0.01 for n in range(10)}, "dear": usd}
    wanted = {name: DAY if name == "dear" else HOUR for name in prices}
    demands = [price * DAY / wanted[name] for name, price in prices.items()]
    shares = fair_shares(demands, ROUTINE_SHARE)
    pace = {n: prices[n] * DAY / share for n, share in zip(prices, shares, strict=True)}
    bucket, bought = TokenBucket(1.0, 1.0), dict[str, list[Unix]]()
    bookings: list[Booking] = []
    for minute in range(0, 12 * 1440, 15):
        now = Unix(minute * 60.0)
        found = []
        for name, price in prices.items():
            late = now - bought[name][-1] - pace[name] if name in bought else float(now)
            if late >= 0:
                found.append(routine(name, price, late / pace[name]))
        today = sum(b.usd for b in bookings if b.at >= Unix(now // DAY * DAY))
        level = bucket.level(bookings[-200:], now)
        chosen = choose(found, Funds(level, 1.0 - today, 1.0, 1.0))
        if chosen is not None:
            bookings.append(Booking(now, chosen.usd))
            bought.setdefault(chosen.name, []).append(now)
    days = [sum(b.usd for b in bookings if b.at // DAY == day) for day in range(12)]
    assert max(days) <= 1.0 + 1e-9
    for name, times in bought.items():
        gaps = [b - a for a, b in pairwise([EPOCH, *times, EPOCH + 12 * DAY])]
        assert max(gaps) <= pace[name] + 1.5 * DAY, (name, [round(g / HOUR) for g in gaps])


def test_what_is_bought_is_gone_from_the_bucket_and_from_the_day() -> None:
    """What flows in and what the bucket holds stay."""
    assert Funds(1.0, 0.75, 2.0, 4.0).without(0.25) == Funds(0.75, 0.5, 2.0, 4.0)


@pytest.mark.parametrize("usd_per_day", [0.5, 1.0, 2.0])
def test_the_routine_leaves_its_share_of_a_days_money(usd_per_day: float) -> None:
    """On both sides of it."""
    leaves = (1 - ROUTINE_SHARE) * usd_per_day
    for short, allowed in ((0.0, True), (0.01, False)):
        level = 0.25 + leaves - short
        assert Funds(level, level, usd_per_day, 10.0).allow(routine("a", 0.25)) is allowed


@pytest.mark.parametrize(("days", "usd"), [(0, 1.0), (1, 1.0), (2, 0.75), (3, 0.5)])
def test_the_month_lasts_to_its_last_day(days: int, usd: float) -> None:
    """What is left of it, over the days that are left; on the last one all of it, up to the day's."""
    assert daily_rate(1.0, 20.0, 18.5, days) == usd


def test_what_is_not_late_is_bought_after_what_is() -> None:
    """Nothing is late unless somebody says so."""
    late, new = routine("late", 0.02, 0.5), Candidate("a", Cause.ROUTINE, 0.02)

    assert new.overdue == 0.0
    assert choose([new, late], funds(1.0)) == late
