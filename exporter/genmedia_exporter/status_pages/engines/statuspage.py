"""Atlassian Statuspage: the public API v2, documented and complete.

A list that is missing here is a change of the format, never silence: pages of incident.io look
alike and leave lists out, but they have an engine of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Document,
    DocumentRequest,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines import _v2
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    as_rows,
    load,
    load_optional,
    newest,
    pending,
    rfc3339,
)

INTERVAL: Final = 60.0

_SECOND_SOURCES: Final = {
    "unresolved": "/api/v2/incidents/unresolved.json",
    "upcoming": "/api/v2/scheduled-maintenances/upcoming.json",
    "active": "/api/v2/scheduled-maintenances/active.json",
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the summary, and the lists that fill in for what it may lack."""
    summary = DocumentRequest("summary", f"{settings.url}/api/v2/summary.json")
    others = (
        DocumentRequest(key, settings.url + path, required=False, fallback=True)
        for key, path in _SECOND_SOURCES.items()
    )
    return (summary, *others)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read indicator, components, incidents and maintenances, each as the page says it.

    Raises UnreadableError, also for a summary without one of its lists.
    """
    summary = as_row(load(documents, "summary"), "no status page")
    page = _v2.page(summary)
    listing = _v2.components(summary)
    incidents = _list("incidents", summary, documents, "unresolved")
    maintenances = _list("scheduled_maintenances", summary, documents, "upcoming", "active")
    return PageReading(
        indicator=_v2.indicator(summary),
        components=listing.components,
        incidents=newest(_v2.incidents(incidents)),
        maintenances=pending(_v2.maintenances(maintenances, now), now),
        identity=_v2.identity(page),
        updated_at=rfc3339(page.get("updated_at")),
        complete=listing.complete,
    )


def _list(
    name: str, summary: Row, documents: Mapping[str, Document], *second_sources: str
) -> list[Row]:
    """Return the list *name* of the summary, else of the second sources that came."""
    sources: list[object] = [summary]
    if not isinstance(summary.get(name), list):
        sources = [load_optional(documents, key) for key in second_sources]
    found = [source[name] for source in sources if isinstance(source, dict) and name in source]
    if not found:
        raise UnreadableError(f"no list of {name}")
    return [row for value in found for row in as_rows(value, f"no list of {name}")]
