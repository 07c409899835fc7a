"""From one look to the next: incidents open, grow, ebb and close. Pure functions of the board's snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the board."""

    snapshot: Snapshot
    groups: Groups
    now: Unix
    changed: Container[str] | None  # names of targets; None: any
    broken: Mapping[Domain, Sequence[TargetState]]

    def concerns(self, member: Member) -> bool:
        """Whether anything may have happened to *member*."""
        lost = member.broken and member.lost_at is not None
        return self.changed is None or lost or member.name in self.changed


def advance(
    before: Iterable[Incident],
    snapshot: Snapshot,
    groups: Groups,
    now: Unix,
    changed: Container[str] | None = None,
) -> tuple[Incident, ...]:
    """Return what the open incidents *before* have become at *now*, and those that open.

    One that nothing has happened to is the same object; one that closes is among them. Where it is
    known which targets have *changed* since the last look, the others are not looked at again.
    """
    look = _Look(snapshot, groups, now, changed, _broken(snapshot, groups))
    known = {incident.domain: incident for incident in before}
    after = [_progressed(incident, look) for incident in known.values()]
    for domain, states in look.broken.items():
        if domain not in known and _begins(domain, look):
            opened = _opened(domain, states, groups)
            after.append(_progressed(opened, look))
    return tuple(after)


def _broken(snapshot: Snapshot, groups: Groups) -> Mapping[Domain, Sequence[TargetState]]:
    found: dict[Domain, list[TargetState]] = {}
    for name, state in snapshot.targets.items():
        if state.now.status is Status.OPERATIONAL:  # most are, and this is done each second
            continue
        scope = trouble(state)
        if scope is not None and name in groups.domains:
            found.setdefault(groups.domains[name][scope], []).append(state)
    return found


def _begins(domain: Domain, look: _Look) -> bool:
    if domain.scope is Scope.NETWORK:
        return not look.snapshot.network_ok
    broken, targets = look.broken.get(domain, ()), look.snapshot.targets
    watched = [targets[name] for name in look.groups.names.get(domain, ()) if name in targets]
    return bool(broken) and is_onset(broken, watched, look.now)


def _opened(domain: Domain, states: Sequence[TargetState], groups: Groups) -> Incident:
    begin = begin_of(states)
    return Incident(id_of(domain, begin), domain, groups.vendors.get(domain, ""), begin)


def id_of(domain: Domain, begin: Unix) -> str:
    """Return the id of the incident of *domain* that began at *begin*: whoever tells of it, the same."""
    digest = hashlib.sha256(f"{domain.key}\n{float(begin):.3f}".encode()).hexdigest()
    return f"{datetime.fromtimestamp(float(begin), UTC):%Y%m%d-%H%M}-{digest[:6]}"


def _progressed(incident: Incident, look: _Look) -> Incident:
    events = list(incident.events)
    known = incident.members
    looked = [member for member in known.values() if look.concerns(member)]
    members = {
        member.name: _followed(member, incident.domain.scope, look, events) for member in looked
    }
    for state in look.broken.get(incident.domain, ()):
        if state.target.name not in known:
            members[state.target.name] = _joined(state, events)
    after = incident
    if any(known.get(name) != member for name, member in members.items()):
        everyone = MappingProxyType({**known, **members})
        after = replace(incident, members=everyone, events=shortened(events))
    if members:
        after = with_cost(with_page(after, look.snapshot), incident, look.snapshot, members)
    return _closed(after, look.now) if _is_over(after, look) else after


def _joined(state: TargetState, events: list[Event]) -> Member:
    now, name = state.now, state.target.name
    events.append(Event(state.since, name, now.reason.meaning.text, now.status))
    return Member(name, now.status, now.reason, now.fault, state.since)


def _followed(member: Member, scope: Scope, look: _Look, events: list[Event]) -> Member:
    state, now = look.snapshot.targets.get(member.name), look.now
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


def _is_over(incident: Incident, look: _Look) -> bool:
    """Whether nothing holds *incident* open: a target broken for more than a day alone does not."""
    broken, now = incident.broken, look.now
    if any(now - member.since < DAY for member in broken):
        return False
    if broken and _begins(incident.domain, look):
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
