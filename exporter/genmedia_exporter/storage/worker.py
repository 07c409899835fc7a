"""The thread in which the database is used, and a word when it does not come back: a disk may hang, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

T = TypeVar("T")

LATE_SECONDS: Final = 10.0
"""Twice as long without a result is late: a process that was stopped wakes up from one such wait."""


class Worker:
    """One thread. Belongs to the event loop; *on_late* is called when it turns late, and when it no longer is."""

    def __init__(self, on_late: Callable[[], None]) -> None:
        self.late = False
        self._on_late = on_late
        self._thread = ThreadPoolExecutor(1, "storage")

    async def do(self, work: Callable[[], T]) -> T:
        """Do *work* in the thread, after what it was given before."""
        answer = asyncio.get_running_loop().run_in_executor(self._thread, work)
        answer.add_done_callback(self._done)
        watch = asyncio.ensure_future(self._watch(answer))
        try:
            return await answer
        finally:
            watch.cancel()

    async def _watch(self, answer: asyncio.Future[Any]) -> None:
        for _ in range(2):
            await asyncio.wait({answer}, timeout=LATE_SECONDS)
        if not answer.done():
            self._turn(True)

    def _done(self, answer: asyncio.Future[Any]) -> None:
        if not answer.cancelled():  # whoever was cancelled knows nothing of the thread
            self._turn(False)

    def _turn(self, late: bool) -> None:
        if late != self.late:
            self.late = late
            self._on_late()

    def shutdown(self, wait: bool = True) -> None:
        """Take no more work; with *wait*, when all of it is done."""
        self._thread.shutdown(wait=wait)
