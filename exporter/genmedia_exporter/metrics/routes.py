"""The samples of genmedia_route_rank, rendered anew only when something that ranks has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.status import Operation
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.metrics import catalogue
from genmedia_exporter.metrics.exposition import Format, encode
from genmedia_exporter.routing.ranking import (
    BUILT_IN,
    DEFAULT_POLICY,
    Candidate,
    Uptime,
    candidate,
    no_uptime,
    ranked,
    routed,
    usable,
)

log = EventLog(__name__)


class RouteMetrics:
    """Ranks the targets that each policy may use. Most snapshots differ in nothing that ranks."""

    def __init__(
        self,
        policies: Callable[[], Mapping[str, Policy]] = lambda: BUILT_IN,
        uptime: Uptime = no_uptime,
    ) -> None:
        self._policies = policies
        self._uptime = uptime
        self._known: tuple[Mapping[str, Policy], list[Candidate]] = ({}, [])
        self._samples = b""
        self._candidates: dict[str, tuple[TargetState, float | None, Candidate]] = {}

    def render(self, snapshot: Snapshot, form: Format) -> bytes:
        """Return the samples under their header, nothing where there is no target."""
        policies = self._policies()
        # A latency is another one after each probe: whoever does not order by it is not asked again.
        timed = any(policy.order_by == "latency" for policy in policies.values())
        found = [one for state in routed(snapshot) if (one := self._candidate(state, timed))]
        if len(self._candidates) > 2 * len(found) + 100:  # of targets that are gone
            self._candidates.clear()
        if (policies, found) != self._known:
            self._samples = encode("".join(_lines(found, policies)))
            self._known = (policies, found)
        return catalogue.ROUTE_RANK.header(form) + self._samples if self._samples else b""

    def _candidate(self, state: TargetState, timed: bool) -> Candidate | None:
        name = state.target.name
        try:
            uptime = self._uptime(name)
            known = self._candidates.get(name)
            if not timed and known is not None and known[1] == uptime and _alike(known[0], state):
                return known[2]
            found = candidate(state, lambda _name: uptime, timed=timed)
        except Exception as error:  # one broken target must not take the page of all others down
            log.exception("target left out of routing", error, target=name)
            return None
        if timed:  # no latency may be remembered
            self._candidates.pop(name, None)
        else:
            self._candidates[name] = (state, uptime, found)
        return found


def _is_shown(name: str, policy: Policy) -> bool:
    """Whether it is the default policy, or one that somebody has configured: each costs a series a target."""
    return name == DEFAULT_POLICY or policy is not BUILT_IN.get(name)


def _alike(one: TargetState, other: TargetState) -> bool:
    """Whether two states are the same to ranking, latencies aside."""
    return one is other or (one.now is other.now and one.target is other.target)


def _lines(found: list[Candidate], policies: Mapping[str, Policy]) -> list[str]:
    lines: list[str] = []
    for operation in Operation:
        these = [one for one in found if one.operation is operation]
        for name, policy in policies.items():
            if not _is_shown(name, policy):
                continue
            chosen = (one for one in ranked(these, policy) if usable(one, policy))
            order = enumerate(chosen, 1)
            lines += [
                catalogue.ROUTE_RANK.line((operation, name, one.name), rank) for rank, one in order
            ]
    return lines
