"""AWS' public events: what is wrong now, in UTF-16; quiet days are an empty list.

`products` are services as events name them (`bedrock-us-east-1`) or begin (`bedrock`); without any, all count.
"""

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
    PageReading,
    PageSettings,
)
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_rows,
    impact_of,
    load,
    newest,
    status_of,
    text,
    worst_impact,
)

INTERVAL: Final = 120.0

PATH: Final = "/public/currentevents"
EVENTS: Final = f"https://health.aws.amazon.com{PATH}"

_RESOLVED: Final = "0"
_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "0": ComponentStatus.OPERATIONAL,
    "1": ComponentStatus.OPERATIONAL,  # informational
    "2": ComponentStatus.DEGRADED,
    "3": ComponentStatus.MAJOR_OUTAGE,
}
_IMPACTS: Final[Mapping[str, Impact]] = {
    "0": Impact.NONE,
    "1": Impact.MINOR,
    "2": Impact.MAJOR,
    "3": Impact.CRITICAL,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the events, wherever on AWS' own host the address points."""
    if "amazon.com" in settings.url:
        return (DocumentRequest("events", EVENTS),)
    here = settings.url.endswith(PATH)
    return (DocumentRequest("events", settings.url if here else settings.url + PATH),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read open events; a watched service without one is operational by inference.

    Raises UnreadableError.
    """
    events = as_rows(load(documents, "events"), "no list of events")
    watched = [part for row in events if _is_open(row) for part in _watched(row, settings)]
    seen = {text(row.get("service")): _component(row) for row in reversed(watched)}
    covered = {name for name in settings.products if any(s.startswith(name) for s in seen)}
    quiet = [
        Component(id=name, name=name, status=ComponentStatus.OPERATIONAL)
        for name in settings.products
        if name not in covered
    ]
    components = (*seen.values(), *quiet)
    impacts = [impact_of(_IMPACTS, row.get("status")) for row in watched]
    return PageReading(
        indicator=worst_impact(impacts),
        components=components,
        incidents=newest(map(_incident, watched)),
        identity="aws",
        complete=bool(settings.products),
    )


def _is_open(row: Row) -> bool:
    over = "[RESOLVED]" in text(row.get("summary")).upper() or row.get("end_time")
    return text(row.get("status")) != _RESOLVED and not over


def _watched(row: Row, settings: PageSettings) -> list[Row]:
    """Return what of an event is watched: it, or what is ill of the services that it names.

    An event of a whole region is one of "multiple services", with these inside.
    """
    if _is_watched(row.get("service"), settings):
        return [row]
    inside = row.get("impacted_services")
    found = inside.items() if isinstance(inside, dict) else ()
    parts = [
        {**row, "service": name, "status": told.get("current")}
        for name, told in found
        if isinstance(told, dict) and _is_watched(name, settings)
    ]
    return [part for part in parts if _is_open(part)]


def _is_watched(service: object, settings: PageSettings) -> bool:
    named = text(service)
    return not settings.products or any(named.startswith(p) for p in settings.products)


def _component(row: Row) -> Component:
    service, word = text(row.get("service")), text(row.get("status"))
    return Component(
        id=service,
        name=service,
        status=status_of(_STATUSES, word),
        group=text(row.get("region_name")) or None,
        raw=word,
    )


def _incident(row: Row) -> Incident:
    began = text(row.get("date"))
    return Incident(
        id=text(row.get("arn")) or text(row.get("service")),
        title=text(row.get("summary")),
        impact=impact_of(_IMPACTS, row.get("status")),
        started_at=Unix(float(began)) if began.isdigit() else None,
        components=(text(row.get("service")),),
    )
