"""The headers of MP4, MOV and their relatives, and of WebM: size, duration, and what speaks against them.

Each function takes the first bytes and the file's size (None: not known), and returns the asset
and whether it is decided; undecided means that more bytes could tell more.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.media.images import TRUNCATED, is_cut

Found = tuple[Asset, bool]

NO_FRAME = "the video has no frame"
NO_DURATION = "the video has no duration"
NO_SIZE = "the video has no width or height"
NO_TRACK = "the file has no video track"

_MOST_BOXES = 2000
_KINDS = {b"qt  ": "mov", b"avif": "avif", b"avis": "avif", b"heic": "heic", b"mif1": "heic"}
_PICTURES = ("avif", "heic")
_INSIDE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


@dataclass(slots=True)
class _Film:
    """What the boxes have told so far."""

    kind: str = "mp4"
    scale: int = 0  # units a second
    units: int | None = None  # duration
    width: float = 0
    height: float = 0
    handlers: int = 0  # tracks whose kind is known
    video: bool = False  # one of them is a video
    samples: int | None = None  # frames of the last sample table
    fragmented: bool = False
    header: bool = False  # moov has begun
    whole: bool = False  # moov has been seen to its end
    media: int | None = None  # bytes of the first mdat, headers excluded

    @property
    def duration(self) -> float | None:
        """Seconds, None where the header does not say."""
        return self.units / self.scale if self.scale and self.units is not None else None


def look_at_mp4(head: bytes, size: int | None) -> Found:
    """Walk the boxes (ISO 14496-12): movie header, track header, handler, sample sizes."""
    film, cut = _Film(), False
    if head[4:8] == b"ftyp":
        film.kind = _KINDS.get(head[8:12], "mp4")
    for kind, begin, end in _boxes(head, 0, len(head), size):
        cut = cut or is_cut(end, size)
        if kind == b"moov":
            film.header, film.whole = True, end <= len(head)
            _walk(head, begin, min(end, len(head)), film)
        elif kind == b"moof":
            film.fragmented = True
        elif kind == b"mdat" and film.media is None:
            film.media = end - begin
    return _as_asset(film, cut)


def _boxes(
    head: bytes, place: int, limit: int, size: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start of content and end of the boxes whose header is before *limit*."""
    for _ in range(_MOST_BOXES):
        if place + 8 > limit:
            return
        length, kind = struct.unpack_from(">I4s", head, place)
        begin = place + 8
        if length == 1 and place + 16 <= limit:
            length, begin = int.from_bytes(head[place + 8 : place + 16], "big"), place + 16
        end = place + length
        if length == 0:
            end = max(limit, size or 0)  # to the end of the file
        if end < begin:
            return
        yield kind, begin, end
        place = end


def _walk(head: bytes, begin: int, limit: int, film: _Film) -> None:
    pending = [(begin, limit)]
    for _ in range(_MOST_BOXES):
        if not pending:
            return
        start, stop = pending.pop()
        for kind, inner, end in _boxes(head, start, stop):
            if kind in _INSIDE:
                pending.append((inner, min(end, stop)))
            elif end <= stop:
                _read_box(kind, head[inner:end], film)


def _read_box(kind: bytes, data: bytes, film: _Film) -> None:
    wide = data[:1] == b"\1"
    if kind == b"mvhd" and len(data) >= (32 if wide else 20):
        film.scale = int.from_bytes(data[20:24] if wide else data[12:16], "big")
        units = data[24:32] if wide else data[16:20]
        film.units = None if units == b"\xff" * len(units) else int.from_bytes(units, "big")
    elif kind == b"tkhd" and len(data) >= (96 if wide else 84):
        width, height = struct.unpack_from(">II", data, 88 if wide else 76)
        film.width = max(film.width, width / 65536)
        film.height = max(film.height, height / 65536)
    elif kind == b"hdlr" and len(data) >= 12:
        film.handlers += 1
        film.video |= data[8:12] == b"vide"
    elif kind in (b"stsz", b"stz2") and len(data) >= 12:
        film.samples = max(film.samples or 0, int.from_bytes(data[8:12], "big"))
    elif kind == b"mvex":
        film.fragmented = True


