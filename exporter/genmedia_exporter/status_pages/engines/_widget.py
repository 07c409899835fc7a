"""incident.io's Widget API: what is wrong or planned, without the roster of components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import Component, Impact, Incident, Maintenance, PageReading
from genmedia_exporter.status_pages.engines._common import (
    Row,
    has_begun,
    impact_of,
    link,
    listed,
    name_and_url,
    newest,
    pending,
    rfc3339,
    rows,
    status_of,
    text,
    tied,
    worst_impact,
)
from genmedia_exporter.status_pages.engines._v2 import STATUSES

_IMPACTS: Final[Mapping[str, Impact]] = {
    "operational": Impact.NONE,
    "degraded_performance": Impact.MINOR,
    "partial_outage": Impact.MAJOR,
    "full_outage": Impact.CRITICAL,
    "under_maintenance": Impact.MAINTENANCE,
}
_RUNNING: Final = {"maintenance_in_progress": True, "maintenance_scheduled": False}
_LISTS: Final = ("ongoing_incidents", "in_progress_maintenances", "scheduled_maintenances")


def is_widget(answer: object) -> bool:
    """Whether *answer* has the shape of this API; Flashduty's has a similar one, but no title."""
    return (
        isinstance(answer, dict)
        and bool(text(answer.get("page_title")) or text(answer.get("page_url")))
        and isinstance(answer.get("ongoing_incidents"), list)
    )


def reading(widget: Row, now: Unix) -> PageReading:
    """Return what *widget* says. The indicator is its worst impact: it has no word of its own."""
    open_ones = incidents(widget)
    planned = maintenances(widget, now)
    grave = [incident.impact for incident in open_ones]
    grave += [Impact.MAINTENANCE for item in planned if item.running]
    return PageReading(
        indicator=worst_impact(grave),
        components=_affected(widget),
        incidents=newest(open_ones),
        maintenances=planned,
        identity=name_and_url(widget.get("page_title"), widget.get("page_url")),
        complete=False,
    )


def incidents(widget: Row) -> list[Incident]:
    """Return the ongoing incidents with the components they touch."""
    found = rows(widget.get("ongoing_incidents"))
    return [_incident(row) for row in found if text(row.get("status")) != "resolved"]


def _incident(row: Row) -> Incident:
    title = text(row.get("name"))
    return Incident(
        id=text(row.get("id")) or title,
        title=title,
        impact=impact_of(_IMPACTS, row.get("current_worst_impact")),
        url=link(row.get("url")),
        updated_at=rfc3339(row.get("last_update_at")),
        components=tied(row.get("affected_components"), "id", "name"),
    )


def maintenances(widget: Row, now: Unix) -> tuple[Maintenance, ...]:
    """Return the running and the scheduled maintenances."""
    found = rows(widget.get("in_progress_maintenances")) + rows(
        widget.get("scheduled_maintenances")
    )
    left = (row for row in found if text(row.get("status")) != "maintenance_complete")
    return pending((_maintenance(row, now) for row in left), now)


def _maintenance(row: Row, now: Unix) -> Maintenance:
    title = text(row.get("name"))
    start = rfc3339(row.get("started_at")) or rfc3339(row.get("starts_at"))
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=rfc3339(row.get("scheduled_end_at")) or rfc3339(row.get("ends_at")),
        running=_RUNNING.get(text(row.get("status")), has_begun(start, now)),
        components=tied(row.get("affected_components"), "id", "name"),
        url=link(row.get("url")),
    )


def _affected(widget: Row) -> tuple[Component, ...]:
    events = [row for key in _LISTS for row in rows(widget.get(key))]
    named = [part for row in events for part in rows(row.get("affected_components"))]
    return listed(named, _component).components if named else ()


def _component(row: Row) -> Component:
    id = text(row.get("id")) or text(row.get("name"))
    return Component(
        id=id,
        name=text(row.get("name")) or id,
        status=status_of(STATUSES, row.get("current_status")),
        group=text(row.get("group_name")) or None,
        raw=text(row.get("current_status")),
    )
