"""What is remembered of a target and its account that helps to read the next answer. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from genmedia_exporter.core.clock import DAY, PAST, Monotonic
from genmedia_exporter.core.evidence import Hints
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.health.state import Attempt, TargetState
from genmedia_exporter.targets.model import Target

ACQUITTAL_SECONDS: Final = 300.0
"""For so long a success with a key speaks for it."""
SHUTDOWN_SECONDS: Final = 2 * DAY
"""So long after the beginning of its last day a vendor may take to switch a model off everywhere."""


def hints_for(
    state: TargetState | None, target: Target, depth: Depth, tick: Monotonic, keys: KeyUses
) -> Hints:
    """Return what is remembered for an answer of *target* at *depth*, at monotonic *tick*."""
    known = state.depths.get(depth) if state is not None else None
    worked = known is not None and known.last_success_at is not None
    relays = target.provider.kind != "direct" or target.channel is Channel.REVERSE
    accepted = relays and keys.accepted(target.account.name, tick)
    outlived = state is not None and outlived_end(state)
    return Hints(worked_before=worked, key_accepted=accepted, outlived_end=outlived)


def outlived_end(state: TargetState) -> bool:
    """Whether a target has succeeded when its known end date was past: here that date says nothing."""
    ends_at = state.target.ends_at
    successes = (known.last_success_at for known in state.depths.values())
    return ends_at is not None and any(
        at is not None and at >= ends_at + SHUTDOWN_SECONDS for at in successes
    )


class KeyUses:
    """When the key of each account has worked last, and when it was refused where it alone is asked.

    That is the depth reach: there a gateway answers itself, deeper it may relay.
    """

    def __init__(self, states: Iterable[TargetState]) -> None:
        """Begin with what the attempts of *states* show."""
        self._worked: dict[str, Monotonic] = {}
        self._refused: dict[str, Monotonic] = {}
        for state in states:
            for depth, known in state.depths.items():
                for attempt in known.recent:
                    self.observe(state.target.account.name, depth, attempt)

    def observe(self, account: str, depth: Depth, attempt: Attempt) -> None:
        """Note what one attempt shows of the key of *account*."""
        if attempt.verdict.success:
            self._worked[account] = max(self._worked.get(account, PAST), attempt.tick)
        elif depth is Depth.REACH and attempt.verdict.reason is Reason.INVALID_KEY:
            self._refused[account] = max(self._refused.get(account, PAST), attempt.tick)

    def accepted(self, account: str, tick: Monotonic) -> bool:
        """Whether the key has worked lately, and was not refused since."""
        worked = self._worked.get(account, PAST)
        return worked > self._refused.get(account, PAST) and tick - worked <= ACQUITTAL_SECONDS
