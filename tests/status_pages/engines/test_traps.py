"""What every engine has to survive: HTML with 200, cut answers, refusals, floods."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genmedia_exporter.core.status_page import (
    MAX_MAINTENANCES,
    Document,
    PageReading,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines._common import MAX_COMPONENTS
from genmedia_exporter.status_pages.engines.contract import engine_names, load
from tests.status_pages.engines.corpus import (
    GOOD,
    JSON_ENGINES,
    NOW,
    XML_ENGINES,
    Case,
    answer,
    assert_bounded,
    cases,
    described,
    page,
)

HTML = "<!DOCTYPE html><html><head><title>Status</title></head><body>All systems operational</body></html>"
ALL = list(cases())


def _instead(engine: str, document: Document | None) -> PageReading:
    """Read a good case of *engine* with every document replaced, or none where it is None."""
    case = GOOD[engine]
    documents = {} if document is None else dict.fromkeys(case.documents, document)
    return load(engine).read(documents, case.settings, NOW)


def _reason(engine: str, document: Document | None) -> str:
    with pytest.raises(UnreadableError) as caught:
        _instead(engine, document)
    return caught.value.reason


@pytest.mark.parametrize("engine", engine_names())
@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (None, "no answer"),
        (answer("", 401), "HTTP 401"),
        (answer(HTML, 404, "text/html"), "HTTP 404"),
        (answer("{}", 503), "HTTP 503"),
        (answer(HTML, 302, "text/html"), "HTTP 302"),
    ],
    ids=["nothing", "401", "404", "503", "302"],
)
def test_refusals(engine: str, document: Document | None, reason: str) -> None:
    """A required document that did not come, or not with 2xx, makes the page unreadable."""
    assert _reason(engine, document) == reason


@pytest.mark.parametrize("engine", engine_names())
@pytest.mark.parametrize("type", ["text/html; charset=utf-8", "application/json"])
def test_html_with_200(engine: str, type: str) -> None:
    """A page that moved answers 200 with HTML, sometimes under the old content type."""
    wanted = "HTML instead of a feed" if engine in XML_ENGINES else "HTML instead of JSON"

    assert _reason(engine, answer(HTML, 200, type)) == wanted


@pytest.mark.parametrize("engine", JSON_ENGINES)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty answer"),
        (b" \n", "empty answer"),
        (b"{", "not JSON"),
        (b"\xff\xfe{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"<?xml version='1.0'?><rss/>", "XML instead of JSON"),
        (b"ok", "not JSON"),
    ],
    ids=["empty", "blank", "truncated", "half a character", "deep", "XML", "text"],
)
def test_what_is_no_json(engine: str, body: bytes, reason: str) -> None:
    """What is not JSON is told so, whatever it is."""
    assert _reason(engine, answer(body)) == reason


@pytest.mark.parametrize(
    "case", [c for c in GOOD.values() if c.engine not in XML_ENGINES], ids=lambda c: c.engine
)
def test_truncated_at_any_place(case: Case) -> None:
    """A required answer cut anywhere is never read as a shorter one."""
    wanted = [request.key for request in load(case.engine).documents(case.settings)]
    required = next((key for key in wanted if key in case.documents), next(iter(case.documents)))
    body = case.documents[required].body
    for end in range(0, len(body) - 1, 7):
        documents = {**case.documents, required: answer(body[:end])}
        with pytest.raises(UnreadableError):
            load(case.engine).read(documents, case.settings, NOW)


@pytest.mark.parametrize("engine", JSON_ENGINES)
@pytest.mark.parametrize("value", [None, True, 0, "text", {}, [1], [None], {"error": "x"}])
def test_json_of_another_shape(engine: str, value: object) -> None:
    """JSON that is not the engine's is never read as a quiet page."""
    with pytest.raises(UnreadableError):
        _instead(engine, answer(value))


