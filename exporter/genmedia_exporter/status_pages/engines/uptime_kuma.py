"""Uptime Kuma: a status page by its slug, and the heartbeats of its monitors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Document,
    DocumentRequest,
    Impact,
    Incident,
    Maintenance,
    PageReading,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import (
    Row,
    as_row,
    as_rows,
    has_begun,
    indicator_of,
    listed,
    load,
    name_and_url,
    newest,
    optional_rows,
    pending,
    rfc3339,
    rows,
    status_of,
    text,
)
from genmedia_exporter.status_pages.engines._stale import has_stopped

INTERVAL: Final = 60.0  # how long the server itself caches the heartbeats

_STATUSES: Final[Mapping[str, ComponentStatus]] = {
    "0": ComponentStatus.MAJOR_OUTAGE,
    "1": ComponentStatus.OPERATIONAL,
    "2": ComponentStatus.DEGRADED,
    "3": ComponentStatus.MAINTENANCE,
}
_RUNNING: Final = {"under-maintenance": True, "scheduled": False}
_OVER: Final = frozenset({"ended", "inactive"})
_DEFAULT_SLUG: Final = "default"


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return page and heartbeats of the slug that the address names after /status/."""
    base, slug = split_slug(settings.url)
    return (
        DocumentRequest("page", f"{base}/api/status-page/{slug}"),
        DocumentRequest("heartbeat", f"{base}/api/status-page/heartbeat/{slug}"),
    )


def split_slug(url: str) -> tuple[str, str]:
    """Return the server's address and the slug of https://host/status/SLUG."""
    parts = urlsplit(url)
    before, found, after = parts.path.rpartition("/status/")
    slug = after.partition("/")[0]
    base = before if found else parts.path.removesuffix("/status")
    return f"{parts.scheme}://{parts.netloc}{base}".rstrip("/"), slug or _DEFAULT_SLUG


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read the monitors with their newest heartbeats. Raises UnreadableError.

    The page has no word for its whole: the indicator is what its monitors come to.
    """
    page = as_row(load(documents, "page"), "no status page")
    beats = as_row(load(documents, "heartbeat"), "no heartbeats")
    config = as_row(page.get("config"), "no config")
    lasts = as_row(beats.get("heartbeatList"), "no heartbeats")
    monitors = [
        {**monitor, "group": group.get("name")}
        for group in as_rows(page.get("publicGroupList"), "no list of monitors")
        for monitor in rows(group.get("monitorList"))
    ]
    listing = listed(monitors, lambda row: _component(row, lasts, now))
    return PageReading(
        indicator=indicator_of(listing.components),
        components=listing.components,
        incidents=newest(_incident(row) for row in _pinned(page)),
        maintenances=pending(_maintenances(page, now), now),
        identity=name_and_url(config.get("title"), config.get("slug")),
        complete=listing.complete,
    )


def _component(row: Row, lasts: Row, now: Unix) -> Component:
    id = text(row.get("id"))
    beats = rows(lasts.get(id))
    raw = text(beats[-1].get("status")) if beats else ""
    stopped = has_stopped((rfc3339(beat.get("time")) for beat in beats), now)
    return Component(
        id=id,
        name=text(row.get("name")) or id,
        status=ComponentStatus.UNKNOWN if stopped else status_of(_STATUSES, raw),
        group=text(row.get("group")) or None,
        raw=raw,
    )


def _pinned(page: Row) -> list[Row]:
    """Return the incidents; up to 2.0.0 there was one, or null, under a name in the singular."""
    if "incidents" not in page and "incident" not in page:
        raise UnreadableError("no list of incidents")
    found = optional_rows(page, "incidents") or rows([page.get("incident")])
    return [row for row in found if row.get("active") not in (False, 0)]


def _incident(row: Row) -> Incident:
    title = text(row.get("title"))
    return Incident(
        id=text(row.get("id")) or title,
        title=title,
        impact=Impact.UNKNOWN,  # its style is a colour
        started_at=rfc3339(row.get("createdDate")),
        updated_at=rfc3339(row.get("lastUpdatedDate")),
    )


def _maintenances(page: Row, now: Unix) -> list[Maintenance]:
    found = optional_rows(page, "maintenanceList")
    return [_maintenance(row, now) for row in found if text(row.get("status")) not in _OVER]


def _maintenance(row: Row, now: Unix) -> Maintenance:
    title = text(row.get("title"))
    start, end = _slot(row, now)
    return Maintenance(
        id=text(row.get("id")) or title,
        title=title,
        start=start,
        end=end,
        running=_RUNNING.get(text(row.get("status")), has_begun(start, now)),
    )


def _slot(row: Row, now: Unix) -> tuple[Unix | None, Unix | None]:
    """Return the first window that is not over, else the last; their times lack the zone."""
    zone = text(row.get("timezoneOffset"))
    slots = [
        (_local(slot.get("startDate"), zone), _local(slot.get("endDate"), zone))
        for slot in rows(row.get("timeslotList"))
    ]
    left = (slot for slot in slots if slot[1] is None or slot[1] > now)
    return next(left, slots[-1] if slots else (None, None))


def _local(value: object, zone: str) -> Unix | None:
    moment = text(value)
    return rfc3339(moment) if moment.endswith("Z") else rfc3339(moment + zone) or rfc3339(moment)
