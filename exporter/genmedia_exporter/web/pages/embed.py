"""/embed: what is broken, small enough for a frame in a wiki or an intranet page."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.metrics.exposition import encode
from genmedia_exporter.web.http.responses import ready_reply
from genmedia_exporter.web.http.spoken import spoken
from genmedia_exporter.web.pages.alternative import Alternatives
from genmedia_exporter.web.pages.bars import Drawings
from genmedia_exporter.web.pages.links import way_home
from genmedia_exporter.web.pages.overview import Filter, Headline, counted, headline
from genmedia_exporter.web.pages.page_cache import PageCache
from genmedia_exporter.web.pages.status_page import template
from genmedia_exporter.web.pages.style import css, html_headers, moment
from genmedia_exporter.web.pages.target_rows import row, severity
from genmedia_exporter.web.services import Services
from genmedia_exporter.words.language import say, speaking

SHOWN: Final = 10
"""Targets that are listed, the worst first."""


class EmbedRoute:
    """Serves the frame. It may be shown inside any page: it only tells, and nothing in it changes anything."""

    def __init__(self, services: Services, state: Callable[[], str], prefix: str = "") -> None:
        self._services = services
        self._state = state
        self._prefix = prefix
        self._cache = PageCache()

    async def get(self, request: Request) -> Response:
        """Answer with the targets that the query asks for, as the status page filters them."""
        wanted, services = Filter.of(request.query_params), self._services
        home = way_home(request, self._prefix)
        with speaking(spoken(request)) as known:
            state = self._state()
            page = await self._cache.page(
                (known.code, wanted),
                state,
                services.now(),
                lambda: render(services.snapshot(), services.now(), wanted, home, state),
            )
        headers = html_headers(_sheet(), framed=True)
        return ready_reply(request, page.body, page.zipped, "text/html; charset=utf-8", headers)


def render(snapshot: Snapshot, now: Unix, wanted: Filter, home: str, state: str) -> bytes:
    """Return the frame; *now* in Unix seconds is what "ago" counts from, *home* the status page.

    *state* is that of all pages, which an open one follows.
    """
    states = sorted((s for s in snapshot.targets.values() if wanted.takes(s)), key=severity)
    sick = [state for state in states if state.now.status is not Status.OPERATIONAL]
    instead = Alternatives(snapshot)
    said = headline(states, now, instead)
    counts = counted(state.now.status for state in states)
    if snapshot.targets and not states:
        counts = (say("No target matches."),)
        said = Headline(*counts)
    text = template("embed.html").render(
        headline=said,
        rows=[row(state, now, instead, Drawings()) for state in islice(sick, SHOWN)],
        more=max(0, len(sick) - SHOWN),
        counts=counts,
        home=home,
        state=state,
        query=wanted.query.removesuffix("&"),
        now=moment(now, now),
        css=_sheet(),
        version=__version__,
    )
    return encode(text)


def _sheet() -> str:
    return css("status", "embed")
