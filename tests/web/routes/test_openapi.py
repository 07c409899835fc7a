"""The OpenAPI description against the exporter: every route, every field, every word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from starlette.routing import Route

from genmedia_exporter import __version__
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Outcome, Status
from genmedia_exporter.core.status_page import ComponentStatus, Impact
from genmedia_exporter.incidents.statuspage import VIEWS
from genmedia_exporter.routing.ranking import BUILT_IN
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.export import FIELDS
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import Batch, open_store
from genmedia_exporter.web.app import build_app, other_routes
from genmedia_exporter.web.http.streams import Streams
from genmedia_exporter.web.routes.assets import script
from genmedia_exporter.web.routes.history import EXPORT_LIMIT, LIMIT, MAX_EXPORT_LIMIT, MAX_LIMIT
from genmedia_exporter.web.routes.openapi import description
from tests.incidents.samples import closed, incident
from tests.metrics.samples import AT
from tests.web.schemas import Schemas
from tests.web.site import Backend, client, kept_failure

NAME: Final = "sora-2-official"
KEPT: Final = kept_failure(NAME)
NAMES_NOW: Final = (
    tuple(Backend().board.targets),
    sorted({state.target.family for state in Backend().board.targets.values()}),
    tuple(BUILT_IN),
)
INCIDENTS: Final = (incident(), closed())
ROOT: Final = Path(__file__).parents[3]


def row(number: int, target: str = NAME) -> dict[str, object]:
    """Return a record made by hand; every third one a failure without an answer."""
    bad = number % 3 == 0
    return {
        "target": target, "at": AT - 1000 + number, "depth": "reach",
        "status": "down" if bad else "operational", "up": int(not bad), "holds": 150.0,
        "duration": 0.2, "http_status": 0 if bad else 200, "fault": "provider" if bad else "none",
        "reason": "timeout" if bad else "ok", "message": "No answer." if bad else None,
        "cost_usd": 0.0,
    }  # fmt: skip


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A site with seven records of one target and two of another."""
    path = tmp_path_factory.mktemp("openapi") / "g.db"
    store = open_store(Place(path))
    rows = [row(n) for n in range(7)] + [row(n, "a/b & c.d") for n in range(2)]
    store.write(Batch(history=rows))
    store.close()
    reader = Reader(Place(path))

    async def switch(on: bool) -> None:
        if on:
            raise StorageError("the disk is full")

    services = Backend().services(
        reader=lambda: reader,
        lifecycle_enabled=True,
        enable_spending=switch,
        failures=lambda name: [KEPT] if name == NAME else [],
        incidents=lambda: INCIDENTS,
    )
    with client(services) as site:
        yield site


