"""How a daemon is interrupted: signals as calls on the event loop, and the end of its tasks."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.daemon import early_signals

log = EventLog(__name__)


@contextmanager
def handled(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Call a signal's handler when it comes, until the end of the block. Needs the main thread.

    A hangup that came before counts.
    """
    loop = asyncio.get_running_loop()
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    if signal.SIGHUP in handlers and early_signals.hung_up():
        handlers[signal.SIGHUP]()
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


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
