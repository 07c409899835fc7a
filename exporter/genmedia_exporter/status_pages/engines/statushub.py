"""StatusHub: counters of how many services are up, affected and down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
    Row,
    as_row,
    load,
    text,
)

INTERVAL: Final = 120.0


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document there is."""
    return (DocumentRequest("statuses", f"{settings.url}/api/statuses"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the counters; which services they are of is not told. Raises UnreadableError."""
    answer = as_row(load(documents, "statuses"), "no status page")
    counters = as_row(answer.get("counters"), "no counters")
    up, affected, down = (_count(counters, f"count_status_{n}") for n in (1, 2, 3))
    if up + affected + down == 0:
        raise UnreadableError("no service is counted")
    indicator = Impact.NONE
    if down:
        indicator = Impact.CRITICAL if down == up + affected + down else Impact.MAJOR
    elif affected:
        indicator = Impact.MINOR
    return PageReading(indicator=indicator, complete=False)


def _count(counters: Row, key: str) -> int:
    found = text(counters.get(key))
    if not found.isdigit():
        raise UnreadableError(f"no {key}")
    return int(found)
