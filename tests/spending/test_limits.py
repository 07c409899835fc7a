"""The pure part of money: what one costs, where a day begins, what fits, and what will come of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.spending.forecast import Forecast, Planned, forecast
from genmedia_exporter.spending.limits import (
    Refusal,
    RefusalKind,
    Spent,
    Sums,
    dollars,
    estimate,
    periods,
    refusal,
)
from genmedia_exporter.targets.model import Cap, Target
from tests.fakes import make_target
from tests.spending.helpers import limits, paid_target
from tests.zones import RULES, own_zones

DAY = 86_400.0
EARLY = 300.0 + 120.0
"""By so many seconds these targets' turns come early: a job may take five minutes, and is confirmed."""


# --- what one costs


@pytest.mark.parametrize(
    ("price", "seconds", "usd"),
    [
        ({"usd_per_second": 0.1}, 4.0, 0.4),
        ({"usd_per_second": 0.1}, None, None),
        ({"usd_per_request": 0.12}, None, 0.12),
        ({"usd_per_request": 0.12}, 4.0, 0.12),
        ({"usd_per_image": 0.04}, None, 0.04),
        ({"usd_per_image": 0.0}, None, 0.0),
        (None, 4.0, None),
    ],
)
def test_estimate(price: dict[str, float] | None, seconds: float | None, usd: float | None) -> None:
    """By the second it takes the length of the clip; what nobody can say is None, never 0."""
    target = replace(
        paid_target(seconds=seconds), price=Price.model_validate(price) if price else None
    )

    assert estimate(target) == usd


def test_no_generation_no_price() -> None:
    """What cannot be generated costs nothing that could be told."""
    assert estimate(make_target()) is None


# --- days and months


@pytest.fixture
def _rules(tmp_path: Path) -> Iterator[None]:
    """Take the rules of time zones from the tests: the machine's database follows governments."""
    with own_zones(tmp_path):
        yield


