"""Calls from one thread's event loop to another's: answers, errors, deadlines, and what is dropped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from genmedia_exporter.daemon import loop_calls
from genmedia_exporter.daemon.loop_calls import LoopCalls
from genmedia_exporter.web.services import ProbingStalled


class OtherLoop:
    """An event loop on a thread of its own, which a test can hold up."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.done: list[str] = []
        self._released = threading.Event()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def hold_up(self) -> None:
        """Let the loop stand still until `release`; return when it does."""
        standing = threading.Event()

        def stand() -> None:
            standing.set()
            self._released.wait()

        self.loop.call_soon_threadsafe(stand)
        standing.wait()

    def release(self) -> None:
        """Let it turn again."""
        self._released.set()

    def turn(self) -> None:
        """Return when everything that was asked of the loop before has begun."""
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop).result(10)

    def close(self) -> None:
        """End it."""
        self.release()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def work(self) -> str:
        """Be done on the loop's own thread."""
        assert threading.current_thread() is self._thread
        self.done.append("work")
        return "found"


@pytest.fixture
def other() -> Iterator[OtherLoop]:
    """A loop that turns."""
    with running() as loop:
        yield loop


@contextmanager
def running() -> Iterator[OtherLoop]:
    """Yield a loop, and end it."""
    loop = OtherLoop()
    try:
        yield loop
    finally:
        loop.close()


def test_the_answer_comes_after_what_is_published(other: OtherLoop) -> None:
    """Whoever asks for a change reads it afterwards."""
    calls = LoopCalls(other.loop, lambda: other.done.append("published"))
    assert asyncio.run(calls.ask(other.work)) == "found"
    assert other.done == ["work", "published"]


def test_an_error_is_raised_where_it_was_asked(other: OtherLoop) -> None:
    """With its own type: routes tell them apart."""

    async def refuse() -> None:
        raise KeyError("nobody")

    with pytest.raises(KeyError, match="nobody"):
        asyncio.run(LoopCalls(other.loop).ask(refuse))


@pytest.mark.parametrize("keep", [False, True])
def test_what_a_loop_has_not_begun_in_time(
    other: OtherLoop, monkeypatch: pytest.MonkeyPatch, keep: bool
) -> None:
    """It is dropped, so that nothing happens that somebody was told does not; unless it is to be kept."""
    monkeypatch.setattr(loop_calls, "BEGIN_SECONDS", 0.01)
    other.hold_up()
    with pytest.raises(ProbingStalled, match="does not answer"):
        asyncio.run(LoopCalls(other.loop).ask(other.work, keep=keep))
    other.release()
    other.turn()
    assert other.done == (["work"] if keep else [])


def test_who_leaves_takes_along_what_has_not_begun(other: OtherLoop) -> None:
    """A client whose own time is over wants no probe any more."""
    other.hold_up()

    async def impatient() -> None:
        async with asyncio.timeout(0.01):
            await LoopCalls(other.loop).ask(other.work)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    other.release()
    other.turn()
    assert other.done == []


def test_what_has_begun_goes_on(other: OtherLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its caller is not kept waiting; a reload is not broken off in the middle."""
    monkeypatch.setattr(loop_calls, "BEGIN_SECONDS", 0.01)
    begun, ended = threading.Event(), threading.Event()

    async def slow() -> None:
        begun.set()
        await asyncio.to_thread(other._released.wait)
        ended.set()

    with pytest.raises(ProbingStalled):
        asyncio.run(LoopCalls(other.loop).ask(slow, within=0.02))
    assert begun.is_set()
    other.release()
    assert ended.wait(10)


def test_a_call_that_is_cancelled_at_the_end_is_told(other: OtherLoop) -> None:
    """While the exporter stops nobody waits for ever."""

    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(ProbingStalled, match="the exporter stops"):
        asyncio.run(LoopCalls(other.loop).ask(cancelled))


def test_a_loop_that_has_ended() -> None:
    """Is said so at once."""
    with running() as other:
        calls = LoopCalls(other.loop)
    unasked: Callable[[], Coroutine[Any, Any, str]] = other.work
    with pytest.raises(ProbingStalled, match="has ended"):
        asyncio.run(calls.ask(unasked))
