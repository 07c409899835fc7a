"""Finds a known secret in a text, however it is written there: escaped, spaced, packed, in hex, backwards.

Text and secret are both reduced to their ASCII letters and digits in lower case, so that whatever
stands in between cannot hide it. The search itself is `in`; only what was found is looked at closely.
"""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

SHORTEST: Final = 10
"""Letters and digits from which a secret is looked for in disguise; a shorter one may be a few words."""

_KEPT: Final = bytes(code for code in range(128) if chr(code).isalnum())
_DROPPED: Final = bytes(code for code in range(256) if code not in _KEPT)
_LOWER: Final = bytes(range(256)).lower()
_ESCAPES: Final = (
    rb"\\{1,8}(?:u(?:00|\{0{0,4}(?=[2-7][0-9A-Fa-f]\}))|U000000)([2-7][0-9A-Fa-f])\}?"  # \u0041, \u{41}, \U00000041
    rb"|\\{1,8}x([2-7][0-9A-Fa-f])"
    rb"|%(?:25){0,4}([2-7][0-9A-Fa-f])"
    rb"|\b0x([2-7][0-9A-Fa-f])\b"
    rb"|&#x0{0,6}([2-7][0-9A-Fa-f]);"
    rb"|&#0{0,6}(3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6]);"
    rb"|\xef\xbc([\x81-\xbf])|\xef\xbd([\x80-\x9e])"  # full width
    rb"|\\{1,8}u[Ff][Ff]([0-5][0-9A-Fa-f])"  # the same, escaped
    rb"|\\{1,8}([01][0-7]{2})"
    # Whatever else is escaped: zero width, a blank, another script.
    rb"|(\\{1,8}(?:u(?:[0-9A-Fa-f]{4}|\{[0-9A-Fa-f]{1,6}\})|U[0-9A-Fa-f]{8})|\\{1,8}x[0-9A-Fa-f]{2}|%(?:25){0,4}[0-9A-Fa-f]{2}"
    rb"|&#x[0-9A-Fa-f]{1,8};|&#[0-9]{1,8};|&(?:nbsp|shy|ZeroWidthSpace);)"
)
_ESCAPE: Final = re.compile(_ESCAPES)
_PIECE: Final = re.compile(_ESCAPES + rb"|[0-9A-Za-z]+")
_MAY_ESCAPE: Final = (b"\\", b"%", b"0x", b"&", b"\xef\xbc", b"\xef\xbd")
_DECIMAL, _WIDE, _WIDE_SMALL, _WIDE_ESCAPED, _OCTAL, _NOTHING = range(6, 12)
"""Groups of escapes that are not a byte in hex."""
_BASES: Final = {_DECIMAL: 10, _OCTAL: 8}


class Disguised:
    """Replaces some secrets in texts, in every writing that `forms` knows."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms = sorted({f for s in secrets for f in forms(s)}, key=len, reverse=True)
        self._any = re.compile(b"|".join(self._forms)) if self._forms else None

    def replace(self, data: bytes, by: bytes) -> bytes:
        """Return *data* with *by* in place of each secret in any of its writings."""
        if self._any is None:
            return data
        reduced = _reduced(data)
        for form in self._forms:
            if form in reduced:
                break
        else:
            return data
        return _cut(data, [found.span() for found in self._any.finditer(reduced)], by)


def forms(secret: str) -> Iterator[bytes]:
    """Yield the reduced writings of *secret*; none when it is too short to be told from words."""
    raw = secret.encode("utf-8", "surrogatepass")
    plain = _letters(raw)
    if len(plain) < SHORTEST:
        return
    yield plain
    yield plain[::-1]
    yield raw.hex().encode()
    yield raw[::-1].hex().encode()
    yield b"".join(b"%d" % byte for byte in raw)
    yield b"".join(b"%o" % byte for byte in raw)
    yield "".join(f"{byte:08b}" for byte in raw).encode()
    yield _letters(base64.b32encode(raw).rstrip(b"="))[:-2]  # what follows may change the last
    for lead in range(3):  # what stands before it shifts what base64 makes of it
        packed = base64.b64encode(bytes(lead) + raw)
        first, last = (0, 2, 3)[lead], (len(raw) + lead) * 8 // 6
        core = _letters(packed[first:last])
        if len(core) >= SHORTEST:
            yield core


def _letters(data: bytes) -> bytes:
    return data.translate(_LOWER, _DROPPED)


def _reduced(data: bytes) -> bytes:
    if [mark for mark in _MAY_ESCAPE if mark in data]:
        data = _ESCAPE.sub(lambda found: _meant(found), data)
    return _letters(data)


def _meant(found: re.Match[bytes]) -> bytes:
    """Return what an escape stands for; whatever is no escape as it is."""
    digits = found[found.lastindex] if found.lastindex else b""
    if not digits:
        return found[0]
    kind = found.lastindex or 0
    if kind == _NOTHING:
        return b""
    if kind in (_WIDE, _WIDE_SMALL):
        return bytes([digits[0] - (0x60 if kind == _WIDE else 0x20)])
    code = int(digits, _BASES.get(kind, 16))
    return bytes([code + 0x20 if kind == _WIDE_ESCAPED else code])


def _cut(data: bytes, spans: list[tuple[int, int]], by: bytes) -> bytes:
    """Return *data* with *by* where its reduced form has *spans*."""
    starts: list[int] = []  # of pieces, in the reduced form
    pieces: list[tuple[int, int, bool]] = []  # begin, end, whether it is an escape
    length = 0
    for piece in _PIECE.finditer(data):
        begin, end = piece.span()
        escape = piece.lastindex is not None
        size = len(_letters(_meant(piece))) if escape else end - begin
        if size:
            starts.append(length)
            pieces.append((begin, end, escape))
            length += size

    def place(position: int, *, end: bool) -> int:
        index = bisect_right(starts, position) - 1
        first, last, escape = pieces[index]
        if escape:  # it goes as a whole
            return last if end else first
        return first + position - starts[index] + end

    parts: list[bytes] = []
    done = 0
    for first, last in spans:
        parts += [data[done : place(first, end=False)], by]
        done = place(last - 1, end=True)
    return b"".join([*parts, data[done:]])
