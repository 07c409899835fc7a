"""Every engine against the answers composed for it, and against the shared fixtures."""

from __future__ import annotations

from typing import Any

import pytest

from genmedia_exporter.core.status_page import Document, PageReading, UnreadableError
from genmedia_exporter.status_pages.engines.contract import load
from tests.status_pages.engines.corpus import (
    NOW,
    SHARED,
    Case,
    answer,
    cases,
    described,
    manifest,
    misses,
    page,
    shared,
)

ALL = list(cases())
READABLE = [case for case in ALL if case.problem is None]
UNREADABLE = [case for case in ALL if case.problem is not None]


@pytest.mark.parametrize("case", READABLE, ids=lambda case: case.id)
def test_composed_answers(case: Case) -> None:
    """Every answer of the corpus says what the facts say it says."""
    assert misses(case.read(), case.expect) == []


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: case.id)
def test_unreadable_answers(case: Case) -> None:
    """What cannot be read says why in a few plain words."""
    with pytest.raises(UnreadableError) as caught:
        case.read()

    assert caught.value.reason == case.problem


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    """Two cases of one name would hide one another in a report."""
    assert len({case.id for case in ALL}) == len(ALL) >= 100


# --- the shared fixtures ---

# Where a file is only a part of what an engine reads, the others that go with it.
WITH = {
    "incidentio_compat/components.superset.json": {"summary": "incidentio_compat/summary.all_good.json"},
    # The page and its components disagree, as pages do: the manifest expects no incident here.
    **{
        f"instatus/components.{case}.json": {"summary": "instatus/summary.all_good.json"}
        for case in ("all_good", "degraded_component")
    },
    **{
        f"{engine}/{first}.{case}.json": {other: f"{engine}/{file}.{case}.json"}
        for engine, first, other, file in (
            ("instatus", "summary", "components", "components"),
            ("uptime_kuma", "status_page", "heartbeat", "heartbeat"),
            ("uptime_kuma", "heartbeat", "page", "status_page"),
        )
        for case in ("all_good", "degraded_component")
    },
}  # fmt: skip
ENGINES = {
    "statuspage": ("statuspage", {"summary": "summary"}),
    "incidentio_compat": ("incidentio", {"summary": "summary", "components": "components"}),
    "incidentio_widget": ("incidentio", {"summary": "widget"}),
    "google_cloud": ("google_cloud", {"incidents": "incidents", "products": "products"}),
    "betterstack": ("betterstack", {"index": "index"}),
    "instatus": ("instatus", {"summary": "summary", "components": "components"}),
    "uptime_kuma": ("uptime_kuma", {"status_page": "page", "heartbeat": "heartbeat"}),
    "gatus": ("gatus", {"endpoints_statuses": "statuses"}),
    "rss": ("feed", {"betterstack_feed": "feed"}),
}
SCALE = {
    "degraded_performance": "degraded",
    "under_maintenance": "maintenance",
    "full_outage": "major_outage",
}
INDICATORS = {
    "degraded_performance": "minor",
    "degraded": "minor",
    "operational": "none",
    "UP": "none",
    "HASISSUES": "minor",
}
WHOLE = [
    e for e in manifest() if e["file"].split("/")[1].partition(".")[0] in ENGINES[e["engine"]][1]
]
PIECES = [e for e in manifest() if e not in WHOLE]


@pytest.mark.parametrize("entry", WHOLE, ids=lambda entry: entry["file"])
def test_shared_fixtures(entry: dict[str, Any]) -> None:
    """Every shared fixture is read as its manifest expects, with what belongs to it."""
    engine, keys = ENGINES[entry["engine"]]
    name = entry["file"]
    documents = {keys[name.split("/")[1].partition(".")[0]]: shared(name)}
    documents |= {key: shared(file) for key, file in WITH.get(name, {}).items()}
    if entry["engine"] == "incidentio_widget":
        documents["summary"] = answer("", 404, "text/html")
    if name == "google_cloud/products.json":
        documents["incidents"] = shared("google_cloud/incidents.all_good.json")

    _check(engine, documents, entry)


def _check(engine: str, documents: dict[str, Document], entry: dict[str, Any]) -> None:
    wanted = entry["suggested_expectation"]
    watched = tuple(wanted.get("watched_products", ()))
    settings = page(engine, products=watched)
    if wanted["parse"] != "ok":
        with pytest.raises(UnreadableError):
            load(engine).read(documents, settings, NOW)
        return
    reading = load(engine).read(documents, settings, NOW)
    assert misses(reading, _expectation(wanted)) == []
    assert set(wanted.get("ids", ())) <= {c.id for c in reading.components}
    assert [c.id for c in reading.components if c.id in watched] == list(watched)
    assert _duplicates(reading) >= set(wanted.get("duplicate_names", ()))


def _expectation(wanted: dict[str, Any]) -> dict[str, Any]:
    expect = {
        key: wanted[other]
        for key, other in (
            ("incidents", "active_incidents"),
            ("running", "maintenance_in_progress"),
            ("upcoming", "maintenance_upcoming"),
        )
        if other in wanted
    }
    if "components" in wanted:
        expect["components"] = {id: SCALE.get(w, w) for id, w in wanted["components"].items()}
    if "overall_raw" in wanted:
        expect["indicator"] = INDICATORS.get(wanted["overall_raw"], wanted["overall_raw"])
    return expect


def _duplicates(reading: PageReading) -> set[str]:
    names = [component.name for component in reading.components]
    return {name for name in names if names.count(name) > 1}


@pytest.mark.parametrize("entry", PIECES, ids=lambda entry: entry["file"])
def test_shared_pieces_of_statuspage(entry: dict[str, Any]) -> None:
    """A summary without its lists, put together from pieces, is read with the lists beside it."""
    case = entry["case"]
    files = {
        "status": f"status.{case}.json",
        "components": f"components.{case}.json",
        "unresolved": "incidents_unresolved.all_good.json",
        "upcoming": "scheduled_maintenances_upcoming.all_good.json",
        "active": "scheduled_maintenances_active.all_good.json",
    }
    if entry["file"].endswith("unresolved.active_major_incident.json"):
        files["unresolved"] = entry["file"].split("/")[1]
    assert entry["file"].split("/")[1] in files.values()
    _check("statuspage", _pieces(files), entry)


def _pieces(files: dict[str, str]) -> dict[str, Document]:
    documents = {key: shared(f"statuspage/{name}") for key, name in files.items()}
    head = documents.pop("status").body.rstrip().removesuffix(b"}")
    rest = documents.pop("components").body.lstrip().removeprefix(b"{")
    documents["summary"] = Document(200, "application/json", head + b"," + rest)
    return documents


def test_no_shared_fixture_is_left_out() -> None:
    """Every file beside the manifest is in it, and so is read above."""
    files = {str(f.relative_to(SHARED)) for f in SHARED.glob("*/*")}

    assert files == {entry["file"] for entry in manifest()}


def test_impacts_of_the_shared_outage() -> None:
    """Google's outage is critical, and touches every product it names."""
    documents = {"incidents": shared("google_cloud/incidents.active_major_incident.json")}
    products = ("p5rCvyraXdeC6HFE8XJJ", "zeBmbgdSyHGTvPAiXwVS")

    found = described(
        load("google_cloud").read(documents, page("google_cloud", products=products), NOW)
    )

    assert found["impacts"] == {"GOUTAGE0000000000001": "critical"}
    assert found["components"] == {
        "p5rCvyraXdeC6HFE8XJJ": "major_outage",
        "zeBmbgdSyHGTvPAiXwVS": "operational",
    }
