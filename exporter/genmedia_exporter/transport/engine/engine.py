"""The engine: resolves, connects and asks, for requests whose answers are small. Everything is fresh each time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

import httpcore2

from genmedia_exporter.transport.engine.connection import Begin, Connection, Wire, tls_for
from genmedia_exporter.transport.resolving import Resolve, addresses_of
from genmedia_exporter.transport.timer import ExchangeTimer

FALLBACK_AFTER: Final = 2.0
"""Seconds an address may take while others are left: a lost SYN is repeated after one."""


class Engine:
    """Makes exchanges over connections of its own, judged by *ssl_context*, without a proxy."""

    def __init__(self, ssl_context: ssl.SSLContext, resolve: Resolve) -> None:
        self._context, self._resolve = ssl_context, resolve
        # Elsewhere than on Linux the system itself judges certificates, over a socket.
        self._own_tls = type(ssl_context) is ssl.SSLContext
        if self._own_tls:
            ssl_context.set_alpn_protocols(["http/1.1"])

    def takes(self, wire: Wire) -> bool:
        """Whether it can make the request; who is refused takes the general client."""
        return self._own_tls or not wire.tls

    async def exchange(self, wire: Wire, timer: ExchangeTimer, begin: Begin) -> None:
        """Send *wire* and read the answer into the body that *begin* returns. Raises as httpx2 does."""
        timer.enter("resolve")
        addresses = await addresses_of(self._resolve, wire.host, wire.port)
        timer.enter("connect")

        def connection() -> Connection:
            return Connection(wire, timer, begin, tls_for(self._context, wire))

        made = await _connect(connection, addresses, wire.port, timer)
        try:
            await made.answered
        finally:
            made.close()


async def _connect(
    connection: Callable[[], Connection], addresses: list[str], port: int, timer: ExchangeTimer
) -> Connection:
    """Try the addresses in turn. The exchange's deadline is around it."""
    loop = asyncio.get_running_loop()
    failures: list[Exception] = []
    for left in range(len(addresses), 0, -1):
        limit = min(FALLBACK_AFTER, timer.left() / left) if left > 1 else None
        try:
            async with asyncio.timeout(limit):
                _, made = await loop.create_connection(connection, addresses[-left], port)
                return made
        except TimeoutError as error:
            failures.append(_because(httpcore2.ConnectTimeout, error))
        except ConnectionResetError as error:  # it was taken, and reset before we looked
            failures.append(_because(httpcore2.ReadError, error))
        except OSError as error:
            failures.append(_because(httpcore2.ConnectError, error))
    raise min(failures, key=rank)


def _because(kind: type[Exception], error: Exception) -> Exception:
    failure = kind(str(error))
    failure.__cause__ = error
    return failure


def rank(error: Exception) -> int:
    """Order the failures of several addresses: a host that refuses is there, silence tells less."""
    causes = (error.__cause__, error.__cause__ and error.__cause__.__cause__)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return 0
    if isinstance(error, httpcore2.ReadError):
        return 1
    return 2 if isinstance(error, httpcore2.ConnectTimeout) else 3
