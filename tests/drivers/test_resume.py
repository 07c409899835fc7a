"""A paid job that was left is found again, ends by its own clock, and is cleaned up after."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import EPOCH, Monotonic
from genmedia_exporter.core.evidence import JobRef, Role
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.calls import Cost
from genmedia_exporter.targets.model import Target
from tests.drivers.generating import (
    JOBS,
    NETWORK,
    Customer,
    JumpingClock,
    calls,
    exchange,
    generate,
    place_of,
    world_of,
)


class StoppingClock(JumpingClock):
    """Jumps so many times, then lets whoever sleeps wait until the clock is wound up again."""

    def __init__(self, jumps: int) -> None:
        super().__init__()
        self.jumps = jumps
        self.stopped = threading.Event()

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass, if there is a jump left."""
        self.jumps -= 1
        if self.jumps < 0:
            self.stopped.set()
            await asyncio.Event().wait()
        await super().sleep(seconds)


async def leave(customer: Customer, target: Target, clock: StoppingClock) -> None:
    """Generate until the clock stops, and be cancelled there, as at a shutdown."""
    prober = Prober(NETWORK, clock)
    task = asyncio.create_task(prober.generate(target, customer.run()))
    await asyncio.to_thread(clock.stopped.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("service", JOBS)
@pytest.mark.parametrize("away", [0.0, 86_400.0])
def test_a_job_is_resumed_without_a_second_create(service: str, away: float) -> None:
    """Left while it polls, the job is not touched, and found again by what was kept of it."""
    clock = StoppingClock(jumps=1)
    customer = Customer(clock)
    with world_of(customer) as world:
        target, account = place_of(world.url, service), world.ledger[service]
        asyncio.run(leave(customer, target, clock))
        assert (account.creates, account.requests) == (1, 2)  # the create and a poll, no clean-up
        (ref,) = customer.accepted
        clock.jumps = 1000
        clock.freeze(away)
        seen = customer.generate(target, ref)
        assert account.creates == 1
    made = seen.evidence.generation
    assert seen.verdict.reason is Reason.OK, seen.verdict
    assert made is not None
    assert (made.resumed, made.job_id) == (True, ref.id)
    # What nobody was there to see has no length.
    assert not away or (made.queue, made.run) == (None, None)
    assert "create" not in calls(seen)
    assert len(customer.accepted) == 1
    # From the create on, as if nothing had happened; or nobody knows when it ended.
    whole = customer.clock.now() - ref.created_at
    assert seen.evidence.duration == (None if away else pytest.approx(whole, abs=1))


@pytest.mark.parametrize(
    ("away", "step", "timed"),
    [
        (15.0, 0.0, True),
        (58.0, 0.0, False),  # it was done before anybody asked again
        (15.0, -60.0, False),  # the wall clock was set: created in the future
        (15.0, 86_400.0, False),  # or past its own deadline
    ],
)
def test_a_resumed_job_is_timed_from_its_create(away: float, step: float, timed: bool) -> None:
    """By the wall clock; where it ended while we were away, or the clock was set, nobody knows."""
    clock = StoppingClock(jumps=1)
    customer = Customer(clock)
    with world_of(customer) as world:
        target = place_of(world.url, "kling")
        asyncio.run(leave(customer, target, clock))
        (ref,) = customer.accepted
        clock.jumps = 1000
        clock.freeze(away)
        clock.wall_step = step
        seen = customer.generate(target, replace(ref, create_seconds=12.5))
    whole = 12.5 + (clock.monotonic() - Monotonic(0.0))
    assert seen.evidence.duration == (pytest.approx(whole, abs=1) if timed else None)
    # The poll that decides is not the create: its phases are not the generation's.
    assert set(seen.evidence.phases.known()) <= {"queue", "run", "fetch"}


@pytest.mark.parametrize("step", [-86_400.0, 86_400.0])
def test_a_step_of_the_wall_clock_changes_no_deadline(step: float) -> None:
    """Neither an endless wait nor an early end comes of a clock that was set right meanwhile."""
    customer = Customer()
    with world_of(customer) as world:
        world.set_fault("kling", "job_queued_forever")

        async def accept(ref: JobRef) -> None:
            customer.accepted.append(ref)
            customer.clock.wall_step = step  # type: ignore[attr-defined]

        run = Run(customer.clock, "x", accept)
        prober = Prober(NETWORK, customer.clock)
        seen = asyncio.run(prober.generate(place_of(world.url, "kling"), run))
        assert customer.clock.monotonic() == pytest.approx(1200, abs=1)
        # Resumed, the age is what the wall clock says, within reason.
        seen = customer.generate(place_of(world.url, "kling"), customer.accepted[0])
        assert customer.clock.monotonic() <= Monotonic(2401)
    assert seen.verdict.reason is Reason.QUEUE_TIMEOUT


@pytest.mark.parametrize("service", ["sora-image", "openai-image", "sora-2-reverse"])
def test_what_cannot_be_resumed_sends_nothing(service: str) -> None:
    """An answer that was the result is gone with its connection."""
    customer = Customer()
    with world_of(customer) as world:
        seen = customer.generate(place_of(world.url, service), JobRef("x", EPOCH))
        assert world.ledger[service].requests == 0
    assert seen.verdict.reason is Reason.PROBE_ERROR


# --- cleaning up ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "fault", "cleaned"),
    [
        ("sora-2-official", "", True),  # a finished job is deleted
        ("sora-2-official", "job_fails", True),
        ("sora-2-official", "job_stuck", False),  # a running one cannot be
        ("gemini-omni", "job_stuck", True),
        ("gemini-omni", "", False),
        ("fal", "job_queued_forever", True),
        ("dashscope", "job_queued_forever", True),
        ("dashscope", "job_stuck", False),
        ("veo-3.1-reverse", "job_stuck", False),  # the gateway has no such call
        ("gemini-omni", "job_lost", False),
    ],
)
def test_what_was_made_is_cleaned_up(service: str, fault: str, cleaned: bool) -> None:
    """Cancelled or deleted in the states in which the provider file says it works, and no other."""
    seen, _, _ = generate(service, fault)
    made = calls(seen, Role.CLEANUP)
    assert made == (["cancel"] if cleaned else [])
    if cleaned:
        assert exchange(seen, "cancel").status in (200, 202)


def test_the_cost_that_an_answer_tells() -> None:
    """In the unit that the provider file names; nothing where it is no number."""
    for pointer, expected in (("/progress", 0.5), ("/id", None), ("/nowhere", None)):
        cost = Cost(pointer=pointer, per_usd=200)
        seen, _, _ = generate("sora-2-official", cost=cost)
        assert seen.evidence.generation is not None
        assert seen.evidence.generation.reported_usd == expected
