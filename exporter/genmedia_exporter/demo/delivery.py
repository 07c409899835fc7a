"""How an answer reaches the socket: whole, or broken in one of the ways sockets break."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import h11

from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.message import Ending, Manner, Response

__all__ = ["Line", "deliver"]

GARBAGE = b"\x16\x03\x01\x00\x2a\x00\x00this line was never meant for the web\r\n\xff\xfe\x00"
MISSING_BYTES = 512
LONGEST_HANG_SECONDS = 900
PAUSE_BEFORE_RESET = 0.05
LINGER_SECONDS = 1.0
READ_SIZE = 65536


@dataclass
class Line:
    """One client's connection while an answer is being written to it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    wire: h11.Connection
    environment: Environment
    method: str = "GET"

    async def send(self, event: Any) -> None:
        """Write one h11 event, waiting while the client does not read."""
        data = self.wire.send(event)
        if data:
            self.writer.write(data)
            await self.writer.drain()

    async def head(self, response: Response, extra: Mapping[str, str]) -> None:
        """Write the status line and headers."""
        headers = [("date", formatdate(self.environment.wall(), usegmt=True))]
        headers += [("content-type", response.content_type), *response.headers, *extra.items()]
        await self.send(h11.Response(status_code=response.status, headers=headers))

    def reset(self) -> None:
        """Drop the connection with a TCP reset instead of a farewell."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def hang_up(self) -> None:
        """Say that this was all; closing on unread bytes would be a reset that loses it."""
        with contextlib.suppress(TimeoutError, OSError):
            self.writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):
                while await self.reader.read(READ_SIZE):
                    pass
        self.writer.close()

    async def wait_for_goodbye(self) -> None:
        """Say nothing more until the client leaves or the longest hang is over."""
        try:
            async with asyncio.timeout(LONGEST_HANG_SECONDS):
                while await self.reader.read(READ_SIZE):
                    pass
        except TimeoutError:
            self.reset()


async def deliver(line: Line, response: Response) -> None:
    """Write the answer in its manner. Raises ConnectionError when the client has gone."""
    if response.wait > 0:
        await line.environment.sleep(response.wait)
    await _MANNERS[response.manner](line, response)


async def _whole(line: Line, response: Response) -> None:
    if response.pieces is not None:
        await _stream(line, response)
    else:
        await line.head(response, {"content-length": str(len(response.body))})
        if response.body and line.method != "HEAD" and response.status not in (204, 304):
            await line.send(h11.Data(data=response.body))
    await line.send(h11.EndOfMessage())


async def _stream(line: Line, response: Response) -> None:
    await line.head(response, {"transfer-encoding": "chunked"})
    if line.method == "HEAD" or response.pieces is None:
        return
    for pause, data in response.pieces():
        if pause > 0:
            await line.environment.sleep(pause)
        await line.send(h11.Data(data=data))


async def _stall(line: Line, response: Response) -> None:
    await _stream(line, response)
    await line.wait_for_goodbye()


async def _hang(line: Line, response: Response) -> None:
    await line.wait_for_goodbye()


async def _reset(line: Line, response: Response) -> None:
    line.reset()


async def _reset_midbody(line: Line, response: Response) -> None:
    body = response.body or b"{"
    await line.head(response, {"content-length": str(len(body) + MISSING_BYTES)})
    await line.send(h11.Data(data=body[: max(1, len(body) // 2)]))
    # A reset that overtakes the headers would look like a plain reset.
    await line.environment.sleep(PAUSE_BEFORE_RESET)
    line.reset()


async def _trickle(line: Line, response: Response) -> None:
    await line.head(response, {"content-length": str(len(response.body))})
    for place in range(len(response.body)):
        await line.environment.sleep(response.interval)
        await line.send(h11.Data(data=response.body[place : place + 1]))
    await line.send(h11.EndOfMessage())


async def _truncated(line: Line, response: Response) -> None:
    await line.head(response, {"content-length": str(len(response.body) + MISSING_BYTES)})
    if response.body:
        await line.send(h11.Data(data=response.body))
    line.writer.close()


async def _garbage(line: Line, response: Response) -> None:
    line.writer.write(GARBAGE)
    await line.writer.drain()
    line.writer.close()


async def _raw(line: Line, response: Response) -> None:
    for pause, data in response.pieces() if response.pieces else ():
        if pause > 0:
            await line.environment.sleep(pause)
        line.writer.write(data)
        await line.writer.drain()
        await asyncio.sleep(0)  # bytes without end must not keep the others waiting
    if response.ending is Ending.RESET:
        # A reset that overtakes the bytes before it would look like a plain reset.
        await line.environment.sleep(PAUSE_BEFORE_RESET)
        line.reset()
    elif response.ending is Ending.OPEN:
        await line.wait_for_goodbye()
    else:
        await line.hang_up()


_MANNERS: Mapping[Manner, Callable[[Line, Response], Awaitable[None]]] = {
    Manner.WHOLE: _whole,
    Manner.STALL: _stall,
    Manner.HANG: _hang,
    Manner.RESET: _reset,
    Manner.RESET_MIDBODY: _reset_midbody,
    Manner.TRICKLE: _trickle,
    Manner.TRUNCATED: _truncated,
    Manner.GARBAGE: _garbage,
    Manner.RAW: _raw,
}
