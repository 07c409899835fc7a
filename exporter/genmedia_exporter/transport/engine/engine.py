"""The engine: resolves, connects and asks, for requests whose answers are small."""

from __future__ import annotations

import asyncio
import ssl
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from typing import Final

import httpcore2

from genmedia_exporter.transport.arrival import keep_stamping
from genmedia_exporter.transport.engine.connection import Begin, Connection, Wire
from genmedia_exporter.transport.engine.kept import KeptConnections, Reuse
from genmedia_exporter.transport.engine.tls import TlsSession
from genmedia_exporter.transport.resolving import Resolve, addresses_of
from genmedia_exporter.transport.timer import ExchangeTimer

FALLBACK_AFTER: Final = 2.0
"""Seconds an address may take while others are left: a lost SYN is repeated after one."""

READ_AT_ONCE: Final = 65_536
"""Bytes that one read takes at most."""

_Made = tuple[Connection, "asyncio.Future[None]"]
"""A connection, and what is done when the answer is there."""


class Engine:
    """Makes exchanges over connections of its own, without a proxy.

    They are judged by what *trust* returns, which is asked with the first that needs it.
    """

    def __init__(self, trust: Callable[[], ssl.SSLContext], resolve: Resolve) -> None:
        self._trust, self._resolve = trust, resolve
        self._kept = KeptConnections()
        self._room = bytearray(READ_AT_ONCE)
        stamping = keep_stamping()
        self._stop_stamping = None if stamping is None else weakref.finalize(self, stamping.close)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        context = self._trust()
        if type(context) is ssl.SSLContext:
            context.set_alpn_protocols(["http/1.1"])
        return context

    def takes(self, wire: Wire) -> bool:
        """Whether it can make the request; who is refused takes the general client."""
        # Elsewhere than on Linux the system itself judges certificates, over a socket.
        return not wire.tls or type(self._context) is ssl.SSLContext

    async def exchange(
        self, wire: Wire, timer: ExchangeTimer, begin: Begin, reuse: Reuse = "never"
    ) -> None:
        """Send *wire* and read the answer into the body that *begin* returns. Raises as httpx2 does."""
        kept = self._kept.take(wire) if reuse == "now" else None
        if kept is not None and await self._asked_again(kept, wire, timer, begin):
            return
        timer.enter("resolve")
        addresses = await addresses_of(self._resolve, wire.host, wire.port)
        timer.enter("connect")
        await self._ask(
            await self._connect(wire, timer, begin, addresses), wire, keep=reuse != "never"
        )

    def close(self) -> None:
        """Hang up the connections that wait for a next probe."""
        self._kept.close()
        if self._stop_stamping is not None:
            self._stop_stamping()

    async def _asked_again(
        self, kept: Connection, wire: Wire, timer: ExchangeTimer, begin: Begin
    ) -> bool:
        """Ask over *kept* and return whether there was an answer; none, if the peer had hung up before."""
        timer.reused = True
        answered = kept.ask(wire, timer, begin)
        try:
            await self._ask((kept, answered), wire, keep=True)
        except Exception:
            if not kept.silent:
                raise
            timer.restart()
            return False
        return True

    async def _ask(self, made: _Made, wire: Wire, *, keep: bool) -> None:
        connection, answered = made
        try:
            await answered
        except BaseException:
            connection.close()
            raise
        if keep:
            self._kept.put(wire, connection)
        else:
            connection.close()

    async def _connect(
        self, wire: Wire, timer: ExchangeTimer, begin: Begin, addresses: list[str]
    ) -> _Made:
        """Try the addresses in turn. The exchange's deadline is around it."""
        failures: list[Exception] = []
        for left in range(len(addresses), 0, -1):
            limit = min(FALLBACK_AFTER, timer.left() / left) if left > 1 else None
            tls = TlsSession(self._context, wire.host) if wire.tls else None
            connection = Connection(tls, self._room)
            answered = connection.ask(wire, timer, begin)
            try:
                async with nullcontext() if limit is None else asyncio.timeout(limit):
                    await _open(connection, addresses[-left], wire.port)
                return connection, answered
            except TimeoutError as error:
                failures.append(_because(httpcore2.ConnectTimeout, error))
            except ConnectionResetError as error:  # it was taken, and reset before we looked
                failures.append(_because(httpcore2.ReadError, error))
            except OSError as error:
                failures.append(_because(httpcore2.ConnectError, error))
        raise min(failures, key=rank)


async def _open(connection: Connection, address: str, port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: connection, address, port)


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
