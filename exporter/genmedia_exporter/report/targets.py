"""Targets and status pages as JSON: the objects of `/api/v1/status` and of `check --format json`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    ComponentStatus,
    Impact,
    Incident,
    Maintenance,
    PageReport,
)
from genmedia_exporter.health.state import SOURCES, Attempt, TargetState
from genmedia_exporter.health.uptime import WINDOWS, Uptime
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.status_pages.report import (
    open_incidents,
    shown_components,
    shown_incidents,
)


class PastFigures(NamedTuple):
    """What history says of a target in figures."""

    uptimes: Mapping[str, Uptime]  # by window
    stars: int  # 0 while not enough is known for a judgement


NO_FIGURES: Final = PastFigures(MappingProxyType({}), 0)
NO_HISTORY: Final[Mapping[str, PastFigures]] = MappingProxyType({})


def target_object(state: TargetState, figures: PastFigures = NO_FIGURES) -> dict[str, Any]:
    """Return one target as `/api/v1/status` and `check --format json` show it."""
    target, now = state.target, state.now
    uptimes, stars = figures
    return {
        "name": target.name,
        "provider": target.provider.name,
        "account": target.account.name,
        "channel": target.channel,
        "model": target.model,
        "operation": target.operation,
        "status": now.status,
        "status_code": now.status.code,
        "previous_status": state.previous_status,
        "since": iso(state.since),
        "up": now.up,
        "fault": now.fault,
        "reason": now.reason,
        "message": now.message,
        "depths": _depths(state),
        "evidence": [source for source in SOURCES if source in state.sources],
        "uptime": {window: _ratio(uptimes.get(window)) for window in WINDOWS},
        "uptime_known": {window: _share(uptimes.get(window)) for window in WINDOWS},
        "stability": stars,
        "price": target.price.model_dump(exclude_none=True) if target.price else None,
        "retires_at": _iso(state.retires_at),
        "successor": target.successor,
    }


def _ratio(uptime: Uptime | None) -> float | None:
    ratio = uptime.ratio if uptime else None
    return None if ratio is None else round(ratio, 6)


def _share(uptime: Uptime | None) -> float:
    return round(uptime.share, 6) if uptime else 0.0


def page_object(report: PageReport) -> dict[str, Any]:
    """Return one status page as `/api/v1/status` shows it: its last good reading, and its age."""
    reading = report.reading
    shown = shown_components(report).items()
    return {
        "id": report.settings.id,
        "url": report.settings.url,
        "engine": report.engine,
        "readable": report.readable,
        "problem": report.problem or None,
        "read_at": _iso(report.read_at),
        "indicator": reading.indicator if reading else Impact.UNKNOWN,
        "components": {n: c.status if c else ComponentStatus.UNKNOWN for n, c in shown},
        "incidents": [_incident(i) for i in shown_incidents(reading)] if reading else [],
        "incidents_open": sum(open_incidents(reading).values()) if reading else 0,
        "maintenances": [_maintenance(m) for m in reading.maintenances] if reading else [],
    }


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": incident.title,
        "impact": incident.impact,
        "url": incident.url,
        "started_at": _iso(incident.started_at),
        "components": list(incident.components),
    }


def _maintenance(maintenance: Maintenance) -> dict[str, Any]:
    return {
        "id": maintenance.id,
        "title": maintenance.title,
        "start": _iso(maintenance.start),
        "end": _iso(maintenance.end),
        "running": maintenance.running,
        "components": list(maintenance.components),
    }


def _depths(state: TargetState) -> dict[str, Any]:
    known = ((d, state.depths.get(d)) for d in state.target.depths)
    return {d: _attempt(s.last) for d, s in known if s is not None and s.last is not None}


def _attempt(last: Attempt) -> dict[str, Any]:
    return {
        "success": last.verdict.success,
        "outcome": last.verdict.outcome,
        "at": iso(last.at),
        "duration_seconds": rounded(last.duration),
        "http_status_code": last.http_status,
    }


def rounded(number: float | None) -> float | None:
    """Return US dollars or seconds to a millionth; None stays None."""
    return None if number is None else round(number, 6)  # a sum of floats has a tail


def _iso(at: Unix | None) -> str | None:
    return None if at is None else iso(at)
