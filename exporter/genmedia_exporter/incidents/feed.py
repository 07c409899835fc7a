"""Atom feeds (RFC 4287) of incidents, and of one target's changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.incidents.report import title
from genmedia_exporter.incidents.statuspage import changed_at
from genmedia_exporter.report.formatting import absolute, iso

SHOWN: Final = 50
"""Entries of one feed, the newest."""
URN: Final = "urn:genmedia-exporter"
"""What the ids of feeds and entries begin with."""
ATOM: Final = "http://www.w3.org/2005/Atom"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; texts only."""

    id: str
    title: str
    link: str
    published: Unix
    updated: Unix
    text: str
    category: str


def incident_entry(incident: Incident, home: str) -> Entry:
    """Return an incident as an entry that changes with it; *home* is our address, with a slash at its end."""
    lines = [f"{absolute(e.at)}  {e.target}  {e.status or ''}  {e.text}" for e in incident.events]
    return Entry(
        f"{URN}:incident:{incident.id}",
        f"[{incident.phase}] {title(incident)}",
        f"{home}incidents/{incident.id}",
        incident.begin,
        changed_at(incident),
        "\n".join([f"Status: {incident.phase}", *lines]),
        incident.domain.scope,
    )


def atom(name: str, feed_id: str, own: str, home: str, entries: Iterable[Entry]) -> bytes:
    """Return a feed; *own* is its address, *home* that of the page it is about."""
    newest = sorted(entries, key=lambda entry: (-float(entry.updated), entry.id))[:SHOWN]
    root = ET.Element("feed", {"xmlns": ATOM})
    _text(root, "id", feed_id)
    _text(root, "title", name)
    _text(root, "updated", iso(max((e.updated for e in newest), default=EPOCH)))
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": clean(own)})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": clean(home)})
    _text(ET.SubElement(root, "author"), "name", "genmedia-exporter")
    for entry in newest:
        _entry(root, entry)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(root: ET.Element, entry: Entry) -> None:
    element = ET.SubElement(root, "entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "published", iso(entry.published))
    _text(element, "updated", iso(entry.updated))
    link = {"rel": "alternate", "type": "text/html", "href": clean(entry.link)}
    ET.SubElement(element, "link", link)
    ET.SubElement(element, "category", {"term": clean(entry.category)})
    _text(element, "content", entry.text)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = clean(text)


def clean(text: str) -> str:
    """Return *text* without what XML cannot say."""
    return _NOT_XML.sub("\ufffd", text)


def newest_of(entries: Sequence[Entry]) -> Unix:
    """Return when the newest entry changed."""
    return max((entry.updated for entry in entries), default=EPOCH)
