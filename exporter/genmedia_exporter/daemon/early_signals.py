"""Signals that come while a process is still starting: an end is one at once, a hangup is acted on later."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any, Final

ENDING: Final = (signal.SIGTERM, signal.SIGINT)

_came: list[int] = []
_before: dict[signal.Signals, Any] = {}  # how the process was told to take them, while we do


def keep() -> None:
    """End at these signals, and note hangups, from now on; without effect outside the main thread.

    The first process of a container has to: what it does not handle, the kernel drops.
    """
    _take(signal.SIGHUP, lambda number, _frame: _came.append(number))
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            _take(number, _end)


def _take(number: signal.Signals, handler: Any) -> None:
    if number not in _before and threading.current_thread() is threading.main_thread():
        _before[number] = signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    # Nothing is open yet that wants closing, and an exception would end in a traceback of imports.
    os._exit(128 + number)


def release(*numbers: signal.Signals) -> None:
    """Take these signals, or all, as before: a command ends with its terminal, unless told not to."""
    if threading.current_thread() is threading.main_thread():
        for number in set(numbers or _before) & _before.keys():
            signal.signal(number, _before.pop(number))


def hung_up() -> bool:
    """Whether a hangup has come since the last question."""
    found = bool(_came)
    _came.clear()
    return found
