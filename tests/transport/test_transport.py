"""Each way an exchange can break has its own name, keeps what had come, and ends on time."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from genmedia_exporter.core.evidence import MAX_BODY_BYTES, Transport
from genmedia_exporter.transport.network import Network
from tests.drivers.world import REACH, SHORT, TIMEOUT, account, ask, trusting_network, wire_of
from tests.transport.server import (
    Script,
    Server,
    answer,
    gzip_bomb,
    hang,
    refused_port,
    reset_after,
    say,
    silent_port,
    trickle,
)

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
LONG = HEAD + b"content-length: 1000\r\n\r\n"


def packed(encoding: str, body: bytes) -> Script:
    """Answer with a body that says it is packed in *encoding*."""
    return answer(body, headers=f"content-encoding: {encoding}\r\n")


def test_a_complete_answer_has_all_phases() -> None:
    """A sound exchange is timed from resolving to the last byte and says nothing of a break."""
    with Server(answer(b'{"id": "veo3"}', headers="x-request-id: r1\r\n")) as server:
        exchange = ask(server.url)
    assert (exchange.status, exchange.transport, exchange.detail) == (200, None, "")
    assert exchange.body == b'{"id": "veo3"}'
    assert exchange.headers["x-request-id"] == "r1"
    assert list(exchange.phases.known()) == ["resolve", "connect", "processing", "transfer"]
    assert exchange.url == f"{server.url}/v1/models/veo3"
    assert exchange.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("script", "transport", "status"),
    [
        (hang, Transport.RESPONSE_TIMEOUT, None),
        (say(b"HTTP/1.1 200 OK\r\ncontent-", close=False), Transport.RESPONSE_TIMEOUT, None),
        (trickle(b"HTTP/1.1 200 OK\r\n", b"x-slow: 1\r\n"), Transport.RESPONSE_TIMEOUT, None),
        (trickle(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Go on\r\n\r\n"),
         Transport.RESPONSE_TIMEOUT, None),
        (trickle(CHUNKED, b"1\r\n \r\n"), Transport.BODY_TIMEOUT, 200),
        (answer(b"half", length=1000), Transport.BODY_TRUNCATED, 200),
        (say(CHUNKED + b"4\r\nhalf\r\n"), Transport.BODY_TRUNCATED, 200),
        (say(CHUNKED + b"nonsense\r\nhalf\r\n"), Transport.PROTOCOL, 200),
        (reset_after(LONG, b"half"), Transport.BODY_TRUNCATED, 200),
        (reset_after(), Transport.RESET, None),
        (reset_after(b"HTTP/1.1 200 OK\r\n"), Transport.RESET, None),
        (say(), Transport.RESET, None),
        (say(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), Transport.PROTOCOL, None),
        (say(b"\x16\x03\x01\x00\x02\x02\x16"), Transport.PROTOCOL, None),
        (trickle(HEAD, b"x-filler: " + b"y" * 9000 + b"\r\n", 0), Transport.PROTOCOL, None),
        (trickle(CHUNKED, b"8000\r\n" + b" " * 0x8000 + b"\r\n", 0),
         Transport.BODY_TOO_LARGE, 200),
        (packed("gzip", gzip_bomb(64 << 20)), Transport.BODY_TOO_LARGE, 200),
        (packed("gzip", gzip.compress(b"{}" * 99)[:-9]), Transport.BODY_TRUNCATED, 200),
        (packed("gzip", b"not packed at all"), Transport.PROTOCOL, 200),
        (packed("deflate", b"not packed either"), Transport.PROTOCOL, 200),
        (packed("br", b"\x0b\x02\x80{}\x03"), Transport.PROTOCOL, 200),
        (packed("gzip, gzip", b""), Transport.PROTOCOL, 200),
    ],
)  # fmt: skip
def test_a_sick_service_is_told_apart(
    script: Script, transport: Transport, status: int | None
) -> None:
    """What a service does wrong after accepting the connection decides the name of the break."""
    silent = transport in (Transport.RESPONSE_TIMEOUT, Transport.BODY_TIMEOUT)
    with Server(script) as server:
        exchange = ask(server.url, SHORT if silent else TIMEOUT)
    assert (exchange.transport, exchange.status) == (transport, status)
    assert exchange.detail
    assert len(exchange.body) <= MAX_BODY_BYTES


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"[1]", mtime=0)),
        ("deflate", zlib.compress(b"[1]")),
        ("deflate", zlib.compress(b"[1]", wbits=-15)),
        ("identity", b"[1]"),
    ],
)
def test_packed_answers_are_unpacked(encoding: str, body: bytes) -> None:
    """A service may pack its answer although we ask it not to, even without deflate's header."""
    with Server(packed(encoding, body)) as server:
        exchange = ask(server.url)
    assert (exchange.body, exchange.transport) == (b"[1]", None)


