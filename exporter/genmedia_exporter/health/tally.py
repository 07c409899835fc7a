"""What probes add up to beside the state of their own target: baselines, uses of keys, balances, counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import AccountBalance, Basis, Evidence, Hints, Verdict
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.attempts import counted, doubt, with_attempt
from genmedia_exporter.health.balances import Balances
from genmedia_exporter.health.baseline import Baselines
from genmedia_exporter.health.hints import KeyUses, hints_for
from genmedia_exporter.health.state import Attempt, TargetState, unseen
from genmedia_exporter.targets.model import Target


@dataclass(frozen=True, slots=True)
class Taken:
    """A probe that was taken in: what it makes of its target's state."""

    after: TargetState  # not judged yet
    attempt: Attempt
    usd: float  # what creates that must be rejected count as having cost by now


class Tally:
    """Takes in one probe after the other. Belongs to the board."""

    def __init__(self) -> None:
        self._baselines: defaultdict[tuple[str, Depth], Baselines] = defaultdict(Baselines)
        self._verdicts: Counter[tuple[str, Basis]] = Counter()
        self._balances = Balances()
        self._keys = KeyUses(())

    def keep(self, states: Mapping[str, TargetState]) -> None:
        """Forget what is of no target in *states* any more."""
        self._balances.keep({state.target.account.name for state in states.values()})
        for key in [k for k in self._baselines if k[0] not in states or not states[k[0]].depths]:
            del self._baselines[key]

    def learn_keys(self, states: Iterable[TargetState]) -> None:
        """Take what is known of keys from *states*, which have changed by another hand."""
        self._keys = KeyUses(states)

    def hints(
        self, state: TargetState | None, target: Target, depth: Depth, tick: Monotonic
    ) -> Hints:
        """Return what is remembered that helps to read the next answer of *target* at *depth*."""
        return hints_for(state, target, depth, tick, self._keys)

    def take(
        self,
        before: TargetState,
        evidence: Evidence,
        verdict: Verdict,
        cost_usd: float,
        tick: Monotonic,
    ) -> Taken:
        """Return what a probe, which ended at *tick* and cost *cost_usd*, makes of the state *before*."""
        depth, target = evidence.depth, before.target
        known = before.depths.get(depth) or unseen(depth)
        found = doubt(target, known, evidence, verdict)
        verdict = found.verdict
        self._verdicts[target.provider.name, verdict.basis] += 1
        every = target.intervals[depth]
        self._balances.observe(target.account.name, verdict.balance, tick, every)
        usual = self._baselines[target.name, depth]
        baseline = usual.of(evidence.reused)
        # What our own loop delayed, or ended while we were away, tells nothing of the service.
        took = evidence.duration if verdict.success and not evidence.distorted else None
        slow = took is not None and baseline.is_slow(took)
        attempt = Attempt.of(evidence, verdict, tick, slow)
        self._keys.observe(target.account.name, depth, attempt)
        if took is not None:
            baseline.add(tick, took)
        counts = counted(known, attempt, usual.usual, took, found.unanswered)
        if cost_usd or found.usd:
            counts = replace(counts, cost_usd=counts.cost_usd + cost_usd + found.usd)
        return Taken(with_attempt(before, evidence, verdict, counts), attempt, found.usd)

    def review(self, tick: Monotonic) -> bool:
        """Let balances grow old; whether any has gone."""
        return self._balances.review(tick)

    @property
    def balances(self) -> Mapping[str, AccountBalance]:
        """What is left on accounts, by name."""
        return self._balances.shown

    @property
    def verdicts(self) -> Mapping[tuple[str, Basis], int]:
        """How many verdicts rested on what, by provider; a copy."""
        return MappingProxyType(dict(self._verdicts))
