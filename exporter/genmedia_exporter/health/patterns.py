"""Patterns in the recent attempts at one depth. Pure functions; the oldest attempt stands first."""

from __future__ import annotations

from itertools import pairwise

from genmedia_exporter.core.status import Outcome
from genmedia_exporter.health.state import Attempt

SLOW_IN_A_ROW = 3
BLOCKED_IN_A_ROW = 3
FLAPS = 3
"""Separate runs of failures among the recent attempts that make a target intermittent."""


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
