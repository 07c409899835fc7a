"""Badges: what they say, that any name fits into them, and that they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from urllib.parse import quote
from xml.etree import ElementTree

import httpx2
import pytest

from genmedia_exporter.health.response_times import ResponseTime
from genmedia_exporter.health.uptime import Uptime
from genmedia_exporter.web.pages.links import quoted
from genmedia_exporter.web.routes.badge import (
    COLOURS,
    LABEL_COLOUR,
    MAX_AGE,
    WIDEST,
    cut,
    draw,
    width,
)
from genmedia_exporter.web.services import Past
from tests.metrics.samples import broken, healthy, snapshot
from tests.web.pages.test_status_page import HOSTILE, contrast
from tests.web.pages.test_target_page import ODD
from tests.web.site import Backend, client

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    """A site with names that need care."""
    board = snapshot(broken("veo reverse"), *(healthy(name) for name in ODD))
    with client(Backend(board=board).services()) as site:
        yield site


def texts(svg: bytes) -> list[str | None]:
    """Return what is written on a badge; it must be sound XML."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    return [node.text for node in root.iter(f"{SVG}text")]


def title(svg: bytes) -> str | None:
    """Return what a screen reader says."""
    root = ElementTree.fromstring(svg)  # noqa: S314
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title")
    return root.get("aria-label")


def test_badge_over_the_wire(http: httpx2.Client) -> None:
    """Type, a short life in caches, no scripts."""
    answer = http.get("/badge/veo%20reverse.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == f"max-age={MAX_AGE}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert texts(answer.content) == ["veo reverse", "risk control"]
    assert title(answer.content) == "veo reverse: risk control"
    assert COLOURS["warn"] in answer.text


@pytest.mark.parametrize("name", ODD)
def test_any_name_has_its_badge(http: httpx2.Client, name: str) -> None:
    """However its slashes are written; a client tidies away steps that are none."""
    for written in (quoted(name), quote(name, safe="")):
        answer = http.get(f"/badge/{written}.svg")
        assert answer.status_code == 200
        assert title(answer.content) == f"{name}: operational"


def test_unknown_target(http: httpx2.Client) -> None:
    """404, with a badge that says so and is not kept."""
    answer = http.get("/badge/" + quote(HOSTILE, safe="") + ".svg")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-store"
    assert texts(answer.content)[1] == "unknown target"
    assert b"<script" not in answer.content


def test_label(http: httpx2.Client) -> None:
    """Another word to the left, or none."""
    path = "/badge/apiyi/veo-3.1.svg"
    assert texts(http.get(f"{path}?label=Veo%20%26%20co").content) == ["Veo & co", "operational"]
    assert texts(http.get(f"{path}?label=").content) == ["operational"]
    assert texts(http.get(f"{path}?label=%00%08%E2%80%AE").content) == ["operational"]
    assert http.get(f"{path}?label=a&label=b").status_code == 400


def test_long_labels_are_cut() -> None:
    """The picture stays small, the title tells all; a full-width letter takes more room."""
    long = "a very long name " * 20
    svg = draw(long, "down", COLOURS["bad"])
    shown = texts(svg)[0]
    assert shown is not None
    assert shown.endswith("…")
    assert width(shown) <= WIDEST
    assert title(svg) == f"{long.strip()}: down"
    assert len(cut("视" * 100)) < len(cut("a" * 100)) < len(cut("i" * 100))
    assert cut("short") == "short"
    assert width("e\u0301") == width("e")
    assert cut("i" * 2000).endswith("…")


@pytest.mark.parametrize("colour", [*COLOURS.values(), LABEL_COLOUR])
def test_white_is_read_on_every_colour(colour: str) -> None:
    """A contrast of 4.5 at least."""
    assert contrast("#ffffff", colour) >= 4.5


def test_colours_are_those_of_the_status_page() -> None:
    """In the light."""
    css = (files("genmedia_exporter.web") / "static" / "status.css").read_text("utf-8")
    palette = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css.split("@media")[0]))
    assert {tone: palette[tone] for tone in COLOURS} == COLOURS


@pytest.mark.parametrize(
    ("query", "word", "tone"),
    [
        ("metric=uptime", "99 % in 30d", "good"),
        ("metric=uptime&window=7d", "98.99 % in 7d", "warn"),
        ("metric=uptime&window=24h", "94.99 % in 24h", "bad"),
        ("metric=uptime&window=1h", "no data in 1h", "quiet"),
        ("metric=response_time", "210 ms, p95 1.2 s", "plan"),
        ("metric=status", "risk control", "warn"),
    ],
)
def test_uptime_and_response_times_have_badges(query: str, word: str, tone: str) -> None:
    """Green from 99 %, yellow from 95 %; what is not known is said."""
    known = {
        "30d": Uptime(99.0, 100.0), "7d": Uptime(98.99, 100.0), "24h": Uptime(94.99, 100.0),
    }  # fmt: skip
    past = Past(response_time=lambda _name: ResponseTime((0.21,), 0.21, 1.2))
    board = snapshot(broken("veo"))
    with client(Backend(board=board).services(uptime=lambda _name: known, past=past)) as site:
        answer = site.get(f"/badge/veo.svg?{query}")
    assert texts(answer.content) == ["veo", word]
    assert COLOURS[tone] in answer.text


def test_without_a_past_there_is_no_response_time(http: httpx2.Client) -> None:
    """Nor is it nought."""
    answer = http.get("/badge/veo%20reverse.svg?metric=response_time")
    assert texts(answer.content) == ["veo reverse", "no data in 24h"]


@pytest.mark.parametrize(
    "query", ["metric=uptimes", "metric=uptime&window=2d", "window=", "metric=a&metric=b"]
)
def test_a_badge_of_nothing_known_is_refused(http: httpx2.Client, query: str) -> None:
    """With what is known; an empty choice is none."""
    answer = http.get(f"/badge/veo%20reverse.svg?{query}")
    assert answer.status_code == (200 if query == "window=" else 400)
