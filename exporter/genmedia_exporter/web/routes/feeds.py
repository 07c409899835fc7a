"""/feed.atom and /targets/NAME/feed.atom: incidents, and one target's changes, for feed readers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.incidents.feed import SHOWN, URN, Entry, atom, incident_entry, newest_of
from genmedia_exporter.storage.reader import Record
from genmedia_exporter.web.http.conditional import conditional_reply
from genmedia_exporter.web.http.readers import Readers
from genmedia_exporter.web.http.request import only
from genmedia_exporter.web.http.responses import problem
from genmedia_exporter.web.pages.links import target_link
from genmedia_exporter.web.services import Services

ATOM: Final = "application/atom+xml; charset=utf-8"
_REASONS: Final = frozenset(reason.value for reason in Reason)


class FeedRoutes:
    """Bounded feeds; the ids of their entries stay."""

    def __init__(self, services: Services, readers: Readers, prefix: str = "") -> None:
        self._services = services
        self._readers = readers
        self._home = (services.external_url.rstrip("/") or prefix) + "/"

    async def fleet(self, request: Request) -> Response:
        """Answer with the newest incidents."""
        only(request)
        home = self._home
        entries = [incident_entry(incident, home) for incident in self._services.incidents()]
        addresses = (f"{home}feed.atom", f"{home}incidents")
        return await _reply(request, "Incidents", f"{URN}:feed", addresses, entries)

    async def target(self, request: Request) -> Response:
        """Answer with a target's changes of status, and the incidents it is in."""
        only(request)
        name, home = request.path_params["name"], self._home
        targets = self._services.snapshot().targets
        if name not in targets:
            hint = did_you_mean(name, targets, "/api/v1/status lists all targets.")
            return problem(f"No target is called {name[:128]!r}; {hint}", 404)
        changes = await self._readers.ask(lambda reader: reader.transitions(name, EPOCH, SHOWN))
        page = f"{home}{target_link(name)}"
        entries = [_change(name, row, page) for row in changes]
        entries += [
            incident_entry(i, home) for i in self._services.incidents() if name in i.members
        ]
        addresses = (f"{page}/feed.atom", page)
        return await _reply(request, name, f"{URN}:feed:{target_link(name)}", addresses, entries)


async def _reply(
    request: Request, title: str, id: str, addresses: tuple[str, str], entries: Sequence[Entry]
) -> Response:
    body = await asyncio.to_thread(lambda: atom(title, id, *addresses, entries))
    return await conditional_reply(request, body, ATOM, newest_of(entries))


def _change(name: str, row: Record, page: str) -> Entry:
    at, reason = Unix(row["at"]), row["reason"]
    text = Reason(reason).meaning.text if reason in _REASONS else reason
    before = row["previous"] or "first observation"
    return Entry(
        f"{URN}:change:{target_link(name)}:{float(at):.3f}",
        f"{name}: {row['current']}",
        page,
        at,
        at,
        f"{before} → {row['current']}. {text}",
        row["current"],
    )
