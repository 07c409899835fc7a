"""The engine's connections: fresh each time, closed whatever happens, and timed where things happen."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable

import pytest
import uvloop

from genmedia_exporter.core.evidence import Exchange, Transport
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.transport.engine import engine
from genmedia_exporter.transport.engine.connection import Begin, Connection, Wire
from genmedia_exporter.transport.timer import ExchangeTimer
from tests.drivers.world import REACH, account, trusting_network, wire_of
from tests.transport.server import Received, Script, Server, Writer, answer, hang

Loop = Callable[[], asyncio.AbstractEventLoop]
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
both_loops = pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"])


@both_loops
@pytest.mark.parametrize("certificate", [None, "good"])
def test_each_exchange_has_its_own_connection(loop: Loop, certificate: str | None) -> None:
    """Every probe proves the whole way again."""

    async def run(url: str) -> None:
        network = trusting_network()
        for _ in range(3):
            client = wire_of(account(url), timeout=5, network=network)
            exchange = await client.send(REACH, model="m", operation=Operation.VIDEO)
            assert exchange.status == 200

    with Server(answer(), certificate) as server, asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run(server.url))
        assert server.connections == 3
        assert server.closed.wait(2)


@both_loops
@pytest.mark.parametrize("certificate", [None, "good"])
def test_cancellation_hangs_up(loop: Loop, certificate: str | None) -> None:
    """It ends a probe at once and leaves no exchange."""

    async def run(url: str) -> int:
        client = wire_of(account(url), timeout=30)
        sending = client.send(REACH, model="m", operation=Operation.VIDEO)
        task = asyncio.create_task(sending)
        await asyncio.to_thread(server.heard.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return len(client.exchanges)

    with Server(hang, certificate) as server, asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(run(server.url)) == 0
        assert server.closed.wait(2)


@pytest.mark.parametrize("certificate", [None, "good"])
@pytest.mark.parametrize("script", [answer(), hang], ids=["answered", "cut off"])
def test_nothing_is_left_to_the_search_for_garbage(script: Script, certificate: str | None) -> None:
    """A connection and all that it holds go with the probe: a search looks at everything there is."""
    ended: list[weakref.ref[Connection]] = []

    class Noted(Connection):
        def ask(self, wire: Wire, timer: ExchangeTimer, begin: Begin) -> asyncio.Future[None]:
            ended.append(weakref.ref(self))
            return super().ask(wire, timer, begin)

    async def run(url: str) -> None:
        network = trusting_network()
        for _ in range(3):
            client = wire_of(account(url), timeout=0.3, network=network)
            await client.send(REACH, model="m", operation=Operation.VIDEO)
        del client
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    gc.collect()
    gc.disable()
    try:
        with Server(script, certificate) as server, pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "Connection", Noted)
            uvloop.run(run(server.url))
            assert [ref() for ref in ended] == [None] * 3
    finally:
        gc.enable()


@both_loops
def test_a_large_request_goes_out_whole(loop: Loop) -> None:
    """One that takes longer to send than the kernel has room for; sending is no processing."""
    call = Call.model_validate(
        {
            "id": "create",
            "depth": "accept",
            "method": "POST",
            "path": "/x",
            "json": {"image": "x" * (8 << 20)},
            "proves": ["validator"],
        }
    )

    async def run(url: str) -> Exchange:
        client = wire_of(account(url), timeout=20)
        return await client.send(call, model="m", operation=Operation.VIDEO)

    async def script(request: Received, writer: Writer) -> None:
        await answer(str(len(request.body)).encode())(request, writer)

    with Server(script) as server, asyncio.Runner(loop_factory=loop) as runner:
        exchange = runner.run(run(server.url))
    assert exchange.transport is None
    assert int(exchange.body) > 8 << 20


@both_loops
def test_a_bug_of_ours_belongs_to_the_probe(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is raised while bytes come is raised where the probe is made, and what was sent is noted."""

    def stumble(*_: object) -> None:
        raise LookupError("a bug")

    async def run(url: str) -> list[Exchange]:
        client = wire_of(account(url), timeout=5)
        monkeypatch.setattr(client, "_begin", stumble)
        with pytest.raises(LookupError):
            await client.send(REACH, model="m", operation=Operation.VIDEO)
        return client.exchanges

    with Server(answer()) as server, asyncio.Runner(loop_factory=loop) as runner:
        (noted,) = runner.run(run(server.url))
    assert (noted.call, noted.status, noted.transport) == ("model_get", None, None)


@both_loops
def test_the_deadline_holds_in_each_phase(loop: Loop) -> None:
    """A service that never answers takes the time that it is given."""

    async def run(url: str) -> Exchange:
        client = wire_of(account(url), timeout=0.2)
        return await client.send(REACH, model="m", operation=Operation.VIDEO)

    with Server(hang, "good") as server, asyncio.Runner(loop_factory=loop) as runner:
        exchange = runner.run(run(server.url))
        assert server.closed.wait(2)
    assert exchange.transport in (Transport.RESPONSE_TIMEOUT, Transport.CONNECT_TIMEOUT)
