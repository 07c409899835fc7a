"""OnlineOrNot (OpenRouter's page): the summary of its public API, by the page's host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

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
)
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    as_rows,
    has_begun,
    impact_of,
    indicator_of,
    listed,
    load,
    newest,
    optional_rows,
    pending,
    rfc3339,
    status_of,
    text,
    tied,
    worst_impact,
)

INTERVAL: Final = 120.0

API: Final = "https://api.onlineornot.com/v1/status_pages"
HOSTED: Final = ".onlineornot.com"
"""Where pages without a domain of their own are; the API knows them by the label before it."""

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "OPERATIONAL": ComponentStatus.OPERATIONAL,
    "NO_IMPACT": ComponentStatus.OPERATIONAL,
    "DEGRADED_PERFORMANCE": ComponentStatus.DEGRADED,
    "PARTIAL_OUTAGE": ComponentStatus.PARTIAL_OUTAGE,
    "MAJOR_OUTAGE": ComponentStatus.MAJOR_OUTAGE,
    "MAINTENANCE": ComponentStatus.MAINTENANCE,
    "UNDER_MAINTENANCE": ComponentStatus.MAINTENANCE,
}
_IMPACTS: Final[Mapping[str, Impact]] = {
    "OPERATIONAL": Impact.NONE,
    "NO_IMPACT": Impact.NONE,
    "DEGRADED_PERFORMANCE": Impact.MINOR,
    "PARTIAL_OUTAGE": Impact.MAJOR,
    "MAJOR_OUTAGE": Impact.CRITICAL,
    "MAINTENANCE": Impact.MAINTENANCE,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the summary: by the page's own domain, or by its label at the vendor's."""
    parts = urlsplit(settings.url)
    if parts.path.endswith("/summary"):
        return (DocumentRequest("summary", settings.url),)
    page = (parts.hostname or "").removesuffix(HOSTED)
    return (DocumentRequest("summary", f"{API}/{page}/summary"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read components, active incidents and maintenances; the indicator is their worst.

    Raises UnreadableError.
    """
    result = as_row(as_row(load(documents, "summary"), "no status page").get("result"), "no result")
    listing = listed(as_rows(result.get("components"), "no components"), _component)
    incidents = [_incident(row) for row in optional_rows(result, "active_incidents")]
    planned = [_maintenance(row, now) for row in optional_rows(result, "scheduled_maintenance")]
    impacts = [*(incident.impact for incident in incidents), indicator_of(listing.components)]
    page = as_row(result.get("status_page"), "no page")
    return PageReading(
        indicator=worst_impact(impacts),
        components=listing.components,
        incidents=newest(incidents),
        maintenances=pending(planned, now),
        identity=text(page.get("id")) or text(page.get("name")),
        complete=listing.complete,
    )


def _component(row: Row) -> Component:
    id, word = text(row.get("id")) or text(row.get("name")), text(row.get("status"))
    return Component(id, text(row.get("name")) or id, status_of(_STATUSES, word), raw=word)


def _incident(row: Row) -> Incident:
    title = text(row.get("title"))
    return Incident(
        id=text(row.get("id")) or title,
        title=title,
        impact=impact_of(_IMPACTS, row.get("impact")),
        started_at=rfc3339(row.get("started")) or rfc3339(row.get("created_at")),
        updated_at=rfc3339(row.get("updated_at")),
        components=tied(row.get("components"), "id", "name"),
    )


def _maintenance(row: Row, now: Unix) -> Maintenance:
    title = text(row.get("title"))
    start = rfc3339(row.get("started")) or rfc3339(row.get("start_date"))
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=rfc3339(row.get("ended")) or rfc3339(row.get("end_date")),
        running=has_begun(start, now),
        components=tied(row.get("components"), "id", "name"),
    )
