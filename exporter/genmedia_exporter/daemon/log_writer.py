"""Lines on their way to standard error: a thread writes them, for whoever reads them may have stopped."""

from __future__ import annotations

import os
import select
import sys
import threading
from typing import Final, TextIO

from genmedia_exporter.core.events import EventLog

log = EventLog(__name__)

MOST_WAITING: Final = 4_000_000
"""Characters of lines that wait; what comes beyond is dropped, counted, and told once there is room again."""
FLUSH_SECONDS: Final = 1.0
"""How long the end of the process waits for what is not written yet."""
_RETRY_SECONDS: Final = 1.0
_PIECE: Final = 4096
"""Bytes at a time; a pipe takes so many whole, also beside what others write."""


class LogWriter:
    """Writes lines to *stream*'s file descriptor in a thread of its own.

    A full pipe stops a write for as long as its reader likes. Neither probing nor the web server
    may stand still for that.
    """

    def __init__(self, stream: TextIO | None = None, most: int = MOST_WAITING) -> None:
        # Past the stream's own buffer: its lock would be held at the end of the process.
        self._stream = stream or sys.stderr  # kept, for its end would close the file
        self._handle = self._stream.fileno()
        self._most = most
        self._lines: list[str] = []
        self._waiting = 0
        self._changed = threading.Condition()
        self._writing = False
        self._dropped = 0  # since that was told last
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """How many lines nobody will ever read: for want of room, or because they could not be written."""
        return self._lost

    def put(self, line: str) -> None:
        """Take a line; never waits."""
        with self._changed:
            full = self._waiting + len(line) > self._most
            if full and threading.current_thread() is not self._thread:  # that tells what is lost
                self._dropped += 1
                self._lost += 1
                return
            self._lines.append(line)
            self._waiting += len(line)
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until everything is written, at most FLUSH_SECONDS."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lines and not self._writing, FLUSH_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._lines))
                lines, dropped = self._lines, self._dropped
                self._lines, self._waiting, self._dropped = [], 0, 0
                self._writing = True
            self._write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
            if dropped:
                log.warning("log lines dropped", count=dropped)
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _write(self, data: bytes) -> None:
        """Write all of *data*; nobody is left to tell of an error."""
        while data:
            try:
                data = data[os.write(self._handle, data[:_PIECE]) :]
            except BlockingIOError:  # whoever gave us the pipe does not want to wait for it
                select.select([], [self._handle], [], _RETRY_SECONDS)
            except OSError:
                with self._changed:
                    self._lost += data.count(b"\n")
                return
