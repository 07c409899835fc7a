"""incident.io: its copy of Statuspage's API with the holes it has, and its Widget API.

The summary shows 25 components, and other 25 at another time: `components.json` has them all. Lists
that are empty are left out, incidents name no components, and maintenances never appear. The Widget
API, where the owner switched it on, has these two. The page's own `/proxy/` traffic has groups, too,
but nobody promises it, so it is read only where neither of the others can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    Document,
    DocumentRequest,
    Incident,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines import _proxy, _v2, _widget
from genmedia_exporter.status_pages.engines._common import (
    MAX_COMPONENTS,
    Listing,
    Row,
    as_row,
    load,
    load_optional,
    newest,
    optional_rows,
    pending,
    rfc3339,
)

INTERVAL: Final = 120.0

SUMMARY_LIMIT: Final = 25
"""Components that a summary shows at most."""


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return what may be there; none is required, since a page may have only one of the APIs."""
    return (
        DocumentRequest("summary", f"{settings.url}/api/v2/summary.json", required=False),
        DocumentRequest("components", f"{settings.url}/api/v2/components.json", required=False),
        DocumentRequest("widget", f"{settings.url}/api/v1/summary", required=False),
        DocumentRequest("proxy", _proxy_url(settings.url), required=False, fallback=True),
    )


def _proxy_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.path.startswith("/proxy/"):
        return url
    return f"{parts.scheme}://{parts.netloc}/proxy/{parts.netloc}"


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the copied API, filled up from the Widget API; the latter alone where there is no other.

    Raises UnreadableError with what is wrong with the copied API when neither can be read.
    """
    found = load_optional(documents, "widget")
    widget = found if isinstance(found, dict) and _widget.is_widget(found) else None
    try:
        compat = _compat(documents, now)
    except UnreadableError:
        told = load_optional(documents, "proxy")
        if isinstance(told, dict) and _is_not_there(documents.get("summary")):
            return _proxy.reading(told, now)
        # For a moment of trouble the Widget API would be a page of another identity.
        if widget is None or not _is_not_there(documents.get("summary")):
            raise
        return _widget.reading(widget, now)
    return compat if widget is None else _filled_up(compat, widget, now)


def _is_not_there(document: Document | None) -> bool:
    return document is not None and document.status < 500 and document.status != 429


def _compat(documents: Mapping[str, Document], now: Unix) -> PageReading:
    summary = as_row(load(documents, "summary"), "no status page")
    page = _v2.page(summary)
    listing = _roster(summary, load_optional(documents, "components"))
    maintenances = _v2.maintenances(optional_rows(summary, "scheduled_maintenances"), now)
    return PageReading(
        indicator=_v2.indicator(summary),
        components=listing.components,
        incidents=newest(_v2.incidents(optional_rows(summary, "incidents"))),
        maintenances=pending(maintenances, now),
        identity=_v2.identity(page),
        updated_at=rfc3339(page.get("updated_at")),
        complete=listing.complete,
    )


def _roster(summary: Row, answer: object) -> Listing:
    """Join the summary's components to those of `components.json`, which may not have come."""
    shown = _v2.components(summary)
    try:
        roster = _v2.components(as_row(answer, "no roster"))
    except UnreadableError:
        cut = len(shown.components) >= SUMMARY_LIMIT
        return shown._replace(complete=shown.complete and not cut)
    by_id = {part.id: part for part in roster.components}
    extra = [part for part in shown.components if part.id not in by_id]
    joined: tuple[Component, ...] = (*roster.components, *extra)
    # Whoever shows a row that the roster lacks has a roster that lacks others, too.
    complete = roster.complete and not extra and len(joined) <= MAX_COMPONENTS
    return Listing(joined[:MAX_COMPONENTS], complete)


def _filled_up(compat: PageReading, widget: Row, now: Unix) -> PageReading:
    told = _widget.incidents(widget)
    by_name = {key: incident for incident in told for key in (incident.title, incident.id) if key}
    known = [_told_more(incident, by_name) for incident in compat.incidents]
    names = {key for incident in known for key in (incident.id, incident.title) if key}
    more = [incident for incident in told if not {incident.id, incident.title} & names]
    planned = (*_widget.maintenances(widget, now), *compat.maintenances)
    return replace(compat, incidents=newest([*known, *more]), maintenances=pending(planned, now))


def _told_more(incident: Incident, by_name: Mapping[str, Incident]) -> Incident:
    told = by_name.get(incident.id) or by_name.get(incident.title)
    if told is None:
        return incident
    return replace(
        incident,
        components=incident.components or told.components,
        url=incident.url or told.url,
    )
