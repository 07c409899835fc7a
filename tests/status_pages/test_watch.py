"""Fetching and watching status pages over real sockets: caching, detection, trouble, rhythm."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import Monotonic, SystemClock, Unix
from genmedia_exporter.core.status_page import (
    ComponentStatus,
    DocumentRequest,
    PageReport,
    PageSettings,
)
from genmedia_exporter.demo.world import run_in_thread
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.status_pages import render_pages
from genmedia_exporter.report.page_summary import summarise
from genmedia_exporter.report.targets import page_object
from genmedia_exporter.status_pages.fetch import FetchError, PageFetcher
from genmedia_exporter.status_pages.watch import PageWatch, read_page
from genmedia_exporter.transport.network import Network
from tests.fakes import FakeClock
from tests.transport.server import Received, Script, Server, Writer, answer, hang, trickle

SUMMARY = {
    "page": {
        "id": "abc",
        "name": "Vendor",
        "url": "https://x",
        "updated_at": "2026-11-22T00:00:00Z",
    },
    "status": {"indicator": "none", "description": "All good"},
    "components": [
        {"id": "c1", "name": "Images", "status": "operational", "group": False, "group_id": None}
    ],
    "incidents": [],
    "scheduled_maintenances": [],
}
NOW = Unix(1_795_400_000.0)


def fetcher() -> PageFetcher:
    """Return a fetcher on the system's clock and network."""
    return PageFetcher(Network(), SystemClock())


def fetch(urls: list[str], with_fetcher: PageFetcher | None = None) -> list[bytes]:
    """Fetch *urls* one after the other; return the bodies."""
    used = with_fetcher or fetcher()

    async def run() -> list[bytes]:
        return [(await used.fetch(DocumentRequest("d", url))).body for url in urls]

    return asyncio.run(run())


def tagged(body: bytes) -> Script:
    """Answer with an ETag, and 304 to whoever has it."""

    async def script(request: Received, writer: Writer) -> None:
        known = request.headers.get("if-none-match") == '"v1"'
        status = "304 Not Modified" if known else "200 OK"
        await answer(b"" if known else body, status, 'etag: "v1"\r\n')(request, writer)

    return script


def test_an_unchanged_document_is_not_sent_again() -> None:
    """The second request carries the ETag and the document comes from memory."""
    with Server(tagged(b'{"a": 1}')) as server:
        bodies = fetch([server.url, server.url])

    assert bodies == [b'{"a": 1}'] * 2
    assert [r.headers.get("if-none-match") for r in server.received] == [None, '"v1"']


def test_it_says_who_it_is_and_sends_no_key() -> None:
    """Our own User-Agent, and nothing that could be a credential."""
    with Server(answer()) as server:
        fetch([server.url])
    (request,) = server.received

    assert request.headers["user-agent"].startswith("genmedia-exporter/")
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    "script", [answer(b"x" * 50, length=100), answer(b"x" * (2 << 20))], ids=["broken", "huge"]
)
def test_what_does_not_arrive_is_a_fetch_error(script: Script) -> None:
    """A truncated or endless document is none."""
    with Server(script) as server, pytest.raises(FetchError):
        fetch([server.url])


