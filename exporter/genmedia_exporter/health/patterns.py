"""Patterns in the recent attempts at one depth. Pure functions; the oldest attempt stands first."""

from __future__ import annotations

from itertools import pairwise

from genmedia_exporter.core.status import Certainty, Outcome
from genmedia_exporter.health.state import Attempt

SLOW_IN_A_ROW = 3
BLOCKED_IN_A_ROW = 3
FLAPS = 3
"""Separate runs of failures among the recent attempts that make a target intermittent."""


def confirmed(recent: tuple[Attempt, ...], patient: bool = True) -> Attempt | None:
    """Return the failure that *recent* attempts at one depth have confirmed, or None.

    The newest attempt must have failed. An explicit one is confirmed at once, and so is any when
    not *patient*; otherwise two of the last three must have failed, and of those the newest with
    company of its own status is it.
    """
    if not recent or recent[-1].good:
        return None
    if not patient:
        return recent[-1]
    bad = [a for a in reversed(recent[-3:]) if not a.good]
    for attempt in bad:
        alike = [a for a in bad if a.verdict.status is attempt.verdict.status]
        if attempt.verdict.certainty is Certainty.EXPLICIT or len(alike) > 1:
            return attempt
    return bad[0] if len(bad) > 1 else None


def succeeded_between(recent: tuple[Attempt, ...]) -> bool:
    """Whether the last three are failure, success, failure: some attempts fail, others work."""
    return len(recent) > 2 and [a.good for a in recent[-3:]] == [False, True, False]


def blocked(recent: tuple[Attempt, ...]) -> bool:
    """Whether different, harmless prompts were blocked in turn (docs/wire.md §8.2 row 28)."""
    last = recent[-BLOCKED_IN_A_ROW:]
    blocked = [a for a in last if a.verdict.outcome is Outcome.MODERATED]
    return len(blocked) == BLOCKED_IN_A_ROW


def slow(recent: tuple[Attempt, ...]) -> bool:
    """Whether the last ones all succeeded, and slowly."""
    last = recent[-SLOW_IN_A_ROW:]
    return len(last) == SLOW_IN_A_ROW and all(a.slow and a.good for a in last)


def runs_of_failure(recent: tuple[Attempt, ...]) -> int:
    """How many separate runs of failures there are among the recent attempts."""
    pairs = pairwise(recent)
    return sum(1 for before, after in pairs if before.good and not after.good)


def last_good(recent: tuple[Attempt, ...]) -> Attempt | None:
    """Return the newest success that a suspicion has not yet overthrown."""
    return next((a for a in reversed(recent[-3:]) if a.good), None)
