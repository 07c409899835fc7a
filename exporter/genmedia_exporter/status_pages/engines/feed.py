"""RSS and Atom, for pages with nothing better: open incidents, told by the words of their items.

A feed lists no components and grades nothing, so impacts are unknown. The page's address is the
feed's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
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
    answer,
    link,
    name_and_url,
    newest,
    pending,
    rfc822,
    rfc3339,
    text,
)
from genmedia_exporter.status_pages.engines._prose import State, says_closed, state_of, subject_of
from genmedia_exporter.status_pages.engines._xml import Node, parse

INTERVAL: Final = 300.0


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed: an incident, or one update of it."""

    key: str  # the same for all updates of an incident, as far as the feed tells
    title: str
    state: State
    url: str
    at: Unix | None  # of its publication, which is not the start


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, its items in its own order."""

    identity: str
    updated_at: Unix | None
    items: tuple[Item, ...]


def documents(settings: PageSettings) -> tuple[DocumentRequest, ...]:
    """Return the feed, which is what the page's address has to be."""
    return (DocumentRequest("feed", settings.url),)


def read(documents: Mapping[str, Document], settings: PageSettings, now: Unix) -> PageReading:
    """Read what the newest item of each incident says. Raises UnreadableError."""
    feed = _feed(parse(answer(documents, "feed").body))
    current = _current(feed.items)
    incidents = newest(_incident(item) for item in current if item.state is State.OPEN)
    return PageReading(
        indicator=Impact.UNKNOWN if incidents else Impact.NONE,
        incidents=incidents,
        maintenances=pending(map(_maintenance, filter(_is_planned, current)), now),
        identity=feed.identity,
        updated_at=feed.updated_at,
        complete=False,
    )


def _feed(root: Node) -> Feed:
    if root.name == "feed":
        return _atom(root)
    channel = root.first("channel") if root.name == "rss" else None
    if channel is None:
        raise UnreadableError("not a feed")
    return _rss(channel)


def _rss(channel: Node) -> Feed:
    home = channel.say("link")
    items = [
        _item(item, item.say("guid"), item.say("link"), home, rfc822(item.say("pubdate")))
        for item in channel.all("item")
    ]
    return Feed(
        identity=name_and_url(channel.say("title"), home),
        updated_at=rfc822(channel.say("lastbuilddate")) or rfc822(channel.say("pubdate")),
        items=tuple(items),
    )


def _atom(root: Node) -> Feed:
    home = _href(root)
    items = [
        _item(
            entry, entry.say("id"), _href(entry), home, rfc3339(entry.say("updated", "published"))
        )
        for entry in root.all("entry")
    ]
    return Feed(
        identity=text(root.say("id")) or name_and_url(root.say("title"), home),
        updated_at=rfc3339(root.say("updated")),
        items=tuple(items),
    )


def _href(node: Node) -> str:
    links = [
        a.attributes for a in node.all("link") if a.attributes.get("rel") in (None, "alternate")
    ]
    return links[0].get("href", "") if links else ""


def _item(node: Node, guid: str, address: str, home: str, at: Unix | None) -> Item:
    title = text(node.say("title"))
    own_page = _leads_beyond(address, home)
    return Item(
        # Some feeds give each update a guid of its own, others a link to the front page.
        key=text(address if own_page else guid) or title,
        title=title,
        state=state_of(title, node.say("description", "content", "summary")),
        url=link(address) if own_page else "",
        at=at,
    )


def _leads_beyond(address: str, home: str) -> bool:
    try:
        path = urlsplit(address).path
    except ValueError:
        return False
    return bool(path.strip("/")) and address.rstrip("/") != home.rstrip("/")


def _current(items: tuple[Item, ...]) -> list[Item]:
    """Return the newest item of each incident, without those that are over.

    Items belong together by their key, and by their subject where a title tells the end of it:
    "Video went down" and "Video recovered" may have nothing else in common.
    """
    current: list[Item] = []
    keys: set[str] = set()
    ended: set[str] = set()
    for item in _newest_first(items):
        subject = subject_of(item.title)
        superseded = item.key in keys or subject in ended
        keys.add(item.key)
        if says_closed(item.title):
            ended.add(subject)
        if not superseded and item.state is not State.CLOSED:
            current.append(item)
    return current


def _newest_first(items: tuple[Item, ...]) -> list[Item]:
    if any(item.at is None for item in items):
        return list(items)  # feeds begin with their newest item
    return sorted(items, key=lambda item: item.at or 0.0, reverse=True)


def _is_planned(item: Item) -> bool:
    return item.state in (State.PLANNED, State.RUNNING)


def _incident(item: Item) -> Incident:
    return Incident(item.key, item.title, Impact.UNKNOWN, url=item.url, updated_at=item.at)


def _maintenance(item: Item) -> Maintenance:
    return Maintenance(
        id=item.key,
        title=item.title,
        start=None,
        end=None,
        running=item.state is State.RUNNING,
        url=item.url,
    )
