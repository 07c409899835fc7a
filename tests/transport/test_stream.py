"""Server-Sent Events are read up to their last word, and an unfinished stream is noted."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.evidence import Transport
from tests.drivers.world import SHORT, account, send
from tests.transport.server import Server, answer, say, trickle

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = STREAM + b"transfer-encoding: chunked\r\n\r\n"
EVENT = b'10\r\ndata: {"a": 1}\n\n\r\n'
DONE = b"e\r\ndata: [DONE]\n\n\r\n"
TOLD = b'19\r\ndata: {"error": {"c": 1}}\r\n'
END = b"0\r\n\r\n"
DEEP = b"data: " + b"[" * 100_000


@pytest.mark.parametrize(
    ("parts", "transport"),
    [
        ((EVENT, DONE, END), None),
        ((EVENT, b"7\r\ndata: [\r\n", b"5\r\nDONE]\r\n"), None),
        ((EVENT, TOLD, END), None),
        ((EVENT, END), Transport.BODY_TRUNCATED),
        ((EVENT, b'd\r\nx: "[DONE]"\n\n\r\n', END), Transport.BODY_TRUNCATED),
        ((END,), Transport.BODY_TRUNCATED),
        ((b"%x\r\n" % len(DEEP) + DEEP + b"\r\n", END), Transport.BODY_TRUNCATED),
    ],
)
def test_the_end_of_a_stream(parts: tuple[bytes, ...], transport: Transport | None) -> None:
    """A stream is finished by [DONE] or by an error it reports; anything else broke off."""
    with Server(say(CHUNKED, *parts)) as server:
        exchange = send(account(server.url), read="stream")
    assert exchange.transport is transport


def test_a_stream_that_stays_open_after_done() -> None:
    """Nobody waits for a server that keeps the connection after its last word."""
    with Server(say(CHUNKED, EVENT, DONE, close=False)) as server:
        exchange = send(account(server.url), read="stream")
    assert (exchange.status, exchange.transport) == (200, None)
    assert exchange.body.endswith(b"[DONE]\n\n")


def test_a_stream_that_never_ends() -> None:
    """A stream without an end runs into the deadline like any other body."""
    with Server(trickle(CHUNKED, EVENT)) as server:
        exchange = send(account(server.url), read="stream", timeout=SHORT)
    assert exchange.transport is Transport.BODY_TIMEOUT


def test_a_refusal_of_a_stream_is_read_whole() -> None:
    """An error answer is JSON, even where a stream was asked for."""
    with Server(answer(b'{"error": 1}', status="400 Bad Request")) as server:
        exchange = send(account(server.url), read="stream")
    assert (exchange.status, exchange.body, exchange.transport) == (400, b'{"error": 1}', None)
