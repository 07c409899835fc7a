"""Reads ordinary answers by httptools, where it is installed; whatever is not ordinary goes to h11.

The two differ in what they let pass: a line that ends in a bare line feed, a status of 99, a body that the
end of the connection ends. So httptools decides nothing alone: what it refuses, and what it would read
in another way, is read again by h11 from the first byte on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import httpcore2

from genmedia_exporter.transport.engine.reader import (
    MOST_HEAD,
    H11Reader,
    RawHeaders,
    Reader,
    Taker,
)

new_parser: Callable[[object], Any] | None
"""Makes a parser that calls back; None where httptools is not installed."""
REFUSALS: tuple[type[Exception], ...]
try:
    from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
except ImportError:
    new_parser, REFUSALS = None, ()
else:
    new_parser, REFUSALS = HttpResponseParser, (HttpParserError, HttpParserUpgrade)

_BEGIN: Final = b"HTTP/1.1 "
_END: Final = b"\r\n\r\n"
_MOST_KEPT: Final = 1 << 20
"""Bytes of an answer in chunks that are kept for a second reading; what is longer is read by h11."""
_BODILESS: Final = (204, 304)


def new_reader(method: str, taker: Taker) -> Reader:
    """Return what reads the answer to a request of *method* for *taker*."""
    if new_parser is None or method in ("HEAD", "CONNECT"):
        return H11Reader(method, taker)
    return FastReader(method, taker, new_parser)


class FastReader:
    """Reads by httptools as long as the answer is ordinary."""

    def __init__(self, method: str, taker: Taker, parser: Callable[[object], Any]) -> None:
        self.complete = self.reusable = False
        self._method, self._taker = method, taker
        self._parser: Any = parser(self)
        self._raw = bytearray()  # for h11, as long as it may have to read it
        self._told = False  # the head, to the taker
        self._length: int | None = None  # of the body; None: it comes in chunks
        self._delivered = 0  # bytes of the body
        self._headers: list[tuple[bytes, bytes]] = []
        self._status = 0
        self._head_read = self._ended = self._odd = self._closes = False
        self._pieces: list[bytes] = []
        self._slow: H11Reader | None = None

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        if self._slow is not None:
            self._slow.feed(data)
            self._follow(self._slow)
        elif self._told:
            self._raw += data if self._length is None else b""
            self._parse(data)
        else:
            self._raw += data
            self._await_head(len(data))

    def feed_eof(self) -> None:
        """Take the end of the connection."""
        if self._told and self._length is not None:
            raise httpcore2.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {self._delivered} bytes, expected {self._length})"
            )
        slow = self._slow or self._hand_over()
        slow.feed_eof()
        self._follow(slow)

    def end(self) -> None:
        """Let go of the parser, which calls us."""
        self._parser = None

    def _await_head(self, new: int) -> None:
        """Parse when the head is whole: so far nothing has been told, and h11 may still take over."""
        raw = self._raw
        end = raw.find(_END, max(0, len(raw) - new - len(_END)))
        if not raw.startswith(_BEGIN[: len(raw)]) or len(raw) > MOST_HEAD or _is_odd(raw, end):
            self._hand_over()
        elif end >= 0:
            self._parse(bytes(raw))

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except REFUSALS:
            self._closes = True
            if not self._ended:  # what follows the answer is nobody's business
                self._hand_over()
                return
        if self._odd or len(self._raw) > _MOST_KEPT:
            self._hand_over()
            return
        self._tell()

    def _tell(self) -> None:
        if not self._told and self._head_read:
            self._told = True
            if self._length is not None:
                self._raw.clear()
            self._taker.head(self._status, self._headers)
        pieces, self._pieces = self._pieces, []
        for piece in pieces:
            self._delivered += len(piece)
            if not self._taker.data(piece):
                self.complete = True
                return
        if self._ended:
            self.complete, self.reusable = True, not self._closes

    def _hand_over(self) -> H11Reader:
        """Let h11 read it all, and tell what was not told yet."""
        rest = _Rest(self._taker, self._told, self._delivered)
        self._slow = H11Reader(self._method, rest)
        raw, self._raw = bytes(self._raw), bytearray()
        self._slow.feed(raw)
        self._follow(self._slow)
        return self._slow

    def _follow(self, slow: H11Reader) -> None:
        self.complete, self.reusable = slow.complete, slow.reusable

    # What httptools calls.

    def on_message_begin(self) -> None:
        """Note a second answer, which nobody asked for."""
        self._closes |= self._ended

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the last chunk is not kept."""
        if not self._head_read:
            self._headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """Look whether the two read this answer alike."""
        if self._head_read:
            return
        self._head_read = True
        self._status = status = self._parser.get_status_code()
        framing = _framing(self._headers)
        self._odd = not 200 <= status < 1000 or status in _BODILESS or framing is None
        self._length = framing if framing != _CHUNKED else None
        self._closes = any(
            name.lower() == b"connection" and value.lower() != b"keep-alive"
            for name, value in self._headers
        )

    def on_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        if not self._ended:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        """Note the end; whatever follows is no part of the answer."""
        self._ended = True


class _Rest:
    """Takes an answer whose beginning has been told before, and tells the rest."""

    def __init__(self, taker: Taker, told: bool, delivered: int) -> None:
        self._taker, self._told, self._delivered = taker, told, delivered

    def head(self, status: int, headers: RawHeaders) -> None:
        if not self._told:
            self._taker.head(status, headers)

    def data(self, chunk: bytes) -> bool:
        known = min(self._delivered, len(chunk))
        self._delivered -= known
        return self._taker.data(chunk[known:]) if known < len(chunk) else True


_CHUNKED: Final = -1


def _framing(headers: RawHeaders) -> int | None:
    """Return the length of the body, _CHUNKED, or None where it takes a closer look."""
    told = [
        (name.lower(), value)
        for name, value in headers
        if name.lower() in (b"content-length", b"transfer-encoding")
    ]
    if len(told) != 1:
        return None
    name, value = told[0]
    if name == b"content-length":
        return int(value) if value.isdigit() and len(value) < 19 else None
    return _CHUNKED if value.lower() == b"chunked" else None


def _is_odd(raw: bytearray, end: int) -> bool:
    """Whether the head that ends at *end*, if it does, has lines that the two may read differently."""
    if end < 0:
        return False
    head = raw[: end + 2]
    breaks = head.count(b"\r\n")
    bare = head.count(b"\n") != breaks or head.count(b"\r") != breaks
    return bare or b"\n " in head or b"\n\t" in head or _CONTROL.search(head) is not None


_CONTROL: Final = re.compile(rb"[^\t\n\r -~\x80-\xff]")
"""Characters that httptools lets stand beside a status."""
