"""When to look again, and how deep: pure functions from a target's state to its next probe."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from genmedia_exporter.core.clock import PAST, Monotonic
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.state import Attempt, SkipReason, StateChange, TargetState
from genmedia_exporter.targets.model import Target

SUSPECT_INTERVAL = 15.0
"""Seconds after which a suspect is looked at again, at first; doubles up to the interval."""
RETIRED_INTERVALS = 10.0
"""A retired target is looked at this many times more rarely, after the first day."""
RETIRED_FIRST_DAY: Final = 86_400.0
RETIRED_RECHECK: Final = 600.0
"""Seconds after which it is looked at again on the first day: absence is not permanence."""
CONFIRM_SECONDS: Final = 60.0
"""After a first failed generation, seconds until a second one tells an accident from a fault."""
EARLIEST: Final = 1 / 8
"""By this share of its interval at most the turn of a generation comes early."""

_NOT_FASTER = frozenset({Status.RATE_LIMITED, Status.AUTH_ERROR, Status.QUOTA_EXHAUSTED})
"""Refusals that asking again sooner would only make worse, or cannot change."""


def jitter_offset(name: str, depth: Depth, interval: float) -> float:
    """Return the target's own place in the interval, in seconds; the same in every process."""
    digest = blake2b(f"{name}\0{depth}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 * interval


def next_slot(name: str, depth: Depth, interval: float, tick: Monotonic) -> Monotonic:
    """Return the first moment after monotonic *tick* at which this target's turn comes."""
    offset = jitter_offset(name, depth, interval)
    turns = (tick - offset) // interval + 1
    turn = Monotonic(offset + turns * interval)
    return turn if turn > tick else turn + interval  # floats may miss their own turn


def backoff_seconds(state: TargetState, depth: Depth) -> float | None:
    """Return in how many seconds to look again out of turn, or None to keep to the turns."""
    known = state.depths.get(depth)
    last = known.last if known else None
    interval = state.target.intervals.get(depth)
    if last is None or known is None or interval is None:
        return None
    if state.now.status is Status.RETIRED and _says_gone(state, last):
        return _retired_interval(state, depth, last)
    if last.verdict.retry_after:
        return max(last.verdict.retry_after, interval)
    if known.unanswered:
        return interval  # not sooner, however suspect: it may be making what we ask for
    if last.good or last.verdict.status in _NOT_FASTER:
        return None
    doubled = SUSPECT_INTERVAL * 2.0 ** min(consecutive_failures(known.recent) - 1, 10)
    return doubled if doubled < interval else None


def _retired_interval(state: TargetState, depth: Depth, last: Attempt) -> float:
    interval = state.target.intervals[depth]
    rarely = interval * RETIRED_INTERVALS
    new = last.at - state.since < RETIRED_FIRST_DAY
    return min(rarely, RETIRED_RECHECK) if new and depth.free else rarely


def next_run(state: TargetState, depth: Depth, tick: Monotonic) -> Monotonic:
    """Return the monotonic moment of the next look at *depth*, planned after one that ended at *tick*.

    Never sooner after a failure than SUSPECT_INTERVAL: an accident that two turns fall into by
    chance is still one accident.
    """
    interval = state.target.intervals[depth]
    turn = next_slot(state.target.name, depth, interval, tick)
    extra = backoff_seconds(state, depth)
    if extra is None:
        return turn
    if extra >= interval:
        return tick + extra
    return max(min(turn, tick + extra), tick + SUSPECT_INTERVAL)


def generation_spacing(target: Target) -> float:
    """Return the seconds from the start of one generation to the turn of the next; 0 without any.

    Before the interval is over: a fault has been found when a second job fails, too, and the first
    may hang until its deadline. So much earlier, it fits into the interval that people are told.
    """
    interval = target.intervals.get(Depth.GENERATE, 0.0)
    early = longest_generation(target) + 2 * CONFIRM_SECONDS
    return interval - min(early, EARLIEST * interval)


def confirmation_delay(target: Target) -> float:
    """Return the seconds after a first failed generation until a second one may be paid for.

    Never longer than the interval: with a short one, a broken job shows within a few intervals.
    """
    return min(CONFIRM_SECONDS, target.intervals.get(Depth.GENERATE, CONFIRM_SECONDS))


def longest_generation(target: Target) -> float:
    """Return after how many seconds a generation is given up; 0 where none can be made."""
    job = target.provider.job_for(target.operation, target.model)
    if job is None:
        return 0.0
    return job.poll.deadline_seconds if job.poll is not None else job.timeout_seconds


class Hold(StrEnum):
    """Why a depth is not probed now, whoever asks."""

    DISABLED = "disabled"  # a create that must be rejected was accepted once: never again
    UNCONFIRMED = "unconfirmed"  # the last create may have been accepted: each more may be billed
    MAINTENANCE = "maintenance"
    RETIRED = "retired"
    NETWORK = "network"

    @property
    def skip_reason(self) -> SkipReason | None:
        """The reason under which a skipped probe is counted; None where it is not counted."""
        return _COUNTED.get(self)


_COUNTED: Final[Mapping[Hold, SkipReason]] = {
    Hold.MAINTENANCE: "maintenance",
    Hold.RETIRED: "retired",
    Hold.NETWORK: "network",
}


def hold(state: TargetState, depth: Depth, tick: Monotonic, network_ok: bool) -> Hold | None:
    """Return why *depth* is not probed at monotonic *tick*, or None.

    Scheduler, planner of paid probes and pages ask here. The depth reach is always probed.
    """
    if is_disabled(state, depth):
        return Hold.DISABLED
    if create_unconfirmed(state, depth) and tick < earliest_retry(state, depth):
        return Hold.UNCONFIRMED
    if depth is Depth.REACH:
        return None
    if state.in_maintenance:
        return Hold.MAINTENANCE
    if state.now.status is Status.RETIRED and not depth.free:
        return Hold.RETIRED
    return None if network_ok else Hold.NETWORK


def is_disabled(state: TargetState, depth: Depth) -> bool:
    """Whether *depth* is never probed again: a create that must be rejected was accepted."""
    known = state.depths.get(depth)
    return known is not None and known.disabled is not None


def retry_after_until(state: TargetState, depth: Depth) -> Monotonic:
    """Return the monotonic moment until which the service asked us to stay away; PAST if it did not."""
    last = state.depths[depth].last if depth in state.depths else None
    wait = last.verdict.retry_after if last is not None else None
    return last.tick + wait if last is not None and wait else PAST


def create_unconfirmed(state: TargetState, depth: Depth) -> bool:
    """Whether the last create that must be rejected may have been accepted, for all we know."""
    known = state.depths.get(depth)
    return known is not None and known.unanswered > 0


def earliest_retry(state: TargetState, depth: Depth) -> Monotonic:
    """Return the monotonic moment before which nothing hurries a probe; PAST if nothing keeps it.

    The service asked us to stay away, or a create is in doubt and each more may be billed.
    """
    asked = retry_after_until(state, depth)
    last = state.depths[depth].last if depth in state.depths else None
    if last is None or not create_unconfirmed(state, depth):
        return asked
    return max(asked, last.tick + state.target.intervals.get(depth, 0.0))


def _says_gone(state: TargetState, last: Attempt) -> bool:
    return state.now.reason is Reason.END_DATE_PASSED or last.verdict.reason is Reason.RETIRED


def consecutive_failures(recent: tuple[Attempt, ...]) -> int:
    """Return how many of the newest attempts have failed since the last good one."""
    count = 0
    for attempt in reversed(recent):
        if attempt.good:
            break
        count += 1
    return count


def escalation(change: StateChange, depth: Depth) -> Depth | None:
    """Return the next deeper depth if *change* is a contradiction there: a first failure, a recovery."""
    deeper = [d for d in change.after.target.depths if d.rank > depth.rank]
    known = change.after.depths[depth]
    if not deeper or len(known.recent) < 2:
        return None
    before, now = known.recent[-2:]
    return deeper[0] if before.good != now.good else None
