"""The page /metrics: cached blocks of all targets joined family by family, then the exporter's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics import catalogue
from genmedia_exporter.metrics.blocks import TargetBlocks
from genmedia_exporter.metrics.exporter import ExporterMetrics, Spending
from genmedia_exporter.metrics.exposition import Format, Lines, encode
from genmedia_exporter.metrics.incidents import render_incidents
from genmedia_exporter.metrics.routes import RouteMetrics
from genmedia_exporter.metrics.selection import EVERYTHING, Selection
from genmedia_exporter.metrics.status_pages import render_pages
from genmedia_exporter.metrics.targets import restrict

CHUNK: Final = 20
"""Blocks rendered before the event loop gets its turn again; about five milliseconds of work."""
STARS_AT_ONCE: Final = 200
"""Targets whose stars are looked at before the event loop gets its turn again."""


@dataclass(slots=True)
class _Joined:
    """The targets' half of the page for one snapshot, by format."""

    version: int = -1
    targets: Mapping[str, TargetState] = field(default_factory=dict)
    selection: Selection = EVERYTHING
    pages: dict[Format, Sequence[Lines]] = field(default_factory=dict)

    def is_of(self, snapshot: Snapshot, selection: Selection) -> bool:
        same = self.version == snapshot.version and self.targets is snapshot.targets
        return same and self.selection == selection


class Metrics:
    """Renders snapshots. A scrape costs what changed since the last one, and a copy of the rest.

    Belongs to one thread. *age* tells how many seconds old what it renders is.
    """

    def __init__(
        self,
        own: ExporterMetrics | None = None,
        spending: Callable[[], Spending] = Spending,
        routes: RouteMetrics | None = None,
        stars: Callable[[str], int] = lambda _name: 0,
        age: Callable[[], float] = lambda: 0.0,
        incidents: Callable[[], Sequence[Incident]] = tuple,
        selection: Callable[[], Selection] = lambda: EVERYTHING,
    ) -> None:
        self.own = own or ExporterMetrics()
        self._spending = spending
        self._routes = routes or RouteMetrics()
        self._stars = stars
        self._age = age
        self._incidents = incidents
        self._selection = selection
        self._blocks = TargetBlocks()
        self._joined = _Joined()
        self._star_lines: dict[tuple[str, int], str] = {}

    def render(self, snapshot: Snapshot, form: Format) -> bytes:
        """Return the whole page."""
        pieces, rest = self.halves(snapshot, form)
        return b"".join([*chain.from_iterable(pieces), rest])

    def halves(self, snapshot: Snapshot, form: Format) -> tuple[Sequence[Lines], bytes]:
        """Return the targets' half in pieces, the same object until the snapshot changes, and the rest."""
        self.own.set_network(snapshot.network_ok)
        self.own.set_age(self._age())
        self.own.set_spending(self._spending())
        providers = {state.target.provider.name for state in snapshot.targets.values()}
        self.own.set_verdicts(sorted(providers), snapshot.verdicts)
        shown = self._selection()
        incidents = render_incidents(self._incidents(), form, shown.shows)
        rest = incidents + self.own.render(form, shown.shows) + form.end
        return self._targets(snapshot, form, shown), rest

    async def prepare(self, snapshot: Snapshot) -> None:
        """Do a few at a time what a scrape would have to do at once: render what has changed, and count stars."""
        stale = [s for s in snapshot.targets.values() if not self._blocks.is_fresh(s)]
        for start in range(0, len(stale), CHUNK):
            for state in stale[start : start + CHUNK]:
                self._blocks.take(state)
            await asyncio.sleep(0)
        names = self._blocks.shown()
        for start in range(0, len(names), STARS_AT_ONCE):
            for name in names[start : start + STARS_AT_ONCE]:
                self._stars(name)  # which is worked out once a minute, and remembered
            await asyncio.sleep(0)

    def _targets(self, snapshot: Snapshot, form: Format, shown: Selection) -> Sequence[Lines]:
        if not self._joined.is_of(snapshot, shown):
            self._joined = _Joined(snapshot.version, snapshot.targets, shown)
        page = self._joined.pages.get(form)
        if page is None:
            for state in snapshot.targets.values():
                self._blocks.take(state)
            self._blocks.arrange(snapshot.targets.keys())
            page = (
                *self._blocks.pieces(form, shown.shows),
                (render_pages(snapshot.pages.values(), form, shown.shows),),
                tuple(self._others(snapshot, form, shown)),
            )
            self._joined.pages[form] = page
        return page

    def _others(self, snapshot: Snapshot, form: Format, shown: Selection) -> Iterator[bytes]:
        """Yield what is not rendered by target: stability, places in routing, balances."""
        if shown.shows(catalogue.STABILITY):
            yield self._stability(snapshot, form)
        if shown.shows(catalogue.ROUTE_RANK):
            yield self._routes.render(snapshot, form)
        if shown.shows(catalogue.ACCOUNT_BALANCE):
            yield _balances(snapshot, form)

    def _stability(self, snapshot: Snapshot, form: Format) -> bytes:
        family = catalogue.STABILITY
        known = self._star_lines
        found = [(name, self._stars(name)) for name in self._blocks.shown()]
        lines = [known.get(one) or family.line((one[0],), one[1]) for one in found]
        self._star_lines = dict(zip(found, lines, strict=True))
        return family.header(form) + encode("".join(lines)) if lines else b""


def _balances(snapshot: Snapshot, form: Format) -> bytes:
    family = catalogue.ACCOUNT_BALANCE
    known = sorted(snapshot.balances.items())
    lines = [family.line((account, told.unit), told.left) for account, told in known]
    return family.header(form) + encode("".join(lines)) if lines else b""


def render_probe(state: TargetState, depth: Depth, form: Format) -> bytes:
    """Return one target's samples restricted to one depth, as a page of its own."""
    blocks, alone = TargetBlocks(), restrict(state, depth)
    blocks.take(alone)
    blocks.arrange([alone.target.name])
    return b"".join([*chain.from_iterable(blocks.pieces(form, EVERYTHING.shows)), form.end])
