"""Nights of incidents as the exporter tells them: open, ebb, close, with one exporter, with two, and over a takeover."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import FOREVER, Exporter, Night, steps
from tests.nights.notation import Value
from tests.nights.of_targets import SORA, ordinary
from tests.nights.of_vendors import several
from tests.nights.telling import night

A, B = "a:10067", "b:10067"
HOLD_OFF = 15
"""Minutes for which the exporter keeps an incident open after its last target was well again."""


def told(
    n: Night,
    begin: float,
    well: float,
    *hit: tuple[float, Value],
    number: str = "20261129-1600-abcdef",
    vendor: str = "openai.com",
    scope: str = "vendor",
    reason: str = "server_error",
    fault: str = "provider",
    only: str = "",
) -> None:
    """Let an incident be open from a minute until its hold-off is over; *hit* is how many targets from when on."""
    until = well + HOLD_OFF
    n.add(
        "genmedia_incident_info", steps((begin, 1), (until, None)), only,
        incident=number, vendor=vendor, scope=scope, reason=reason, fault=fault,
    )  # fmt: skip
    n.add(
        "genmedia_incident_start_timestamp_seconds",
        steps((begin, begin * 60), (until, None)),
        only,
        incident=number,
    )
    n.add("genmedia_incident_targets", steps(*hit, (until, None)), only, incident=number)


@night(
    180, oncall=2, team=(0, 2), feed=(2, 8), fires=("ProviderIncident",), silent=("TargetUnknown",),
    paged={"openai.com": (60, 68)}, not_over={"ProviderIncident": (60, 101)},
)  # fmt: skip
def incident_told(n: Night) -> None:
    """Four of a vendor, forty minutes, and the exporter tells of the incident: one page and its end."""
    ordinary(n, *several(SORA, 4, (60, "down"), (100, "operational"), apart=0.5))
    told(n, 61, 102, (61, 2), (62, 4))


@night(
    210, oncall=2, team=(0, 2), feed=(2, 16), not_over={"ProviderIncident": (60, 118)},
)  # fmt: skip
def incident_ebbs(n: Night) -> None:
    """It ebbs, and comes back within its hold-off under the same id, twice: one page and its end."""
    targets = [
        replace(t, story=((0, "operational"), (60, "down"), (80 + k, "operational"), (90 + k, "down"), (98 + k, "operational"), (108 + k, "down"), (118 + k, "operational")))
        for k, t in enumerate(several(SORA, 3))
    ]  # fmt: skip
    ordinary(n, *targets)
    told(n, 60, 121, (60, 3))


@night(
    180, Exporter(A), Exporter(B), oncall=2, team=(0, 2), feed=(2, 8), fires=("ProviderIncident",)
)
def incident_told_by_two(n: Night) -> None:
    """Two exporters tell of the same incident, one a little later: one page and its end."""
    targets = several(SORA, 4, (60, "down"), (100, "operational"))
    ordinary(n, *[replace(t, owners=((0, (A, B)[k % 2]),)) for k, t in enumerate(targets)])
    told(n, 60, 100, (60, 4), only=A)
    told(n, 62, 100, (62, 4), only=B)


@night(
    210, Exporter(A, silent=((75, FOREVER),)), Exporter(B), oncall=2, team=(1, 3), feed=(2, 8),
    fires=("ProviderIncident", "ExporterReplicaDown"), not_over={"ProviderIncident": (60, 110)},
)  # fmt: skip
def takeover_while_an_incident_is_open(n: Night) -> None:
    """Its exporter dies, the other goes on under the same id: one page, one end, a ticket for the dead one."""
    targets = several(SORA, 4, (60, "down"), (110, "operational"))
    ordinary(n, *[replace(t, owners=((0, A), (76, B))) for t in targets])
    told(n, 60, 110, (60, 4), only=A)
    told(n, 76, 110, (76, 4), only=B)


@night(
    240, Exporter(A, silent=((75, 77), (90, 92))), oncall=2, team=(0, 2), feed=(2, 8),
    not_over={"ProviderIncident": (60, 110), "TargetDown": (60, 110)},
)  # fmt: skip
def restarts_while_an_incident_is_open(n: Night) -> None:
    """The exporter restarts twice meanwhile: one page, one end."""
    ordinary(n, *several(SORA, 4, (60, "down"), (110, "operational")))
    told(n, 60, 110, (60, 4))


@night(300, oncall=4, team=(0, 3), feed=(4, 16), paged={"openai.com": (180, 190)})
def two_incidents_of_one_vendor(n: Night) -> None:
    """Half an hour each, an hour and a half apart, each under its own id: a page and an end for each."""
    story = ((60, "down"), (90, "operational"), (180, "down"), (210, "operational"))
    ordinary(n, *several(SORA, 4, *story))
    told(n, 60, 90, (60, 4))
    told(n, 180, 210, (180, 4), number="20261129-1800-fedcba")


@night(150, oncall=2, feed=(2, 6), fires=("AuthError",), silent=("ProviderIncident",))
def incident_of_an_account(n: Night) -> None:
    """A key is refused everywhere: the page is about the key, and no vendor is accused."""
    ordinary(n, *several(SORA, 4, (60, "auth_error"), (100, "operational"), apart=0.5))
    told(n, 60, 102, (60, 4), scope="account", reason="invalid_key", fault="account")


@night(180, oncall=2, team=(0, 2), feed=2, fires=("TargetDown",), silent=("ProviderIncident",))
def incident_of_the_only_target(n: Night) -> None:
    """Of a vendor one target is watched: its page and its end are enough, whatever the incident is called."""
    target = replace(SORA, story=((0, "operational"), (60, "down"), (90, "operational")))
    ordinary(n, target, replace(SORA, name="kling", vendor="kling.ai", provider="kling"))
    told(n, 60, 90, (60, 1))


@night(180, oncall=2, fires=("NetworkDown",), silent=("ProviderIncident", "TargetDown"))
def incident_of_our_network(n: Night) -> None:
    """Everybody is unknown behind our own network: one page says why, and its end."""
    n.network(lambda minute: float(not 60 <= minute < 90))
    n.money()
    for target in several(SORA, 3, (61, "unknown"), (91, "operational")):
        n.target(target)
    told(n, 61, 91, (61, 3), scope="network", vendor="", reason="own_network", fault="network")
