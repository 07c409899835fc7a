"""What of a target outlives a restart: taken from its state, and put back where it is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from exporter.evidence import Asset
from exporter.judge import EXPIRY_INTERVALS
from exporter.reasons import Reason
from exporter.state import SKIP_REASONS, DepthState, Judgement, TargetState, Transition, unseen
from exporter.status import Depth, Fault, Status
from exporter.target import Target

K = TypeVar("K")


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
    return replace(known, target=target, depths=_fitting(known.depths, target))


def _fitting(depths: Mapping[Depth, DepthState], target: Target) -> Mapping[Depth, DepthState]:
    """Return the depths of *target*, and of others what must not be forgotten, without evidence."""
    others = held_back({d: s for d, s in depths.items() if d not in target.intervals})
    rested = {d: replace(s, recent=(), fresh=False, failing_since=None) for d, s in others.items()}
    return MappingProxyType({d: s for d, s in depths.items() if d in target.intervals} | rested)


def held_back(depths: Mapping[Depth, DepthState]) -> Mapping[Depth, DepthState]:
    """Return those of *depths* where another create may be billed: stopped, or in doubt."""
    return {d: s for d, s in depths.items() if s.stopped is not None or s.unanswered}


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


def restored(target: Target, saved: Saved, tick: float) -> TargetState:
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


def handed_over(state: TargetState, saved: Saved | None, tick: float) -> TargetState:
    """Return *state* as it stands where another exporter has been watching, at monotonic *tick*.

    It is what that exporter has *saved*, or else what was known here before; without evidence in
    both cases. Counters never go down: Prometheus would take that for a restart.
    """
    target = state.target
    known = saved_from(state)
    if saved is None or saved.identity != known.identity:
        saved = known
    depths = {
        depth: _counted_on(known.depths.get(depth), saved.depths.get(depth))
        for depth in known.depths.keys() | saved.depths.keys()
    }
    changes = max(known.changes, saved.changes)
    after = restored(target, replace(saved, depths=depths, changes=changes), tick)
    return replace(
        after,
        tls_expiry=state.tls_expiry,
        window=state.window,
        page=state.page,
        sunset=state.sunset,
    )


def _counted_on(known: DepthState | None, saved: DepthState | None) -> DepthState:
    """Return a depth without evidence, with the higher of all counts; the histogram is our own."""
    ours = known or saved or DepthState()
    theirs = saved or ours
    return replace(
        theirs,
        recent=(),
        total=max(ours.total, theirs.total),
        failures=_highest(ours.failures, theirs.failures),
        skipped=_highest(ours.skipped, theirs.skipped),
        cost_usd=max(ours.cost_usd, theirs.cost_usd),
        stopped=ours.stopped or theirs.stopped,
        unanswered=max(ours.unanswered, theirs.unanswered),
        latency=ours.latency,
        median=None,
        fresh=False,
        failing_since=None,
    )


def _highest(ours: Mapping[K, int], theirs: Mapping[K, int]) -> Mapping[K, int]:
    names = ours.keys() | theirs.keys()
    return MappingProxyType({n: max(ours.get(n, 0), theirs.get(n, 0)) for n in names})


def believed(state: TargetState, tick: float) -> Judgement:
    """Return what a target is by another exporter's word, unknown once that is too old."""
    until = state.restored_until
    if state.now.status is Status.UNKNOWN or (until is not None and tick <= until):
        return state.now
    stale = Reason.STALE
    return Judgement(Status.UNKNOWN, stale, stale.meaning.fault, None, "", stale.value)


def confirmed_by_other(state: TargetState, saved: Saved | None, tick: float) -> TargetState:
    """Return *state* when the exporter that watches it is alive, and perhaps has *saved* it anew."""
    if saved is not None:
        return handed_over(state, saved, tick)
    lasts = lifetime(state.target)
    if state.restored_until is not None and state.restored_until - tick > lasts / 2:
        return state  # each new state is rendered anew: not for every look
    return replace(state, restored_until=tick + lasts)


def depths_to_json(depths: Mapping[Depth, DepthState]) -> str:
    """Return the counters of *depths* as JSON."""
    return json.dumps({depth.value: _counters(state) for depth, state in depths.items()})


def _counters(state: DepthState) -> dict[str, Any]:
    return {
        "total": state.total,
        "failures": {reason.value: count for reason, count in state.failures.items()},
        "skipped": dict(state.skipped),
        "last_at": state.last_at,
        "last_success_at": state.last_success_at,
        "asset": _asset_json(state.asset),
        "cost_usd": state.cost_usd,
        "stopped": state.stopped,
        "unanswered": state.unanswered,
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
        last_at=counters.get("last_at"),
        last_success_at=counters["last_success_at"],
        asset=_asset_from(counters.get("asset")),
        cost_usd=counters["cost_usd"],
        stopped=stop_of(counters["stopped"]),
        unanswered=counters.get("unanswered", 0),
    )


def _asset_json(asset: Asset | None) -> dict[str, Any] | None:
    """Return the measures of *asset*; its problem is in the words of the service, and left out."""
    if asset is None:
        return None
    measures = {name: getattr(asset, name) for name in ("size", "width", "height", "duration")}
    return {"kind": asset.kind, **{name: m for name, m in measures.items() if m is not None}}


def _asset_from(said: Any) -> Asset | None:
    """Return a stored asset; None for a row of before, and for what is none."""
    if not isinstance(said, dict) or not isinstance(said.get("kind"), str):
        return None
    size, width, height = (_whole(said.get(name)) for name in ("size", "width", "height"))
    length = said.get("duration")
    duration = float(length) if isinstance(length, int | float) else None
    return Asset(said["kind"], size=size, width=width, height=height, duration=duration)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def stop_of(word: object) -> Reason | None:
    """Return why a depth was stopped; older versions only wrote whether."""
    if isinstance(word, str) and word in {reason.value for reason in Reason}:
        return Reason(word)
    return Reason.ACCEPTED_UNEXPECTEDLY if word else None


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
