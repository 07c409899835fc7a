"""A real Prometheus answers every query, over two exporters that watch the same targets."""

from __future__ import annotations

import http.server
import json
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from dashboards.src.promql import CODE, urgency
from genmedia_exporter.core.status import Status
from tests.dashboards.reading import FILES, Asked, asked, asked_of_panels, load
from tests.metrics import golden
from tests.programs import program

QUERIES: Final = [one for file in FILES for one in asked(load(file))]

EMPTY: Final = {
    "Alerts": "no rules are loaded",
    "Days of history held": "Prometheus is seconds old",
    "Distribution of successful free probes": "no quarter of an hour is over",
}
"""What may have nothing to show here, and why. Nor has what asks for recorded series: no rules are loaded."""

_OFFICIAL = b'{target="sora-2-official"'
DISAGREEING: Final = {
    b'channel="reverse"': b'channel="official"',
    b'url="https://s.example/i1"': b'url=""',
    # Out of touch with the exporter that watches it, so unknown, since later, and by its own fault.
    b"status_code" + _OFFICIAL + b"} 1.0": b"status_code" + _OFFICIAL + b"} 0.0",
    b"fault" + _OFFICIAL + b',fault="none"} 1.0': b"fault" + _OFFICIAL + b',fault="none"} 0.0',
    b"fault" + _OFFICIAL + b',fault="network"} 0.0': b"fault"
    + _OFFICIAL
    + b',fault="network"} 1.0',
}

