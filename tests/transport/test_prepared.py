"""What is made once for all probes of an account goes out as what is made each time would."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import httpx2
import pytest

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import Auth, Call
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport import prepared
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.engine.connection import Wire
from genmedia_exporter.transport.engine.engine import Engine
from genmedia_exporter.transport.outgoing import as_wire
from genmedia_exporter.transport.prepared import Prepared
from genmedia_exporter.transport.request import Asked
from genmedia_exporter.transport.resolving import resolve_by_system
from tests.drivers.world import (
    ACCEPT,
    KEY,
    REACH,
    account,
    jwt_provider,
    provider,
    trusting_network,
)
from tests.transport.server import Server, answer, echo


def sent(at: Account, call: Call, times: int = 3, known: Prepared | None = None) -> list[Exchange]:
    """Make *call* several times, each time with a client of its own."""
    common, clock = known or Prepared(at), SystemClock()

    async def run() -> list[Exchange]:
        network = trusting_network()
        exchanges = []
        for _ in range(times):
            client = ProbeClient(at, clock.monotonic() + 5, clock, network, prepared=common)
            await client.send(call, model="veo3", operation=Operation.VIDEO)
            assert client.credential_sent == client.credential_used == (at.api_key is not None)
            exchanges += client.exchanges
        return exchanges

    return asyncio.run(run())


@pytest.mark.parametrize("call", [REACH, ACCEPT], ids=["get", "create"])
@pytest.mark.parametrize("key", [KEY, None], ids=["key", "no key"])
def test_the_second_request_is_the_first(call: Call, key: str | None) -> None:
    """Byte by byte, with the credential, which is hidden in what comes back each time."""
    with Server(echo) as server:
        at = account(server.url, key, of=provider(auth=Auth(prefix="Key ")))
        common = Prepared(at)
        exchanges = sent(at, call, known=common)
    first, second, third = server.received
    assert first == second == third
    assert common.request(Asked(call, "veo3", "video", "")) is not None
    assert KEY not in repr(exchanges)
    assert {(e.url, e.host, e.status) for e in exchanges} == {(exchanges[0].url, "127.0.0.1", 200)}


@pytest.mark.parametrize("where", ["headers", "query", "json"])
def test_a_request_that_is_new_each_time(where: str) -> None:
    """What holds an id or the time of its own is never sent twice."""
    fields = {"id": "c", "depth": "reach", "method": "POST", "path": "/x", "proves": ["edge"]}
    with Server(answer()) as server:
        sent(
            account(server.url), Call.model_validate({**fields, where: {"x-id": "{uuid}"}}), times=2
        )
    one, other = server.received
    assert one != other


def test_a_token_that_is_made_anew() -> None:
    """A signed request is not kept."""
    with Server(answer()) as server:
        at = account(server.url, "access-key-1:secret-key-1", jwt_provider())
        known = Prepared(at)
        sent(at, REACH, known=known)
    assert known.request(Asked(REACH, "veo3", "video", "")) is None


def test_another_call_or_model_is_another_request() -> None:
    """As after a reload, that may have changed the call's file."""
    with Server(answer()) as server:
        at = account(server.url)
        known = Prepared(at)
        sent(at, REACH, times=1, known=known)
        assert known.request(Asked(REACH, "veo3", "video", "")) is not None
        assert known.request(Asked(REACH, "veo2", "video", "")) is None
        assert known.request(Asked(REACH.model_copy(), "veo3", "video", "")) is None


def test_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many are forgotten together."""
    monkeypatch.setattr(prepared, "MOST_STANDING", 1)
    with Server(answer()) as server:
        at = account(server.url)
        known = Prepared(at)
        sent(at, REACH, times=1, known=known)
        sent(at, ACCEPT, times=1, known=known)
    assert known.request(Asked(REACH, "veo3", "video", "")) is None
    assert known.request(Asked(ACCEPT, "veo3", "video", "")) is not None


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("http://api.test/a?b=c", "api.test", 80, False),
        ("https://api.test/", "api.test", 443, True),
        ("https://[::1]:8443/", "::1", 8443, True),
    ],
)
def test_where_a_request_goes(url: str, host: str, port: int, tls: bool) -> None:
    """Host and port by the URL, as httpx2 reads it."""
    wire = as_wire(httpx2.Request("GET", url))
    assert (wire.host, wire.port, wire.tls) == (host, port, tls)


def test_a_request_that_cannot_be_written() -> None:
    """As httpx2 says it: it is our own fault."""
    with pytest.raises(httpx2.LocalProtocolError):
        as_wire(httpx2.Request("GET", "http://api.test/", headers={"X-A": "a\nb"}))


def test_where_the_system_judges_certificates() -> None:
    """Only a context of OpenSSL's own can be spoken to through memory; others take the general client."""

    class OfTheSystem(ssl.SSLContext):
        """What truststore makes on macOS and Windows."""

    plain = Wire("GET", "api.test", 80, False, b"")
    secure = Wire("GET", "api.test", 443, True, b"")
    own = Engine(ssl.create_default_context, resolve_by_system)
    other = Engine(lambda: OfTheSystem(ssl.PROTOCOL_TLS_CLIENT), resolve_by_system)
    assert (own.takes(plain), own.takes(secure)) == (True, True)
    assert (other.takes(plain), other.takes(secure)) == (True, False)


def test_an_address_takes_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are not looked up; a name is."""

    async def run(host: str) -> list[str]:
        async def getaddrinfo(*args: object, **more: object) -> list[tuple[Any, ...]]:
            raise OSError("asked")

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        return await resolve_by_system(host, 80)

    assert asyncio.run(run("127.0.0.1")) == ["127.0.0.1"]
    assert asyncio.run(run("::1")) == ["::1"]
    for host in ("localhost", "127.1", "fe80::1%lo"):
        with pytest.raises(OSError, match="asked"):
            asyncio.run(run(host))