@pytest.mark.parametrize("script", [hang, trickle(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n")])
def test_a_page_that_hangs_costs_bounded_time(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a host does, a document takes no longer than its limit."""
    monkeypatch.setattr("genmedia_exporter.status_pages.fetch.TIMEOUT", 0.2)
    with Server(script) as server, pytest.raises(FetchError, match="time allowed"):
        fetch([server.url])


def read(page: PageSettings, wanted: tuple[str, ...] = ()) -> PageReport:
    """Read *page* once."""
    return asyncio.run(read_page(PageReport(page, page.engine), fetcher(), wanted, lambda: NOW))


def test_html_is_unreadable() -> None:
    """A page that has moved answers 200 with HTML; that is no news of its components."""
    with Server(answer(b"<!doctype html><html>", headers="content-type: text/html\r\n")) as server:
        report = read(PageSettings("p", server.url, "statuspage"))

    assert not report.readable
    assert "HTML" in report.problem
    assert report.reading is None


def test_auto_finds_the_engine_and_stays() -> None:
    """The engine is recognised by what answers, once, and is in the report from then on."""
    with Server(answer(json.dumps(SUMMARY).encode())) as server:
        page = PageSettings("p", server.url)
        report = read(page, ("Images",))
        known = fetcher()
        again = asyncio.run(read_page(report, known, ("Images",), lambda: NOW))

    assert (report.engine, again.engine) == ("statuspage", "statuspage")
    component = again.listed["Images"]
    assert component is not None
    assert component.status is ComponentStatus.OPERATIONAL


def test_a_page_nobody_recognises() -> None:
    """When no engine knows the answer, the way out is said."""
    with Server(answer(b'{"hello": "world"}')) as server:
        report = read(PageSettings("p", server.url))

    assert "engine:" in report.problem


def test_the_demo_pages_are_read() -> None:
    """Both shapes of the demo world, the incident.io one found without being told."""
    with run_in_thread() as world:
        vendor = read(PageSettings("v", f"{world.url}/_pages/openai"), ("Images", "Gone"))
        products = ("p5rCvyraXdeC6HFE8XJJ",)
        google = read(
            PageSettings("g", f"{world.url}/_pages/google", "google_cloud", products=products),
            products,
        )

    assert (vendor.engine, vendor.readable, vendor.listed["Gone"]) == ("incidentio", True, None)
    assert google.listed[products[0]] is not None


def test_a_page_that_nobody_serves_is_told_as_that() -> None:
    """The way out is no engine where nothing answers at all."""
    report = read(PageSettings("p", "http://127.0.0.1:1"))

    assert not report.readable
    assert "ConnectionRefused" in report.problem
    assert "engine" not in report.problem


class Told:
    """Keeps every report it is told, and lets a test wait for the next good one."""

    def __init__(self) -> None:
        self.reports: list[PageReport] = []
        self._good: asyncio.Queue[PageReport] = asyncio.Queue()

    def __call__(self, report: PageReport) -> None:
        """Take in a report."""
        self.reports.append(report)
        if report.readable and report.read_at is not None and report not in self.reports[:-1]:
            self._good.put_nowait(report)

    async def next_readable(self) -> PageReport:
        """Return the next good reading, within five seconds."""
        async with asyncio.timeout(5):
            return await self._good.get()


def test_each_page_is_read_once_an_interval() -> None:
    """However many targets name it, a page is asked once, and again after its interval."""

    async def run(page: PageSettings, clock: FakeClock) -> list[PageReport]:
        told = Told()
        watch = PageWatch(PageFetcher(Network(), SystemClock()), clock, told)
        watch.configure([page], {"p": ("Images",)})
        watch.configure([page], {"p": ("Images",)})
        for _ in range(3):
            await told.next_readable()
            await clock.advance(30.0)
        await watch.stop()
        return told.reports

    with Server(answer(json.dumps(SUMMARY).encode())) as server:
        page = PageSettings("p", server.url, "statuspage", interval=30.0)
        told = asyncio.run(run(page, FakeClock()))
        summaries = [r for r in server.received if "summary" in r.line]

    assert told[-1].readable
    assert 3 <= len(summaries) <= 4


def test_a_page_that_changed_its_address_starts_anew() -> None:
    """A reload with another URL under the same id forgets the old report."""

    async def run(first: PageSettings, second: PageSettings) -> list[PageReport]:
        told = Told()
        watch = PageWatch(PageFetcher(Network(), SystemClock()), FakeClock(), told)
        watch.configure([first], {})
        await told.next_readable()
        watch.configure([second], {})
        await watch.stop()
        return told.reports

    with Server(answer(json.dumps(SUMMARY).encode())) as server:
        page = PageSettings("p", server.url, "statuspage", interval=30.0)
        told = asyncio.run(run(page, replace(page, url=server.url + "/other")))

    assert told[-1].reading is None


def test_the_documents_of_removed_pages_are_forgotten() -> None:
    """After a reload only what will be asked for again is kept, and it is still not sent twice."""

    async def run(stays: PageSettings, goes: PageSettings, used: PageFetcher) -> None:
        told = Told()
        watch = PageWatch(used, FakeClock(), told)
        watch.configure([stays, goes], {})
        await told.next_readable()
        await told.next_readable()
        watch.configure([stays], {})
        await watch.stop()

    used = fetcher()
    with Server(tagged(json.dumps(SUMMARY).encode())) as server:
        stays = PageSettings("s", server.url, "statuspage", interval=30.0)
        goes = PageSettings("g", server.url + "/gone", "statuspage", interval=30.0)
        asyncio.run(run(stays, goes, used))
        before = [received.line.split()[1] for received in server.received]
        fetch([server.url + path for path in before], used)
        again = {r.line.split()[1]: r.headers for r in server.received[len(before) :]}

    conditional = {path for path, headers in again.items() if "if-none-match" in headers}
    assert conditional == {path for path in before if not path.startswith("/gone")} != set()
    assert len(again) > len(conditional)


def moved(status: str = "301 Moved Permanently") -> Script:
    """Answer every request with a redirect to another host."""
    return answer(b"", status, "location: https://status.new.example/api/v2/summary.json?k=v\r\n")


@pytest.mark.parametrize("engine", ["statuspage", "auto"])
def test_a_page_that_has_moved_names_its_new_address(engine: str) -> None:
    """It is not followed: nobody chose that host. The problem tells what to write as its url."""
    with Server(moved()) as server:
        report = read(PageSettings("p", server.url, engine))

    assert not report.readable
    assert report.problem == "HTTP 301: it has moved to https://status.new.example"


@pytest.mark.parametrize("engine", ["statuspage", "auto"])
def test_the_address_of_a_document_stands_for_its_page(engine: str) -> None:
    """Whoever copies it from the vendor's documentation is understood, and sees what was written."""
    with Server(answer(json.dumps(SUMMARY).encode())) as server:
        report = read(PageSettings("p", f"{server.url}/api/v2/status.json", engine))

    assert report.readable
    assert report.settings.url.endswith("/api/v2/status.json")
    assert server.received[0].line.split()[1] == "/api/v2/summary.json"


def test_a_redirect_without_an_address_is_a_refusal() -> None:
    """As any other status."""
    with Server(answer(b"", "301 Moved Permanently")) as server:
        report = read(PageSettings("p", server.url, "statuspage"))

    assert report.problem == "HTTP 301"


@pytest.mark.parametrize(
    ("attempts", "pause"), [(1, 60.0), (2, 120.0), (6, 1920.0), (7, 3600.0), (40, 3600.0)]
)
def test_a_page_nobody_recognises_is_asked_ever_more_rarely(attempts: int, pause: float) -> None:
    """A dozen addresses at every reading would be a nuisance to its host."""
    clock = FakeClock()
    page = PageSettings("p", "http://127.0.0.1:9", "auto")

    async def run() -> float:
        done = asyncio.Event()

        def told(_: PageReport) -> None:
            if watch._attempts.get("p") == attempts:  # one is the watch's own
                done.set()

        watch = PageWatch(fetcher(), clock, told)
        watch.configure([page], {})
        for _ in range(attempts - 1):
            await watch.read_once(page)
        await done.wait()
        found = watch._pause(page)
        await watch.stop()
        return found

    assert asyncio.run(run()) == pause


GEMINI_KEY = "AIza" + "k" * 35
GEMINI = [[["i1", "Errors", 2, [[1, "x", ["1795326000"], "Investigating"]], None, [1]]]]


async def ai_studio(request: Received, writer: Writer) -> None:
    """Play the page and what it asks for; without the key nothing is told."""
    if request.line.startswith("GET /"):
        page = f'<!doctype html><script>k="{GEMINI_KEY}"</script>'
        await answer(page.encode(), headers="content-type: text/html\r\n")(request, writer)
        return
    asked = request.line.startswith("POST /ListIncidentsHistory ") and request.body == b"[]"
    known = request.headers.get("x-goog-api-key") == GEMINI_KEY
    known &= request.headers.get("referer") == "https://aistudio.google.com/"
    said = json.dumps(GEMINI).encode()
    await answer(said, "200 OK" if asked and known else "403 Forbidden")(request, writer)


def test_the_page_of_the_gemini_api_is_read_in_two_steps() -> None:
    """The key is the one that the page carries for its visitors; no report keeps it."""
    with Server(ai_studio) as server:
        report = read(PageSettings("p", server.url, "google_ai_studio"), ("1",))

    assert report.readable, report.problem
    assert report.reading is not None
    assert [incident.id for incident in report.reading.incidents] == ["i1"]
    assert GEMINI_KEY not in repr(report)


def test_a_page_without_a_key_is_unreadable() -> None:
    """It was made anew; there is nothing to ask with."""
    with Server(answer(b"<!doctype html>", headers="content-type: text/html\r\n")) as server:
        report = read(PageSettings("p", server.url, "google_ai_studio"))

    assert report.problem == "the page carries no key"


def open_ones(count: int, impact: str) -> list[dict[str, str]]:
    """Return *count* open incidents of a Statuspage, one a minute, in ascending order."""
    return [
        {"id": f"{impact}{n}", "name": f"{impact} {n}", "status": "investigating", "impact": impact, "created_at": f"2026-11-21T{n // 60:02}:{n % 60:02}:00Z"}
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("major", [19, 20, 30, 1200])
def test_all_open_incidents_are_counted_and_the_worst_are_shown(major: int) -> None:
    """However many there are; the critical one stands last on the page, and is the oldest."""
    listed = [*reversed(open_ones(major, "major")), *open_ones(1, "critical")]
    summary = {**SUMMARY, "incidents": listed}
    with Server(answer(json.dumps(summary).encode())) as server:
        report = read(PageSettings("p", server.url, "statuspage"))
    lines = render_pages([report], Format.TEXT).decode().splitlines()
    infos = [line for line in lines if line.startswith("genmedia_status_page_incident_info{")]
    told = page_object(report)

    assert f'genmedia_status_page_incidents{{page="p",impact="major"}} {major}.0' in lines
    assert 'genmedia_status_page_incidents{page="p",impact="critical"} 1.0' in lines
    assert len(infos) == 20
    assert any('impact="critical"' in line for line in infos)
    assert (len(told["incidents"]), told["incidents_open"]) == (20, major + 1)
    assert "critical" in {incident["impact"] for incident in told["incidents"]}
    assert summarise(report).text.endswith(f"“critical 0” and {major - 2:,} more")


PROXY = {
    "summary": {
        "id": "01JMDK9XYNY6RXSED6SDWW50WY",
        "name": "Vendor",
        "components": [
            {"id": "c1", "name": "Images", "status_page_id": "x"},
            {"id": "c2", "name": "Old", "status_page_id": "x"},
            {"id": "c3", "name": "Chat", "status_page_id": "x"},
        ],
        "affected_components": [{"component_id": "c1", "status": "full_outage"}],
        "ongoing_incidents": [
            {
                "id": "i1",
                "name": "Images fail",
                "status": "investigating",
                "current_worst_impact": "full_outage",
                "affected_components": [{"component_id": "c1"}],
            }
        ],
        "in_progress_maintenances": [],
        "scheduled_maintenances": [],
        "structure": {
            "items": [
                {
                    "group": {
                        "id": "g1",
                        "name": "APIs",
                        "components": [
                            {"component_id": "c1", "name": "Images"},
                            {"component_id": "c2", "name": "Old", "hidden": True},
                        ],
                    }
                },
                {"component": {"component_id": "c3", "name": "Chat"}},
            ]
        },
    }
}


async def proxied(request: Received, writer: Writer) -> None:
    """Play a page of incident.io without either of its public APIs."""
    own = request.line.startswith("GET /proxy/127.0.0.1")
    body = json.dumps(PROXY).encode() if own else b"<!doctype html>"
    await answer(body, "200 OK" if own else "404 Not Found")(request, writer)


def test_incidentios_own_traffic_is_read_where_there_is_nothing_else() -> None:
    """With groups, and without components that are retired."""
    with Server(proxied) as server:
        report = read(PageSettings("p", server.url, "incidentio"), ("Images",))

    assert report.readable, report.problem
    assert report.reading is not None
    found = {c.id: (c.status.value, c.group) for c in report.reading.components}
    assert found == {"c1": ("major_outage", "APIs"), "c3": ("operational", None)}
    (incident,) = report.reading.incidents
    assert (incident.impact.value, incident.components) == ("critical", ("c1",))


class Pausing:
    """A process that was paused during its first readings."""

    def __init__(self, spoilt: int) -> None:
        self.spoilt = spoilt

    def since(self, _began: Monotonic) -> bool:
        """Whether the reading that has just ended was spoilt."""
        self.spoilt -= 1
        return self.spoilt >= 0


@pytest.mark.parametrize(
    ("spoilt", "requests", "told"), [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 3, 0)]
)
def test_a_reading_that_spans_a_pause_is_made_again(spoilt: int, requests: int, told: int) -> None:
    """What a stopped process did not hear is no trouble of the page; three such readings tell nothing."""
    reports: list[PageReport] = []

    async def run(url: str) -> None:
        page = PageSettings("vendor", url, "statuspage")
        pauses = Pausing(spoilt)
        watch = PageWatch(fetcher(), FakeClock(), reports.append, pauses.since)
        watch.configure([page], {})
        reports.clear()
        await watch.stop()
        await watch.read_once(page)

    with Server(answer(json.dumps(SUMMARY).encode())) as server:
        asyncio.run(run(server.url))
        assert len(server.received) == requests
    assert len(reports) == told
    assert all(report.readable for report in reports)
