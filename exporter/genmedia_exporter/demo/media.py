"""Small but real assets: a PNG of the asked size, an MP4 with the asked duration, and ranges."""

import functools
import re
import struct
import zlib

from genmedia_exporter.demo.message import Response

__all__ = ["file_response", "make_mp4", "make_png"]

LARGEST_SIDE = 4096
TIMESCALE = 1000
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@functools.lru_cache(maxsize=32)
def make_png(width: int, height: int, *, blank: bool = False) -> bytes:
    """A valid RGB image, 1 to 4096 a side; `blank` makes every pixel the same."""
    width, height = _side(width), _side(height)
    bands = [_png_row(width, shade, blank=blank) for shade in range(16)]
    rows = b"".join(bands[(y * 16 // height)] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, data) for kind, data in chunks)


def _side(length: int) -> int:
    return max(1, min(LARGEST_SIDE, length))


def _png_row(width: int, shade: int, *, blank: bool) -> bytes:
    if blank:
        return b"\x00" + b"\x7f\x7f\x7f" * width
    return b"\x00" + b"".join(
        bytes((x * 255 // width, shade * 16, 255 - shade * 8)) for x in range(width)
    )


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@functools.lru_cache(maxsize=64)
def make_mp4(seconds: float, width: int, height: int, *, blank: bool = False) -> bytes:
    """An MP4 whose moov comes first, so that its first KiB tells size and duration.

    `blank` makes a file without a frame: no duration, no size, an empty mdat.
    """
    if blank:
        seconds, width, height = 0, 0, 0
    frame = b"" if blank else zlib.compress(bytes(range(256)) * 16, 0)
    kind = _box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")
    length = len(_moov(seconds, width, height, len(frame), 0))
    moov = _moov(seconds, width, height, len(frame), len(kind) + length + 8)
    return kind + moov + _box(b"mdat", frame)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _moov(seconds: float, width: int, height: int, frame_bytes: int, offset: int) -> bytes:
    duration = int(seconds * TIMESCALE)
    mvhd = struct.pack(">5IIH10x", 0, 0, 0, TIMESCALE, duration, 0x10000, 0x100)
    mvhd += _MATRIX + bytes(24) + struct.pack(">I", 2)
    tkhd = struct.pack(">6I8x4H", 3, 0, 0, 1, 0, duration, 0, 0, 0, 0)
    tkhd += _MATRIX + struct.pack(">II", width << 16, height << 16)
    mdhd = struct.pack(">5IHH", 0, 0, 0, TIMESCALE, duration, 0x55C4, 0)
    hdlr = struct.pack(">II4s12x", 0, 0, b"vide") + b"demo\x00"
    data = _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1), _box(b"url ", b"\0\0\0\1")))
    table = _sample_table(duration, width, height, frame_bytes, offset)
    minf = _box(b"minf", _box(b"vmhd", b"\0\0\0\1" + bytes(8)), data, table)
    mdia = _box(b"mdia", _box(b"mdhd", mdhd), _box(b"hdlr", hdlr), minf)
    return _box(b"moov", _box(b"mvhd", mvhd), _box(b"trak", _box(b"tkhd", tkhd), mdia))


def _sample_table(duration: int, width: int, height: int, size: int, offset: int) -> bytes:
    count = 1 if size else 0
    entry = struct.pack(">6xH16xHHIIIH", 1, width, height, 0x480000, 0x480000, 0, 1)
    entry += bytes(32) + struct.pack(">HH", 24, 0xFFFF)
    return _box(
        b"stbl",
        _box(b"stsd", struct.pack(">II", 0, 1), _box(b"avc1", entry)),
        _box(b"stts", struct.pack(">IIII", 0, 1, count, duration)),
        _box(b"stsc", struct.pack(">IIIII", 0, 1, 1, count, 1)),
        _box(b"stsz", struct.pack(">III", 0, size, count)),
        _box(b"stco", struct.pack(">III", 0, 1, offset)),
    )


def file_response(data: bytes, content_type: str, asked: str) -> Response:
    """The file, or the part that the Range header asks for (206, or 416 past the end)."""
    found = _RANGE.fullmatch(asked.strip())
    if not found or not (found[1] or found[2]):
        return Response(200, data, content_type, (("accept-ranges", "bytes"),))
    total = len(data)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or total), total - 1)
    else:
        first, last = max(0, total - int(found[2])), total - 1
    if first > last:
        return Response(416, b"", content_type, (("content-range", f"bytes */{total}"),))
    span = ("content-range", f"bytes {first}-{last}/{total}")
    return Response(206, data[first : last + 1], content_type, (("accept-ranges", "bytes"), span))
