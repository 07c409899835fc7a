"""The samples of open incidents: a pure function of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics.exposition import (
    Block,
    Family,
    Format,
    Kind,
    Shows,
    Writer,
    everything,
    join,
)

INFO: Final = Family(
    "genmedia_incident_info",
    Kind.INFO,
    "1 while the incident is open; scope is vendor, account or network.",
    ("incident", "vendor", "scope", "reason", "fault"),
)
START: Final = Family(
    "genmedia_incident_start_timestamp_seconds",
    Kind.GAUGE,
    "When the first target of an open incident broke, in Unix seconds.",
    ("incident",),
)
TARGETS: Final = Family(
    "genmedia_incident_targets",
    Kind.GAUGE,
    "Targets that an open incident has hit so far.",
    ("incident",),
)
INCIDENT_FAMILIES: Final = (INFO, START, TARGETS)
"""What each open incident has samples of."""
MOST: Final = 100
"""Open incidents that are told; more is a world in which nobody counts them."""


def render_incidents(
    incidents: Iterable[Incident], form: Format, shows: Shows = everything
) -> bytes:
    """Return the samples of those of *incidents* that are open."""
    blocks = [_block(each) for each in islice((i for i in incidents if i.open), MOST)]
    return join(INCIDENT_FAMILIES, blocks, form, shows) if blocks else b""


def _block(incident: Incident) -> Block:
    writer = Writer(INCIDENT_FAMILIES, incident.id)
    reason, fault = incident.cause
    writer.add(INFO, 1, incident.vendor, incident.domain.scope, reason, fault)
    writer.add(START, incident.begin)
    writer.add(TARGETS, incident.count)
    return writer.block()