def test_what_had_come_is_kept() -> None:
    """A body that breaks off keeps its beginning, for people to read."""
    with Server(answer(b"half", length=1000)) as server:
        assert ask(server.url).body == b"half"


def test_an_answer_of_exactly_the_limit_is_whole() -> None:
    """The limit itself is not too large."""
    with Server(answer(b" " * MAX_BODY_BYTES)) as server:
        exchange = ask(server.url, timeout=2)
    assert (len(exchange.body), exchange.transport) == (MAX_BODY_BYTES, None)


def test_a_refused_port() -> None:
    """Nobody listening is not the same as nobody answering."""
    with refused_port() as port:
        exchange = ask(f"http://127.0.0.1:{port}")
    assert exchange.transport is Transport.CONNECT_REFUSED
    assert list(exchange.phases.known()) == ["resolve", "connect"]


def test_a_silent_port() -> None:
    """A connection that is never taken ends at the deadline, in the phase connect."""
    with silent_port() as port:
        exchange = ask(f"http://127.0.0.1:{port}", SHORT)
    assert exchange.transport is Transport.CONNECT_TIMEOUT
    assert "connect" in exchange.detail


def test_an_unreachable_network() -> None:
    """An address no route leads to is neither refused nor late."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["255.255.255.255"]

    exchange = ask("http://nowhere.test", network=Network(resolve=resolve))
    assert exchange.transport is Transport.CONNECT_FAILED


@pytest.mark.parametrize("host", ["does-not-exist.invalid", "a" * 70 + ".example"])
def test_an_unresolvable_name(host: str) -> None:
    """A name without an address, or that cannot be one, breaks in the phase resolve."""
    exchange = ask(f"http://{host}", timeout=3)
    assert exchange.transport is Transport.DNS
    assert list(exchange.phases.known()) == ["resolve"]


def test_a_resolver_that_hangs() -> None:
    """A resolver that never answers is a failure of DNS, at the deadline."""

    async def resolve(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    exchange = ask("http://x.test", SHORT, Network(resolve=resolve))
    assert exchange.transport is Transport.DNS


def test_cancellation_propagates_and_closes_the_connection() -> None:
    """Cancelling a probe ends it at once, leaves no exchange and hangs up on the service."""

    async def run(url: str) -> int:
        client = wire_of(account(url), timeout=30)
        task = asyncio.create_task(client.request(client.prepare(REACH, {"model": "m"})))
        await asyncio.to_thread(server.heard.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return len(client.exchanges)

    with Server(hang) as server:
        assert asyncio.run(run(server.url)) == 0
        assert server.closed.wait(2)


def test_each_exchange_has_its_own_connection() -> None:
    """Nothing is pooled: every probe proves the whole way again."""

    async def run(url: str) -> None:
        for _ in range(3):
            client = wire_of(account(url))
            await client.request(client.prepare(REACH, {"model": "m"}))

    with Server(answer()) as server:
        asyncio.run(run(server.url))
        assert server.connections == 3


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable meant for other programs does not bend our probes."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Server(answer()) as server:
        assert ask(server.url, network=trusting_network()).status == 200
