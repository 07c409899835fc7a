"""What an attempt adds to what is known of its depth. Pure functions; the board calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from exporter.judge import is_fresh
from exporter.reasons import Reason
from exporter.state import RECENT_ATTEMPTS, Attempt, DepthState, TargetState
from exporter.status import Depth
from exporter.target import Target

SHORTEST_CLIP = 4.0
"""Seconds a clip has where the provider file does not say what it asks for."""


def counted(known: DepthState, attempt: Attempt, median: float | None, timed: bool) -> DepthState:
    verdict = attempt.verdict
    failures = dict(known.failures)
    if not attempt.good:
        failures[verdict.reason] = failures.get(verdict.reason, 0) + 1
    return replace(
        known,
        recent=(*known.recent, attempt)[-RECENT_ATTEMPTS:],
        total=known.total + 1,
        failures=MappingProxyType(failures),
        last_at=attempt.at,
        last_success_at=attempt.at if verdict.success else known.last_success_at,
        latency=known.latency.observe(attempt.duration) if timed else known.latency,
        median=median,
        fresh=True,
        failing_since=None if attempt.good else known.failing_since or attempt.tick,
        stopped=known.stopped or verdict.reason is Reason.ACCEPTED_UNEXPECTEDLY,
    )


def price_of_one(target: Target) -> float:
    """Return what one use costs as far as it is known, in US dollars; 0 where it is not."""
    job = target.provider.job_for(target.operation, target.model)
    seconds = job.seconds if job and job.seconds else SHORTEST_CLIP
    units = target.price.units() if target.price else {}
    return sum(usd * seconds if unit == "second" else usd for unit, usd in units.items())


def refreshed(state: TargetState, tick: float, busy: bool) -> Mapping[Depth, DepthState]:
    """Return the depths with `fresh` brought up to date; the same object when nothing changed."""
    fresh = {depth: is_fresh(state, depth, tick, busy) for depth in state.depths}
    if all(known.fresh is fresh[depth] for depth, known in state.depths.items()):
        return state.depths
    changed = {depth: replace(s, fresh=fresh[depth]) for depth, s in state.depths.items()}
    return MappingProxyType(changed)
