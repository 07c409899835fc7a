"""What we know in the format of Atlassian Statuspage (`/api/v2`), so that its clients can read us."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.incidents.model import Event, Incident, Phase, Scope
from genmedia_exporter.incidents.report import title
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.targets.model import MaintenanceWindow

SHOWN: Final = 50
"""Incidents of `/api/v2/incidents.json`, as on a Statuspage."""
UPDATES: Final = 25
"""Updates of one incident, the newest."""
PAGE_ID: Final = "genmedia-exporter"

WORDS: Final[Mapping[Status, str]] = {
    # Statuspage has no word for what nobody knows: never healthy without proof.
    Status.UNKNOWN: "degraded_performance",
    Status.OPERATIONAL: "operational",
    Status.DEGRADED: "degraded_performance",
    Status.RATE_LIMITED: "partial_outage",
    Status.RISK_CONTROL: "partial_outage",
    Status.MAINTENANCE: "under_maintenance",
    Status.DOWN: "major_outage",
    Status.SUSPENDED: "major_outage",
    Status.RETIRED: "major_outage",
    Status.AUTH_ERROR: "major_outage",
    Status.QUOTA_EXHAUSTED: "major_outage",
}
_DESCRIPTIONS: Final[Mapping[str, str]] = {
    "none": "All Systems Operational",
    "minor": "Minor Service Outage",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}

VIEWS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "status": ("status", frozenset()),
    "components": ("components", frozenset()),
    "incidents/unresolved": ("incidents", frozenset()),
    "scheduled-maintenances": ("scheduled_maintenances", frozenset({"scheduled", "in_progress"})),
    "scheduled-maintenances/upcoming": ("scheduled_maintenances", frozenset({"scheduled"})),
    "scheduled-maintenances/active": ("scheduled_maintenances", frozenset({"in_progress"})),
}
"""Documents that have one part of the summary, by their path: its name, and which statuses of it."""

Json = dict[str, Any]
Windows = Mapping[str, Sequence[MaintenanceWindow]]


def summary(
    snapshot: Snapshot, incidents: Iterable[Incident], windows: Windows, now: Unix, url: str
) -> Json:
    """Return `/api/v2/summary.json`; *url* is where people reach us, "" where that is not known."""
    known = [incident for incident in incidents if incident.open]
    places = {name: number for number, name in enumerate(snapshot.targets, 1)}
    indicator = _indicator(snapshot.targets.values())
    return {
        "page": _page(snapshot, known, url),
        "components": [_component(s, places[n]) for n, s in snapshot.targets.items()],
        "incidents": [_incident(incident, snapshot, url) for incident in known],
        "scheduled_maintenances": list(_maintenances(windows, snapshot, now, url)),
        "status": {"indicator": indicator, "description": _DESCRIPTIONS[indicator]},
    }


def view(whole: Json, name: str) -> Json:
    """Return the part of a summary that the document *name* of VIEWS has."""
    key, statuses = VIEWS[name]
    part = whole[key]
    if statuses:
        part = [one for one in part if one["status"] in statuses]
    return {"page": whole["page"], key: part}


def incident_list(snapshot: Snapshot, incidents: Sequence[Incident], url: str) -> Json:
    """Return `/api/v2/incidents.json`: the newest incidents, open or not."""
    newest = sorted(incidents, key=lambda incident: -float(incident.begin))[:SHOWN]
    return {
        "page": _page(snapshot, newest, url),
        "incidents": [_incident(incident, snapshot, url) for incident in newest],
    }


def updated_at(snapshot: Snapshot, incidents: Iterable[Incident]) -> Unix:
    """Return when anything of it last changed."""
    states = (state.since for state in snapshot.targets.values())
    return max((*states, *map(changed_at, incidents)), default=Unix(0.0))


def changed_at(incident: Incident) -> Unix:
    """Return when an incident last changed, as far as it is told."""
    told = (event.at for event in incident.events)
    return max((incident.begin, *told, incident.closed_at or incident.begin))


def _page(snapshot: Snapshot, incidents: Iterable[Incident], url: str) -> Json:
    return {
        "id": PAGE_ID,
        "name": "genmedia-exporter",
        "url": url,
        "time_zone": "Etc/UTC",
        "updated_at": iso(updated_at(snapshot, incidents)),
    }


def _indicator(states: Iterable[TargetState]) -> str:
    words = [WORDS[state.now.status] for state in states]
    if 2 * words.count("major_outage") > len(words):
        return "critical"
    if {"major_outage", "partial_outage"} & set(words):
        return "major"
    if "degraded_performance" in words:
        return "minor"
    return "maintenance" if "under_maintenance" in words else "none"


def component_id(name: str) -> str:
    """Return the id of a target's component: by its name alone."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]


