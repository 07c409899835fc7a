"""The token bucket and the fair shares, with numbers that a reader can repeat on paper."""

from __future__ import annotations

import math

import pytest

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.spending.bucket import REPLAY_SECONDS, Booking, TokenBucket
from genmedia_exporter.spending.fair_share import fair_shares, water_level

HOUR = 3_600.0
NOW = Unix(1_700_000_000.0)
DOLLAR = TokenBucket(capacity_usd=1.0, usd_per_day=1.0)


def spent(*bookings: tuple[float, float]) -> float:
    """Return what is left of a dollar's bucket after amounts spent so many hours ago."""
    return DOLLAR.level([Booking(NOW - hours * HOUR, usd) for hours, usd in bookings], NOW)


def test_nothing_spent_is_a_full_bucket() -> None:
    """It does not run over, however long nothing is spent."""
    assert spent() == 1.0


@pytest.mark.parametrize(("hours", "left"), [(0, 0.6), (6, 0.85), (9.6, 1.0), (12, 1.0)])
def test_what_was_spent_flows_in_again(hours: float, left: float) -> None:
    """A day refills a day's money, evenly: $0.40 take 9.6 hours."""
    assert spent((hours, 0.4)) == pytest.approx(left)


def test_the_example_of_the_manual() -> None:
    """docs/spending.md: 12 hours after the first three, and 6 after the fourth."""
    assert spent((12, 0.4), (12, 0.12), (12, 0.01)) == pytest.approx(0.97)
    assert spent((12, 0.4), (12, 0.12), (12, 0.01), (6, 0.4)) == pytest.approx(0.57)


def test_an_overdrawn_bucket_takes_longer() -> None:
    """Urgent ones do not wait for it: what they took must flow in first."""
    assert spent((0, 1.0), (0, 0.3)) == pytest.approx(-0.3)
    assert spent((12, 1.0), (12, 0.3)) == pytest.approx(0.2)


def test_an_amount_from_the_future_counts_now() -> None:
    """A clock is or was wrong: that buys nothing."""
    assert spent((-3, 0.4)) == pytest.approx(0.6)


def test_what_is_older_than_the_replay_is_forgotten() -> None:
    """Two days refill more than a bucket holds; order does not matter."""
    older = Booking(NOW - REPLAY_SECONDS - 1, 0.9)
    assert DOLLAR.level([older], NOW) == 1.0
    few = [Booking(NOW - 6 * HOUR, 0.4), Booking(NOW - 12 * HOUR, 0.6)]
    assert DOLLAR.level(few, NOW) == DOLLAR.level(reversed(few), NOW) == pytest.approx(0.5)


def test_a_bucket_without_inflow_stays_empty() -> None:
    """The month's budget is spent."""
    assert TokenBucket(1.0, 0.0).level([Booking(NOW - DAY, 1.0)], NOW) == 0.0


@pytest.mark.parametrize(
    ("demands", "total", "shares"),
    [
        ([0.04, 0.48, 1.6], 0.8, [0.04, 0.38, 0.38]),
        ([0.04, 0.30, 1.6], 0.8, [0.04, 0.30, 0.46]),
        ([0.5, 0.5], 0.8, [0.4, 0.4]),
        ([0.1, 0.2], 0.8, [0.1, 0.2]),
        ([0.1, 0.2], 0.0, [0.0, 0.0]),
        ([], 1.0, []),
    ],
)
def test_fair_shares(demands: list[float], total: float, shares: list[float]) -> None:
    """Who asks for less than an equal part gets it all; the rest is divided equally."""
    assert fair_shares(demands, total) == pytest.approx(shares)
    assert sum(shares) <= total + 1e-9


def test_where_everybody_is_served_there_is_no_level() -> None:
    """Exactly enough is enough."""
    assert math.isinf(water_level([0.4, 0.4], 0.8))
    assert water_level([0.4, 0.4], 0.79) == pytest.approx(0.395)
