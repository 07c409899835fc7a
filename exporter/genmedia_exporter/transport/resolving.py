"""From a host name to addresses: looked up anew for each connection, and never in private for a stranger."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from itertools import chain, zip_longest
from typing import Final

import httpcore2

_EMBEDDING: Final = {
    ipaddress.IPv6Network("64:ff9b::/96"): False,  # NAT64
    ipaddress.IPv6Network("2002::/16"): True,  # 6to4: right after the prefix
    ipaddress.IPv6Network("::/96"): False,
}
"""Networks of IPv6 whose addresses hold one of IPv4: at their end, or right after their prefix."""
_LOCAL: Final = (ipaddress.IPv6Network("64:ff9b:1::/48"),)  # NAT64 of the own network
_AZURE_HOST: Final = ipaddress.IPv4Address("168.63.129.16")
"""Public by its number, but in each Azure network the machine below, which hands out secrets."""

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
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = _inner(found)
        if found.is_site_local or any(found in network for network in _LOCAL):
            return False
        found = found if inner is None else inner
    return found.is_global and not found.is_multicast and found != _AZURE_HOST


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a gateway would make of *address*, None when it makes none."""
    for network, after in _EMBEDDING.items():
        if address in network:
            shift = 128 - network.prefixlen - 32 if after else 0
            return ipaddress.IPv4Address(int(address) >> shift & 0xFFFF_FFFF)
    return address.ipv4_mapped
