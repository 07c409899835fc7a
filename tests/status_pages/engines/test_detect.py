"""Finding the engine of a page: what is asked in which order, and what answers look like."""

from __future__ import annotations

import codecs
import json
from typing import get_args

import pytest

from genmedia_exporter.config.schema import StatusPage
from genmedia_exporter.core.status_page import Document, DocumentRequest, PageSettings
from genmedia_exporter.status_pages.engines.contract import engine_names, load
from genmedia_exporter.status_pages.engines.detect import at_its_page, candidates, recognise
from genmedia_exporter.status_pages.engines.uptime_kuma import split_slug
from tests.status_pages.engines.corpus import GOOD, NOW, answer, cases, manifest, page, shared

QUIET = {case.id: case for case in cases()}


def test_the_engines_are_those_of_the_configuration() -> None:
    """Every engine that can be configured has its file, and the other way round."""
    assert {"auto", *engine_names()} == set(get_args(StatusPage.model_fields["engine"].annotation))


ELSEWHERE = ("statusio", "statuscake", "sorry", "onlineornot")
"""Their pages' data is at one host of the vendor's."""


@pytest.mark.parametrize("name", engine_names())
def test_an_engine_has_the_three_names(name: str) -> None:
    """Each engine says its interval, and asks for documents of its own page, each key once."""
    engine = load(name)
    wanted = engine.documents(page(name, "https://status.example.test/sub"))

    assert engine.INTERVAL >= 60
    assert len({request.key for request in wanted}) == len(wanted) > 0
    own = "https://status.example.test/"
    assert name in ELSEWHERE or all(request.url.startswith(own) for request in wanted)
    assert "//" not in "".join(request.url.removeprefix("https://") for request in wanted)


