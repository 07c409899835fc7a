"""gzip away from the event loop, and only once for the half of the page that did not change."""

from __future__ import annotations

import asyncio
import gzip
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.metrics.exposition import Format

LEVEL: Final = 1
"""Metrics shrink to a twentieth at the fastest level; the slower ones are not worth the CPU."""

_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"


@dataclass(frozen=True, slots=True)
class _Deflated:
    """A first half, compressed so that a second half may follow in the same stream."""

    source: bytes
    data: bytes
    crc: int


class GzipPages:
    """Compresses pages of two halves; the first is compressed anew when it is another object."""

    def __init__(self) -> None:
        self._known: dict[Format, _Deflated] = {}
        self._lock = asyncio.Lock()

    async def compress(self, form: Format, first: bytes, rest: bytes) -> bytes:
        """Return both halves as one gzip member."""
        async with self._lock:
            known = self._known.get(form)
            if known is None or known.source is not first:
                known = await asyncio.to_thread(_deflate, first)
                self._known[form] = known
        return _complete(known, rest)


async def compress(body: bytes) -> bytes:
    """Return *body* as gzip, compressed in a worker thread."""
    return await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)


def _deflate(first: bytes) -> _Deflated:
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    # A full flush ends on a byte and forgets the window, so that any deflate stream may follow.
    data = stream.compress(first) + stream.flush(zlib.Z_FULL_FLUSH)
    return _Deflated(first, data, zlib.crc32(first))


def _complete(first: _Deflated, rest: bytes) -> bytes:
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    size = (len(first.source) + len(rest)) & 0xFFFFFFFF
    trailer = struct.pack("<II", zlib.crc32(rest, first.crc), size)
    return b"".join((_HEADER, first.data, stream.compress(rest), stream.flush(), trailer))
