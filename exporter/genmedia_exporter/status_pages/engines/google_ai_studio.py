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

_KEY: Final = re.compile(rb"AIza[0-9A-Za-z_-]{35}")
_RESOLVED: Final = "4"
_MITIGATED: Final = "5"
_COMPONENTS: Final = {"1": "API", "2": "Multimodal Live API", "3": "AI Studio"}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the page; what it asks for follows from it."""
    return (DocumentRequest("page", settings.url),)


def more(documents: Mapping[str, Document], settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the request for the incidents, with the key that the page carries. Raises UnreadableError."""
    found = _KEY.search(answer(documents, "page").body)
    if found is None:
        raise UnreadableError("the page carries no key")
    headers = {
        "Content-Type": "application/json+protobuf",
        "Referer": "https://aistudio.google.com/",
        "X-Goog-Api-Key": found[0].decode(),
    }
    here = settings.url.startswith(PAGE)
    url = HISTORY if here else f"{settings.url}/{HISTORY.rpartition('/')[2]}"
    return (DocumentRequest("incidents", url, body=b"[]", headers=MappingProxyType(headers)),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the open incidents; a component without one is operational by inference.

    Raises UnreadableError.
    """
    incidents = [item for item in map(_incident, _rows(load(documents, "incidents"))) if item]
    touched = {name for incident in incidents for name in incident.components}
    everywhere = any(not incident.components for incident in incidents)
    impacts = [incident.impact for incident in incidents]
    return PageReading(
        indicator=worst_impact(impacts),
        components=tuple(_component(*pair, touched, everywhere) for pair in _COMPONENTS.items()),
        incidents=newest(incidents),
        identity="aistudio",
    )


def _rows(history: object) -> list[list[object]]:
    inner = history[0] if isinstance(history, list) and history else None
    if not isinstance(inner, list):
        raise UnreadableError("no list of incidents")
    return [row for row in inner if isinstance(row, list)]


def _component(id: str, name: str, touched: set[str], everywhere: bool) -> Component:
    status = ComponentStatus.OPERATIONAL
    if id in touched:
        status = ComponentStatus.PARTIAL_OUTAGE
    elif everywhere:
        status = ComponentStatus.UNKNOWN
    return Component(id=id, name=name, status=status)


def _incident(row: list[object]) -> Incident | None:
    """Return an incident that is not over: its newest update comes first."""
    fields = (*row, *[None] * 6)
    updates = fields[3] if isinstance(fields[3], list) else []
    newest_one = updates[0] if updates and isinstance(updates[0], list) else []
    state = text(newest_one[0]) if newest_one else ""
    if state in (_RESOLVED, _MITIGATED):
        return None
    named = fields[5] if isinstance(fields[5], list) else []
    title = text(fields[1])
    return Incident(
        id=text(fields[0]) or title,
        title=title,
        impact=Impact.UNKNOWN,  # what its severities mean is told nowhere
        started_at=_moment(updates[-1]) if updates else None,
        components=tuple(filter(None, map(text, named))),
    )


def _moment(update: object) -> Unix | None:
    """Return the time of an update, which stands in it as a list of one text."""
    fields = update if isinstance(update, list) else []
    moment = fields[2] if len(fields) > 2 else None
    found = text(moment[0]) if isinstance(moment, list) and moment else ""
    return Unix(float(found)) if found.isdigit() else None
