"""The corpus of composed answers under tests/data/pages: reading it, and asking an engine."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status_page import (
    MAX_MAINTENANCES,
    MAX_TEXT,
    Document,
    Incident,
    Maintenance,
    PageReading,
    PageSettings,
)
from genmedia_exporter.status_pages.engines._common import MAX_COMPONENTS
from genmedia_exporter.status_pages.engines.contract import load
from tests.yaml_files import read_yaml

FOLDER = Path(__file__).parents[2] / "data" / "pages"
SHARED = FOLDER / "shared"
NOW = Unix(datetime.fromisoformat("2026-11-22T06:05:00Z").timestamp())
"""When every answer of the corpus is read."""


@dataclass(frozen=True)
class Case:
    """One set of answers, and what they should be read as."""

    id: str
    engine: str
    settings: PageSettings
    documents: Mapping[str, Document]
    expect: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None

    def read(self) -> PageReading:
        """Return what the engine makes of the answers."""
        return load(self.engine).read(self.documents, self.settings, NOW)


def page(engine: str, url: str = "https://status.example.test", **more: Any) -> PageSettings:
    """Return settings of a page."""
    return PageSettings(id="page", url=url, engine=engine, **more)


def answer(value: object, status: int = 200, type: str = "application/json") -> Document:
    """Return a document with *value* as its JSON, or as it is where it is text or bytes."""
    body = value if isinstance(value, bytes) else b""
    if not isinstance(value, bytes):
        body = (value if isinstance(value, str) else json.dumps(value)).encode()
    return Document(status, type, body)


def shared(name: str) -> Document:
    """Return a shared fixture as the answer its manifest describes."""
    entry = next(e for e in manifest() if e["file"] == name)
    body = (SHARED / name).read_bytes()
    return Document(entry["http_status"], entry["content_type"], body)


def manifest() -> list[dict[str, Any]]:
    """Return the entries of the shared fixtures' manifest."""
    found: list[dict[str, Any]] = json.loads((SHARED / "manifest.json").read_text())["files"]
    return found


def cases() -> Iterator[Case]:
    """Yield every case of the corpus."""
    for file in sorted((FOLDER / "composed").glob("*.yml")):
        content = read_yaml(file)
        for case in content["cases"]:
            yield _case(content, case)


def _case(content: dict[str, Any], case: dict[str, Any]) -> Case:
    engine = content["engine"]
    products = tuple(case.get("products", content.get("products", ())))
    return Case(
        id=f"{engine}: {case['id']}",
        engine=engine,
        settings=page(engine, content["url"], products=products),
        documents=_documents(content, case),
        expect=case.get("expect", {}),
        problem=case.get("problem"),
    )


def _documents(content: dict[str, Any], case: dict[str, Any]) -> dict[str, Document]:
    if "body" in case:
        return {content["engine"]: answer(case["body"], type="application/rss+xml")}
    values = copy.deepcopy(content["bases"][case["from"]])
    for path in case.get("drop", []):
        parent, key = _parent(values, path)
        del parent[key]
    for path, value in case.get("set", {}).items():
        parent, key = _parent(values, path)
        if key == "-":
            parent.append(copy.deepcopy(value))
        else:
            parent[key] = copy.deepcopy(value)
    documents = {key: answer(value) for key, value in values.items()}
    for key, raw in case.get("raw", {}).items():
        documents[key] = answer(raw["body"], raw.get("status", 200), raw["type"])
    return documents


def _parent(values: Any, path: str) -> tuple[Any, Any]:
    *steps, last = path.split("/")
    for step in steps:
        values = values[int(step) if isinstance(values, list) else step]
    return values, int(last) if isinstance(values, list) and last != "-" else last


# --- a reading in the words of the corpus ---


def described(reading: PageReading) -> dict[str, Any]:
    """Return *reading* by the keys that an expectation may have."""
    incidents, planned = reading.incidents, reading.maintenances
    return {
        "indicator": reading.indicator.value,
        "identity": reading.identity,
        "updated_at": reading.updated_at,
        "complete": reading.complete,
        "components": {c.id: c.status.value for c in reading.components},
        "names": {c.id: c.name for c in reading.components},
        "groups": {c.id: c.group for c in reading.components},
        "raws": {c.id: c.raw for c in reading.components},
        "incidents": [i.id for i in incidents],
        "titles": {i.id: i.title for i in incidents},
        "impacts": {i.id: i.impact.value for i in incidents},
        "tied": {i.id: list(i.components) for i in incidents},
        "urls": {i.id: i.url for i in incidents},
        "started": {i.id: i.started_at for i in incidents},
        "updated": {i.id: i.updated_at for i in incidents},
        "running": _ids(planned, True),
        "upcoming": _ids(planned, False),
        "starts": {m.id: m.start for m in planned},
        "ends": {m.id: m.end for m in planned},
        "touches": {m.id: list(m.components) for m in planned},
    }


def _ids(planned: tuple[Maintenance, ...], running: bool) -> list[str]:
    return [item.id for item in planned if item.running is running]


def misses(reading: PageReading, expect: Mapping[str, Any]) -> list[str]:
    """Return where *reading* is not what is expected; maps but components are checked in part."""
    found, wrong = described(reading), []
    for key, value in expect.items():
        wanted = _instants(value)
        got = found[key]
        if isinstance(wanted, dict) and key != "components":
            got = {name: got.get(name, "nothing") for name in wanted}
        if got != wanted:
            wrong.append(f"{key}: {got!r} instead of {wanted!r}")
    return wrong


def _instants(value: Any) -> Any:
    """Turn the times of an expectation into Unix seconds."""
    if isinstance(value, dict):
        return {key: _instants(item) for key, item in value.items()}
    if isinstance(value, str) and value[:2] == "20" and value.endswith("Z"):
        return datetime.fromisoformat(value).timestamp()
    return value


def assert_bounded(reading: PageReading) -> None:
    """Fail where *reading* keeps more than metrics and pages can bear."""
    assert len(reading.components) <= MAX_COMPONENTS
    assert len(reading.maintenances) <= MAX_MAINTENANCES
    for component in reading.components:
        assert component.id
        assert max(map(len, (component.id, component.name, component.raw))) <= MAX_TEXT
    events: list[Incident | Maintenance] = [*reading.incidents, *reading.maintenances]
    for event in events:
        assert max(len(event.id), len(event.title), len(event.url)) <= MAX_TEXT
        assert event.url == "" or event.url.startswith(("http://", "https://"))
        assert len(event.components) <= MAX_COMPONENTS
    repr(described(reading)).encode()


GOOD = {case.engine: case for case in reversed(list(cases())) if case.problem is None}
"""The first readable case of each engine."""
XML_ENGINES = ("feed", "azure_rss")
JSON_ENGINES = [name for name in GOOD if name not in XML_ENGINES]
