"""The headers of Matroska and WebM: size, duration, and what speaks against them; as in `videos`."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.media.images import TRUNCATED, is_cut
from genmedia_exporter.media.videos import BROKEN, NO_DURATION, NO_FRAME, NO_TRACK, NOTHING

Found = tuple[Asset, bool]

_MOST_ELEMENTS = 2000
_LARGEST_ID = 0xFFFFFFFF
_LONGEST_HEADER = (
    12  # of an element: with so many bytes in sight, where none can be read there is none
)
_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_CLUSTER = 0x1F43B675
_MASTERS = frozenset({_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO})
_SCALE, _DURATION, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0xB0, 0xBA
_USUAL_SCALE = 1_000_000  # nanoseconds a unit


@dataclass(slots=True)
class _Film:
    """What the elements have told so far."""

    values: dict[int, bytes] = field(default_factory=dict)
    place: int = 0  # the end of what has been walked over
    cut: bool = False
    video: bool = False  # a track is one
    media: bool = False  # a cluster that holds something has begun
    endless: bool = False  # its length is not told
    broken: bool = False  # what follows is no element

    def number(self, name: int) -> int | None:
        """Return a value that counts something, None where there is none."""
        return int.from_bytes(self.values.get(name, b""), "big") or None


def look_at_matroska(head: bytes, size: int | None) -> Found:
    """Walk the elements (RFC 9559): segment, info, tracks; a live stream declares no duration."""
    film = _walked(head, size)
    width, height, duration = film.number(_WIDTH), film.number(_HEIGHT), _seconds(film.values)
    whole = size is not None and (len(head) >= size or film.place >= size)
    seen = not film.endless and (whole or film.broken)
    problem = TRUNCATED if film.cut else _problem(film, duration, seen)
    asset = Asset("webm", "", None, width, height, duration, problem)
    return asset, bool(problem) or seen or film.media or bool(width and height and duration)


def _walked(head: bytes, size: int | None) -> _Film:
    film = _Film()
    for _ in range(_MOST_ELEMENTS):
        name, length, begin = _element(head, film.place)
        if name is None or begin > len(head):
            film.broken = film.place + _LONGEST_HEADER <= len(head)
            return film
        film.media |= name == _CLUSTER and length != 0
        film.video |= name == _VIDEO
        if length is not None:
            film.cut |= is_cut(begin + length, size)
        if name in (_SCALE, _DURATION, _WIDTH, _HEIGHT) and length is not None and length <= 8:
            film.values.setdefault(name, head[begin : begin + length])
        if length is None and name not in _MASTERS:
            film.endless = True
            return film
        film.place = begin if name in _MASTERS or length is None else begin + length
    return film


def _problem(film: _Film, duration: float | None, seen: bool) -> str:
    """Return what speaks against a film, *seen* whole or not."""
    if duration == 0:
        return NO_DURATION
    if not seen or (film.media and film.video):
        return ""
    if not (film.media or film.video):
        return BROKEN if film.broken else NOTHING
    return NO_TRACK if film.media else NO_FRAME


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
    if name is None or begin == after or name > _LARGEST_ID:
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
