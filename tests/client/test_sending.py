"""Where nothing can have left this machine the next route is tried; where something may have, none is."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from genmedia_client import FallbackClient, Route
from genmedia_client.ranking import RankingError, fetch_places
from genmedia_client.sending import Sending, Stage
from genmedia_client.trust import trusted
from genmedia_exporter.demo.world import World
from tests.client.calls import create, creates
from tests.client.test_fallback import HURRIED, NOBODY
from tests.client.test_unusable import KEY, WIRES
from tests.transport.server import Server, answer, say

EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
PIECE = b'data: {"id": "chat_1", "choices": [{"delta": {"content": "hi"}}]}\n\n'


@pytest.fixture
def mute() -> Iterator[str]:
    """An https address where a connection is made, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("wire", WIRES)
def test_a_short_patience_ends_before_the_connection(
    mute: str, routes: list[Route], wire: Any
) -> None:
    """A handshake without an end has sent no request, whichever clock runs out first."""
    result = create([Route("mute", mute, KEY, "m", wire=wire)], timeout=0.2)
    assert (result.success, result.maybe_accepted) == (False, False)
    result = create([Route("mute", mute, KEY, "m", wire=wire), routes[1]], timeout=HURRIED)
    assert (result.target, result.errors[0].target) == ("vendor", "mute")
    gc.collect()  # where a connection was left open, this warns, and a warning is an error


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:99999", "http://127.0.0.1:1", "foo://127.0.0.1", "http://[::1"]
)
def test_a_proxy_that_is_none(
    world: World, routes: list[Route], monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """The machine's own mistake raises nothing, and is in nobody's doubt."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    before = creates(world)
    result = create(routes)
    assert (result.success, result.maybe_accepted, result.stopped_by) == (False, False, None)
    assert [error.target for error in result.errors] == ["vendor", "gateway", "pool"]
    assert creates(world) == before


def test_a_store_of_certificates_that_is_gone(
    routes: list[Route], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nor does a file that is missing."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    trusted.cache_clear()  # it is read once
    result = create(routes[:2])
    assert (result.maybe_accepted, len(result.errors)) == (False, 2)
    with pytest.raises(RankingError):
        asyncio.run(fetch_places("http://127.0.0.1:9", "default", 1.0))


@pytest.mark.parametrize("wire", WIRES)
def test_a_prompt_that_cannot_be_encoded(world: World, routes: list[Route], wire: Any) -> None:
    """Half a character, as JSON may hold it: the request is wrong, on any route."""
    before = creates(world)
    route = routes[1 if wire == "videos" else 2]
    result = FallbackClient([route, routes[0]]).create_video("a \ud800 lighthouse")
    assert (result.success, result.maybe_accepted, result.stopped_by) == (False, False, "request")
    assert [(error.target, error.cause) for error in result.errors] == [(route.name, "request")]
    assert result.errors[0].message.startswith("the request cannot be sent: ")
    assert creates(world) == before


def test_a_header_of_the_caller_s(world: World, routes: list[Route]) -> None:
    """It is looked at before it is sent, and not shown."""
    before = creates(world)
    for value in (f"{KEY}\n", f"{KEY}\xa0"):
        client = FallbackClient(routes)
        result = client.create_video("a lighthouse", extra_headers={"X-Key": value})
        assert (result.maybe_accepted, result.stopped_by) == (False, "request")
        assert KEY not in repr(result)
    assert creates(world) == before


def test_a_file_that_is_missing(routes: list[Route]) -> None:
    """What is wrong with an argument is raised, before anything is sent."""
    with pytest.raises(FileNotFoundError):
        FallbackClient(routes).create_video("a lighthouse", input_reference=Path("/no/such.png"))


def test_a_request_that_breaks_off_half_sent(routes: list[Route]) -> None:
    """Its first bytes have left: that is a doubt, whatever broke it."""
    with Server(answer(b'{"id": "video_1"}')) as server:
        client = FallbackClient([Route("vendor", server.url, KEY, "m"), routes[0]])
        result = client.create_video("a lighthouse", extra_headers={"Content-Length": "9999"})
    assert (result.maybe_accepted, result.target, len(result.errors)) == (True, "vendor", 1)


ODD_EVENTS = [
    b"[1]", b'"x"', b"5", b"null", b"nonsense", b"[" * 5000, b'{"choices": 5}', b'{"choices": "x"}',
    b'{"choices": {"a": 1}}', b'{"choices": [null]}', b'{"choices": [{}]}', b'{"choices": [{"delta": "x"}]}',
    b'{"choices": [{"delta": {"content": 5}}]}', b'{"choices": [{"delta": {"content": ["x"]}}]}',
]  # fmt: skip


@pytest.mark.parametrize("event", ODD_EVENTS)
@pytest.mark.parametrize("before", [b"", PIECE])
def test_a_stream_of_another_shape(routes: list[Route], before: bytes, event: bytes) -> None:
    """It raises nothing, and may have been paid for: nobody else is asked."""
    with Server(say(EVENTS, before + b"data: " + event + b"\n\n")) as server:
        pool = Route("pool", server.url, KEY, "m", "reverse", "chat")
        result = create([pool, routes[0]])
    assert (result.success, result.maybe_accepted, result.target) == (False, True, "pool")


def test_a_stream_without_an_id_of_text() -> None:
    """The URL stands for it, as where it has none."""
    event = b'data: {"id": 5, "choices": [{"delta": {"content": "[x](http://a/b.mp4)"}}]}\n\n'
    with Server(say(EVENTS, event)) as server:
        result = create([Route("pool", server.url, KEY, "m", "reverse", "chat")])
    assert (result.success, result.task_id, result.url) == (
        True,
        "http://a/b.mp4",
        "http://a/b.mp4",
    )


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_an_exporter_at_no_address(routes: list[Route], port: str) -> None:
    """Its mistakes cost no create: the plain order, and nobody is told."""
    options: dict[str, Any] = {
        "exporter_url": f"http://127.0.0.1:{port}",
        "traffic_token": "a token\u200b",
    }
    assert create(routes, **options).success
    assert create(routes, **options | {"exporter_url": NOBODY}).success


def test_silence_of_the_transport_proves_nothing() -> None:
    """Only what it tells does: a version without these events makes doubts, never two payments."""

    async def stages(*events: str) -> list[tuple[Stage, bool]]:
        sending, request = Sending(), httpx2.Request("POST", NOBODY)
        await sending.give(request)
        seen = [(sending.stage, sending.nothing_left)]
        for event in events:
            await request.extensions["trace"](event, {})
            seen.append((sending.stage, sending.nothing_left))
        return seen

    connecting, given, sent = (
        (Stage.CONNECTING, True), (Stage.GIVEN, False), (Stage.SENT, False),
    )  # fmt: skip
    tcp, tls, head = (
        "connection.connect_tcp.failed", "connection.start_tls.started", "http11.send_request_headers.started",
    )  # fmt: skip
    assert asyncio.run(stages(tcp, tls, head)) == [given, connecting, connecting, sent]
    assert asyncio.run(stages(head, tcp)) == [given, sent, sent]
    assert asyncio.run(stages("an event of another version")) == [given, sent]
