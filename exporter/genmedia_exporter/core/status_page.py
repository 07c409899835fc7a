"""What a vendor's status page says, on one scale; read by an engine, judged by nobody yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from genmedia_exporter.core.clock import Unix

MAX_INCIDENTS = 1000
"""Open incidents kept of one page, the worst; of more, which lists its history as open, only the count is."""
MAX_MAINTENANCES = 20
"""Maintenances kept of one page: the running, then the next."""
MAX_TEXT = 120
"""Characters of a title or link that are kept."""


class ComponentStatus(StrEnum):
    """How a component is, says its page. An unknown word is never healthy."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class Impact(StrEnum):
    """How bad the whole page, or one incident, is said to be."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


IMPACT_RANKS: Final = (
    Impact.NONE,
    Impact.MAINTENANCE,
    Impact.UNKNOWN,
    Impact.MINOR,
    Impact.MAJOR,
    Impact.CRITICAL,
)
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Component:
    """One row of a page."""

    id: str
    name: str
    status: ComponentStatus
    group: str | None = None  # name of the group it stands in
    raw: str = ""  # the page's own word


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident that is open now."""

    id: str
    title: str  # at most MAX_TEXT characters
    impact: Impact
    url: str = ""
    started_at: Unix | None = None
    updated_at: Unix | None = None
    components: tuple[str, ...] = ()  # ids or names the page ties it to; empty: it does not say


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A maintenance that is announced or running."""

    id: str
    title: str
    start: Unix | None
    end: Unix | None
    running: bool
    components: tuple[str, ...] = ()  # ids or names; empty: the page does not say
    url: str = ""


@dataclass(frozen=True, slots=True)
class PageReading:
    """What one reading of a page gave. Indicator, components and incidents may contradict."""

    indicator: Impact
    components: tuple[Component, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    identity: str = ""  # what page this says it is; a change means we read another one
    updated_at: Unix | None = None  # the page's own word; a hint only
    complete: bool = True  # False: the page lists only a part of its components
    not_kept: Mapping[Impact, int] = field(  # open incidents beyond those that are kept
        default_factory=lambda: MappingProxyType({})
    )


@dataclass(frozen=True, slots=True)
class Document:
    """One answer of a page's host."""

    status: int
    content_type: str
    body: bytes  # decoded, bounded


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """One document an engine wants. `key` is its name within the engine."""

    key: str
    url: str
    required: bool = True  # without it nothing can be read
    fallback: bool = False  # only asked for when the others cannot be read
    body: bytes | None = None  # sent by POST
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What is configured of a page."""

    id: str
    url: str  # without a final slash; may carry a path
    engine: str = "auto"
    components: tuple[str, ...] = ()  # ids or names that must be listed; empty: all
    products: tuple[str, ...] = ()  # google_cloud: product ids
    interval: float | None = None  # seconds between two readings; None: the engine's own


class UnreadableError(Exception):
    """The page's answers are not what its engine reads. `reason` is short, for metrics' HELP and logs."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class PageReport:
    """What is known of a page now: the last good reading and whether it still can be read."""

    settings: PageSettings
    engine: str = "auto"  # the one that reads it, once detected
    readable: bool = False
    problem: str = "not read yet"
    reading: PageReading | None = None  # the last good one, however old
    read_at: Unix | None = None  # of the last good reading
    stranger: tuple[str, Unix] | None = None  # another identity that answers, and since when
    listed: Mapping[str, Component | None] = field(  # configured component -> what is listed for it
        default_factory=lambda: MappingProxyType({})
    )
