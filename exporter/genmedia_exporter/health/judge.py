"""From attempts to a status: hysteresis, expiry, depth precedence. Pure functions over the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from genmedia_exporter.core.clock import PAST, Monotonic, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Status
from genmedia_exporter.health.backoff import backoff_seconds
from genmedia_exporter.health.discounted import is_doubted, without_doubted
from genmedia_exporter.health.lax import TAKEN, accepts_invalid
from genmedia_exporter.health.patterns import (
    FLAPS,
    blocked,
    confirmed,
    last_good,
    runs_of_failure,
    slow,
    succeeded_between,
)
from genmedia_exporter.health.precedence import (
    ABSENT,
    Known,
    begin_of_failure,
    contradicted,
    decisive,
    is_denied,
    overruled,
    telling_failure,
)
from genmedia_exporter.health.state import UNSEEN, Attempt, DepthState, Judgement, TargetState
from genmedia_exporter.health.traffic_evidence import told

EXPIRY_INTERVALS = 2.5
"""Evidence older than this many intervals of its depth counts for nothing."""
GATEWAY_GRACE = 1_800.0
"""Seconds a gateway's own empty account is `down`, not `suspended` (docs/wire.md §8.2 row 13)."""

_NEEDS_CONTROL = frozenset(
    {Reason.DNS_FAILURE, Reason.CONNECT_TIMEOUT, Reason.CONNECT_FAILED, Reason.TLS_ERROR}
)
_GRACED = frozenset({Reason.UPSTREAM_QUOTA, Reason.UPSTREAM_AUTH})
_GONE = ABSENT | {Reason.WRONG_PATH, Reason.NOT_IMPLEMENTED, Reason.UPSTREAM_MODEL}
"""What says, past its end date, that a model is not there any more."""
_BEHIND = frozenset({"channel", "account_pool"})
"""What a call proves that tells of what is behind a gateway."""
ONLY_GATEWAY = "Only the gateway is shown to work: no free probe reaches what is behind it."
_UP_UNKNOWN = frozenset(
    {
        Status.UNKNOWN,
        Status.MAINTENANCE,
        Status.RETIRED,
        Status.AUTH_ERROR,
        Status.QUOTA_EXHAUSTED,
    }
)


@dataclass(frozen=True, slots=True)
class JudgeInputs:
    """What a judgement depends on besides the target's own state."""

    now: Unix
    tick: Monotonic
    doubted_until: Monotonic = PAST  # our own network was in doubt until then
    others_reached: bool = True  # an unrelated host answered lately: the network is not to blame
    patient: bool = True  # False: a one-shot report, where a single failure has to do
    busy: bool = False  # a probe of the target is in flight


def judge(state: TargetState, inputs: JudgeInputs) -> Judgement:
    """Return what the target is at the moment of *view*."""
    found = _judge(state, inputs)
    problem = state.target.account.credential_problem
    if problem and (found.reason is Reason.NO_CREDENTIAL or found.status.usable):
        # What to repair, instead of how they say no; and an answer without a key proves nothing about our key.
        return _plain(Reason.NO_CREDENTIAL, problem)
    return found


def _judge(state: TargetState, inputs: JudgeInputs) -> Judgement:
    if state.window is not None and state.window.covers(inputs.now):
        reason = Reason.MAINTENANCE_WINDOW
        return _plain(reason, state.window.reason or reason.meaning.text)
    if state.page.maintenance:
        said = state.page.word.maintenance
        return _plain(Reason.PAGE_MAINTENANCE, said.title if said else "")
    if _ended_for_good(state, inputs):
        return _plain(Reason.END_DATE_PASSED, _successor(state))
    newest = state.newest
    if newest is not None and is_doubted(newest[1], inputs.doubted_until):
        return _plain(Reason.OWN_NETWORK)
    fresh = {d: s for d, s in state.depths.items() if is_fresh(state, d, inputs.tick, inputs.busy)}
    fresh = without_doubted(fresh, inputs.doubted_until)
    reported = told(state, fresh, inputs.tick)
    if not fresh and reported is None:
        return _without_evidence(state, inputs)
    found = _by_evidence(fresh, reported, state, inputs)
    return replace(state.now, up=None) if found.status.usable and _held(state, inputs) else found


