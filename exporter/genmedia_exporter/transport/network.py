"""The door to the network: resolves, connects and shakes hands in steps that are timed one by one."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from itertools import chain, zip_longest
from typing import Any

import httpcore2
import httpx2

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.loop_lag import LoopLag
from genmedia_exporter.transport.arrival import waited
from genmedia_exporter.transport.signing.tokens import Tokens
from genmedia_exporter.transport.timer import ExchangeTimer

Resolve = Callable[[str, int], Awaitable[list[str]]]

FALLBACK_AFTER = 2.0
"""Seconds an address may take while others are left: a lost SYN is repeated after one."""


class ResolveError(httpcore2.ConnectError):
    """The host name has no address."""


class PrivateAddressError(httpcore2.ConnectError):
    """A URL that an answer gave us leads into a private network."""


class Network:
    """Hands out transports that use one fresh connection each and no proxy.

    *ssl_context* defaults to the system's trust store, read once; *resolve* to the system's
    resolver. With *lag*, exchanges tell how late our own loop was with them.
    """

    def __init__(
        self,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        lag: LoopLag | None = None,
    ) -> None:
        self.lag = lag
        self.tokens = Tokens()
        self._ssl_context = _system_trust() if ssl_context is None else ssl_context
        self._resolve = resolve or resolve_by_system

    def transport(
        self, timer: ExchangeTimer, *, public_only: bool = False
    ) -> httpx2.AsyncHTTPTransport:
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
    context = httpx2.create_ssl_context()
    # Set from Python 3.13 on, it refuses authorities that do not say what their key is for. curl, Go and
    # earlier Pythons accept them, and what a service is must not depend on the Python that watches it.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


async def resolve_by_system(host: str, port: int) -> list[str]:
    """Return the addresses of *host*, families alternating, in the system's order of preference.

    Raises OSError or UnicodeError when there are none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    first = [info[4][0] for info in found if info[0] == found[0][0]]
    other = [info[4][0] for info in found if info[0] != found[0][0]]
    mixed = chain.from_iterable(zip_longest(first, other))
    return list(dict.fromkeys(str(address) for address in mixed if address is not None))


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
        addresses = await self._addresses(host, port)
        self._timer.enter("connect")
        failures: list[Exception] = []
        for left in range(len(addresses), 0, -1):
            limit = min(FALLBACK_AFTER, self._timer.left() / left) if left > 1 else None
            try:
                stream = await self._inner.connect_tcp(addresses[-left], port, timeout=limit)
                return _Stream(stream, self._timer)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failures.append(error)
        raise min(failures, key=_rank)

    async def _addresses(self, host: str, port: int) -> list[str]:
        self._timer.enter("resolve")
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ResolveError(f"{host} does not resolve: {error}") from error
        if not addresses:
            raise ResolveError(f"{host} has no address")
        if self._public_only:
            # What was checked is what is connected to: the name is not resolved a second time.
            addresses = [address for address in addresses if _is_public(address)]
        if not addresses:
            raise PrivateAddressError(f"{host} is in a private network; not contacted")
        return addresses

    async def sleep(self, seconds: float) -> None:
        """Wait between httpcore2's retries, of which there are none."""
        await self._inner.sleep(seconds)


def _rank(error: Exception) -> int:
    """Order the failures of several addresses: a host that refuses is there, silence tells less."""
    causes = (error.__cause__, error.__cause__ and error.__cause__.__cause__)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return 0
    return 1 if isinstance(error, httpcore2.ConnectTimeout) else 2


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global


_BEGIN = b"HTTP/"


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
            self._timer.not_http = data[: len(_BEGIN)] != _BEGIN[: len(data)]
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
        self._timer.tls_expiry = _not_after(stream.get_extra_info("ssl_object"))
        return _Stream(stream, self._timer)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _not_after(ssl_object: ssl.SSLObject) -> Unix | None:
    certificate = ssl_object.getpeercert() or {}
    text = certificate.get("notAfter")
    return Unix(ssl.cert_time_to_seconds(text)) if isinstance(text, str) else None
