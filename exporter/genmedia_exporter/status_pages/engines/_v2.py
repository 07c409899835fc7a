"""The `/api/v2` format of Atlassian Statuspage, which incident.io serves in parts, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Impact,
    Incident,
    Maintenance,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    Listing,
    Row,
    as_row,
    as_rows,
    has_begun,
    impact_of,
    link,
    listed,
    name_and_url,
    rfc3339,
    rows,
    status_of,
    text,
    tied,
)

STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "operational": ComponentStatus.OPERATIONAL,
    "degraded_performance": ComponentStatus.DEGRADED,
    "partial_outage": ComponentStatus.PARTIAL_OUTAGE,
    "major_outage": ComponentStatus.MAJOR_OUTAGE,
    "critical": ComponentStatus.MAJOR_OUTAGE,  # Cloudflare's word
    "full_outage": ComponentStatus.MAJOR_OUTAGE,  # incident.io's word
    "under_maintenance": ComponentStatus.MAINTENANCE,
}
IMPACTS: Final[Mapping[str, Impact]] = {
    "none": Impact.NONE,
    "minor": Impact.MINOR,
    "major": Impact.MAJOR,
    "critical": Impact.CRITICAL,
    "maintenance": Impact.MAINTENANCE,
}
_OPEN: Final = frozenset({"investigating", "identified", "monitoring"})
_CLOSED: Final = frozenset({"resolved", "postmortem", "completed", "closed"})
_STARTS: Final = ("started_at", "starts_at", "created_at")
_RUNNING: Final = {"in_progress": True, "verifying": True, "scheduled": False}


def indicator(summary: Row) -> Impact:
    """Return the page's own roll-up. Raises UnreadableError where there is none."""
    status = as_row(summary.get("status"), "no status")
    if "indicator" not in status:
        raise UnreadableError("no indicator")
    return impact_of(IMPACTS, status["indicator"])


def page(summary: Row) -> Row:
    """Return the object that says which page this is. Raises UnreadableError where none does."""
    found = as_row(summary.get("page"), "no page")
    if not identity(found):
        raise UnreadableError("no page id or name")
    return found


def identity(page: Row) -> str:
    """Return what *page* is: its id, else its name and address."""
    return text(page.get("id")) or name_and_url(page.get("name"), page.get("url"))


def components(answer: Row) -> Listing:
    """Return the components without the groups. Raises UnreadableError where there are none."""
    found = as_rows(answer.get("components"), "no components")
    groups = _groups(found)

    def build(row: Row) -> Component:
        id = text(row.get("id")) or text(row.get("name"))
        return Component(
            id=id,
            name=text(row.get("name")) or id,
            status=status_of(STATUSES, row.get("status")),
            group=groups.get(id),
            raw=text(row.get("status")),
        )

    return listed((row for row in found if row.get("group") is not True), build)


def _groups(found: list[Row]) -> dict[str, str]:
    """Return the name of the group that each component stands in, by the component's id."""
    groups = [row for row in found if row.get("group") is True and text(row.get("name"))]
    names = {text(row.get("id")): text(row.get("name")) for row in groups}
    listed_there: dict[str, str] = {}
    for row in groups:
        children = row.get("components")
        for child in children if isinstance(children, list) else []:
            listed_there[text(child)] = text(row.get("name"))
    parents = ((text(row.get("id")), text(row.get("group_id"))) for row in found)
    return listed_there | {id: names[group] for id, group in parents if group in names}


def incidents(found: list[Row]) -> list[Incident]:
    """Return those of *found* that are not closed; a new word for a state leaves one open."""
    return [_incident(row) for row in found if _is_open(row)]


def _is_open(row: Row) -> bool:
    word = text(row.get("status"))
    return word in _OPEN or (word not in _CLOSED and not row.get("resolved_at"))


def _incident(row: Row) -> Incident:
    title = text(row.get("name")) or _first_said(row)
    return Incident(
        id=text(row.get("id")) or title,
        title=title,
        impact=impact_of(IMPACTS, row.get("impact")),
        url=link(row.get("shortlink")),
        started_at=next(filter(None, map(rfc3339, map(row.get, _STARTS))), None),
        updated_at=rfc3339(row.get("updated_at")),
        components=_touched(row),
    )


def _first_said(row: Row) -> str:
    """Return what the oldest update says: Rootly's pages have incidents without a name."""
    updates = rows(row.get("incident_updates"))
    return text(updates[-1].get("body")) if updates else ""


def _touched(row: Row) -> tuple[str, ...]:
    updates = rows(row.get("incident_updates"))
    named = tied(row.get("components"), "id", "name")
    # "code" alone: an update that touches nothing has an object whose name says so.
    return named or next(
        filter(None, (tied(u.get("affected_components"), "code") for u in updates)), ()
    )


def maintenances(found: list[Row], now: Unix) -> list[Maintenance]:
    """Return those of *found* that are not completed; whether one runs is the page's word."""
    return [_maintenance(row, now) for row in found if text(row.get("status")) not in _CLOSED]


def _maintenance(row: Row, now: Unix) -> Maintenance:
    title = text(row.get("name"))
    start = rfc3339(row.get("scheduled_for"))
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=rfc3339(row.get("scheduled_until")),
        running=_RUNNING.get(text(row.get("status")), has_begun(start, now)),
        components=_touched(row),
        url=link(row.get("shortlink")),
    )
