"""A service that has accepted an invalid create: shallower successes do not make it green again."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault
from genmedia_exporter.health.state import Judgement, TargetState

TAKEN: Final = Reason.ACCEPTED_UNEXPECTEDLY
WAY_OUT: Final = (
    "take the depth off the target, or give the target another name once its service rejects them"
)


def accepts_invalid(state: TargetState, best: int) -> Judgement | None:
    """Judge a target that still has the depth at which an invalid create was accepted; else None.

    A success at a deeper one, of the rank *best*, shows that something real comes out all the same.
    The answer was ours to cause; that its validator lets it pass is the service's own fault.
    """
    disabled = ((d, state.depths[d].disabled) for d in state.target.depths if d in state.depths)
    if not any(why is TAKEN and best <= depth.rank for depth, why in disabled):
        return None
    gateway = state.target.provider.kind == "gateway"
    fault = Fault.GATEWAY if gateway else Fault.PROVIDER
    return Judgement(TAKEN.meaning.status, TAKEN, fault, None, WAY_OUT, TAKEN.value)
