"""TLS on a connection that has its place already: who never finishes the handshake counts as well."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from genmedia_exporter.web.http.connections import Connections


class Handshake(asyncio.Protocol):
    """A connection among *room*'s until TLS is up, at most *seconds*; then *connected* makes its protocol.

    asyncio's own server shows a connection only after the handshake. A thousand clients that say
    nothing would take every open file, and no limit would see one of them.
    """

    def __init__(
        self,
        room: Connections,
        tls: ssl.SSLContext,
        seconds: float,
        connected: Callable[[], asyncio.Protocol],
    ) -> None:
        self._room = room
        self._tls = tls
        self._seconds = seconds
        self._connected = connected
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place and begin."""
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._room.add(self, str(peer[0]) if isinstance(peer, tuple) else "")
        try:
            self._begin(transport)
        except (OSError, RuntimeError):  # it has left already
            self._room.remove(self)
            transport.abort()

    def _begin(self, transport: asyncio.Transport) -> None:
        loop, early = asyncio.get_running_loop(), _Early()
        begun = _Begun(
            loop.start_tls(
                transport, early, self._tls, server_side=True, ssl_handshake_timeout=self._seconds
            )
        )
        self._task = loop.create_task(self._shake_hands(begun, early, transport))

    def abort(self) -> None:
        """End the connection at once: others need its place."""
        if self._transport is not None:
            self._transport.abort()

    async def _shake_hands(
        self, begun: _Begun, early: _Early, transport: asyncio.Transport
    ) -> None:
        try:
            secure = await begun
        except OSError:
            secure = None  # a client that leaves or speaks no TLS
        finally:
            self._room.remove(self)
        if secure is None:
            transport.abort()
        else:
            early.hand_over(secure, self._connected())


class _Begun:
    """A coroutine that has run up to its first wait: TLS has the connection before any data comes."""

    def __init__(self, coroutine: Coroutine[Any, Any, asyncio.Transport | None]) -> None:
        self._coroutine = coroutine
        self._waited_for = coroutine.send(None)

    def __await__(self) -> Generator[Any, Any, asyncio.Transport | None]:
        try:
            yield self._waited_for
        except BaseException as error:
            self._coroutine.throw(error)
            raise
        return (yield from self._coroutine.__await__())


class _Early(asyncio.Protocol):
    """Keeps what comes with the end of a handshake, before the protocol is there."""

    def __init__(self) -> None:
        self._data: list[bytes] = []
        self._lost: tuple[Exception | None] | None = None

    def data_received(self, data: bytes) -> None:
        self._data.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = (exc,)

    def hand_over(self, transport: Any, protocol: asyncio.Protocol) -> None:
        """Let *protocol* have the connection, from its beginning."""
        if self._lost is not None:
            return
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        for data in self._data:
            protocol.data_received(data)
