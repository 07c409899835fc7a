"""Finding the engine of a page: what is asked in which order, and what answers look like."""

from __future__ import annotations

from typing import get_args

import pytest

from genmedia_exporter.config.schema import StatusPage
from genmedia_exporter.core.status_page import DocumentRequest, PageSettings
from genmedia_exporter.status_pages.engines.contract import engine_names, load
from genmedia_exporter.status_pages.engines.detect import candidates, recognise
from genmedia_exporter.status_pages.engines.uptime_kuma import split_slug
from tests.status_pages.engines.corpus import answer, cases, manifest, page, shared

QUIET = {case.id: case for case in cases()}


def test_the_engines_are_those_of_the_configuration() -> None:
    """Every engine that can be configured has its file, and the other way round."""
    assert {"auto", *engine_names()} == set(get_args(StatusPage.model_fields["engine"].annotation))


@pytest.mark.parametrize("name", engine_names())
def test_an_engine_has_the_three_names(name: str) -> None:
    """Each engine says its interval, and asks for documents of its own page, each key once."""
    engine = load(name)
    wanted = engine.documents(page(name, "https://status.example.test/sub"))

    assert engine.INTERVAL >= 60
    assert len({request.key for request in wanted}) == len(wanted) > 0
    assert all(request.url.startswith("https://status.example.test/") for request in wanted)
    assert "//" not in "".join(request.url.removeprefix("https://") for request in wanted)


@pytest.mark.parametrize(
    ("engine", "url", "addresses"),
    [
        ("statuspage", "https://s.test", ["https://s.test/api/v2/summary.json", "https://s.test/api/v2/incidents/unresolved.json", "https://s.test/api/v2/scheduled-maintenances/upcoming.json", "https://s.test/api/v2/scheduled-maintenances/active.json"]),
        ("incidentio", "https://s.test/sub", ["https://s.test/sub/api/v2/summary.json", "https://s.test/sub/api/v2/components.json", "https://s.test/sub/api/v1/summary"]),
        ("google_cloud", "https://www.google.com/appsstatus/dashboard", ["https://www.google.com/appsstatus/dashboard/incidents.json", "https://www.google.com/appsstatus/dashboard/products.json"]),
        ("betterstack", "https://s.test", ["https://s.test/index.json"]),
        ("instatus", "https://s.test", ["https://s.test/summary.json", "https://s.test/v3/components.json", "https://s.test/v2/components.json"]),
        ("uptime_kuma", "https://k.test/status/relay", ["https://k.test/api/status-page/relay", "https://k.test/api/status-page/heartbeat/relay"]),
        ("gatus", "https://g.test", ["https://g.test/api/v1/endpoints/statuses?page=1&pageSize=1"]),
        ("feed", "https://s.test/history.rss", ["https://s.test/history.rss"]),
    ],
)  # fmt: skip
def test_documents(engine: str, url: str, addresses: list[str]) -> None:
    """Every engine asks for what the facts say its pages serve."""
    assert [wanted.url for wanted in load(engine).documents(page(engine, url))] == addresses


@pytest.mark.parametrize(
    ("url", "base", "slug"),
    [
        ("https://k.test/status/relay", "https://k.test", "relay"),
        ("https://k.test:3001/status/relay", "https://k.test:3001", "relay"),
        ("https://k.test/kuma/status/relay", "https://k.test/kuma", "relay"),
        ("https://k.test/status/relay/rss", "https://k.test", "relay"),
        ("https://k.test", "https://k.test", "default"),
        ("https://k.test/status", "https://k.test", "default"),
    ],
)
def test_slugs(url: str, base: str, slug: str) -> None:
    """The slug is what stands after /status/; without one Kuma's own default is asked."""
    assert split_slug(url) == (base, slug)


def _names(found: tuple[tuple[str, DocumentRequest], ...]) -> list[str]:
    return [name for name, _ in found]


