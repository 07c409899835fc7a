"""A network without sockets: the exporter's own wire speaks to the simulated world through it.

What breaks on the way is raised as httpx2 raises it (tests/transport/test_transport.py holds the real
transport to the same), after the simulated time it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import parse_qsl, unquote

import httpx2

from genmedia_exporter.demo.delivery import LONGEST_HANG_SECONDS, MISSING_BYTES
from genmedia_exporter.demo.message import Manner, Request, Response
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.timer import ExchangeTimer
from tests.bench.sim.world import SimWorld

CUT = "peer closed connection without sending complete message body"


class InProcessNetwork(Network):
    """Hands out transports that lead into *world*; the first label of a host names the service."""

    def __init__(self, world: SimWorld) -> None:
        self.lag, self.engine = None, None  # simulated time has none, and needs none
        self._world = world

    def prepare(self) -> None:
        """Need nothing."""

    def transport(
        self, timer: ExchangeTimer, *, public_only: bool = False
    ) -> httpx2.AsyncHTTPTransport:
        """Return a transport for one exchange."""
        # Only what AsyncBaseTransport promises is used of it.
        return cast(httpx2.AsyncHTTPTransport, _Transport(self._world, timer))


class _Transport(httpx2.AsyncBaseTransport):
    """One exchange with the world."""

    def __init__(self, world: SimWorld, timer: ExchangeTimer) -> None:
        self._world = world
        self._passage = timer

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        name, _, _ = request.url.host.partition(".")
        asked = _as_request(name, request, await request.aread())
        self._passage.enter("processing")
        answer = self._world.answer(name, asked)
        await asyncio.sleep(answer.wait)
        if answer.manner is Manner.HANG:
            await asyncio.sleep(LONGEST_HANG_SECONDS)
            answer = Response(manner=Manner.RESET)
        if answer.manner is Manner.RESET:
            raise httpx2.ReadError("") from ConnectionResetError(104, "Connection reset by peer")
        if answer.manner is Manner.GARBAGE:
            raise httpx2.RemoteProtocolError("illegal status line")
        self._passage.enter("transfer")
        headers = [("content-type", answer.content_type), *answer.headers]
        body = _Body(answer, asked.method == "HEAD", self._passage)
        return httpx2.Response(answer.status, headers=headers, stream=body)


def _as_request(name: str, request: httpx2.Request, body: bytes) -> Request:
    url = request.url
    path = unquote(url.path).removeprefix(f"/{name}")
    query = dict(parse_qsl(url.query.decode(), keep_blank_values=True))
    headers = {n.lower(): v for n, v in request.headers.items()}
    return Request(request.method, path, query, headers, body, f"https://{url.host}")


class _Body(httpx2.AsyncByteStream):
    """The body in its manner."""

    def __init__(self, answer: Response, headless: bool, timer: ExchangeTimer) -> None:
        self._answer = answer
        self._bare = headless or answer.status in (204, 304)
        self._passage = timer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        answer = self._answer
        if self._bare:
            return
        if answer.pieces is not None:
            async for chunk in self._stream():
                yield chunk
        elif answer.manner is Manner.TRICKLE:
            for place in range(len(answer.body)):
                await asyncio.sleep(answer.interval)
                yield answer.body[place : place + 1]
        else:
            cut = answer.manner is Manner.RESET_MIDBODY
            yield answer.body[: max(1, len(answer.body) // 2)] if cut else answer.body
        self._end()

    async def _stream(self) -> AsyncIterator[bytes]:
        for pause, data in self._answer.pieces() if self._answer.pieces else ():
            if pause > 0:
                await asyncio.sleep(pause)
            yield data
        if self._answer.manner is Manner.STALL:
            await asyncio.sleep(LONGEST_HANG_SECONDS)
            self._raise_reset()

    def _end(self) -> None:
        if self._answer.manner is Manner.RESET_MIDBODY:
            self._raise_reset()
        if self._answer.manner is Manner.TRUNCATED:
            self._passage.hung_up = True
            held = len(self._answer.body)
            message = f"{CUT} (received {held} bytes, expected {held + MISSING_BYTES})"
            raise httpx2.RemoteProtocolError(message)

    def _raise_reset(self) -> None:
        raise httpx2.ReadError("") from ConnectionResetError(104, "Connection reset by peer")
