"""Incidents as storage keeps them: a row, the greater part of it JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Operation, Status
from genmedia_exporter.incidents.model import (
    Domain,
    Event,
    Exhibit,
    Incident,
    Member,
    PageNote,
    Scope,
    Substitute,
)

Row = dict[str, Any]

UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError)
"""What `incident_of` raises for a row of another version, or a broken one."""


def row_of(incident: Incident) -> Row:
    """Return *incident* as a row of its table."""
    domain = incident.domain
    return {
        "id": incident.id,
        "open_key": domain.key if incident.open else None,
        "scope": domain.scope.value,
        "name": domain.name,
        "vendor": incident.vendor,
        "begin_at": incident.begin,
        "closed_at": incident.closed_at,
        "data": _data(incident),
    }


def _data(incident: Incident) -> str:
    document = {
        "members": [asdict(member) for member in incident.members.values()],
        "events": [asdict(event) for event in incident.events],
        "page": asdict(incident.page) if incident.page else None,
        "cost_usd": incident.cost_usd,
        "exhibits": [asdict(exhibit) for exhibit in incident.exhibits],
        "substitutes": [asdict(one) for one in incident.substitutes],
        "dropped": incident.dropped,
        "seen_usd": dict(incident.seen_usd),
    }
    return json.dumps(document).replace("\\u0000", "")  # PostgreSQL takes no NUL in a text


def incident_of(row: Mapping[Any, Any]) -> Incident:
    """Return what `row_of` kept. Raises what is in UNREADABLE."""
    data = json.loads(row["data"])
    members = {said["name"]: _member(said) for said in data["members"]}
    return Incident(
        id=row["id"],
        domain=Domain(Scope(row["scope"]), row["name"]),
        vendor=row["vendor"],
        begin=row["begin_at"],
        members=MappingProxyType(members),
        closed_at=row["closed_at"],
        events=tuple(_event(said) for said in data["events"]),
        page=PageNote(**data["page"]) if data["page"] else None,
        cost_usd=float(data["cost_usd"]),
        exhibits=tuple(_exhibit(said) for said in data["exhibits"]),
        substitutes=tuple(_substitute(said) for said in data["substitutes"]),
        dropped=int(data["dropped"]),
        seen_usd=MappingProxyType(dict(data["seen_usd"])),
    )


def _member(said: Mapping[str, Any]) -> Member:
    return Member(
        said["name"],
        Status(said["status"]),
        _reason(said["reason"]),
        Fault(said["fault"]),
        Unix(said["since"]),
        said["until"],
        said["lost_at"],
    )


def _event(said: Mapping[str, Any]) -> Event:
    status = said["status"]
    return Event(said["at"], said["target"], said["text"], Status(status) if status else None)


def _exhibit(said: Mapping[str, Any]) -> Exhibit:
    return Exhibit(**{**said, "reason": _reason(said["reason"])})


def _substitute(said: Mapping[str, Any]) -> Substitute:
    return Substitute(Operation(said["operation"]), said["family"], said["target"])


def _reason(word: str) -> Reason:
    """Return a reason; one of another version is no evidence."""
    return Reason(word) if word in {reason.value for reason in Reason} else Reason.NO_EVIDENCE
