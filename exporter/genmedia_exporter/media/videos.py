"""The headers of MP4, MOV and their relatives: size, duration, and what speaks against them.

`look_at_mp4` takes the first bytes and the file's size (None: not known), and returns the asset
and whether it is decided; undecided means that more bytes could tell more. A file is held to have
a header and frames only where all its boxes have been seen; what lies behind our sight may be there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.media.images import TRUNCATED, is_cut

Found = tuple[Asset, bool]

NO_FRAME = "the video has no frame"
NO_DURATION = "the video has no duration"
NO_SIZE = "the video has no width or height"
NO_TRACK = "the file has no video track"
NO_HEADER = "the video has no header"
NOTHING = "the file ends before any video"
BROKEN = "nothing of a video follows the file's first bytes"

_MOST_BOXES = 2000
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_KINDS = {b"qt  ": "mov", b"avif": "avif", b"avis": "avif", **dict.fromkeys(_HEIC, "heic")}
_PICTURES = ("avif", "heic")
_INSIDE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_LONGEST_HEADER = 16  # of a box: with so many bytes in sight, where none can be read there is none


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
    header: bool = False  # moov has begun; of a picture meta
    whole: bool = False  # moov has been seen to its end
    media: int | None = None  # bytes of the first mdat that has any, headers excluded
    seen: bool = False  # no box follows those that have been seen
    broken: bool = False  # for what follows is none

    @property
    def duration(self) -> float | None:
        """Seconds, None where the header does not say."""
        return self.units / self.scale if self.scale and self.units is not None else None


def look_at_mp4(head: bytes, size: int | None) -> Found:
    """Walk the boxes (ISO 14496-12): movie header, track header, handler, sample sizes."""
    film, cut, place = _Film(), False, 0
    if head[4:8] == b"ftyp":
        film.kind = _KINDS.get(head[8:12], "mp4")
    for kind, begin, end in _boxes(head, 0, len(head), size):
        place, cut = end, cut or is_cut(end, size)
        if kind == b"moov":
            film.header, film.whole = True, end <= len(head)
            _walk(head, begin, min(end, len(head)), film)
        elif kind == b"moof":
            film.fragmented = True
        elif kind == b"mdat":
            film.media = film.media or end - begin
        elif kind == b"meta" and film.kind in _PICTURES:
            inside = end > len(head) or b"idat" in head[begin:end]
            film.header, film.media = True, film.media or int(inside)
    film.broken = place + _LONGEST_HEADER <= len(head)
    film.seen = film.broken or (size is not None and (place + 8 > size or len(head) >= size))
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
        if end < begin or not _may_be_kind(kind):
            return
        yield kind, begin, end
        place = end


def _may_be_kind(kind: bytes) -> bool:
    """Whether a box may be called so: by four printable characters; a name of Apple's begins with ©."""
    return all(32 <= octet < 127 for octet in kind.removeprefix(b"\xa9"))


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
    picture = film.kind in _PICTURES
    problem = TRUNCATED if cut else _missing(film)
    if film.whole and not problem and not picture:
        problem = _problem(film, sized)
    asset = Asset(
        film.kind,
        width=int(film.width) if sized else None,
        height=int(film.height) if sized else None,
        duration=film.duration,
        problem=problem,
    )
    # What stands behind the media itself is out of our sight, however much of the head we read.
    behind = bool(film.media) and not film.header
    known = film.whole or film.seen or behind or picture
    return asset, bool(problem) or known or (sized and bool(film.duration))


def _missing(film: _Film) -> str:
    """Return what a file lacks whose boxes have all been seen; empty for any other."""
    if not film.seen:
        return ""
    if not film.header and film.media is None:
        return BROKEN if film.broken else NOTHING
    if not film.media:
        return NO_FRAME
    return "" if film.header else NO_HEADER


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
