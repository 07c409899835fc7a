"""What takes days: told as it comes near, and not every hour. Scraped every four minutes, to save the reader time."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import Night, steps
from tests.nights.of_money import generations
from tests.nights.of_targets import RELAY, SORA, ordinary
from tests.nights.telling import night

DAY = 1440
RARE = replace(SORA, depths={"reach": 240})
RARE_RELAY = replace(RELAY, depths={"reach": 240})
EXPIRY = "genmedia_probe_tls_certificate_expiry_timestamp_seconds"


@night(
    10 * DAY, step=4, long=True, oncall=(1, 3), team=(1, 4), feed=1,
    fires=("TargetRetired", "ModelRetiring"), silent=("ModelVanished",),
)  # fmt: skip
def model_retires_in_a_week(n: Night) -> None:
    """A ticket and at most one reminder in four days; when it is gone a page, and one a day until it is taken out."""
    ordinary(
        n,
        target := replace(RARE, story=((0, "operational"), (8 * DAY, "retired")), reason="retired"),
    )
    n.of_target(target, "genmedia_target_retirement_timestamp_seconds", 8 * 86400)


@night(4 * DAY, step=4, long=True, oncall=(1, 3), team=(1, 2), fires=("CertificateExpiring",))
def certificate_runs_out(n: Night) -> None:
    """Three days left; renewed with half a day to go: a ticket, a page when a day is left, and the ends."""
    ordinary(n, RARE)
    n.of_target(RARE, EXPIRY, steps((0, 3 * 86400.0), (2.5 * DAY, 90 * 86400.0)))


@night(4 * DAY, step=4, long=True, reverse=(1, 4), fires=("CertificateExpiring",))
def certificate_of_a_reverse_channel(n: Night) -> None:
    """The same of somebody else's gateway: nobody is woken, ever."""
    ordinary(n, RARE_RELAY)
    n.of_target(RARE_RELAY, EXPIRY, steps((0, 3 * 86400.0), (2.5 * DAY, 90 * 86400.0)))


@night(
    5 * DAY, step=4, long=True, reverse=(2, 6), feed=2, notes=(0, 1), fires=("TargetRiskControl",)
)
def risk_control_for_three_days(n: Night) -> None:
    """A reverse channel rests for three days: told, at most a reminder a day, and its end."""
    story = ((0, "operational"), (DAY, "risk_control"), (4 * DAY, "operational"))
    ordinary(n, replace(RARE_RELAY, story=story))


@night(
    4 * DAY,
    step=4,
    long=True,
    oncall=(2, 4),
    feed=2,
    team=(0, 3),
    notes=(0, 1),
    fires=("TargetSuspended",),
)
def suspended_for_a_weekend(n: Night) -> None:
    """Switched off from Friday night to Monday morning: a page, one a day, its end; then a ticket for the budget."""
    story = ((0, "operational"), (1320, "suspended"), (1320 + 58 * 60, "operational"))
    ordinary(n, replace(RARE, story=story))


@night(
    1 * DAY, step=4, long=True, oncall=2, feed=2, team=(0, 2), notes=(0, 1), fires=("TargetDown",)
)
def only_generations_fail_for_six_hours(n: Night) -> None:
    """It answers, accepts jobs, and delivers nothing: one page, its end, and a ticket for the budget."""
    story = ((0, "operational"), (300, "down"), (660, "operational"))
    target = replace(
        RARE, depths={"reach": 240, "generate": 21600}, story=story, reason="generation_timeout"
    )
    ordinary(n, target)


@night(11 * DAY, step=4, long=True, team=(1, 3), fires=("GenerationSlow",))
def generations_slower_than_last_week(n: Night) -> None:
    """Two minutes for nine days, then five for one: a ticket, perhaps its reminder, and its end."""
    target = replace(RARE, depths={"reach": 240, "generate": 21600})
    ordinary(n, target)
    generations(n, target, 360, [(0, 110.0), (9 * DAY, 280.0), (10 * DAY, 110.0)])


@night(
    5 * DAY,
    step=4,
    long=True,
    oncall=2,
    team=(1, 2),
    feed=(2, 4),
    fires=("BalanceLow", "QuotaExhausted"),
)
def balance_runs_low_and_out(n: Night) -> None:
    """Ten dollars, three a day: a ticket while it lasts, a page when it is empty, and the end when it is filled up."""
    story = ((0, "operational"), (4800, "quota_exhausted"), (5400, "operational"))
    ordinary(n, target := replace(RARE, story=story))
    n.add(
        "genmedia_account_balance",
        lambda minute: max(0.0, 10 - minute / 480) if minute < 5400 else 100.0,
        account=target.account, unit="usd",
    )  # fmt: skip