@pytest.mark.parametrize(
    "engine", [name for name in JSON_ENGINES if name not in ("google_cloud", "aws_health")]
)
def test_an_empty_list(engine: str) -> None:
    """Only Google's and AWS' lists may be empty; elsewhere a page without anything is no page."""
    with pytest.raises(UnreadableError):
        _instead(engine, answer([]))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32"])
@pytest.mark.parametrize(
    "case", [c for c in GOOD.values() if c.engine not in XML_ENGINES], ids=lambda c: c.engine
)
def test_other_encodings(case: Case, encoding: str) -> None:
    """UTF-16 and byte order marks, as AWS sends them, read the same."""
    recoded = {
        key: answer(document.body.decode().encode(encoding))
        for key, document in case.documents.items()
    }

    assert load(case.engine).read(recoded, case.settings, NOW) == case.read()


def test_utf16_with_its_mark_in_a_feed() -> None:
    """A feed in UTF-16 with a byte order mark reads the same."""
    case = GOOD["feed"]
    body = case.documents["feed"].body.decode().encode("utf-16")

    assert load("feed").read({"feed": answer(body)}, case.settings, NOW) == case.read()


@pytest.mark.parametrize("case", [c for c in ALL if c.problem is None], ids=lambda c: c.id)
def test_what_a_reading_keeps_is_bounded(case: Case) -> None:
    """Texts fit the metrics, identifiers are not empty, and links lead to the web."""
    assert_bounded(case.read())


# --- floods ---


def _flood(engine: str, changes: dict[str, Any]) -> PageReading:
    case = GOOD[engine]
    documents = dict(case.documents)
    for path, value in changes.items():
        key, *steps, last = path.split("/")
        content = json.loads(documents[key].body)
        parent = content
        for step in steps:
            parent = parent[step]
        parent[last] = value
        documents[key] = answer(content)
    return load(engine).read(documents, case.settings, NOW)


INCIDENTS = [
    {"id": f"i{n}", "name": "x" * 5000, "status": "investigating", "impact": "minor", "created_at": f"2026-11-{1 + n % 20:02}T00:00:00Z"}
    for n in range(500)
]  # fmt: skip


def test_too_many_incidents() -> None:
    """An engine reads them all, the newest first, for they are counted."""
    reading = _flood("statuspage", {"summary/incidents": INCIDENTS})

    assert len(reading.incidents) == len(INCIDENTS)
    starts = [incident.started_at or 0.0 for incident in reading.incidents]
    assert starts == sorted(starts, reverse=True)


def test_incidents_without_a_name_or_number_are_as_many_as_they_are() -> None:
    """Only what has an id can be the same one twice."""
    rows = [{"status": "investigating", "impact": impact} for impact in ("major", "minor", "minor")]

    reading = _flood("statuspage", {"summary/incidents": [*rows, *INCIDENTS[:1] * 2]})

    assert [i.impact.value for i in reading.incidents if not i.id] == ["major", "minor"]
    assert [i.id for i in reading.incidents if i.id] == ["i0"]


def test_too_many_components() -> None:
    """A page of tens of thousands of components is cut, and says that it is."""
    rows = [{"id": f"c{n}", "name": "n", "status": "operational"} for n in range(20_000)]

    reading = _flood("statuspage", {"summary/components": rows})

    assert (len(reading.components), reading.complete) == (MAX_COMPONENTS, False)


def test_too_many_maintenances() -> None:
    """The running maintenances stay when there are too many, then the next ones."""
    rows = [
        {"id": f"m{n}", "name": "x", "status": "scheduled", "scheduled_for": f"2026-12-{1 + n % 28:02}T00:00:00Z"}
        for n in range(200)
    ]  # fmt: skip
    rows.append(
        {"id": "now", "name": "x", "status": "in_progress", "scheduled_for": "2026-11-22T06:00:00Z"}
    )

    reading = _flood("statuspage", {"summary/scheduled_maintenances": rows})

    assert len(reading.maintenances) == MAX_MAINTENANCES
    assert reading.maintenances[0].id == "now"


