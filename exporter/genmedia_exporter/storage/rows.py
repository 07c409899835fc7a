"""From what the board tells to rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.status import Depth, Outcome
from genmedia_exporter.health.persisted import Saved, identity
from genmedia_exporter.health.state import Attempt, DepthState, StateChange, TargetState, Transition
from genmedia_exporter.health.uptime import Sample
from genmedia_exporter.storage.codec import (
    depths_from_json,
    depths_to_json,
    judgement_of,
    status_of,
)
from genmedia_exporter.storage.tables import UNSEEN

log = EventLog(__name__)

MAX_MESSAGE: Final = 300

Row = dict[str, Any]


def history_row(change: StateChange, sample: Sample, depth: Depth, attempt: Attempt) -> Row:
    """Return the record of one probe: its own result beside the status it led to."""
    verdict = attempt.verdict
    good = verdict.outcome in (Outcome.SUCCESS, Outcome.MODERATED)
    cost = round(_cost(change.after, depth) - _cost(change.before, depth), 9)  # of floats: no dust
    message = None if good else (verdict.message or verdict.reason.meaning.text)[:MAX_MESSAGE]
    return {
        "target": change.after.target.name,
        "at": attempt.at,
        "depth": depth.value,
        "status": change.after.now.status.value,
        "up": sample.up,
        "holds": sample.holds,
        "duration": UNSEEN if attempt.duration is None else attempt.duration,
        "http_status": attempt.http_status,
        "fault": verdict.fault.value,
        "reason": verdict.reason.value,
        # PostgreSQL takes no NUL in a text.
        "message": message.replace("\0", "") if message else message,
        "cost_usd": cost,
    }


def _cost(state: TargetState, depth: Depth) -> float:
    return state.depths.get(depth, DepthState()).cost_usd


def transition_row(change: StateChange, sample: Sample) -> Row:
    """Return the record of a change of status, or of `up` alone."""
    transition = change.transition
    before, now = change.before.now, change.after.now
    previous = transition.previous if transition else before.status
    return {
        "target": change.after.target.name,
        "at": transition.at if transition else sample.at,
        "previous": previous.value if previous else None,
        "current": now.status.value,
        "reason": now.reason.value,
        "fault": now.fault.value,
        "up": sample.up,
        "holds": sample.holds,
        "status_changed": transition is not None,
    }


def state_row(state: TargetState) -> Row:
    """Return what outlives a restart."""
    target, now, change = state.target, state.now, state.last_transition
    previous = change.previous if change else None
    return {
        "name": target.name,
        "identity": identity(target),
        "model": target.model,
        "channel": target.channel.value,
        "status": now.status.value,
        "reason": now.reason.value,
        "fault": now.fault.value,
        "message": now.message[:MAX_MESSAGE].replace("\0", ""),
        "transition_at": change.at if change else None,
        "transition_from": previous.value if previous else None,
        "transition_to": change.current.value if change else None,
        "changes": state.changes,
        "added_at": state.added_at,
        "depths": depths_to_json(state.depths),
    }


def saved_by_name(rows: Iterable[Mapping[Any, Any]]) -> dict[str, Saved]:
    """Return what `state_row` kept, by target; one whose row cannot be read begins anew, and is logged."""
    found = {}
    for row in rows:
        try:
            found[row["name"]] = saved_of(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}"
            log.warning("saved state unreadable, starting anew", target=row["name"], err=why)
    return found


def saved_of(row: Mapping[Any, Any]) -> Saved:
    """Return what `state_row` kept."""
    change = None
    if row["transition_at"] is not None:
        previous = row["transition_from"]
        change = Transition(
            row["transition_at"],
            status_of(previous) if previous else None,
            status_of(row["transition_to"]),
        )
    return Saved(
        row["identity"],
        judgement_of(row["status"], row["reason"], row["fault"], row["message"]),
        change,
        row["changes"],
        row["added_at"],
        depths_from_json(row["depths"]),
    )
