"""Pauses of this process: stopped, asleep, or blocked; and what is none."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.pauses import PAUSE, Pauses
from tests.fakes import FakeClock


@pytest.mark.parametrize(("seconds", "stopped"), [(PAUSE, 0.0), (PAUSE + 0.01, PAUSE + 0.01)])
def test_a_stopped_process_sees_the_time_jump(seconds: float, stopped: float) -> None:
    """Up to two seconds without a look are a busy loop; more are a pause, told once."""
    clock = FakeClock()
    pauses = Pauses(clock)
    clock.freeze(seconds)

    assert pauses.since(Monotonic(0.0)) is bool(stopped)
    assert pauses.take_stopped() == pytest.approx(stopped)
    assert pauses.take_stopped() == 0.0


def test_a_machine_that_slept_sees_the_wall_clock_jump() -> None:
    """The monotonic clock stands still meanwhile: nothing is older, but what was sent is broken."""
    clock = FakeClock()
    pauses = Pauses(clock)
    clock.freeze(1.0)
    clock.wall_step = 3_600.0

    assert pauses.since(Monotonic(0.0))
    assert not pauses.since(Monotonic(1.0))
    assert pauses.take_stopped() == 0.0


def test_a_clock_set_back_is_no_pause() -> None:
    """Nobody can sleep for less than no time."""
    clock = FakeClock()
    pauses = Pauses(clock)
    clock.wall_step = -3_600.0

    assert not pauses.since(Monotonic(-1.0))


def test_what_begins_after_a_pause_is_sound() -> None:
    """Whoever asks looks first, so it does not matter who runs first afterwards."""
    clock = FakeClock()
    pauses = Pauses(clock)
    clock.freeze(60.0)

    assert pauses.since(Monotonic(59.9))
    assert not pauses.since(Monotonic(60.0))
