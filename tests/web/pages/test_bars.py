"""Drawings of availability and response time: what each slot shows, and what is said of the whole."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.clock import DAY
from genmedia_exporter.health.response_times import NOTHING, ResponseTime
from genmedia_exporter.health.uptime import Uptime
from genmedia_exporter.web.pages.bars import bar, kind_of, sparkline
from tests.metrics.samples import AT

NONE, GOOD = Uptime(window=DAY), Uptime(DAY, DAY, DAY)


@pytest.mark.parametrize(
    ("up", "known", "kind"),
    [
        (0.0, 0.0, "unknown"),
        (0.0, 10.0, "down"),
        (0.1, 10.0, "partly"),
        (9_998.9, 10_000.0, "partly"),
        (9_999.0, 10_000.0, "up"),
        (10.0, 10.0, "up"),
    ],
)
def test_kinds(up: float, known: float, kind: str) -> None:
    """What is known decides; up means 99.99 % of it."""
    assert kind_of(Uptime(up, known, DAY)) == kind


def test_a_bar_of_days_and_hours() -> None:
    """One path a kind; days and hours stand apart; the words name the worst day."""
    half = Uptime(DAY / 2, DAY, DAY)
    drawn = bar([NONE, GOOD, half], [GOOD], AT)
    assert drawn is not None
    assert dict(drawn.paths) == {
        "unknown": "M2 20V18",
        "up": "M6 20V0M22 20V0",
        "partly": "M10 20V5",
    }
    assert drawn.width == 4 * 4 + 8
    assert drawn.days == 2
    assert drawn.label.startswith("2 days: 75 % up; the worst day ")
    assert drawn.label.endswith(": 50 %")


def test_bars_that_have_little_to_say() -> None:
    """Nothing known is no drawing; one day has no worst one; perfect days have none either."""
    assert bar([NONE], [NONE], AT) is None
    one = bar([NONE, GOOD], [], AT)
    assert one is not None
    assert one.label == "1 day: 100 % up"
    two = bar([GOOD, GOOD], [], AT)
    assert two is not None
    assert two.label == "2 days: 100 % up"
    hours_only = bar([NONE], [GOOD], AT)
    assert hours_only is not None
    assert hours_only.label == "no data"


def test_sparkline() -> None:
    """As high as the slowest hour; broken where nothing is known."""
    assert sparkline(NOTHING) is None
    drawn = sparkline(ResponseTime((0.1, None, 0.2, 0.1), 0.1, 0.2))
    assert drawn is not None
    assert drawn.path == "M0 10h2M8 1L12 10h2"
    assert drawn.p95 == "200 ms"
    assert drawn.label == "response time over 24 h: median 100 ms, p95 200 ms"
