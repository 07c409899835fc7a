"""Nights about the budget for paid probes, and about generations."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import Night, Target, steps
from tests.nights.of_targets import SORA, ordinary
from tests.nights.telling import night

PAID = replace(SORA, depths={"reach": 60, "generate": 900})
BUCKETS = (
    "5.0",
    "10.0",
    "20.0",
    "30.0",
    "60.0",
    "90.0",
    "120.0",
    "180.0",
    "300.0",
    "600.0",
    "900.0",
    "1800.0",
    "+Inf",
)


def generations(n: Night, target: Target, every: float, took: list[tuple[float, float]]) -> None:
    """Add generations at even times, which took so many seconds from each minute on."""
    duration = steps(*took)
    ends = [k * every for k in range(int(n.minutes / every) + 1)]
    lasted = [(end, duration(end) or 0.0) for end in ends]
    for le in BUCKETS:

        def so_far(minute: float, le: str = le) -> float:
            return float(
                sum(1 for end, seconds in lasted if end <= minute and seconds <= float(le))
            )

        n.of_owner(target, "genmedia_generation_duration_seconds_bucket", so_far, le=le)
    n.of_owner(
        target, "genmedia_generation_duration_seconds_count",
        lambda minute: float(sum(1 for end, _ in lasted if end <= minute)),
    )  # fmt: skip


@night(180, team=(1, 2), notes=(0, 1), fires=("BudgetSpent",))
def budget_of_the_day_spent(n: Night) -> None:
    """It is used up after an hour, and new after two: one ticket and its end, no page."""
    n.network()
    n.money(day=steps((0, 0.6), (40, 0.9), (60, 1.0), (120, 0.0)))
    n.target(PAID)


@night(120, notes=1, fires=("BudgetLow",), silent=("BudgetSpent",))
def budget_nearly_spent(n: Night) -> None:
    """Nine tenths of the day's: a note, and nobody hears its end."""
    n.network()
    n.money(day=steps((0, 0.7), (40, 0.9), (100, 0.0)))
    n.target(PAID)


@night(100)
def ordinary_spending(n: Night) -> None:
    """Up to four fifths of the day's, as every day: silence."""
    n.network()
    n.money(day=steps((0, 0.2), (40, 0.5), (80, 0.8)))
    n.target(PAID)


@night(90, team=1, fires=("ProbeAccepted",))
def probe_taken_for_an_order(n: Night) -> None:
    """A create that had to be rejected was accepted: one ticket, which stays until somebody has looked."""
    ordinary(n, SORA)
    n.of_owner(
        SORA, "genmedia_probe_failures_total", steps((0, 0), (60, 1)),
        depth="accept", reason="accepted_unexpectedly",
    )  # fmt: skip


@night(360, team=(1, 2), fires=("GenerationSlow",))
def generations_slow(n: Night) -> None:
    """Fifteen minutes instead of one, for two hours and a half, of a target without a known normal: a ticket, and its end."""
    ordinary(n, PAID)
    generations(n, PAID, 15, [(0, 15 * 60.0), (240, 45.0)])


@night(180, oncall=2, feed=2, team=(0, 2), fires=("TargetDown",))
def takes_jobs_and_delivers_nothing(n: Night) -> None:
    """Only generations fail, and the free depths see nothing: one page, and its end."""
    story = ((0, "operational"), (60, "down"), (95, "operational"))
    ordinary(n, replace(PAID, story=story, reason="generation_timeout"))
