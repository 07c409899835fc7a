"""Nights in which the watchers change, fail, or cannot see."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import FOREVER, Exporter, Night
from tests.nights.of_targets import RELAY, SORA, ordinary
from tests.nights.of_vendors import several
from tests.nights.telling import night

OLD, NEW = "10.0.0.1:10067", "10.0.0.2:10067"
A, B = "a:10067", "b:10067"
DOWN_AND_BACK = ((0, "operational"), (60, "down"), (100, "operational"))


@night(
    150, Exporter(OLD, undiscovered=((60, FOREVER),)), Exporter(NEW, undiscovered=((0, 61),), starts=(61,)),
)  # fmt: skip
def rollout(n: Night) -> None:
    """A pod is replaced by another at a new address; everybody is well: silence."""
    ordinary(
        n, replace(SORA, owners=((0, OLD), (60, NEW))), replace(RELAY, owners=((0, OLD), (60, NEW)))
    )


@night(
    180, Exporter(OLD, undiscovered=((70, FOREVER),)), Exporter(NEW, undiscovered=((0, 72),), starts=(72,)),
    oncall=2, team=(0, 2), feed=2, not_over={"TargetDown": (60, 100)},
)  # fmt: skip
def rollout_in_an_outage(n: Night) -> None:
    """The next pod goes on where the last one ended: one page, one end."""
    ordinary(n, replace(SORA, story=DOWN_AND_BACK, owners=((0, OLD), (70, NEW))))


@night(150, Exporter(A), Exporter(B))
def takeover(n: Night) -> None:
    """Targets move to the other of two exporters: silence."""
    ordinary(n, *[replace(t, owners=((0, A), (60, B), (90, A))) for t in several(SORA, 2)])


@night(
    240, Exporter(A), Exporter(B), oncall=2, team=(1, 2), feed=2, fires=("ErrorBudgetBurn",),
    not_over={"TargetDown": (60, 100)},
)  # fmt: skip
def takeover_in_an_outage(n: Night) -> None:
    """The same messages as with one exporter, the ticket for the burnt budget among them."""
    ordinary(n, replace(SORA, story=DOWN_AND_BACK, owners=((0, A), (80, B))))


@night(
    180, Exporter(A), Exporter(B), oncall=2, team=(0, 2), feed=(2, 8), fires=("ProviderIncident",)
)
def vendor_down_with_two_exporters(n: Night) -> None:
    """Each of the four targets is told of by both: one page, not two."""
    targets = several(SORA, 4, (60, "down"), (100, "operational"))
    ordinary(n, *[replace(t, owners=((0, (A, B)[k % 2]),)) for k, t in enumerate(targets)])


@night(
    150, Exporter(A, silent=((60, FOREVER),)), Exporter(B), team=1, fires=("ExporterReplicaDown",)
)
def one_of_two_exporters_dies(n: Night) -> None:
    """The other has its targets within a minute: a ticket after half an hour, and nobody is woken."""
    ordinary(n, *[replace(t, owners=((0, A), (61, B))) for t in several(SORA, 2)])


@night(
    150,
    Exporter(A, silent=((60, 75),)),
    oncall=2,
    fires=("ExporterDown",),
    paged={"GenmediaExporterDown": (64, 70)},
)
def exporter_dies_and_comes_back(n: Night) -> None:
    """Fifteen minutes: one page, and its end."""
    ordinary(n, SORA)


def _named(minute: int) -> None:
    def story(n: Night) -> None:
        """A target is down, the exporter dies: two pages, and no word that either is over."""
        ordinary(n, replace(SORA, story=((0, "operational"), (minute, "down"))))

    story.__name__ = f"exporter_dies_with_a_target_down_since_{minute}"
    night(
        120,
        Exporter(A, silent=((60, FOREVER),)),
        oncall=2,
        feed=1,
        not_over={"TargetDown": (60, 121)},
    )(story)


for _minute in (17, 18, 19, 20, 54):
    _named(_minute)


@night(
    240, Exporter(A, starts=tuple(range(30, 150, 8))), team=(1, 2), fires=("ExporterRestarting",),
)  # fmt: skip
def exporter_restarts_all_the_time(n: Night) -> None:
    """Every eight minutes, and answers each scrape all the same: told once."""
    ordinary(n, SORA)


@night(
    300, Exporter(A, silent=tuple((at, at + 7) for at in range(60, 204, 12)), starts=tuple(range(67, 204, 12))),
    oncall=(1, 2), team=(0, 2), silent=("TargetDown",),
)  # fmt: skip
def exporter_dies_again_and_again(n: Night) -> None:
    """Seven minutes dead, five alive, two hours long: one page, one end; not twelve of each."""
    ordinary(n, SORA)


@night(180, oncall=2, fires=("NetworkDown",), silent=("TargetDown",))
def own_network_down(n: Night) -> None:
    """Half an hour without network: everybody is unknown, and one page says why."""
    n.network(lambda minute: float(not 60 <= minute < 90))
    n.money()
    for target in several(SORA, 2, (61, "unknown"), (91, "operational")):
        n.target(target)


@night(180, oncall=(2, 4), feed=(1, 2), paged={"sora": (90, 110)})
def down_after_our_network(n: Night) -> None:
    """When we see again, a target is down for real: that is told, too."""
    n.network(lambda minute: float(not 60 <= minute < 90))
    n.money()
    n.target(
        replace(
            SORA, story=((0, "operational"), (61, "unknown"), (91, "down"), (109, "operational"))
        )
    )


@night(100)
def prometheus_restarts(n: Night) -> None:
    """Nothing is scraped for four minutes, and nothing goes stale: silence."""
    n.unscraped = ((60, 64),)
    ordinary(n, SORA)


@night(100, oncall=2, feed=2, not_over={"TargetDown": (40, 58)})
def prometheus_restarts_in_an_outage(n: Night) -> None:
    """The outage goes on: one page, one end."""
    n.unscraped = ((48, 51),)
    ordinary(n, replace(SORA, story=((0, "operational"), (40, "down"), (58, "operational"))))


@night(180, Exporter(A, silent=tuple((at, at + 1) for at in range(20, 150, 7))), team=(0, 2))
def scrapes_are_missed(n: Night) -> None:
    """One scrape in seven is lost: nobody is woken; at most a ticket that the exporter does not always answer."""
    ordinary(n, SORA)


@night(
    180,
    Exporter(A, silent=((66, 67), (72, 73))),
    oncall=2,
    feed=2,
    not_over={"TargetDown": (60, 78)},
)
def scrapes_are_missed_in_an_outage(n: Night) -> None:
    """A missed scrape begins nothing anew."""
    ordinary(n, replace(SORA, story=((0, "operational"), (60, "down"), (78, "operational"))))


@night(210, team=2)
def storage_fails(n: Night) -> None:
    """An hour without history: a ticket, and its end an hour after."""
    ordinary(n, SORA)
    n.replace("genmedia_exporter_storage_ok", lambda minute: float(not 30 <= minute < 90))


@night(330, team=2)
def storage_comes_and_goes(n: Night) -> None:
    """Twenty of forty minutes without history, five times: one ticket and its end."""
    ordinary(n, SORA)
    n.replace(
        "genmedia_exporter_storage_ok",
        lambda minute: float(not (30 <= minute < 230 and (minute - 30) % 40 < 20)),
    )


@night(120, team=2)
def configuration_refused(n: Night) -> None:
    """A new configuration is refused for half an hour: a ticket and its end."""
    ordinary(n, SORA)
    n.replace(
        "genmedia_exporter_config_last_reload_successful",
        lambda minute: float(not 30 <= minute < 60),
    )
