"""How late the loop is with what it runs now: told by the last beat and by the one that should have come."""

from __future__ import annotations

import asyncio

import pytest

from genmedia_exporter.core.loop_lag import GRAIN, PERIOD, LoopLag
from tests.fakes import FakeClock


def late(*steps: float) -> float:
    """Return what is told after the fake time has moved by *steps*, with a beat after each but the last."""

    async def run() -> float:
        clock = FakeClock()
        lag = LoopLag(clock)
        with lag:
            for step in steps[:-1]:
                clock.freeze(step)
                lag._beat()
            clock.freeze(steps[-1])
            return lag.at(clock.monotonic())

    return asyncio.run(run())


def test_a_loop_that_beats_in_time_is_not_late() -> None:
    """Nor before the next beat is due, nor within the grain of timers."""
    assert late(PERIOD, PERIOD, PERIOD / 2) == 0.0
    assert late(PERIOD, PERIOD + GRAIN / 2) == 0.0


@pytest.mark.parametrize("over", [0.99, 1.01])
def test_the_grain_has_two_sides(over: float) -> None:
    """Just more than the grain is a delay, just less is a timer."""
    assert (late(PERIOD + over * GRAIN) > 0.0) is (over > 1)


def test_a_stall_shows_before_and_after_the_beat() -> None:
    """Whichever the loop runs first when it turns again: the answer or the beat."""
    assert late(PERIOD, PERIOD + 0.1) == pytest.approx(0.1)
    assert late(PERIOD, PERIOD + 0.1, 0.001) == pytest.approx(0.1)
    assert late(PERIOD, PERIOD + 0.1, PERIOD, 0.001) == 0.0


def test_stalls_in_a_row_add_up() -> None:
    """What became ready in one and is run at the end of the next has waited for both."""
    assert late(PERIOD + 0.1, PERIOD + 0.2) == pytest.approx(0.3)


def test_it_beats_only_while_somebody_measures() -> None:
    """An idle exporter is not woken; nobody's lateness is left over from before."""

    async def run() -> tuple[float, float, bool]:
        clock = FakeClock()
        lag = LoopLag(clock)
        with lag, lag:
            clock.freeze(PERIOD + 1.0)
            lag._beat()
            within = lag.at(clock.monotonic())
        clock.freeze(5.0)
        outside = lag.at(clock.monotonic())
        with lag:
            fresh = lag.at(clock.monotonic())
        assert fresh == 0.0
        return within, outside, lag._timer is not None

    within, outside, beating = asyncio.run(run())
    assert within == pytest.approx(1.0)
    assert (outside, beating) == (0.0, False)
