"""What the vendor's status page said of an incident, and when it first did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.incidents.model import Event, Incident, PageNote, Scope, shortened

MAX_TITLE = 120


def with_page(incident: Incident, snapshot: Snapshot) -> Incident:
    """Return *incident* with the latest word of its targets' status page."""
    if incident.domain.scope is not Scope.VENDOR:
        return incident
    notes = list(_notes(incident, snapshot))
    said = min((n for n in notes if n.at is not None), key=_first, default=None)
    latest = said or next(iter(notes), None)
    before = incident.page
    if latest is None or latest == before:
        return incident
    if before is None or before.at is None:
        return _told(replace(incident, page=latest), latest)
    # It has reported this trouble before: when, stays; and so does what it said when that is taken down.
    title, url = (latest.title, latest.url) if latest.title else (before.title, before.url)
    status = latest.status if latest.at is not None else before.status
    after = replace(latest, at=before.at, status=status, title=title, url=url)
    return incident if after == before else replace(incident, page=after)


def _told(incident: Incident, note: PageNote) -> Incident:
    if note.at is None:
        return incident
    text = f"The status page {note.page} reports: {note.title or note.status}"
    return replace(incident, events=shortened((*incident.events, Event(note.at, "", text))))


def _first(note: PageNote) -> float:
    return float(note.at or 0.0)


def _notes(incident: Incident, snapshot: Snapshot) -> Iterator[PageNote]:
    for name in incident.members:
        state = snapshot.targets.get(name)
        if state is not None and state.target.page is not None:
            yield _note(state, snapshot, state.target.page)


def _note(state: TargetState, snapshot: Snapshot, page: tuple[str, str]) -> PageNote:
    told, report = state.page.word, snapshot.pages.get(page[0])
    url = report.settings.url if report is not None else ""
    incident = told.incident
    return PageNote(
        *page,
        url=(incident.url if incident is not None else "") or url,
        at=state.page.page_unhealthy_since if told.healthy is False else None,
        status=str(told.component.status) if told.component is not None else "",
        title=incident.title[:MAX_TITLE] if incident is not None else "",
    )
