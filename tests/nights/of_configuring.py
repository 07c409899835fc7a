"""Nights in which people change what is watched, and in which the watchers themselves are odd."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import FOREVER, Exporter, Night, steps
from tests.nights.of_targets import SORA, ordinary
from tests.nights.of_vendors import several
from tests.nights.of_waves import at
from tests.nights.telling import night

A, B = "a:10067", "b:10067"
PODS = tuple(f"10.0.1.{k}:10067" for k in range(13))


@night(120, oncall=(0, 2), feed=0)
def new_and_broken_from_birth(n: Night) -> None:
    """Somebody adds a target that has never worked: at most one page, and no change in the feed."""
    ordinary(n, replace(SORA, story=((0, "down"),), present=(40, FOREVER), known_since=40))


@night(120, oncall=(0, 2), feed=0, silent=("ModelVanished", "TargetDown"))
def new_with_a_wrong_key(n: Night) -> None:
    """The same, with a mistyped key."""
    story = ((0, "auth_error"),)
    ordinary(n, replace(SORA, story=story, present=(40, FOREVER), known_since=40))


@night(150, oncall=(2, 4), team=(0, 2), feed=(1, 2), paged={"new-name": (45, 60)})
def renamed_while_down(n: Night) -> None:
    """The old name's page ends, the new name has one of its own; it was down for long enough to be a
    ticket for the budget, too."""
    ordinary(
        n,
        replace(at(SORA, (30, "down")), present=(0, 45)),
        replace(SORA, name="new-name", story=((0, "down"), (90, "operational")), present=(45, FOREVER), known_since=45),
    )  # fmt: skip


@night(90)
def renamed_while_well(n: Night) -> None:
    """Another name for the same: silence."""
    new = replace(SORA, name="new-name", present=(45, FOREVER), known_since=45)
    ordinary(n, replace(SORA, present=(0, 45)), new)


@night(120)
def many_added_at_once(n: Night) -> None:
    """Six targets of a new vendor come with a reload, and work: silence."""
    ordinary(n, SORA, *[
        replace(t, name=f"new-{k}", vendor="new.example", present=(60, FOREVER), known_since=60)
        for k, t in enumerate(several(SORA, 6))
    ])  # fmt: skip


@night(
    129,
    *(Exporter(pod, undiscovered=tuple(s for s in ((0, 10 * k + 0.5), (10 * k + 10, FOREVER)) if s[0] < s[1]), starts=(10 * k,))
      for k, pod in enumerate(PODS)),
    team=(0, 2),
)  # fmt: skip
def rollout_every_ten_minutes(n: Night) -> None:
    """A pod that is replaced all the time, by whoever deploys: at most a ticket, nobody is woken."""
    owners = tuple((10 * k, pod) for k, pod in enumerate(PODS))
    ordinary(n, *[replace(t, owners=owners) for t in several(SORA, 2)])


@night(
    180, Exporter(A, silent=((70, 110),)), oncall=4, feed=(1, 2), not_over={"TargetDown": (60, 110)},
    fires=("ExporterDown",),
)  # fmt: skip
def exporter_dies_in_an_outage_and_returns_after_it(n: Night) -> None:
    """Down at sixty; the exporter is dead from seventy to a hundred and ten, when all is well: two pages, two ends."""
    ordinary(n, at(SORA, (60, "down"), (90, "operational")))


@night(180, Exporter(A), Exporter(B), team=(1, 2), fires=("ReplicaNetworkDown",))
def network_of_one_of_two(n: Night) -> None:
    """One of two exporters has lost its network for an hour, the other sees, and has its targets: a ticket, as of one that is dead."""
    n.add("genmedia_exporter_network_ok", steps((0, 1.0), (60, 0.0), (120, 1.0)), A)
    n.add("genmedia_exporter_network_ok", 1, B)
    n.money()
    for target in several(SORA, 2):
        n.target(replace(target, owners=((0, A), (60, B), (120, A))))


@night(240, oncall=(2, 4), silent=("TargetDown",), fires=("NetworkDown",))
def network_comes_and_goes(n: Night) -> None:
    """Our network is bad for four minutes in ten, two hours long: told once."""
    n.network(lambda minute: float(not (60 <= minute < 180 and (minute - 60) % 10 < 4)))
    n.money()
    n.target(SORA)


@night(210, team=2, fires=("ExporterSaturated",))
def overloaded(n: Night) -> None:
    """The exporter does not keep up for forty minutes: a ticket, and its end."""
    ordinary(n, SORA)
    n.add("genmedia_exporter_saturated", steps((0, 0.0), (60, 1.0), (100, 0.0)))


@night(270, team=2, fires=("ExporterSaturated",))
def overloaded_now_and_then(n: Night) -> None:
    """Ten of each twenty minutes, two hours long: the same ticket."""
    ordinary(n, SORA)
    n.add(
        "genmedia_exporter_saturated",
        lambda minute: float(60 <= minute < 180 and (minute - 60) % 20 < 10),
    )


@night(240, oncall=2, fires=("ExporterDown",), silent=("TargetDown", "EvidenceStale"))
def probing_stands_still(n: Night) -> None:
    """It answers scrapes, and has probed none of its six targets for an hour: nobody watches, as if it were dead."""
    ordinary(n, *[replace(t, probed=((0, 40), (100, FOREVER))) for t in several(SORA, 6)])
    n.add("genmedia_exporter_snapshot_age_seconds", lambda m: 60 * (m - 40) if 40 <= m < 100 else 1)


@night(120, feed=(0, 1))
def clock_an_hour_ahead(n: Night) -> None:
    """The exporter's clock is set an hour ahead: what it says happened later. Nobody is woken."""
    n.network()
    n.money()
    n.target(replace(SORA, depths={}))
    ahead = steps((0, 0.0), (60, 3600.0))
    n.of_owner(
        SORA,
        "genmedia_probe_last_run_timestamp_seconds",
        lambda m: m * 60 + (ahead(m) or 0),
        depth="reach",
    )
    n.of_target(SORA, "genmedia_probe_interval_seconds", 60, depth="reach")


