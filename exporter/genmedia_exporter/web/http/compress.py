"""gzip away from the event loop, and only of those pieces of the page that have changed."""

from __future__ import annotations

import asyncio
import gzip
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.metrics.exposition import Format, Lines
from genmedia_exporter.web.http.checksum import combined, shift

LEVEL: Final = 1
"""Metrics shrink to a twentieth at the fastest level; the slower ones are not worth the CPU."""

_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines, compressed so that anything may follow in the same stream, and their checksum."""

    deflated: bytes
    crc: int
    size: int
    shift: int  # what a checksum of all before it is multiplied by


@dataclass(frozen=True, slots=True)
class _Deflated:
    """A first half, compressed piece by piece."""

    source: Sequence[Lines]
    pieces: tuple[_Piece, ...]  # one for each of the source


class GzipPages:
    """Compresses pages of two halves; of the first, a piece is compressed anew when it is another object."""

    def __init__(self) -> None:
        self._known: dict[Format, _Deflated] = {}
        self._lock = asyncio.Lock()

    async def compress(self, form: Format, first: Sequence[Lines], rest: bytes) -> bytes:
        """Return both halves as one gzip member."""
        async with self._lock:
            known = self._known.get(form)
            if known is None or known.source is not first:
                known = await asyncio.to_thread(_deflate, first, known)
                self._known[form] = known
        return _complete(known, rest)


async def compress(body: bytes) -> bytes:
    """Return *body* as gzip, compressed in a worker thread."""
    return await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)


def _deflate(first: Sequence[Lines], before: _Deflated | None) -> _Deflated:
    old = zip(before.source, before.pieces, strict=True) if before is not None else ()
    known = {id(lines): piece for lines, piece in old}  # which live as long as *before* does
    return _Deflated(first, tuple(known.get(id(lines)) or _deflated(lines) for lines in first))


def _deflated(lines: Lines) -> _Piece:
    whole = b"".join(lines)
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    # A full flush ends on a byte and forgets the window, so that any deflate stream may follow.
    deflated = stream.compress(whole) + stream.flush(zlib.Z_FULL_FLUSH)
    return _Piece(deflated, zlib.crc32(whole), len(whole), shift(len(whole)))


def _complete(first: _Deflated, rest: bytes) -> bytes:
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    crc = 0
    for piece in first.pieces:
        crc = combined(crc, piece.shift, piece.crc)
    size = sum(piece.size for piece in first.pieces) + len(rest)
    trailer = struct.pack("<II", zlib.crc32(rest, crc), size & 0xFFFFFFFF)
    deflated = (piece.deflated for piece in first.pieces)
    return b"".join((_HEADER, *deflated, stream.compress(rest), stream.flush(), trailer))
