"""From a host name to addresses: looked up anew for each connection, and never in private for a stranger."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from itertools import chain, zip_longest

import httpcore2

Resolve = Callable[[str, int], Awaitable[list[str]]]


class ResolveError(httpcore2.ConnectError):
    """The host name has no address."""


class PrivateAddressError(httpcore2.ConnectError):
    """A URL that an answer gave us leads into a private network."""


async def addresses_of(
    resolve: Resolve, host: str, port: int, *, public_only: bool = False
) -> list[str]:
    """Return the addresses of *host*, at least one; with *public_only* no private or local ones.

    Raises ResolveError, and PrivateAddressError where all are private.
    """
    try:
        addresses = await resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise ResolveError(f"{host} does not resolve: {error}") from None
    if not addresses:
        raise ResolveError(f"{host} has no address")
    if public_only:
        # What was checked is what is connected to: the name is not resolved a second time.
        addresses = [address for address in addresses if _is_public(address)]
    if not addresses:
        raise PrivateAddressError(f"{host} is in a private network; not contacted")
    return addresses


async def resolve_by_system(host: str, port: int) -> list[str]:
    """Return the addresses of *host*, families alternating, in the system's order of preference.

    What is an address already is not looked up: that would take a thread. Raises OSError or
    UnicodeError when there are none.
    """
    if _is_address(host):
        return [host]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    first = [info[4][0] for info in found if info[0] == found[0][0]]
    other = [info[4][0] for info in found if info[0] != found[0][0]]
    mixed = chain.from_iterable(zip_longest(first, other))
    return list(dict.fromkeys(str(address) for address in mixed if address is not None))


def _is_address(host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except (OSError, ValueError):
        return False
    return True


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global
