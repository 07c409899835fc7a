"""How many probes run at once: of an account, and of all together. The limits outlive a reload."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from types import TracebackType

from genmedia_exporter.targets.model import Account

DEFAULT_IN_FLIGHT = 64
"""Free probes in flight at once, of all accounts."""


class Slots:
    """So many at once; who comes first goes first. The number may change at any time."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def allow(self, limit: int) -> None:
        """Hold so many from now on; those that are held stay."""
        self._limit = limit
        self._let_in()

    async def take(self) -> None:
        """Wait for a slot."""
        if self._held < self._limit and not self._waiting:
            self._held += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given one all the same
                self.give()
            raise

    def give(self) -> None:
        """Let go of a slot."""
        self._held -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._held < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():  # nobody waits any more
                turn.set_result(None)
                self._held += 1


class Held:
    """A slot of each of *slots*, for as long as the `async with` block lasts."""

    __slots__ = ("_slots",)

    def __init__(self, *slots: Slots) -> None:
        self._slots = slots

    async def __aenter__(self) -> None:
        taken: list[Slots] = []
        try:
            for each in self._slots:
                await each.take()
                taken.append(each)
        except BaseException:
            for each in taken:
                each.give()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in self._slots:
            each.give()


class ConcurrencyLimiter:
    """Counts what is in flight; a new configuration changes the numbers, never the counts.

    A free probe holds a slot of its account and one of the whole from its first request to its
    last. Jobs run for minutes and are counted apart, against the same number: spending/runner.py.
    """

    def __init__(self, in_flight: int = DEFAULT_IN_FLIGHT) -> None:
        self._whole = Slots(in_flight)
        self._accounts: dict[str, Slots] = {}

    def configure(self, accounts: Iterable[Account], in_flight: int | None = None) -> None:
        """Take the limits of *accounts* and of the whole for what starts from now on."""
        if in_flight is not None:
            self._whole.allow(in_flight)
        limits = {account.name: account.concurrency for account in accounts}
        for name, limit in limits.items():
            if name in self._accounts:
                self._accounts[name].allow(limit)
            else:
                self._accounts[name] = Slots(limit)

    def probe(self, account: str) -> Held:
        """Hold the slots of a free probe; waits for them, the account's first."""
        return Held(self._accounts[account], self._whole)
