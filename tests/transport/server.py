"""A server on a raw socket that plays a script: whatever a healthy or a sick service puts on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
CERTIFICATES = Path(__file__).parent / "certificates"
TURNS = 10
"""Turns of the event loop in which everything that is scheduled already has happened."""


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]  # lower case
    body: bytes


Script = Callable[[Received, Writer], Awaitable[None]]


@dataclass
class Server:
    """Listens on loopback in a thread of its own for as long as the `with` block lasts."""

    script: Script
    certificate: str | None = None  # a file in certificates/, without .pem
    greeting: bytes | None = None  # said at once instead of the script, without any TLS
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    heard: threading.Event = field(default_factory=threading.Event)  # a request has come
    closed: threading.Event = field(default_factory=threading.Event)  # by the client
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def start(reader: Reader, writer: Writer) -> None:
            task = asyncio.create_task(self._play(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(start, "127.0.0.1", 0, ssl=self._ssl_context())
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        await _some_turns()  # a connection that was just accepted is handed over
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _some_turns()  # and one that was aborted is closed

    def _ssl_context(self) -> ssl.SSLContext | None:
        if self.certificate is None or self.greeting is not None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / f"{self.certificate}.pem")
        return context

    async def _play(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        try:
            if self.greeting is not None:
                writer.write(self.greeting)
                await self._watch(reader)
            else:
                request = await read_request(reader)
                self.received.append(request)
                self.heard.set()
                watch = asyncio.create_task(self._watch(reader))
                await self.script(request, writer)
                await asyncio.wait_for(watch, 5)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.closed.set()
        finally:
            writer.transport.abort()

    async def _watch(self, reader: Reader) -> None:
        with contextlib.suppress(OSError):
            await reader.read()
        self.closed.set()


async def _some_turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def read_request(reader: Reader) -> Received:
    """Read one request with a body of known length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    headers = {n.lower(): v.strip() for n, _, v in (text.partition(":") for text in rest)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(line, headers, body)


def answer(
    body: bytes = b"{}", status: str = "200 OK", headers: str = "", length: int | None = None
) -> Script:
    """Answer normally; *length* lies about the length of the body and then hangs up."""

    async def script(request: Received, writer: Writer) -> None:
        size = len(body) if length is None else length
        lines = f"HTTP/1.1 {status}\r\ncontent-length: {size}\r\n"
        kind = "" if "content-type" in headers else "content-type: application/json\r\n"
        writer.write(f"{lines}{kind}{headers}\r\n".encode() + body)
        await writer.drain()
        if length is not None:
            writer.close()

    return script


def say(*parts: bytes, close: bool = True) -> Script:
    """Send *parts* as they are, then hang up."""

    async def script(request: Received, writer: Writer) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if close:
            writer.close()

    return script


def trickle(first: bytes, drop: bytes, every: float = 0.02) -> Script:
    """Send *first*, then *drop* again and again until the client has gone."""

    async def script(request: Received, writer: Writer) -> None:
        writer.write(first)
        while not writer.transport.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every)

    return script


def reset_after(*parts: bytes) -> Script:
    """Send *parts*, then tear the connection down with RST."""

    async def script(request: Received, writer: Writer) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            # The client must have read it, or the RST takes it away.
            await asyncio.sleep(0.05)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return script


async def hang(request: Received, writer: Writer) -> None:
    """Read the request and never answer."""
    await asyncio.Event().wait()


async def echo(request: Received, writer: Writer) -> None:
    """Answer with the request itself, headers included, in the body and in a header."""
    told = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    key = request.headers.get("authorization", "")
    await answer(f"{told}\n{request.body.decode()}".encode(), headers=f"x-request-id: {key}\r\n")(
        request, writer
    )


def gzip_bomb(size: int) -> bytes:
    """Return *size* zero bytes, packed about a thousand to one."""
    return gzip.compress(bytes(size))


@contextlib.contextmanager
def refused_port() -> Iterator[int]:
    """Yield a port of loopback that nobody listens on, kept from others meanwhile."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """Yield a port whose backlog is full: the kernel lets further connections wait."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        yield listener.getsockname()[1]
