"""Instatus: `/summary.json` for page, incidents and maintenances, `/v3/components.json` beside it.

Neither incidents nor maintenances are attributed to components there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Document,
    DocumentRequest,
    Impact,
    Incident,
    Maintenance,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    Listing,
    Row,
    as_row,
    as_rows,
    has_begun,
    impact_of,
    link,
    listed,
    load,
    load_optional,
    name_and_url,
    newest,
    optional_rows,
    pending,
    rfc3339,
    rows,
    status_of,
    text,
)

INTERVAL: Final = 120.0

_PAGE: Final[Mapping[str, Impact]] = {
    "UP": Impact.NONE,
    "HASISSUES": Impact.MINOR,  # the page does not say how grave; this is the least it can mean
    "UNDERMAINTENANCE": Impact.MAINTENANCE,
}
_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "OPERATIONAL": ComponentStatus.OPERATIONAL,
    "DEGRADEDPERFORMANCE": ComponentStatus.DEGRADED,
    "PARTIALOUTAGE": ComponentStatus.PARTIAL_OUTAGE,
    "MINOROUTAGE": ComponentStatus.PARTIAL_OUTAGE,
    "MAJOROUTAGE": ComponentStatus.MAJOR_OUTAGE,
    "UNDERMAINTENANCE": ComponentStatus.MAINTENANCE,
}
_IMPACTS: Final[Mapping[str, Impact]] = {
    "OPERATIONAL": Impact.NONE,
    "DEGRADEDPERFORMANCE": Impact.MINOR,
    "MINOROUTAGE": Impact.MINOR,
    "PARTIALOUTAGE": Impact.MAJOR,
    "MAJOROUTAGE": Impact.CRITICAL,
    "UNDERMAINTENANCE": Impact.MAINTENANCE,
}
_RUNNING: Final = {"INPROGRESS": True, "NOTSTARTEDYET": False}
_CLOSED: Final = frozenset({"RESOLVED", "COMPLETED"})
_LONGEST: Final = 1_000_000.0  # minutes, two years; more is no duration


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the summary and the components, newer address first."""
    return (
        DocumentRequest("summary", f"{settings.url}/summary.json"),
        DocumentRequest("components", f"{settings.url}/v3/components.json", required=False),
        DocumentRequest("components_v2", f"{settings.url}/v2/components.json", required=False),
    )


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the summary, and the components where a list of them came. Raises UnreadableError."""
    summary = as_row(load(documents, "summary"), "no status page")
    page = as_row(summary.get("page"), "no page")
    if "status" not in page:
        raise UnreadableError("no page status")
    listing = _listing(documents)
    return PageReading(
        indicator=impact_of(_PAGE, page["status"]),
        components=listing.components,
        incidents=newest(map(_incident, _open(summary, "activeIncidents"))),
        maintenances=pending(
            (_maintenance(row, now) for row in _open(summary, "activeMaintenances")), now
        ),
        identity=name_and_url(page.get("name"), page.get("url")),
        complete=listing.complete,
    )


def _listing(documents: Mapping[str, Document]) -> Listing:
    for key in ("components", "components_v2"):
        answer = load_optional(documents, key)
        if isinstance(answer, dict):
            return listed(_flat(as_rows(answer.get("components"), "no components")), _component)
        if isinstance(answer, list):  # as the documentation shows the older address
            return listed(_flat(rows(answer)), _component)
    return Listing((), complete=False)


def _flat(found: list[Row]) -> list[Row]:
    """Return the components without the groups, which either hold their parts or are named by these."""
    named = {text(row.get("id")): row.get("name") for row in found}
    flat: list[Row] = []
    for row in found:
        parts = rows(row.get("children"))
        flat += [{"group": row, **part} for part in parts] or [row]
    above = {text(_group(row).get("id")) for row in flat} - {""}
    left = [row for row in flat if text(row.get("id")) not in above] or flat
    return [
        {**row, "group": {"name": named.get(text(_group(row).get("id"))), **_group(row)}}
        for row in left
    ]


def _group(row: Row) -> Row:
    group = row.get("group")
    return group if isinstance(group, dict) else {}


def _component(row: Row) -> Component:
    id = text(row.get("id")) or text(row.get("name"))
    return Component(
        id=id,
        name=text(row.get("name")) or id,
        status=status_of(_STATUSES, row.get("status")),
        group=text(_group(row).get("name")) or None,
        raw=text(row.get("status")),
    )


def _open(summary: Row, key: str) -> list[Row]:
    found = optional_rows(summary, key)
    return [row for row in found if text(row.get("status")) not in _CLOSED]


def _incident(row: Row) -> Incident:
    title = text(row.get("name"))
    return Incident(
        id=text(row.get("id")) or title,
        title=title,
        impact=impact_of(_IMPACTS, row.get("impact")),
        url=link(row.get("url")),
        started_at=rfc3339(row.get("started")),
        updated_at=rfc3339(row.get("updatedAt")),
    )


def _maintenance(row: Row, now: Unix) -> Maintenance:
    title = text(row.get("name"))
    start = rfc3339(row.get("start"))
    length = _minutes(row.get("duration"))
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=start + 60.0 * length if start is not None and length is not None else None,
        running=_RUNNING.get(text(row.get("status")), has_begun(start, now)),
        url=link(row.get("url")),
    )


def _minutes(value: object) -> float | None:
    """Return a duration, which is a number or a text of digits."""
    try:
        length = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        return None
    return length if 0 < length <= _LONGEST else None
