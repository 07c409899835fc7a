"""A short text that changes when something happens that people must see at once: not for each probe."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics.exporter import OwnState


class PageState:
    """Tells the state of what is told now; the targets are looked at once for each snapshot."""

    def __init__(self) -> None:
        self._seen: Snapshot | None = None
        self._targets = b""

    def of(
        self,
        snapshot: Snapshot,
        own: OwnState,
        spending_on: bool,
        incidents: Iterable[Incident] = (),
    ) -> str:
        """Return the state of all pages."""
        if self._seen is not snapshot:
            told = repr((*_targets(snapshot), *_pages(snapshot), snapshot.network_ok))
            self._seen, self._targets = snapshot, told.encode("utf-8", "replace")
        found = [(i.id, i.phase, i.count, len(i.broken), i.page) for i in incidents if i.open]
        ours = (own.storage_ok, own.config_ok, own.web_config_ok, own.saturated, spending_on)
        rest = repr((ours, found)).encode("utf-8", "replace")
        return hashlib.sha256(self._targets + rest).hexdigest()[:16]


def _targets(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    return (_target(state) for state in snapshot.targets.values())


def _target(state: TargetState) -> tuple[object, ...]:
    now, page = state.now, state.page
    return (
        state.target.name,
        now.status,
        now.reason,
        now.fault,
        state.since,
        page.agreement,
        page.word.healthy,
    )


def _pages(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    return (_page(report) for report in snapshot.pages.values())


def _page(report: PageReport) -> tuple[object, ...]:
    reading = report.reading
    if reading is None:
        return (report.settings.id, report.readable)
    components = tuple((c.id, c.status) for c in reading.components)
    incidents = (*(i.id for i in reading.incidents), *reading.not_kept.values())
    planned = tuple((m.id, m.running) for m in reading.maintenances)
    return (report.settings.id, report.readable, reading.indicator, components, incidents, planned)
