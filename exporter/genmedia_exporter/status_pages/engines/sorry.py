"""Sorry: the components of a page, by its API."""

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

API: Final = "https://api.sorryapp.com/v1/pages"

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "operational": ComponentStatus.OPERATIONAL,
    "partially-degraded": ComponentStatus.PARTIAL_OUTAGE,
    "degraded": ComponentStatus.MAJOR_OUTAGE,
    "under-maintenance": ComponentStatus.MAINTENANCE,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the components: the address itself at the API, else by the page's id in `products`."""
    parts = urlsplit(settings.url)
    here = parts.path.endswith("/components")
    page = settings.products[0] if settings.products else (parts.hostname or "").partition(".")[0]
    return (DocumentRequest("components", settings.url if here else f"{API}/{page}/components"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the components, listed under either of two names. Raises UnreadableError."""
    answer = as_row(load(documents, "components"), "no components")
    told = answer.get("response") if "response" in answer else answer.get("components")
    listing = listed(as_rows(told, "no list of components"), _component)
    return PageReading(
        indicator=indicator_of(listing.components),
        components=listing.components,
        complete=listing.complete,
    )


def _component(row: Row) -> Component:
    id, word = text(row.get("id")) or text(row.get("name")), text(row.get("state"))
    return Component(
        id=id, name=text(row.get("name")) or id, status=status_of(_STATUSES, word), raw=word
    )
