"""Shortening JSON while it is read: an image in base64 is megabytes, its head is all we look at."""

from __future__ import annotations

import re

LONGEST_STRING = 96 * 1024
"""Bytes of one JSON string that are kept: 64 KiB of media in base64, and some to spare."""

_ESCAPE = 12  # bytes of the longest: two \uXXXX that belong together
_RUN = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)  # within a string, escapes whole
_DIGITS = re.compile(rb"[0-9a-fA-F]*")
_BEGUN = re.compile(rb"\\u([0-9a-fA-F]{0,3})\Z")
_TAIL = 6


class Elider:
    """Lets JSON pass in pieces, of each string only the first LONGEST_STRING bytes or so."""

    def __init__(self) -> None:
        self._inside = False  # a string
        self._escaping = False  # a piece ended with a backslash, which waits for what it escapes
        self._length = 0  # of the string so far
        self._full = False  # nothing more of this string is kept
        self._tail = b""  # the last bytes of it that were

    def elide(self, chunk: bytes) -> bytes:
        """Return what is kept of *chunk*, which goes on where the one before it ended."""
        kept, place = bytearray(), 0
        while place < len(chunk):
            place = (self._within if self._inside else self._between)(chunk, place, kept)
        return bytes(kept)

    def _between(self, chunk: bytes, place: int, kept: bytearray) -> int:
        quote = chunk.find(b'"', place)
        end = len(chunk) if quote < 0 else quote + 1
        kept += chunk[place:end]
        self._inside, self._length, self._full, self._tail = quote >= 0, 0, False, b""
        return end

    def _within(self, chunk: bytes, place: int, kept: bytearray) -> int:
        if self._escaping:
            self._escaping = False
            self._keep(b"\\" + chunk[place : place + 1], kept)
            return place + 1
        run = _RUN.match(chunk, place)
        end = run.end() if run else place
        self._keep(chunk[place:end], kept)
        if end < len(chunk):
            self._inside = chunk[end : end + 1] != b'"'
            self._escaping = self._inside
            kept += b"" if self._inside else b'"'
        return end + 1

    def _keep(self, data: bytes, kept: bytearray) -> None:
        if self._full or self._length + len(data) > LONGEST_STRING:
            data = self._last(data)
        self._length += len(data)
        self._tail = (self._tail + data)[-_TAIL:]
        kept += data

    def _last(self, data: bytes) -> bytes:
        """Return what must still be kept of a full string: what fits, or an escape begun before."""
        begun = _BEGUN.search(self._tail)
        rest = _DIGITS.match(data, 0, 4 - len(begun[1])) if begun else None
        digits = rest[0] if rest else b""
        cut = b"" if self._full else _cut(data, LONGEST_STRING - self._length)
        self._full = True
        if len(cut) >= len(digits):
            self._tail = b""
            return cut
        return digits


def _cut(data: bytes, room: int) -> bytes:
    """Return about the first *room* bytes of *data*, no escape torn."""
    cut = data[:room]
    slash = cut.find(b"\\", max(0, room - _ESCAPE))
    return cut if slash < 0 else cut[:slash].rstrip(b"\\")
