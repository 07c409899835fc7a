"""Azure's RSS: broad incidents that are open now, with service and region as categories.

Only rssfeed.azure.status.microsoft: the older address is routed by place and has been seen empty in an outage.
"""

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
    answer,
    link,
    newest,
    rfc822,
    text,
)
from genmedia_exporter.status_pages.engines._xml import Node, parse

INTERVAL: Final = 120.0

FEED: Final = "https://rssfeed.azure.status.microsoft/en-us/status/feed/"


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the feed, wherever on Azure's pages the address points."""
    return (DocumentRequest("feed", FEED if "azure" in settings.url else settings.url),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read each item as an open incident; what no item names is operational by inference.

    An S3-style error document has no items either, so the root must be a feed. Raises UnreadableError.
    """
    root = parse(answer(documents, "feed").body)
    channel = root.first("channel") if root.name == "rss" else None
    if channel is None:
        raise UnreadableError("no RSS channel")
    incidents = [_incident(item) for item in channel.all("item")]
    touched = {name for incident in incidents for name in incident.components}
    named = dict.fromkeys((*settings.components, *sorted(touched)))
    return PageReading(
        indicator=Impact.MAJOR if incidents else Impact.NONE,
        components=tuple(_component(name, touched) for name in named),
        incidents=newest(incidents),
        identity="azure",
        complete=False,
    )


def _component(name: str, touched: set[str]) -> Component:
    status = ComponentStatus.PARTIAL_OUTAGE if name in touched else ComponentStatus.OPERATIONAL
    return Component(id=name, name=name, status=status)


def _incident(item: Node) -> Incident:
    title = text(item.say("title"))
    return Incident(
        id=text(item.say("guid")) or title,
        title=title,
        impact=Impact.MAJOR,
        url=link(item.say("link")),
        started_at=rfc822(item.say("pubdate")),
        components=tuple(filter(None, (text(found.text) for found in item.all("category")))),
    )
