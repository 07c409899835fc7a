"""Reads one answer of HTTP/1.1 from bytes: by h11, whose judgement of what is an answer holds everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import h11
import httpcore2

RawHeaders = Sequence[tuple[bytes, bytes]]

MOST_HEAD: Final = 100 * 1024
"""Bytes that a head, the line of a chunk or its trailers may have, as httpcore2 bounds them."""
_SLICE: Final = 64 * 1024
"""Bytes httpcore2 reads at once: what is too long must not depend on how it came."""
_NOTHING_SAID: Final = "Server disconnected without sending a response."


class Taker(Protocol):
    """What takes an answer as it is read."""

    def head(self, status: int, headers: RawHeaders) -> None:
        """Take status and headers, once."""
        ...

    def data(self, chunk: bytes) -> bool:
        """Take a piece of the body and return whether more is wanted."""
        ...


class Reader(Protocol):
    """Reads one answer. Raises httpcore2.RemoteProtocolError for what is none."""

    complete: bool
    """Whether nothing more is wanted: the answer has ended, or its taker has enough."""
    reusable: bool
    """Whether the connection may serve another request, as far as the complete answer says."""

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        ...

    def feed_eof(self) -> None:
        """Take the end of the connection."""
        ...

    def end(self) -> None:
        """Let go of everything: nothing comes any more."""
        ...


class H11Reader:
    """Reads as httpcore2 does, event by event."""

    def __init__(self, method: str, taker: Taker) -> None:
        self.complete = self.reusable = False
        self._taker = taker
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        self._h11.send(h11.Request(method=method, target="/", headers=[("host", "any")]))
        self._h11.send(h11.EndOfMessage())

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        for start in range(0, len(data), _SLICE):
            if self.complete:
                return
            self._h11.receive_data(data[start : start + _SLICE])
            self._take()

    def feed_eof(self) -> None:
        """Take the end of the connection."""
        if self._h11.their_state is h11.SEND_RESPONSE:
            raise httpcore2.RemoteProtocolError(_NOTHING_SAID)
        self._h11.receive_data(b"")
        self._take()
        self.reusable = False

    def end(self) -> None:
        """Do nothing: nothing of it refers to itself."""

    def _take(self) -> None:
        while not self.complete:
            event = self._next()
            if event is h11.NEED_DATA:
                return
            if isinstance(event, h11.Response):
                self._taker.head(event.status_code, event.headers.raw_items())
            elif isinstance(event, h11.Data):
                self.complete = not self._taker.data(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) or event is h11.PAUSED:
                self.complete = True
                self.reusable = self._is_reusable()

    def _next(self) -> object:
        try:
            return self._h11.next_event()
        except h11.RemoteProtocolError as error:
            raise httpcore2.RemoteProtocolError(str(error)) from error

    def _is_reusable(self) -> bool:
        states = (self._h11.our_state, self._h11.their_state)
        return states == (h11.DONE, h11.DONE) and not self._h11.trailing_data[0]
