"""Better Stack (Better Uptime): `/index.json`, one JSON:API document with everything in it."""

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
    as_rows,
    has_begun,
    impact_of,
    listed,
    load,
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

INTERVAL: Final = 120.0

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "operational": ComponentStatus.OPERATIONAL,
    "degraded": ComponentStatus.DEGRADED,
    "downtime": ComponentStatus.MAJOR_OUTAGE,
    "maintenance": ComponentStatus.MAINTENANCE,
}
_IMPACTS: Final[Mapping[str, Impact]] = {
    "operational": Impact.NONE,
    "degraded": Impact.MINOR,
    "downtime": Impact.MAJOR,  # one resource of many is enough for the word, so not critical
    "maintenance": Impact.MAINTENANCE,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document there is."""
    return (DocumentRequest("index", f"{settings.url}/index.json"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read resources as components, sections as their groups, reports as incidents.

    Raises UnreadableError.
    """
    index = as_row(load(documents, "index"), "no status page")
    page = as_row(index.get("data"), "no data")
    said = as_row(page.get("attributes"), "no attributes")
    if "aggregate_state" not in said:
        raise UnreadableError("no aggregate_state")
    included = as_rows(index.get("included"), "no list of resources")
    groups = {id: text(row.get("name")) for id, row in _typed(included, "status_page_section")}
    reports = [
        report
        for report in _typed(included, "status_report")
        if text(report[1].get("aggregate_state")) != "resolved"
    ]
    listing = listed(_resources(included), lambda row: _component(row, groups))
    return PageReading(
        indicator=impact_of(_IMPACTS, said["aggregate_state"]),
        components=listing.components,
        incidents=newest(_incident(*report) for report in reports if not _is_planned(report[1])),
        maintenances=pending(
            (_maintenance(*report, now) for report in reports if _is_planned(report[1])), now
        ),
        identity=text(page.get("id")) or name_and_url(said.get("company_name"), _host(said)),
        updated_at=rfc3339(said.get("updated_at")),
        complete=listing.complete,
    )


def _typed(included: list[Row], kind: str) -> list[tuple[str, Row]]:
    found: list[tuple[str, Row]] = []
    for row in included:
        attributes = row.get("attributes")
        if row.get("type") == kind and isinstance(attributes, dict):
            found.append((text(row.get("id")), attributes))
    return found


def _resources(included: list[Row]) -> list[Row]:
    """Return the resources' attributes, with the id that stands beside them."""
    return [{**row, "id": id} for id, row in _typed(included, "status_page_resource")]


def _host(said: Row) -> object:
    return said.get("custom_domain") or said.get("subdomain")


def _component(row: Row, groups: Mapping[str, str]) -> Component:
    id = text(row.get("id")) or text(row.get("public_name"))
    return Component(
        id=id,
        name=text(row.get("public_name")) or id,
        status=status_of(_STATUSES, row.get("status")),
        group=groups.get(text(row.get("status_page_section_id"))) or None,
        raw=text(row.get("status")),
    )


def _is_planned(report: Row) -> bool:
    return "maintenance" in (report.get("report_type"), report.get("aggregate_state"))


def _incident(id: str, report: Row) -> Incident:
    # `ends_at` is not looked at: resolved reports may have none.
    title = text(report.get("title"))
    return Incident(
        id=id or title,
        title=title,
        impact=_impact(report),
        started_at=rfc3339(report.get("starts_at")),
        components=tied(report.get("affected_resources"), "status_page_resource_id"),
    )


def _impact(report: Row) -> Impact:
    """Return how bad a report is: its state, or the worst of what it touches where that tells how far it is."""
    told = impact_of(_IMPACTS, report.get("aggregate_state"))
    if told is not Impact.UNKNOWN:
        return told
    touched = [
        impact_of(_IMPACTS, row.get("status")) for row in rows(report.get("affected_resources"))
    ]
    return worst_impact(touched) if touched else told


def _maintenance(id: str, report: Row, now: Unix) -> Maintenance:
    title = text(report.get("title"))
    start = rfc3339(report.get("starts_at"))
    return Maintenance(
        id=id or title,
        title=title,
        start=start,
        end=rfc3339(report.get("ends_at")),
        running=has_begun(start, now),  # the state says maintenance before it, too
        components=tied(report.get("affected_resources"), "status_page_resource_id"),
    )
