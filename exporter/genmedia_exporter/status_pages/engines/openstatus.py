"""OpenStatus: one word for the whole page, from its public API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Document,
    DocumentRequest,
    Impact,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    as_row,
    impact_of,
    load,
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
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the status: the address itself at the API's host, else by the first label of the page's."""
    parts = urlsplit(settings.url)
    slug = settings.products[0] if settings.products else (parts.hostname or "").partition(".")[0]
    here = parts.path.startswith("/public/status")
    return (DocumentRequest("status", settings.url if here else f"{API}/{slug}"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the word; components are not told. Raises UnreadableError."""
    answer = as_row(load(documents, "status"), "no status")
    if not text(answer.get("status")):
        raise UnreadableError("no status")
    return PageReading(indicator=impact_of(_INDICATORS, answer["status"]), complete=False)
