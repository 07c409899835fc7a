"""The pages of incidents: on the status page, as a list, and as a record that can be forwarded."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from types import MappingProxyType

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.incidents.model import Event
from genmedia_exporter.web.pages.incident_rows import incident_row, member_rows
from tests.incidents.samples import closed, incident, member, of_our_network
from tests.metrics.samples import AT, CANARY
from tests.web.site import Backend, client

ALL = (incident(), of_our_network(), closed())
HOSTILE = '<script>alert(1)</script>"\u202e'


def test_the_status_page_shows_the_open_ones_above_the_targets() -> None:
    """With how many are broken, what to use, what the vendor says; and the way to all of them."""
    with client(Backend().services(incidents=lambda: ALL)) as site:
        page = site.get("/").text
        without = Backend().services()
    with client(without) as site:
        none = site.get("/").text

    shown = page.index("Open incidents")
    assert page.index("<h1>") < shown < page.index("Targets, worst first")
    assert 'href="incidents/20261118-1101-abc123">apiyi.example: 2 targets, internal server' in page
    assert "Broken now: 1 of 2 targets." in page
    assert "The status page openai reports: Slow &#34;images&#34; &lt;b&gt;; 3 min after" in page
    assert '<a class="name" href="targets/veo-3.1">veo-3.1</a>' in page
    assert "account kling-main" not in page
    assert 'href="incidents">incidents</a>' in page
    assert "Open incidents" not in none


def test_many_open_ones_do_not_hide_the_targets() -> None:
    """Five, and a link to the rest."""
    many = [replace(incident(), id=f"20261118-1101-{n:06}") for n in range(9)]
    with client(Backend().services(incidents=lambda: many)) as site:
        page = site.get("/").text
    assert page.count('<li class="incident') == 5
    assert '<a href="incidents">And 4 more.</a>' in page


def test_the_list_has_the_closed_ones_too() -> None:
    """Links work from below a prefix as well."""
    with client(Backend().services(incidents=lambda: ALL, route_prefix="/gm")) as site:
        page = site.get("/gm/incidents").text
    assert page.count('<li class="incident') == 3
    assert 'href="incidents/20261115-0806-0dd5e7">account kling-main: 1 target, our credit' in page
    assert "our own network is in doubt: 1 target" in page
    assert "No incident is open." not in page


def test_a_target_tells_of_the_incidents_it_was_in() -> None:
    """Of its own alone, the newest three."""
    with client(Backend().services(incidents=lambda: ALL)) as site:
        page = site.get("/targets/sora-2-official").text
        other = site.get("/targets/sora-2-reverse").text
    assert page.count('<li class="incident') == 1
    assert 'href="../incidents/20261118-1101-abc123">apiyi.example: 2 targets' in page
    assert '<li class="incident' not in other


def test_the_record_has_everything_a_vendor_asks_for() -> None:
    """When, which targets, how they changed, what was answered, by which rule; nothing secret."""
    with client(Backend().services(incidents=lambda: ALL)) as site:
        answer = site.get("/incidents/20261118-1101-abc123")
        over = site.get("/incidents/20261115-0806-0dd5e7").text
        unknown = site.get("/incidents/<b>")

    page = answer.text
    for text in (
        "2026-11-18 11:01:40 UTC", 'href="../targets/sora-2-official"', "new-api.server_error",
        "GET https://api.apiyi.example/v1/models", "HTTP 200", "$0.80 for generations that failed",
        'href="../api/v1/incidents/20261118-1101-abc123"', "sora-2", 'href="https://s.example/i1"',
    ):  # fmt: skip
        assert text in page, text
    assert CANARY not in page
    with client(Backend().services(incidents=lambda: ALL)) as site:
        chinese = site.get("/incidents/20261118-1101-abc123?lang=zh-Hans").text
    assert ">2026年11月18日 11:01:50</time>" in chinese
    assert "from 2026-11-15 08:06:40 UTC to 2026-11-15 10:53:20 UTC" in over
    assert "data-live" in page
    assert "data-live" not in over  # it stays as it is
    assert (unknown.status_code, "&lt;b&gt;" in unknown.text) == (404, True)


def test_texts_of_others_stay_texts() -> None:
    """A title, a name or a body that is HTML does nothing."""
    (one,) = incident().exhibits
    evil = incident(
        members=MappingProxyType({HOSTILE: member(HOSTILE)}),
        events=(Event(AT, HOSTILE, HOSTILE),),
        page=replace(incident().page, title=HOSTILE, status=HOSTILE),  # type: ignore[type-var]
        exhibits=(replace(one, body=HOSTILE, message=HOSTILE, rule=HOSTILE, url=HOSTILE),),
        vendor=HOSTILE,
    )
    with client(Backend().services(incidents=lambda: [evil])) as site:
        for path in ("/", "/incidents", f"/incidents/{evil.id}"):
            assert "<script>alert" not in site.get(path).text


def test_the_course_of_a_target_is_drawn() -> None:
    """From its first break to the end, stretch by stretch, and told in words."""
    rows = {row.name: row for row in member_rows(incident(), AT)}
    assert [(s.tone, s.left, s.width, s.title) for s in rows["sora-2-pro"].segments] == [
        ("bad", 33, 767, "down for 3 min"),
        ("good", 800, 200, "operational for 1 min"),
    ]
    with client(Backend().services(incidents=lambda: ALL)) as site:
        page = site.get("/incidents/20261118-1101-abc123").text
    drawing = page[page.index("<svg") : page.index("</svg>") + 6]
    assert ET.fromstring(drawing).attrib["aria-label"] == "down for 5 min"  # noqa: S314 - our own


def test_how_it_stands_in_words() -> None:
    """Broken, well again for less than a quarter of an hour, over."""
    well = {m.name: replace(m, until=AT) for m in incident().members.values()}
    ebbing = incident(members=MappingProxyType(well))
    said = [incident_row(one, AT) for one in (incident(), ebbing, closed())]
    assert [(row.phase, row.tone) for row in said] == [
        ("investigating", "bad"), ("monitoring", "warn"), ("resolved", "good"),
    ]  # fmt: skip
    assert said[0].cause == "Internal server error. The provider's fault."
    assert said[1].state.startswith("All work again; it is closed when")
    assert said[2].state == "It hit 1 target."
    quiet = replace(incident(), page=replace(incident().page, at=None))  # type: ignore[type-var]
    assert incident_row(quiet, AT).page == "The status page openai reports nothing."
    assert incident_row(of_our_network(), AT).cause.startswith(Reason.OWN_NETWORK.meaning.text)
