"""Probes over fresh and over reused connections are compared with their own kind."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.baseline import MAX_SAMPLES, MIN_SAMPLES, WINDOW, Baseline
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import DepthState
from tests.fakes import FakeClock, make_target, verdict, verdict_evidence

TARGET = make_target()


class Watch:
    """A board that is told of probes by hand."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.board = Board(self.clock)
        self.board.configure([TARGET], {}, [])

    def see(self, seconds: float, *, reused: bool, times: int = 1) -> DepthState:
        """Let the target answer in *seconds*."""
        assert times > 0
        change = None
        for _ in range(times):
            self.clock.freeze(10.0)
            found = verdict_evidence(self.clock, TARGET, Depth.REACH, verdict(), seconds)
            exchange = replace(found.evidence.main, reused=reused)
            change = self.board.observe(
                replace(found.evidence, exchanges=(exchange,)), found.verdict
            )
        assert change is not None
        return change.after.depths[Depth.REACH]

    @property
    def status(self) -> Status:
        """What the target is now."""
        state = self.board.state(TARGET.name)
        assert state is not None
        return state.now.status


def test_a_fresh_probe_among_reused_ones_is_not_slow() -> None:
    """The handshake takes its time; nobody calls that degraded."""
    watch = Watch()
    watch.see(0.05, reused=True, times=MIN_SAMPLES)
    assert not any(attempt.slow for attempt in watch.see(0.4, reused=False, times=3).recent)
    assert watch.status is Status.OPERATIONAL


@pytest.mark.parametrize("reused", [True, False])
def test_each_kind_is_slow_by_its_own_normal(reused: bool) -> None:
    """A reused one that takes as long as a fresh one usually does is slow, and a fresh one is not."""
    watch = Watch()
    watch.see(0.05, reused=True, times=MIN_SAMPLES)
    watch.see(0.4, reused=False, times=MIN_SAMPLES)
    assert watch.see(0.4, reused=reused).recent[-1].slow is reused


def test_the_usual_time_is_that_of_most_probes() -> None:
    """It does not jump with every tenth probe."""
    watch = Watch()
    assert watch.see(0.4, reused=False, times=MIN_SAMPLES - 1).median is None
    assert watch.see(0.4, reused=False).median == 0.4
    assert watch.see(0.05, reused=True, times=MIN_SAMPLES).median == 0.4
    assert watch.see(0.05, reused=True).median == 0.05
    assert watch.see(0.4, reused=False).median == 0.4


@given(st.lists(st.floats(0, 7200), min_size=MIN_SAMPLES, max_size=60), st.integers(0, 40))
def test_the_median_of_what_is_left(durations: list[float], older: int) -> None:
    """Whatever went before, to a hundredth of a millisecond."""
    found = Baseline()
    for number in range(older):
        found.add(Monotonic(0.0), 1e6 * (number % 3))  # beyond all bounds, and gone
    for duration in durations:
        found.add(Monotonic(WINDOW + 1.0), duration)
    assert found.median == pytest.approx(median(durations), abs=1e-5)
    assert len(found) == len(durations)


def test_how_far_back_it_looks() -> None:
    """A day, its first moment included."""
    found = Baseline()
    for tick in (0.0, WINDOW, WINDOW + 0.001):
        found.add(Monotonic(tick), 0.1)
        assert len(found) == (2 if tick else 1)


@pytest.mark.parametrize("interval", [1.0, 10.0, 60.0, 299.0, 300.0, 600.0])
def test_a_day_is_told_whole_however_often_is_probed(interval: float) -> None:
    """Few samples are kept, from the whole day: half of it slow and half of it quick is seen as such."""
    found, count = Baseline(), int(WINDOW / interval)
    for number in range(2 * count):
        found.add(Monotonic(number * interval), 0.1 if number % count < count * 0.45 else 0.5)
        assert len(found) <= MAX_SAMPLES
    assert found.median == 0.5
    assert len(found) >= min(count, 0.9 * MAX_SAMPLES / 2)
    assert found.seen == pytest.approx(count, rel=0.05)
    for number in range(2 * count, 2 * count + int(0.6 * count)):
        found.add(Monotonic(number * interval), 0.1)
    assert found.median == 0.1


def test_fewer_probes_than_before() -> None:
    """What was spread for many is wide enough for few."""
    found = Baseline()
    for second in range(int(WINDOW)):
        found.add(Monotonic(float(second)), 0.1)
    least = MAX_SAMPLES
    for number in range(3 * 288):
        found.add(Monotonic(WINDOW + number * 300.0), 0.2)
        least = min(least, len(found))
    assert least >= MIN_SAMPLES
    assert found.median == 0.2
    assert found.seen == pytest.approx(288, abs=4)


def test_many_in_one_moment() -> None:
    """So many that half of them are dropped, again and again."""
    found = Baseline()
    for number in range(10 * MAX_SAMPLES):
        found.add(Monotonic(0.0), 0.1 if number % 5 else 0.2)
        assert len(found) <= MAX_SAMPLES
    assert found.median == 0.1
