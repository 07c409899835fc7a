"""Nights in which the same trouble returns again and again: one ticket, or two pages and then one that stays."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import Night, steps
from tests.nights.of_days import DAY, EXPIRY, RARE
from tests.nights.of_targets import RELAY, SORA, ordinary, spells
from tests.nights.of_vendors import several
from tests.nights.of_waves import at
from tests.nights.telling import night

LIMITED = replace(SORA, reason="rate_limited")


@night(500, team=(1, 4), feed=(2, 18), fires=("TargetRateLimited",))
def limited_in_waves(n: Night) -> None:
    """Refused for rate in twenty of forty minutes, six hours long: a ticket and its end, for who reads tickets in the morning
    learns nothing from the second; twice at most."""
    ordinary(n, replace(LIMITED, story=spells(40, 20, 20, 9, "rate_limited")))


@night(580, team=(1, 4), feed=(2, 16), fires=("TargetRateLimited",))
def limited_each_hour(n: Night) -> None:
    """A limit that is by the hour: refused in the last twenty minutes of each, eight hours long. The same."""
    ordinary(n, replace(LIMITED, story=spells(40, 40, 20, 8, "rate_limited")))


@night(500, team=(1, 4), feed=(2, 18), fires=("TargetDegraded",))
def slow_in_waves(n: Night) -> None:
    """Slow in twenty of forty minutes, six hours long: the same."""
    ordinary(n, replace(SORA, story=spells(40, 20, 20, 9, "degraded")))


@night(500, team=(1, 4), feed=(2, 18), fires=("TargetUnknown",))
def unreadable_in_waves(n: Night) -> None:
    """Answers that nobody can read, in twenty of forty minutes: the same."""
    ordinary(n, replace(SORA, story=spells(40, 20, 20, 9, "unknown")))


@night(700, oncall=(2, 6), feed=(2, 20), fires=("QuotaExhausted",))
def quota_of_the_hour_all_night(n: Night) -> None:
    """A quota by the hour that lasts for forty minutes of it, ten hours long: told three times and then held, like an outage
    that comes and goes. Ten pages and ten ends would teach people to sleep through them."""
    ordinary(n, *several(SORA, 2, *spells(60, 40, 20, 10, "quota_exhausted")[1:]))


@night(460, oncall=(2, 6), team=(0, 2), feed=(2, 18), fires=("TargetRetired",))
def listing_lacks_a_model_in_waves(n: Night) -> None:
    """One of a vendor's nodes does not list a model, in twenty of forty minutes, six hours long: told three times and then held,
    whatever it is called; somebody has to look, but not nine times."""
    ordinary(n, replace(SORA, reason="retired", story=spells(40, 20, 20, 9, "retired")))


@night(500, team=(1, 4), fires=("ExporterSaturated",))
def overloaded_in_waves(n: Night) -> None:
    """The exporter does not keep up in twenty of forty minutes, for a job of somebody else's runs beside it: one ticket, and its end."""
    ordinary(n, SORA)
    n.add(
        "genmedia_exporter_saturated",
        lambda minute: float(40 <= minute < 400 and (minute - 40) % 40 < 20),
    )


@night(440, reverse=(1, 4), feed=(1, 12))
def pool_rests_together(n: Night) -> None:
    """All six of a pool rest for four of each twenty minutes, six hours long: one word about it and its end, and the feed is
    damped, for each change is the same change."""
    ordinary(n, *several(RELAY, 6, *spells(60, 16, 4, 18, "risk_control")[1:]))


@night(340, notes=(1, 2))
def page_disagrees_in_waves(n: Night) -> None:
    """The vendor's page shows an outage that nobody sees, half an hour, then nothing for ten minutes, six times: a note; a
    second one is too much already."""
    ordinary(n, SORA)
    waves = [
        (40 + 40 * k + later, agrees) for k in range(6) for later, agrees in ((0, 0.0), (30, 1.0))
    ]
    n.of_target(SORA, "genmedia_target_page_agreement", steps((0, 1), *waves))


@night(DAY, step=4, long=True, team=1, fires=("CertificateExpiring",))
def certificate_of_one_node_of_two(n: Night) -> None:
    """Two nodes behind one name, and only one has the new certificate: which one answers changes from probe to probe. Half of all
    clients meet the old one, so there is a ticket as if it were the only one; it is still open in the evening."""
    ordinary(n, RARE)
    n.of_target(RARE, EXPIRY, lambda minute: (3 if minute % 8 < 4 else 90) * 86400.0)


@night(300, oncall=(2, 4), team=(0, 4), feed=(1, 24), not_over={"TargetDown": (60, 180)})
def down_and_limited_by_turns(n: Night) -> None:
    """Overloaded for two hours: five minutes it fails, five it refuses for rate. One page and its end, perhaps a second for the
    budget; the ticket that it flaps, and one for the budget."""
    turns = ((60 + 5 * k, "rate_limited" if k % 2 else "down") for k in range(24))
    story = (*turns, (180, "operational"))
    ordinary(n, at(SORA, *story))


@night(420, oncall=(2, 4), team=(2, 6), feed=(2, 20), fires=("TargetDegraded", "TargetDown"))
def grows_worse_by_the_hour(n: Night) -> None:
    """Slow for an hour, then two minutes of ten down for an hour, then down for one, slow again, well: a ticket while it is slow,
    one page while it burns or is down, or one for each; and the ends."""
    fails = spells(100, 8, 2, 6, "down")[1:]
    story = (
        (40, "degraded"), *((m, "degraded" if s == "operational" else s) for m, s in fails),
        (160, "down"), (220, "degraded"), (260, "operational"),
    )  # fmt: skip
    ordinary(n, at(SORA, *story))


@night(
    3 * DAY, step=4, long=True, oncall=(2, 4), team=(1, 3), feed=(2, 4), fires=("BalanceLow", "QuotaExhausted"),
)  # fmt: skip
def balance_filled_up_by_too_little(n: Night) -> None:
    """Six dollars, four a day: a ticket; empty after a day and a half, a page. Somebody pays for half an hour, then for good: the
    same page, or a second; nobody is told of a low balance once more."""
    out = int(1.5 * DAY)
    story = (
        (out, "quota_exhausted"),
        (out + 60, "operational"),
        (out + 92, "quota_exhausted"),
        (out + 160, "operational"),
    )
    ordinary(n, target := at(RARE, *story))

    def left(minute: float) -> float:
        if minute < out + 60:
            return max(0.0, 6 - minute / 360)
        return max(0.0, 0.1 - (minute - out - 60) / 320) if minute < out + 160 else 100.0

    n.add("genmedia_account_balance", left, account=target.account, unit="usd")
