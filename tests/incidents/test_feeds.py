"""Feeds and the format of Statuspage, read by clients of theirs: our own engines for vendors' pages, and a parser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import pytest

from genmedia_exporter.core.status_page import (
    ComponentStatus,
    Document,
    Impact,
    PageReading,
    PageSettings,
)
from genmedia_exporter.incidents.feed import ATOM, SHOWN
from genmedia_exporter.incidents.model import Event
from genmedia_exporter.incidents.statuspage import UPDATES, VIEWS
from genmedia_exporter.status_pages.engines import feed, statuspage
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import Batch, open_store
from genmedia_exporter.targets.model import MaintenanceWindow
from tests.incidents.samples import closed, incident, of_our_network
from tests.metrics.samples import AT
from tests.web.site import Backend, client, said

ALL = (incident(), of_our_network(), closed())
NAME = "sora-2-official"
HOME = "https://gm.example.com/x"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[httpx2.Client]:
    """A site with three incidents, a maintenance, and two changes of a target."""
    path = tmp_path / "g.db"
    store = open_store(Place(path))
    change = {"target": NAME, "previous": None, "current": "operational", "reason": "ok"}
    more = {"fault": "none", "up": 1, "holds": 150.0, "status_changed": True}
    down = {"previous": "operational", "current": "down", "reason": "server_error", "up": 0}
    store.write(
        Batch(
            transitions=[
                {**change, **more, "at": AT - 900},
                {**change, **more, **down, "at": AT - 300},
            ]
        )
    )
    store.close()
    window = MaintenanceWindow(AT + 3600, AT + 7200, "gateway upgrade")
    services = Backend().services(
        incidents=lambda: ALL,
        windows=lambda: {NAME: (window,)},
        external_url=HOME,
        reader=lambda: Reader(Place(path)),
    )
    with client(services) as found:
        yield found


def read_by_engine(document: dict[str, Any]) -> PageReading:
    """Return what our engine for vendors' pages of that format reads."""
    body = json.dumps(document).encode()
    known = {"summary": Document(200, "application/json", body)}
    return statuspage.read(known, PageSettings("us", HOME, "statuspage"), AT)


def test_a_client_of_statuspages_reads_us(site: httpx2.Client) -> None:
    """Components, incidents and maintenances are those that we tell."""
    reading = read_by_engine(site.get("/api/v2/summary.json").json())
    statuses = {component.name: component.status for component in reading.components}
    assert statuses == {
        "sora-2-official": ComponentStatus.OPERATIONAL,
        "sora-2-reverse": ComponentStatus.PARTIAL_OUTAGE,
        "veo-3.1": ComponentStatus.DEGRADED,  # unknown is never healthy
    }
    assert reading.indicator is Impact.MAJOR
    assert [(i.id, i.impact) for i in reading.incidents] == [
        ("20261118-1101-abc123", Impact.MAJOR), ("20261118-1101-77aa77", Impact.MINOR),
    ]  # fmt: skip
    assert reading.incidents[0].url == f"{HOME}/incidents/20261118-1101-abc123"
    assert reading.incidents[0].components == (reading.components[0].id,)
    assert [(m.title, m.running) for m in reading.maintenances] == [("gateway upgrade", False)]


def test_the_list_has_the_closed_ones_with_their_story(site: httpx2.Client) -> None:
    """Newest first; each update with its status; bounded."""
    told = site.get("/api/v2/incidents.json").json()["incidents"]
    assert [one["status"] for one in told] == ["investigating", "investigating", "resolved"]
    updates = told[2]["incident_updates"]
    assert [update["status"] for update in updates] == ["resolved", "investigating"]
    assert told[2]["resolved_at"] is not None
    events = tuple(Event(AT - n, "x", "y") for n in range(99, 0, -1))
    many = [replace(incident(events=events), id=f"{n}", begin=AT + n) for n in range(60)]
    with client(Backend().services(incidents=lambda: many)) as other:
        found = other.get("/api/v2/incidents.json").json()["incidents"]
    assert (len(found), found[0]["id"], len(found[0]["incident_updates"])) == (50, "59", UPDATES)


@pytest.mark.parametrize("name", VIEWS)
def test_parts_of_the_summary(site: httpx2.Client, name: str) -> None:
    """Clients that ask for less than the summary get that part of it, and of maintenance what they mean."""
    whole, answer = site.get("/api/v2/summary.json").json(), site.get(f"/api/v2/{name}.json")
    key, statuses = VIEWS[name]
    planned = name in ("scheduled-maintenances", "scheduled-maintenances/upcoming")
    wanted = whole[key] if not statuses or planned else []
    assert answer.json() == {"page": whole["page"], key: wanted}
    assert site.get(f"/api/v2/{name}.json?x=1").status_code == 400


def test_maintenance_that_is_on_is_active() -> None:
    """From its first second."""
    window = MaintenanceWindow(AT + 30, AT + 7200, "gateway upgrade")
    windows = {NAME: (window,)}
    with client(Backend().services(windows=lambda: windows)) as other:
        for name, many in (("active", 1), ("upcoming", 0)):
            found = other.get(f"/api/v2/scheduled-maintenances/{name}.json").json()
            assert len(found["scheduled_maintenances"]) == many


