"""A board on which everything exists: targets of every status and channel, and every kind of trouble."""

from __future__ import annotations

from dataclasses import replace

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Status
from genmedia_exporter.health.state import (
    GENERATION_BUCKETS,
    Attempt,
    DepthState,
    Histogram,
    Judgement,
    Snapshot,
    TargetState,
    Transition,
    unseen,
)
from genmedia_exporter.targets.model import MaintenanceWindow, Target
from tests.metrics.samples import (
    AT,
    PROVIDER,
    attempt,
    depth_state,
    generation,
    healthy,
    page_report,
    snapshot,
)

DAY = 86400.0
SLOW = "slow"
"""The target whose generations became slow half a day ago."""

_UP = dict.fromkeys((Status.OPERATIONAL, Status.DEGRADED), 1) | dict.fromkeys(
    (Status.RATE_LIMITED, Status.RISK_CONTROL, Status.DOWN, Status.SUSPENDED), 0
)


def fleet() -> Snapshot:
    """Return the board."""
    states = [target(f"{status} {c}", status, c) for status in Status for c in Channel]
    states += [*_outages(), *_dated(), *_odd()]
    unreadable = replace(page_report().settings, id="unreadable")
    pages = {
        "openai": page_report(),
        "unreadable": replace(page_report(), settings=unreadable, readable=False),
    }
    return replace(snapshot(*states), pages=pages)


def target(
    name: str,
    status: Status = Status.OPERATIONAL,
    channel: Channel = Channel.OFFICIAL,
    provider: str = "acme",
    reason: Reason | None = None,
) -> TargetState:
    """Return a target that has had a status for two minutes, by a reason that leads to it."""
    why = reason or next(r for r in Reason if r.meaning.status is status)
    return replace(
        healthy(name),
        target=_watched(name, channel, provider),
        depths=_depths(why),
        now=Judgement(status, why, why.meaning.fault, up=_UP.get(status), rule="test"),
        last_transition=Transition(AT - 120, Status.OPERATIONAL, status),
        window=MaintenanceWindow(AT - 60, AT + 60, "upgrade")
        if status is Status.MAINTENANCE
        else None,
    )


def _watched(name: str, channel: Channel, provider: str) -> Target:
    plain = healthy(name).target
    seller = PROVIDER.model_copy(update={"name": provider})
    account = replace(plain.account, name=provider, provider=seller, channel=channel)
    return replace(plain, account=account, channel=channel, ends_at=None)


def _depths(reason: Reason) -> dict[Depth, DepthState]:
    made = Histogram(GENERATION_BUCKETS, (0,) * (len(GENERATION_BUCKETS) + 1)).observe(94.5)
    dear = depth_state(generation(), latency=made, cost_usd=0.8, skipped={"budget": 3})
    failing = depth_state(attempt(reason, 503))
    return {Depth.REACH: failing, Depth.ACCEPT: depth_state(attempt()), Depth.GENERATE: dear}


def _outages() -> list[TargetState]:
    """Two providers with nothing that works, one of them reached by reverse channels only."""
    fallen = [target(f"fallen {n}", Status.DOWN, Channel.OFFICIAL, "fallen") for n in (1, 2)]
    pool = [target(f"pool {n}", Status.DOWN, Channel.REVERSE, "pool") for n in (1, 2)]
    return fallen + pool


def _dated() -> list[TargetState]:
    """Models and certificates that end in days, weeks and months."""
    ends = {f"ends in {days} days": days * DAY for days in (3, 20, 60)}
    expires = {f"expires in {days} days": days * DAY for days in (2, 10)}
    models = [(target(name), AT + left) for name, left in ends.items()]
    ending = [replace(one, target=replace(one.target, ends_at=end)) for one, end in models]
    return ending + [replace(target(name), tls_expiry=AT + left) for name, left in expires.items()]


def _odd() -> list[TargetState]:
    """What is left: a model nobody knows, a probe that was taken, one nobody makes, or pays, a slow one."""
    lost = [
        target(f"vanished {c}", Status.AUTH_ERROR, c, reason=Reason.MODEL_NOT_FOUND)
        for c in Channel
    ]
    accepted = _with(target("taken"), Depth.ACCEPT, attempt(Reason.ACCEPTED_UNEXPECTEDLY))
    stale = _with(target("stale"), Depth.REACH, attempt(at=AT - 7200))
    unpaid = replace(unseen(Depth.GENERATE), skipped={"budget": 3})
    dear = target("dear")
    dear = replace(dear, depths={**dear.depths, Depth.GENERATE: unpaid})
    return [*lost, accepted, stale, dear, target(SLOW)]


def _with(state: TargetState, depth: Depth, last: Attempt) -> TargetState:
    return replace(state, depths={**state.depths, depth: depth_state(last)})
