"""Notices an event loop that does not turn any more, and writes down once where every thread stands."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Final

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.web.routes.lifecycle import UNHEALTHY_SECONDS

log = EventLog(__name__)

TICK: Final = 1.0
"""Seconds between two questions whether a loop turns."""
ASIDE_SECONDS: Final = 0.5
"""Seconds that writing a line may take, when somebody else may hold the log."""


@dataclass(slots=True)
class _Watched:
    """One loop, and what is known of it."""

    loop: asyncio.AbstractEventLoop
    thread: int  # the identifier of the loop's thread
    answered: bool = True
    silent: float = 0.0  # seconds
    told: bool = False

    def answer(self) -> None:
        """Be called by the loop: it turns."""
        self.answered = True


class Watchdog:
    """Asks event loops for a sign of life, from a thread of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watched: dict[str, _Watched] = {}
        self._ended = threading.Event()

    def watch(self, name: str) -> None:
        """Watch the running event loop under a *name*."""
        loop, thread = asyncio.get_running_loop(), threading.get_ident()
        self._watched = {**self._watched, name: _Watched(loop, thread)}

    def silent_seconds(self, name: str) -> float:
        """Return for how long a loop has not turned; 0 where it is not watched."""
        watched = self._watched.get(name)
        return watched.silent if watched is not None else 0.0

    def start(self) -> None:
        """Look at the loops once a second, until `stop`."""
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def _run(self) -> None:
        before = self._clock.monotonic()
        while not self._ended.wait(TICK):
            now = self._clock.monotonic()
            self.look(now - before)
            before = now

    def look(self, elapsed: float) -> None:
        """Take the answers to the last question, *elapsed* seconds ago, and ask again.

        A longer time than a thread may be late is not the loops' fault: the whole process stood still.
        """
        for name, watched in self._watched.items():
            if watched.answered:
                self._turns(name, watched)
            else:
                watched.silent += min(elapsed, 2 * TICK)
                self._is_silent(name, watched)

    def _turns(self, name: str, watched: _Watched) -> None:
        if watched.told:
            log.info("event loop turns again", loop=name, silent_seconds=round(watched.silent, 1))
        watched.silent, watched.told, watched.answered = 0.0, False, False
        try:
            watched.loop.call_soon_threadsafe(watched.answer)
        except RuntimeError:  # it has ended, in order
            watched.answered = True

    def _is_silent(self, name: str, watched: _Watched) -> None:
        if watched.silent >= UNHEALTHY_SECONDS and not watched.told:
            watched.told = True
            silent, stack = round(watched.silent, 1), stacks(last=watched.thread)
            aside(
                lambda: log.error(
                    "event loop does not turn", loop=name, silent_seconds=silent, stack=stack
                )
            )


def aside(tell: Callable[[], None]) -> None:
    """Call *tell* in a thread of its own and wait a moment: whoever stands still may hold the log."""
    thread = threading.Thread(target=tell, name="log", daemon=True)
    thread.start()
    thread.join(ASIDE_SECONDS)


def stacks(last: int) -> str:
    """Return where every thread stands; the thread with the identifier *last* comes last."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    frames: Mapping[int, FrameType] = sys._current_frames()
    ordered = sorted(frames.items(), key=lambda pair: pair[0] == last)
    parts = [
        f"Thread {names.get(ident, ident)}:\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in ordered
    ]
    return "\n".join(parts)