@pytest.mark.usefixtures("_rules")
@pytest.mark.parametrize(
    ("moment", "zone", "day", "start", "hours"),
    [
        ("2026-11-23T00:00:00Z", "UTC", "2026-11-23", "2026-11-23T00:00:00Z", 24),
        ("2026-11-23T16:30:00Z", "Asia/Shanghai", "2026-11-24", "2026-11-23T16:00:00Z", 24),
        ("2026-03-29T10:00:00Z", "Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", 23),
        ("2026-10-25T22:30:00Z", "Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", 25),
        # Midnight itself is left out (Cairo, Havana), or the hour before it comes twice (Cairo).
        ("2026-04-23T22:30:00Z", "Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", 23),
        ("2026-10-29T20:30:00Z", "Africa/Cairo", "2026-10-29", "2026-10-28T21:00:00Z", 25),
        ("2026-11-01T05:30:00Z", "America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25),
    ],
)
def test_days_are_those_of_the_zone(
    moment: str, zone: str, day: str, start: str, hours: float
) -> None:
    """They begin at the zone's midnight and are as long as its clocks make them."""
    found = periods(Unix(datetime.fromisoformat(moment).timestamp()), zone)

    assert (found.day, found.month) == (day, day[:7])
    assert found.day_start == Unix(datetime.fromisoformat(start).timestamp())
    assert found.next_day - found.day_start == hours * 3600


@pytest.mark.usefixtures("_rules")
@pytest.mark.parametrize("zone", ["UTC", *RULES])
def test_days_follow_each_other(zone: str) -> None:
    """Through a whole year, every moment is in exactly one day, and days in their month."""
    at = Unix(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp())
    for _ in range(366):
        today = periods(at, zone)
        start = float(today.day_start)
        local = datetime.fromtimestamp(start, UTC if zone == "UTC" else ZoneInfo(zone))

        assert today.day_start <= at < today.next_day
        assert today.month_start <= today.day_start
        assert local.date().isoformat() == today.day
        assert periods(today.next_day - 0.001, zone) == today
        assert periods(today.next_day, zone).day_start == today.next_day
        at = today.next_day


@pytest.mark.parametrize("at", [float("nan"), float("inf"), 1e15])
def test_no_calendar(at: Unix) -> None:
    """A time without a date is an error, not a day."""
    with pytest.raises((ValueError, OverflowError, OSError)):
        periods(at, "UTC")


# --- what fits


NARROW = paid_target("n", above=Cap(0.5, None), own=Cap(None, 3.0))


@pytest.mark.parametrize(
    ("usd", "sums", "kind", "words"),
    [
        (0.4, Sums(), None, ""),
        (0.4, Sums(Spent(0.6, 0.6)), None, ""),
        (
            0.4,
            Sums(Spent(0.7, 0.7)),
            RefusalKind.DAILY,
            "the budget for the day has $0.30 of $1.00 left",
        ),
        (
            0.4,
            Sums(Spent(0.0, 19.9)),
            RefusalKind.MONTHLY,
            "the budget for the month has $0.10 of $20.00",
        ),
        (
            0.4,
            Sums(account=Spent(0.2, 0.2)),
            RefusalKind.ACCOUNT,
            "account 'main' for the day has $0.30",
        ),
        (
            0.4,
            Sums(target=Spent(0.0, 2.9)),
            RefusalKind.TARGET,
            "target 'n' for the month has $0.10",
        ),
        (0.4, Sums(Spent(2.0, 2.0)), RefusalKind.DAILY, "has $0.00 of $1.00 left"),
        (
            0.4,
            Sums(Spent(0.7, 0.7), ahead=0.7),
            RefusalKind.CLOCK,
            "$0.70 of what is spent is dated in",
        ),
    ],
)
def test_what_fits(usd: float, sums: Sums, kind: RefusalKind | None, words: str) -> None:
    """All scopes count; the first that is too narrow says so, with what is left of it."""
    found = refusal(usd, sums, limits(1, 20, NARROW), NARROW)

    assert (found.kind if found else None) == kind
    assert words in (found.why if found else "")


def test_ten_dimes_are_a_dollar() -> None:
    """Sums of floats do not cost the last generation of the day."""
    spent = sum([0.1] * 9)

    assert refusal(0.1, Sums(Spent(spent, spent)), limits(), NARROW) is None
    assert refusal(0.1, Sums(Spent(spent + 0.1, 1.0)), limits(), NARROW) is not None


@pytest.mark.parametrize(("daily", "monthly", "word"), [(0, 20, "day"), (1, 0, "month")])
def test_no_budget_nothing_runs(daily: float, monthly: float, word: str) -> None:
    """Not even what is free: without a budget nothing is generated."""
    found = refusal(0.0, Sums(), limits(daily, monthly), NARROW)

    assert isinstance(found, Refusal)
    assert found.why == f"the budget for the {word} is 0: paid probes never run"


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (0, "$0.00"),
        (1, "$1.00"),
        (0.4, "$0.40"),
        (0.05, "$0.05"),
        (0.0042, "$0.0042"),
        (0.023639, "$0.0236"),
        (0.00004, "$0.00004"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars(usd: float, shown: str) -> None:
    """Cents, and more digits only where cents would hide it."""
    assert dollars(usd) == shown


# --- what will come of it


def planned(daily: float, monthly: float, *targets: Target) -> dict[str, Planned]:
    """Return the forecast by target."""
    found = forecast(targets, limits(daily, monthly, *targets))
    return {each.name: each for each in found.planned}


def test_forecast_within_the_budget() -> None:
    """Where the money is enough, every target runs at its turns, a little before its interval."""
    found = planned(10, 300, paid_target("a", 0.04, every=21_600), paid_target("b", 0.1, every=DAY))

    assert [each.runs for each in found.values()] == pytest.approx([4, 1], rel=0.05)
    assert [each.every for each in found.values()] == [21_600 - EARLY, DAY - EARLY]
    assert sum(each.usd_per_day for each in found.values()) == pytest.approx(0.26, rel=0.05)
    assert not any(each.budget_limited for each in found.values())


def test_forecast_of_a_short_budget() -> None:
    """A day's budget pays for whole generations: two of $0.40 from what turns may take of $1.00."""
    found = planned(1, 300, paid_target("a", 0.4))["a"]

    assert (found.wanted, found.runs, found.budget_limited) == (DAY / (7_200 - EARLY), 2, True)


def test_forecast_shares() -> None:
    """Who shares a limit gets the same dollars; the others are not concerned."""
    above = Cap(0.4, None)
    found = planned(
        10, 300, paid_target("a", 0.1, above=above, account="x"),
        paid_target("b", 0.1, above=above, account="x"), paid_target("c", 0.1),
    )  # fmt: skip

    assert [each.runs for each in found.values()] == pytest.approx([2, 2, DAY / (7_200 - EARLY)])


def test_most_are_served_in_full_and_nobody_is_left_out() -> None:
    """The money goes in equal parts to all; what one does not need is shared by the others."""
    every = 6 * 3600.0
    prices = {"a": 0.01, "b": 0.07, "c": 0.12, "c2": 0.12, "d": 0.4}
    found = planned(1, 31, *(paid_target(n, usd, every=every) for n, usd in prices.items()))

    spent = {name: each.usd_per_day for name, each in found.items()}
    assert [name for name, each in found.items() if each.budget_limited] == ["b", "c", "c2", "d"]
    equal = (0.8 - spent["a"]) / 4
    assert [spent[name] for name in ("b", "c", "c2", "d")] == pytest.approx([equal] * 4)
    assert sum(spent.values()) == pytest.approx(0.8)


def test_without_money_for_a_day_no_turn_comes() -> None:
    """The month is spent: not an error, but for ever."""
    (found,) = forecast([paid_target("a", 0.4)], limits(1, 30), day_usd=0.0).planned

    assert (found.runs, found.every) == (0.0, math.inf)


def test_forecast_of_a_month() -> None:
    """A month's budget has to last for 31 days; turns may take four fifths of each."""
    found = planned(5, 3.1, paid_target("a", 0.01))["a"]

    assert found.usd_per_day == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (paid_target(usd=None), "its price is not known"),
        (
            replace(paid_target(), price=Price(usd_per_second=1)),
            "how long its clips are is not known",
        ),
        (paid_target(usd=1.2), "one costs $1.20, more than the budget of $1.00 a day"),
        (
            paid_target(own=Cap(0.3, None)),
            "one costs $0.40, more than its own budget of $0.30 a day",
        ),
        (
            paid_target(above=Cap(None, 0.3)),
            "one costs $0.40, more than the budget of account 'main' of $0.30 a month",
        ),
        (paid_target(own=Cap(0, None)), "its own budget is 0 a day"),
    ],
)
def test_forecast_of_what_never_runs(target: Target, why: str) -> None:
    """It is said of each, and why; the others' forecast does not count it."""
    other = paid_target("b", 0.01, every=DAY, account="other")
    found = forecast([target, other], limits(1, 20, target, other))

    assert [each.never for each in found.planned] == [why, ""]
    assert found.usd_per_day == pytest.approx(0.01, rel=0.01)
    assert found.lines()[-1] == f"a  never: {why}"