@cache
def described() -> dict[str, Any]:
    """Return the description."""
    return description()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation of everything that is described."""
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


# --- the description itself


def test_it_is_served(http: httpx2.Client) -> None:
    """As JSON, with our version, and with where the paths begin."""
    answer = http.get("/api/v1/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == description("", *NAMES_NOW)
    assert answer.json()["openapi"].startswith("3.1.")
    assert answer.json()["info"]["version"] == __version__
    with client(Backend().services(route_prefix="/gm")) as site:
        assert site.get("/gm/api/v1/openapi.json").json()["servers"] == [{"url": "/gm"}]


def test_every_route_is_described_and_nothing_else() -> None:
    """Paths and methods are those of the application; HEAD goes without saying."""
    services = Backend().services()
    routes = {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path))
        for route in (*build_app(services).routes, *other_routes(services, Streams()))
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert {(method, path) for method, path, _ in operations()} == routes


def test_references_lead_somewhere_and_names_are_single() -> None:
    """No dangling $ref, no schema that nothing refers to, no operation named twice."""
    referred = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(described())))
    parts = {**described()["components"]}
    wanted = [described()["security"], *(o.get("security", ()) for _, _, o in operations())]
    offered = {name for one in chain.from_iterable(wanted) for name in one}
    assert parts.pop("securitySchemes").keys() == offered
    assert referred == {(kind, name) for kind, named in parts.items() for name in named}
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)
    for _, path, operation in operations():
        inside = {p["name"] for p in operation.get("parameters", ()) if p.get("in") == "path"}
        assert inside == set(re.findall(r"\{(\w+)\}", path))


@pytest.mark.parametrize(
    "words", [Status, Fault, Channel, Operation, Depth, Outcome, Impact, ComponentStatus]
)
def test_words_are_those_of_the_code(words: type[StrEnum]) -> None:
    """A closed list in the description is the enumeration, whole and in its order."""
    assert described()["components"]["schemas"][words.__name__]["enum"] == list(words)


def test_limits_are_those_of_the_code() -> None:
    """Page sizes are described as they are held."""
    paths = described()["paths"]

    def limit(path: str) -> dict[str, Any]:
        found = [p for p in paths[path]["get"]["parameters"] if p.get("name") == "limit"]
        return dict(found[0]["schema"])

    history = limit("/api/v1/targets/{name}/history")
    assert (history["default"], history["maximum"]) == (LIMIT, MAX_LIMIT)
    assert limit("/api/v1/export")["maximum"] == MAX_EXPORT_LIMIT
    assert f"limit is {EXPORT_LIMIT} by default" in str(paths["/api/v1/export"])
    assert list(described()["components"]["schemas"]["Record"]["properties"]) == list(FIELDS)


# --- the answers

GOOD: Final = [
    ("GET", "/", "/"),
    ("GET", "/targets/{name}", f"/targets/{NAME}"),
    ("GET", "/targets/{name}", f"/targets/{NAME}?cursor=5"),
    ("GET", "/static/{name}", f"/static/{script().name}"),
    ("GET", "/feed.atom", "/feed.atom"),
    ("GET", "/targets/{name}/feed.atom", f"/targets/{NAME}/feed.atom"),
    ("GET", "/api/v2/summary.json", "/api/v2/summary.json"),
    ("GET", "/api/v2/incidents.json", "/api/v2/incidents.json"),
    *(("GET", f"/api/v2/{name}.json", f"/api/v2/{name}.json") for name in VIEWS),
    ("GET", "/embed", "/embed"),
    ("GET", "/incidents", "/incidents"),
    ("GET", "/incidents/{id}", f"/incidents/{INCIDENTS[0].id}"),
    ("GET", "/badge/{name}.svg", f"/badge/{NAME}.svg"),
    ("GET", "/metrics", "/metrics"),
    ("GET", "/probe", f"/probe?target={NAME}"),
    ("GET", "/api/v1/openapi.json", "/api/v1/openapi.json"),
    ("GET", "/api/v1/status", "/api/v1/status"),
    ("GET", "/api/v1/catalogue", "/api/v1/catalogue"),
    ("GET", "/api/v1/route", "/api/v1/route?operation=video"),
    ("GET", "/api/v1/route", "/api/v1/route?operation=image&policy=stable"),
    ("GET", "/api/v1/export", "/api/v1/export"),
    ("GET", "/api/v1/export", "/api/v1/export?limit=2"),
    ("GET", "/api/v1/export", "/api/v1/export?format=csv"),
    ("GET", "/api/v1/incidents", "/api/v1/incidents"),
    ("GET", "/api/v1/incidents/{id}", f"/api/v1/incidents/{INCIDENTS[0].id}"),
    ("GET", "/api/v1/targets/{name}/history", f"/api/v1/targets/{NAME}/history"),
    ("GET", "/api/v1/targets/{name}/history", f"/api/v1/targets/{NAME}/history?limit=2"),
    ("GET", "/api/v1/targets/{name}/probes", f"/api/v1/targets/{NAME}/probes"),
    ("GET", "/api/v1/targets/{name}/probes/{id}", f"/api/v1/targets/{NAME}/probes/{KEPT.id}"),
    ("GET", "/config", "/config"),
    ("GET", "/-/healthy", "/-/healthy"),
    ("GET", "/-/ready", "/-/ready"),
    ("POST", "/-/reload", "/-/reload"),
    ("PUT", "/-/reload", "/-/reload"),
    ("POST", "/-/spending", "/-/spending?enabled=false"),
    ("PUT", "/-/spending", "/-/spending?enabled=false"),
]
BAD: Final = [
    ("GET", "/probe", "/probe?target=nobody", 400),
    ("GET", "/targets/{name}", "/targets/nobody", 404),
    ("GET", "/targets/{name}", f"/targets/{NAME}?cursor=x", 400),
    ("GET", "/static/{name}", "/static/live.js", 404),
    ("GET", "/feed.atom", "/feed.atom?since=7d", 400),
    ("GET", "/targets/{name}/feed.atom", "/targets/nobody/feed.atom", 404),
    ("GET", "/api/v2/summary.json", "/api/v2/summary.json?x", 400),
    ("GET", "/incidents/{id}", "/incidents/20261118-1101-000000", 404),
    ("GET", "/badge/{name}.svg", "/badge/nobody.svg", 404),
    ("GET", "/badge/{name}.svg", f"/badge/{NAME}.svg?label=a&label=b", 400),
    ("GET", "/badge/{name}.svg", f"/badge/{NAME}.svg?metric=uptimes", 400),
    ("GET", "/metrics", "/metrics", 400),
    ("GET", "/api/v1/catalogue", "/api/v1/catalogue?provider=klign", 400),
    ("GET", "/api/v1/route", "/api/v1/route", 400),
    ("GET", "/api/v1/route", "/api/v1/route?operation=smell", 400),
    ("GET", "/api/v1/export", "/api/v1/export?format=xml", 400),
    ("GET", "/api/v1/incidents", "/api/v1/incidents?since=yesterday", 400),
    ("GET", "/api/v1/incidents/{id}", f"/api/v1/incidents/{INCIDENTS[0].id}?x=1", 400),
    ("GET", "/api/v1/incidents/{id}", "/api/v1/incidents/20261118-1101-000000", 404),
    ("GET", "/api/v1/targets/{name}/history", "/api/v1/targets/nobody/history", 404),
    ("GET", "/api/v1/targets/{name}/history", f"/api/v1/targets/{NAME}/history?limit=0", 400),
    ("GET", "/api/v1/targets/{name}/probes", "/api/v1/targets/nobody/probes", 404),
    ("GET", "/api/v1/targets/{name}/probes/{id}", "/api/v1/targets/nobody/probes/reach-1", 404),
    ("GET", "/api/v1/targets/{name}/probes/{id}", f"/api/v1/targets/{NAME}/probes/reach-1", 404),
    ("POST", "/-/spending", "/-/spending", 400),
    ("POST", "/-/spending", "/-/spending?enabled=true", 500),
]


def held(method: str, path: str, answer: httpx2.Response) -> list[str]:
    """Return what of an answer is not as it is described."""
    schemas = Schemas(described())
    responses = described()["paths"][path][method.lower()]["responses"]
    assert str(answer.status_code) in responses, answer.status_code
    content = schemas.resolve(responses[str(answer.status_code)])["content"]
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in content, kind
    value = answer.json() if kind.endswith("json") else answer.text
    return list(schemas.problems(content[kind]["schema"], value))


@pytest.mark.parametrize(("method", "path", "url"), GOOD, ids=lambda part: str(part))
def test_answers_are_as_described(http: httpx2.Client, method: str, path: str, url: str) -> None:
    """Every field answered is described, every described one is there, types and words fit."""
    answer = http.request(method, url)
    assert answer.status_code == 200
    assert held(method, path, answer) == []


@pytest.mark.parametrize(
    ("path", "url"), [each[1:] for each in GOOD if each[0] == "GET" and each[1].startswith("/api/")]
)
def test_a_parameter_that_nobody_knows(http: httpx2.Client, path: str, url: str) -> None:
    """All of the API refuses it alike and as described: a typo would change the answer unnoticed."""
    answer = http.get(f"{url}{'&' if '?' in url else '?'}nonsense=1")
    assert answer.status_code == 400
    assert held("GET", path, answer) == []
    told, known = answer.json()["detail"], described()["paths"][path]["get"].get("parameters", [])
    assert told.startswith("No parameter is called 'nonsense'; ")
    names = [each["name"] for each in known if each.get("in") == "query"]
    assert all(name in told for name in names), names


def test_every_operation_is_tried() -> None:
    """A route that is added gets its line here; what never ends or takes a body has tests of its own."""
    elsewhere = {("GET", "/live"), ("POST", "/api/v1/observations")}
    tried = {(method, path) for method, path, _ in GOOD} | elsewhere
    assert {(method, path) for method, path, _ in operations()} == tried


@pytest.mark.parametrize(("method", "path", "url", "status"), BAD, ids=lambda part: str(part))
def test_refusals_are_as_described(
    http: httpx2.Client, method: str, path: str, url: str, status: int
) -> None:
    """One sentence of plain text, with a status that is described."""
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": "never"} if path == "/metrics" else {}
    answer = http.request(method, url, headers=headers)
    assert answer.status_code == status
    assert held(method, path, answer) == []


def test_the_check_finds_what_is_wrong(http: httpx2.Client) -> None:
    """A field too many, one too few, a wrong type, a word that is none, a time without zone."""
    document = http.get("/api/v1/status").json()
    one = document["targets"][0]
    one["surprise"] = 1
    one["status"] = "fine"
    one["since"] = "2026-11-22T08:30:00"
    one["up"] = True
    one["stability"] = 9
    del one["fault"]
    schema = {"$ref": "#/components/schemas/StatusDocument"}
    found = sorted(text.split(":")[0] for text in Schemas(described()).problems(schema, document))
    assert found == [
        "$.targets[0].fault is missing", "$.targets[0].since", "$.targets[0].stability",
        "$.targets[0].status", "$.targets[0].surprise is not described", "$.targets[0].up",
    ]  # fmt: skip


# --- other origins


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/status", "/api/v1/export", "/nothing"])
def test_no_other_origin_may_read_it(http: httpx2.Client, path: str) -> None:
    """CORS is off: neither an answer nor a preflight says otherwise."""
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method in ("GET", "OPTIONS"):
        answer = http.request(method, path, headers=asked)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
