"""The way from the web's thread to the probing loop: calls with deadlines, and the view published before each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from genmedia_exporter.web.services import ProbingStalled

T = TypeVar("T")

BEGIN_SECONDS: Final = 5.0
"""A loop that has not taken a call up by then is stalled."""
ANSWER_SECONDS: Final = 600.0
"""Seconds for the whole of a call whose caller sets no deadline; no probe or reload takes so long."""


class LoopCalls:
    """Runs coroutines on *loop* for callers on loops of other threads.

    *before_answer* is called on *loop* before a caller gets its answer.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, before_answer: Callable[[], None] = lambda: None
    ) -> None:
        self._loop = loop
        self._before_answer = before_answer
        self._tasks: set[asyncio.Task[Any]] = set()

    async def ask(
        self,
        work: Callable[[], Awaitable[T]],
        within: float = ANSWER_SECONDS,
        *,
        keep: bool = False,
    ) -> T:
        """Return what *work* returns on the loop. Raises what it raises, and ProbingStalled.

        What the loop has not begun when its caller gives up is dropped, unless it is to be kept:
        then it is done when the loop turns again. What has begun goes on in any case.
        """
        asked: Future[T] = Future()
        try:
            self._loop.call_soon_threadsafe(self._begin, work, asked)
        except RuntimeError as error:
            raise ProbingStalled("the probing loop has ended") from error
        answer = asyncio.wrap_future(asked)
        answer.add_done_callback(_seen)
        try:
            await asyncio.wait({answer}, timeout=min(BEGIN_SECONDS, within))
            if asked.running():
                await asyncio.wait({answer}, timeout=max(0.0, within - BEGIN_SECONDS))
        finally:
            begun = keep or not asked.cancel()  # without effect once it has begun
        if answer.done() and begun:
            return answer.result()
        raise ProbingStalled("the probing loop does not answer")

    def _begin(self, work: Callable[[], Awaitable[T]], asked: Future[T]) -> None:
        if asked.set_running_or_notify_cancel():
            task = self._loop.create_task(self._answer(work), name="web request")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(lambda task: _hand_over(task, asked))

    async def _answer(self, work: Callable[[], Awaitable[T]]) -> T:
        found = await work()
        self._before_answer()
        return found


def _hand_over(task: asyncio.Task[T], asked: Future[T]) -> None:
    error = ProbingStalled("the exporter stops") if task.cancelled() else task.exception()
    if error is not None:
        asked.set_exception(error)
    else:
        asked.set_result(task.result())


def _seen(answer: asyncio.Future[Any]) -> None:
    """Look at what came of a call, should its caller have left."""
    if not answer.cancelled():
        answer.exception()
