"""The same incident as two exporters on one database know it: one object, whoever tells of it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from genmedia_exporter.incidents.model import Exhibit, Incident, Member, PageNote, shortened

MOST_EXHIBITS: Final = 6
"""Failed probes that an incident keeps as evidence."""


def merged(stored: Incident, ours: Incident) -> Incident:
    """Return what is known of an incident that is *stored*, and that we know as *ours*.

    Id and beginning are those that were stored first. Of a target, who has seen more has it.
    """
    members = {} if ours.dropped else {**stored.members}
    for name, member in ours.members.items():
        members[name] = _newer(stored.members.get(name), member)
    return replace(
        ours,
        id=stored.id,
        begin=stored.begin,
        members=MappingProxyType(members),
        events=shortened((*stored.events, *ours.events)),
        page=_page(stored.page, ours.page),
        cost_usd=max(stored.cost_usd, ours.cost_usd),
        exhibits=chosen((*stored.exhibits, *ours.exhibits)),
        substitutes=ours.substitutes or stored.substitutes,
    )


def _newer(stored: Member | None, ours: Member) -> Member:
    return ours if stored is None else replace(ours, since=min(stored.since, ours.since))


def _page(stored: PageNote | None, ours: PageNote | None) -> PageNote | None:
    if stored is None or stored.at is None:
        return ours or stored
    if ours is None:
        return stored
    at = stored.at if ours.at is None else min(stored.at, ours.at)
    return replace(ours, at=at, title=ours.title or stored.title)


def chosen(exhibits: tuple[Exhibit, ...]) -> tuple[Exhibit, ...]:
    """Return the most telling of *exhibits*, in order of time.

    The first of each reason comes before others, then the first of each target; of a reason and a
    target there is one.
    """
    in_order = sorted(exhibits, key=lambda one: (one.at, one.target, one.id))
    single = {(one.target, one.reason): one for one in reversed(in_order)}
    ranked = sorted(single.values(), key=lambda one: (one.at, one.target, one.id))
    by_reason = {one.reason: one for one in reversed(ranked)}
    by_target = {one.target: one for one in reversed(ranked)}
    kept = sorted(
        ranked,
        key=lambda one: (by_reason[one.reason] is not one, by_target[one.target] is not one),
    )[:MOST_EXHIBITS]
    return tuple(sorted(kept, key=lambda one: (one.at, one.target)))
