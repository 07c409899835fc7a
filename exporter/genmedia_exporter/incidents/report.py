"""Incidents as JSON: the objects of `/api/v1/incidents`."""

from __future__ import annotations

from typing import Any

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.incidents.model import Event, Exhibit, Incident, Member, Scope
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.report.targets import rounded
from genmedia_exporter.words.language import plural, say


def incident_summary(incident: Incident) -> dict[str, Any]:
    """Return what a list says of *incident*."""
    reason, fault = incident.cause
    page = incident.page
    return {
        "id": incident.id,
        "scope": incident.domain.scope,
        "vendor": incident.vendor or None,
        "account": incident.domain.name if incident.domain.scope is Scope.ACCOUNT else None,
        "title": title(incident),
        "phase": incident.phase,
        "open": incident.open,
        "begin": iso(incident.begin),
        "end": _iso(incident.end),
        "closed_at": _iso(incident.closed_at),
        "reason": reason,
        "fault": fault,
        "targets_hit": incident.count,
        "targets_broken": len(incident.broken),
        "targets": [member.name for member in incident.members.values()],
        "page": None
        if page is None
        else {
            "id": page.page,
            "component": page.component,
            "url": page.url,
            "status": page.status or None,
            "title": page.title or None,
            "reported_at": _iso(page.at),
            "lead_seconds": None if incident.lead is None else round(incident.lead, 3),
        },
        "instead": [
            {"operation": one.operation, "family": one.family, "target": one.target}
            for one in incident.substitutes
        ],
        "cost_usd": rounded(incident.cost_usd),
    }


def incident_object(incident: Incident) -> dict[str, Any]:
    """Return everything about *incident*: each target, the story, the evidence."""
    return {
        **incident_summary(incident),
        "members": [_member(member) for member in incident.members.values()],
        "events": [_event(event) for event in incident.events],
        "evidence": [_exhibit(exhibit) for exhibit in incident.exhibits],
    }


def title(incident: Incident) -> str:
    """Return one line that says what it is: "sora.example: 3 targets, internal server error"."""
    if incident.domain.scope is Scope.NETWORK:
        return say("our own network is in doubt: {targets}", targets=targets(incident.count))
    reason, _ = incident.cause
    cause = lowered(say(reason.meaning.text))
    return say(
        "{who}: {targets}, {cause}", who=who(incident), targets=targets(incident.count), cause=cause
    )


def who(incident: Incident) -> str:
    """Return what the targets have in common: a vendor, "account x", "our network"."""
    scope = incident.domain.scope
    if scope is Scope.NETWORK:
        return say("our network")
    named = scope is Scope.ACCOUNT
    return say("account {name}", name=incident.domain.name) if named else incident.vendor


def targets(count: int) -> str:
    """Return "1 target", "2 targets"."""
    return plural(count, "{n} target", "{n} targets")


def lowered(sentence: str) -> str:
    """Return a sentence as a part of another one."""
    inner = sentence.rstrip(".。")
    return inner[:1].lower() + inner[1:] if inner[1:2].islower() else inner


def lasted(incident: Incident, now: Unix) -> float:
    """Return for how many seconds it has lasted at *now*, or did."""
    return max(0.0, (incident.end or now) - incident.begin)


def _member(member: Member) -> dict[str, Any]:
    return {
        "name": member.name,
        "status": member.status,
        "reason": member.reason,
        "fault": member.fault,
        "since": iso(member.since),
        "until": _iso(member.until),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": iso(event.at),
        "target": event.target or None,
        "status": event.status,
        "text": event.text,
    }


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "target": exhibit.target,
        "probe": exhibit.id,
        "at": iso(exhibit.at),
        "depth": exhibit.depth,
        "method": exhibit.method,
        "url": exhibit.url,
        "http_status_code": exhibit.http_status or None,
        "request_id": exhibit.request_id or None,
        "body": exhibit.body,
        "reason": exhibit.reason,
        "rule": exhibit.rule,
        "message": exhibit.message,
    }


def _iso(at: Unix | None) -> str | None:
    return None if at is None else iso(at)
