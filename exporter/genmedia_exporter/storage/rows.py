"""From what the board tells to rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.status import Depth, Outcome
from genmedia_exporter.health.judge import expiry
from genmedia_exporter.health.persisted import Saved, identity
from genmedia_exporter.health.state import Attempt, DepthState, TargetState, Transition
from genmedia_exporter.health.uptime import Sample
from genmedia_exporter.storage.codec import (
    depths_from_json,
    depths_to_json,
    judgement_of,
    status_of,
)

log = EventLog(__name__)

MAX_MESSAGE: Final = 300

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """What the board tells of one change: the state before and after, and the probe if it was one."""

    before: TargetState
    after: TargetState
    seen: tuple[Depth, Attempt] | None = None

    @property
    def moved(self) -> bool:
        """Whether the status changed."""
        return self.after.last_transition != self.before.last_transition

    def sample(self, now: float, tick: float) -> Sample | None:
        """Return what it says of uptime at *now* (Unix seconds, *tick* monotonic), if anything."""
        up = self.after.now.up
        if self.seen is None and not self.moved and up == self.before.now.up:
            return None
        return Sample(now, up, holds(self.after, tick) if up is not None else 0.0)


def holds(state: TargetState, tick: float) -> float:
    """Return for how many seconds from *tick* the newest probe's `up` may be relied on."""
    if state.newest is None:
        return 0.0
    depth, attempt = state.newest
    return max(0.0, attempt.tick + expiry(state, depth) - tick)


def history_row(note: Note, sample: Sample, depth: Depth, attempt: Attempt) -> Row:
    """Return the record of one probe: its own result beside the status it led to."""
    verdict = attempt.verdict
    good = verdict.outcome in (Outcome.SUCCESS, Outcome.MODERATED)
    cost = round(_cost(note.after, depth) - _cost(note.before, depth), 9)  # of floats: no dust
    message = None if good else (verdict.message or verdict.reason.meaning.text)[:MAX_MESSAGE]
    return {
        "target": note.after.target.name,
        "at": attempt.at,
        "depth": depth.value,
        "status": note.after.now.status.value,
        "up": sample.up,
        "holds": sample.holds,
        "duration": attempt.duration,
        "http_status": attempt.http_status,
        "fault": verdict.fault.value,
        "reason": verdict.reason.value,
        # PostgreSQL takes no NUL in a text.
        "message": message.replace("\0", "") if message else message,
        "cost_usd": cost,
    }


def _cost(state: TargetState, depth: Depth) -> float:
    return state.depths.get(depth, DepthState()).cost_usd


def transition_row(note: Note, sample: Sample) -> Row:
    """Return the record of a change of status, or of `up` alone."""
    change = note.after.last_transition if note.moved else None
    before, now = note.before.now, note.after.now
    previous = change.previous if change else before.status
    return {
        "target": note.after.target.name,
        "at": change.at if change else sample.at,
        "previous": previous.value if previous else None,
        "current": now.status.value,
        "reason": now.reason.value,
        "fault": now.fault.value,
        "up": sample.up,
        "holds": sample.holds,
        "status_changed": change is not None,
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
        "previous": previous.value if previous else None,
        "since": state.since,
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
