"""What of a target outlives a restart: taken from its state, and put back where it is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from exporter.judge import EXPIRY_INTERVALS
from exporter.reasons import Reason
from exporter.state import SKIP_REASONS, DepthState, Judgement, TargetState, Transition, unseen
from exporter.status import Depth, Fault, Status
from exporter.target import Target


@dataclass(frozen=True, slots=True)
class Saved:
    """One target as storage keeps it. Evidence is not among it: it would be stale anyway."""

    identity: str
    now: Judgement
    last_transition: Transition | None
    changes: int
    added_at: float  # Unix seconds
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


def carried(known: TargetState | None, target: Target, now: float) -> TargetState:
    """Return the state *target* starts with: what is known, where it is still the same thing."""
    if known is None or identity(known.target) != identity(target):
        return TargetState(target, MappingProxyType({}), added_at=now)
    depths = {d: s for d, s in known.depths.items() if d in target.intervals}
    return replace(known, target=target, depths=MappingProxyType(depths))


def restored(target: Target, saved: Saved, tick: float) -> TargetState:
    """Return the state *target* starts with at monotonic *tick* after a restart.

    The status is shown as it was, with `up` absent and no depth verified, until a probe says
    something or 2.5 of the target's shortest intervals have gone by.
    """
    wait = EXPIRY_INTERVALS * min(target.intervals.values(), default=0.0) + target.timeout
    return TargetState(
        target,
        MappingProxyType({d: s for d, s in saved.depths.items() if d in target.intervals}),
        added_at=saved.added_at,
        now=replace(saved.now, up=None),
        last_transition=saved.last_transition,
        changes=saved.changes,
        restored_until=tick + wait,
    )


def depths_to_json(depths: Mapping[Depth, DepthState]) -> str:
    """Return the counters of *depths* as JSON."""
    return json.dumps({depth.value: _counters(state) for depth, state in depths.items()})


def _counters(state: DepthState) -> dict[str, Any]:
    return {
        "total": state.total,
        "failures": {reason.value: count for reason, count in state.failures.items()},
        "skipped": dict(state.skipped),
        "last_success_at": state.last_success_at,
        "cost_usd": state.cost_usd,
        "stopped": state.stopped,
    }


def depths_from_json(text: str) -> Mapping[Depth, DepthState]:
    """Return depths with their counters; words this version does not know are left out."""
    known = {d.value for d in Depth}
    found = {
        Depth(d): _from_counters(Depth(d), c) for d, c in json.loads(text).items() if d in known
    }
    return MappingProxyType(found)


def _from_counters(depth: Depth, counters: Mapping[str, Any]) -> DepthState:
    reasons = {reason.value for reason in Reason}
    failures = {Reason(r): n for r, n in counters["failures"].items() if r in reasons}
    skipped = {reason: counters["skipped"].get(reason, 0) for reason in SKIP_REASONS}
    return replace(
        unseen(depth),
        total=counters["total"],
        failures=MappingProxyType(failures),
        skipped=MappingProxyType({reason: n for reason, n in skipped.items() if n}),
        last_success_at=counters["last_success_at"],
        cost_usd=counters["cost_usd"],
        stopped=counters["stopped"],
    )


def status_of(word: str | None) -> Status:
    """Return the status called *word*, unknown for a word of another version."""
    return Status(word) if word in {s.value for s in Status} else Status.UNKNOWN


def judgement_of(status: str, reason: str, fault: str, message: str) -> Judgement:
    """Return a judgement from stored words; `up` is absent."""
    known = reason in {r.value for r in Reason}
    return Judgement(
        status_of(status),
        Reason(reason) if known else Reason.NO_EVIDENCE,
        Fault(fault) if fault in {f.value for f in Fault} else Fault.NONE,
        None,
        message,
    )
