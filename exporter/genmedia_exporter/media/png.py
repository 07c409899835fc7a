"""The header of PNG, its chunks, and whether all of it is one colour; as in `images`."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.media.images import NO_PICTURE, TRUNCATED, Found, is_cut, is_whole, measured

ONE_COLOUR = "every pixel has the same colour"
NOT_SOUND = "not a sound PNG"

MAX_PIXEL_BYTES = 16 << 20
"""Unpacked bytes of a picture that are looked through for a second colour; 2048x2048 in RGBA."""

MAX_ROWS = 16_384
"""Rows that are looked through: each is a step of Python, and the event loop waits meanwhile."""

_STEP = 1 << 20  # bytes unpacked at a time
_BEGIN = b"\0\0\0\x0dIHDR"


def look_at_png(head: bytes, size: int | None) -> Found:
    """Read IHDR, follow the chunks, and look for a second colour."""
    if len(head) >= 16 and head[8:16] != _BEGIN:
        return Asset("png", problem=NOT_SOUND), True
    if len(head) < 33:
        return Asset("png", problem=TRUNCATED if is_cut(33, size) else ""), False
    width, height, depth, colours, _, _, interlaced = struct.unpack_from(">IIBBBBB", head, 16)
    data, end, complete = _png_chunks(head)
    problem = _problem_of(data, end, complete, head, size)
    asset = measured("png", width, height, problem)
    if asset.problem:
        return asset, True
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colours, 0)
    row = 1 + (width * channels * depth + 7) // 8
    if complete and not interlaced and _unpacked(data, row * height) < row * height:
        return measured("png", width, height, TRUNCATED), True
    if interlaced or depth not in (8, 16) or not channels:
        return asset, True
    same = _one_colour(data, width, height, channels * depth // 8)
    if same:
        return measured("png", width, height, ONE_COLOUR), True
    return asset, same is False or complete


def _problem_of(data: bytes, end: int | None, complete: bool, head: bytes, size: int | None) -> str:
    """Return what the chunks speak against a picture; empty where nothing does."""
    if end is None:
        return NOT_SOUND
    if is_cut(end, size) or (is_whole(head, size) and not complete):
        return TRUNCATED
    if complete and not _unpacked(data, 1):
        return NO_PICTURE
    return ""


def _unpacked(packed: bytes, wanted: int) -> int:
    """Return how many bytes a picture's packed data has; it is enough where they are *wanted*, or too many to look at."""
    if wanted > MAX_PIXEL_BYTES:
        return wanted
    unpacker, found, rest = zlib.decompressobj(), 0, packed
    try:
        while rest and not unpacker.eof and found < wanted:
            found += len(unpacker.decompress(rest, min(_STEP, wanted - found)))
            rest = unpacker.unconsumed_tail
    except zlib.error:
        pass
    return found


def _png_chunks(head: bytes) -> tuple[bytes, int | None, bool]:
    """Return the picture's packed data so far, where the last chunk seen must end, if it is IEND.

    Where something stands that is no chunk, there is no end.
    """
    place, data = 8, bytearray()
    while place + 8 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, place)
        if not kind.isalpha():
            return bytes(data), None, False
        if kind == b"IDAT":
            data += head[place + 8 : place + 8 + length]
        place += length + 12
        if kind == b"IEND":
            return bytes(data), place, True
    return bytes(data), place, False


def _one_colour(packed: bytes, width: int, height: int, pixel: int) -> bool | None:
    """Whether all rows are one colour; None while what is visible is, and there is more."""
    length = 1 + width * pixel
    if length * height > MAX_PIXEL_BYTES or height > MAX_ROWS:
        return False  # too large to look through: no opinion
    colour = b""
    for number, row in enumerate(_rows(packed, length), start=1):
        colour = colour or _plain_first(row[:1], row[1 : 1 + pixel])
        if row[1:] != _plain_row(row[0], colour, width, first=number == 1):
            return False
        if number == height:
            return True
    return None


def _rows(packed: bytes, length: int) -> Iterator[bytes]:
    """Yield the rows that can be unpacked, each with its filter's number in front."""
    unpacker, left, rest = zlib.decompressobj(), b"", packed
    try:
        while rest and not unpacker.eof:
            left += unpacker.decompress(rest, max(_STEP, length))
            rest = unpacker.unconsumed_tail
            whole = len(left) // length
            for number in range(whole):
                yield left[number * length : (number + 1) * length]
            left = left[whole * length :]
    except zlib.error:
        return


def _plain_first(filter_: bytes, pixel: bytes) -> bytes:
    """Return the colour of a picture from the first pixel of its first row: no filter alters it."""
    return pixel if filter_ in (b"\0", b"\1", b"\2", b"\3", b"\4") else b""


def _plain_row(filter_: int, colour: bytes, width: int, *, first: bool) -> bytes:
    """Return how a row of one colour looks after a filter (PNG, 9.2), in a picture of that colour."""
    nothing = bytes(len(colour))
    half = bytes(byte - byte // 2 for byte in colour)
    if filter_ == 0:
        return colour * width
    if filter_ == 2:
        return colour * width if first else nothing * width
    if filter_ == 3:
        return colour + half * (width - 1) if first else half + nothing * (width - 1)
    if filter_ == 4 and not first:
        return nothing * width
    return colour + nothing * (width - 1)