@pytest.mark.parametrize(
    ("engine", "url", "addresses"),
    [
        ("statuspage", "https://s.test", ["https://s.test/api/v2/summary.json", "https://s.test/api/v2/incidents/unresolved.json", "https://s.test/api/v2/scheduled-maintenances/upcoming.json", "https://s.test/api/v2/scheduled-maintenances/active.json"]),
        ("incidentio", "https://s.test/sub", ["https://s.test/sub/api/v2/summary.json", "https://s.test/sub/api/v2/components.json", "https://s.test/sub/api/v1/summary", "https://s.test/proxy/s.test"]),
        ("google_cloud", "https://www.google.com/appsstatus/dashboard", ["https://www.google.com/appsstatus/dashboard/incidents.json", "https://www.google.com/appsstatus/dashboard/products.json"]),
        ("betterstack", "https://s.test", ["https://s.test/index.json"]),
        ("instatus", "https://s.test", ["https://s.test/summary.json", "https://s.test/v3/components.json", "https://s.test/v2/components.json"]),
        ("uptime_kuma", "https://k.test/status/relay", ["https://k.test/api/status-page/relay", "https://k.test/api/status-page/heartbeat/relay"]),
        ("gatus", "https://g.test", ["https://g.test/api/v1/endpoints/statuses?page=1&pageSize=1"]),
        ("feed", "https://s.test/history.rss", ["https://s.test/history.rss"]),
        ("cachet", "https://s.test", ["https://s.test/api/components?per_page=100", "https://s.test/api/incidents?per_page=100", "https://s.test/api/schedules?per_page=100", "https://s.test/api/v1/components?per_page=100", "https://s.test/api/v1/incidents?per_page=100", "https://s.test/api/v1/schedules?per_page=100"]),
        ("statusio", "https://api.status.io/1.0/status/5f01", ["https://api.status.io/1.0/status/5f01"]),
        ("statusio", "https://s.test/5f01", ["https://api.status.io/1.0/status/5f01"]),
        ("upptime", "https://raw.githubusercontent.com/o/r/master", ["https://raw.githubusercontent.com/o/r/master/history/summary.json"]),
        ("upptime", "https://github.com/o/r", ["https://raw.githubusercontent.com/o/r/HEAD/history/summary.json"]),
        ("upptime", "https://s.test/history/summary.json", ["https://s.test/history/summary.json"]),
        ("cstate", "https://s.test", ["https://s.test/index.json"]),
        ("uptimerobot", "https://stats.uptimerobot.com/AbC", ["https://stats.uptimerobot.com/api/getMonitorList/AbC?page=1"]),
        ("aws_health", "https://health.aws.amazon.com/health/status", ["https://health.aws.amazon.com/public/currentevents"]),
        ("azure_rss", "https://azure.status.microsoft/en-us/status", ["https://rssfeed.azure.status.microsoft/en-us/status/feed/"]),
        ("cloudflare_v3", "https://www.cloudflarestatus.com", ["https://www.cloudflarestatus.com/api/v3/summary"]),
        ("flashduty", "https://s.test", ["https://s.test/api/widget/v1/summary.json"]),
        ("rootly", "https://s.test", ["https://s.test/api/v1/status.json"]),
        ("openstatus", "https://acme.openstatus.dev", ["https://acme.openstatus.dev/feed/json"]),
        ("openstatus", "https://api.openstatus.dev/public/status/acme", ["https://api.openstatus.dev/public/status/acme"]),
        ("onlineornot", "https://status.openrouter.ai", ["https://api.onlineornot.com/v1/status_pages/status.openrouter.ai/summary"]),
        ("onlineornot", "https://acme.onlineornot.com", ["https://api.onlineornot.com/v1/status_pages/acme/summary"]),
        ("statuscake", "https://uptime.statuscake.com/AbC", ["https://app.statuscake.com/Workfloor/PublicReportHandler.php?PublicID=AbC"]),
        ("statushub", "https://s.test", ["https://s.test/api/statuses"]),
        ("sorry", "https://acme.sorryapp.com", ["https://api.sorryapp.com/v1/pages/acme/components"]),
        ("google_ai_studio", "https://aistudio.google.com/status", ["https://aistudio.google.com/status"]),
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
        "google_cloud", "cloudflare_v3", "rootly", "flashduty", "openstatus", "cachet", "cachet", "statushub",
        "upptime", "feed",
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
        (page("auto", "https://api.status.io/1.0/status/5f01"), "statusio"),
        (page("auto", "https://acme.openstatus.dev"), "openstatus"),
        (page("auto", "https://stats.uptimerobot.com/AbC"), "uptimerobot"),
        (page("auto", "https://acme.onlineornot.com"), "onlineornot"),
        (
            page("auto", "https://health.aws.amazon.com/health/status", products=("bedrock",)),
            "aws_health",
        ),
        (page("auto", "https://status.azure.com/en-us/status"), "azure_rss"),
        (page("auto", "https://aistudio.google.com/status"), "google_ai_studio"),
        (page("auto", "https://uptime.statuscake.com/AbC"), "statuscake"),
        (page("auto", "https://acme.sorryapp.com"), "sorry"),
        (page("auto", "https://www.cloudflarestatus.com"), "cloudflare_v3"),
        (page("auto", "https://raw.githubusercontent.com/o/r/master"), "upptime"),
        (page("auto", "https://github.com/o/r"), "upptime"),
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
        ({**SUMMARY, "incidents": []}, "rootly"),  # no components
        ({"page": {"id": "x"}, "components": []}, None),  # components.json: no status
        ({"schema_version": 1, "page": {"name": "F"}, "overall": {}, "ongoing_incidents": []}, "flashduty"),
        ({"is": "https://cstate", "systems": [], "summaryStatus": "ok"}, "cstate"),
        ({"data": {"status": {"value": 1}}}, None),  # Cachet
        ({"status": "fail", "msg": "Not Found"}, None),  # Kuma's refusal
        ([], None),
        ([{"date": "1", "arn": "x"}], None),  # AWS
        ({"status": "ok", "psp": {"monitors": [{"monitorId": 1}]}}, "uptimerobot"),
        ({"status": "ok", "psp": {"monitors": []}}, None),
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


FIRST = [
    (name, case.documents[load(name).documents(case.settings)[0].key])
    for name, case in GOOD.items()
    if name
    not in (
        "google_ai_studio",
        "azure_rss",
        "aws_health",
        "google_cloud",
    )  # known by their hosts alone
]


@pytest.mark.parametrize(("name", "document"), FIRST, ids=[name for name, _ in FIRST])
def test_every_engine_is_recognised_by_its_answer(name: str, document: Document) -> None:
    """By the shape of what it serves, whatever the page's address."""
    assert recognise(document) == name


def test_awss_events_are_recognised_where_there_are_any() -> None:
    """In UTF-16 with a byte order mark, as they come."""
    events = [{"arn": "arn:aws:health", "service": "bedrock-us-east-1", "status": "2"}]
    body = codecs.BOM_UTF16_BE + json.dumps(events).encode("utf-16-be")
    document = Document(200, "application/json", body)

    assert recognise(document) == "aws_health"
    reading = load("aws_health").read({"events": document}, page("aws_health"), NOW)
    assert [c.id for c in reading.components] == ["bedrock-us-east-1"]


@pytest.mark.parametrize(
    ("url", "engine", "here"),
    [
        ("https://status.x.com/api/v2/summary.json", "auto", "https://status.x.com"),
        ("https://status.x.com/api/v2/status.json", "statuspage", "https://status.x.com"),
        ("https://status.x.com/sub/api/v1/summary", "incidentio", "https://status.x.com/sub"),
        ("https://x.instatus.com/summary.json", "auto", "https://x.instatus.com"),
        ("https://x.com/api/v1/components?per_page=9", "cachet", "https://x.com"),
        ("https://x.com/incidents.json", "google_cloud", "https://x.com"),
        ("https://x.com/api/v3/summary", "statuspage", "https://x.com/api/v3/summary"),
        ("https://x.com/history.rss", "auto", "https://x.com/history.rss"),
        ("https://x.com/summary.json", "feed", "https://x.com/summary.json"),
        ("https://x.com/status/kuma", "auto", "https://x.com/status/kuma"),
    ],
)
def test_the_address_of_a_document_leads_to_its_page(url: str, engine: str, here: str) -> None:
    """Only an ending the engine itself would add is taken away, or any engine's where none is named."""
    found = at_its_page(PageSettings("p", url, engine))
    assert found.url == here
    assert at_its_page(found) == found


@pytest.mark.parametrize("name", engine_names())
def test_a_pages_own_address_stays(name: str) -> None:
    """Every engine's."""
    written = page(name, "https://status.example.test/sub")
    assert at_its_page(written) == written
