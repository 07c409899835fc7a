"""What engines share: answers to JSON, fields to clean values, words to the scale, and bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple, cast

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    IMPACT_RANKS,
    MAX_MAINTENANCES,
    MAX_TEXT,
    Component,
    ComponentStatus,
    Document,
    Impact,
    Incident,
    Maintenance,
    UnreadableError,
)

MAX_COMPONENTS: Final = 1000
"""Components kept of one page, and of one incident; the largest pages have about four hundred."""

Row = Mapping[str, object]
"""A JSON object of an answer."""
StatusWords = Mapping[str, ComponentStatus]
ImpactWords = Mapping[str, Impact]

_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_ZONED: Final = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) ([+-]\d{4})(?: [A-Z]{1,5})?"
)
"""A time as Go prints it: 2026-11-22 05:57:00 +0000 UTC."""
_LINK: Final = re.compile(r"https?://[!#-;=?-~]+")
_STATUS_RANKS: Final = (
    ComponentStatus.OPERATIONAL,
    ComponentStatus.MAINTENANCE,
    ComponentStatus.UNKNOWN,
    ComponentStatus.DEGRADED,
    ComponentStatus.PARTIAL_OUTAGE,
    ComponentStatus.MAJOR_OUTAGE,
)


class Listing(NamedTuple):
    """The components of a page; `complete` is False when some could not be kept."""

    components: tuple[Component, ...]
    complete: bool


# --- answers ---


def answer(documents: Mapping[str, Document], key: str) -> Document:
    """Return the document *key*. Raises UnreadableError where it did not come, or not with 2xx."""
    document = documents.get(key)
    if document is None:
        raise UnreadableError("no answer")
    if not 200 <= document.status < 300:
        raise UnreadableError(f"HTTP {document.status}")
    return document


def load(documents: Mapping[str, Document], key: str) -> object:
    """Return the JSON of the document *key*. Raises UnreadableError."""
    return parse_json(answer(documents, key))


def load_optional(documents: Mapping[str, Document], key: str) -> object:
    """Return the JSON of the document *key*, or None where there is none to read."""
    try:
        return load(documents, key)
    except UnreadableError:
        return None


def parse_json(document: Document) -> object:
    """Return the JSON of *document*, whatever its content type says. Raises UnreadableError.

    UTF-16 and byte order marks are known: AWS sends both.
    """
    if not document.body.strip():
        raise UnreadableError("empty answer")
    try:
        text = document.body.decode(json.detect_encoding(document.body)).lstrip("\ufeff \t\r\n")
        if text.startswith("<"):
            xml = text.startswith("<?xml")
            raise UnreadableError("XML instead of JSON" if xml else "HTML instead of JSON")
        return cast(object, json.loads(text, strict=False))  # cState writes line breaks into texts
    except (ValueError, RecursionError) as error:
        raise UnreadableError("not JSON") from error


def as_row(value: object, reason: str) -> Row:
    """Return *value* if it is an object. Raises UnreadableError with *reason*."""
    if not isinstance(value, dict):
        raise UnreadableError(reason)
    return value


def as_rows(value: object, reason: str) -> list[Row]:
    """Return the list *value* of objects. Raises UnreadableError where it is none."""
    found = rows(value)
    if not isinstance(value, list) or len(found) != len(value):
        raise UnreadableError(reason)
    return found


def optional_rows(row: Row, key: str) -> list[Row]:
    """Return the list *key*, which may be missing. Raises UnreadableError where it is no list."""
    value = row.get(key)
    return [] if value is None else as_rows(value, f"{key} is no list")


def rows(value: object) -> list[Row]:
    """Return the objects in *value*, none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# --- fields ---


def text(value: object) -> str:
    """Return a text or a whole number as one printable line of at most MAX_TEXT characters."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    # The first cut bounds the work on a text of megabytes.
    return _BLANK.sub(" ", value[: 4 * MAX_TEXT]).strip()[:MAX_TEXT].rstrip()


def link(value: object) -> str:
    """Return *value* if it is a web address short enough to be kept; a cut one leads elsewhere."""
    fits = isinstance(value, str) and len(value) <= MAX_TEXT
    return cast(str, value) if fits and _LINK.fullmatch(cast(str, value)) else ""


def rfc3339(value: object) -> Unix | None:
    """Return Unix seconds of a time like 2026-11-22T05:57:00.1Z; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    zoned = _ZONED.fullmatch(value)
    try:
        return _seconds(datetime.fromisoformat("".join(zoned.groups()) if zoned else value))
    except (ValueError, OverflowError):
        return None


