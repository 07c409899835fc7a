"""Reading an answer's body with bounds on what is read and on what it unpacks to."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Literal

from genmedia_exporter.core.evidence import MAX_BODY_BYTES
from genmedia_exporter.core.json_pointer import parse_json
from genmedia_exporter.providers.states import completes_stream
from genmedia_exporter.transport.elide import Elider

Read = Literal["whole", "stream", "elided"]
"""To the end; Server-Sent Events to `[DONE]`; JSON to the end, of whose long strings the head is kept."""

Heard = Callable[[bytes], None]

# A packed body is at most a few bytes larger than what it holds; anything beyond is padding.
_MAX_RAW_BYTES = 2 * MAX_BODY_BYTES
# Several large images in base64; the videos of 4 s that come that way are smaller.
_MAX_ELIDED_BYTES = 64 * MAX_BODY_BYTES
_DONE = re.compile(rb"(?:^|[\r\n])data: ?\[DONE\]")
_DONE_LENGTH = 16
_LAST_EVENT = re.compile(rb"(?:^|[\r\n])data: ?([^\r\n]+)[\r\n]*\Z")


class BodyTooLargeError(Exception):
    """More came, packed or unpacked, than any sound answer has."""


class BodyTruncatedError(Exception):
    """The body ended before it was complete."""


class UndecodableError(Exception):
    """The body is packed in a way we did not ask for and cannot undo."""


class Body:
    """Collects a body from raw chunks. With `stream` it is Server-Sent Events, ended by `[DONE]`.

    After *most* bytes the rest is not wanted. *heard* is told of each piece, unpacked.
    """

    def __init__(
        self,
        encoding: str,
        *,
        stream: bool = False,
        elide: bool = False,
        most: int | None = None,
        heard: Heard | None = None,
    ) -> None:
        self._decoder = _decoder(encoding.strip().lower())
        self._elider = Elider() if elide and self._decoder is None else None
        self._most_raw = _MAX_ELIDED_BYTES if self._elider else _MAX_RAW_BYTES
        self._limit = min(most or MAX_BODY_BYTES, MAX_BODY_BYTES)
        self._cuts = most is not None
        self._heard = heard
        self._stream = stream
        self._raw = 0
        self._done = False
        self._content = bytearray()

    @property
    def content(self) -> bytes:
        """What has been read so far, unpacked, at most MAX_BODY_BYTES."""
        return bytes(self._content)

    def feed(self, chunk: bytes) -> bool:
        """Take a raw chunk and return whether more is wanted.

        Raises BodyTooLargeError, and zlib.error for a broken encoding.
        """
        self._raw += len(chunk)
        before = len(self._content)
        room = self._limit - before
        data = self._unpack(chunk, room)
        self._content += data[:room]
        if self._heard:
            self._heard(data[:room])
        if self._cuts and len(self._content) >= self._limit:
            self._done = True
            return False
        if len(data) > room or self._raw > self._most_raw:
            raise BodyTooLargeError(f"more than {MAX_BODY_BYTES} bytes")
        if self._stream:
            self._done = _DONE.search(self._content, max(0, before - _DONE_LENGTH)) is not None
        return not self._done

    def _unpack(self, chunk: bytes, room: int) -> bytes:
        """Return what *chunk* holds; one byte more than *room* tells "full" from "too large"."""
        if self._elider:
            return self._elider.elide(chunk)
        return self._decoder.decode(chunk, room + 1) if self._decoder else chunk[: room + 1]

    def finish(self) -> None:
        """Accept the end of the body. Raises BodyTruncatedError if it came too early."""
        if self._decoder and self._raw and not self._decoder.complete and not self._done:
            raise BodyTruncatedError("the packed body ends early")
        if self._stream and not self._done and not self._ends_itself():
            raise BodyTruncatedError("the stream ended before its end was told")

    def _ends_itself(self) -> bool:
        """Whether the last event is an error or says that it completes the stream.

        A service that says so has finished speaking.
        """
        last = _LAST_EVENT.search(self._content)
        event = parse_json(last[1]) if last else None
        return isinstance(event, dict) and (bool(event.get("error")) or completes_stream(event))


class _Inflater:
    """Unpacks gzip or deflate, never more than it is asked for."""

    def __init__(self, window_bits: int, *, header_optional: bool = False) -> None:
        self._object = zlib.decompressobj(window_bits)
        self._header_optional = header_optional

    @property
    def complete(self) -> bool:
        """Whether the end of the packed data has come."""
        return self._object.eof

    def decode(self, chunk: bytes, limit: int) -> bytes:
        """Unpack *chunk* to at most *limit* bytes. Raises zlib.error."""
        try:
            data = self._object.decompress(chunk, limit)
        except zlib.error:
            if not self._header_optional:
                raise
            # Some servers say deflate and send it without the zlib header.
            self._object = zlib.decompressobj(-zlib.MAX_WBITS)
            data = self._object.decompress(chunk, limit)
        self._header_optional = False
        return data


def _decoder(encoding: str) -> _Inflater | None:
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return _Inflater(zlib.MAX_WBITS | 16)
    if encoding == "deflate":
        return _Inflater(zlib.MAX_WBITS, header_optional=True)
    raise UndecodableError(f"content-encoding {encoding[:40]!r}")
