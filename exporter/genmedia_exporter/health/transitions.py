"""From one status to the next: what a new judgement makes of a state, and a line in the log."""

from __future__ import annotations

from dataclasses import replace

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import Judgement, TargetState, Transition

log = EventLog(__name__)


def moved(state: TargetState, judgement: Judgement, now: Unix) -> TargetState:
    """Return *state* with its new judgement, and with a transition where the status changed."""
    last = state.last_transition
    unseen = last is None and not _is_first_sight(state, judgement)
    if unseen or (last is not None and last.current is judgement.status):
        return state if state.now == judgement else replace(state, now=judgement)
    previous = last.current if last else None
    _tell(state, previous, judgement)
    return replace(
        state,
        now=judgement,
        last_transition=Transition(now, previous, judgement.status),
        changes=state.changes + (previous is not None),
    )


def _is_first_sight(state: TargetState, judgement: Judgement) -> bool:
    """Whether there is something to see: any status but unknown, or an unknown that stays."""
    tried = max((depth.total for depth in state.depths.values()), default=0)
    return judgement.status is not Status.UNKNOWN or tried > 1


def _tell(state: TargetState, previous: Status | None, judgement: Judgement) -> None:
    log.at(
        "info" if judgement.status.usable else "warning",
        "status changed",
        target=state.target.name,
        from_=previous or "none",
        to=judgement.status,
        reason=judgement.reason,
        fault=judgement.fault,
        message=judgement.message or None,
    )
