"""What of a target outlives a restart: taken from its state, and put back where it is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.judge import EXPIRY_INTERVALS
from genmedia_exporter.health.state import DepthState, Judgement, TargetState, Transition
from genmedia_exporter.targets.model import Target


@dataclass(frozen=True, slots=True)
class Saved:
    """One target as storage keeps it. Evidence is not among it: it would be stale anyway."""

    identity: str
    now: Judgement
    last_transition: Transition | None
    changes: int
    added_at: Unix
    depths: Mapping[Depth, DepthState]


def identity(target: Target) -> str:
    """Return a hash of what makes *target* the same thing under the same name."""
    account = target.account
    parts = (
        account.provider.name,
        account.base_url,
        target.model,
        target.operation.value,
        target.channel.value,
        target.path,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def carried(known: TargetState | None, target: Target, now: Unix) -> TargetState:
    """Return the state *target* starts with: what is known, where it is still the same thing."""
    if known is None or identity(known.target) != identity(target):
        return TargetState(target, MappingProxyType({}), added_at=now)
    return replace(known, target=target, depths=_fitting(known.depths, target))


def _fitting(depths: Mapping[Depth, DepthState], target: Target) -> Mapping[Depth, DepthState]:
    """Return the depths of *target*, and of others what must not be forgotten, without evidence."""
    others = restricted({d: s for d, s in depths.items() if d not in target.intervals})
    rested = {d: replace(s, recent=(), fresh=False, failing_since=None) for d, s in others.items()}
    return MappingProxyType({d: s for d, s in depths.items() if d in target.intervals} | rested)


def restricted(depths: Mapping[Depth, DepthState]) -> Mapping[Depth, DepthState]:
    """Return those of *depths* where another create may be billed: disabled, or in doubt."""
    return {d: s for d, s in depths.items() if s.disabled is not None or s.unanswered}


def saved_from(state: TargetState) -> Saved:
    """Return what would outlive a restart."""
    return Saved(
        identity(state.target),
        state.now,
        state.last_transition,
        state.changes,
        state.added_at,
        state.depths,
    )


def restored(target: Target, saved: Saved, tick: Monotonic) -> TargetState:
    """Return the state *target* starts with at monotonic *tick* after a restart.

    The status is shown as it was, with `up` absent and no depth verified, until a probe says
    something or 2.5 of the target's shortest intervals have gone by.
    """
    return TargetState(
        target,
        _fitting(saved.depths, target),
        added_at=saved.added_at,
        now=replace(saved.now, up=None),
        last_transition=saved.last_transition,
        changes=saved.changes,
        restored_until=tick + lifetime(target),
    )


def lifetime(target: Target) -> float:
    """Return for how many seconds what somebody else knew of *target* is believed."""
    return EXPIRY_INTERVALS * min(target.intervals.values(), default=0.0) + target.timeout