def _component(state: TargetState, position: int) -> Json:
    target, now = state.target, state.now
    said = f"{now.status}: {now.reason.meaning.text}"
    what = (target.provider.title, target.model or target.path, target.channel)
    return {
        "id": component_id(target.name),
        "name": target.name,
        "status": WORDS[now.status],
        "created_at": iso(state.added_at),
        "updated_at": iso(state.since),
        "position": position,
        "description": f"{', '.join(filter(None, what))}. {said}",
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": PAGE_ID,
        "group": False,
        "only_show_if_degraded": False,
    }


def _incident(incident: Incident, snapshot: Snapshot, url: str) -> Json:
    named = [snapshot.targets[name] for name in incident.members if name in snapshot.targets]
    places = {name: number for number, name in enumerate(snapshot.targets, 1)}
    components = [_component(state, places[state.target.name]) for state in named]
    end, closed = incident.end, incident.closed_at
    return {
        "id": incident.id,
        "name": title(incident),
        "status": incident.phase,
        "created_at": iso(incident.begin),
        "updated_at": iso(changed_at(incident)),
        "monitoring_at": None if end is None else iso(end),
        "resolved_at": None if closed is None else iso(closed),
        "impact": "major" if incident.domain.scope is Scope.VENDOR else "minor",
        "shortlink": link(incident, url),
        "started_at": iso(incident.begin),
        "page_id": PAGE_ID,
        "incident_updates": list(_updates(incident, components)),
        "components": components,
        "reminder_intervals": None,
    }


def link(incident: Incident, url: str) -> str:
    """Return the address of an incident's page; a path where ours is not known."""
    return f"{url.rstrip('/')}/incidents/{incident.id}"


def _updates(incident: Incident, components: Sequence[Json]) -> Iterator[Json]:
    """Yield the story, newest first."""
    touched = [{"code": c["id"], "name": c["name"], "new_status": c["status"]} for c in components]
    if incident.closed_at is not None:
        yield _update(incident, incident.closed_at, "No target has been broken since.", touched)
    newest = list(reversed(incident.events))[:UPDATES]
    for event in newest:
        yield _update(incident, event.at, _body(event), touched)


def _update(incident: Incident, at: Unix, text: str, touched: Sequence[Json]) -> Json:
    end = incident.end
    monitored = end is not None and at >= end
    phase = Phase.MONITORING if monitored else Phase.INVESTIGATING
    if incident.closed_at is not None and at >= incident.closed_at:
        phase = Phase.RESOLVED
    digest = hashlib.sha256(f"{incident.id}\n{float(at):.3f}\n{text}".encode("utf-8", "replace"))
    return {
        "id": digest.hexdigest()[:12],
        "status": phase,
        "body": text,
        "incident_id": incident.id,
        "created_at": iso(at),
        "updated_at": iso(at),
        "display_at": iso(at),
        "affected_components": touched,
        "deliver_notifications": False,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _body(event: Event) -> str:
    return event.text if not event.target else f"{event.target}: {event.status or ''} {event.text}"


def _maintenances(windows: Windows, snapshot: Snapshot, now: Unix, url: str) -> Iterator[Json]:
    together: dict[MaintenanceWindow, list[str]] = {}
    for name, planned in windows.items():
        for window in planned:
            if window.end > now and name in snapshot.targets:
                together.setdefault(window, []).append(name)
    places = {name: number for number, name in enumerate(snapshot.targets, 1)}
    for window, names in sorted(together.items(), key=lambda pair: pair[0].start):
        digest = hashlib.sha256(f"{window}{sorted(names)}".encode("utf-8", "replace"))
        yield {
            "id": digest.hexdigest()[:12],
            "name": window.reason or "Maintenance",
            "status": "in_progress" if window.covers(now) else "scheduled",
            "created_at": iso(window.start),
            "updated_at": iso(window.start),
            "monitoring_at": None,
            "resolved_at": None,
            "impact": "maintenance",
            "shortlink": url,
            "started_at": iso(window.start),
            "page_id": PAGE_ID,
            "scheduled_for": iso(window.start),
            "scheduled_until": iso(window.end),
            "incident_updates": [],
            "components": [_component(snapshot.targets[n], places[n]) for n in names],
        }