def _plain(reason: Reason, message: str = "") -> Judgement:
    meaning = reason.meaning
    return Judgement(meaning.status, reason, meaning.fault, None, message, reason.value)


def _ended_for_good(state: TargetState, inputs: JudgeInputs) -> bool:
    """Whether the provider's own end date has passed, and what it had is not found any more."""
    ends_at, target = state.ends_at, state.target
    if ends_at is None or inputs.now < ends_at or not target.end_date_binding:
        return False
    lasts = [known.last for known in state.depths.values() if known.last is not None]
    if target.depths and not any(last.verdict.reason in _GONE for last in lasts):
        return False  # a look costs nothing and comes first; an empty account proves no end
    successes = (depth.last_success_at for depth in state.depths.values())
    return not any(at is not None and at >= ends_at for at in successes)


def _successor(state: TargetState) -> str:
    name = state.target.successor
    return f"successor: {name}" if name else ""


def expiry(state: TargetState, depth: Depth) -> float:
    """Return for how many seconds evidence of *depth* counts: longer where we look more rarely."""
    interval = max(state.target.intervals.get(depth, 0.0), backoff_seconds(state, depth) or 0.0)
    return EXPIRY_INTERVALS * interval


def is_fresh(state: TargetState, depth: Depth, tick: Monotonic, busy: bool = False) -> bool:
    """Whether the last attempt at *depth* still counts at monotonic *tick*.

    While the target is *busy*, its evidence may outlive its time by that of a probe: the one in
    flight is about to replace it.
    """
    found = state.depths.get(depth)
    last = found.last if found else None
    grace = state.target.timeout if busy else 0.0
    return last is not None and tick - last.tick <= expiry(state, depth) + grace


def _without_evidence(state: TargetState, inputs: JudgeInputs) -> Judgement:
    if state.newest is not None:
        return _plain(Reason.STALE)
    if state.restored_until is not None and inputs.tick <= state.restored_until:
        return replace(state.now, up=None)
    return _plain(Reason.NO_CREDENTIAL) if state.target.account.credential_problem else UNSEEN


def _held(state: TargetState, inputs: JudgeInputs) -> bool:
    """Whether a trouble of before a restart still stands: not all free depths have worked again."""
    if state.restored_until is None or inputs.tick > state.restored_until:
        return False
    if state.now.status.usable or state.now.status in (Status.UNKNOWN, Status.MAINTENANCE):
        return False
    lasts = [state.depths[d].last if d in state.depths else None for d in state.target.depths]
    wanted = [a for d, a in zip(state.target.depths, lasts, strict=True) if d.free]
    return any(attempt is None or not attempt.good for attempt in wanted)


def _by_evidence(
    fresh: Mapping[Depth, DepthState],
    reported: tuple[Depth, DepthState] | None,
    state: TargetState,
    inputs: JudgeInputs,
) -> Judgement:
    evidence = [*fresh.items(), *([reported] if reported else [])]
    counting = [(d, s) for d, s in evidence if not is_denied(d, fresh, state)]
    failing, contrary = _failures(evidence, counting, state, inputs)
    if failing:
        return decisive(
            [(begin_of_failure(s), a, _of_failure(a, s, state, inputs)) for s, a in failing]
        )
    good = [(d, s, a) for d, s in counting if (a := last_good(s.recent)) is not None]
    lax = accepts_invalid(state, max((d.rank for d, _, _ in good), default=-1))
    if lax is not None:
        return lax
    if good:
        depth, known, attempt = max(good, key=lambda found: (found[0].rank, found[2].tick))
        if depth is Depth.GENERATE and blocked(known.recent):
            return _of_blocking(attempt, state)
        worked = _of_success(attempt, [s for _, s in evidence])
        told = reported is not None and state.traffic.partly_failing(inputs.tick)
        if (told or contrary is not None) and worked.reason is not Reason.SLOW:
            worked = _partly(contrary)
        blind = worked.status is Status.OPERATIONAL and _shows_only_gateway(depth, state)
        return replace(worked, message=ONLY_GATEWAY) if blind else worked
    lasts = (s.last for _, s in evidence if s.last)
    attempt = max(lasts, key=lambda a: (not a.good, a.tick))
    return _suspected(attempt, state)


