"""Probes that are shared: one at a time for a target, and nobody who waits stops the event loop."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.probing.limits import ConcurrencyLimiter
from genmedia_exporter.probing.single_flight import SingleFlight
from genmedia_exporter.targets.model import Target
from tests.fakes import FakeClock, make_target, settle, verdict, verdict_evidence

REACH, ACCEPT = Depth.REACH, Depth.ACCEPT


class Flights:
    """A SingleFlight whose probes end when a test says so."""

    def __init__(self) -> None:
        self.target = make_target()
        self.gates: list[asyncio.Event] = []
        self.started: list[Depth] = []
        self.in_flight: set[str] = set()
        self.at_the_end: Callable[[], None] = lambda: None  # called when a probe is all but done
        limiter = ConcurrencyLimiter()
        limiter.configure([self.target.account])
        self.clock = FakeClock()
        self.ended: list[tuple[str, Depth]] = []
        self.flights = SingleFlight(
            self._probe,
            lambda name, depth: self.ended.append((name, depth)),
            self.clock,
            limiter,
            self.in_flight,
        )
        self.flights.configure([self.target])

    async def _probe(self, target: Target, depth: Depth, _due: Monotonic) -> Observation | None:
        self.started.append(depth)
        gate = asyncio.Event()
        self.gates.append(gate)
        await gate.wait()
        self.at_the_end()
        return verdict_evidence(self.clock, target, depth, verdict())

    async def end_all(self) -> None:
        """End probes until none is left."""
        while self.in_flight:
            for gate in self.gates:
                gate.set()
            await settle()


def test_a_probe_that_is_done_but_still_listed_cannot_stop_the_event_loop() -> None:
    """A request that comes between the end of a task and its callback waits with the loop's turn.

    Before, it looked again and again at a task that was done, and the callback that would have
    taken the task off the list never ran.
    """

    async def scenario() -> list[Depth]:
        stage, joined = Flights(), list[asyncio.Task[Observation | None]]()

        def ask() -> None:
            # Its first step comes after the end of the running task and before that one's callback.
            if not joined:
                joined.append(asyncio.create_task(stage.flights.join(stage.target, ACCEPT)))

        stage.at_the_end = ask
        stage.flights.start(stage.target, REACH, Monotonic(0.0))
        await settle()
        stage.gates[0].set()
        await settle()
        await stage.end_all()
        assert await joined[0] is not None
        return stage.started

    assert asyncio.run(scenario()) == [REACH, ACCEPT]


def test_many_requests_at_all_depths_share_few_probes() -> None:
    """Whoever asks for the depth that runs shares it; the others wait, and share one after it."""

    async def scenario() -> tuple[int, list[Depth]]:
        stage = Flights()
        depths = [depth for _ in range(50) for depth in (REACH, ACCEPT)]
        asked = [asyncio.create_task(stage.flights.join(stage.target, d)) for d in depths]
        await settle()
        await stage.end_all()
        found = await asyncio.gather(*asked)
        return sum(one is not None for one in found), stage.started

    answered, started = asyncio.run(scenario())
    assert answered == 100
    assert started == [REACH, ACCEPT]


def test_who_asks_just_after_a_probe_gets_its_result() -> None:
    """Within a second nothing new is learnt."""

    async def scenario() -> list[Depth]:
        stage = Flights()
        first = asyncio.create_task(stage.flights.join(stage.target, REACH))
        await settle()
        await stage.end_all()
        assert await stage.flights.join(stage.target, REACH) is await first
        return stage.started

    assert asyncio.run(scenario()) == [REACH]


def test_no_result_is_kept_for_longer() -> None:
    """An answer has a body; thousands of them are too much for a memory that nobody reads."""

    async def scenario() -> list[int]:
        stage, kept = Flights(), []
        for target in [make_target(f"t{number}") for number in range(4)]:
            task = stage.flights.start(target, REACH, stage.clock.monotonic())
            await settle()
            await stage.end_all()
            assert task is not None
            del task
            gc.collect()
            kept.append(sum(isinstance(each, Observation) for each in gc.get_objects()))
            stage.clock.freeze(0.5)
        return [count - kept[0] for count in kept]

    assert asyncio.run(scenario()) == [0, 1, 1, 1]


def test_a_waiting_request_that_leaves_takes_no_probe_with_it() -> None:
    """The probe belongs to everybody who asked."""

    async def scenario() -> bool:
        stage = Flights()
        leaver = asyncio.create_task(stage.flights.join(stage.target, REACH))
        stayer = asyncio.create_task(stage.flights.join(stage.target, REACH))
        await settle()
        leaver.cancel()
        await settle()
        await stage.end_all()
        return await stayer is not None

    assert asyncio.run(scenario())


@pytest.mark.parametrize(("later", "probes"), [(0.75, 1), (1.0, 2)])
def test_a_result_is_shared_for_a_second(later: float, probes: int) -> None:
    """On both sides of it."""

    async def scenario() -> list[Depth]:
        stage = Flights()
        for _ in range(2):
            asked = asyncio.create_task(stage.flights.join(stage.target, REACH))
            await settle()
            await stage.end_all()
            await asked
            await stage.clock.advance(later)
        return stage.started

    assert asyncio.run(scenario()) == [REACH] * probes


def test_what_waits_starts_when_the_target_is_free_the_shallowest_first() -> None:
    """Each depth once, however often it fell due."""

    async def scenario() -> tuple[list[Depth], list[tuple[str, Depth]]]:
        stage = Flights()
        target = replace(stage.target, depths=tuple(Depth))
        stage.flights.configure([target])
        running = stage.flights.start(target, ACCEPT, Monotonic(0.0))
        assert stage.flights.start(target, ACCEPT, Monotonic(0.0)) is running
        assert stage.flights.running(target.name) is running
        for depth in (Depth.GENERATE, REACH, REACH):
            assert stage.flights.start(target, depth, Monotonic(0.0)) is None
        await settle()
        await stage.end_all()
        assert stage.flights.running(target.name) is None
        return stage.started, stage.ended

    started, ended = asyncio.run(scenario())
    assert started == [ACCEPT, REACH, Depth.GENERATE]
    assert [depth for _, depth in ended] == started


@pytest.mark.parametrize("gone", ["target", "depth"])
def test_what_waits_for_something_that_is_gone_does_not_start(gone: str) -> None:
    """A reload took it away meanwhile."""

    async def scenario() -> list[Depth]:
        stage = Flights()
        stage.flights.start(stage.target, REACH, Monotonic(0.0))
        stage.flights.start(stage.target, ACCEPT, Monotonic(0.0))
        await settle()
        only = replace(stage.target, depths=(REACH,))
        stage.flights.configure([] if gone == "target" else [only])
        await stage.end_all()
        return stage.started

    assert asyncio.run(scenario()) == [REACH]


def test_a_stop_ends_what_runs_and_what_waits(caplog: pytest.LogCaptureFixture) -> None:
    """Without a word: a probe that we cancel has not failed. Who asked hears that there is none."""

    async def scenario() -> tuple[list[Depth], Observation | None, bool]:
        stage = Flights()
        asked = asyncio.create_task(stage.flights.join(stage.target, REACH))
        await settle()
        stage.flights.start(stage.target, ACCEPT, Monotonic(0.0))
        await stage.flights.stop()
        await settle()
        return stage.started, await asked, bool(stage.in_flight)

    assert asyncio.run(scenario()) == ([REACH], None, False)
    assert caplog.records == []


def test_a_probe_that_breaks_is_told_and_frees_its_target(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A bug of ours stops one probe, not the next."""

    async def scenario() -> list[Depth]:
        stage = Flights()

        def fail() -> None:
            raise RuntimeError("broken")

        stage.at_the_end = fail
        stage.flights.start(stage.target, REACH, Monotonic(0.0))
        stage.flights.start(stage.target, ACCEPT, Monotonic(0.0))
        await settle()
        await stage.end_all()
        return stage.started

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(scenario()) == [REACH, ACCEPT]
    assert [record.getMessage() for record in caplog.records] == ["probe task failed"] * 2
