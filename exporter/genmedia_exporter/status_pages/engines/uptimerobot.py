"""UptimeRobot's public pages: the list of monitors that the page itself asks for."""

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
    PageReading,
    PageSettings,
)
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    as_rows,
    indicator_of,
    listed,
    load,
    status_of,
    text,
)

INTERVAL: Final = 120.0

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "success": ComponentStatus.OPERATIONAL,
    "warning": ComponentStatus.DEGRADED,
    "danger": ComponentStatus.MAJOR_OUTAGE,
    # black: paused, so nobody knows
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the first page of the list; the page's id is the last step of its address."""
    parts = urlsplit(settings.url)
    page = parts.path.rpartition("/")[2]
    url = f"{parts.scheme}://{parts.netloc}/api/getMonitorList/{page}?page=1"
    return (DocumentRequest("monitors", url),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the monitors, under whichever of the two names they come. Raises UnreadableError."""
    answer = as_row(load(documents, "monitors"), "no monitors")
    inner = answer.get("psp")
    told = answer.get("data") if answer.get("data") is not None else answer.get("monitors")
    if told is None and isinstance(inner, dict):
        told = inner.get("monitors")
    listing = listed(as_rows(told, "no list of monitors"), _component)
    whole = all(count <= len(listing.components) for count in _counts(answer))
    return PageReading(
        indicator=indicator_of(listing.components),
        components=listing.components,
        complete=listing.complete and whole,
    )


def _counts(answer: Row) -> list[int]:
    """Return how many monitors there are, wherever the answer says it."""
    inner, statistics = answer.get("psp"), answer.get("statistics")
    counts = statistics.get("counts") if isinstance(statistics, dict) else None
    told = [
        inner.get("totalMonitors") if isinstance(inner, dict) else None,
        counts.get("total") if isinstance(counts, dict) else None,
    ]
    return [count for count in told if isinstance(count, int)]


def _component(row: Row) -> Component:
    id = text(row.get("monitorId")) or text(row.get("id")) or text(row.get("name"))
    word = text(row.get("statusClass"))
    return Component(
        id=id, name=text(row.get("name")) or id, status=status_of(_STATUSES, word), raw=word
    )
