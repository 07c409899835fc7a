"""Reading a file that somebody named: of bounded size, and also through a pipe, but never for ever."""

from __future__ import annotations

import os
import select
import stat
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 4 << 20
WRITER_SECONDS: Final = 1.5
"""Seconds a named pipe may have no writer; with a slow start it is still told within five."""
PIPE_SECONDS: Final = 60.0
"""Seconds a writer may be silent, in all: `<(…)` may ask a vault for it."""
_STEP: Final = 0.25
_CHUNK: Final = 64 << 10


def read_bounded(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the content of a file of at most *limit* bytes.

    Raises OSError, also when it is larger, or a pipe that nobody writes to.
    """
    if stat.S_ISFIFO(path.stat().st_mode):
        content = _read_pipe(path, limit)
    else:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(None, f"larger than {limit >> 10} KiB")
    return content


def _read_pipe(path: Path, limit: int) -> bytes:
    """Return what is written into a pipe until its last writer closes it, or a byte over *limit*."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _drain(handle, limit)
    finally:
        os.close(handle)


def _drain(handle: int, limit: int) -> bytes:
    content, waited = bytearray(), 0.0
    poller = select.poll()
    poller.register(handle, select.POLLIN)
    while len(content) <= limit:
        told = poller.poll(_STEP * 1_000)
        chunk = _read(handle, limit + 1 - len(content))
        if chunk:
            content += chunk
        elif told and chunk is not None:
            break  # the last writer is gone
        else:
            waited += _STEP
            _give_up_after(waited, has_writer=chunk is None)
    return bytes(content)


def _give_up_after(waited: float, *, has_writer: bool) -> None:
    if not has_writer and waited >= WRITER_SECONDS:
        raise OSError(None, "a named pipe that nobody writes to")
    if waited >= PIPE_SECONDS:
        raise OSError(None, f"a pipe whose writer was silent for {PIPE_SECONDS:g} s")


def _read(handle: int, most: int) -> bytes | None:
    """Return what is there, nothing without a writer, None where a writer has not written yet."""
    try:
        return os.read(handle, min(most, _CHUNK))
    except BlockingIOError:
        return None
