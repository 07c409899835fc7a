"""From one look to the next: incidents open, grow, ebb and close. Pure functions of the board's snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.incidents.cost import with_cost
from genmedia_exporter.incidents.domains import Groups, Word, begin_of, is_onset, trouble, word
from genmedia_exporter.incidents.model import (
    MOST_MEMBERS,
    Domain,
    Event,
    Incident,
    Member,
    Scope,
    shortened,
)
from genmedia_exporter.incidents.page import with_page

HOLD_OFF: Final = 900.0
"""Seconds without a broken target after which an incident is closed; until then it may go on."""
LOST_SECONDS: Final = 3_600.0
"""A broken target of which nobody can say anything for so long is not waited for."""

REMOVED: Final = "No longer watched."
"""The event of a target that a reload has removed."""

Broken = Mapping[Domain, Sequence[TargetState]]


def advance(
    before: Iterable[Incident], snapshot: Snapshot, groups: Groups, now: Unix
) -> tuple[Incident, ...]:
    """Return what the open incidents *before* have become at *now*, and those that open.

    One that nothing has happened to is the same object; one that closes is among them.
    """
    broken = _broken(snapshot, groups)
    known = {incident.domain: incident for incident in before}
    after = [_progressed(i, snapshot, groups, broken, now) for i in known.values()]
    for domain, states in broken.items():
        if domain not in known and _begins(domain, states, snapshot, groups, now):
            opened = _opened(domain, states, groups)
            after.append(_progressed(opened, snapshot, groups, broken, now))
    return tuple(after)


def _broken(snapshot: Snapshot, groups: Groups) -> Broken:
    found: dict[Domain, list[TargetState]] = {}
    for name, state in snapshot.targets.items():
        scope = trouble(state)
        if scope is not None and name in groups.domains:
            found.setdefault(groups.domains[name][scope], []).append(state)
    return found


def _begins(
    domain: Domain, broken: Sequence[TargetState], snapshot: Snapshot, groups: Groups, now: Unix
) -> bool:
    if domain.scope is Scope.NETWORK:
        return not snapshot.network_ok
    names = groups.names.get(domain, ())
    watched = [snapshot.targets[name] for name in names if name in snapshot.targets]
    return bool(broken) and is_onset(broken, watched, now)


def _opened(domain: Domain, states: Sequence[TargetState], groups: Groups) -> Incident:
    begin = begin_of(states)
    return Incident(id_of(domain, begin), domain, groups.vendors.get(domain, ""), begin)


def id_of(domain: Domain, begin: Unix) -> str:
    """Return the id of the incident of *domain* that began at *begin*: whoever tells of it, the same."""
    digest = hashlib.sha256(f"{domain.key}\n{float(begin):.3f}".encode()).hexdigest()
    return f"{datetime.fromtimestamp(float(begin), UTC):%Y%m%d-%H%M}-{digest[:6]}"


def _progressed(
    incident: Incident, snapshot: Snapshot, groups: Groups, broken: Broken, now: Unix
) -> Incident:
    scope, events = incident.domain.scope, list(incident.events)
    members = {
        name: _followed(member, snapshot.targets.get(name), scope, now, events)
        for name, member in incident.members.items()
    }
    here = broken.get(incident.domain, ())
    for state in here:
        if state.target.name not in members:
            members[state.target.name] = _joined(state, events)
    after = incident
    if members != dict(incident.members):
        after = replace(incident, members=MappingProxyType(members), events=shortened(events))
    after = with_cost(with_page(after, snapshot), incident, snapshot)
    lasts = _begins(incident.domain, here, snapshot, groups, now)
    return _closed(after, now) if _is_over(after, lasts, now) else after


def _joined(state: TargetState, events: list[Event]) -> Member:
    now, name = state.now, state.target.name
    events.append(Event(state.since, name, now.reason.meaning.text, now.status))
    return Member(name, now.status, now.reason, now.fault, state.since)


def _followed(
    member: Member, state: TargetState | None, scope: Scope, now: Unix, events: list[Event]
) -> Member:
    if state is None:
        if not member.broken:
            return member
        events.append(Event(now, member.name, REMOVED))
        return replace(member, until=now)
    after = _judged(member, state, word(state, scope), now)
    if after.status is not member.status:
        last, reason = state.last_transition, state.now.reason.meaning.text
        told = last is not None and last.current is after.status  # else it became so by the way
        at = state.since if told else now
        events.append(Event(at, member.name, reason, after.status))
    return after


def _judged(member: Member, state: TargetState, said: Word, now: Unix) -> Member:
    status: Status = state.now.status
    if said is Word.BROKEN:
        return replace(member, status=status, until=None, lost_at=None)
    if not member.broken:
        return replace(member, status=status)
    if said is Word.OVER:
        return replace(member, status=status, until=max(member.since, state.since), lost_at=None)
    lost_at = now if member.lost_at is None else member.lost_at
    is_given_up = now - lost_at >= LOST_SECONDS
    return replace(member, status=status, lost_at=lost_at, until=lost_at if is_given_up else None)


def _is_over(incident: Incident, lasts: bool, now: Unix) -> bool:
    """Whether nothing holds *incident* open: a target broken for more than a day alone does not."""
    if any(lasts or now - member.since < DAY for member in incident.broken):
        return False
    ends = [member.until for member in incident.members.values() if member.until is not None]
    return now - max(ends, default=incident.begin) >= HOLD_OFF


def _closed(incident: Incident, now: Unix) -> Incident:
    """Return *incident* as the past has it: bounded."""
    kept = dict(list(incident.members.items())[:MOST_MEMBERS])
    dropped = incident.count - len(kept)
    return replace(
        incident,
        members=MappingProxyType(kept),
        dropped=dropped,
        closed_at=now,
        seen_usd=MappingProxyType({}),
    )
