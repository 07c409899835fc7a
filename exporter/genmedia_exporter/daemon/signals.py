"""How a daemon is interrupted: signals as calls on the event loop, and the end of its tasks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.daemon import early_signals, logs
from genmedia_exporter.daemon.watchdog import aside, stacks

log = EventLog(__name__)

END_SECONDS: Final = 8.0
"""A process that was told to end has ended after so long, in order or not."""


@contextmanager
def handled(
    handlers: Mapping[signal.Signals, Callable[[], None]],
    came: Callable[[signal.Signals], None] = lambda _number: None,
) -> Iterator[None]:
    """Call a signal's handler on the running event loop when it comes, until the end of the block.

    Needs the main thread. A hangup that came before counts. *came* is told of each signal at once,
    by a thread of its own, also while the event loop does not turn.
    """
    loop = asyncio.get_running_loop()

    def take(number: signal.Signals) -> None:
        came(number)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(handlers[number])

    # The C part of Python's handler writes the number, whatever the interpreter does meanwhile.
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    before = {number: signal.signal(number, _ignore) for number in handlers}
    writer_before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    reader = threading.Thread(target=_read, args=(reading, set(handlers), take), name="signals")
    reader.daemon = True
    reader.start()
    if signal.SIGHUP in handlers and early_signals.hung_up():
        handlers[signal.SIGHUP]()
    try:
        yield
    finally:
        signal.set_wakeup_fd(writer_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        writing.close()
        reader.join()
        reading.close()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Leave a signal to the thread that reads its number."""


def _read(
    reading: socket.socket, wanted: Collection[int], take: Callable[[signal.Signals], None]
) -> None:
    while numbers := reading.recv(64):
        for number in numbers:
            if number in wanted:
                take(signal.Signals(number))


class EndDeadline:
    """Ends the process when it has not ended in order within *seconds* of its first ending signal."""

    def __init__(self, seconds: float = END_SECONDS) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def came(self, number: signal.Signals) -> None:
        """Take note of a signal; the first that ends a process starts the time."""
        if number in early_signals.ENDING and self._timer is None:
            self._timer = threading.Timer(self._seconds, self._end)
            self._timer.name, self._timer.daemon = "end", True
            self._timer.start()

    def _end(self) -> None:
        stack = stacks(last=threading.main_thread().ident or 0)
        aside(lambda: log.error("not ended in time", timeout_seconds=self._seconds, stack=stack))
        logs.flush()
        # What was paid for is reserved in the ledger before it is sent: nothing is lost but history.
        os._exit(1)


async def end_all(tasks: Iterable[asyncio.Task[Any]], told: asyncio.Task[Any] | None) -> None:
    """Cancel *tasks* and wait for their ends; log what went wrong, but of *told*, which others tell."""
    named = {task.get_name(): task for task in tasks}
    for task in named.values():
        task.cancel()
    found = await asyncio.gather(*named.values(), return_exceptions=True)
    for (name, task), error in zip(named.items(), found, strict=True):
        expected = not isinstance(error, BaseException) or isinstance(error, asyncio.CancelledError)
        if not expected and task is not told:
            log.exception("task failed", error, task=name)


def tell_failure(task: asyncio.Task[Any]) -> None:
    """Log what a task that nobody waits for has ended with, if it was an error."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.exception("task failed", error, task=task.get_name())
