"""A network that is not there: every request is answered with the next of some recorded replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import httpx2

from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.timer import ExchangeTimer


@dataclass(frozen=True, slots=True)
class Reply:
    """One recorded HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that a driver made."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class ReplayNetwork(Network):
    """Answers every request with the next of the replies."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        super().__init__()
        self.engine = None
        self.sent: list[Sent] = []
        self._replies = list(replies)

    def transport(
        self, timer: ExchangeTimer, *, public_only: bool = False
    ) -> httpx2.AsyncBaseTransport:
        return _Transport(self)

    def answer(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        headers = {**request.headers}
        self.sent.append(Sent(request.method, str(request.url), headers, body))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return httpx2.Response(
            reply.status, headers=dict(reply.headers), stream=httpx2.ByteStream(reply.body)
        )


class _Transport(httpx2.AsyncBaseTransport):
    # Of no HTTP transport: each of those reads all authorities first, and polls may be hundreds.
    def __init__(self, network: ReplayNetwork) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._network.answer(request, await request.aread())
