"""A name with several addresses is tried address by address, within one deadline."""

from __future__ import annotations

import asyncio
import socket

import pytest

from genmedia_exporter.core.evidence import Exchange, Transport
from genmedia_exporter.transport import resolving
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.resolving import PrivateAddressError, addresses_of
from tests.drivers.world import SHORT, TIMEOUT, ask
from tests.transport.server import Server, answer, refused_port, silent_port


def ask_at(addresses: list[str], port: int, timeout: float = TIMEOUT) -> Exchange:
    """Ask a host whose name stands for *addresses*."""

    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    return ask(f"http://many.test:{port}", timeout, Network(resolve=resolve))


def test_the_next_address_answers() -> None:
    """One address that refuses does not make the service unreachable."""
    with Server(answer()) as server:
        assert ask_at(["127.0.0.2", "127.0.0.1"], server.port).status == 200


def test_a_silent_address_leaves_time_for_the_next() -> None:
    """The first of two addresses gets half of the time at most: broken IPv6 is common."""
    with silent_port() as port:
        exchange = ask_at(["127.0.0.1", "127.0.0.2"], port, 4 * SHORT)
    assert exchange.transport is Transport.CONNECT_REFUSED
    assert exchange.phases.connect is not None
    assert 1.9 * SHORT < exchange.phases.connect < 4 * SHORT


def test_the_failure_that_tells_most_is_reported() -> None:
    """A host that refuses was there, whatever its other addresses did."""
    with refused_port() as port:
        exchange = ask_at(["127.0.0.1", "255.255.255.255"], port)
    assert exchange.transport is Transport.CONNECT_REFUSED


def test_an_empty_answer_of_the_resolver() -> None:
    """A name without any address does not resolve."""
    assert ask_at([], 80).transport is Transport.DNS


def test_the_families_alternate(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPv6 and IPv4 take turns, beginning with what the system prefers."""
    found = [(socket.AF_INET6, f"::{n}") for n in (1, 2, 3)] + [(socket.AF_INET, "127.0.0.1")]

    async def run() -> list[str]:
        async def getaddrinfo(*args: object, **more: object) -> list[tuple[object, ...]]:
            return [(family, 1, 6, "", (address, 80)) for family, address in found]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        return await resolving.resolve_by_system("many.test", 80)

    assert asyncio.run(run()) == ["::1", "127.0.0.1", "::2", "::3"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "168.63.129.16", "::1", "::", "fe80::1%eth0", "fd00:ec2::254", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
        "2002:7f00:1::1", "2002:a9fe:a9fe::",
    ],
)  # fmt: skip
def test_a_stranger_leads_into_no_private_network(address: str) -> None:
    """However the address is written, and whatever a gateway would make of it."""
    with pytest.raises(PrivateAddressError, match="private network"):
        asyncio.run(public_addresses([address]))


def test_a_stranger_leads_to_public_addresses() -> None:
    """Also to those of IPv4 behind a gateway; of a mixture only what is public is asked."""
    public = ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"]
    assert asyncio.run(public_addresses(["10.0.0.1", *public, "::1"])) == public


async def public_addresses(found: list[str]) -> list[str]:
    """Return which of the addresses of a name would be asked."""

    async def resolve(host: str, port: int) -> list[str]:
        return found

    return await addresses_of(resolve, "store.test", 443, public_only=True)
