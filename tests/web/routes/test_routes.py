"""Every route over a real socket: what it answers, what it refuses, and how it says so."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from genmedia_exporter.core.status import Depth
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.spending.limits import Spending
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.web.routes.status import render_status
from tests.events import events, messages
from tests.metrics.samples import AT, CANARY, broken, healthy, snapshot, unseen
from tests.web.site import Backend, client, said

TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Backend, httpx2.Client]]:
    """One server for all tests: starting and stopping one takes a quarter of a second."""
    backend = Backend()
    with client(backend.services(lifecycle_enabled=True)) as http:
        yield backend, http


@pytest.fixture
def backend(site: tuple[Backend, httpx2.Client]) -> Backend:
    backend = site[0]
    vars(backend).update(vars(Backend()))
    return backend


@pytest.fixture
def http(site: tuple[Backend, httpx2.Client], backend: Backend) -> httpx2.Client:
    return site[1]


def names(page: str) -> set[str]:
    return {sample.name for m in text_string_to_metric_families(page) for sample in m.samples}


# --- /metrics ---


def test_metrics_in_both_formats(http: httpx2.Client) -> None:
    """The content type is exactly what was negotiated, and the body is of that kind."""
    text = http.get("/metrics")
    assert text.headers["content-type"] == Format.TEXT.content_type
    assert "genmedia_target_up" in names(text.text)
    accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
    openmetrics = http.get("/metrics", headers=accept)
    assert openmetrics.headers["content-type"] == Format.OPENMETRICS.content_type
    assert openmetrics.text.endswith("# EOF\n")


def test_metrics_by_name(http: httpx2.Client) -> None:
    """`name[]` tells some metrics alone, compressed or not, as other exporters take it."""
    asked = {"name[]": ["genmedia_target_up", "genmedia_probes_total"]}
    for encoding in ("gzip", "identity"):
        found = http.get("/metrics", params=asked, headers={"Accept-Encoding": encoding})
        assert names(found.text) == {"genmedia_target_up", "genmedia_probes_total"}
    assert http.get("/metrics", params={"name[]": "nobody"}).text == ""


def test_metrics_are_compressed_on_request(http: httpx2.Client) -> None:
    """gzip and plain bytes hold the same targets."""
    squeezed = http.get("/metrics", headers={"Accept-Encoding": "gzip"})
    plain = http.get("/metrics", headers={"Accept-Encoding": "identity"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["vary"]
    assert names(squeezed.text) == names(plain.text)


def test_metrics_answer_when_every_provider_hangs(
    backend: Backend, http: httpx2.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A scrape round that never ends delays the page by the patience, no more."""
    backend.hang = True
    with caplog.at_level(logging.WARNING, logger="genmedia_exporter"):
        assert http.get("/metrics", headers={TIMEOUT: "0.2"}).status_code == 200
    assert backend.rounds == [0.1]
    assert events(caplog.records) == [("probing on scrape timed out", {"timeout_seconds": 0.1})]


