"""Hangups that come while a daemon is still starting: they end nothing, and are acted on later."""

from __future__ import annotations

import signal
import threading
from typing import Any

_came: list[int] = []
_before: list[Any] = []  # how the process was told to take them, while we keep them


def keep() -> None:
    """Note hangups from now on; without effect outside the main thread."""
    if not _before and threading.current_thread() is threading.main_thread():
        _before.append(signal.signal(signal.SIGHUP, lambda number, _frame: _came.append(number)))


def release() -> None:
    """Take hangups as before: a command ends with its terminal, unless it was told not to."""
    if _before and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, _before.pop())


def came() -> bool:
    """Whether one has come since the last question."""
    found = bool(_came)
    _came.clear()
    return found
