"""Uptime: METHOD.md's example by hand, the rules, and properties that hold for any samples."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.health.uptime import (
    Interval,
    Outage,
    Sample,
    Uptime,
    intervals,
    mean_time_to_recover,
    outages,
    stars,
    weigh,
)
from genmedia_exporter.health.uptime_windows import Ring, Track, Uptimes

MINUTE = 60.0
HOLDS = 2.5 * MINUTE


def at(minute: float, up: int | None) -> Sample:
    """Return what a probe at a minute of the example says."""
    return Sample(Unix(minute * MINUTE), up, HOLDS)


EXAMPLE = [
    *(at(minute, 1) for minute in range(30)),
    *(at(minute, 0) for minute in range(30, 36)),
    *(at(minute, None) for minute in range(36, 40)),
    *(at(minute, 1) for minute in range(40, 51)),
]


def test_the_example_of_method_md() -> None:
    """30 min up, 6 down, 4 unknown, 12.5 up, then silence: 42.5 of 48.5 known minutes in 60."""
    known = list(intervals(EXAMPLE, Unix(60 * MINUTE)))
    found = weigh(known, EPOCH, Unix(60 * MINUTE))
    assert found == Uptime(42.5 * MINUTE, 48.5 * MINUTE, 60 * MINUTE)
    assert found.ratio == pytest.approx(0.8763, abs=0.0001)
    assert found.share == pytest.approx(0.8083, abs=0.0001)
    assert outages(known) == [Outage(Unix(30 * MINUTE), Unix(40 * MINUTE), 6 * MINUTE)]
    assert mean_time_to_recover(outages(known)) == 6 * MINUTE
    assert stars(found) == 0  # less than an hour is known


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.0, 5),
        (0.999, 5),
        (0.9989, 4),
        (0.99, 4),
        (0.98, 3),
        (0.97, 3),
        (0.95, 2),
        (0.5, 1),
        (0.0, 1),
    ],
)
def test_stars(ratio: float, expected: int) -> None:
    """The thresholds are those METHOD.md names; each counts for the better."""
    assert stars(Uptime(ratio * 100_000, 100_000, 604_800)) == expected


def test_nothing_known_is_no_uptime() -> None:
    """Neither a hundred percent nor zero."""
    found = weigh(intervals([Sample(EPOCH, None, 100)], Unix(50)), EPOCH, Unix(50))
    assert (found.ratio, found.share, stars(found)) == (None, 0.0, 0)


def test_an_incident_goes_on_over_unknown_time() -> None:
    """Unknown time neither ends an incident nor counts for it; one that goes on has no end."""
    known = [
        Interval(EPOCH, Unix(10), 0),
        Interval(Unix(50), Unix(60), 0),
        Interval(Unix(60), Unix(70), 1),
        Interval(Unix(90), Unix(95), 0),
    ]
    assert outages(known) == [Outage(EPOCH, Unix(60), 20), Outage(Unix(90), None, 5)]
    assert mean_time_to_recover(outages(known)) == 20
    assert mean_time_to_recover([]) is None


SAMPLES = st.lists(
    st.tuples(st.integers(1, 4_000), st.sampled_from([1, 0, None]), st.integers(0, 9_000)),
    max_size=60,
).map(lambda steps: _laid_out(steps))


def _laid_out(steps: list[tuple[int, int | None, int]]) -> list[Sample]:
    now, found = Unix(1_700_000_000), []
    for gap, up, holds in steps:
        now += gap
        found.append(Sample(now, up, float(holds)))
    return found


@given(SAMPLES, st.integers(0, 5_000))
def test_properties(samples: list[Sample], more: int) -> None:
    """Known time fits the window, uptime the known time, intervals do not overlap, parts add up."""
    end = (samples[-1].at if samples else EPOCH) + more
    start = samples[0].at if samples else EPOCH
    known = list(intervals(samples, end))
    assert all(a.end <= b.start for a, b in pairwise(known))
    assert all(i.start < i.end <= end for i in known)
    whole = weigh(known, start, end)
    assert 0 <= whole.up <= whole.known <= whole.window
    middle = start + (end - start) / 2
    left, right = weigh(known, start, middle), weigh(known, middle, end)
    assert left.known + right.known == pytest.approx(whole.known)
    assert left.up + right.up == pytest.approx(whole.up)
    down = sum(one.down for one in outages(known))
    assert down == pytest.approx(whole.known - whole.up)
    if None not in {s.up for s in samples}:
        worse = [Sample(s.at, 0, s.holds) for s in samples]
        assert weigh(intervals(worse, end), start, end).up == 0


@given(SAMPLES)
def test_the_rings_agree_with_the_sums(samples: list[Sample]) -> None:
    """What a track counts as time goes by is what the pure functions say of the whole."""
    track = Track()
    for sample in samples:
        track.note(sample)
    now = samples[-1].at if samples else Unix(1_700_000_000.0)
    found = track.over(30 * 86_400, now)
    exact = weigh(intervals(samples, now), now - 30 * 86_400, now)
    assert found.known == pytest.approx(exact.known, rel=1e-5, abs=0.01)
    assert found.up == pytest.approx(exact.up, rel=1e-5, abs=0.01)


def test_a_clock_that_was_ahead_is_forgotten() -> None:
    """One look while it showed next week costs what it showed, not everything until next week."""
    track, now = Track(), Unix(1_700_000_000.0)
    track.note(Sample(now, 1, HOLDS))
    track.over(3_600, now + 7 * 86_400)
    for minute in range(1, 31):
        track.note(Sample(now + minute * MINUTE, 1, HOLDS))
        track.over(3_600, now + minute * MINUTE)
    assert track.over(3_600, now + 30 * MINUTE).known == pytest.approx(30 * MINUTE, abs=3 * MINUTE)
    assert track.over(30 * 86_400, now + 30 * MINUTE).known == pytest.approx(30 * MINUTE, abs=200)


def test_a_clock_set_back_a_little_keeps_the_past() -> None:
    """What was counted before the moment it was set back to stays."""
    ring, now = Ring(MINUTE, 60), Unix(1_700_000_000.0 - 1_700_000_000.0 % MINUTE)
    ring.add(Interval(now - 30 * MINUTE, now, 1))
    ring.over(3_600, now + 20 * MINUTE)
    assert ring.over(3_600, now).known == pytest.approx(30 * MINUTE)
    ring.add(Interval(now, now + MINUTE, 0))
    assert ring.over(3_600, now + MINUTE).known == pytest.approx(31 * MINUTE)


def test_others_may_be_ahead_a_little() -> None:
    """What an exporter with a faster clock has seen is not forgotten by looking too early."""
    ring, now = Ring(MINUTE, 60), Unix(1_700_000_000.0)
    for minute in range(20):
        ring.add(Interval(now + (minute + 1) * MINUTE, now + (minute + 2) * MINUTE, 1))
        ring.over(3_600, now + minute * MINUTE)
    assert ring.over(3_600, now + 20 * MINUTE).known == pytest.approx(20 * MINUTE)


def test_the_first_look_at_a_ring_does_not_walk_it() -> None:
    """The slots since 1970 are emptied at once: a thousand new targets must not hold up the rest."""
    rings = [Ring(MINUTE, 100_000) for _ in range(40)]
    began = time.process_time()
    for ring in rings:
        assert ring.over(MINUTE, Unix(1_700_000_000.0)).known == 0
    assert time.process_time() - began < 0.3


def test_windows_of_the_rings() -> None:
    """An hour sees the last hour, a day the last day, to the slot."""
    uptimes = Uptimes(lambda: Unix(10 * 86_400.0))
    uptimes.add(
        "a",
        [Interval(EPOCH, Unix(9 * 86_400), 0), Interval(Unix(9 * 86_400), Unix(10 * 86_400), 1)],
    )
    usual = uptimes.usual("a")
    assert usual["1h"].ratio == 1.0
    assert usual["24h"].ratio == pytest.approx(1.0, abs=0.001)
    assert usual["7d"].ratio == pytest.approx(1 / 7, abs=0.01)
    assert usual["30d"].known == pytest.approx(10 * 86_400, rel=0.01)
    assert uptimes.ratio("nobody") is None
    uptimes.retain([])
    assert uptimes.over("a", 3_600).known == 0
