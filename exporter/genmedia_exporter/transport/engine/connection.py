"""One connection of the engine: its callbacks time the phases, and hand what comes to the reader of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import httpcore2
import httpx2

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.transport.arrival import arrived, stamp, waited
from genmedia_exporter.transport.body import Body
from genmedia_exporter.transport.engine.fast_reader import new_reader
from genmedia_exporter.transport.engine.tls import TlsSession
from genmedia_exporter.transport.timer import ExchangeTimer

Begin = Callable[[int, Mapping[str, str]], Body]
"""Told status and headers of the answer, by lower-case name; returns what takes its body."""

ANSWER_BEGINS: Final = b"HTTP/"


@dataclass(frozen=True, slots=True)
class Wire:
    """A request as it goes over the wire, and where to."""

    method: str
    host: str
    port: int
    tls: bool
    data: bytes


class Connection(asyncio.BufferedProtocol):
    """Asks for one answer at a time.

    What comes is read into *room*, which all connections of a loop share: it is taken out before the next one reads.
    """

    def __init__(self, tls: TlsSession | None, room: bytearray) -> None:
        self.silent = True  # nothing has come since the request
        self.open = False  # connected, and nobody has hung up
        self._tls = tls
        self._room = room
        self._came: Unix | None = None  # when what is read now did, by the system's clock
        self._transport: Any = None  # an asyncio.Transport, once connected
        self._socket: Any = None
        self._full = False  # the request waits for room
        self._answered: asyncio.Future[None] | None = None
        self._begin: Any = None  # of the exchange under way, as are these
        self._reader: Any = None
        self._body: Body | None = None

    def ask(self, wire: Wire, timer: ExchangeTimer, begin: Begin) -> asyncio.Future[None]:
        """Send *wire*, as soon as there is a connection, and return what is done when the answer is there."""
        self._answered = asyncio.get_running_loop().create_future()
        self._answered.add_done_callback(_look_at)  # nobody may wait any more
        self._wire, self._timer, self._begin = wire, timer, begin
        self._body = None
        self._enough = False  # the body wants no more
        self.silent = True
        self._reader = new_reader(wire.method, self)
        if self.open:
            self._guarded(self._say)
        return self._answered

    def rest(self) -> None:
        """Let go of the exchange that has ended: what refers to itself waits for the search for garbage."""
        if self._reader is not None:
            self._reader.end()
        self._answered = self._body = self._reader = self._begin = None

    def close(self) -> None:
        """Hang up, and forget whoever waits for an answer."""
        self.open = False
        if self._transport is not None:
            self._transport.abort()
        self.rest()

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands, or ask at once."""
        self._transport, self.open = transport, True
        self._socket = transport.get_extra_info("socket")
        stamp(self._socket)
        self._guarded(self._start)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Give room for what has come; of the beginning of an answer, learn when it did."""
        hears = self.silent and self._waits and self._timer.stage == "processing"
        self._came = arrived(self._socket) if hears else None
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """Take what has come."""
        data = bytes(memoryview(self._room)[:nbytes])
        if self._waits:
            self._guarded(self._take, data)
        elif self.open:
            self._guarded(self._take_unasked, data)

    def eof_received(self) -> bool:
        """Take it that the peer has hung up; the loop closes the connection."""
        self.open = False
        if self._waits:
            self._guarded(self._take, b"")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Note a reset, and an end that nobody announced."""
        self.open = False
        if self._waits:
            self._lose(exc)
        self._transport = self._socket = None

    def pause_writing(self) -> None:
        """Note that the request has not gone out whole."""
        self._full = True

    def resume_writing(self) -> None:
        """Note that it has."""
        self._full = False
        if self._waits and self._timer.stage == "sending":
            self._timer.enter("processing")

    # What the reader calls.

    def head(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Take status and headers."""
        self._timer.enter("transfer")
        self._body = self._begin(status, header_map(headers))

    def data(self, chunk: bytes) -> bool:
        """Take a piece of the body."""
        self._enough = self._body is None or not self._body.feed(chunk)
        return not self._enough

    # The steps of an exchange.

    def _guarded(self, step: Callable[..., None], *args: Any) -> None:
        try:
            step(*args)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the answer
            self._fail(error)

    @property
    def _waits(self) -> bool:
        return self._answered is not None and not self._answered.done()

    def _fail(self, error: Exception) -> None:
        if self._answered is not None and not self._answered.done():
            self._timer.end()
            self._answered.set_exception(error)
        self.close()

    def _lose(self, exc: Exception | None) -> None:
        if exc is None:
            self._guarded(self._take, b"")
        handshake = self._tls is not None and not self._tls.secured
        kind = httpcore2.ConnectError if handshake else httpcore2.ReadError
        lost = kind(str(exc) if exc else "the connection is lost")
        lost.__cause__ = exc
        self._fail(lost)

    def _start(self) -> None:
        if self._tls is None:
            self._say()
        else:
            self._timer.enter("tls")
            self._shake_hands(self._tls)

    def _say(self) -> None:
        """Send the request, now that there is a connection."""
        data = self._wire.data
        if self._tls is not None:
            self._tls.write(data)
            data = self._tls.outgoing()
        self._timer.enter("sending")
        self._transport.write(data)
        if not self._full:
            self._timer.enter("processing")

    def _shake_hands(self, tls: TlsSession) -> None:
        done = tls.handshake()
        if done:
            self._timer.tls_expiry = tls.expiry()
            self._say()
        else:
            self._flush(tls)

    def _flush(self, tls: TlsSession) -> None:
        data = tls.outgoing()
        if data:
            self._transport.write(data)

    def _take(self, data: bytes) -> None:
        """Take bytes from the network; none: it has ended."""
        if self._tls is None:
            self._hear(data)
            return
        tls = self._tls
        tls.feed(data)
        if not tls.secured:
            self._shake_hands(tls)
        while tls.secured and self._waits:
            said = tls.read()
            if said is None:
                self._flush(tls)
                return
            self._hear(said)
            if not said:
                return

    def _hear(self, data: bytes) -> None:
        """Take what the peer said; nothing: it has hung up."""
        self._timer.hung_up = not data
        self._timer.waited = waited(self._socket, self._timer.since(self._came)) if data else None
        if self.silent and data:
            self.silent = False
            self._timer.not_http = data[: len(ANSWER_BEGINS)] != ANSWER_BEGINS[: len(data)]
        if data:
            self._reader.feed(data)
        else:
            self._reader.feed_eof()
        if self._reader.complete:
            self._end()

    def _take_unasked(self, data: bytes) -> None:
        """Take what comes while nothing is asked: TLS has its own business, all else ends the connection."""
        if self._tls is None:
            self.close()
            return
        self._tls.feed(data)
        if self._tls.read() is not None:
            self.close()

    def _end(self) -> None:
        if self._body is not None and not self._enough:
            self._body.finish()
        self._timer.end()
        if self._answered is not None:
            self._answered.set_result(None)
        if not self._reader.reusable:
            self.close()


def header_map(raw: Sequence[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Return headers by their names in lower case; the values of one that comes again are joined."""
    found: dict[str, str] = {}
    try:
        for name, value in raw:
            key, text = _key(name), value.decode("ascii")
            found[key] = f"{found[key]}, {text}" if key in found else text
    except UnicodeDecodeError:
        return httpx2.Headers(list(raw))
    return found


@lru_cache(maxsize=1_024)
def _key(name: bytes) -> str:
    """Return a header's name as it is looked up; the same object each time, for it is remembered with verdicts."""
    return name.decode("ascii").lower()


def _look_at(answered: asyncio.Future[None]) -> None:
    if not answered.cancelled():
        answered.exception()
