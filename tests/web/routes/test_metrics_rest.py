"""A page that was just written is served again: however many scrape, writing takes a fifth of the time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import pytest

from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.metrics.exporter import OwnState
from genmedia_exporter.metrics.exposition import Format, Lines
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.web.routes.metrics import REST, MetricsRoute
from tests.web.site import Backend

COST = 0.5
"""Seconds that a page takes to write here."""
PLAIN = (Format.TEXT, False)


class Scraped(Metrics):
    """Numbers its pages, each of which takes COST on the clock of the running event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.pages = 100.0, 0

    def halves(self, snapshot: Snapshot, form: Format) -> tuple[Sequence[Lines], bytes]:
        """Return the number of the page."""
        self.now, self.pages = self.now + COST, self.pages + 1
        return (), str(self.pages).encode()


def test_a_page_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until REST times its cost has passed, or something has changed."""
    metrics, backend = Scraped(), Backend()
    shown, own = [backend.services().snapshot()], [OwnState()]
    services = replace(
        backend.services(), metrics=metrics, snapshot=lambda: shown[0], own=lambda: own[0]
    )

    async def scrape() -> list[Sequence[Lines]]:
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: metrics.now)
        route = MetricsRoute(services)
        pages = [await route._page(PLAIN)]
        metrics.now += REST * COST - 0.1
        pages.append(await route._page(PLAIN))
        metrics.now += 0.1
        pages.append(await route._page(PLAIN))
        shown[0] = replace(shown[0])
        pages.append(await route._page(PLAIN))
        own[0] = replace(own[0], storage_ok=False)
        pages.append(await route._page(PLAIN))
        pages.append(await route._page((Format.OPENMETRICS, False)))
        return pages

    assert [b"".join(chain.from_iterable(page)) for page in asyncio.run(scrape())] == [
        b"1", b"1", b"2", b"3", b"4", b"5",
    ]  # fmt: skip
