"""When a paid generation is worth its price, and what it has cost: pure functions of states and evidence."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from genmedia_exporter.core.evidence import Evidence, Exchange, Transport
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Outcome, Status
from genmedia_exporter.health.backoff import (
    confirmation_delay,
    consecutive_failures,
    generation_spacing,
    retry_after_until,
)
from genmedia_exporter.health.judge import is_fresh
from genmedia_exporter.health.state import Attempt, DepthState, TargetState, unseen
from genmedia_exporter.providers.states import CREATE
from genmedia_exporter.spending.priority import Cause, Wish

RECHECK_SHARE: Final = 1 / 8
"""A confirmed failure is paid for again after this share of the interval; doubles up to all of it."""
CALM_SECONDS: Final = 600.0
"""After a failure at a free depth, so long nothing is bought of what has to do with failures."""

_LEARNT_BY_PAYING: Final = frozenset(
    {Status.DOWN, Status.SUSPENDED, Status.RISK_CONTROL, Status.DEGRADED, Status.MAINTENANCE}
)
"""Troubles after whose end a generation proves that the product is back."""


def wish(
    state: TargetState,
    usd: float,
    now: float,
    tick: float,
    paid_at: float | None = None,
    every: float = 0.0,
) -> Wish | None:
    """Return what paying *usd* would be good for at *now* (Unix) and monotonic *tick*, if anything.

    *paid_at* is when the ledger last paid for the target (Unix seconds): a crash may have lost what
    that bought, and must not be a reason to buy it again before its time. *every* is for how many
    seconds the money says that a turn must last, where that is longer than the interval does.
    """
    if Depth.GENERATE not in state.target.intervals or pointless(state, tick):
        return None
    known = _with_payment(state.depths.get(Depth.GENERATE) or unseen(Depth.GENERATE), paid_at)
    age = _age(known, now, tick)
    since = _since_start(known, age)
    turn = generation_spacing(state.target)
    cause, late = _cause(state, known, age, tick), since - max(turn, every)
    has_turn = late >= 0 and not math.isinf(every) and age >= confirmation_delay(state.target)
    if cause is not None and not (cause is Cause.RECOVERY and has_turn):  # a turn waits for less
        return Wish(state.target.name, cause, usd, since / turn)
    if not has_turn or _failing(state, known, tick):
        return None
    waited = now - state.added_at if math.isinf(late) else late
    return Wish(state.target.name, Cause.ROUTINE, usd, since / max(turn, every), max(0.0, waited))


def is_due(state: TargetState, now: float, tick: float, turns: float = 1.0) -> bool:
    """Whether so many *turns* of the paid depth are over, whatever may stand against it."""
    if Depth.GENERATE not in state.target.intervals:
        return False
    known = state.depths.get(Depth.GENERATE) or unseen(Depth.GENERATE)
    return _since_start(known, _age(known, now, tick)) >= turns * generation_spacing(state.target)


def _with_payment(known: DepthState, paid_at: float | None) -> DepthState:
    """Return what is known of the paid depth; what was paid for and never seen counts as tried."""
    if paid_at is None or known.last is not None or paid_at <= (known.last_at or 0.0):
        return known
    return replace(known, last_at=paid_at)


def hopeless(state: TargetState, tick: float) -> bool:
    """Whether money would buy nothing that is not known for free, or nothing at all, as things are."""
    if state.now.status is Status.RETIRED or state.in_maintenance:
        return True
    if state.target.account.credential_problem or tick < retry_after_until(state, Depth.GENERATE):
        return True
    return any(last is not None and _refused(last) for last in _free_lasts(state))


def pointless(state: TargetState, tick: float) -> bool:
    """Whether it is hopeless, or the free depths are still to be tried."""
    return hopeless(state, tick) or any(last is None for last in _free_lasts(state))


def _free_lasts(state: TargetState) -> list[Attempt | None]:
    known = [state.depths.get(d) or unseen(d) for d in state.target.depths if d.free]
    return [depth.last for depth in known if not depth.disabled]


def _refused(last: Attempt) -> bool:
    return not last.good and last.verdict.outcome is not Outcome.INCONCLUSIVE


def _age(known: DepthState, now: float, tick: float) -> float:
    """Return the seconds since the last generation ended; infinite when there was none."""
    if known.last is not None:
        return tick - known.last.tick
    return math.inf if known.last_at is None else max(0.0, now - known.last_at)


def _since_start(known: DepthState, age: float) -> float:
    """Return the seconds since the last generation began: turns are counted from start to start."""
    return age + known.last.duration if known.last is not None else age


def _failing(state: TargetState, known: DepthState, tick: float) -> bool:
    last = known.last
    return last is not None and not last.good and is_fresh(state, Depth.GENERATE, tick)


def _cause(state: TargetState, known: DepthState, age: float, tick: float) -> Cause | None:
    """Return what is urgent about it, if anything."""
    interval = state.target.intervals[Depth.GENERATE]
    calm = _calm(state, interval, tick)
    if _failing(state, known, tick):
        soonest = confirmation_delay(state.target)
        return _after_failure(known, age, interval, soonest) if calm else None
    if age < confirmation_delay(state.target):
        return None
    if _suspicious(state, known):
        return Cause.SUSPICION
    if calm and _recovered(state, known) and age >= RECHECK_SHARE * interval:
        return Cause.RECOVERY
    return None


def _after_failure(known: DepthState, age: float, interval: float, soonest: float) -> Cause | None:
    bad = consecutive_failures(known.recent)
    if bad == 1:
        return Cause.CONFIRM if age >= soonest else None
    wait = min(interval, RECHECK_SHARE * interval * 2.0 ** min(bad - 2, 10))
    return Cause.RECHECK if age >= max(wait, soonest) else None


def _calm(state: TargetState, interval: float, tick: float) -> bool:
    """Whether the free depths have worked for a while: of one that flaps, a job fails by chance."""
    since = tick - min(CALM_SECONDS, RECHECK_SHARE * interval)
    free = (state.depths[d] for d in state.target.depths if d.free and d in state.depths)
    return not any(_refused(a) and a.tick > since for depth in free for a in depth.recent)


def _suspicious(state: TargetState, known: DepthState) -> bool:
    """Whether something has come up since the last generation that only another one can settle."""
    before = known.last_at or 0.0
    page_ill = state.page.page_ill_since
    if page_ill is not None and before < page_ill:
        return True
    if state.now.reason is Reason.SLOW and before < state.since:
        return True
    since = _contradicted_since(state)
    return since is not None and (known.last is None or known.last.tick < since)


def _contradicted_since(state: TargetState) -> float | None:
    """Return since when (monotonic) one free depth works and another cannot say, or None."""
    free = [state.depths[d] for d in state.target.depths if d.free and d in state.depths]
    if not any(depth.last is not None and depth.last.good for depth in free):
        return None
    unclear = [depth.failing_since for depth in free if depth.last and not depth.last.good]
    return min((since for since in unclear if since is not None), default=None)


def _recovered(state: TargetState, known: DepthState) -> bool:
    change = state.last_transition
    if change is None or not change.current.usable or change.previous not in _LEARNT_BY_PAYING:
        return False
    return (known.last_at or 0.0) < change.at


_NEVER_SENT: Final = frozenset(
    {
        Transport.DNS,
        Transport.CONNECT_REFUSED,
        Transport.CONNECT_TIMEOUT,
        Transport.CONNECT_FAILED,
        Transport.TLS,
        Transport.TLS_CERTIFICATE,
    }
)
_IN_DOUBT: Final = frozenset({408, 409, 425, 499})
"""Refusals after which the job may exist all the same."""


def charged(evidence: Evidence, reserved: float) -> float:
    """Return what a finished generation has cost, as far as can be known, in US dollars.

    What the answer says it cost; nothing where the create never left or was refused; the price
    that was reserved in every other case, also when nobody can tell.
    """
    made = evidence.generation
    if made is not None and made.reported_usd is not None:
        return made.reported_usd
    accepted = made is not None and (made.job_id or made.resumed)
    first = evidence.exchanges[0] if evidence.exchanges else None
    if first is not None and not accepted and _refused_create(first):
        return 0.0
    return reserved


def _refused_create(create: Exchange) -> bool:
    if create.call != CREATE:  # of a job that was taken up again: that it was made is certain
        return False
    if create.transport is not None:
        left = create.status is not None or create.phases.processing is not None
        return not left and create.transport in _NEVER_SENT
    status = create.status or 0
    return 400 <= status < 500 and status not in _IN_DOUBT
