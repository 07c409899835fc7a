"""The headers of PNG, JPEG, GIF and WebP: width, height, and what speaks against the file.

Each function takes the first bytes and the file's size (None: not known), and returns the asset
and whether it is decided; undecided means that more bytes could tell more.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from genmedia_exporter.core.evidence import Asset

Found = tuple[Asset, bool]

TRUNCATED = "the file is cut off"
ONE_COLOUR = "every pixel has the same colour"
TINY = "an image of one pixel"
NO_SIZE = "the image has no width or height"

MAX_PIXEL_BYTES = 16 << 20
"""Unpacked bytes of a picture that are looked through for a second colour; 2048x2048 in RGBA."""

MAX_ROWS = 16_384
"""Rows that are looked through: each is a step of Python, and the event loop waits meanwhile."""

_STEP = 1 << 20  # bytes unpacked at a time
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the frame headers
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length


def is_cut(end: int, size: int | None) -> bool:
    """Whether something that must reach to *end* cannot, in a file of *size* bytes."""
    return size is not None and end > size


def measured(kind: str, width: int, height: int, problem: str = "") -> Asset:
    """Return an image of that size, with the problem its size is or the one given."""
    if not (width and height):
        problem = NO_SIZE
    elif width == height == 1:
        problem = TINY
    return Asset(kind, width=width, height=height, problem=problem)


# --- PNG --------------------------------------------------------------------------------------


def look_at_png(head: bytes, size: int | None) -> Found:
    """Read IHDR, follow the chunks, and look for a second colour."""
    if len(head) < 33 or head[12:16] != b"IHDR":
        return Asset("png", problem=TRUNCATED if is_cut(33, size) else ""), False
    width, height, depth, colours, _, _, interlaced = struct.unpack_from(">IIBBBBB", head, 16)
    data, end, complete = _png_chunks(head)
    if is_cut(end, size) or (size == len(head) and not complete):
        return measured("png", width, height, TRUNCATED), True
    asset = measured("png", width, height)
    if asset.problem:
        return asset, True
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colours, 0)
    if interlaced or depth not in (8, 16) or not channels:
        return asset, True
    same = _one_colour(data, width, height, channels * depth // 8)
    if same:
        return measured("png", width, height, ONE_COLOUR), True
    return asset, same is False or complete


def _png_chunks(head: bytes) -> tuple[bytes, int, bool]:
    """Return the picture's packed data so far, where the last chunk seen must end, if it is IEND."""
    place, data = 8, bytearray()
    while place + 8 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, place)
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


# --- JPEG, GIF, WebP --------------------------------------------------------------------------


def look_at_jpeg(head: bytes, size: int | None) -> Found:
    """Follow the segments to the frame header."""
    whole = size is not None and len(head) >= size
    cut = TRUNCATED if whole and not head.rstrip(b"\0").endswith(b"\xff\xd9") else ""
    place = 2
    while place + 4 <= len(head):
        if head[place] != 0xFF:
            return Asset("jpeg", problem="not a sound JPEG"), True
        marker = head[place + 1]
        if marker == 0xFF or marker in _JPEG_ALONE:
            place += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(head[place + 2 : place + 4], "big")
        if marker in _JPEG_SIZES and place + 9 <= len(head):
            height, width = struct.unpack_from(">HH", head, place + 5)
            return measured("jpeg", width, height, cut), True
        if is_cut(place + 2 + length, size):
            return Asset("jpeg", problem=TRUNCATED), True
        place += 2 + max(2, length)
    return Asset("jpeg", problem=cut), False


def look_at_gif(head: bytes, size: int | None) -> Found:
    """Read the logical screen."""
    if len(head) < 10:
        return Asset("gif", problem=TRUNCATED if is_cut(10, size) else ""), False
    width, height = struct.unpack_from("<HH", head, 6)
    cut = size is not None and len(head) >= size and not head.rstrip(b"\0").endswith(b";")
    return measured("gif", width, height, TRUNCATED if cut else ""), True


def look_at_webp(head: bytes, size: int | None) -> Found:
    """Read the RIFF size and the first chunk: VP8, VP8L or VP8X."""
    if len(head) < 30:
        return Asset("webp", problem=TRUNCATED if is_cut(30, size) else ""), False
    declared = int.from_bytes(head[4:8], "little") + 8
    problem = TRUNCATED if is_cut(declared, size) else ""
    kind, width, height = head[12:16], 0, 0
    if kind == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 26))
    else:
        return Asset("webp", problem=problem or "not a sound WebP"), True
    return measured("webp", width, height, problem), True
