"""Status.io: its API by page id, asked at most once a minute.

Only `status_overall` is documented for people outside; what stands below it is read where it has the shape that
clients of such pages read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    has_begun,
    impact_of,
    listed,
    load,
    newest,
    pending,
    rfc3339,
    rows,
    status_of,
    text,
    tied,
    worst_status,
)

INTERVAL: Final = 120.0

API: Final = "https://api.status.io/1.0/status"

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "100": ComponentStatus.OPERATIONAL,
    "200": ComponentStatus.MAINTENANCE,
    "300": ComponentStatus.DEGRADED,
    "400": ComponentStatus.PARTIAL_OUTAGE,
    "500": ComponentStatus.MAJOR_OUTAGE,
    "600": ComponentStatus.OPERATIONAL,  # a security event, which is no outage
}
_INDICATORS: Final[Mapping[str, Impact]] = {
    "100": Impact.NONE,
    "200": Impact.MAINTENANCE,
    "300": Impact.MINOR,
    "400": Impact.MAJOR,
    "500": Impact.CRITICAL,
    "600": Impact.MINOR,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document: the address itself at the API's host, else by the page's id in `products`."""
    url = settings.url if "/1.0/status/" in settings.url else ""
    page = settings.products[0] if settings.products else settings.url.rpartition("/")[2]
    return (DocumentRequest("status", url or f"{API}/{page}"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the whole page's state, and of components what is told. Raises UnreadableError."""
    result = as_row(as_row(load(documents, "status"), "no status page").get("result"), "no result")
    overall = as_row(result.get("status_overall"), "no status_overall")
    code = text(overall.get("status_code"))
    if not code:
        raise UnreadableError("no status_code")
    planned = result.get("maintenance")
    named = [row for row in rows(result.get("status")) if text(row.get("name"))]
    listing = listed(named, _component) if named else Listing((), False)
    return PageReading(
        indicator=impact_of(_INDICATORS, code),
        components=listing.components,
        incidents=newest(map(_incident, rows(result.get("incidents")))),
        maintenances=pending(_planned(planned, now), now),
        updated_at=rfc3339(overall.get("updated")),
        complete=listing.complete,
    )


def _component(row: Row) -> Component:
    code = text(row.get("status_code"))
    id = text(row.get("id")) or text(row.get("name"))
    status = status_of(_STATUSES, code) if code else _of_containers(row)
    return Component(id=id, name=text(row.get("name")) or id, status=status, raw=code)


def _of_containers(row: Row) -> ComponentStatus:
    """Return the worst of the places where a component without a state of its own runs."""
    inside = [
        status_of(_STATUSES, place.get("status_code")) for place in rows(row.get("containers"))
    ]
    return worst_status(inside) if inside else ComponentStatus.UNKNOWN


def _incident(row: Row) -> Incident:
    title = text(row.get("name"))
    return Incident(
        id=text(row.get("_id")) or title,
        title=title,
        impact=_impact(row),
        started_at=rfc3339(row.get("datetime_open")),
        components=tied(row.get("components_affected"), "_id", "name"),
    )


def _impact(row: Row) -> Impact:
    """Return how bad the newest message says that it is."""
    told = sorted(rows(row.get("messages")), key=lambda m: rfc3339(m.get("datetime")) or 0.0)
    return impact_of(_INDICATORS, told[-1].get("status")) if told else Impact.UNKNOWN


def _planned(planned: object, now: Unix) -> Iterator[Maintenance]:
    """Yield what runs, then what is announced."""
    lists = planned if isinstance(planned, dict) else {}
    for active in (True, False):
        for row in rows(lists.get("active" if active else "upcoming")):
            title = text(row.get("name"))
            start = rfc3339(row.get("datetime_planned_start"))
            end = rfc3339(row.get("datetime_planned_end"))
            yield Maintenance(
                id=text(row.get("_id")) or title,
                title=title,
                start=start or rfc3339(row.get("datetime_open")),
                end=None if active and end is not None and end <= now else end,  # it takes longer
                running=active or has_begun(start, now),
                components=tied(row.get("components_affected"), "_id", "name"),
            )
