"""Google AI Studio's page, which speaks for the Gemini API. It has no promised API: this is what the page asks for.

The key is the public one that the page itself carries for its visitors; it is taken from there each time and never kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
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
    answer,
    impact_of,
    load,
    newest,
    text,
    worst_impact,
)

INTERVAL: Final = 300.0

PAGE: Final = "https://aistudio.google.com/status"
HISTORY: Final = (
    "https://alkalimakersuite-pa.clients6.google.com/$rpc/"
    "google.internal.alkali.applications.makersuite.v1.MakerSuiteService/ListIncidentsHistory"
)

_KEY: Final = re.compile(rb'"WIu0Nc"\s*:\s*"(AIza[0-9A-Za-z_-]{35})"|(AIza[0-9A-Za-z_-]{35})')
"""The page's configuration names its own key so; a page without the name has it as the first."""
_RESOLVED: Final = "4"  # 1 detected, 2 identified, 3 mitigated, 5 update
_SEVERITIES: Final = {"1": Impact.MINOR, "2": Impact.MAJOR}
_STATUSES: Final = {
    Impact.MINOR: ComponentStatus.DEGRADED,
    Impact.MAJOR: ComponentStatus.MAJOR_OUTAGE,
}
_COMPONENTS: Final = {"1": "API", "2": "Multimodal Live API", "3": "AI Studio"}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the page; what it asks for follows from it."""
    return (DocumentRequest("page", settings.url),)


def more(documents: Mapping[str, Document], settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the request for the incidents, with the key that the page carries. Raises UnreadableError."""
    keys = [found[1] or found[2] for found in _KEY.finditer(answer(documents, "page").body)]
    named = [found[1] for found in _KEY.finditer(answer(documents, "page").body) if found[1]]
    if not keys:
        raise UnreadableError("the page carries no key")
    headers = {
        "Content-Type": "application/json+protobuf",
        "Origin": "https://aistudio.google.com",
        "Referer": "https://aistudio.google.com/",
        "X-Goog-Api-Key": (named or keys)[0].decode(),
    }
    here = settings.url.startswith(PAGE)
    url = HISTORY if here else f"{settings.url}/{HISTORY.rpartition('/')[2]}"
    return (DocumentRequest("incidents", url, body=b"[]", headers=MappingProxyType(headers)),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the open incidents; a component without one is operational by inference.

    Raises UnreadableError.
    """
    incidents = [item for item in map(_incident, _rows(load(documents, "incidents"))) if item]
    return PageReading(
        indicator=worst_impact(incident.impact for incident in incidents),
        components=tuple(_component(*pair, incidents) for pair in _COMPONENTS.items()),
        incidents=newest(incidents),
        identity="aistudio",
    )


def _rows(history: object) -> list[list[object]]:
    """Return the incidents, which are packed into lists of one; none where all of them are empty."""
    while isinstance(history, list) and history:
        rows = [row for row in history if isinstance(row, list)]
        if len(rows) != len(history):
            break
        if all(row and isinstance(row[0], str) for row in rows):
            return rows
        if rows[0] == []:
            return []
        history = rows[0]
    raise UnreadableError("no list of incidents")


def _component(id: str, name: str, incidents: list[Incident]) -> Component:
    touching = [incident for incident in incidents if id in incident.components]
    if touching:
        impact = worst_impact(incident.impact for incident in touching)
        status = _STATUSES.get(impact, ComponentStatus.PARTIAL_OUTAGE)
    elif any(not incident.components for incident in incidents):
        status = ComponentStatus.UNKNOWN
    else:
        status = ComponentStatus.OPERATIONAL
    return Component(id=id, name=name, status=status)


def _incident(row: list[object]) -> Incident | None:
    """Return an incident that is not over. The order of its updates is not promised: their times tell."""
    fields = (*row, *[None] * 6)
    found = fields[3] if isinstance(fields[3], list) else []
    updates = [update for update in found if isinstance(update, list) and update]
    times = [_moment(update) for update in updates]
    told = [moment for moment in times if moment is not None]
    newest_one = updates[times.index(max(told))] if told else next(iter(updates), [None])
    if text(newest_one[0]) == _RESOLVED:
        return None
    named = fields[5] if isinstance(fields[5], list) else []
    title = text(fields[1])
    return Incident(
        id=text(fields[0]) or title,
        title=title,
        impact=impact_of(_SEVERITIES, fields[2]),
        started_at=min(told, default=None),
        updated_at=max(told, default=None),
        components=tuple(filter(None, map(text, named))),
    )


def _moment(update: list[object]) -> Unix | None:
    """Return the time of an update, which stands in it as a list of one text."""
    moment = update[2] if len(update) > 2 else None
    found = text(moment[0]) if isinstance(moment, list) and moment else ""
    return Unix(float(found)) if found.isdigit() else None
