"""Connections that are used again: what they show, when they are not, and what becomes of those that wait."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvloop

from genmedia_exporter.core.evidence import Exchange, Transport
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.transport.engine import kept
from genmedia_exporter.transport.engine.kept import Reuse
from genmedia_exporter.transport.network import Network
from tests.drivers.world import ACCEPT, REACH, account, trusting_network, wire_of
from tests.transport.server import CERTIFICATES

FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@dataclass
class Keeping:
    """A server on the client's own loop that keeps its connections open."""

    answers: list[bytes]  # in turn, the last one for ever; an empty one hangs up
    url: str = ""
    connections: list[asyncio.StreamWriter] = field(default_factory=list)
    requests: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer each request on a connection."""
        self.connections.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.requests += 1
                said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if not said:
                    break
                writer.write(said)
                if b"content-length: 99" in said:
                    await writer.drain()
                    break
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def keeping(*answers: bytes, tls: bool = False) -> AsyncIterator[Keeping]:
    """Serve *answers*, 200 and an empty document by default."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "good.pem")
    found = Keeping(list(answers) or [FINE])
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    found.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield found
    finally:
        server.close()
        for writer in found.connections:
            writer.transport.abort()
        await settle()


async def settle() -> None:
    """Let the loop do what is ready."""
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)


async def probe(network: Network, url: str, reuse: Reuse = "now", call: Call = REACH) -> Exchange:
    """Make one probe."""
    client = wire_of(account(url), timeout=5, network=network)
    client.reuse = reuse
    return await client.send(call, model="m", operation=Operation.VIDEO)


def played(run: Callable[[Network], Awaitable[None]], *, loop: bool = False) -> None:
    """Run a test over a network, and hang up afterwards; *loop*: by uvloop."""

    async def whole() -> None:
        network = trusting_network()
        await run(network)
        network.close()
        await settle()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop if loop else None) as runner:
        runner.run(whole())


@pytest.mark.parametrize("loop", [False, True], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_one_connection_for_several_probes(tls: bool, loop: bool) -> None:
    """What was not tried is absent, and not zero; what was is timed as ever."""

    async def run(network: Network) -> None:
        async with keeping(tls=tls) as server:
            first, *others = [await probe(network, server.url) for _ in range(3)]
            assert len(server.connections) == 1
        assert not first.reused
        assert (first.tls_expiry is not None, "connect" in first.phases.known()) == (tls, True)
        for exchange in others:
            assert (exchange.reused, exchange.status, exchange.body) == (True, 200, b"{}")
            assert list(exchange.phases.known()) == ["processing", "transfer"]
            assert exchange.tls_expiry is None

    played(run, loop=loop)


def test_never_and_later() -> None:
    """One of them leaves a connection to others, and neither takes one."""

    async def run(network: Network) -> None:
        async with keeping() as server:
            for reuse, connections in (("never", 1), ("never", 2), ("later", 3), ("now", 3)):
                exchange = await probe(network, server.url, reuse)  # type: ignore[arg-type]
                assert len(server.connections) == connections
                assert exchange.reused is (reuse == "now")

    played(run)


def test_a_create_is_always_fresh() -> None:
    """Nobody could say what became of one that a closed connection took."""

    async def run(network: Network) -> None:
        async with keeping(FINE.replace(b"200 OK", b"400 No")) as server:
            await probe(network, server.url)
            server.answers = [FINE]
            client = wire_of(account(server.url), timeout=5, network=network)
            client.reuse = "now"
            writer = server.connections[0]
            exchange = await client.send(ACCEPT, model="m", operation=Operation.VIDEO)
            assert (exchange.reused, len(server.connections)) == (False, 2)
            assert not writer.is_closing()

    played(run)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_peer_that_hangs_up_before_it_answers(tls: bool) -> None:
    """It did so while the connection waited, as far as we can know: a fresh one decides."""

    async def run(network: Network) -> None:
        async with keeping(FINE, b"", FINE, tls=tls) as server:
            await probe(network, server.url)
            exchange = await probe(network, server.url)
            assert (exchange.status, exchange.reused, server.requests) == (200, False, 3)
            assert exchange.phases.connect is not None
            assert exchange.duration >= exchange.phases.connect

    played(run)


def test_a_peer_that_hung_up_meanwhile() -> None:
    """Its connection is not even tried."""

    async def run(network: Network) -> None:
        async with keeping() as server:
            await probe(network, server.url)
            server.connections[0].close()
            await settle()
            exchange = await probe(network, server.url)
            assert (exchange.status, exchange.reused, server.requests) == (200, False, 2)

    played(run)


def test_an_answer_that_breaks_off_is_the_service_s() -> None:
    """Once something has come, nothing is asked again."""

    async def run(network: Network) -> None:
        half = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf"
        async with keeping(FINE, half) as server:
            await probe(network, server.url)
            exchange = await probe(network, server.url)
            assert (exchange.reused, exchange.transport) == (True, Transport.BODY_TRUNCATED)
            assert server.requests == 2

    played(run)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_peer_that_speaks_unasked(tls: bool) -> None:
    """What it says is no answer to the next question."""

    async def run(network: Network) -> None:
        async with keeping(tls=tls) as server:
            await probe(network, server.url)
            server.connections[0].write(FINE)
            await settle()
            exchange = await probe(network, server.url)
            assert (exchange.reused, len(server.connections)) == (False, 2)

    played(run)


@pytest.mark.parametrize(
    "answer",
    [
        FINE.replace(b"content", b"connection: close\r\ncontent"),
        FINE + b"more",
        b"HTTP/1.0" + FINE[8:],
    ],
    ids=["close", "more", "http-1.0"],
)
def test_connections_that_are_not_kept(answer: bytes) -> None:
    """The peer has said so, or it cannot be told where its answer ends."""

    async def run(network: Network) -> None:
        async with keeping(answer) as server:
            for _ in range(2):
                assert not (await probe(network, server.url)).reused
            assert len(server.connections) == 2

    played(run)


def test_a_connection_that_has_waited_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is closed by us, before anything in between forgets it."""
    assert kept.LONGEST_IDLE == 90.0
    monkeypatch.setattr(kept, "LONGEST_IDLE", 0.0)

    async def run(network: Network) -> None:
        async with keeping() as server:
            await probe(network, server.url)
            await settle()
            assert not (await probe(network, server.url)).reused

    played(run)


@pytest.mark.parametrize(("name", "most"), [("MOST_OF_HOST", 2), ("MOST_KEPT", 2)])
def test_few_are_kept(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    """What is more than that is closed; what was closed meanwhile leaves its place to others."""
    monkeypatch.setattr(kept, name, most)

    async def run(network: Network) -> None:
        async with keeping() as server:
            await asyncio.gather(*(probe(network, server.url, "later") for _ in range(4)))
            await settle()
            again = await asyncio.gather(*(probe(network, server.url) for _ in range(4)))
            assert sum(exchange.reused for exchange in again) == most

    played(run)
    if name == "MOST_KEPT":
        played(_hung_up_by_the_peer)


async def _hung_up_by_the_peer(network: Network) -> None:
    async with keeping() as server, keeping() as other:
        await asyncio.gather(*(probe(network, server.url, "later") for _ in range(2)))
        for writer in server.connections:
            writer.close()
        await settle()
        await probe(network, other.url, "later")
        assert (await probe(network, other.url)).reused
