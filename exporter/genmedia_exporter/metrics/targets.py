"""One target's samples: a pure function of its state, rendered anew only when the state is another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import (
    SKIP_REASONS,
    SOURCES,
    Attempt,
    DepthState,
    TargetState,
    unseen,
)
from genmedia_exporter.metrics import catalogue
from genmedia_exporter.metrics.exposition import Block, Writer
from genmedia_exporter.metrics.state_sets import FAULT, STATE_SETS, STATUS

DEPTH_FAMILIES: Final = tuple(
    family
    for family in catalogue.TARGET_FAMILIES
    if "depth" in family.labels or family is catalogue.GENERATION_DURATION
)
"""What each depth of a target has samples of."""
HEAD_FAMILIES: Final = (
    *(family for family in catalogue.TARGET_FAMILIES if family not in DEPTH_FAMILIES),
    *(states.slim for states in STATE_SETS),
)
"""What a target as a whole has samples of."""
OF_ANY_CALL: Final = frozenset(("resolve", "connect", "tls", "processing", "transfer"))
"""Phases that a target with a paid depth tells at the shallowest alone: 80 series have room for no more."""


def render_head(state: TargetState) -> Block:
    """Return the samples of one target as a whole, which say nothing of its depths."""
    writer = Writer(HEAD_FAMILIES, state.target.name)
    _identity(writer, state)
    _judgement(writer, state)
    _evidence(writer, state)
    return writer.block()


def render_depth(state: TargetState, depth: Depth) -> Block:
    """Return the samples of one depth, which depend on nothing else of *state* but its target."""
    writer = Writer(DEPTH_FAMILIES, state.target.name)
    known = state.depths.get(depth) or unseen(depth)
    word = depth.value
    writer.add(catalogue.PROBE_INTERVAL, state.target.intervals.get(depth), word)
    _counters(writer, word, known, free=depth.free)
    depths = state.target.depths
    shallowest = depth is next((one for one in Depth if one in depths), depth)
    whole = shallowest or Depth.GENERATE not in depths
    if known.last is not None:
        _last_attempt(writer, word, known.last, known.last.phases.known(), whole)
    if whole or not depth.free:
        _latency(writer, depth, known)
    return writer.block()


def restrict(state: TargetState, depth: Depth) -> TargetState:
    """Return *state* as if *depth* were the target's only one."""
    target = replace(state.target, depths=(depth,))
    return replace(state, target=target, depths={depth: state.depths.get(depth) or unseen(depth)})


def _identity(writer: Writer, state: TargetState) -> None:
    target = state.target
    account = target.account
    whose = (account.provider.name, account.vendor, account.name, target.channel.value)
    writer.add(
        catalogue.TARGET_INFO,
        1,
        *whose,
        target.model,
        target.family or target.model,
        target.operation.value,
    )
    writer.add(catalogue.TARGET_RETIREMENT, state.retires_at)
    writer.add(catalogue.LIFECYCLE_DISAGREEMENT, state.lifecycle_disagreement)
    for unit, usd in (target.price.units() if target.price else {}).items():
        writer.add(catalogue.TARGET_PRICE, usd, unit)
    writer.add(catalogue.TARGET_MAINTENANCE, state.in_maintenance)
    writer.add(catalogue.TARGET_PAGE_AGREEMENT, state.page.agreement)
    writer.add(catalogue.PAGE_LEAD, state.page.lead)
    writer.add(catalogue.TARGET_SLO, target.slo)
    writer.add(catalogue.PROBE_TLS_EXPIRY, state.tls_expiry)


def _judgement(writer: Writer, state: TargetState) -> None:
    now = state.now
    STATUS.add(writer, now.status.value)
    FAULT.add(writer, now.fault.value)
    writer.add(catalogue.TARGET_STATUS_CODE, now.status.code)
    writer.add(catalogue.TARGET_UP, now.up)
    writer.add(catalogue.TARGET_SINCE, state.since)
    writer.add(catalogue.TARGET_CHANGES, state.changes)
    change = state.last_transition
    if change is not None:
        before = change.previous.value if change.previous else "none"
        writer.add(catalogue.TARGET_TRANSITION, change.at, before, change.current.value)


def _evidence(writer: Writer, state: TargetState) -> None:
    counts = sorted(state.traffic.counts.items())
    for outcome, count in counts:
        writer.add(catalogue.TRAFFIC_REQUESTS, count, outcome.value)
    for source in SOURCES if counts else SOURCES[:1]:
        writer.add(catalogue.TARGET_EVIDENCE, source in state.sources, source)


def _counters(writer: Writer, depth: str, known: DepthState, *, free: bool) -> None:
    writer.add(catalogue.TARGET_VERIFIED, known.verified, depth)
    writer.add(catalogue.PROBES_TOTAL, known.total, depth)
    if known.cost_usd or not free:
        writer.add(catalogue.PROBE_COST, known.cost_usd, depth)
    writer.add(catalogue.PROBE_LAST_SUCCESS, known.last_success_at, depth)
    for reason, count in sorted(known.failures.items()):
        writer.add(catalogue.PROBE_FAILURES, count, depth, reason.value)
    for skipped in SKIP_REASONS:
        # Alerts look at the increase of this one, which cannot see a series begin.
        from_zero = skipped == "budget" and not free
        if from_zero or skipped in known.skipped:
            writer.add(catalogue.PROBES_SKIPPED, known.skipped.get(skipped, 0), depth, skipped)


def _last_attempt(
    writer: Writer, depth: str, last: Attempt, phases: Mapping[str, float], whole: bool
) -> None:
    writer.add(catalogue.PROBE_SUCCESS, last.verdict.success, depth)
    writer.add(catalogue.PROBE_HTTP_STATUS, last.http_status, depth)
    writer.add(catalogue.PROBE_DURATION, last.duration, depth)
    writer.add(catalogue.PROBE_LAST_RUN, last.at, depth)
    for phase, seconds in phases.items():
        if whole or phase not in OF_ANY_CALL:
            writer.add(catalogue.PROBE_PHASE, seconds, depth, phase)


def _latency(writer: Writer, depth: Depth, known: DepthState) -> None:
    seen = known.latency
    family = catalogue.PROBE_LATENCY if depth.free else catalogue.GENERATION_DURATION
    labels = (depth.value,) if depth.free else ()
    writer.add_histogram(family, labels, seen.bounds, seen.counts, seen.sum)
