"""/targets/NAME: everything known of one target, now and in its past, for who is on call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.health.failures import KeptFailure
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics.exporter import OwnState
from genmedia_exporter.metrics.exposition import encode
from genmedia_exporter.report.targets import NO_FIGURES, PastFigures
from genmedia_exporter.web.http.readers import Readers
from genmedia_exporter.web.http.request import digits, single
from genmedia_exporter.web.http.responses import NO_STORE, body_reply
from genmedia_exporter.web.http.spoken import remember, spoken
from genmedia_exporter.web.pages.day_bar import HEIGHT, SLOTS, day_bar
from genmedia_exporter.web.pages.drawings import CHART_HEIGHT, QUARTERS
from genmedia_exporter.web.pages.incident_rows import incident_row
from genmedia_exporter.web.pages.kept_failures import kept_rows
from genmedia_exporter.web.pages.links import quoted, way_home
from genmedia_exporter.web.pages.next_probe import UNDISTURBED, Conditions
from genmedia_exporter.web.pages.status_page import template
from genmedia_exporter.web.pages.story import story
from genmedia_exporter.web.pages.style import GLYPHS, TONES, css, html_headers, moment, plain_word
from genmedia_exporter.web.pages.target_depths import depth_rows, phases
from genmedia_exporter.web.pages.target_facts import facts, figures, starred
from genmedia_exporter.web.pages.target_history import (
    MOST_CHANGES,
    MOST_ROWS,
    SHOWN,
    TargetHistory,
    change_rows,
    probe_row,
    read_history,
)
from genmedia_exporter.web.pages.troubles import troubles
from genmedia_exporter.web.services import NO_PAST, Past, Services
from genmedia_exporter.words.language import say, speaking

ALIKE: Final = 3
"""Names that are offered for one that nobody has."""
INCIDENTS: Final = 3
"""Incidents of the target that are shown, the open ones first."""


class TargetRoute:
    """Serves the page of each target; *prefix* is the route prefix, "" or "/a/b"."""

    def __init__(
        self,
        services: Services,
        prefix: str,
        readers: Readers,
        state: Callable[[], str] = lambda: "",
    ) -> None:
        self._services = services
        self._state = state
        self._prefix = prefix
        self._readers = readers

    async def get(self, request: Request) -> Response:
        """Answer with the target as it is now, and with its past where that can be read."""
        with speaking(spoken(request)):
            reply = await self._get(request)
        remember(request, reply, f"{self._prefix}/")
        return reply

    async def _get(self, request: Request) -> Response:
        services, name = self._services, request.path_params["name"]
        snapshot, now = services.snapshot(), services.now()
        home = way_home(request, self._prefix)
        headers = html_headers(_sheet())
        state = snapshot.targets.get(name)
        if state is None:
            page = await asyncio.to_thread(render_unknown, name, snapshot, home)
            more = {**NO_STORE, **headers}
            return Response(page, 404, more, "text/html; charset=utf-8")
        cursor = _cursor(request)
        known = PastFigures(services.uptime(name), services.stars(name))
        history = await read_history(self._readers, name, now, cursor)
        kept = (services.failures(name), services.external_url)
        conditions = Conditions(snapshot.network_ok, services.blocked_by(name))
        page = await asyncio.to_thread(
            lambda: render_target(
                state,
                snapshot,
                now,
                home,
                history,
                known,
                cursor,
                conditions,
                kept,
                self._state(),
                services.past,
                services.own(),
                [i for i in services.incidents() if name in i.members][:INCIDENTS],
            )
        )
        return await body_reply(request, page, "text/html; charset=utf-8", headers)


def _cursor(request: Request) -> int | None:
    text = single(request, "cursor")
    if text is None:
        return None
    number = digits(text, 18)
    if number is None:
        raise HTTPException(400, "cursor must be taken from the previous page.")
    return number


def render_target(
    state: TargetState,
    snapshot: Snapshot,
    now: Unix,
    home: str = "../",
    history: TargetHistory | None = None,
    known: PastFigures = NO_FIGURES,
    cursor: int | None = None,
    conditions: Conditions = UNDISTURBED,
    kept: tuple[Sequence[KeptFailure], str] = ((), ""),
    live: str = "",
    past: Past = NO_PAST,
    own: OwnState | None = None,
    incidents: Sequence[Incident] = (),
) -> bytes:
    """Return the page; *now* in Unix seconds is what "ago" counts from, *home* the status page.

    *known* is uptime by window, and stars; with a *cursor* the probes are not the newest ones;
    *conditions* is what holds probes besides the target itself; *kept* its failures, and our own URL;
    *live* the state of all pages, which an open one follows; *incidents* those that it was in.
    """
    name, history = state.target.name, history or TargetHistory("no storage")
    uptimes, stars = known
    text = template("target.html").render(
        **_present(state, snapshot, now, conditions),
        **_gone_by(state, history, now, cursor),
        troubles=list(troubles(own or OwnState(), snapshot.network_ok)),
        figures=figures(uptimes),
        story=story(state, history, now, past, incidents),
        incidents=() if cursor else [incident_row(each, now) for each in incidents],
        chart_size=(QUARTERS * 10, CHART_HEIGHT),
        stars=starred(stars),
        kept=() if cursor else tuple(kept_rows(kept[0], now, kept[1])),
        now=moment(now, now),
        home=home,
        quoted=quoted(name),
        css=_sheet(),
        state="" if cursor else live,
        version=__version__,
    )
    return encode(text)


def _present(
    state: TargetState, snapshot: Snapshot, now: Unix, conditions: Conditions
) -> Mapping[str, Any]:
    """Return what the template is told of a target as it is now."""
    status = state.now.status
    return {
        "name": state.target.name,
        "status": say(plain_word(status)),
        "tone": TONES[status],
        "glyph": GLYPHS[TONES[status]],
        "meaning": say(status.meaning),
        "reason": say(state.now.reason.meaning.text),
        "message": state.now.message,
        "since": moment(state.since, now),
        "previous": say(plain_word(state.previous_status)) if state.previous_status else "",
        "facts": facts(state, snapshot, now),
        "depths": depth_rows(state, now, conditions),
        "phases": phases(state),
        "free": any(depth.free for depth in state.target.depths),
    }


def _gone_by(
    state: TargetState, history: TargetHistory, now: Unix, cursor: int | None
) -> Mapping[str, Any]:
    """Return what the template is told of a target's past."""
    return {
        "day": None if history.problem else day_bar(history.day, now),
        "size": (SLOTS * 10 - 2, HEIGHT),
        "cut": MOST_ROWS if history.cut else 0,
        "problem": history.problem,
        "changes": change_rows(state, history, now),
        "more_changes": len(history.changes) > MOST_CHANGES,
        "probes": [probe_row(row, now) for row in history.probes],
        "older": history.older,
        "cursor": cursor,
        "query": f"cursor={cursor}&" if cursor else "",
        "shown": SHOWN,
    }


def render_unknown(name: str, snapshot: Snapshot, home: str) -> bytes:
    """Return the page for a name that no target has, with those it may have meant."""
    text = template("unknown_target.html").render(
        name=name[:128],
        alike=get_close_matches(name[:200], list(snapshot.targets), n=ALIKE, cutoff=0.6),
        home=home,
        state="",
        css=_sheet(),
        version=__version__,
    )
    return encode(text)


def _sheet() -> str:
    return css("status", "target")
