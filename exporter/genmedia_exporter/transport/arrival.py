"""When did an answer arrive? The kernel knows, however late we come to read it."""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import Any, Final

JIFFY: Final = 0.004
"""Seconds by which the kernel's figure may be too large: it counts ticks of its own clock."""
_OPTION: Final[int | None] = getattr(socket, "TCP_INFO", None)
_LAST_DATA_RECEIVED: Final = struct.Struct("52x I")
"""Of Linux' struct tcp_info: milliseconds since data came last."""


def waited(connection: Any) -> float | None:
    """Return for how many seconds the newest data has been there, None where nobody tells."""
    if _OPTION is None or connection is None:
        return None
    with contextlib.suppress(OSError, AttributeError, struct.error):
        told = connection.getsockopt(socket.IPPROTO_TCP, _OPTION, _LAST_DATA_RECEIVED.size)
        return since_arrival(told)
    return None


def since_arrival(told: bytes) -> float:
    """Return the seconds for certain that *told*, the beginning of a struct tcp_info, has."""
    milliseconds: int = _LAST_DATA_RECEIVED.unpack(told)[0]
    return max(0.0, milliseconds / 1000 - JIFFY)
