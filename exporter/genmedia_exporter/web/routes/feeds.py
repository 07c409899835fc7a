"""/feed.atom and /targets/NAME/feed.atom: incidents, and changes of a family or a target, for feed readers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.incidents.feed import SHOWN, URN, Entry, atom, incident_entry, newest_of
from genmedia_exporter.storage.reader import Record
from genmedia_exporter.web.http.conditional import conditional_reply
from genmedia_exporter.web.http.readers import Readers
from genmedia_exporter.web.http.request import only, single
from genmedia_exporter.web.http.responses import problem
from genmedia_exporter.web.pages.links import target_link
from genmedia_exporter.web.pages.target_rows import family
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
        """Answer with the newest incidents; of one `family`, with the changes of its targets, too."""
        only(request, "family")
        wanted = single(request, "family")
        if wanted is not None:
            return await self._family(request, wanted)
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
        page = f"{home}{target_link(name)}"
        entries = await self._entries([name])
        addresses = (f"{page}/feed.atom", page)
        return await _reply(request, name, f"{URN}:feed:{target_link(name)}", addresses, entries)

    async def _family(self, request: Request, wanted: str) -> Response:
        states = self._services.snapshot().targets
        members = [name for name, state in states.items() if family(state) == wanted]
        if not members:
            known = {family(state) for state in states.values()}
            hint = did_you_mean(wanted, known, "/ lists all targets by family.")
            return problem(f"No target is of the family {wanted[:128]!r}; {hint}", 404)
        query = urlencode({"family": wanted})
        addresses = (f"{self._home}feed.atom?{query}", f"{self._home}?{query}")
        entries = await self._entries(members)
        return await _reply(request, wanted, f"{URN}:feed:family:{query}", addresses, entries)

    async def _entries(self, names: Sequence[str]) -> Sequence[Entry]:
        """Return the newest changes of these targets, and the incidents that any of them is in."""
        home = self._home
        found = await self._readers.ask(
            lambda reader: [(name, reader.transitions(name, EPOCH, SHOWN)) for name in names]
        )
        changes = [
            _change(name, row, f"{home}{target_link(name)}") for name, rows in found for row in rows
        ]
        hit = [i for i in self._services.incidents() if any(name in i.members for name in names)]
        return [*changes, *(incident_entry(incident, home) for incident in hit)]


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
