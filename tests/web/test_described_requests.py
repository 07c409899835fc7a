"""Requests drawn from our own description: what it allows is no 400, and every answer is as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import open_store
from genmedia_exporter.web.routes.openapi import description
from tests.web.schemas import Schemas
from tests.web.site import Backend, client

BACKEND: Final = Backend()
NAMES: Final = tuple(BACKEND.board.targets)
ENDLESS: Final = "/live"
"""A stream that never ends has a test of its own."""


@cache
def described() -> dict[str, Any]:
    """Return the description, as it is served by a site with these targets."""
    families = sorted({state.target.family for state in BACKEND.board.targets.values()})
    return description("", NAMES, families, ("production", "stable"))


SCHEMAS: Final = Schemas(described())
OPERATIONS: Final = tuple(
    (method, path)
    for path, methods in described()["paths"].items()
    for method in methods
    if path != ENDLESS
)


def allowed(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    """Draw what a schema allows, as it is written in an address or a header."""
    schema = SCHEMAS.resolve(schema)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
    kind = schema["type"]
    if kind == "boolean":
        return st.sampled_from(["true", "false"])
    if kind == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum")).map(str)
    if kind == "number":
        above = st.floats(schema["exclusiveMinimum"], exclude_min=True, allow_infinity=False)
        return above.map(repr)
    return st.sampled_from(NAMES) | st.text(max_size=20)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, str, dict[str, str], dict[str, str]]:
    """Draw an operation and its parameters: required ones always, others perhaps."""
    method, path = draw(st.sampled_from(OPERATIONS))
    url, query, headers = path, dict[str, str](), dict[str, str]()
    for parameter in described()["paths"][path][method].get("parameters", ()):
        one = SCHEMAS.resolve(parameter)
        if not one.get("required") and not draw(st.booleans()):
            continue
        value = draw(allowed(one["schema"]))
        if one["in"] == "path":
            # A step of nothing or of dots is another path, as it is for every client.
            value = value if value.strip(".") else NAMES[0]
            url = url.replace(f"{{{one['name']}}}", quote(value, safe=""))
        else:
            (query if one["in"] == "query" else headers)[one["name"]] = value
    return method, path, url, query, headers


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A site with an empty database, whose operator may reload."""
    file = tmp_path_factory.mktemp("described") / "g.db"
    open_store(Place(file)).close()
    reader = Reader(Place(file))
    with client(BACKEND.services(reader=lambda: reader, lifecycle_enabled=True)) as site:
        yield site


def is_beyond_schemas(path: str, query: Mapping[str, str]) -> bool:
    """Whether two parameters do not go together, which no schema can say.

    A depth that the target does not have, a family that has no target of the operation.
    """
    targets = [state.target for state in BACKEND.board.targets.values()]
    if path == "/probe" and "depth" in query:
        return not any(t.name == query["target"] and query["depth"] in t.depths for t in targets)
    if path == "/api/v1/route" and "family" in query:
        wanted = query["family"], query["operation"]
        return not any((t.family, str(t.operation)) == wanted for t in targets)
    return False


@given(drawn=requests())
def test_what_is_described_is_answered_so(
    http: httpx2.Client, drawn: tuple[str, str, str, dict[str, str], dict[str, str]]
) -> None:
    """No 400, no error of ours; status, content type and every field are those described."""
    method, path, url, query, headers = drawn
    answer = http.request(method, url, params=query, headers=headers)
    assert answer.status_code < 500
    assert answer.status_code != 400 or is_beyond_schemas(path, query), answer.text
    responses = described()["paths"][path][method]["responses"]
    found = SCHEMAS.resolve(responses[str(answer.status_code)])
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in found["content"]
    value = answer.json() if kind.endswith("json") else answer.text
    assert list(SCHEMAS.problems(found["content"][kind]["schema"], value)) == []


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=str)
def test_errors_are_problem_documents_and_security_is_declared(method: str, path: str) -> None:
    """Every operation says so: for programs errors are problem+json, 401 and the rest included."""
    operation = described()["paths"][path][method]
    assert {"401", "default"} <= operation["responses"].keys()
    for status, response in operation["responses"].items():
        if path.startswith("/api/") and status[0] not in "23":
            assert list(SCHEMAS.resolve(response)["content"]) == ["application/problem+json"]
    schemes = {"password", "certificate", "traffic", "trafficHeader"}
    assert set(described()["components"]["securitySchemes"]) == schemes
    assert {} in described()["security"]
