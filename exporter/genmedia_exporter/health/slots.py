"""Seconds by slot of time, in little room: nearly all slots of a watched target are full, and those of a new one empty."""

from __future__ import annotations

from array import array
from math import isclose
from typing import Final

BLOCK: Final = 30
"""Slots that are kept together, as one number while all of them are full or all are empty."""
_SAME: Final = 1e-5
"""Of a slot's width: by so much the sum of many parts may be off."""


class Slots:
    """A sum for each of *count* slots, of which none is above *width*. All begin with 0."""

    __slots__ = ("_blocks", "_count", "_width")

    def __init__(self, count: int, width: float) -> None:
        self._count, self._width = count, width
        self._blocks: list[float | array[float]] = [0.0] * -(-count // BLOCK)

    def __getitem__(self, slot: int) -> float:
        block = self._blocks[slot // BLOCK]
        return block if isinstance(block, float) else block[slot % BLOCK]

    def __setitem__(self, slot: int, seconds: float) -> None:
        number = slot // BLOCK
        block = self._blocks[number]
        if isinstance(block, float):
            if block == seconds:
                return
            size = min(BLOCK, self._count - number * BLOCK)
            block = self._blocks[number] = array("f", [block]) * size
        block[slot % BLOCK] = seconds
        if slot % BLOCK == len(block) - 1:  # time goes on to another block
            self._pack(number, block)

    def clear(self) -> None:
        """Set all to 0."""
        self._blocks = [0.0] * len(self._blocks)

    def total(self, first: int, end: int) -> float:
        """Return the sum of the slots from *first* up to *end*, which is not among them."""
        found = 0.0
        while first < end:
            number, start = divmod(first, BLOCK)
            few = min(end - first, BLOCK - start)
            block = self._blocks[number]
            if isinstance(block, float):
                found += block * few
            else:
                found += sum(block[start : start + few])
            first += few
        return found

    def _pack(self, number: int, block: array[float]) -> None:
        for alike in (0.0, self._width):
            if all(isclose(one, alike, abs_tol=_SAME * self._width) for one in block):
                self._blocks[number] = alike
