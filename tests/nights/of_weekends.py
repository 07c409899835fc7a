"""What lasts for days: reminded of once a day at most, and ended once."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import FOREVER, Exporter, Night, steps
from tests.nights.of_days import DAY, EXPIRY, RARE, RARE_RELAY
from tests.nights.of_targets import ordinary, spells
from tests.nights.of_vendors import several
from tests.nights.of_waves import at
from tests.nights.telling import night

A, B = "a:10067", "b:10067"
END = "genmedia_target_retirement_timestamp_seconds"


@night(4 * DAY, step=4, long=True, reverse=(2, 4), feed=2, notes=(0, 1), fires=("TargetSuspended",))
def reverse_suspended_for_a_weekend(n: Night) -> None:
    """A reverse channel is off from Friday night to Monday morning: told, and its end; nobody is woken."""
    ordinary(n, at(RARE_RELAY, (1320, "suspended"), (1320 + 58 * 60, "operational")))


@night(
    4 * DAY, step=4, long=True, oncall=(3, 6), team=(1, 3), feed=2, notes=(0, 1),
    fires=("CertificateExpiring", "TargetDown"), paged={"sora": (3 * DAY, 3 * DAY + 30)},
)  # fmt: skip
def certificate_comes_true(n: Night) -> None:
    """Three days left, and nobody renews it: a ticket, a page a day before, and a page when clients are refused."""
    target = at(RARE, (3 * DAY, "down"), (3 * DAY + 360, "operational"))
    ordinary(n, target := replace(target, reason="tls_error"))
    n.of_target(target, EXPIRY, steps((0, 3 * 86400.0), (3 * DAY + 360, 93 * 86400.0)))


@night(
    9 * DAY, step=4, long=True, oncall=(1, 3), team=(1, 4), reverse=(1, 4), feed=(1, 3),
    fires=("ModelRetiring", "TargetRetired"), silent=("ModelVanished", "ProviderIncident"),
)  # fmt: skip
def retires_with_all_its_targets(n: Night) -> None:
    """Three targets of a model, one of them reverse, end on one day, a week on: one ticket, one page for all."""
    gone = several(replace(RARE, reason="retired"), 2, (7 * DAY, "retired"))
    gone.append(replace(at(RARE_RELAY, (7 * DAY, "retired")), reason="retired"))
    ordinary(n, *gone)
    for target in gone:
        n.of_target(target, END, 7 * 86400)


@night(
    4 * DAY, step=4, long=True, oncall=(2, 5), feed=2, notes=(0, 1), fires=("QuotaExhausted",),
)  # fmt: skip
def quota_out_over_a_weekend(n: Night) -> None:
    """Our money is gone from Friday night to Monday morning: a page, one a day, and the end."""
    ordinary(n, at(RARE, (1320, "quota_exhausted"), (1320 + 58 * 60, "operational")))


@night(4 * DAY, step=4, long=True, team=(2, 3), fires=("BalanceLow",), silent=("QuotaExhausted",))
def balance_filled_up_in_time(n: Night) -> None:
    """Three targets of one account spend it down, and somebody pays on the third day: one ticket and its end."""
    ordinary(n, *several(RARE, 3))
    n.add(
        "genmedia_account_balance",
        lambda minute: 12 - minute / 480 if minute < 2.5 * DAY else 200 - minute / 480,
        account=RARE.account, unit="usd",
    )  # fmt: skip


@night(4 * DAY, step=4, long=True, oncall=(2, 5), feed=2, team=(0, 3), notes=(0, 1))
def down_for_three_days(n: Night) -> None:
    """An official service is gone for three days: a page, two reminders, and its end; one ticket for the budget."""
    ordinary(n, at(RARE, (720, "down"), (720 + 3 * DAY, "operational")))


@night(
    4 * DAY, Exporter(A, silent=((DAY, FOREVER),)), step=4, long=True, oncall=(3, 8), feed=1, team=(0, 1), notes=(0, 1),
    not_over={"TargetDown": (0, 4 * DAY + 1)},
)  # fmt: skip
def exporter_dead_for_three_days(n: Night) -> None:
    """A target is down, then its exporter dies, and nobody cares for three days: a reminder of each a day, and no word that
    either is over."""
    ordinary(n, at(RARE, (DAY - 120, "down")))


@night(4 * DAY, Exporter(A, silent=((DAY, FOREVER),)), Exporter(B), step=4, long=True, team=1)
def one_of_two_exporters_dead_for_three_days(n: Night) -> None:
    """The other has its targets: one ticket."""
    ordinary(n, *[replace(t, owners=((0, A), (DAY + 4, B))) for t in several(RARE, 2)])


@night(DAY, step=4, long=True, team=2, feed=2, fires=("TargetRateLimited",))
def rate_limited_all_night(n: Night) -> None:
    """Ten hours of refusals for rate: one ticket and its end."""
    ordinary(n, at(RARE, (240, "rate_limited"), (840, "operational")))


@night(DAY, step=4, long=True, team=(1, 2), feed=(2, 4), fires=("TargetUnknown",))
def nobody_knows_all_night(n: Night) -> None:
    """Six targets of two vendors cannot be judged for ten hours, though our network is well: one ticket, its end; the feed
    has each vendor's changes."""
    other = replace(RARE, name="kling", vendor="kling.ai", provider="kling", account="kling")
    story = ((240, "unknown"), (840, "operational"))
    ordinary(n, *several(RARE, 3, *story), *several(other, 3, *story))


@night(DAY, step=4, long=True, notes=(1, 2))
def page_disagrees_all_night(n: Night) -> None:
    """The vendor's page shows an outage that nobody sees, ten hours long: a note."""
    targets = several(RARE, 3)
    ordinary(n, *targets)
    for target in targets:
        n.of_target(target, "genmedia_target_page_agreement", steps((0, 1), (240, 0), (840, 1)))


@night(DAY, step=4, long=True, notes=(1, 2))
def pages_unreadable_all_night(n: Night) -> None:
    """Two status pages time out for ten hours: a note."""
    ordinary(n, RARE)
    for page in ("openai", "kling"):
        n.add("genmedia_status_page_readable", steps((0, 1), (240, 0), (840, 1)), page=page)


@night(
    2 * DAY,
    step=4,
    long=True,
    reverse=(1, 5),
    feed=(1, 40),
    notes=(0, 2),
    fires=("StatusFlapping",),
)
def reverse_flaps_for_a_day(n: Night) -> None:
    """Eight bad minutes in twenty, a day long: told that it flaps, and its end; the feed is damped."""
    ordinary(n, replace(RARE_RELAY, story=spells(240, 12, 8, 72, "risk_control")))


@night(3 * DAY, step=4, long=True, team=(1, 2), fires=("BudgetSpent",))
def month_is_spent(n: Night) -> None:
    """The month's money for probes is gone, days before its end: a ticket, and nobody is woken."""
    n.network()
    n.money(month=steps((0, 15.0), (360, 20.0)), day=steps((0, 0.6), (DAY, 0.0)))
    n.target(RARE)


@night(
    28 * 60,
    step=4,
    long=True,
    team=(1, 2),
    feed=(2, 52),
    fires=("ErrorBudgetBurn",),
    silent=("TargetDown",),
)
def burns_slowly(n: Night) -> None:
    """Four minutes down in each hour, a day long, almost seven times what its objective allows: a ticket, no page."""
    ordinary(n, replace(RARE, story=spells(60, 56, 4, 26, "down")))
