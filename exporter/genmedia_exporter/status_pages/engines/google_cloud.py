"""Google Cloud's status dashboard: a window of incidents, from which health is inferred.

There are no component states. A watched product is operational when the feed can be read and has no
open incident of it; that is our inference, so its raw word stays empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Document,
    DocumentRequest,
    Impact,
    Incident,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    MAX_COMPONENTS,
    Row,
    as_rows,
    impact_of,
    link,
    load,
    load_optional,
    newest,
    rfc3339,
    rows,
    status_of,
    text,
    tied,
    worst_impact,
    worst_status,
)

INTERVAL: Final = 180.0  # the feed has no validators and 180 kB

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "SERVICE_INFORMATION": ComponentStatus.DEGRADED,
    "SERVICE_DISRUPTION": ComponentStatus.PARTIAL_OUTAGE,
    "SERVICE_OUTAGE": ComponentStatus.MAJOR_OUTAGE,
}
_IMPACTS: Final[Mapping[str, Impact]] = {
    "SERVICE_INFORMATION": Impact.MINOR,
    "SERVICE_DISRUPTION": Impact.MAJOR,
    "SERVICE_OUTAGE": Impact.CRITICAL,
}
_SEVERITIES: Final[Mapping[str, Impact]] = {
    "low": Impact.MINOR,
    "medium": Impact.MAJOR,
    "high": Impact.CRITICAL,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the incidents, and the catalogue of products for their names."""
    return (
        DocumentRequest("incidents", f"{settings.url}/incidents.json"),
        DocumentRequest("products", f"{settings.url}/products.json", required=False),
    )


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the open incidents of the watched products, of all where none is configured.

    A product that the catalogue does not have is not listed, rather than healthy.
    Raises UnreadableError.
    """
    active = [row for row in _feed(load(documents, "incidents")) if _is_active(row)]
    catalogue = _names(_products(load_optional(documents, "products")))
    touched = _names([product for row in active for product in _affected(row)])
    known = catalogue | touched
    watched = [id for id in settings.products or known if id in known or not catalogue]
    ours = [row for row in active if not set(_ids(row)).isdisjoint(watched)]
    words = _words(ours)
    return PageReading(
        indicator=worst_impact(_impact(row) for row in ours),
        components=tuple(
            _component(id, known, words.get(id, ())) for id in watched[:MAX_COMPONENTS]
        ),
        incidents=newest(_incident(row, settings.url) for row in ours),
        complete=bool(settings.products or catalogue) and len(watched) <= MAX_COMPONENTS,
    )


def _feed(answer: object) -> list[Row]:
    found = as_rows(answer, "no list of incidents")
    if any("id" not in row or "affected_products" not in row for row in found):
        raise UnreadableError("incidents without products")
    return found


def _is_active(row: Row) -> bool:
    """Whether nothing says it is over; between mitigation and closure the last update does."""
    last = row.get("most_recent_update")
    available = isinstance(last, dict) and last.get("status") == "AVAILABLE"
    return not row.get("end") and not available


def _products(answer: object) -> list[Row]:
    return rows(answer.get("products")) if isinstance(answer, dict) else []


def _affected(row: Row) -> list[Row]:
    return rows(row.get("affected_products"))


def _ids(row: Row) -> tuple[str, ...]:
    return tied(row.get("affected_products"), "id")


def _names(products: list[Row]) -> dict[str, str]:
    return {
        id: text(row.get("current_title")) or text(row.get("title")) or id
        for row in products
        if (id := text(row.get("id")))
    }


def _words(active: list[Row]) -> dict[str, set[str]]:
    """Return the words for the impact on each product, by its id."""
    words: dict[str, set[str]] = {}
    for row in active:
        for id in _ids(row):
            words.setdefault(id, set()).add(text(row.get("status_impact")))
    return words


def _component(id: str, names: Mapping[str, str], words: Collection[str]) -> Component:
    statuses = {word: status_of(_STATUSES, word) for word in sorted(words)}
    status = worst_status(statuses.values())
    raw = next((word for word, known in statuses.items() if known is status), "")
    return Component(id=id, name=names.get(id, id), status=status, raw=raw)


def _impact(row: Row) -> Impact:
    if row.get("status_impact"):
        return impact_of(_IMPACTS, row["status_impact"])
    return impact_of(_SEVERITIES, row.get("severity"))


def _incident(row: Row, base: str) -> Incident:
    return Incident(
        id=text(row.get("id")),
        title=text(row.get("external_desc")),
        impact=_impact(row),
        url=link(f"{base}/{text(row.get('uri'))}") if row.get("uri") else "",
        started_at=rfc3339(row.get("begin")),
        updated_at=rfc3339(row.get("modified")),
        components=_ids(row),
    )
