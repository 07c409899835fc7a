"""OpenStatus: the JSON feed of a page, with its components; or one word for the page, from the public API."""

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
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    Listing,
    Row,
    as_row,
    as_rows,
    has_begun,
    impact_of,
    listed,
    load,
    newest,
    optional_rows,
    pending,
    rfc3339,
    status_of,
    text,
)

INTERVAL: Final = 60.0

API: Final = "https://api.openstatus.dev/public/status"

_INDICATORS: Final[Mapping[str, Impact]] = {
    "operational": Impact.NONE,
    "degraded_performance": Impact.MINOR,
    "incident": Impact.MINOR,
    "partial_outage": Impact.MAJOR,
    "major_outage": Impact.CRITICAL,
    "under_maintenance": Impact.MAINTENANCE,
    # the words of the feed
    "success": Impact.NONE,
    "degraded": Impact.MINOR,
    "error": Impact.MAJOR,
    "info": Impact.MAINTENANCE,
}
_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "success": ComponentStatus.OPERATIONAL,
    "degraded": ComponentStatus.DEGRADED,
    "error": ComponentStatus.MAJOR_OUTAGE,
    "info": ComponentStatus.MAINTENANCE,
}
_RESOLVED: Final = "resolved"


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the page's feed; at the API's host, or with a slug in `products`, the one word."""
    if urlsplit(settings.url).path.startswith("/public/status"):
        return (DocumentRequest("status", settings.url),)
    if settings.products:
        return (DocumentRequest("status", f"{API}/{settings.products[0]}"),)
    return (DocumentRequest("feed", f"{settings.url}/feed/json"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read what there is of both. Raises UnreadableError."""
    answer = as_row(load(documents, "feed" if "feed" in documents else "status"), "no status")
    if not text(answer.get("status")):
        raise UnreadableError("no status")
    indicator = impact_of(_INDICATORS, answer["status"])
    if "feed" not in documents:
        return PageReading(indicator=indicator, complete=False)
    reports = [r for r in optional_rows(answer, "statusReports") if _is_open(r)]
    works = pending((_work(row, now) for row in optional_rows(answer, "maintenances")), now)
    listing = _listing(answer, reports, works)
    return PageReading(
        indicator=indicator,
        components=listing.components,
        incidents=newest(_incident(row, indicator) for row in reports),
        maintenances=works,
        identity=text(answer.get("title")),
        complete=listing.complete,
    )


def _is_open(report: Row) -> bool:
    return text(report.get("status")) != _RESOLVED


def _listing(answer: Row, reports: list[Row], works: tuple[Maintenance, ...]) -> Listing:
    """Return the components, each by its monitor, or where it has none by what is reported of it."""
    monitors = as_rows(answer.get("monitors"), "no monitors")
    known = {text(row.get("id")): row.get("status") for row in monitors}
    groups = {text(row.get("id")): row for row in optional_rows(answer, "pageComponentGroups")}
    reported = {id for report in reports for id in _touched(report)}
    worked_on = {id for work in works if work.running for id in work.components}

    def build(row: Row) -> Component:
        id = text(row.get("id"))
        word = known.get(text(row.get("monitorId"))) if "monitorId" in row else row.get("status")
        status = status_of(_STATUSES, word)
        if word is None:
            status = ComponentStatus.MAINTENANCE if id in worked_on else ComponentStatus.OPERATIONAL
            status = ComponentStatus.DEGRADED if id in reported else status
        group = groups.get(text(row.get("groupId")), {})
        name = text(group.get("name")) or None
        return Component(id, text(row.get("name")) or id, status, group=name, raw=text(word))

    return listed(optional_rows(answer, "pageComponents") or monitors, build)


def _touched(row: Row) -> tuple[str, ...]:
    """Return the components an event is of; feeds of older pages name monitors instead."""
    named = row.get("pageComponents", row.get("monitors"))
    return tuple(filter(None, map(text, named))) if isinstance(named, list) else ()


def _incident(row: Row, indicator: Impact) -> Incident:
    updates = optional_rows(row, "statusReportUpdates")
    times = [t for update in updates if (t := rfc3339(update.get("date"))) is not None]
    worse = indicator in (Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)
    return Incident(
        id=text(row.get("id")),
        title=text(row.get("title")),
        impact=indicator if worse else Impact.UNKNOWN,
        started_at=min(times, default=None),
        updated_at=rfc3339(row.get("updatedAt")),
        components=_touched(row),
    )


def _work(row: Row, now: Unix) -> Maintenance:
    start = rfc3339(row.get("from"))
    return Maintenance(
        id=text(row.get("id")),
        title=text(row.get("name")),
        start=start,
        end=rfc3339(row.get("to")),
        running=has_begun(start, now),
        components=_touched(row),
    )
