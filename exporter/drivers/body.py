"""Reading an answer's body with bounds on what is read and on what it unpacks to."""

from __future__ import annotations

import json
import re
import zlib
from typing import Literal

from exporter.evidence import MAX_BODY_BYTES

Read = Literal["whole", "stream"]

# A packed body is at most a few bytes larger than what it holds; anything beyond is padding.
_MAX_RAW_BYTES = 2 * MAX_BODY_BYTES
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
    """Collects a body from raw chunks. With `stream` it is Server-Sent Events, ended by `[DONE]`."""

    def __init__(self, encoding: str, *, stream: bool = False) -> None:
        self._decoder = _decoder(encoding.strip().lower())
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
        room = MAX_BODY_BYTES - before
        # One byte more than there is room for tells "full" from "too large".
        data = self._decoder.decode(chunk, room + 1) if self._decoder else chunk[: room + 1]
        self._content += data[:room]
        if len(data) > room or self._raw > _MAX_RAW_BYTES:
            raise BodyTooLargeError(f"more than {MAX_BODY_BYTES} bytes")
        if self._stream:
            self._done = _DONE.search(self._content, max(0, before - _DONE_LENGTH)) is not None
        return not self._done

    def finish(self) -> None:
        """Accept the end of the body. Raises BodyTruncatedError if it came too early."""
        if self._decoder and self._raw and not self._decoder.complete and not self._done:
            raise BodyTruncatedError("the packed body ends early")
        if self._stream and not self._done and not self._ends_with_error():
            raise BodyTruncatedError("the stream ended without [DONE]")

    def _ends_with_error(self) -> bool:
        """Whether the last event is an error: a service that says so has finished speaking."""
        last = _LAST_EVENT.search(self._content)
        try:
            event = json.loads(last[1]) if last else None
        except ValueError:
            return False
        return isinstance(event, dict) and bool(event.get("error"))


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
