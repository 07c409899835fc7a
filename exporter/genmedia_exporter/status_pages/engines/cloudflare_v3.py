"""Cloudflare's third API: `/api/v3/summary`, Statuspage's words in another envelope (Replicate's page, too)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Document,
    DocumentRequest,
    Maintenance,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines import _v2
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    has_begun,
    indicator_of,
    load,
    newest,
    optional_rows,
    pending,
    rfc3339,
    text,
    tied,
    worst_impact,
)

INTERVAL: Final = 120.0


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document there is."""
    return (DocumentRequest("summary", f"{settings.url}/api/v3/summary"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read components, active incidents and maintenances; the indicator is their worst.

    Raises UnreadableError.
    """
    answer = as_row(load(documents, "summary"), "no status page")
    if answer.get("success") is False:
        raise UnreadableError("it says that it has no success")
    result = as_row(answer.get("result"), "no result")
    listing = _v2.components(result)
    incidents = _v2.incidents(optional_rows(result, "active_incidents"))
    planned = [_maintenance(row, now) for row in optional_rows(result, "active_maintenances")]
    impacts = [incident.impact for incident in incidents]
    impacts.append(indicator_of(listing.components))
    return PageReading(
        indicator=worst_impact(impacts),
        components=listing.components,
        incidents=newest(incidents),
        maintenances=pending(planned, now),
        complete=listing.complete,
    )


def _maintenance(row: Row, now: Unix) -> Maintenance:
    title, start = text(row.get("name")), rfc3339(row.get("starts_at"))
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=rfc3339(row.get("ends_at")) or rfc3339(row.get("resolved_at")),
        running=text(row.get("status")) in ("in_progress", "verifying") or has_begun(start, now),
        components=tied(row.get("components"), "id", "name"),
    )
