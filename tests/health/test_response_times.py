"""Response times of a day: hours gone by take little room, and tell the same."""

from __future__ import annotations

from collections import Counter
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.health.response_times import (
    _MOST,
    HOUR,
    HOURS,
    NOTHING,
    ResponseTimes,
    _Day,
)

NOW = Unix(500_000 * HOUR + 1_800.0)


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(1e-4, 3_600.0)), max_size=60))
def test_medians_by_hour(seen: list[tuple[int, float]]) -> None:
    """In whatever order they come, as the past does after a start; to a class of durations."""
    times = ResponseTimes(lambda: NOW)
    for ago, seconds in seen:
        times.add("a", [(NOW - ago * HOUR, seconds)])
    found = times.of("a")
    known = [[s for ago, s in seen if ago == hour] for hour in reversed(range(HOURS))]
    if not any(known):
        assert found == NOTHING
        return
    for told, durations in zip(found.hours, known, strict=True):
        assert (told is None) is (not durations)
        if durations:
            assert told == pytest.approx(median_low(durations), rel=0.026)


def test_more_than_an_hour_can_hold() -> None:
    """A count that has no room when it is packed is the most that has."""
    day = _Day()
    for _ in range(_MOST + 2):
        day.count(1, 7)
    assert day.of(1) == Counter({7: _MOST + 2})
    day.count(2, -190)
    assert day.of(1) == Counter({7: _MOST})
    assert day.of(2) == Counter({-190: 1})
    day.forget(1)
    assert not day.of(1)
