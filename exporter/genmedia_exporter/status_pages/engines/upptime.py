"""Upptime: `history/summary.json` of a repository; each site up, down or degraded."""

from __future__ import annotations

import re
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
    status_of,
    text,
)

INTERVAL: Final = 300.0

SUMMARY: Final = "history/summary.json"

_REPOSITORY: Final = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)")

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "up": ComponentStatus.OPERATIONAL,
    "degraded": ComponentStatus.DEGRADED,
    "down": ComponentStatus.MAJOR_OUTAGE,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document: the address itself, or in the folder or the repository that it names."""
    whole = settings.url.endswith(SUMMARY)
    url = _REPOSITORY.sub(r"https://raw.githubusercontent.com/\1/HEAD", settings.url)
    return (DocumentRequest("summary", url if whole else f"{url}/{SUMMARY}"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the sites; incidents are issues of the repository, and not here. Raises UnreadableError."""
    found = as_rows(load(documents, "summary"), "no list of sites")
    listing = listed(found, _component)
    return PageReading(
        indicator=indicator_of(listing.components),
        components=listing.components,
        complete=listing.complete,
    )


def _component(row: Row) -> Component:
    id = text(row.get("slug")) or text(row.get("name"))
    return Component(
        id=id,
        name=text(row.get("name")) or id,
        status=status_of(_STATUSES, row.get("status")),
        raw=text(row.get("status")),
    )
