"""A quick service in a process of its own, with and without TLS, that knows how long it took to answer.

Run: python -m tests.bench.probes.service

Prints its two ports, serves until its standard input ends, and then prints its own figures as one JSON object.
/ID/MS waits so many milliseconds before it answers, and notes how many it really took.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import uvloop

from tests.transport.server import CERTIFICATES

BODY: Final = b'{"id": "veo3", "object": "model", "created": 1686935002, "owned_by": "google"}'
HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nDate: Sun, 29 Nov 2026 15:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Server: nginx\r\nX-Request-Id: 0123456789abcdef\r\nX-RateLimit-Limit-Requests: 500\r\n"
    b"X-RateLimit-Remaining-Requests: 499\r\nStrict-Transport-Security: max-age=15724800\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)
CERTIFICATE: Final = CERTIFICATES / "good.pem"
AUTHORITY: Final = CERTIFICATES / "ca.pem"

_took: dict[str, float] = {}


class _Answers(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            request, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            parts = request.split(b" ", 2)[1].decode().split("/")
            if len(parts) != 3 or not parts[2].isdigit():
                self._transport.write(HEAD + BODY)
                continue
            loop = asyncio.get_running_loop()
            loop.call_later(int(parts[2]) / 1000, self._answer, parts[1], loop.time())

    def _answer(self, name: str, began: float) -> None:
        self._transport.write(HEAD + BODY)
        _took[name] = asyncio.get_running_loop().time() - began


async def _serve() -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    servers = [
        await loop.create_server(_Answers, "127.0.0.1", 0, ssl=tls, backlog=4096)
        for tls in (None, context)
    ]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)  # noqa: T201

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()
    await ended.wait()
    print(json.dumps(_took), flush=True)  # noqa: T201


class Service:
    """The service, for as long as the `with` block lasts."""

    plain = secure = ""
    """Its two base URLs."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.bench.probes.service"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        plain, secure = self._process.stdout.readline().split()
        self.plain, self.secure = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            self.end()

    def end(self) -> Mapping[str, float]:
        """Stop it and return the seconds that it took for each request, by ID."""
        told, _ = self._process.communicate(timeout=60)
        found: Mapping[str, float] = json.loads(told or "{}")
        return found


if __name__ == "__main__":
    uvloop.run(_serve())
