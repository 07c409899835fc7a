"""Limits on what runs at once: per account, as a whole, and over changes of the configuration."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from genmedia_exporter.probing.limits import ConcurrencyLimiter
from genmedia_exporter.targets.model import Account
from tests.fakes import make_target, settle


def account(name: str, concurrency: int) -> Account:
    """Return an account that allows so many probes at once."""
    return replace(make_target().account, name=name, concurrency=concurrency)


class Crowd:
    """Tasks that hold a slot until they are told to leave."""

    def __init__(self) -> None:
        self.inside = 0
        self._leave = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def enter(self, slot: AbstractAsyncContextManager[None]) -> None:
        """Let one more ask for a slot."""
        self._tasks.append(asyncio.create_task(self._hold(slot)))

    async def _hold(self, slot: AbstractAsyncContextManager[None]) -> None:
        async with slot:
            self.inside += 1
            await self._leave.wait()
        self.inside -= 1

    async def leave(self) -> None:
        """Let everybody out, those who wait included."""
        self._leave.set()
        await asyncio.gather(*self._tasks)


def test_a_reload_does_not_add_its_limit_again() -> None:
    """Two at once stay two, however often the same limit is configured meanwhile."""

    async def scenario() -> list[int]:
        limiter, crowd, seen = ConcurrencyLimiter(), Crowd(), []
        for _ in range(4):
            limiter.configure([account("a", 2)], 64)
            for _ in range(3):
                crowd.enter(limiter.probe("a"))
            await settle()
            seen.append(crowd.inside)
        await crowd.leave()
        return seen

    assert asyncio.run(scenario()) == [2, 2, 2, 2]


def test_a_raised_limit_lets_the_waiting_in_and_a_lowered_one_lets_nobody() -> None:
    """Those in flight end as they began."""

    async def scenario() -> list[int]:
        limiter, crowd, seen = ConcurrencyLimiter(), Crowd(), []
        for limit in (1, 3, 2):
            limiter.configure([account("a", limit)])
            for _ in range(4):
                crowd.enter(limiter.probe("a"))
            await settle()
            seen.append(crowd.inside)
        await crowd.leave()
        return seen

    assert asyncio.run(scenario()) == [1, 3, 3]


def test_the_whole_bounds_all_accounts() -> None:
    """Each account has its own limit, and all together have another."""

    async def scenario() -> tuple[int, int]:
        limiter, crowd = ConcurrencyLimiter(), Crowd()
        limiter.configure([account("a", 2), account("b", 2)], 3)
        for name in ("a", "a", "a", "b", "b"):
            crowd.enter(limiter.probe(name))
        await settle()
        three = crowd.inside
        limiter.configure([account("a", 2), account("b", 2)], 5)
        await settle()
        four = crowd.inside
        await crowd.leave()
        return three, four

    assert asyncio.run(scenario()) == (3, 4)


@pytest.mark.parametrize("given", [False, True])
def test_who_gives_up_waiting_takes_no_slot_away(given: bool) -> None:
    """Neither while it waits, nor in the moment in which it was let in."""

    async def scenario() -> int:
        limiter, crowd = ConcurrencyLimiter(), Crowd()
        limiter.configure([account("a", 1), account("b", 9)], 9)
        first = limiter.probe("a")
        await first.__aenter__()
        waiting = asyncio.create_task(limiter.probe("a").__aenter__())
        await settle()
        if given:
            await first.__aexit__(None, None, None)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        if not given:
            await first.__aexit__(None, None, None)
        for name in ("a", *"b" * 9):
            crowd.enter(limiter.probe(name))
        await settle()
        inside = crowd.inside
        await crowd.leave()
        return inside

    assert asyncio.run(scenario()) == 9


def test_the_account_s_slot_is_given_back_by_who_leaves_before_the_whole_has_one() -> None:
    """Waiting for the second slot holds the first, and no longer."""

    async def scenario() -> int:
        limiter, crowd = ConcurrencyLimiter(), Crowd()
        limiter.configure([account("a", 1), account("b", 1)], 1)
        first = limiter.probe("b")
        await first.__aenter__()
        waiting = asyncio.create_task(limiter.probe("a").__aenter__())
        await settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await first.__aexit__(None, None, None)
        crowd.enter(limiter.probe("a"))
        await settle()
        inside = crowd.inside
        await crowd.leave()
        return inside

    assert asyncio.run(scenario()) == 1


def test_first_come_first_served() -> None:
    """A slot that is free goes to who has waited longest, not to who asks just then."""

    async def scenario() -> list[int]:
        limiter, order = ConcurrencyLimiter(), []
        limiter.configure([account("a", 1)])

        async def hold(number: int) -> None:
            async with limiter.probe("a"):
                order.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(hold(number) for number in range(5)))
        return order

    assert asyncio.run(scenario()) == [0, 1, 2, 3, 4]
