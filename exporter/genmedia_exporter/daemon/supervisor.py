"""Tells systemd how the process does: ready, alive, stopping. Silent without it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from genmedia_exporter.core.clock import Clock

IDLE = 3_600.0
"""Seconds between two looks where nobody watches."""


class Supervisor:
    """The socket of sd_notify(3), from NOTIFY_SOCKET and WATCHDOG_USEC of *environ*."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._interval = _watchdog_seconds(environ) / 2

    def ready(self, status: str) -> None:
        """Say that we listen."""
        self._send(f"READY=1\nSTATUS={status}")

    def stopping(self) -> None:
        """Say that we end."""
        self._send("STOPPING=1")

    async def watch(self, clock: Clock) -> None:
        """Say that the event loop turns, twice in the time after which systemd would end us."""
        while True:
            if self._interval:
                self._send("WATCHDOG=1")
            await clock.sleep(self._interval or IDLE)

    def _send(self, text: str) -> None:
        if not self._address.startswith(("/", "@")):
            return
        address = self._address
        if address.startswith("@"):  # Linux' abstract namespace
            address = f"\0{address[1:]}"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
                end.setblocking(False)
                end.sendto(text.encode(), address)
        except OSError:
            return  # who does not listen need not be told


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    """Return after how many seconds of silence systemd ends this process; 0: never."""
    text, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    meant = not pid or pid == str(os.getpid())
    return int(text) / 1e6 if meant and text.isascii() and text.isdigit() else 0.0