@pytest.mark.parametrize(
    ("now", "binding", "never"),
    [
        (1_700_006_399.0, True, ""),
        (1_700_006_400.0, True, "its model ended on 2023-11-15"),
        (1_700_006_400.0, False, ""),
        (None, True, ""),
    ],
)
def test_forecast_of_a_model_that_has_ended(now: float | None, binding: bool, never: str) -> None:
    """Nothing is bought of it any more; a date that binds nobody is no end."""
    target = replace(paid_target(), ends_at=Unix(1_700_006_400.0), end_date_binding=binding)
    at = None if now is None else Unix(now)
    (planned,) = forecast([target], limits(1, 20, target), now=at).planned
    assert planned.never == never
    assert (planned.usd_per_day > 0) is not bool(never)


def test_forecast_in_words() -> None:
    """A headline, then a line for each target, dearest first."""
    targets = (paid_target("dear", 0.4), paid_target("cheap", 0.01, every=DAY), make_target("free"))
    found = forecast(targets, limits(1, 20, *targets))

    assert found.headline == (
        "Paid probes: about $0.52 a day, of at most $1.00 a day and $20.00 a month; "
        "the intervals as written would take $5.11 a day"
    )
    assert found.lines() == [
        "dear   $0.40 each, about 1.3 times a day instead of every 2h: $0.51 a day",
        "cheap  $0.01 each, every 1d: $0.01 a day",
    ]
    assert found.lines(1)[1:] == ["and 1 more"]
    none = "Paid probes: none; "
    assert Forecast().headline.startswith(none + "they take budget.daily_usd and")
    assert Forecast((), 1, 20).headline == none + "no target reaches the depth generate"
