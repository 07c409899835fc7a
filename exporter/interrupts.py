"""Signals of the operating system, as calls on the event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from exporter import hangups


@contextmanager
def handled(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """Call a signal's handler when it comes, until the end of the block. Needs the main thread.

    A hangup that came before counts.
    """
    loop = asyncio.get_running_loop()
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    if signal.SIGHUP in handlers and hangups.came():
        handlers[signal.SIGHUP]()
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
