"""What generations cost that an incident let fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import takewhile
from types import MappingProxyType

from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import DepthState, Snapshot
from genmedia_exporter.incidents.model import Incident


def with_cost(
    incident: Incident, before: Incident, snapshot: Snapshot, names: Iterable[str]
) -> Incident:
    """Return *incident* with what failed generations of its targets *names* have cost since *before*.

    Those that failed in a row until a target joined count at the mean price of its generations.
    """
    seen, usd = dict(incident.seen_usd), incident.cost_usd
    for name, known in _generations(names, snapshot).items():
        if name not in before.members:
            usd += _failed_before(known)
        elif known.last is not None and not known.last.good and incident.members[name].broken:
            usd += max(0.0, known.cost_usd - seen.get(name, known.cost_usd))
        seen[name] = max(seen.get(name, 0.0), known.cost_usd)
    if seen == dict(incident.seen_usd):
        return incident
    return replace(incident, cost_usd=round(usd, 6), seen_usd=MappingProxyType(seen))


def _generations(names: Iterable[str], snapshot: Snapshot) -> Mapping[str, DepthState]:
    states = (snapshot.targets.get(name) for name in names)
    found = {s.target.name: s.depths.get(Depth.GENERATE) for s in states if s is not None}
    return {name: known for name, known in found.items() if known is not None and known.total}


def _failed_before(known: DepthState) -> float:
    failed = sum(1 for _ in takewhile(lambda attempt: not attempt.good, reversed(known.recent)))
    return failed * known.cost_usd / known.total
