"""No answer at all makes an engine raise anything but that it cannot read it."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st

from genmedia_exporter.core.status_page import Document, UnreadableError
from genmedia_exporter.status_pages.engines._common import rfc822, rfc3339
from genmedia_exporter.status_pages.engines.contract import engine_names, load
from genmedia_exporter.status_pages.engines.detect import recognise
from tests.status_pages.engines.corpus import (
    GOOD,
    JSON_ENGINES,
    NOW,
    XML_ENGINES,
    answer,
    assert_bounded,
)

KEYS = st.sampled_from(
    [
        "page",
        "id",
        "name",
        "status",
        "components",
        "incidents",
        "scheduled_maintenances",
        "indicator",
        "group",
        "group_id",
        "data",
        "attributes",
        "included",
        "type",
        "aggregate_state",
        "products",
        "affected_products",
        "config",
        "publicGroupList",
        "monitorList",
        "incident",
        "heartbeatList",
        "results",
        "success",
        "key",
        "url",
        "updated_at",
        "impact",
        "page_title",
        "page_url",
        "ongoing_incidents",
        "affected_components",
        "activeIncidents",
        "activeMaintenances",
        "start",
        "duration",
        "starts_at",
        "scheduled_for",
        "maintenanceList",
        "timeslotList",
        "startDate",
        "end",
        "title",
        "slug",
        "most_recent_update",
        "incident_updates",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["operational", "none", "1", "status_report", "status_page_resource", "2026-11-22T05:00:00Z", "0001-01-01T00:00:00+23:59"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=40,
)


def _survives(engine: str, documents: dict[str, Document]) -> None:
    try:
        reading = load(engine).read(documents, GOOD[engine].settings, NOW)
    except UnreadableError as error:
        reason = error.reason
    else:
        reason = "none"
        assert_bounded(reading)
    assert 0 < len(reason) < 60


def _keys(engine: str) -> list[str]:
    return [wanted.key for wanted in load(engine).documents(GOOD[engine].settings)]


# One thing drawn is put to every engine: to draw it costs far more than to read it.


@settings(max_examples=300)
@given(
    bodies=st.lists(
        st.builds(
            Document, st.sampled_from([200, 204, 404]), st.text(max_size=9), st.binary(max_size=80)
        ),
        max_size=3,
    )
)
def test_any_bytes(bodies: list[Document]) -> None:
    """No bytes make an engine raise anything but that it cannot read them."""
    for engine in engine_names():
        note(engine)
        _survives(engine, dict(zip(_keys(engine), bodies, strict=False)))
    assert all(recognise(body) in (None, *engine_names()) for body in bodies)


@settings(max_examples=500)
@given(values=st.lists(VALUES, min_size=3, max_size=3))
def test_any_json(values: list[Any]) -> None:
    """No JSON makes an engine raise anything but that it cannot read it."""
    answers = [answer(value) for value in values]
    for engine in JSON_ENGINES:
        note(engine)
        _survives(engine, dict(zip(_keys(engine), itertools.cycle(answers), strict=False)))
    assert all(recognise(document) in (None, *engine_names()) for document in answers)


@settings(max_examples=300)
@given(value=VALUES, place=st.integers(0, 2**32))
def test_any_value_anywhere(value: Any, place: int) -> None:
    """A good answer with anything at any one place is read, or refused, and nothing else."""
    for case in GOOD.values():
        if case.engine in XML_ENGINES:
            continue
        note(case.engine)
        keys = sorted(case.documents)
        key = keys[place % len(keys)]
        content: Any = [json.loads(case.documents[key].body)]
        places = list(_places(content))
        parent, step = places[place // len(keys) % len(places)]
        parent[step] = value

        _survives(case.engine, {**case.documents, key: answer(content[0])})


def _places(value: Any) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in list(pairs):
        yield value, step
        if isinstance(inner, (dict, list)):
            yield from _places(inner)


XML = st.recursive(
    st.text(alphabet="abc <&>;resolved-é", max_size=20),
    lambda inner: st.builds(
        "<{0}{1}>{2}</{0}>".format,
        st.sampled_from(["rss", "channel", "item", "title", "link", "guid", "pubDate", "description", "feed", "entry", "id", "updated", "b"]),
        st.sampled_from(["", ' href="https://x.test/i/1"', ' href="https://[x"', ' rel="self"']),
        st.lists(inner, max_size=4).map("".join),
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=300)
@given(inner=XML)
def test_any_xml(inner: str) -> None:
    """No XML makes the reader of feeds raise anything but that it cannot read it."""
    for body in (inner, f"<rss><channel>{inner}</channel></rss>", f"<feed>{inner}</feed>"):
        document = answer(body)
        _survives("feed", {"feed": document})
        recognise(document)


@settings(max_examples=500)
@given(
    value=st.text()
    | st.from_regex(
        r"(Sun, )?[0-9]{1,9} (Nov|Foo) [0-9]{1,9} [0-9:]{1,12} ([+-][0-9]{1,12}|Z|GMT)?"
    )
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{1,20}(Z|[+-][0-9:]{1,9})?")
)
def test_any_time(value: str) -> None:
    """A time that is none is no time, and never an error."""
    assert all(isinstance(found, float | None) for found in (rfc822(value), rfc3339(value)))
