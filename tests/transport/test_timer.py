"""What our own loop was late is counted for an exchange, and taken out where the kernel tells it."""

from __future__ import annotations

import asyncio
import sys
import threading
import time

import pytest

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.loop_lag import LoopLag
from genmedia_exporter.core.status import Operation
from genmedia_exporter.transport.timer import ExchangeTimer
from tests.drivers.world import REACH, account, wire_of
from tests.fakes import FakeClock
from tests.transport.server import Received, Server, Writer, answer


class Late(LoopLag):
    """A loop that is late as a test says."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def at(self, tick: Monotonic) -> float:
        """Return it, whenever."""
        return self.seconds


def played(lag: float = 0.0, waits: float | None = None) -> tuple[ExchangeTimer, FakeClock]:
    """Return the timer of an exchange whose head came after 0.2 s and lay there for *waits*."""
    clock = FakeClock()
    timer = ExchangeTimer(clock, Monotonic(10.0), Late(lag))
    timer.enter("connect")
    clock.freeze(0.1)
    timer.enter("sending")
    timer.enter("processing")
    clock.freeze(0.2 + (waits or 0.0))
    timer.waited = waits
    timer.enter("transfer")
    return timer, clock


def test_an_answer_that_lay_there_ended_when_it_came() -> None:
    """Processing and the duration are the service's own; the wait is counted as ours."""
    timer, _ = played(waits=0.5)
    assert timer.phases().processing == pytest.approx(0.2)
    assert timer.elapsed() == pytest.approx(0.3)
    assert timer.self_delay == pytest.approx(0.5)


def test_a_late_loop_is_counted_where_nobody_tells() -> None:
    """Once for each phase, and never more than the phase took; nothing of it is taken out."""
    timer, _ = played(lag=0.15)
    assert timer.self_delay == pytest.approx(0.1 + 0.15)
    assert timer.phases().processing == pytest.approx(0.2)
    assert timer.elapsed() == pytest.approx(0.3)


def test_what_the_kernel_tells_goes_before_the_bound() -> None:
    """An answer that was read at once was not late, however late the loop may have been."""
    timer, _ = played(lag=0.05, waits=0.0)
    assert timer.self_delay == pytest.approx(0.05)


def test_a_loop_that_stood_still_after_sending() -> None:
    """Of which we learn when we come to read: the wait is longer than what we took for processing."""
    clock = FakeClock()
    timer = ExchangeTimer(clock, Monotonic(10.0), Late(9.0))
    timer.enter("sending")
    clock.freeze(0.5)
    timer.enter("processing")
    timer.waited = 0.4
    timer.enter("transfer")
    assert timer.phases().processing == 0.0
    assert timer.elapsed() == pytest.approx(0.1)
    assert timer.self_delay == pytest.approx(0.4)


def test_what_comes_after_the_end_does_not_count() -> None:
    """Neither for the phases nor for the duration, however often it is asked for."""
    timer, clock = played()
    clock.freeze(0.5)
    timer.end()
    clock.freeze(9.0)
    timer.end()
    assert timer.phases().transfer == timer.phases().transfer == pytest.approx(0.5)
    assert timer.elapsed() == pytest.approx(0.8)


def test_a_wait_belongs_to_the_read_before() -> None:
    """The next phase begins without one."""
    timer, clock = played(waits=0.5)
    clock.freeze(1.0)
    assert timer.phases().transfer == pytest.approx(1.0)
    assert timer.self_delay == pytest.approx(0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
@pytest.mark.parametrize("certificate", [None, "good"])
def test_an_answer_is_as_old_as_its_arrival(certificate: str | None) -> None:
    """A loop that stands still for 0.3 s after the answer has come makes it no slower."""
    told = threading.Event()

    async def script(request: Received, writer: Writer) -> None:
        await answer()(request, writer)
        told.set()

    async def run(url: str) -> Exchange:
        client = wire_of(account(url), timeout=5.0)
        sending = asyncio.create_task(client.send(REACH, model="x", operation=Operation.VIDEO))
        while not server.heard.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0)
        assert told.wait(5)  # blocks the loop on purpose
        time.sleep(0.3)  # noqa: ASYNC251
        return await sending

    with Server(script, certificate) as server:
        exchange = asyncio.run(run(server.url.replace("127.0.0.1", "localhost")))
    assert exchange.status == 200
    assert exchange.self_delay > 0.25
