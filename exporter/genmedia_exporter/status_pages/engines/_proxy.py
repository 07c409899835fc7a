"""incident.io's native summary, as a page's own traffic has it: the only one with groups and all components."""

from __future__ import annotations

from collections.abc import Mapping

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    PageReading,
)
from genmedia_exporter.status_pages.engines import _widget
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    as_rows,
    indicator_of,
    listed,
    rows,
    status_of,
    text,
    worst_impact,
)
from genmedia_exporter.status_pages.engines._v2 import STATUSES


def reading(answer: Row, now: Unix) -> PageReading:
    """Return what the summary says. Raises UnreadableError."""
    summary = as_row(answer.get("summary"), "no summary")
    parts = as_rows(summary.get("components"), "no components")
    groups, hidden = _structure(summary)
    affected = {
        text(r.get("component_id")): text(r.get("status"))
        for r in rows(summary.get("affected_components"))
    }
    shown = [row for row in parts if text(row.get("id")) not in hidden]
    listing = listed(shown, lambda row: _component(row, groups, affected))
    open_ones = [_tied(row) for row in rows(summary.get("ongoing_incidents"))]
    planned = {
        key: [_tied(row) for row in rows(summary.get(key))]
        for key in ("in_progress_maintenances", "scheduled_maintenances")
    }
    found = _widget.reading({**planned, "ongoing_incidents": open_ones}, now)
    return PageReading(
        indicator=worst_impact([found.indicator, indicator_of(listing.components)]),
        components=listing.components,
        incidents=found.incidents,
        maintenances=found.maintenances,
        identity=text(summary.get("id")) or text(summary.get("name")),
        complete=listing.complete,
    )


def _structure(summary: Row) -> tuple[dict[str, str], set[str]]:
    """Return the group of each component, and those that are retired but still there."""
    groups: dict[str, str] = {}
    hidden: set[str] = set()
    structure = summary.get("structure")
    for item in rows(structure.get("items")) if isinstance(structure, dict) else []:
        group, alone = item.get("group"), item.get("component")
        inner = rows(group.get("components")) if isinstance(group, dict) else []
        for row in [*inner, *([alone] if isinstance(alone, dict) else [])]:
            id = text(row.get("component_id"))
            if isinstance(group, dict):
                groups[id] = text(group.get("name"))
            if row.get("hidden") is True or (
                isinstance(group, dict) and group.get("hidden") is True
            ):
                hidden.add(id)
    return groups, hidden


def _component(row: Row, groups: Mapping[str, str], affected: Mapping[str, str]) -> Component:
    id = text(row.get("id"))
    word = affected.get(id, "operational")
    return Component(
        id=id,
        name=text(row.get("name")) or id,
        status=status_of(STATUSES, word),
        group=groups.get(id) or None,
        raw=word,
    )


def _tied(row: Row) -> Row:
    """Return an event whose components have their ids where the widget has them."""
    named = [{"id": r.get("component_id")} for r in rows(row.get("affected_components"))]
    return {**row, "affected_components": named}
