"""The headers of JPEG, GIF and WebP: width, height, and what speaks against them; PNG's is in `png`.

Each function takes the first bytes and the file's size (None: not known), and returns the asset
and whether it is decided; undecided means that more bytes could tell more. A file is held to have
a picture behind its header only where it was seen whole.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from genmedia_exporter.core.evidence import Asset

Found = tuple[Asset, bool]

TRUNCATED = "the file is cut off"
TINY = "an image of one pixel"
NO_SIZE = "the image has no width or height"
NO_PICTURE = "the file ends before any picture"


def is_cut(end: int, size: int | None) -> bool:
    """Whether something that must reach to *end* cannot, in a file of *size* bytes."""
    return size is not None and end > size


def is_whole(head: bytes, size: int | None) -> bool:
    """Whether *head* is all of a file of *size* bytes."""
    return size is not None and len(head) >= size


def measured(kind: str, width: int, height: int, problem: str = "") -> Asset:
    """Return an image of that size, with the problem its size is or the one given."""
    if not (width and height):
        problem = NO_SIZE
    elif width == height == 1:
        problem = TINY
    return Asset(kind, width=width, height=height, problem=problem)


# --- JPEG -------------------------------------------------------------------------------------

_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the frame headers
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_END, _SCAN = 0xD9, 0xDA


def look_at_jpeg(head: bytes, size: int | None) -> Found:
    """Follow the segments to the frame header, and to the scan where it is in sight."""
    found, place, scan = Asset("jpeg"), 2, b""
    while place + 4 <= len(head) and not scan:
        marker = head[place + 1]
        if head[place] != 0xFF or marker == 0:
            return Asset("jpeg", problem="not a sound JPEG"), True
        if marker == _END:
            return Asset("jpeg", problem=NO_PICTURE), True
        if marker == 0xFF or marker in _ALONE:
            place += 1 if marker == 0xFF else 2
            continue
        end = place + 2 + max(2, int.from_bytes(head[place + 2 : place + 4], "big"))
        if marker in _SIZES and place + 9 <= len(head):
            height, width = struct.unpack_from(">HH", head, place + 5)
            found = measured("jpeg", width, height)
        if found.problem or is_cut(end, size):
            return replace(found, problem=found.problem or TRUNCATED), True
        scan, place = head[end:] if marker == _SCAN else b"", end
    if is_whole(head, size):
        return replace(found, problem=_lack(head, scan, found)), True
    return found, found.width is not None


def _lack(head: bytes, scan: bytes, found: Asset) -> str:
    """Return what a whole JPEG lacks, whose first *scan* that is."""
    end = b"\xff\xd9"
    if not head.rstrip(b"\0").endswith(end):
        return TRUNCATED
    drawn = scan.rstrip(b"\0").removesuffix(end)
    return "" if drawn and found.width else NO_PICTURE


# --- GIF --------------------------------------------------------------------------------------


def look_at_gif(head: bytes, size: int | None) -> Found:
    """Read the logical screen, and look for the first picture."""
    if len(head) < 10:
        return Asset("gif", problem=TRUNCATED if is_cut(10, size) else ""), False
    width, height = struct.unpack_from("<HH", head, 6)
    whole, drawn = is_whole(head, size), _begins_picture(head)
    problem = ""
    if whole and not head.rstrip(b"\0").endswith(b";"):
        problem = TRUNCATED
    elif drawn is False or (whole and drawn is None):
        problem = NO_PICTURE
    return measured("gif", width, height, problem), True


_LEAST_PICTURE = 12  # bytes: descriptor, code size, and a block


def _begins_picture(head: bytes) -> bool | None:
    """Whether a GIF's first picture follows its extensions; None: that is not in sight."""
    if len(head) < 13:
        return None
    palette = 3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0
    place = 13 + palette
    while place < len(head):
        if head[place] == 0x2C:
            return True if place + _LEAST_PICTURE < len(head) else None
        if head[place] != 0x21:
            return False
        place += 2
        while place < len(head) and head[place]:
            place += head[place] + 1
        place += 1
    return None


# --- WebP -------------------------------------------------------------------------------------

_PICTURES = (b"VP8 ", b"VP8L", b"ANMF")


def look_at_webp(head: bytes, size: int | None) -> Found:
    """Read the RIFF size and the first chunk: VP8, VP8L or VP8X."""
    if len(head) < 30:
        return Asset("webp", problem=TRUNCATED if is_cut(30, size) else ""), False
    declared = int.from_bytes(head[4:8], "little") + 8
    kind, width, height = head[12:16], 0, 0
    if kind == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        height = int.from_bytes(head[27:30], "little") + 1
    elif kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 26))
    else:
        return Asset("webp", problem="not a sound WebP"), True
    drawn, end = _chunks(head)
    problem = TRUNCATED if is_cut(max(declared, end), size) else ""
    if is_whole(head, size) and not drawn:
        problem = problem or NO_PICTURE
    return measured("webp", width, height, problem), True


def _chunks(head: bytes) -> tuple[bool, int]:
    """Return whether a picture is among the chunks in sight, and where the last of these ends."""
    place, end, drawn = 12, 12, False
    while place + 8 <= len(head) and head[place : place + 4].isascii() and head[place]:
        length = int.from_bytes(head[place + 4 : place + 8], "little")
        drawn |= head[place : place + 4] in _PICTURES and length > 0
        end = place + 8 + length
        place = end + length % 2
    return drawn, end
