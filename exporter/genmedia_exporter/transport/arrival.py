"""When did an answer arrive? The kernel knows, however late we come to read it."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from typing import Any, Final

from genmedia_exporter.core.clock import Unix

JIFFY: Final = 0.004
"""Seconds by which the kernel's own figure may be too large: it counts ticks of its clock."""
_OPTION: Final[int | None] = getattr(socket, "TCP_INFO", None)
_LAST_DATA_RECEIVED: Final = struct.Struct("52x I")
"""Of Linux' struct tcp_info: milliseconds since data came last."""
_STAMPS: Final = 35 if sys.platform == "linux" else None
"""SO_TIMESTAMPNS of Linux' asm-generic/socket.h, which Python does not name; answers carry it, too."""
_STAMP: Final = struct.Struct("qq")
"""Linux' struct timespec: seconds and nanoseconds of the system's clock."""
_ANCILLARY: Final = socket.CMSG_SPACE(_STAMP.size)
"""Bytes that the kernel's note takes."""
_PEEK: Final = socket.MSG_PEEK | socket.MSG_DONTWAIT


def keep_stamping() -> socket.socket | None:
    """Return a socket that makes the kernel note when packets come, for as long as it is open; None where there can be none.

    Each connection asks for it, too; but the kernel begins and stops in the background, and would do so with every probe.
    """
    if _STAMPS is None:
        return None
    try:
        keeper = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:  # no descriptor is left, or no IPv4
        return None
    stamp(keeper)
    return keeper


def stamp(connection: Any) -> None:
    """Let the kernel note when what *connection* receives arrives."""
    if _STAMPS is not None:
        with contextlib.suppress(OSError):  # a sandbox may refuse it: then the kernel's ticks tell
            connection.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)


def arrived(connection: Any) -> Unix | None:
    """Return when the next data to be read from *connection* came, in seconds of the system's clock, if it was noted."""
    if _STAMPS is None:
        return None
    try:
        # What the loop gives out is no socket that could be asked, and the descriptor remains the loop's.
        asked = socket.socket(connection.family, connection.type, 0, fileno=connection.fileno())
        try:
            _, told, _, _ = asked.recvmsg(1, _ANCILLARY, _PEEK)
        finally:
            asked.detach()
    except (OSError, ValueError):  # nothing is there, or the connection has been reset or closed
        return None
    for level, kind, value in told:
        if (level, kind) == (socket.SOL_SOCKET, _STAMPS) and len(value) == _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack(value)
            return Unix(seconds + nanoseconds / 1e9)
    return None


def waited(connection: Any, noted: float | None = None) -> float | None:
    """Return for how many seconds the newest data has been there, None where nobody tells.

    *noted* are the seconds since it `arrived`, true to the microsecond unless the system's clock was set meanwhile.
    """
    if _OPTION is None or connection is None:
        return None
    with contextlib.suppress(OSError, AttributeError, struct.error):
        told = connection.getsockopt(socket.IPPROTO_TCP, _OPTION, _LAST_DATA_RECEIVED.size)
        return since_arrival(told, noted)
    return None


def since_arrival(told: bytes, noted: float | None = None) -> float:
    """Return the seconds since data came, of *told*, the beginning of a struct tcp_info, and what was *noted*.

    Where both agree, within the ticks that the first is counted in, the second is true; else what is certain of the first.
    """
    milliseconds: int = _LAST_DATA_RECEIVED.unpack(told)[0]
    coarse = milliseconds / 1000
    if noted is not None and noted >= 0.0 and abs(noted - coarse) <= 2 * JIFFY:
        return noted
    return max(0.0, coarse - JIFFY)
