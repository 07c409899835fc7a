"""Connections that wait for the next probe of a warm target: few, and not for long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, Literal

from genmedia_exporter.transport.engine.connection import Connection, Wire

Reuse = Literal["never", "later", "now"]
"""May a connection be used again: never; by a later probe, after this one has made it; by this one, too."""

LONGEST_IDLE: Final = 90.0
"""Seconds. Longer than an interval; shorter than what stands in between needs to forget a connection silently."""
MOST_OF_HOST: Final = 8
MOST_KEPT: Final = 1_000

_Place = tuple[str, int, bool]


@dataclass(slots=True)
class _Idle:
    """A connection that waits, and when it has waited too long."""

    connection: Connection
    expiry: asyncio.TimerHandle


class KeptConnections:
    """Holds idle connections by host, port and whether they are TLS."""

    def __init__(self) -> None:
        self._idle: dict[_Place, list[_Idle]] = {}
        self._count = 0

    def take(self, wire: Wire) -> Connection | None:
        """Return one that leads where *wire* goes, the newest; None where there is none."""
        waiting = self._idle.get(_place(wire), [])
        while waiting:
            idle = waiting.pop()
            self._count -= 1
            idle.expiry.cancel()
            if not waiting:
                self._idle.pop(_place(wire), None)
            if idle.connection.open:
                return idle.connection
        return None

    def put(self, wire: Wire, connection: Connection) -> None:
        """Keep *connection* for a while; close it if it cannot be, or there are enough."""
        self._sweep()
        waiting = self._idle.setdefault(_place(wire), [])
        if not connection.open or len(waiting) >= MOST_OF_HOST or self._count >= MOST_KEPT:
            connection.close()
            return
        connection.rest()
        expiry = asyncio.get_running_loop().call_later(LONGEST_IDLE, connection.close)
        waiting.append(_Idle(connection, expiry))
        self._count += 1

    def close(self) -> None:
        """Hang up all of them."""
        for waiting in self._idle.values():
            for idle in waiting:
                idle.expiry.cancel()
                idle.connection.close()
        self._idle, self._count = {}, 0

    def _sweep(self) -> None:
        """Forget those that were closed meanwhile, by whom ever; only when all places are taken."""
        if self._count < MOST_KEPT:
            return
        found = {
            place: [idle for idle in waiting if idle.connection.open]
            for place, waiting in self._idle.items()
        }
        self._idle = {place: waiting for place, waiting in found.items() if waiting}
        self._count = sum(map(len, self._idle.values()))


def _place(wire: Wire) -> _Place:
    return wire.host, wire.port, wire.tls
