"""The server in our own loop: addresses, sockets, limits, and an orderly end."""

from __future__ import annotations

import asyncio
import signal
import socket
from urllib.parse import urlsplit

import httpx2
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from genmedia_exporter.web.http.listening import listen
from genmedia_exporter.web.http.server import WebServer
from tests.events import messages
from tests.web.site import Backend, serve


@pytest.mark.parametrize("address", [":0", "127.0.0.1:0", "localhost:0"])
def test_addresses(address: str) -> None:
    """Each way of writing an address serves; all sockets of a name share one port."""
    with serve(Backend().services(), address=address) as url:
        assert httpx2.get(f"{url}/-/healthy", timeout=60, trust_env=False).text == "Healthy\n"


def test_no_host_means_both_families() -> None:
    """`:PORT` takes IPv4 also where it listens on IPv6."""
    with serve(Backend().services(), address=":0") as url:
        port = urlsplit(url).port
        answer = httpx2.get(f"http://127.0.0.1:{port}/-/healthy", timeout=60, trust_env=False)
    assert answer.status_code == 200


def test_ipv6() -> None:
    """An IPv6 address is written in brackets, in the URL too."""
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    (bound,) = listen("[::1]:0")
    with bound:
        assert bound.getsockname()[0] == "::1"
        assert bound.family == socket.AF_INET6


@pytest.mark.parametrize("address", ["127.0.0.1:0", ":0"])
def test_answers_are_sent_at_once(address: str) -> None:
    """The body of an answer does not wait until the client has confirmed the head: 40 ms a scrape."""
    for bound in listen(address):
        with bound, socket.create_connection(("localhost", bound.getsockname()[1])):
            accepted, _ = bound.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


@pytest.mark.parametrize(
    "address", ["", "10067", "localhost", "::1:80", ":http", ":70000", ":-1", ":1234567", ":٣"]
)
def test_what_is_no_address(address: str) -> None:
    """A wrong address is refused with a line that shows a right one."""
    with pytest.raises(ValueError, match="is not a listen address"):
        listen(address)


def test_a_used_port_is_one_clear_line() -> None:
    """The operating system's words, without its numbers and tuples."""
    (first,) = listen("127.0.0.1:0")
    with first:
        address = f"127.0.0.1:{first.getsockname()[1]}"
        with pytest.raises(OSError, match="cannot listen") as caught:
            listen(address)
    assert caught.value.strerror == f"cannot listen on {address}: address already in use"


def test_an_unknown_host_is_one_clear_line() -> None:
    """A name that does not resolve is said so."""
    with pytest.raises(OSError, match=r"nothing\.invalid:1: the host name does not"):
        listen("nothing.invalid:1")


def test_an_endless_head_is_refused() -> None:
    """Headers are read up to a limit, then the connection is closed."""
    with serve(Backend().services()) as url:
        place = urlsplit(url)
        with socket.create_connection((str(place.hostname), place.port or 0), 10) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 20_000)
            assert raw.makefile("rb").read().startswith(b"HTTP/1.1 400 ")


def test_a_silent_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who connects and says nothing does not hold a place for ever."""
    monkeypatch.setattr("genmedia_exporter.web.http.protocol.HEAD_SECONDS", 0)
    with serve(Backend().services()) as url:
        place = urlsplit(url)
        with socket.create_connection((str(place.hostname), place.port or 0), 10) as raw:
            assert raw.recv(1) == b""


class Slow:
    """An app that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        self.asked.set()
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


def test_signals_are_left_alone() -> None:
    """Started in the main thread it installs no handler of its own; stopping twice does no harm."""
    before = signal.getsignal(signal.SIGTERM)

    async def run() -> None:
        server = WebServer(Slow(), listen("127.0.0.1:0"))
        await server.stop(1)
        await server.start()
        assert signal.getsignal(signal.SIGTERM) is before
        await server.stop(1)
        await server.stop(1)

    asyncio.run(run())


def test_stop_lets_a_running_answer_finish() -> None:
    """An answer under way when the end comes still arrives; the socket is closed after it."""

    async def run() -> str:
        app, sockets = Slow(), listen("127.0.0.1:0")
        server = WebServer(app, sockets)
        await server.start()
        async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
            answer = asyncio.create_task(http.get(server.url))
            await app.asked.wait()
            stopping = asyncio.create_task(server.stop(5))
            await asyncio.sleep(0)
            app.go.set()
            text = (await answer).text
        await stopping
        assert sockets[0].fileno() == -1
        return text

    assert asyncio.run(run()) == "done"


def test_stop_ends_what_does_not_finish(caplog: pytest.LogCaptureFixture) -> None:
    """An answer that never comes does not keep the exporter from ending."""

    async def run() -> None:
        app = Slow()
        server = WebServer(app, listen("127.0.0.1:0"))
        await server.start()
        async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
            answer = asyncio.create_task(http.get(server.url))
            await app.asked.wait()
            await server.stop(1)
            assert (await answer).status_code == 500

    asyncio.run(run())
    assert "timeout graceful shutdown exceeded" in caplog.text


def test_a_failing_start_is_told() -> None:
    """What keeps the server from starting is raised where it was started."""

    async def run() -> None:
        sockets = listen("127.0.0.1:0")
        server = WebServer(Slow(), sockets)
        sockets[0].close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            await server.start()

    asyncio.run(run())


def test_a_server_that_fails_is_told_and_stopped_like_any_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever waits for its end hears why; stopping it raises nothing, and nothing listens."""

    async def broken(_server: uvicorn.Server, _counter: int) -> bool:
        raise RuntimeError("boom")

    async def run() -> None:
        sockets = listen("127.0.0.1:0")
        server = WebServer(Slow(), sockets)
        await server.start()
        ended = asyncio.create_task(server.ended())
        monkeypatch.setattr(uvicorn.Server, "on_tick", broken)
        with pytest.raises(OSError, match="the web server stopped: boom"):
            await asyncio.wait_for(ended, 10)
        await server.stop(1)
        assert sockets[0].fileno() == -1

    asyncio.run(run())
    assert "web server failed" in messages(caplog.records)


def test_a_server_that_was_stopped_has_ended() -> None:
    """That is no failure, and whoever stops waiting for it does not stop it."""

    async def run() -> None:
        server = WebServer(Slow(), listen("127.0.0.1:0"))
        await server.ended()
        await server.start()
        waiting, gone = (asyncio.create_task(server.ended()) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert not waiting.done()
        await server.stop(1)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(run())
