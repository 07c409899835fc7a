"""The door to the network: resolves, connects and shakes hands in steps that are timed one by one."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import httpcore2
import httpx2

from genmedia_exporter.core.loop_lag import LoopLag
from genmedia_exporter.transport.arrival import waited
from genmedia_exporter.transport.engine.connection import ANSWER_BEGINS
from genmedia_exporter.transport.engine.engine import FALLBACK_AFTER, Engine, rank
from genmedia_exporter.transport.engine.tls import not_after
from genmedia_exporter.transport.resolving import Resolve, addresses_of, resolve_by_system
from genmedia_exporter.transport.signing.tokens import Tokens
from genmedia_exporter.transport.timer import ExchangeTimer


class Network:
    """Hands out transports that use one fresh connection each and no proxy.

    *ssl_context* defaults to the system's trust store, read once; *resolve* to the system's
    resolver. With *lag*, exchanges tell how late our own loop was with them.
    """

    engine: Engine | None
    """Makes the free calls of probes; None where they go the way of everything else."""

    def __init__(
        self,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        lag: LoopLag | None = None,
    ) -> None:
        self.lag = lag
        self.tokens = Tokens()
        self._given_context = ssl_context
        self._resolve = resolve or resolve_by_system
        self.engine = Engine(lambda: self._ssl_context, self._resolve)

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        # Read with the first connection: all authorities together are a twentieth of a start.
        return self._given_context or _system_trust()

    def prepare(self) -> None:
        """Read the authorities that are trusted, which takes tens of milliseconds."""
        _ = self._ssl_context

    def close(self) -> None:
        """Hang up what waits to be used again."""
        if self.engine is not None:
            self.engine.close()

    def transport(
        self, timer: ExchangeTimer, *, public_only: bool = False
    ) -> httpx2.AsyncBaseTransport:
        """Return a transport for one exchange, whose phases *timer* measures.

        With *public_only* it connects to no private, loopback or link-local address.
        """
        backend = _Backend(timer, self._resolve, public_only)
        return _Transport(
            httpcore2.AsyncConnectionPool(
                ssl_context=self._ssl_context,
                max_connections=1,
                max_keepalive_connections=0,
                network_backend=backend,
            )
        )


def _system_trust() -> ssl.SSLContext:
    try:
        context = httpx2.create_ssl_context()
    except OSError as error:  # it says neither which file nor who named it
        why = f"{error.strerror or error}; is SSL_CERT_FILE set?"
        raise OSError(error.errno, f"the trusted authorities cannot be read: {why}") from error
    # Set from Python 3.13 on, it refuses authorities that do not say what their key is for. curl, Go and
    # earlier Pythons accept them, and what a service is must not depend on the Python that watches it.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class _Transport(httpx2.AsyncHTTPTransport):
    """httpx2's own transport over a pool of ours: its constructor has no place for a backend."""

    def __init__(self, pool: httpcore2.AsyncConnectionPool) -> None:
        self._pool = pool


class _Backend(httpcore2.AsyncNetworkBackend):
    """Opens connections for one exchange."""

    def __init__(self, timer: ExchangeTimer, resolve: Resolve, public_only: bool) -> None:
        self._timer = timer
        self._resolve = resolve
        self._public_only = public_only
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve, then try the addresses in turn. The exchange's deadline replaces *timeout*."""
        self._timer.enter("resolve")
        addresses = await addresses_of(self._resolve, host, port, public_only=self._public_only)
        self._timer.enter("connect")
        failures: list[Exception] = []
        for left in range(len(addresses), 0, -1):
            limit = min(FALLBACK_AFTER, self._timer.left() / left) if left > 1 else None
            try:
                stream = await self._inner.connect_tcp(addresses[-left], port, timeout=limit)
                return _Stream(stream, self._timer)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failures.append(error)
        raise min(failures, key=rank)

    async def sleep(self, seconds: float) -> None:
        """Wait between httpcore2's retries, of which there are none."""
        await self._inner.sleep(seconds)


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection that times its handshake and notices the peer hanging up."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream, timer: ExchangeTimer) -> None:
        self._inner = inner
        self._timer = timer
        self._socket = inner.get_extra_info("socket")
        self._silent = True

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._inner.read(max_bytes, timeout)
        self._timer.hung_up = not data
        self._timer.waited = waited(self._socket) if data else None
        if self._silent and data:
            self._silent = False
            self._timer.not_http = data[: len(ANSWER_BEGINS)] != ANSWER_BEGINS[: len(data)]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self._timer.enter("tls")
        try:
            stream = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            # The library closes after an Exception only; a cancelled handshake would leak.
            await self._inner.aclose()
            raise
        self._timer.tls_expiry = not_after(stream.get_extra_info("ssl_object"))
        return _Stream(stream, self._timer)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
