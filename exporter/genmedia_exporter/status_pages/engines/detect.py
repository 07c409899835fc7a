"""Which engine reads a page: addresses to ask, in order, and a pure look at what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from genmedia_exporter.core.status_page import (
    Document,
    DocumentRequest,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import Row, parse_json, rows, text
from genmedia_exporter.status_pages.engines._widget import is_widget
from genmedia_exporter.status_pages.engines._xml import parse
from genmedia_exporter.status_pages.engines.contract import engine_names, load

_ORDER: Final = (
    ("statuspage", "summary"),  # incident.io's copy answers here, too
    ("incidentio", "widget"),
    ("betterstack", "index"),
    ("instatus", "summary"),
    ("uptime_kuma", "page"),
    ("gatus", "statuses"),
    ("google_cloud", "incidents"),
    ("cloudflare_v3", "summary"),
    ("rootly", "status"),
    ("flashduty", "summary"),
    ("openstatus", "feed"),
    ("cachet", "components"),
    ("cachet", "components_v2"),
    ("statushub", "statuses"),
    ("upptime", "summary"),
)
# cState's `/index.json` is Better Stack's, so it needs no question of its own.
_BY_HOST: Final = (
    ("statusio", re.compile(r"https://api\.status\.io/")),
    ("openstatus", re.compile(r"https://(?:api|[a-z0-9-]+)\.openstatus\.dev\b")),
    ("onlineornot", re.compile(r"https://(?:[a-z0-9-]+\.)?onlineornot\.com/?")),
    ("uptimerobot", re.compile(r"https://stats\.uptimerobot\.com/")),
    ("aws_health", re.compile(r"https://(?:health|status)\.aws\.amazon\.com\b")),
    (
        "azure_rss",
        re.compile(r"https://(?:[a-z]+\.)?(?:azure\.status\.microsoft|status\.azure\.com)\b"),
    ),
    ("google_ai_studio", re.compile(r"https://aistudio\.google\.com/status\b")),
    ("statuscake", re.compile(r"https://(?:app|uptime)\.statuscake\.com/")),
    ("sorry", re.compile(r"https://[a-z0-9-]+\.sorryapp\.com\b")),
    ("cloudflare_v3", re.compile(r"https://www\.cloudflarestatus\.com\b")),
    ("upptime", re.compile(r"https://(?:raw\.githubusercontent|github)\.com/")),
)
"""Hosts where only one engine can be."""
_ULID: Final = re.compile(r"[0-7][0-9A-Z]{25}")
_FEED_PATH: Final = re.compile(r"(?:\.(?:rss|atom|xml)|/(?:feed|rss|atom))$", re.IGNORECASE)
_GOOGLE: Final = re.compile(r"https://(?:status\.cloud\.google\.com|www\.google\.com/appsstatus)\b")
_KUMA_PATH: Final = "/status/"
_V2: Final = ("status", "incidents", "components", "scheduled-maintenances")
"""Documents of the API v2 that no engine asks for and people know."""


def at_its_page(settings: PageSettings) -> PageSettings:
    """Return *settings* with the address of the page, where that of one of its documents is written."""
    url = settings.url.partition("?")[0]
    named = _named(settings)
    engines = (named,) if named else tuple(dict.fromkeys(name for name, _ in _ORDER))
    found = [end for name in engines for end in _ends(name) if url.endswith(end)]
    return replace(settings, url=url.removesuffix(max(found, key=len))) if found else settings


def _ends(engine: str) -> Iterator[str]:
    """Return what *engine* adds to the address of a page."""
    here = "https://page.invalid"
    for wanted in load(engine).documents(PageSettings("", here)):
        path = wanted.url.partition("?")[0]
        if path.startswith(f"{here}/") and ".invalid" not in path.removeprefix(here):
            yield path.removeprefix(here)
    if engine in {"statuspage", "incidentio"}:
        yield from (f"/api/v2/{name}.json" for name in _V2)


def candidates(settings: PageSettings) -> tuple[tuple[str, DocumentRequest], ...]:
    """Return what to fetch to find the engine of a page, the likeliest first.

    Each comes with the engine whose document it is, so that it need not be fetched again. One that
    is named in the configuration, or follows from it, is the only candidate: nothing needs to be
    recognised then.
    """
    if named := _named(settings):
        return tuple((named, wanted) for wanted in load(named).documents(settings)[:1])
    order = list(_ORDER)
    if _KUMA_PATH in urlsplit(settings.url).path:
        order.sort(key=lambda pair: pair[0] != "uptime_kuma")
    wanted = [(name, _request(name, key, settings)) for name, key in order]
    return (*wanted, ("feed", _request("feed", "feed", settings)))


def _named(settings: PageSettings) -> str:
    """Return the engine that the configuration leaves no choice about, or nothing."""
    if settings.engine in engine_names():
        return settings.engine
    by_host = next((name for name, host in _BY_HOST if host.match(settings.url)), "")
    if by_host:
        return by_host
    # The window of incidents is empty on quiet days, and an empty list is nobody's face.
    if settings.products or _GOOGLE.match(settings.url):
        return "google_cloud"
    return "feed" if _FEED_PATH.search(urlsplit(settings.url).path) else ""


def _request(name: str, key: str, settings: PageSettings) -> DocumentRequest:
    return next(wanted for wanted in load(name).documents(settings) if wanted.key == key)


def recognise(document: Document) -> str | None:
    """Return the engine that reads *document*, or None where no engine does. Raises nothing."""
    if not 200 <= document.status < 300:
        return None
    try:
        answer = parse_json(document)
    except UnreadableError:
        return "feed" if _is_feed(document) else None
    return _of_object(answer) if isinstance(answer, dict) else _of_list(rows(answer))


def _is_feed(document: Document) -> bool:
    try:
        root = parse(document.body)
    except UnreadableError:
        return False
    return root.name == "feed" or (root.name == "rss" and root.first("channel") is not None)


def _of_list(found: list[Row]) -> str | None:
    first = found[0] if found else {}
    if "affected_products" in first and "id" in first:
        return "google_cloud"
    if "results" in first and ("key" in first or "name" in first):
        return "gatus"
    if "slug" in first and "uptime" in first:
        return "upptime"
    return "aws_health" if "arn" in first and "service" in first else None


def _of_object(answer: Row) -> str | None:
    page, data = answer.get("page"), answer.get("data")
    if is_widget(answer):
        return "incidentio"
    if name := _by_keys(answer):
        return name
    if isinstance(answer.get("config"), dict) and isinstance(answer.get("publicGroupList"), list):
        return "uptime_kuma"
    if isinstance(data, dict) and isinstance(answer.get("included"), list):
        said = data.get("attributes")
        return "betterstack" if isinstance(said, dict) and "aggregate_state" in said else None
    if isinstance(page, dict):
        return _of_page(answer, page)
    return None


def _by_keys(answer: Row) -> str | None:
    """Return the engine whose keys no other has."""
    result, summary, counters = (answer.get(key) for key in ("result", "summary", "counters"))
    if isinstance(result, dict):
        if "status_overall" in result:
            return "statusio"
        if "status_page" in result:
            return "onlineornot"
        return "cloudflare_v3" if isinstance(result.get("components"), list) else None
    if isinstance(summary, dict) and "structure" in summary:
        return "incidentio"
    if isinstance(counters, dict) and "count_status_1" in counters:
        return "statushub"
    told = {
        "cstate": "summaryStatus" in answer and "systems" in answer,
        "flashduty": "overall" in answer and "schema_version" in answer,
        "statuscake": "TestData" in answer,
        "sorry": "state" in (rows(answer.get("response")) or [{}])[0],
        "uptimerobot": "monitorId" in (rows(answer.get("data")) or _monitors(answer) or [{}])[0],
        "cachet": _is_cachet(answer),
        "openstatus": ("statusReports" in answer and "monitors" in answer)
        or (answer.keys() == {"status"} and isinstance(answer["status"], str)),
    }
    return next((name for name, holds in told.items() if holds), None)


def _monitors(answer: Row) -> list[Row]:
    page = answer.get("psp")
    return rows(page.get("monitors")) if isinstance(page, dict) else []


def _is_cachet(answer: Row) -> bool:
    first = (rows(answer.get("data")) or [{}])[0]
    inner = first.get("attributes")
    if isinstance(inner, dict):
        return first.get("type") == "components" and "status" in inner
    return "status" in first and "status_name" in first


def _of_page(answer: Row, page: Row) -> str | None:
    if isinstance(answer.get("components"), list) and isinstance(answer.get("status"), dict):
        return "incidentio" if _is_incidentio(answer, page) else "statuspage"
    said = answer.get("status")
    if isinstance(said, dict) and "indicator" in said and isinstance(answer.get("incidents"), list):
        return "rootly"  # asked for at v1, where Statuspage has nothing
    if text(page.get("status")).isupper() and "name" in page:
        return "instatus"
    return None


def _is_incidentio(answer: Row, page: Row) -> bool:
    """Whether a summary is incident.io's copy: ULIDs, or neither a zone nor any groups."""
    if _ULID.fullmatch(text(page.get("id"))):
        return True
    grouped = any("group" in row for row in rows(answer.get("components")))
    return "time_zone" not in page and not grouped
