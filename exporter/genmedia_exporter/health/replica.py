"""What another exporter says of a target: taken over, counted on, believed for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.persisted import Saved, lifetime, restored, saved_from
from genmedia_exporter.health.state import DepthState, Judgement, TargetState

K = TypeVar("K")


def handed_over(state: TargetState, saved: Saved | None, tick: Monotonic) -> TargetState:
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
        told_end=state.told_end,
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
        disabled=ours.disabled or theirs.disabled,
        unanswered=max(ours.unanswered, theirs.unanswered),
        latency=ours.latency,
        median=None,
        fresh=False,
        failing_since=None,
    )


def _highest(ours: Mapping[K, int], theirs: Mapping[K, int]) -> Mapping[K, int]:
    names = ours.keys() | theirs.keys()
    return MappingProxyType({n: max(ours.get(n, 0), theirs.get(n, 0)) for n in names})


def believed(state: TargetState, tick: Monotonic) -> Judgement:
    """Return what a target is by another exporter's word, unknown once that is too old."""
    until = state.restored_until
    if state.now.status is Status.UNKNOWN or (until is not None and tick <= until):
        return state.now
    stale = Reason.STALE
    return Judgement(Status.UNKNOWN, stale, stale.meaning.fault, None, "", stale.value)


def confirmed_by_other(state: TargetState, saved: Saved | None, tick: Monotonic) -> TargetState:
    """Return *state* when the exporter that watches it is alive, and perhaps has *saved* it anew."""
    if saved is not None:
        return handed_over(state, saved, tick)
    lasts = lifetime(state.target)
    if state.restored_until is not None and state.restored_until - tick > lasts / 2:
        return state  # each new state is rendered anew: not for every look
    return replace(state, restored_until=tick + lasts)
