"""Which loops turn: both sides of the threshold, one event a standstill, and no false alarm after a pause."""

from __future__ import annotations

import asyncio
import re
import threading

import pytest

from genmedia_exporter.daemon.watchdog import TICK, Watchdog
from genmedia_exporter.web.routes.lifecycle import UNHEALTHY_SECONDS
from tests.events import events
from tests.fakes import FakeClock

WORST = 2 * TICK


async def watched() -> Watchdog:
    """Return a watchdog that has asked this loop its first question."""
    watchdog = Watchdog(FakeClock())
    watchdog.watch("probing")
    watchdog.look(TICK)
    return watchdog


def test_a_loop_that_turns() -> None:
    """Is never silent."""

    async def scenario() -> None:
        watchdog = await watched()
        for _ in range(3):
            await asyncio.sleep(0)
            watchdog.look(TICK)
            assert watchdog.silent_seconds("probing") == 0.0

    asyncio.run(scenario())


def test_a_standstill_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """At the threshold and not before, with the stack of the standing thread at the end; then its end."""

    async def scenario() -> None:
        watchdog = await watched()
        ticks = int(UNHEALTHY_SECONDS / TICK)
        for _ in range(ticks - 1):
            watchdog.look(TICK)
        assert events(caplog.records) == []
        for _ in range(10):
            watchdog.look(TICK)
        (event, fields), *more = events(caplog.records)
        assert (event, more) == ("event loop does not turn", [])
        assert (fields["loop"], fields["silent_seconds"]) == ("probing", UNHEALTHY_SECONDS)
        last = re.split(r"^Thread ", str(fields["stack"]), flags=re.MULTILINE)[-1]
        assert last.startswith(f"{threading.current_thread().name}:\n")
        assert "test_a_standstill_is_told_once" in last
        await asyncio.sleep(0)
        watchdog.look(TICK)
        assert watchdog.silent_seconds("probing") == 0.0

    caplog.set_level("INFO")
    asyncio.run(scenario())
    assert [event for event, _ in events(caplog.records)][1:] == ["event loop turns again"]


def test_a_pause_of_the_process_is_no_standstill() -> None:
    """A closed lid or SIGSTOP: the thread that looks stood still as well."""

    async def scenario() -> None:
        watchdog = await watched()
        watchdog.look(3_600.0)
        assert watchdog.silent_seconds("probing") == WORST

    asyncio.run(scenario())


def test_a_loop_that_has_ended_is_not_silent() -> None:
    """It ended in order; nobody calls it unhealthy."""
    watchdog = asyncio.run(watched())
    for _ in range(100):
        watchdog.look(TICK)
    assert watchdog.silent_seconds("probing") == 0.0


def test_an_unknown_loop_is_not_silent() -> None:
    """Before the watch begins everything is well."""
    assert Watchdog(FakeClock()).silent_seconds("probing") == 0.0
