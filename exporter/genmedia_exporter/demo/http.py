"""One client's HTTP/1.1 connection on h11: bounded heads, bodies and patience."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from genmedia_exporter.demo.delivery import Line, deliver
from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.message import Request, Response, json_response

__all__ = ["Answer", "Limits", "serve_connection"]

Answer = Callable[[Request], AbstractAsyncContextManager[Response]]
"""Makes the answer; the context lasts until its last byte is delivered."""

READ_SIZE = 65536
MOST_QUERY_FIELDS = 64
LINGER_BYTES = 8 * 1024 * 1024
LINGER_SECONDS = 1.0
_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


@dataclass(frozen=True)
class Limits:
    """What one client may cost: bytes of head and body, and seconds to send a request."""

    head_bytes: int = 32 * 1024
    body_bytes: int = 1024 * 1024
    read_seconds: float = 30.0


class _RefusedError(Exception):
    """The request cannot be read: the status to answer before hanging up."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


async def serve_connection(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answer: Answer,
    limits: Limits,
    environment: Environment,
) -> None:
    """Serve requests until either side ends the connection; never raises on a client's doing."""
    wire = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)
    line = Line(reader, writer, wire, environment)
    try:
        while await _exchange(line, answer, limits):
            wire.start_next_cycle()
    except (OSError, TimeoutError, h11.ProtocolError):
        # A client that leaves or talks nonsense is part of this world.
        writer.transport.abort()
    except asyncio.CancelledError:
        writer.transport.abort()
        raise
    finally:
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()


async def _exchange(line: Line, answer: Answer, limits: Limits) -> bool:
    try:
        async with asyncio.timeout(limits.read_seconds):
            request = await _receive(line, limits)
    except _RefusedError as refused:
        await _turn_away(line, refused)
        return False
    if request is None:
        return False
    line.method = request.method
    async with answer(request) as response:
        await deliver(line, response)
    return line.wire.our_state is h11.DONE and line.wire.their_state is h11.DONE


async def _receive(line: Line, limits: Limits) -> Request | None:
    head = await _next_event(line)
    if not isinstance(head, h11.Request):
        return None
    body = bytearray()
    while not isinstance(event := await _next_event(line), h11.EndOfMessage):
        if not isinstance(event, h11.Data):
            return None
        body += event.data
        if len(body) > limits.body_bytes:
            raise _RefusedError(413, "the request body is larger than this world reads")
    return _as_request(head, bytes(body), line)


async def _next_event(line: Line) -> object:
    while True:
        try:
            event = line.wire.next_event()
        except h11.RemoteProtocolError as error:
            raise _RefusedError(error.error_status_hint, str(error)) from error
        if event is not h11.NEED_DATA:
            return event
        if line.wire.they_are_waiting_for_100_continue:
            await line.send(h11.InformationalResponse(status_code=100, headers=[]))
        line.wire.receive_data(await line.reader.read(READ_SIZE))


def _as_request(head: h11.Request, body: bytes, line: Line) -> Request:
    try:
        target = urlsplit(head.target.decode("ascii", "replace"))
    except ValueError as error:
        raise _RefusedError(400, "the request target is not a path") from error
    headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in head.headers}
    query = dict(parse_qsl(target.query, keep_blank_values=True)[:MOST_QUERY_FIELDS])
    method = head.method.decode("ascii", "replace")
    return Request(method, unquote(target.path), query, headers, body, _origin(headers, line))


def _origin(headers: dict[str, str], line: Line) -> str:
    # Links must lead back the way the client came, which may be a container's name.
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        name = line.writer.get_extra_info("sockname")
        host = f"{name[0]}:{name[1]}" if isinstance(name, tuple) else "127.0.0.1"
    return f"http://{host}"


async def _turn_away(line: Line, refused: _RefusedError) -> None:
    if line.wire.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        return
    body = {"error": {"message": refused.message[:200], "type": "bad_request", "code": None}}
    await deliver(line, json_response(refused.status, body, {"connection": "close"}))
    await _linger(line)


async def _linger(line: Line) -> None:
    # Closing on unread bytes resets the connection and the client would lose the answer.
    left = LINGER_BYTES
    with contextlib.suppress(TimeoutError, OSError):
        if line.writer.can_write_eof():
            line.writer.write_eof()
        async with asyncio.timeout(LINGER_SECONDS):
            while left > 0 and (data := await line.reader.read(READ_SIZE)):
                left -= len(data)