@night(180, team=(0, 2))
def clock_an_hour_behind(n: Night) -> None:
    """The same backwards, for an hour: probes look old. At most a ticket."""
    n.network()
    n.money()
    n.target(replace(SORA, depths={}))
    behind = steps((0, 0.0), (60, 3600.0), (120, 0.0))
    n.of_owner(
        SORA,
        "genmedia_probe_last_run_timestamp_seconds",
        lambda m: m * 60 - (behind(m) or 0),
        depth="reach",
    )
    n.of_target(SORA, "genmedia_probe_interval_seconds", 60, depth="reach")


@night(240, notes=(0, 1), feed=2, oncall=2, team=(0, 2))
def page_denies_an_outage(n: Night) -> None:
    """Down for forty minutes, and the vendor's page shows nothing of it: the page to us says so, and no note does."""
    ordinary(n, at(SORA, (60, "down"), (100, "operational")))
    n.of_target(SORA, "genmedia_target_page_agreement", steps((0, 1), (60, 0), (100, 1)))
    n.add("genmedia_status_page_readable", 1, page="openai")


@night(240, notes=(1, 2))
def pages_cannot_be_read_now_and_then(n: Night) -> None:
    """Two pages fail for half of each hour: a note or two."""
    ordinary(n, SORA)
    for page in ("openai", "kling"):
        n.add("genmedia_status_page_readable", lambda m: float(m % 60 < 30), page=page)


@night(210, feed=(0, 2))
def window_overruns_quietly(n: Night) -> None:
    """Announced for an hour, takes two, and the vendor's page says so all the time: silence but for the feed."""
    story = ((60, "maintenance"), (180, "operational"))
    ordinary(n, at(SORA, *story))


@night(240, oncall=2, team=2, feed=2, fires=("TargetDown", "ErrorBudgetBurn"))
def down_soon_after_it_was_added(n: Night) -> None:
    """Forty minutes in its first hours: the page, the ticket for the budget, and no note that judges three days by two hours."""
    story = ((0, "operational"), (70, "down"), (110, "operational"))
    ordinary(n, replace(SORA, story=story, present=(5, FOREVER), known_since=5))