COUNTED: Final = re.compile(r"^(\w+(?:_total|_bucket|_count|_sum)(?:\{.*\})?) (\S+)$", re.M)


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every request with the page of its server."""

    server: Exporter

    def do_GET(self) -> None:
        """Answer one scrape."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.page())

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class Exporter(http.server.ThreadingHTTPServer):
    """A server of a page of metrics whose counters grow from scrape to scrape."""

    def __init__(self, page: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self._first = page.decode()
        self._scrapes = 0

    def page(self) -> bytes:
        """Return the page, its counters by as many times higher as it was asked for."""
        self._scrapes += 1
        return COUNTED.sub(self._more, self._first).encode()

    def _more(self, line: re.Match[str]) -> str:
        return f"{line[1]} {float(line[2]) * self._scrapes}"


@contextmanager
def serving(page: bytes) -> Iterator[str]:
    """Serve a page; gives host:port."""
    with Exporter(page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def prometheus(folder: Path, *exporters: str) -> Iterator[str]:
    """Run a Prometheus that scrapes the exporters, and a job that is down; gives its URL."""
    jobs = {"genmedia": exporters, "other": ["127.0.0.1:1"]}
    scraping = [{"job_name": job, "static_configs": [{"targets": jobs[job]}]} for job in jobs]
    config = {"global": {"scrape_interval": "1s"}, "scrape_configs": scraping}
    (folder / "prometheus.yml").write_text(json.dumps(config), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    arguments = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb"]
    with (folder / "log").open("w") as log:
        command = [program("prometheus"), *arguments, f"--web.listen-address={address}"]
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"http://{address}"
    finally:
        running.terminate()
        running.wait(10)


def when(one: Asked) -> dict[str, float]:
    """Return the time to ask for, as Grafana would: a range begins and ends on a whole step."""
    now = time.time()
    if one.instant:
        return {"time": now}
    step = one.span or 1
    end = now // step * step
    return {"start": end - max(60, step), "end": end, "step": step}


def ask(url: str, one: Asked) -> dict[str, Any]:
    """Return Prometheus' answer, an error's too."""
    path = "query" if one.instant else "query_range"
    text = urllib.parse.urlencode({"query": one.expression, **when(one)})
    try:
        with urllib.request.urlopen(f"{url}/api/v1/{path}?{text}", timeout=60) as reply:  # noqa: S310  ours
            answer: dict[str, Any] = json.load(reply)
    except urllib.error.HTTPError as refusal:
        with refusal:
            answer = json.load(refusal)
    return answer


def ready(url: str) -> bool:
    """Whether it takes queries: until then it is not listening, or says 503 in words of its own."""
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=60):  # noqa: S310  ours
            return True
    except OSError:
        return False


def scraped(url: str) -> bool:
    """Whether Prometheus is ready and scraped both exporters three times: counters need that."""
    counted = Asked("", "", "sum(sum_over_time(up[1m])) >= 6 and sum(up) == 2")
    return ready(url) and bool(ask(url, counted)["data"]["result"])


def missed(url: str) -> bool:
    """Whether Prometheus is ready and knows that the other job is down."""
    return ready(url) and bool(ask(url, Asked("", "", "up == 0"))["data"]["result"])


def wait_until(is_so: Callable[[str], bool], url: str) -> None:
    """Wait for that; a busy machine may take its time."""
    until = time.monotonic() + 120
    while not is_so(url):
        assert time.monotonic() < until, "Prometheus did not come up, or could not scrape"
        time.sleep(0.1)


def of_process() -> bytes:
    """Return the official client's metrics of this process, which the golden page leaves out."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return generate_latest(registry)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run two exporters that disagree, and a Prometheus over both."""
    page = golden.page() + of_process()
    other = page
    for said, instead in DISAGREEING.items():
        assert said in page
        other = other.replace(said, instead)
    with ExitStack() as stack:
        exporters = [stack.enter_context(serving(one)) for one in (page, other)]
        base = stack.enter_context(prometheus(tmp_path_factory.mktemp("prometheus"), *exporters))
        wait_until(scraped, base)
        yield base


@pytest.mark.parametrize("one", QUERIES, ids=lambda one: f"{one.dashboard}: {one.panel}")
def test_prometheus_answers(url: str, one: Asked) -> None:
    """No join becomes many-to-many; there is something to see, or a reason why there is not."""
    answer = ask(url, one)
    assert answer["status"] == "success", answer
    assert answer["data"]["result"] or one.panel in EMPTY or "genmedia:" in one.expression


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a Prometheus that has no exporter, only a stranger that is down."""
    with prometheus(tmp_path_factory.mktemp("bare")) as base:
        wait_until(missed, base)
        yield base


@pytest.mark.parametrize("one", QUERIES, ids=lambda one: f"{one.dashboard}: {one.panel}")
def test_without_an_exporter_each_panel_says_why_it_is_empty(bare: str, one: Asked) -> None:
    """No constant, and no other job, answers where nothing is known."""
    answer = ask(bare, one)
    assert answer["status"] == "success", answer
    assert answer["data"]["result"] == []


@pytest.mark.parametrize("name", ["target", "channel", "operation"])
def test_with_nothing_chosen_each_panel_says_why_it_is_empty(url: str, name: str) -> None:
    """Whatever is about targets is empty where none of them is chosen, by whichever variable."""
    found = [one for file in FILES for one in asked_of_panels(load(file), **{name: "nobody"})]
    about = [one for one in found if 'target=~"' in one.expression]
    assert about
    for one in about:
        assert ask(url, one)["data"]["result"] == [], one


def test_each_incident_has_an_address(url: str) -> None:
    """One without a URL leads to our targets; were none to have one, the column would be gone."""
    [one] = [one for one in QUERIES if one.panel == "Open incidents"]
    found = {series["metric"]["url"] for series in ask(url, one)["data"]["result"]}
    assert found == {"https://s.example/i1", "/d/genmedia-target"}


def test_statuses_of_several_targets_are_counted(url: str) -> None:
    """Each status once, with how many have it; the most urgent first, the sum is all of them."""
    [one] = [one for one in QUERIES if (one.dashboard, one.panel) == ("genmedia-target", "Status")]
    found = ask(url, one)["data"]["result"]
    told = [(series["metric"]["status"], series["metric"]["n"]) for series in found]
    assert told == [("risk_control", "1"), ("operational", "1"), ("unknown", "1")]
    codes = {status.value: status.code for status in Status}
    assert [float(series["value"][1]) for series in found] == [codes[name] for name, _ in told]


@pytest.mark.parametrize("title", ["Status", "Now", "Broken now", "Compare"])
def test_two_exporters_are_one_fleet(url: str, title: str) -> None:
    """At any moment each target stands there once, however many exporters watch it."""
    for one in QUERIES:
        if one.panel == title and one.dashboard in ("genmedia-fleet", "genmedia-channels"):
            seen = [
                (series["metric"]["target"], moment)
                for series in ask(url, one)["data"]["result"]
                for moment, _ in series.get("values") or [series["value"]]
            ]
            assert seen
            assert len(seen) == len(set(seen)), one.expression


def test_who_is_out_of_touch_is_not_believed(url: str) -> None:
    """Of two exporters the one that knows the target tells its status, and its fault."""
    tiles = {"Usable": "1", "Unknown": "1", "Ours to mend": "0", "Failing": "1"}
    for one in QUERIES:
        if one.dashboard == "genmedia-fleet" and one.panel in tiles:
            assert ask(url, one)["data"]["result"][0]["value"][1] == tiles[one.panel], one.panel
    faults = [one for one in QUERIES if one.panel == "Now" and "target_fault" in one.expression]
    told = {series["metric"]["target"] for series in ask(url, faults[0])["data"]["result"]}
    assert len(faults) == 1
    assert "sora-2-official" not in told
    assert told


def test_a_stranger_that_is_down_is_not_our_exporter(url: str) -> None:
    """With all jobs chosen, another job's outage is not ours."""
    scraped = [one for one in QUERIES if one.panel == "Scraped"]
    assert [ask(url, one)["data"]["result"][0]["value"][1] for one in scraped] == ["1"]


def test_what_to_look_at_first(url: str) -> None:
    """What we can mend, then what is broken; what works, is planned or is gone comes last."""
    asked = urgency().partition(" and on (target)")[0]

    def place(status: Status) -> float:
        one = asked.replace(f"max by (target) ({CODE})", f"vector({status.code})")
        return float(ask(url, Asked("", "", one))["data"]["result"][0]["value"][1])

    assert sorted(Status, key=place, reverse=True) == [
        *(Status.QUOTA_EXHAUSTED, Status.AUTH_ERROR, Status.SUSPENDED, Status.DOWN),
        *(Status.RISK_CONTROL, Status.RATE_LIMITED, Status.DEGRADED, Status.UNKNOWN),
        *(Status.OPERATIONAL, Status.MAINTENANCE, Status.RETIRED),
    ]


def test_targets_without_a_price_are_not_the_cheapest(url: str) -> None:
    """Each target has a place, once, whether or not it has a price."""
    ranks = [one for one in QUERIES if one.panel == "Compare" and "1e9" in one.expression]
    found = [series["metric"]["target"] for series in ask(url, ranks[0])["data"]["result"]]
    targets = Asked("", "", "count by (target) (genmedia_target_status_code)")
    known = [series["metric"]["target"] for series in ask(url, targets)["data"]["result"]]
    assert sorted(found) == sorted(known)
