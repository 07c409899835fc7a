"""The checksum of two texts put together, by those of each: a page is not read again for what has not changed.

As zlib's own `crc32_combine` does it (https://github.com/madler/zlib, crc32.c), which Python does not have: a checksum
is a polynomial over GF(2), its highest power in the lowest bit, and what follows it multiplies it by a power of x.
"""

from __future__ import annotations

from typing import Final

_POLYNOMIAL: Final = 0xEDB88320
_ONE: Final = 1 << 31
_X: Final = 1 << 30


def _product(a: int, b: int) -> int:
    """Return *a* times *b*, modulo the polynomial."""
    product = 0
    for power in range(31, -1, -1):
        if a >> power & 1:
            product ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product


def _squares() -> tuple[int, ...]:
    """Return x, x², x⁴ and so on: as many as the bits of the longest text that gzip can tell."""
    found = [_X]
    for _ in range(34):
        found.append(_product(found[-1], found[-1]))
    return tuple(found)


_SQUARES: Final = _squares()


def shift(size: int) -> int:
    """Return by what a checksum is multiplied where *size* bytes follow."""
    bits, found = size * 8, _ONE
    for place, square in enumerate(_SQUARES):
        if bits >> place & 1:
            found = _product(square, found)
    return found


def combined(crc: int, shifted: int, crc_after: int) -> int:
    """Return the checksum of a text of *crc* and one of *crc_after*, where *shifted* is the `shift` of the latter's size."""
    return _product(shifted, crc) ^ crc_after
