"""Sustained overload is told once, and so is its end."""

from __future__ import annotations

import pytest

from genmedia_exporter.probing.overload import (
    CLEAR_AT,
    LATE_LOOP,
    LATE_START,
    LOOKS,
    SATURATED_AT,
    Overload,
)
from tests.events import events, messages
from tests.fakes import CountingMeter


def look(overload: Overload, bad: int, good: int = 0) -> None:
    """Let that many bad seconds pass, then that many good ones."""
    for lag in [LATE_LOOP * 1.01] * bad + [LATE_LOOP] * good:
        overload.look(lag)


def test_half_of_a_minute_is_needed(caplog: pytest.LogCaptureFixture) -> None:
    """Thirty bad seconds are an accident, one more is overload; one line says so."""
    overload = Overload(CountingMeter())
    look(overload, SATURATED_AT)
    assert not overload.saturated
    assert not caplog.records
    look(overload, 20)
    assert overload.saturated
    (told,) = events(caplog.records)
    assert told[0] == "exporter overloaded"
    assert told[1]["late_seconds"] == SATURATED_AT + 1


def test_old_seconds_are_forgotten() -> None:
    """Only the last minute counts: half of it, with good seconds between, is not more than half."""
    overload = Overload(CountingMeter())
    for _ in range(3 * LOOKS):
        look(overload, 1, 1)
    assert not overload.saturated


def test_it_ends_when_nearly_all_seconds_are_good(caplog: pytest.LogCaptureFixture) -> None:
    """Seven bad seconds of the last sixty are still overload, six are not."""
    meter = CountingMeter()
    overload = Overload(meter)
    look(overload, LOOKS, LOOKS - CLEAR_AT - 1)
    assert overload.saturated
    with caplog.at_level("INFO"):
        look(overload, 0, 1)
    assert not overload.saturated
    assert messages(caplog.records)[-1:] == ["exporter keeps up again"]
    assert meter.saturated == [True, False]


@pytest.mark.parametrize(("lag", "bad"), [(LATE_START, False), (LATE_START * 1.01, True)])
def test_a_probe_that_starts_late_spoils_its_second(lag: float, bad: bool) -> None:
    """By the longest of the second; the next second begins anew."""
    meter = CountingMeter()
    overload = Overload(meter)
    for _ in range(LOOKS):
        overload.observe_lag(lag)
        overload.observe_lag(0.0)
        overload.look(0.0)
    assert overload.saturated is bad
    assert meter.lags == [lag, 0.0] * LOOKS
    look(overload, 0, LOOKS)
    assert not overload.saturated


def test_the_rest_is_handed_on() -> None:
    """Whoever counts for the metrics sees everything."""
    meter = CountingMeter()
    overload = Overload(meter)
    overload.observe_self_delay(0.5)
    overload.set_in_flight(3)
    assert (meter.self_delays, meter.in_flight) == ([0.5], [3])
