"""Gatus: its endpoints with the newest result of each; up or down, nothing between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
    as_rows,
    indicator_of,
    listed,
    load,
    rfc3339,
    rows,
    text,
)
from genmedia_exporter.status_pages.engines._stale import has_stopped

INTERVAL: Final = 60.0

_MEANINGS: Final = {
    True: (ComponentStatus.OPERATIONAL, "success"),
    False: (ComponentStatus.MAJOR_OUTAGE, "failure"),
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the statuses, with one result of each endpoint, the newest."""
    url = f"{settings.url}/api/v1/endpoints/statuses?page=1&pageSize=1"
    return (DocumentRequest("statuses", url),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the endpoints; incidents and maintenances are not in this API. Raises UnreadableError.

    Nothing in it says which page it is, so the identity stays empty; the indicator is what the
    endpoints come to.
    """
    found = as_rows(load(documents, "statuses"), "no list of endpoints")
    listing = listed(found, lambda row: _component(row, now))
    return PageReading(
        indicator=indicator_of(listing.components),
        components=listing.components,
        complete=listing.complete,
    )


def _component(row: Row, now: Unix) -> Component:
    name, group = text(row.get("name")), text(row.get("group"))
    results = rows(row.get("results"))
    success = results[-1].get("success") if results else None
    status, raw = (ComponentStatus.UNKNOWN, text(success))
    if isinstance(success, bool):
        status, raw = _MEANINGS[success]
    if has_stopped((rfc3339(result.get("timestamp")) for result in results), now):
        status = ComponentStatus.UNKNOWN
    return Component(
        id=text(row.get("key")) or text("_".join(filter(None, (group, name)))),
        name=name or text(row.get("key")),
        status=status,
        group=group or None,
        raw=raw,
    )
