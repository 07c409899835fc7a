"""Cachet: components with numbers for states; version 3 by JSON:API, version 2 by plain lists."""

from __future__ import annotations

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
)
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    as_rows,
    has_begun,
    indicator_of,
    link,
    listed,
    load,
    load_optional,
    newest,
    pending,
    rfc3339,
    rows,
    status_of,
    text,
)

INTERVAL: Final = 120.0

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "1": ComponentStatus.OPERATIONAL,
    "2": ComponentStatus.DEGRADED,
    "3": ComponentStatus.PARTIAL_OUTAGE,
    "4": ComponentStatus.MAJOR_OUTAGE,
    "5": ComponentStatus.UNKNOWN,
    "6": ComponentStatus.MAINTENANCE,
}
_FIXED: Final = "4"
_SCHEDULED: Final = "0"
_COMPLETE: Final = "2"


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return version 3's documents, and version 2's where these cannot be read."""
    new, old, all_of = f"{settings.url}/api", f"{settings.url}/api/v1", "per_page=100"
    return (
        DocumentRequest("components", f"{new}/components?{all_of}", required=False),
        DocumentRequest("incidents", f"{new}/incidents?{all_of}", required=False),
        DocumentRequest("schedules", f"{new}/schedules?{all_of}", required=False),
        DocumentRequest("components_v2", f"{old}/components?{all_of}", fallback=True),
        DocumentRequest("incidents_v2", f"{old}/incidents?{all_of}", False, fallback=True),
        DocumentRequest("schedules_v2", f"{old}/schedules?{all_of}", False, fallback=True),
    )


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read components, open incidents and what is planned. Raises UnreadableError."""
    version = "_v2" if "components_v2" in documents else ""
    answer = as_row(load(documents, f"components{version}"), "no components")
    listing = listed(_items(answer), _component)
    told = _optional(documents, f"incidents{version}")
    # Version 2 once kept schedules among the incidents, as those that have not begun; in 3 it is unknown.
    plans = [row for row in told if version and _value(row, "status") == _SCHEDULED]
    incidents = [row for row in told if row not in plans and _is_open(row)]
    plans += _optional(documents, f"schedules{version}")
    planned = (_maintenance(row, now) for row in plans)
    return PageReading(
        indicator=indicator_of(listing.components),
        components=listing.components,
        incidents=newest(map(_incident, incidents)),
        maintenances=pending((item for item in planned if item is not None), now),
        complete=listing.complete and not _has_next(answer),
    )


def _items(answer: Row) -> list[Row]:
    """Return the rows of a list, each with its id beside its attributes."""
    found = as_rows(answer.get("data"), "no list of components")
    return [_flat(row) for row in found]


def _flat(row: Row) -> Row:
    inner = row.get("attributes")
    return {**inner, "id": inner.get("id", row.get("id"))} if isinstance(inner, dict) else row


def _optional(documents: Mapping[str, Document], key: str) -> list[Row]:
    answer = load_optional(documents, key)
    return [_flat(row) for row in rows(answer.get("data"))] if isinstance(answer, dict) else []


def _has_next(answer: Row) -> bool:
    links, meta = answer.get("links"), answer.get("meta")
    if isinstance(links, dict):
        return bool(links.get("next"))
    pages = meta.get("pagination") if isinstance(meta, dict) else None
    return isinstance(pages, dict) and text(pages.get("total_pages")) not in ("", "0", "1")


def _value(row: Row, *keys: str) -> str:
    """Return the number of a state: plain, or under `value` beside its words."""
    for key in keys:
        value = row.get(key)
        found = text(value.get("value") if isinstance(value, dict) else value)
        if found:
            return found
    return ""


def _component(row: Row) -> Component:
    # latest_status counts open incidents in; status is only what somebody has set.
    state = _value(row, "latest_status", "status")
    id = text(row.get("id")) or text(row.get("name"))
    status = status_of(_STATUSES, state)
    if row.get("enabled") is False:
        status = ComponentStatus.UNKNOWN
    return Component(id=id, name=text(row.get("name")) or id, status=status, raw=state)


def _is_open(row: Row) -> bool:
    return _value(row, "latest_status", "status") not in (_FIXED, "")


def _time(row: Row, *keys: str) -> Unix | None:
    for key in keys:
        value = row.get(key)
        found = rfc3339(value.get("string") if isinstance(value, dict) else value)
        if found is not None:
            return found
    return None


def _incident(row: Row) -> Incident:
    title = text(row.get("name"))
    return Incident(
        id=text(row.get("id")) or title,
        title=title,
        impact=Impact.UNKNOWN,  # it says how far the repair is, not how bad it is
        started_at=_time(row, "occurred_at", "occurred", "created_at", "created"),
        updated_at=_time(row, "updated_at", "updated"),
        url=link(row.get("permalink")),
    )


def _maintenance(row: Row, now: Unix) -> Maintenance | None:
    state, title = _value(row, "status"), text(row.get("name"))
    if state == _COMPLETE:
        return None
    start = _time(row, "scheduled", "scheduled_at")
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=_time(row, "completed", "completed_at"),
        running=state == "1" or has_begun(start, now),
    )
