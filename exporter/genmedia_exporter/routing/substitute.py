"""What to use instead of a target that is broken: the best usable one of the same operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.status import Operation
from genmedia_exporter.health.state import Snapshot, TargetState
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


@dataclass(slots=True)
class Substitutes:
    """Answers for many targets of one snapshot; each operation is ranked once, when first asked for."""

    snapshot: Snapshot
    policies: Mapping[str, Policy] = field(default_factory=lambda: BUILT_IN)
    uptime: Uptime = no_uptime
    _best: dict[Operation, tuple[Candidate, ...]] = field(default_factory=dict)
    _families: dict[Operation, dict[str, list[Candidate]]] = field(default_factory=dict)

    def of(self, state: TargetState) -> Candidate | None:
        """Return the best target to use instead of *state*, the same family first; None: there is none."""
        target = state.target
        if not target.model:  # a plain URL makes nothing that another could make
            return None
        alike, others = self._alike(target.operation, target.family), self._usable(target.operation)
        return next((one for one in chain(alike, others) if one.name != target.name), None)

    def _alike(self, operation: Operation, family: str) -> Sequence[Candidate]:
        """Return the usable ones of a family, best first."""
        if operation not in self._families:
            families: dict[str, list[Candidate]] = {}
            for one in self._usable(operation):
                families.setdefault(self._family(one.name), []).append(one)
            self._families[operation] = families
        return self._families[operation].get(family, ())

    def _usable(self, operation: Operation) -> tuple[Candidate, ...]:
        if operation not in self._best:
            policy = self.policies.get(DEFAULT_POLICY, BUILT_IN[DEFAULT_POLICY])
            states = [s for s in routed(self.snapshot) if s.target.operation is operation]
            fit = [c for s in states if usable(c := candidate(s, self.uptime), policy)]
            self._best[operation] = tuple(ranked(fit, policy))
        return self._best[operation]

    def _family(self, name: str) -> str:
        return self.snapshot.targets[name].target.family