def test_the_order_of_asking() -> None:
    """The commonest engines come first, the address itself, as a feed, comes last."""
    found = candidates(page("auto", "https://s.test"))

    assert _names(found) == [
        "statuspage", "incidentio", "betterstack", "instatus", "uptime_kuma", "gatus",
        "google_cloud", "feed",
    ]  # fmt: skip
    assert found[0][1] == DocumentRequest("summary", "https://s.test/api/v2/summary.json")
    assert found[-1][1] == DocumentRequest("feed", "https://s.test")


def test_a_slug_brings_kuma_to_the_front() -> None:
    """An address with /status/ in it is most likely Kuma's."""
    assert _names(candidates(page("auto", "https://k.test/status/x")))[:2] == [
        "uptime_kuma",
        "statuspage",
    ]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (page("gatus"), "gatus"),
        (page("auto", products=("p5rCvyraXdeC6HFE8XJJ",)), "google_cloud"),
        (page("auto", "https://status.cloud.google.com"), "google_cloud"),
        (page("auto", "https://status.x.test/feed.xml"), "feed"),
        (page("auto", "https://rss.x.test/en-us/status/feed"), "feed"),
        (page("auto", "https://s.test/history.atom"), "feed"),
    ],
)
def test_nothing_to_find_out(settings: PageSettings, name: str) -> None:
    """What the configuration says, or leaves no doubt about, is the only candidate."""
    assert _names(candidates(settings)) == [name]


ENGINES = {"incidentio_compat": "incidentio", "incidentio_widget": "incidentio", "rss": "feed"}
ALONE = [
    entry
    for entry in manifest()
    if entry["suggested_expectation"]["parse"] == "ok"
    and entry["file"].split("/")[1].partition(".")[0]
    in ("summary", "incidents", "index", "status_page", "endpoints_statuses", "betterstack_feed")
]


@pytest.mark.parametrize("entry", ALONE, ids=lambda entry: entry["file"])
def test_recognising(entry: dict[str, str]) -> None:
    """The first document of every engine is known by its shape."""
    wanted = ENGINES.get(entry["engine"], entry["engine"])

    assert recognise(shared(entry["file"])) == wanted


@pytest.mark.parametrize(
    "entry",
    [e for e in manifest() if e["suggested_expectation"]["parse"] != "ok"],
    ids=lambda e: e["file"],
)
def test_nothing_to_recognise(entry: dict[str, str]) -> None:
    """HTML and cut answers are nobody's."""
    assert recognise(shared(entry["file"])) is None


SUMMARY = {"page": {"id": "x", "name": "E"}, "status": {"indicator": "none"}}


@pytest.mark.parametrize(
    ("value", "engine"),
    [
        ({**SUMMARY, "page": {"id": "01JMDK9XYNY6RXSED6SDWW50WY", "time_zone": "UTC"}, "components": []}, "incidentio"),
        ({**SUMMARY, "components": [{"id": "a", "group": False}]}, "statuspage"),
        ({**SUMMARY, "components": [{"id": "a"}]}, "incidentio"),
        ({**SUMMARY, "page": {"id": "x", "time_zone": "UTC"}, "components": [{"id": "a"}]}, "statuspage"),
        ({**SUMMARY, "incidents": []}, None),  # Rootly: no components
        ({"page": {"id": "x"}, "components": []}, None),  # components.json: no status
        ({"schema_version": 1, "page": {"name": "F"}, "overall": {}, "ongoing_incidents": []}, None),  # Flashduty
        ({"is": "https://cstate", "systems": [], "summaryStatus": "ok"}, None),
        ({"data": {"status": {"value": 1}}}, None),  # Cachet
        ({"status": "fail", "msg": "Not Found"}, None),  # Kuma's refusal
        ([], None),
        ([{"date": "1", "arn": "x"}], None),  # AWS
        ({}, None),
        (7, None),
    ],
)  # fmt: skip
def test_lookalikes(value: object, engine: str | None) -> None:
    """Answers that resemble an engine's are told apart, and strangers are nobody's."""
    assert recognise(answer(value)) == engine


@pytest.mark.parametrize("status", [301, 401, 404, 500])
def test_refusals_are_not_recognised(status: int) -> None:
    """A good body under a bad status is no page."""
    good = QUIET["statuspage: quiet"].documents["summary"]

    assert recognise(answer(good.body, status)) is None