def _failures(
    evidence: Sequence[Known], counting: Sequence[Known], state: TargetState, inputs: JudgeInputs
) -> tuple[list[tuple[DepthState, Attempt]], Attempt | None]:
    """Return the confirmed failures that stand, and one that a deeper depth contradicts, if any."""
    failing, contrary = [], None
    for depth, known in evidence:
        patient = inputs.patient and not _told_to_wait(state, depth, known)
        attempt = confirmed(known.recent, patient)
        if attempt is None or attempt.verdict.reason is TAKEN:
            continue
        if contradicted(depth, known, counting):
            contrary = telling_failure(depth, known) or contrary
        elif not overruled(depth, attempt, counting):
            failing.append((known, attempt))
    return failing, contrary


def _partly(failure: Attempt | None) -> Judgement:
    """Judge what works while some attempts fail, the last of them as *failure* says, where known."""
    meaning = Reason.INTERMITTENT.meaning
    fault = failure.verdict.fault if failure else meaning.fault
    text = (failure.verdict.message if failure else "") or meaning.text
    return Judgement(meaning.status, Reason.INTERMITTENT, fault, 1, text, "intermittent")


def _shows_only_gateway(depth: Depth, state: TargetState) -> bool:
    """Whether a success at *depth* is the gateway's own, and tells nothing of what is behind it."""
    if state.target.provider.kind != "gateway" or not depth.free:
        return False
    call = state.target.call_for(depth)
    return call is not None and not _BEHIND.intersection(call.proves)


def _told_to_wait(state: TargetState, depth: Depth, known: DepthState) -> bool:
    """Whether the last answer asked us to stay away past the next turn: no second one will come."""
    wait = known.last.verdict.retry_after if known.last else None
    return wait is not None and wait > state.target.intervals.get(depth, wait)


def _of_failure(
    attempt: Attempt, depth: DepthState, state: TargetState, inputs: JudgeInputs
) -> Judgement:
    verdict = attempt.verdict
    status, fault, up, reason = verdict.status, verdict.fault, verdict.up, verdict.reason
    answered = attempt.http_status > 0  # then it is only its link that leads nowhere for us
    if reason in _NEEDS_CONTROL and not answered and _is_theirs(reason, state, inputs):
        fault = Fault.GATEWAY if state.target.provider.kind == "gateway" else Fault.PROVIDER
        status, up = Status.DOWN, 0
    if reason in _GRACED and inputs.tick - (depth.failing_since or inputs.tick) < GATEWAY_GRACE:
        status = Status.DOWN
    if status is Status.DOWN and succeeded_between(depth.recent):
        status, reason = Status.DEGRADED, Reason.INTERMITTENT
    up = None if status in _UP_UNKNOWN else up
    return Judgement(status, reason, fault, up, verdict.message, verdict.rule)


def _is_theirs(reason: Reason, state: TargetState, inputs: JudgeInputs) -> bool:
    """Whether a failure before the request is the service's fault."""
    return inputs.others_reached and (state.has_worked or reason is not Reason.DNS_FAILURE)


def _of_success(attempt: Attempt, depths: Sequence[DepthState]) -> Judgement:
    """Judge what has worked last."""
    verdict = attempt.verdict
    if any(slow(depth.recent) for depth in depths):
        told = Reason.SLOW.meaning
        return Judgement(told.status, Reason.SLOW, told.fault, 1, told.text, "slow")
    if any(runs_of_failure(depth.recent) >= FLAPS for depth in depths):
        return _partly(None)
    return Judgement(
        verdict.status, verdict.reason, verdict.fault, verdict.up, verdict.message, verdict.rule
    )


def _of_blocking(attempt: Attempt, state: TargetState) -> Judgement:
    verdict, target = attempt.verdict, state.target
    pooled = target.channel is Channel.REVERSE or target.provider.kind == "gateway"
    status = Status.RISK_CONTROL if pooled else Status.DEGRADED
    return Judgement(status, verdict.reason, verdict.fault, None, verdict.message, verdict.rule)


def _suspected(attempt: Attempt, state: TargetState) -> Judgement:
    """Judge a first failure with nothing good beside it: the status stays, or is unknown."""
    verdict = attempt.verdict
    if state.last_transition is not None and state.now.status is not Status.UNKNOWN:
        return state.now
    return Judgement(
        Status.UNKNOWN, verdict.reason, verdict.fault, None, verdict.message, verdict.rule
    )
