"""cState: the static `/index.json` with systems and pinned issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Document,
    DocumentRequest,
    Impact,
    Incident,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    as_rows,
    impact_of,
    link,
    listed,
    load,
    name_and_url,
    newest,
    rfc3339,
    rows,
    status_of,
    text,
)

INTERVAL: Final = 120.0

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "ok": ComponentStatus.OPERATIONAL,
    "notice": ComponentStatus.OPERATIONAL,  # something is told, nothing is wrong
    "disrupted": ComponentStatus.PARTIAL_OUTAGE,
    "down": ComponentStatus.MAJOR_OUTAGE,
}
_IMPACTS: Final[Mapping[str, Impact]] = {
    "ok": Impact.NONE,
    "notice": Impact.MINOR,
    "disrupted": Impact.MAJOR,
    "down": Impact.CRITICAL,
}


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the one document there is."""
    return (DocumentRequest("index", f"{settings.url}/index.json"),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read systems as components, categories as their groups, unresolved issues as incidents.

    Raises UnreadableError.
    """
    index = as_row(load(documents, "index"), "no status page")
    if "summaryStatus" not in index:
        raise UnreadableError("no summaryStatus")
    systems = as_rows(index.get("systems"), "no list of systems")
    listing = listed(systems, _component)
    return PageReading(
        indicator=impact_of(_IMPACTS, index["summaryStatus"]),
        components=listing.components,
        incidents=newest(_issues(index, systems)),
        identity=name_and_url(index.get("title"), index.get("baseURL")),
        complete=listing.complete,
    )


def _component(row: Row) -> Component:
    name = text(row.get("name"))
    return Component(
        id=name,
        name=name,
        status=status_of(_STATUSES, row.get("status")),
        group=text(row.get("category")) or None,
        raw=text(row.get("status")),
    )


def _issues(index: Row, systems: list[Row]) -> list[Incident]:
    found = rows(index.get("pinnedIssues"))
    found += [issue for system in systems for issue in rows(system.get("unresolvedIssues"))]
    return [_incident(issue) for issue in found if not _is_over(issue)]


def _is_over(issue: Row) -> bool:
    over = issue.get("resolved") in (True, "true")
    return over or issue.get("informational") in (True, "true")


def _incident(issue: Row) -> Incident:
    title, named = text(issue.get("title")), issue.get("affected")
    affected = [text(name) for name in named] if isinstance(named, list) else []
    return Incident(
        id=text(issue.get("filename")) or text(issue.get("permalink")) or title,
        title=title,
        impact=impact_of(_IMPACTS, issue.get("severity")),
        url=link(issue.get("permalink")),
        started_at=rfc3339(issue.get("createdAt")),
        updated_at=rfc3339(issue.get("lastMod")),
        components=tuple(name for name in affected if name),
    )
