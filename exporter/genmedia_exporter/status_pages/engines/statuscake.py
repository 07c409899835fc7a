"""StatusCake's public reports: each test up or down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

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

REPORT: Final = "https://app.statuscake.com/Workfloor/PublicReportHandler.php"

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "Up": ComponentStatus.OPERATIONAL,
    "Down": ComponentStatus.MAJOR_OUTAGE,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the report: by its id in `products`, or the last step of the address."""
    parts = urlsplit(settings.url)
    asked = parse_qs(parts.query).get("PublicID", [""])[0]
    id = asked or (settings.products[0] if settings.products else parts.path.rpartition("/")[2])
    here = parts.path.endswith("PublicReportHandler.php")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}" if here else REPORT
    return (DocumentRequest("report", f"{base}?PublicID={id}"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the tests. Raises UnreadableError."""
    answer = as_row(load(documents, "report"), "no report")
    listing = listed(as_rows(answer.get("TestData"), "no TestData"), _component)
    return PageReading(
        indicator=indicator_of(listing.components),
        components=listing.components,
        complete=listing.complete,
    )


def _component(row: Row) -> Component:
    name = next(
        (n for key in ("Name", "WebsiteName", "URL", "TestID") if (n := text(row.get(key)))), ""
    )
    id, word = text(row.get("TestID")) or name, text(row.get("Status"))
    return Component(id=id, name=name or id, status=status_of(_STATUSES, word), raw=word)
