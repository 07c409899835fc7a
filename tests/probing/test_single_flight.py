"""Probes that are shared: one at a time for a target, and nobody who waits stops the event loop."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

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
        self.flights = SingleFlight(
            self._probe, lambda _name, _depth: None, self.clock, limiter, self.in_flight
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