def rfc822(value: object) -> Unix | None:
    """Return Unix seconds of a time like Sun, 22 Nov 2026 05:40:00 +0000."""
    try:
        return _seconds(parsedate_to_datetime(value)) if isinstance(value, str) else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _seconds(moment: datetime) -> Unix:
    return Unix((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def tied(items: object, *keys: str) -> tuple[str, ...]:
    """Return the components that *items* name: of each object the first of *keys* that says it."""
    found = (next(filter(None, (text(row.get(key)) for key in keys)), "") for row in rows(items))
    return tuple(dict.fromkeys(filter(None, found)))[:MAX_COMPONENTS]


def name_and_url(name: object, url: object) -> str:
    """Return the identity of a page without an id; a final slash does not make another page."""
    return f"{text(name)} {text(url).rstrip('/')}".strip()


# --- words ---


def status_of(words: StatusWords, value: object) -> ComponentStatus:
    """Return what *value* means in *words*; a word that is not there means nothing we know."""
    return words.get(text(value), ComponentStatus.UNKNOWN)


def impact_of(words: ImpactWords, value: object) -> Impact:
    """Return what *value* means in *words*; a word that is not there means nothing we know."""
    return words.get(text(value), Impact.UNKNOWN)


def worst_impact(impacts: Iterable[Impact]) -> Impact:
    """Return the gravest of *impacts*, NONE without any; an unknown one is graver than none."""
    return max(impacts, key=IMPACT_RANKS.index, default=Impact.NONE)


def worst_status(statuses: Iterable[ComponentStatus]) -> ComponentStatus:
    """Return the gravest of *statuses*, OPERATIONAL without any."""
    return max(statuses, key=_STATUS_RANKS.index, default=ComponentStatus.OPERATIONAL)


def indicator_of(components: Iterable[Component]) -> Impact:
    """Return the indicator of a page that has no word for its whole: all down is critical."""
    statuses = {component.status for component in components}
    if statuses == {ComponentStatus.MAJOR_OUTAGE}:
        return Impact.CRITICAL
    return {
        ComponentStatus.OPERATIONAL: Impact.NONE,
        ComponentStatus.MAINTENANCE: Impact.MAINTENANCE,
        ComponentStatus.UNKNOWN: Impact.UNKNOWN,
        ComponentStatus.DEGRADED: Impact.MINOR,
        ComponentStatus.PARTIAL_OUTAGE: Impact.MAJOR,
        ComponentStatus.MAJOR_OUTAGE: Impact.MAJOR,
    }[worst_status(statuses)]


# --- lists ---


def listed(items: Iterable[Row], build: Callable[[Row], Component]) -> Listing:
    """Build the components of *items*, each id once. Raises UnreadableError where none is left.

    Where two share an id, which is a name on some pages, their groups tell them apart; where these
    are the same, too, the worse of them is kept: no trouble hides behind a namesake.
    """
    built = [build(row) for row in items]
    named: dict[str, Component] = {}
    for part in _told_apart([part for part in built if part.id]):
        other = named.get(part.id)
        if other is None or _STATUS_RANKS.index(part.status) > _STATUS_RANKS.index(other.status):
            named[part.id] = part
    kept = tuple(named.values())[:MAX_COMPONENTS]
    if not kept:
        raise UnreadableError("no components")
    return Listing(kept, complete=len(kept) == len(named) and all(part.id for part in built))


def _told_apart(parts: list[Component]) -> Iterable[Component]:
    """Yield *parts*, with the group before the id of those whose id stands in several groups."""
    groups: dict[str, set[str | None]] = {}
    for part in parts:
        groups.setdefault(part.id, set()).add(part.group)
    for part in parts:
        shared = len(groups[part.id]) > 1 and part.group
        yield replace(part, id=text(f"{part.group}/{part.id}")) if shared else part


def newest(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Return *incidents*, each id once, the newest first: all, for they are counted."""
    once = {incident.id or incident: incident for incident in incidents}.values()
    return tuple(sorted(once, key=lambda i: i.started_at or i.updated_at or 0.0, reverse=True))


def pending(maintenances: Iterable[Maintenance], now: Unix) -> tuple[Maintenance, ...]:
    """Return those of *maintenances* that are not over, the running first, then the next."""
    once = {item.id: item for item in maintenances}.values()
    left = [item for item in once if item.end is None or item.end > now]
    left.sort(key=lambda item: (not item.running, item.start or 0.0))
    return tuple(left[:MAX_MAINTENANCES])


def has_begun(start: Unix | None, now: Unix) -> bool:
    """Whether a maintenance runs by the clock, for pages whose words do not tell."""
    return start is not None and start <= now
