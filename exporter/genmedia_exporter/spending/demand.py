"""When a paid generation is worth its price, and what it has cost: pure functions of states and evidence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from genmedia_exporter.core.clock import EPOCH, PAST, Monotonic, Unix
from genmedia_exporter.core.evidence import NEVER_SENT, TOKEN, Evidence, Exchange
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Outcome, Status
from genmedia_exporter.health.backoff import (
    Hold,
    confirmation_delay,
    consecutive_failures,
    generation_spacing,
    hold,
    retry_after_until,
)
from genmedia_exporter.health.judge import is_fresh
from genmedia_exporter.health.state import Attempt, DepthState, TargetState, unseen
from genmedia_exporter.providers.states import CREATE
from genmedia_exporter.spending.priority import Candidate, Cause
from genmedia_exporter.targets.model import Target

RECHECK_SHARE: Final = 1 / 8
"""A confirmed failure is rechecked after this share of the interval; doubles up to the interval."""
CALM_SECONDS: Final = 600.0
"""For so long after a failure at a free depth, failures are neither confirmed nor rechecked."""

_LEARNT_BY_PAYING: Final = frozenset(
    {Status.DOWN, Status.SUSPENDED, Status.RISK_CONTROL, Status.DEGRADED, Status.MAINTENANCE}
)
"""Statuses after whose end a generation proves that the product works again."""


def paid_probe_due(
    state: TargetState,
    usd: float,
    now: Unix,
    tick: Monotonic,
    paid_at: Unix | None = None,
    every: float = 0.0,
) -> Candidate | None:
    """Return the generation worth *usd* at *now* (Unix) and monotonic *tick*, or None.

    *paid_at* is when the ledger last paid for the target (Unix seconds): a crash may have lost the
    result, and that is no reason to buy it again early. *every* is the target's pace in seconds,
    where its share of the money makes that longer than its interval.
    """
    if Depth.GENERATE not in state.target.intervals:
        return None
    known = _with_payment(state.depths.get(Depth.GENERATE) or unseen(Depth.GENERATE), paid_at)
    age = _age(known, now, tick)
    since = _since_start(known, age)
    pace = max(generation_spacing(state.target), every)
    cause, late = _cause(state, known, age, tick), since - pace
    is_routine = late >= 0 and not math.isinf(pace) and age >= confirmation_delay(state.target)
    if cause is None and (not is_routine or _failing(state, known, tick)):
        return None
    if cannot_learn(state, tick):  # asked last, for it costs most and most are not due
        return None
    # The routine needs less money than a recovery, and shows the same.
    if cause is not None and not (cause is Cause.RECOVERY and is_routine):
        return Candidate(state.target.name, cause, usd)
    if _failing(state, known, tick):
        return None
    waited = now - state.added_at if math.isinf(late) else late
    return Candidate(state.target.name, Cause.ROUTINE, usd, max(0.0, waited) / pace)


def is_due(state: TargetState, now: Unix, tick: Monotonic, intervals: float = 1.0) -> bool:
    """Whether so many intervals of the paid depth are over, whatever else holds it."""
    if Depth.GENERATE not in state.target.intervals:
        return False
    known = state.depths.get(Depth.GENERATE) or unseen(Depth.GENERATE)
    return _since_start(known, _age(known, now, tick)) >= intervals * generation_spacing(
        state.target
    )


def quiet_until(state: TargetState) -> Monotonic:
    """Return before which monotonic moment nothing is due or worth paying for, if *state* stays as it is.

    PAST where that has to be asked each time: with no good generation, or one that is urgent.
    """
    known = state.depths.get(Depth.GENERATE) or unseen(Depth.GENERATE)
    last = known.last
    if last is None or not last.good or _suspicious(state, known) or _recovered(state, known):
        return PAST
    return last.tick - (last.duration or 0.0) + generation_spacing(state.target)


def _with_payment(known: DepthState, paid_at: Unix | None) -> DepthState:
    """Return the state of the paid depth; what was paid for and never seen counts as tried."""
    if paid_at is None or known.last is not None or paid_at <= (known.last_at or EPOCH):
        return known
    return replace(known, last_at=paid_at)


class BlockedBy(StrEnum):
    """Why no generation of a target is bought now, for programs."""

    NEVER = "never"  # no price, or one that no limit holds
    SWITCHED_OFF = "switched_off"
    TOTALS_UNKNOWN = "totals_unknown"  # the ledger could not be read
    DAY = "day"  # today's budget has no room for one
    MONTH = "month"
    DISABLED = "disabled"
    UNCONFIRMED = "unconfirmed"
    MAINTENANCE = "maintenance"
    RETIRED = "retired"
    NETWORK = "network"
    CREDENTIAL = "credential"
    RETRY_AFTER = "retry_after"  # the service asked us to stay away
    FREE_DEPTH_FAILS = "free_depth_fails"  # it would fail, too
    FREE_DEPTH_UNTRIED = "free_depth_untried"  # what is free comes first


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why no generation of a target is bought now."""

    by: BlockedBy
    depth: Depth | None = None  # which free depth
    until: Monotonic = PAST  # of a Retry-After
    why: str = ""  # of NEVER


