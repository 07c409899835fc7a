"""From readings to a report: what stays when a page cannot be read, and what it says of a target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.status_page import (
    IMPACT_RANKS,
    MAX_INCIDENTS,
    Component,
    ComponentStatus,
    Impact,
    Incident,
    Maintenance,
    PageReading,
    PageReport,
    PageSettings,
)

FROZEN_AFTER = 180 * DAY
"""Seconds without any change on the page after which it is taken for a forgotten mirror."""
MOVED_AFTER = DAY
"""Seconds another identity must answer before it is believed to be the page under a new name."""

SHOWN_INCIDENTS = 20
"""Open incidents of one page that are shown one by one; all are counted."""

UNHEALTHY = frozenset(
    {ComponentStatus.DEGRADED, ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.MAJOR_OUTAGE}
)


def find(components: Iterable[Component], wanted: str) -> Component | None:
    """Return the component with the id *wanted*, else the only one of that name.

    A name may be written `Group / Name`. A name that several components share is none of them.
    """
    known = tuple(components)
    by_id = next((c for c in known if c.id == wanted), None)
    if by_id is not None:
        return by_id
    folded = wanted.casefold()
    named = [c for c in known if folded in (c.name.casefold(), _full_name(c).casefold())]
    return named[0] if len(named) == 1 else None


def _full_name(component: Component) -> str:
    return f"{component.group} / {component.name}" if component.group else component.name


def configured(settings: PageSettings, targets: Iterable[str]) -> tuple[str, ...]:
    """Return the components asked for: by the page's own list, its products, and by targets."""
    return tuple(dict.fromkeys((*settings.components, *settings.products, *targets)))


def with_reading(
    report: PageReport, engine: str, reading: PageReading, wanted: Iterable[str], now: Unix
) -> PageReport:
    """Return the report after a good reading at *now*, Unix seconds; suspect ones are not taken."""
    stranger = _stranger(report, reading, now)
    moved = stranger is not None and now - stranger[1] >= MOVED_AFTER
    suspicion = _suspicion(None if moved else report.reading, reading, now)
    if suspicion:
        return replace(with_problem(report, suspicion), stranger=stranger)
    listed = {name: find(reading.components, name) for name in wanted}
    return replace(
        report,
        engine=engine,
        readable=True,
        problem="",
        reading=_kept(reading),
        read_at=now,
        listed=MappingProxyType(listed),
        stranger=None,
    )


def _kept(reading: PageReading) -> PageReading:
    """Return *reading* with as many incidents as are kept, and the number of the others."""
    if len(reading.incidents) <= MAX_INCIDENTS:
        return reading
    kept = worst(reading.incidents, MAX_INCIDENTS)
    others = Counter(i.impact for i in reading.incidents) - Counter(i.impact for i in kept)
    return replace(reading, incidents=kept, not_kept=MappingProxyType(others))


def worst(incidents: Sequence[Incident], most: int) -> tuple[Incident, ...]:
    """Return the *most* worst of *incidents*, in their order; of two as bad, the earlier there."""
    if len(incidents) <= most:
        return tuple(incidents)
    ranked = sorted(incidents, key=lambda i: IMPACT_RANKS.index(i.impact), reverse=True)
    chosen = {id(incident) for incident in ranked[:most]}
    return tuple(incident for incident in incidents if id(incident) in chosen)


def shown_incidents(reading: PageReading) -> tuple[Incident, ...]:
    """Return the open incidents that are shown one by one, the newest first."""
    return worst(reading.incidents, SHOWN_INCIDENTS)


def open_incidents(reading: PageReading) -> Mapping[Impact, int]:
    """Return how many incidents are open on the page, by impact: all, whether shown or not."""
    return Counter(i.impact for i in reading.incidents) + Counter(reading.not_kept)


def with_problem(report: PageReport, problem: str) -> PageReport:
    """Return the report after a failed reading: the last good one stays, with its age."""
    return replace(report, readable=False, problem=problem)


def _stranger(report: PageReport, reading: PageReading, now: Unix) -> tuple[str, Unix] | None:
    """Return the other identity that *reading* has and since when it answers; None if it has none."""
    before = report.reading
    if before is None or not before.identity or reading.identity == before.identity:
        return None
    known = report.stranger
    return known if known and known[0] == reading.identity else (reading.identity, now)


def _suspicion(before: PageReading | None, reading: PageReading, now: Unix) -> str:
    """Return why *reading* is not what it seems, or nothing."""
    if before is not None and before.identity and reading.identity != before.identity:
        return (
            f"another page answers: {reading.identity or 'nameless'} instead of {before.identity}"
        )
    updated = reading.updated_at
    if updated is None:
        return ""
    if before is not None and before.updated_at is not None and updated < before.updated_at - DAY:
        return "an older copy of the page answers"
    if now - updated > FROZEN_AFTER:
        days = int((now - updated) // DAY)
        return f"the page has not changed for {days} days; it may be a forgotten mirror"
    return ""


@dataclass(frozen=True, slots=True)
class PageWord:
    """What a page says of one component now."""

    healthy: bool | None  # None: it does not say
    component: Component | None = None
    incident: Incident | None = None  # an open one tied to the component
    maintenance: Maintenance | None = None  # a running one tied to it


SILENT = PageWord(None)


def word_on(report: PageReport | None, wanted: str, now: Unix, lifetime: float) -> PageWord:
    """Return what *report* says of the component *wanted*; the last good reading lives *lifetime*."""
    if report is None or report.reading is None or report.read_at is None:
        return SILENT
    reading = report.reading
    component = find(reading.components, wanted)
    if component is None or now - report.read_at > lifetime:
        return replace(SILENT, component=component)
    incident = next((i for i in reading.incidents if _concerns(i.components, component)), None)
    running = (m for m in reading.maintenances if m.running and _concerns(m.components, component))
    return PageWord(_is_well(component, incident), component, incident, next(running, None))


def _concerns(named: tuple[str, ...], component: Component) -> bool:
    return component.id in named or component.name in named


def _is_well(component: Component, incident: Incident | None) -> bool | None:
    if component.status in UNHEALTHY or incident is not None:
        return False
    return True if component.status is ComponentStatus.OPERATIONAL else None


def next_maintenances(reading: PageReading, component: Component) -> tuple[Maintenance, ...]:
    """Return the running and coming maintenances tied to *component*, soonest first."""
    tied = (m for m in reading.maintenances if _concerns(m.components, component))
    return tuple(sorted(tied, key=lambda m: (not m.running, m.start or 0.0)))


def shown_components(report: PageReport) -> Mapping[str, Component | None]:
    """Return the components by the name they are shown under: the configured ones, else all.

    A configured component keeps the name it is configured by; None is one the page does not list.
    """
    if report.listed:
        return report.listed
    configured = (*report.settings.components, *report.settings.products)
    if report.reading is None or configured:
        return dict.fromkeys(configured)
    named = Counter(component.name for component in report.reading.components)
    return {_unique(component, named): component for component in report.reading.components}


def _unique(component: Component, named: Counter[str]) -> str:
    if named[component.name] == 1:
        return component.name
    group = f"{component.group} / " if component.group else ""
    return f"{group}{component.name} ({component.id})"
