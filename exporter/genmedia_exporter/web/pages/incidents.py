"""/incidents and /incidents/ID: what fails together, as a record that can be printed and forwarded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics.exposition import encode
from genmedia_exporter.web.http.responses import NO_STORE, body_reply
from genmedia_exporter.web.http.spoken import remember, spoken
from genmedia_exporter.web.pages.incident_rows import (
    IncidentRow,
    cost_text,
    event_rows,
    exhibit_rows,
    incident_row,
    member_rows,
)
from genmedia_exporter.web.pages.links import way_home
from genmedia_exporter.web.pages.status_page import template
from genmedia_exporter.web.pages.style import css, html_headers, moment
from genmedia_exporter.web.services import Services
from genmedia_exporter.words.language import speaking

SHOWN: Final = 100
"""Closed incidents in the list; the API has all that are kept."""


class IncidentPages:
    """Serves both pages; *prefix* is the route prefix, "" or "/a/b"."""

    def __init__(
        self, services: Services, prefix: str = "", state: Callable[[], str] = lambda: ""
    ) -> None:
        self._services = services
        self._prefix = prefix
        self._state = state

    async def listed(self, request: Request) -> Response:
        """Answer with the open incidents and the newest of the others."""
        services, home = self._services, way_home(request, self._prefix)
        known, now, state = services.incidents(), services.now(), self._state()
        return await self._reply(request, lambda: render_list(known, now, home, state))

    async def one(self, request: Request) -> Response:
        """Answer with one incident; one that is closed stays as it is, and is not followed."""
        services, home = self._services, way_home(request, self._prefix)
        wanted, now = request.path_params["id"], services.now()
        found = next((i for i in services.incidents() if i.id == wanted), None)
        if found is None:
            return await self._reply(request, lambda: render_unknown(wanted, home), 404)
        state = self._state() if found.open else ""
        return await self._reply(request, lambda: render_incident(found, now, home, state))

    async def _reply(
        self, request: Request, render: Callable[[], bytes], status: int = 200
    ) -> Response:
        with speaking(spoken(request)):
            page = await asyncio.to_thread(render)
        headers, kind = html_headers(_sheet()), "text/html; charset=utf-8"
        if status != 200:
            return Response(page, status, {**NO_STORE, **headers}, kind)
        reply = await body_reply(request, page, kind, headers)
        remember(request, reply, f"{self._prefix}/")
        return reply


def open_rows(incidents: Sequence[Incident], now: Unix) -> list[IncidentRow]:
    """Return the open incidents as the status page shows them."""
    return [incident_row(incident, now) for incident in incidents if incident.open]


def render_list(incidents: Sequence[Incident], now: Unix, home: str = "", state: str = "") -> bytes:
    """Return the list; *now* in Unix seconds is what "ago" counts from, *home* the status page."""
    past = [incident for incident in incidents if not incident.open]
    text = template("incidents.html").render(
        incidents=open_rows(incidents, now),
        past=[incident_row(incident, now) for incident in past[:SHOWN]],
        left=max(0, len(past) - SHOWN),
        now=moment(now, now),
        home=home,
        state=state,
        css=_sheet(),
        version=__version__,
    )
    return encode(text)


def render_incident(incident: Incident, now: Unix, home: str = "../", state: str = "") -> bytes:
    """Return the page of one incident."""
    text = template("incident.html").render(
        row=incident_row(incident, now),
        vendor=incident.vendor,
        note=incident.page,
        cost=cost_text(incident),
        members=list(member_rows(incident, now)),
        dropped=incident.dropped,
        events=list(event_rows(incident, now)),
        exhibits=list(exhibit_rows(incident, now)),
        now=moment(now, now),
        home=home,
        state=state,
        css=_sheet(),
        version=__version__,
    )
    return encode(text)


def render_unknown(wanted: str, home: str) -> bytes:
    """Return the page for an id that no incident has."""
    text = template("unknown_incident.html").render(
        id=wanted[:64], home=home, state="", css=_sheet(), version=__version__
    )
    return encode(text)


def _sheet() -> str:
    return css("status", "target", "incident")