def blocked(state: TargetState, tick: Monotonic, network_ok: bool = True) -> Blocked | None:
    """Return why a generation would show nothing new, or could not be made; None if it would."""
    held = hold(state, Depth.GENERATE, tick, network_ok)
    if held is not None:
        return Blocked(_HELD_BY[held])
    if state.target.account.credential_problem:
        return Blocked(BlockedBy.CREDENTIAL)
    for depth, last in _free_attempts(state):
        if last is not None and _refused(last):
            return Blocked(BlockedBy.FREE_DEPTH_FAILS, depth)
    until = retry_after_until(state, Depth.GENERATE)
    return Blocked(BlockedBy.RETRY_AFTER, until=until) if tick < until else None


_HELD_BY: Final[Mapping[Hold, BlockedBy]] = {each: BlockedBy(each.value) for each in Hold}


def cannot_learn(state: TargetState, tick: Monotonic, network_ok: bool = True) -> Blocked | None:
    """Return why it is blocked, or which free depth has not been tried yet; None if neither."""
    found = blocked(state, tick, network_ok)
    if found is not None and found.by is not BlockedBy.RETRY_AFTER:
        return found
    for depth, last in _free_attempts(state):
        if last is None:
            return Blocked(BlockedBy.FREE_DEPTH_UNTRIED, depth)
    return found


def _free_attempts(state: TargetState) -> Iterator[tuple[Depth, Attempt | None]]:
    """Yield the last attempt at each free depth that is still probed."""
    for depth in state.target.depths:
        known = state.depths.get(depth) or unseen(depth)
        if depth.free and not known.disabled:
            yield depth, known.last


def _refused(last: Attempt) -> bool:
    return not last.good and last.verdict.outcome is not Outcome.INCONCLUSIVE


def _age(known: DepthState, now: Unix, tick: Monotonic) -> float:
    """Return the seconds since the last generation ended; infinite when there was none."""
    if known.last is not None:
        return tick - known.last.tick
    return math.inf if known.last_at is None else max(0.0, now - known.last_at)


def _since_start(known: DepthState, age: float) -> float:
    """Return the seconds since the last generation began: intervals are counted from start to start."""
    return age + (known.last.duration or 0.0) if known.last is not None else age


def _failing(state: TargetState, known: DepthState, tick: Monotonic) -> bool:
    last = known.last
    return last is not None and not last.good and is_fresh(state, Depth.GENERATE, tick)


def _cause(state: TargetState, known: DepthState, age: float, tick: Monotonic) -> Cause | None:
    """Return what is urgent about it, if anything."""
    interval = state.target.intervals[Depth.GENERATE]
    calm = _calm(state, interval, tick)
    if _failing(state, known, tick):
        return _after_failure(state.target, known, age) if calm else None
    if age < confirmation_delay(state.target):
        return None
    if _suspicious(state, known):
        return Cause.SUSPICION
    if calm and _recovered(state, known) and age >= RECHECK_SHARE * interval:
        return Cause.RECOVERY
    return None


def _after_failure(target: Target, known: DepthState, age: float) -> Cause | None:
    failures, interval = consecutive_failures(known.recent), target.intervals[Depth.GENERATE]
    if failures == 1:
        return Cause.CONFIRM if age >= confirmation_delay(target) else None
    wait = min(interval, RECHECK_SHARE * interval * 2.0 ** min(failures - 2, 10))
    return Cause.RECHECK if age >= max(wait, confirmation_delay(target)) else None


def _calm(state: TargetState, interval: float, tick: Monotonic) -> bool:
    """Whether the free depths have worked for a while: while a service flaps, a job fails by chance."""
    since = tick - min(CALM_SECONDS, RECHECK_SHARE * interval)
    free = (state.depths[d] for d in state.target.depths if d.free and d in state.depths)
    return not any(_refused(a) and a.tick > since for depth in free for a in depth.recent)


def _suspicious(state: TargetState, known: DepthState) -> bool:
    """Whether something has come up since the last generation that only another one can settle."""
    before = known.last_at or EPOCH
    page_ill = state.page.page_unhealthy_since
    if page_ill is not None and before < page_ill:
        return True
    if state.now.reason is Reason.SLOW and before < state.since:
        return True
    doubts = (_contradicted_since(state), state.traffic.failing_since)
    return any(at is not None and (known.last is None or known.last.tick < at) for at in doubts)


def _contradicted_since(state: TargetState) -> Monotonic | None:
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
    return (known.last_at or EPOCH) < change.at


_IN_DOUBT: Final = frozenset({408, 409, 425, 499})
"""Refusals after which the job may exist all the same."""


def actual_cost(evidence: Evidence, reserved: float, *, resumed: bool = False) -> float:
    """Return what a finished generation has cost, as far as can be known, in US dollars.

    What the answer says it cost; nothing where the create never left or was refused; the price
    that was reserved in every other case, also when nobody can tell. *resumed*: it was created before.
    """
    made = evidence.generation
    if made is not None and made.reported_usd is not None:
        return made.reported_usd
    accepted = made is not None and (made.job_id or made.resumed)
    first = evidence.exchanges[0] if evidence.exchanges else None
    if not accepted and not resumed and (first is None or _refused_create(first)):
        return 0.0
    return reserved


def _refused_create(create: Exchange) -> bool:
    if not create.method or create.call == TOKEN:  # it was not sent at all
        return True
    if create.call != CREATE:  # of a resumed job: it was certainly created
        return False
    if create.transport is not None:
        left = create.status is not None or create.phases.processing is not None
        return not left and create.transport in NEVER_SENT
    status = create.status or 0
    return 400 <= status < 500 and status not in _IN_DOUBT