def entries(answer: httpx2.Response) -> list[dict[str, str]]:
    """Return the entries of a feed by a parser of XML, with what RFC 4287 demands of each."""
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    space = {"a": ATOM}
    for needed in ("id", "title", "updated", "author/a:name"):
        assert root.findtext(f"a:{needed}", "", space)
    found = []
    for entry in root.findall("a:entry", space):
        names = ("id", "title", "updated", "content")
        one = {name: entry.findtext(f"a:{name}", "", space) for name in names}
        assert all(one[name] for name in names[:3])
        link = entry.find("a:link", space)
        found.append({**one, "link": "" if link is None else link.attrib["href"]})
    assert len({one["id"] for one in found}) == len(found)
    return found


def test_the_feed_of_all_has_the_incidents(site: httpx2.Client) -> None:
    """Their ids stay, their titles say how they stand; our engine for feeds reads it, too."""
    answer = site.get("/feed.atom")
    found = entries(answer)
    assert found[0]["id"] == "urn:genmedia-exporter:incident:20261118-1101-abc123"
    assert found[0]["title"] == "[investigating] apiyi.example: 2 targets, internal server error"
    assert found[0]["link"] == f"{HOME}/incidents/20261118-1101-abc123"
    assert found[-1]["title"].startswith("[resolved] account kling-main")
    known = {"feed": Document(200, "application/atom+xml", answer.content)}
    reading = feed.read(known, PageSettings("us", f"{HOME}/feed.atom", "feed"), AT)
    assert f"{HOME}/incidents/20261118-1101-abc123" in [one.url for one in reading.incidents]
    assert "account kling-main" not in str(reading.incidents)


def test_the_feed_of_a_target_has_its_changes(site: httpx2.Client) -> None:
    """And the incidents it is in; a target that is not there is a problem."""
    found = entries(site.get(f"/targets/{NAME}/feed.atom"))
    assert sorted(one["title"] for one in found) == [
        "[investigating] apiyi.example: 2 targets, internal server error",
        "sora-2-official: down",
        "sora-2-official: operational",
    ]
    assert {one["link"] for one in found} >= {f"{HOME}/targets/{NAME}"}
    assert said(site.get("/targets/nobody/feed.atom")).startswith("No target is called 'nobody'")
    page = site.get(f"/targets/{NAME}").text
    assert f'href="../targets/{NAME}/feed.atom"' in page
    assert 'href="feed.atom"' in site.get("/").text


def test_the_feed_of_a_family_has_the_changes_of_its_targets(site: httpx2.Client) -> None:
    """And their incidents; the page of the family names it; a family that is not there is a problem."""
    query = "?family=sora-2"
    found = entries(site.get(f"/feed.atom{query}"))
    assert sorted(one["title"] for one in found) == [
        "[investigating] apiyi.example: 2 targets, internal server error",
        "[investigating] our own network is in doubt: 1 target",
        "sora-2-official: down",
        "sora-2-official: operational",
    ]
    assert f'href="feed.atom{query}"' in site.get(f"/{query}").text
    answer = site.get("/feed.atom?family=sora-3")
    assert answer.status_code == 404
    assert said(answer).startswith("No target is of the family 'sora-3'; did you mean 'sora-2'?")
    assert site.get("/feed.atom?famly=sora-2").status_code == 400


def test_texts_of_others_stay_texts_and_feeds_are_bounded() -> None:
    """Markup, control characters and half of a surrogate pair do not break the feed."""
    evil = Event(AT, "<b>\x00\x0b", "]]>&\ud800\uffff")
    many = [replace(incident(), id=f"{n}", events=(evil,)) for n in range(SHOWN + 9)]
    with client(Backend().services(incidents=lambda: many)) as site:
        found = entries(site.get("/feed.atom"))
    assert len(found) == SHOWN
    assert "<b>" in found[0]["content"]


@pytest.mark.parametrize(
    "path",
    ["/feed.atom", f"/targets/{NAME}/feed.atom", "/api/v2/summary.json", "/api/v2/incidents.json"],
)
def test_what_has_not_changed_is_not_sent_again(site: httpx2.Client, path: str) -> None:
    """By its tag, else by its date; one that fits nothing gets it whole."""
    first = site.get(path)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": f'"x", {tag}'}, 304),
        ({"If-None-Match": '"x"', "If-Modified-Since": date}, 200),
        ({"If-Modified-Since": date}, 304),
        ({"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ):
        answer = site.get(path, headers=headers)
        assert (answer.status_code, answer.headers["etag"]) == (status, tag)
        assert bool(answer.content) is (status == 200)


def test_an_empty_site_is_sound() -> None:
    """No target, no incident: still a feed, and a page that is well."""
    board = replace(Backend().board, targets=MappingProxyType({}), pages=MappingProxyType({}))
    with client(Backend(board=board).services()) as site:
        assert entries(site.get("/feed.atom")) == []
        assert site.get("/api/v2/summary.json").json()["status"]["indicator"] == "none"
