"""Rootly: `/api/v1/status.json`, like Statuspage's but without components and without a critical."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Document,
    DocumentRequest,
    PageReading,
    PageSettings,
)
from genmedia_exporter.status_pages.engines import _v2
from genmedia_exporter.status_pages.engines._common import (
    as_row,
    load,
    newest,
    optional_rows,
    rfc3339,
)

INTERVAL: Final = 120.0


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document there is."""
    return (DocumentRequest("status", f"{settings.url}/api/v1/status.json"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the indicator and the incidents; this API has no components. Raises UnreadableError."""
    answer = as_row(load(documents, "status"), "no status page")
    page = _v2.page(answer)
    return PageReading(
        indicator=_v2.indicator(answer),
        incidents=newest(_v2.incidents(optional_rows(answer, "incidents"))),
        identity=_v2.identity(page),
        updated_at=rfc3339(page.get("updated_at")),
        complete=False,
    )