def test_the_same_id_twice() -> None:
    """A row that comes twice counts once, as it stood first."""
    rows = [{"id": "a", "name": "A", "status": s} for s in ("partial_outage", "operational")]

    reading = _flood("statuspage", {"summary/components": rows})

    assert [(c.id, c.status.value) for c in reading.components] == [("a", "partial_outage")]


def test_texts_are_one_printable_line() -> None:
    """Line breaks, control characters and halves of surrogate pairs do not reach the metrics."""
    rows = [{"id": "a", "name": " A\n\x00\ud800b\t c ", "status": "operational"}]

    reading = _flood("statuspage", {"summary/components": rows})

    assert reading.components[0].name == "A b c"


def test_line_breaks_within_texts() -> None:
    """cState writes descriptions as they were typed, which strict JSON does not allow."""
    case = GOOD["cstate"]
    body = case.documents["index"].body.replace(b'"Acme Status"', b'"Acme\n\tStatus"')
    seen = load("cstate").read(
        {"index": Document(200, "application/json", body)}, case.settings, NOW
    )
    assert seen.identity == "Acme Status https://status.example.test"
    assert len(seen.components) == 2


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.test/" + "y" * 200, "//x", 'https://a"b', 7]
)
def test_links_that_are_not_kept(url: object) -> None:
    """A link that is cut leads elsewhere, and one of another scheme is an attack."""
    incident = {
        "id": "i",
        "name": "x",
        "status": "investigating",
        "impact": "minor",
        "shortlink": url,
    }

    assert _flood("statuspage", {"summary/incidents": [incident]}).incidents[0].url == ""


@pytest.mark.parametrize(("shown", "complete"), [(24, True), (25, False), (31, False)])
def test_the_25_of_a_summary(shown: int, complete: bool) -> None:
    """A summary that shows 25 components is a part of the list unless the roster came, too."""
    rows = [{"id": f"c{n}", "name": "n", "status": "operational"} for n in range(shown)]

    assert _flood("incidentio", {"summary/components": rows}).complete is complete


def test_the_25_rotate() -> None:
    """Whichever 25 a summary shows, the roster gives every component its state."""
    everything = [{"id": f"c{n}", "name": "n", "status": "operational"} for n in range(31)]
    everything[30]["status"] = "full_outage"
    case = GOOD["incidentio"]
    for first in (0, 3, 6):
        content = json.loads(case.documents["summary"].body)
        content["components"] = everything[first : first + 25]
        documents = {"summary": answer(content), "components": answer({"components": everything})}

        reading = load("incidentio").read(documents, case.settings, NOW)

        assert (len(reading.components), reading.complete) == (31, True)
        assert described(reading)["components"]["c30"] == "major_outage"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<a>" * 200 + "</a>" * 200, "feed too deep or too long"),
        ("<rss><channel>" + "<item/>" * 60_000 + "</channel></rss>", "feed too deep or too long"),
        ("<rss>" + " " * 4_000_001 + "</rss>", "feed too large"),
    ],
    ids=["deep", "long", "large"],
)
def test_floods_of_feeds(body: str, reason: str) -> None:
    """A feed is bounded in depth, elements and bytes."""
    assert _reason("feed", answer(body)) == reason


def test_a_long_text_in_a_feed() -> None:
    """A megabyte of prose in one item is read in a moment."""
    words = "the issue is not resolved " * 40_000
    body = f"<rss><channel><title>E</title><item><title>{words}</title><description>{words}</description></item></channel></rss>"

    assert len(_instead("feed", answer(body)).incidents) == 1


def test_settings_of_the_corpus_are_those_of_the_engine() -> None:
    """Each engine has a good case here, so the tables above leave none out."""
    assert set(GOOD) == set(engine_names())
    assert page("gatus").engine == "gatus"
