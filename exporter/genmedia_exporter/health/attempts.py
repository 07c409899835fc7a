"""What an attempt adds to what is known of its depth. Pure functions; the board calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import UNTIMED, Evidence, Exchange, Transport, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.judge import is_fresh
from genmedia_exporter.health.state import RECENT_ATTEMPTS, Attempt, DepthState, TargetState
from genmedia_exporter.targets.model import Target, accident_usd

DISABLING: Final = frozenset({Reason.ACCEPTED_UNEXPECTEDLY, Reason.ACCEPT_UNANSWERED})
"""What ends the depth `accept` of a target for good."""
UNANSWERED_AT_MOST: Final = 3
"""So many creates in a row without an answer disable the depth, where none was ever rejected."""

_ANSWERED_BY_THE_RESULT: Final = frozenset({"sync_image", "chat_stream"})
"""Drivers whose create is answered when all is made: a lax service is silent while it makes it."""
_BROKE_OFF: Final = frozenset(
    {
        Transport.RESET,
        Transport.RESPONSE_TIMEOUT,
        Transport.BODY_TIMEOUT,
        Transport.BODY_TRUNCATED,
        Transport.BODY_TOO_LARGE,  # and nothing of it could be read
        Transport.PROTOCOL,
    }
)
"""The request had left when it broke. A connection that was refused or never made sent nothing."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What one attempt says about creates that must be rejected."""

    verdict: Verdict  # the attempt's own, or that the depth ends here
    unanswered: int = 0  # as in DepthState
    usd: float = 0.0  # what they count as having cost by now, where they count as made


def doubt(target: Target, known: DepthState, evidence: Evidence, verdict: Verdict) -> Doubt:
    """Return how a free attempt leaves its depth: sound, in doubt, or to be disabled.

    Whoever has rejected one such create has a validator, and may be asked again when it hangs.
    """
    if evidence.depth is not Depth.ACCEPT:
        return Doubt(verdict)
    if verdict.reason in DISABLING:
        return Doubt(verdict, 0, accident_usd(target) * (1 + known.unanswered))
    silent = target.driver in _ANSWERED_BY_THE_RESULT and known.last_success_at is None
    creates = (evidence.main, *evidence.second_creates)
    if not silent or not any(_unanswered(create, verdict) for create in creates):
        return Doubt(verdict)
    count = known.unanswered + 1
    if count < UNANSWERED_AT_MOST or known.disabled is not None:
        return Doubt(verdict, count)
    return Doubt(_given_up(verdict), 0, accident_usd(target) * count)


def _unanswered(create: Exchange, verdict: Verdict) -> bool:
    """Whether a create was sent and nothing says what became of it."""
    begun = (create.status or 200) < 300  # a refusal that breaks off is one all the same
    broke_off = create.transport in _BROKE_OFF and begun
    return broke_off or verdict.reason is Reason.SERVER_TIMEOUT  # a gateway gave up waiting


def _given_up(verdict: Verdict) -> Verdict:
    reason, meaning = Reason.ACCEPT_UNANSWERED, Reason.ACCEPT_UNANSWERED.meaning
    return replace(
        verdict,
        outcome=meaning.outcome,
        status=meaning.status,
        fault=meaning.fault,
        reason=reason,
        rule=f"accept.unanswered+{verdict.rule}",
    )


def counted(
    known: DepthState,
    attempt: Attempt,
    median: float | None,
    took: float | None,
    unanswered: int = 0,
) -> DepthState:
    """Return *known* with one more *attempt*; *took*: the seconds by which its service is timed."""
    verdict = attempt.verdict
    failures = dict(known.failures)
    if not attempt.good:
        failures[verdict.reason] = failures.get(verdict.reason, 0) + 1
    return replace(
        known,
        recent=(*_without_phases(known.recent), attempt)[-RECENT_ATTEMPTS:],
        total=known.total + 1,
        failures=MappingProxyType(failures),
        last_at=attempt.at,
        last_success_at=attempt.at if verdict.success else known.last_success_at,
        asset=attempt.asset,
        latency=known.latency if took is None else known.latency.observe(took),
        median=median,
        fresh=True,
        failing_since=None if attempt.good else known.failing_since or attempt.tick,
        disabled=known.disabled or (verdict.reason if verdict.reason in DISABLING else None),
        unanswered=unanswered,
    )


def _without_phases(recent: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """Return *recent* with the newest one's phases dropped: nobody asks for any but the last one's."""
    return (*recent[:-1], replace(recent[-1], phases=UNTIMED)) if recent else recent


def with_attempt(
    state: TargetState, evidence: Evidence, verdict: Verdict, counts: DepthState
) -> TargetState:
    """Return *state* after an attempt: *counts* at its depth, and what it showed besides."""
    expiry = evidence.main.tls_expiry or state.tls_expiry
    return replace(
        state,
        depths=MappingProxyType({**state.depths, evidence.depth: counts}),
        tls_expiry=expiry,
        sunset=verdict.sunset or state.sunset,
        told_end=verdict.told_end or state.told_end,
    )


def disable(known: DepthState, reason: Reason) -> DepthState:
    """Return *known* disabled for *reason*, which a command or another exporter has found."""
    failures = {**known.failures, reason: max(1, known.failures.get(reason, 0))}
    return replace(known, disabled=reason, failures=MappingProxyType(failures))


def refreshed(state: TargetState, tick: Monotonic, busy: bool) -> Mapping[Depth, DepthState]:
    """Return the depths with `fresh` brought up to date; the same object when nothing changed."""
    fresh = {depth: is_fresh(state, depth, tick, busy) for depth in state.depths}
    if all(known.fresh is fresh[depth] for depth, known in state.depths.items()):
        return state.depths
    changed = {depth: replace(s, fresh=fresh[depth]) for depth, s in state.depths.items()}
    return MappingProxyType(changed)
