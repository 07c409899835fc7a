"""The status page at /: what works, what does not, since when and why, for a person in a hurry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics.exporter import OwnState
from genmedia_exporter.metrics.exposition import encode
from genmedia_exporter.report.page_summary import summarise
from genmedia_exporter.web.http.responses import ready_reply
from genmedia_exporter.web.http.spoken import NAME, remember, spoken
from genmedia_exporter.web.look import look
from genmedia_exporter.web.pages.alternative import Alternatives
from genmedia_exporter.web.pages.bars import Drawings
from genmedia_exporter.web.pages.budget import Money, money
from genmedia_exporter.web.pages.incident_rows import incident_row
from genmedia_exporter.web.pages.links import target_link
from genmedia_exporter.web.pages.overview import EVERYTHING, Filter, choices, headline
from genmedia_exporter.web.pages.page_cache import PageCache
from genmedia_exporter.web.pages.style import GLYPHS, Moment, css, html_headers, moment
from genmedia_exporter.web.pages.target_rows import groups
from genmedia_exporter.web.pages.troubles import troubles
from genmedia_exporter.web.pages.upcoming import coming
from genmedia_exporter.web.routes.assets import script
from genmedia_exporter.web.services import Services, Windows
from genmedia_exporter.words.language import language, languages, plural, say, speaking

FILTER_FROM: Final = 8
"""Targets from which a page is worth searching."""
MOST_LISTED: Final = 24
"""Healthy targets of one family that are listed; more are counted, behind a link."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the page tells beside the snapshot."""

    drawings: Drawings = field(default_factory=Drawings)
    own: OwnState = field(default_factory=OwnState)
    windows: Windows = field(default_factory=lambda: MappingProxyType({}))
    spent: Money | None = None
    state: str = ""
    incidents: Sequence[Incident] = ()


ALONE: Final = Around()


@dataclass(frozen=True, slots=True)
class PageRow:
    """One vendor's status page in the table; texts only."""

    tone: str
    glyph: str
    name: str
    url: str
    word: str
    text: str
    read: Moment | None


class PageRoute:
    """Serves the status page; *prefix* is the route prefix, "" or "/a/b"."""

    def __init__(self, services: Services, state: Callable[[], str], prefix: str = "") -> None:
        self._services = services
        self._state = state
        self._prefix = prefix
        self._cache = PageCache()
        self._drawings = Drawings(services.past)

    async def get(self, request: Request) -> Response:
        """Answer with the page of the present snapshot, written in a worker thread or a moment ago."""
        wanted = Filter.of(request.query_params)
        with speaking(spoken(request)) as known:
            page = await self._cache.page(
                (known.code, wanted, request.query_params.get(NAME)),
                self._state(),
                self._services.now(),
                lambda: self._render(wanted),
            )
        reply = ready_reply(
            request, page.body, page.zipped, "text/html; charset=utf-8", html_headers()
        )
        remember(request, reply, f"{self._prefix}/")
        return reply

    def _render(self, wanted: Filter) -> bytes:
        services = self._services
        snapshot, now, spending = services.snapshot(), services.now(), services.spending()
        instead = Alternatives(snapshot, services.policies(), services.route_uptime)
        spent = money(spending, services.forecast())
        self._drawings.retain(snapshot.targets)
        around = Around(
            self._drawings, services.own(), services.windows(), spent, self._state(),
            services.incidents(),
        )  # fmt: skip
        return render_page(snapshot, now, around, instead, wanted)


def render_page(
    snapshot: Snapshot,
    now: Unix,
    around: Around = ALONE,
    instead: Alternatives | None = None,
    wanted: Filter = EVERYTHING,
) -> bytes:
    """Return the page; *now* in Unix seconds is what "ago" counts from."""
    states, spent = tuple(snapshot.targets.values()), around.spent
    instead = instead or Alternatives(snapshot)
    shown = groups(
        (s for s in states if wanted.takes(s)),
        now,
        instead,
        around.drawings,
        None if wanted.active else MOST_LISTED,
    )
    said = headline(states, now, instead)
    text = template("status.html").render(
        headline=said,
        icon=favicon(said.broken, bool(states)),
        troubles=list(troubles(around.own, snapshot.network_ok, not spent or spent.enabled)),
        incidents=[incident_row(each, now) for each in around.incidents if each.open],
        coming=coming(snapshot, around.windows, now),
        total=len(states),
        groups=shown,
        wanted=wanted,
        query=wanted.query,
        feed_query=wanted.feed_query,
        choices=choices(states, wanted) if len(states) >= FILTER_FROM or wanted.active else (),
        pages=[_page_row(report, now) for report in snapshot.pages.values()],
        money=spent,
        now=moment(now, now),
        css=css(),
        state=around.state,
        home="",
        version=__version__,
    )
    return encode(text)


def favicon(broken: int, any_target: bool) -> str:
    """Return a small picture for the tab: how many are broken, or a tick."""
    colour, sign = ("c0271f", min(broken, 99)) if broken else ("1a7f45", "✓" if any_target else "–")
    picture = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
        f"<circle cx='16' cy='16' r='16' fill='#{colour}'/><text x='16' y='23' fill='#fff' "
        f"font-family='sans-serif' font-size='20' text-anchor='middle'>{sign}</text></svg>"
    )
    return f"data:image/svg+xml,{quote(picture)}"


@cache
def template(name: str) -> Template:
    """Return one of our templates; whatever is put into it is escaped."""
    environment = Environment(
        loader=PackageLoader("genmedia_exporter.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["target_link"] = target_link
    environment.globals.update(say=say, plural=plural, language=language)
    environment.filters["say"] = say
    environment.globals.update(languages=languages, script=script, look=look)
    return environment.get_template(name)


def _page_row(report: PageReport, now: Unix) -> PageRow:
    said = summarise(report)
    read = moment(report.read_at, now) if report.read_at is not None else None
    settings = report.settings
    return PageRow(
        said.tone, GLYPHS[said.tone], settings.id, settings.url, said.word, said.text, read
    )
