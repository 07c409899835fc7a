"""Which depth speaks where depths say different things. Pure functions; the newest attempt stands last.

A service that goes on answering as it does keeps its status, whichever depth was asked last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.state import Attempt, DepthState, Judgement, TargetState

OUTDATED_BY = 3
"""So many failures after it, and a success at a deeper depth speaks of the time before them."""

ABSENT: Final = frozenset({Reason.MODEL_NOT_FOUND, Reason.NO_CHANNEL, Reason.RETIRED})
"""What a listing says of a model that it does not have."""
_OF_A_MODEL: Final = frozenset({"listing", "channel", "account_pool"})
"""What a call proves that asks for the model, and not only whether somebody reads creates."""
_OUR_KEY: Final = frozenset({Reason.INVALID_KEY, Reason.ACCOUNT_CLOSED})
_OUR_MONEY: Final = frozenset({Reason.QUOTA_EXHAUSTED, Reason.DAILY_QUOTA})
"""Validators look at a create before anybody looks at money, so their answer shows none."""

Known = tuple[Depth, DepthState]


def overruled(depth: Depth, attempt: Attempt, counting: Iterable[Known]) -> bool:
    """Whether a success at the same or a deeper depth came after *attempt*, that speaks of the same."""
    lasts = (known.last for deeper, known in counting if deeper.rank >= depth.rank)
    return any(a is not None and a.good and a.tick > attempt.tick for a in lasts)


def contradicted(depth: Depth, known: DepthState, counting: Iterable[Known]) -> bool:
    """Whether *depth* fails on and on while a deeper one, asked in between, works.

    One success deeper ends a failure. Here the failure has come back since, so neither is the whole
    truth: some attempts fail. *counting* are the depths whose successes speak of the same.
    """
    failed = [a.tick for a in known.recent if not a.good]
    began = begin_of_failure(known)
    for deeper, other in counting:
        newest = other.last
        if deeper.rank <= depth.rank or newest is None or not newest.good:
            continue
        worked = [a.tick for a in other.recent if a.good and a.tick > began]
        if not worked or not failed or min(worked) > failed[-1]:
            continue
        return sum(tick > newest.tick for tick in failed) < OUTDATED_BY
    return False


def is_denied(depth: Depth, fresh: Mapping[Depth, DepthState], state: TargetState) -> bool:
    """Whether a success at *depth* shows nothing of what the cheapest call says is wrong.

    The listing lacks the model, refuses the key or tells that the money is gone, and the create was
    rejected before any of it was looked at.
    """
    last = fresh[Depth.REACH].last if Depth.REACH in fresh else None
    if depth is not Depth.ACCEPT or last is None:
        return False
    call = state.target.call_for(depth)
    proves = frozenset(call.proves) if call else frozenset()
    if last.verdict.reason in _OUR_MONEY:
        return True
    if last.verdict.reason in ABSENT:
        return not _OF_A_MODEL & proves
    return last.verdict.reason in _OUR_KEY and "key" not in proves


def telling_failure(depth: Depth, known: DepthState) -> Attempt | None:
    """Return the newest failure of the run at *depth* that a success deeper leaves standing.

    What could not be read, and a model that only the list lacks, say nothing against a sound create.
    """
    for attempt in reversed(known.recent):
        if attempt.good:
            break
        listed = depth is not Depth.REACH or attempt.verdict.reason not in ABSENT
        if listed and attempt.verdict.status is not Status.UNKNOWN:
            return attempt
    return None


def begin_of_failure(known: DepthState) -> Monotonic:
    """Return when the unbroken run of failures began that ends with the newest attempt."""
    since = known.recent[-1].tick
    for attempt in reversed(known.recent):
        if attempt.good:
            break
        since = attempt.tick
    return since if known.failing_since is None else min(since, known.failing_since)


def decisive(found: Sequence[tuple[Monotonic, Attempt, Judgement]]) -> Judgement:
    """Return what decides among the failures of several depths, each with the begin of its run.

    One that fails always comes before one that fails now and then, and what was understood before
    an answer that could not be read. Of equals the trouble that began last is the news.
    """
    return max(found, key=lambda failure: (*_weight(failure[1], failure[2]), failure[0]))[2]


def _weight(attempt: Attempt, judged: Judgement) -> tuple[bool, bool]:
    unread = judged.status is Status.UNKNOWN and attempt.http_status > 0
    return not judged.status.usable, not unread
