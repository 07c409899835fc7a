"""Flashduty (DeepSeek's page): the summary of its widget. What is not listed there is healthy, so no roster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Document,
    DocumentRequest,
    Impact,
    Incident,
    Maintenance,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    has_begun,
    impact_of,
    link,
    listed,
    load,
    name_and_url,
    newest,
    optional_rows,
    pending,
    rfc3339,
    rows,
    status_of,
    text,
    tied,
)

INTERVAL: Final = 120.0

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "operational": ComponentStatus.OPERATIONAL,
    "degraded": ComponentStatus.DEGRADED,
    "partial_outage": ComponentStatus.PARTIAL_OUTAGE,
    "full_outage": ComponentStatus.MAJOR_OUTAGE,
    "under_maintenance": ComponentStatus.MAINTENANCE,
    "maintenance": ComponentStatus.MAINTENANCE,
}
_IMPACTS: Final[Mapping[str, Impact]] = {
    "operational": Impact.NONE,
    "degraded": Impact.MINOR,
    "partial_outage": Impact.MAJOR,
    "full_outage": Impact.CRITICAL,
    "under_maintenance": Impact.MAINTENANCE,
    "maintenance": Impact.MAINTENANCE,
}
_LISTS: Final = ("ongoing_incidents", "in_progress_maintenances", "scheduled_maintenances")


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document there is."""
    return (DocumentRequest("summary", f"{settings.url}/api/widget/v1/summary.json"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read what is wrong and what is planned. Raises UnreadableError."""
    summary = as_row(load(documents, "summary"), "no status page")
    if error := text(summary.get("error")):  # comes with 200
        raise UnreadableError(error)
    overall = as_row(summary.get("overall"), "no overall")
    page = as_row(summary.get("page"), "no page")
    events = [row for key in _LISTS for row in optional_rows(summary, key)]
    named = [part for row in events for part in rows(row.get("affected_components"))]
    planned = [row for key in _LISTS[1:] for row in rows(summary.get(key))]
    return PageReading(
        indicator=impact_of(_IMPACTS, overall.get("status")),
        components=listed(named, _component).components if named else (),
        incidents=newest(map(_incident, rows(summary.get("ongoing_incidents")))),
        maintenances=pending((_maintenance(row, now) for row in planned), now),
        identity=name_and_url(page.get("name"), page.get("url")),
        updated_at=rfc3339(summary.get("generated_at")),
        complete=False,
    )


def _component(row: Row) -> Component:
    id = text(row.get("id")) or text(row.get("name"))
    return Component(
        id=id,
        name=text(row.get("name")) or id,
        status=status_of(_STATUSES, row.get("status")),
        group=text(row.get("group_name")) or None,
        raw=text(row.get("status")),
    )


def _incident(row: Row) -> Incident:
    title = text(row.get("title"))
    return Incident(
        id=text(row.get("id")) or title,
        title=title,
        impact=impact_of(_IMPACTS, row.get("impact")),
        url=link(row.get("url")),
        started_at=rfc3339(row.get("started_at")),
        updated_at=rfc3339(row.get("updated_at")),
        components=tied(row.get("affected_components"), "id", "name"),
    )


def _maintenance(row: Row, now: Unix) -> Maintenance:
    title = text(row.get("title"))
    start = rfc3339(row.get("started_at")) or rfc3339(row.get("starts_at"))
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=rfc3339(row.get("ends_at")),
        running=text(row.get("phase")) == "ongoing" or has_begun(start, now),
        components=tied(row.get("affected_components"), "id", "name"),
        url=link(row.get("url")),
    )