def test_metrics_answer_when_the_round_breaks(
    backend: Backend, http: httpx2.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in a scrape round is logged; what is known is served."""
    backend.refusal = RuntimeError("bug")
    with caplog.at_level(logging.ERROR):
        assert http.get("/metrics").status_code == 200
    assert messages(caplog.records) == ["probing on scrape failed"]


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 0.8), ("10", 0.8), ("0.6", 0.3), ("1e9", 0.8)]
)
def test_scrape_timeout(
    backend: Backend, http: httpx2.Client, header: str | None, seconds: float
) -> None:
    """A scrape waits for its probes as long as it may, and never so long that it misses a second."""
    http.get("/metrics", headers={TIMEOUT: header} if header else {})
    assert backend.rounds == [seconds]


@pytest.mark.parametrize("value", ["", "abc", "0", "-1", "nan", "inf", "1_0", "10s"])
@pytest.mark.parametrize("path", ["/metrics", "/probe?target=sora-2-official"])
def test_bad_scrape_timeout(http: httpx2.Client, path: str, value: str) -> None:
    """Garbage in the header is refused with one sentence."""
    answer = http.get(path, headers={TIMEOUT: value})
    assert answer.status_code == 400
    assert said(answer) == f"{TIMEOUT} must be a positive number of seconds, such as 10."


def test_repeated_scrape_timeout(http: httpx2.Client) -> None:
    """Two headers are one too many."""
    headers = [(TIMEOUT, "10"), (TIMEOUT, "20")]
    assert http.get("/metrics", headers=headers).status_code == 400


def test_many_scrapes_at_once_are_all_answered(http: httpx2.Client) -> None:
    """A crowd of scrapes is rendered a few at a time; none is refused."""
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: http.get("/metrics").status_code, range(60)))
    assert set(answers) == {200}


# --- /probe ---


def test_probe(backend: Backend, http: httpx2.Client) -> None:
    """One target at its shallowest depth, under the names of /metrics, the new result included."""
    page = http.get("/probe", params={"target": "veo-3.1"})
    assert page.status_code == 200
    assert 'genmedia_probe_success{target="veo-3.1",depth="reach"} 1.0' in page.text
    assert "genmedia_exporter" not in page.text
    assert backend.probes == [("veo-3.1", Depth.REACH, 120.0)]


def test_probe_keeps_to_one_depth_and_its_time(backend: Backend, http: httpx2.Client) -> None:
    """depth= chooses, the header limits, and no other depth is on the page."""
    params = {"target": "sora-2-official", "depth": "accept"}
    page = http.get("/probe", params=params, headers={TIMEOUT: "8"})
    assert backend.probes == [("sora-2-official", Depth.ACCEPT, 7.5)]
    assert 'depth="accept"' in page.text
    assert 'depth="reach"' not in page.text


def test_probe_in_debug_tells_everything(http: httpx2.Client) -> None:
    """Phases, headers, rule, an excerpt of the body, then the metrics, and no secret."""
    page = http.get("/probe", params={"target": "sora-2-official", "debug": "true"})
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    for part in (
        "Probe of sora-2-official at depth reach",
        "the target's timeout",
        "new-api.ok",
        "GET https://api.apiyi.example/v1/models",
        "processing   0.1250 s",
        "content-type: application/json",
        "set-cookie: <hidden>",
        "body, the first 2048 of",
        '"id": "sora-2"',
        "# Metrics",
        "genmedia_probe_success{",
    ):
        assert part in page.text
    assert CANARY not in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "The parameter target is missing: /probe?target=NAME."),
        ("target=", "The parameter target is missing: /probe?target=NAME."),
        (
            "target=sora-2-oficial",
            "No target is called 'sora-2-oficial'; did you mean 'sora-2-official'?",
        ),
        ("target=zzz", "No target is called 'zzz'; /api/v1/status lists all targets."),
        (
            "target=https://evil.example",
            "No target is called 'https://evil.example'; /api/v1/status lists all targets.",
        ),
        ("target=veo-3.1&target=veo-3.1", "The parameter target is given 2 times; give it once."),
        (
            "target=veo-3.1&depth=reech",
            "There is no depth 'reech'; did you mean 'reach'?",
        ),
        ("target=veo-3.1&depth=accept", "veo-3.1 is not probed at accept; free depths: reach."),
        (
            "target=sora-2-official&depth=generate",
            "generate costs money and does not run here; free depths: reach, accept.",
        ),
        ("target=veo-3.1&dept=reach", "No parameter is called 'dept'; did you mean 'depth'?"),
        (
            "target=veo-3.1&module=http_2xx",
            "No parameter is called 'module'; known are: target, depth, debug.",
        ),
        ("target=veo-3.1&debug=maybe", "debug must be true or false."),
        ("target=veo-3.1&debug=true&debug=true", "The parameter debug is given 2 times; give it once."),
        ("target=a%0Ab", "No target is called 'a?b'; /api/v1/status lists all targets."),
    ],
)  # fmt: skip
def test_probe_refuses(backend: Backend, http: httpx2.Client, query: str, sentence: str) -> None:
    """What cannot be probed is a 400 with one clear sentence, and nothing is sent anywhere."""
    answer = http.get(f"/probe?{query}")
    assert (answer.status_code, said(answer)) == (400, sentence)
    assert backend.probes == []


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (KeyError("veo-3.1"), 400, "No target is called 'veo-3.1'"),
        (ValueError("reach is stopped on this target."), 400, "reach is stopped on this target."),
        (TimeoutError(), 504, "The probe took longer than 7.5 s"),
    ],
)
def test_probe_passes_on_refusals(
    backend: Backend, http: httpx2.Client, error: Exception, status: int, sentence: str
) -> None:
    """A target removed meanwhile, a depth that may not run, a probe that is too slow."""
    backend.refusal = error
    answer = http.get("/probe?target=veo-3.1", headers={TIMEOUT: "8"})
    assert answer.status_code == status
    assert said(answer).startswith(sentence)


def test_probe_that_hangs_is_given_up(backend: Backend, http: httpx2.Client) -> None:
    """The answer comes within the time Prometheus waits."""
    backend.hang = True
    assert http.get("/probe?target=veo-3.1", headers={TIMEOUT: "0.1"}).status_code == 504


# --- /api/v1/catalogue ---


def test_the_catalogue_is_served(http: httpx2.Client) -> None:
    """All providers, or one by name, as the command tells them."""
    everyone = http.get("/api/v1/catalogue").json()["providers"]
    (kling,) = http.get("/api/v1/catalogue", params={"provider": "kling"}).json()["providers"]

    assert {"openai", "kling", "http"} <= {entry["provider"] for entry in everyone}
    assert kling in everyone
    assert kling["models"][0]["price"]


def test_an_unknown_provider_is_refused(http: httpx2.Client) -> None:
    """A name that is none is a 400 that says which was meant."""
    answer = http.get("/api/v1/catalogue", params={"provider": "klign"})

    assert (answer.status_code, "did you mean 'kling'?" in said(answer)) == (400, True)


# --- /api/v1/status ---


def test_status_json_has_the_fields_of_the_contract(http: httpx2.Client) -> None:
    """Names and kinds of all fields are those of design section 6."""
    document = http.get("/api/v1/status").json()
    assert list(document) == ["generated_at", "targets", "status_pages", "budget"]
    assert document["budget"] == {
        "daily_usd": 1.0,
        "spent_today_usd": 0.07,
        "monthly_usd": 20.0,
        "spent_this_month_usd": 0.31,
        "enabled": True,
    }
    (page,) = document["status_pages"]
    assert (page["id"], page["readable"], page["indicator"]) == ("openai", True, "minor")
    assert page["components"] == {"Images": "partial_outage", "Video": "unknown"}
    assert [incident["title"] for incident in page["incidents"]] == ['Slow "images"']
    assert [window["running"] for window in page["maintenances"]] == [False]
    healthy_one = document["targets"][0]
    assert healthy_one.pop("depths")["reach"] == {
        "success": True,
        "outcome": "success",
        "at": "2026-11-18T11:06:40.000Z",
        "duration_seconds": 0.21,
        "http_status_code": 200,
    }
    assert healthy_one == {
        "name": "sora-2-official",
        "provider": "new-api",
        "account": "apiyi",
        "channel": "official",
        "model": "sora-2",
        "operation": "video",
        "status": "operational",
        "status_code": 1,
        "previous_status": "down",
        "since": "2026-11-18T09:06:40.000Z",
        "up": 1,
        "fault": "none",
        "reason": "ok",
        "message": "",
        "evidence": ["probe"],
        "uptime": {"1h": None, "24h": None, "7d": None, "30d": None},
        "uptime_known": {"1h": 0.0, "24h": 0.0, "7d": 0.0, "30d": 0.0},
        "stability": 0,
        "price": {"usd_per_second": 0.1},
        "retires_at": "2026-12-01T00:00:00.000Z",
        "successor": "sora-3",
    }


def test_status_json_is_written_once_a_second() -> None:
    """For all who ask, unless something happens; it says when it was made."""
    backend, now, spent = Backend(), [AT], [Spending(1.0, 0.07)]
    services = backend.services(now=lambda: now[0], spending=lambda: spent[0])
    with client(services) as http:

        def made() -> str:
            return str(http.get("/api/v1/status").json()["generated_at"])

        first = made()
        now[0] = AT + 0.999
        assert made() == first
        now[0] = AT + 1.0
        second = made()
        assert second != first
        backend.board = replace(backend.board, version=backend.board.version + 1)
        now[0] = AT + 1.5
        third = made()
        assert third != second
        spent[0] = Spending(1.0, 0.08)
        assert http.get("/api/v1/status").json()["budget"]["spent_today_usd"] == 0.08


def test_status_json_tells_money_without_the_dust_of_sums() -> None:
    """What floats add to a sum of prices is no money."""
    spending = Spending(1.0, 0.1 + 0.2, 20.0, None)
    told = json.loads(render_status(snapshot(), spending, AT))["budget"]

    assert (told["spent_today_usd"], told["spent_this_month_usd"]) == (0.3, None)


def test_status_json_leaves_unknown_things_null(http: httpx2.Client) -> None:
    """A target without evidence has no depth, no up, no price."""
    target = http.get("/api/v1/status").json()["targets"][2]
    assert (target["depths"], target["up"], target["price"]) == ({}, None, None)
    assert (target["previous_status"], target["retires_at"]) == (None, None)


# --- lifecycle ---


def test_healthy_and_config(http: httpx2.Client) -> None:
    """Liveness needs no provider; the configuration is plain text."""
    assert (http.get("/-/healthy").status_code, http.get("/-/healthy").text) == (200, "Healthy\n")
    config = http.get("/config")
    assert config.headers["content-type"] == "text/plain; charset=utf-8"
    assert config.text == "accounts:\n  apiyi: {api_key: <secret>}\n"


def test_ready_tells_how_far_the_first_round_is(backend: Backend, http: httpx2.Client) -> None:
    """503 until the first round is done, with how many of how many."""
    backend.is_ready = False
    answer = http.get("/-/ready")
    assert answer.status_code == 503
    assert answer.text == "Not ready: 2 of 3 targets probed in the first round.\n"
    backend.is_ready = True
    assert http.get("/-/ready").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_reload(backend: Backend, http: httpx2.Client, method: str) -> None:
    """A good configuration is taken; a bad one is a 500 that says why."""
    assert http.request(method, "/-/reload").text == "Reloaded.\n"
    backend.problems = ["genmedia.yml:3:5: targets[0].model: unknown"]
    answer = http.request(method, "/-/reload")
    assert answer.status_code == 500
    assert answer.json()["problems"] == list(backend.problems)
    assert backend.reloads == 2


def test_a_reload_names_what_was_not_taken_and_what_is_doubtful() -> None:
    """The web configuration may stay while the other is taken, and the other way round."""
    backend = Backend()
    web: list[str] = []
    services = backend.services(
        lifecycle_enabled=True, reload_web=lambda: web, warnings=lambda: ["key: the last one stays"]
    )
    with client(services) as http:
        sound = http.post("/-/reload")
        web += ["web.yml:1:1: basic_auth_users.bob: not a bcrypt hash"]
        half = http.post("/-/reload")
        backend.problems = ["genmedia.yml:3:5: targets[0].model: unknown"]
        none = http.post("/-/reload")
    assert (sound.status_code, sound.text) == (200, "Reloaded.\nkey: the last one stays\n")
    stays = "The web configuration was not taken; the running one stays in force."
    assert half.status_code == none.status_code == 500
    assert said(half).splitlines() == ["Reloaded.", "key: the last one stays", stays]
    assert half.json()["problems"] == web
    kept = "Not reloaded; the running configuration stays in force."
    assert said(none).splitlines() == [kept, stays]
    assert none.json()["problems"] == [*backend.problems, *web]


def test_reload_is_gated() -> None:
    """Without --web.enable-lifecycle it is a 403 that names the way out, and nothing happens."""
    backend = Backend()
    with client(backend.services()) as http:
        answer = http.post("/-/reload")
    assert answer.status_code == 403
    assert "--web.enable-lifecycle" in said(answer)
    assert "SIGHUP" in said(answer)
    assert backend.reloads == 0


# --- everything else ---


@pytest.mark.parametrize(
    "path",
    ["/metrics/", "/nothing", "/probe/", "/-/quit", "/static/status.css", "/%2e%2e/etc"],
)  # fmt: skip
def test_everything_else_is_404(http: httpx2.Client, path: str) -> None:
    """No other path answers, not even with a slash too many."""
    answer = http.get(path)
    assert (answer.status_code, said(answer)) == (404, "404 page not found")


@pytest.mark.parametrize("path", ["/", "/metrics", "/probe", "/api/v1/status", "/config"])
def test_wrong_method_is_405(http: httpx2.Client, path: str) -> None:
    """Reading is all that can be done there, and the answer names how."""
    answer = http.post(path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_spending(backend: Backend, http: httpx2.Client, method: str) -> None:
    """Paid probes are switched off and on, and each time it is said what holds now."""
    off = http.request(method, "/-/spending?enabled=false")
    on = http.request(method, "/-/spending", params={"enabled": "true"})

    assert (off.status_code, off.text) == (200, "Paid probes are off.\n")
    assert (on.status_code, on.text) == (200, "Paid probes may run, within the budget.\n")
    assert backend.switched == [False, True]


@pytest.mark.parametrize(
    "query", ["", "?enabled=", "?enabled=0", "?on=false", "?enabled=true&enabled=false"]
)
def test_spending_takes_true_or_false(backend: Backend, http: httpx2.Client, query: str) -> None:
    """Anything else is a 400 that says what to write, and changes nothing."""
    answer = http.post(f"/-/spending{query}")

    assert (answer.status_code, "?enabled=false" in said(answer)) == (400, True)
    assert backend.switched == []


def test_spending_is_gated() -> None:
    """Without --web.enable-lifecycle it is a 403 that names another way; a link cannot switch."""
    backend = Backend()
    with client(backend.services()) as http:
        answer = http.post("/-/spending?enabled=false")
        by_link = http.get("/-/spending?enabled=false")

    assert (answer.status_code, by_link.status_code) == (403, 405)
    assert "budget: {daily_usd: 0}" in said(answer)
    assert backend.switched == []


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("false", "Paid probes are off until this exporter stops."),
        ("true", "Paid probes stay off."),
    ],
)
def test_spending_that_cannot_be_written(
    backend: Backend, http: httpx2.Client, on: str, words: str
) -> None:
    """It is a 500 that says what holds all the same."""
    backend.refusal = StorageError("disk full")
    answer = http.post("/-/spending", params={"enabled": on})

    assert answer.status_code == 500
    assert said(answer) == f"{words} The switch could not be saved: disk full."


def test_metrics_do_not_guess(backend: Backend) -> None:
    """Limits are always there; what is spent is absent as long as it is not known, and again then."""
    known = Spending(1.0, 0.25, 20.0, 7.0)
    told = [known, Spending(1.0, None, 20.0, None), known]
    metrics = Metrics(ExporterMetrics(process=False), lambda: told.pop(0))
    with client(backend.services(metrics=metrics)) as http:
        pages = [http.get("/metrics").text for _ in range(3)]

    assert ['genmedia_budget_limit_usd{period="day"} 1.0' in page for page in pages] == [True] * 3
    spent = 'genmedia_budget_spent_usd{period="month"} 7.0'
    assert [spent in page for page in pages] == [True, False, True]
    assert "genmedia_budget_spent_usd{" not in pages[1]


def test_status_json_does_not_guess(backend: Backend) -> None:
    """What is spent is null before the ledger could be read."""
    services = backend.services(spending=lambda: Spending(1.0, None, 20.0, None, enabled=False))
    with client(services) as http:
        assert http.get("/api/v1/status").json()["budget"] == {
            "daily_usd": 1.0,
            "spent_today_usd": None,
            "monthly_usd": 20.0,
            "spent_this_month_usd": None,
            "enabled": False,
        }


def test_reload_by_get_is_405(http: httpx2.Client) -> None:
    """A link cannot reload."""
    assert http.get("/-/reload").status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/probe?target=veo-3.1", "/api/v1/status", "/config", "/-/healthy"]
)
def test_head_works_where_get_does(http: httpx2.Client, path: str) -> None:
    """HEAD has the status and type of GET and no body."""
    head, get = http.head(path), http.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_large_requests_are_refused(http: httpx2.Client) -> None:
    """No route takes a body worth the name."""
    assert http.post("/-/reload", content=b"x" * 2000).status_code == 413
    assert http.post("/-/reload", content=iter([b"x"])).status_code == 413


def test_route_prefix() -> None:
    """With a prefix everything is below it, and the bare address leads there."""
    with client(Backend().services(route_prefix="/gm/")) as http:
        assert http.get("/gm/metrics").status_code == 200
        assert http.get("/metrics").status_code == 404
        assert http.get("/").headers["location"] == "/gm/"
        assert http.get("/gm").headers["location"] == "/gm/"
        page = http.get("/gm/")
    assert 'href="metrics"' in page.text


def test_home_leads_to_the_external_url() -> None:
    """Behind a proxy that strips its own prefix, people are sent where they can go."""
    services = Backend().services(route_prefix="/gm", external_url="https://x.example/mon/gm/")
    with client(services) as http:
        assert http.get("/").headers["location"] == "/mon/gm/"


def test_a_bug_is_a_plain_500(caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected error shows no traceback to the client."""

    def bug() -> str:
        raise RuntimeError(CANARY)

    with client(Backend().services(config_yaml=bug)) as http:
        answer = http.get("/config")
    assert (answer.status_code, said(answer)) == (500, "Internal error; see the log.")


def test_no_secret_leaves_by_any_route() -> None:
    """The credential in the configuration and in an answer is on no page."""
    states = [healthy(), broken(), unseen()]
    board = snapshot(*states)
    with client(Backend(board=board).services()) as http:
        pages = ["/", "/metrics", "/api/v1/status", "/config", "/-/ready"]
        pages += [f"/probe?target={s.target.name}&debug=true" for s in states]
        for path in pages:
            answer = http.get(path)
            assert answer.status_code == 200
            assert CANARY not in answer.text + str(answer.headers), path


def test_messages_are_not_labels() -> None:
    """A service's own words are for people, in JSON, and never on /metrics."""
    with client(Backend(board=snapshot(broken())).services()) as http:
        assert "账号池冷却中" in http.get("/api/v1/status").json()["targets"][0]["message"]
        assert "账号池冷却中" not in http.get("/metrics").text