def _as_asset(film: _Film, cut: bool) -> Found:
    sized = film.width > 0 and film.height > 0
    asset = Asset(
        film.kind,
        width=int(film.width) if sized else None,
        height=int(film.height) if sized else None,
        duration=film.duration,
        problem=TRUNCATED if cut else "",
    )
    if cut or film.kind in _PICTURES:
        return asset, True
    # What stands behind the media itself is out of our sight, however much of the head we read.
    behind = film.media is not None and not film.header
    if behind and film.media == 0:
        return replace(asset, problem=NO_FRAME), True
    decided = film.whole or behind or (sized and bool(film.duration))
    return replace(asset, problem=_problem(film, sized) if film.whole else ""), decided


def _problem(film: _Film, sized: bool) -> str:
    """Return what a header that was seen whole lacks."""
    if film.handlers and not film.video:
        return NO_TRACK
    if film.fragmented:
        return ""  # frames and durations come with the fragments
    if film.samples == 0 or film.media == 0:
        return NO_FRAME
    if not film.handlers:
        return NO_TRACK
    if film.duration == 0:
        return NO_DURATION
    return "" if sized else NO_SIZE


# --- Matroska ---------------------------------------------------------------------------------

_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_CLUSTER = 0x1F43B675
_MASTERS = frozenset({_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO})
_SCALE, _DURATION, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0xB0, 0xBA
_USUAL_SCALE = 1_000_000  # nanoseconds a unit


def look_at_matroska(head: bytes, size: int | None) -> Found:
    """Walk the elements (RFC 9559): segment, info, tracks; a live stream declares no duration."""
    values: dict[int, bytes] = {}
    place, cut, media = 0, False, False
    for _ in range(_MOST_BOXES):
        name, length, begin = _element(head, place)
        if name is None or begin > len(head):
            break
        media = media or name == _CLUSTER
        if length is not None:
            cut = cut or is_cut(begin + length, size)
        if name in _MASTERS:
            place = begin
            continue
        if name in (_SCALE, _DURATION, _WIDTH, _HEIGHT) and length is not None and length <= 8:
            values.setdefault(name, head[begin : begin + length])
        if length is None:
            break
        place = begin + length
    width, height = (int.from_bytes(values.get(name, b""), "big") for name in (_WIDTH, _HEIGHT))
    duration = _seconds(values)
    problem = TRUNCATED if cut else NO_DURATION if duration == 0 else ""
    asset = Asset("webm", "", None, width or None, height or None, duration, problem)
    return asset, media or cut or bool(width and height and duration)


def _seconds(values: dict[int, bytes]) -> float | None:
    scale = int.from_bytes(values.get(_SCALE, b""), "big") or _USUAL_SCALE
    raw = values.get(_DURATION, b"")
    if len(raw) not in (4, 8):
        return None
    units = float(struct.unpack(">f" if len(raw) == 4 else ">d", raw)[0])
    return units * scale / 1e9 if math.isfinite(units) and units >= 0 else None


def _element(head: bytes, place: int) -> tuple[int | None, int | None, int]:
    """Return an element's id, length (None: not known) and start of content; no id: no element."""
    name, after = _number(head, place, keep_marker=True)
    length, begin = _number(head, after, keep_marker=False)
    if name is None or begin == after:
        return None, None, begin
    return name, length, begin


def _number(head: bytes, place: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """Return a variable-length number (None: unknown or cut) and where it ends."""
    first = head[place] if place < len(head) else 0
    octets = 9 - first.bit_length()
    if first == 0 or place + octets > len(head):
        return None, place
    value = int.from_bytes(head[place : place + octets], "big")
    bare = value & ((1 << 7 * octets) - 1)
    unknown = bare == (1 << 7 * octets) - 1
    return (value if keep_marker else None if unknown else bare), place + octets
