"""Simulated time: an event loop that jumps to its next timer instead of waiting for it.

Everything that lives on the loop (asyncio.sleep, asyncio.timeout, call_later) then lives in
simulated time, and a week takes a minute. Threads would not wait for a jump, so there are none:
what is handed to an executor is done at once.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

from genmedia_exporter.core.clock import Monotonic, Unix

T = TypeVar("T")

EPOCH = 1_795_392_000.0
"""Unix seconds of simulated zero: 2026-11-23, 00:00 UTC. In the catalogue's present."""


class StuckError(RuntimeError):
    """Everything waits and no timer is left: in simulated time this would last for ever."""


class _Jumping(selectors.DefaultSelector):
    """A selector that lets the time pass that it should have waited."""

    jump: Callable[[float], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError("every task waits for something that cannot come")
        if timeout > 0:
            self.jump(timeout)
        return []


class SimLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when nothing is left to do."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        selector = _Jumping()
        selector.jump = self._jump
        super().__init__(selector)

    def time(self) -> float:
        """Return the simulated seconds since the loop was made."""
        return self.elapsed

    def _jump(self, seconds: float) -> None:
        self.elapsed += seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Do it now: a thread's work takes no simulated time."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for it
            future.set_exception(error)
        return future

    def add_signal_handler(self, sig: int, callback: Callable[..., Any], *args: Any) -> None:  # type: ignore[override]
        """Leave signals to the program around us: this loop would never see them."""

    def remove_signal_handler(self, sig: int) -> bool:
        """Have nothing to remove."""
        return False


class SimClock:
    """The exporter's clock on the running simulated loop; `step` moves the wall and nothing else."""

    def __init__(self) -> None:
        self.step = 0.0

    def now(self) -> Unix:
        """Return the wall time in Unix seconds."""
        return Unix(EPOCH + asyncio.get_running_loop().time() + self.step)

    def monotonic(self) -> Monotonic:
        """Return the simulated seconds since the beginning."""
        return Monotonic(asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        """Wait in simulated time."""
        await asyncio.sleep(max(0.0, seconds))


def simulate(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* to its end in simulated time."""
    with asyncio.Runner(loop_factory=SimLoop) as runner:
        return runner.run(main)
