"""Max-min fair shares by water filling: nobody gets more while somebody who wants more gets less. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence


def fair_shares(demands: Sequence[float], total: float) -> list[float]:
    """Return what each gets of *total*: its demand, or the water level where that is lower."""
    level = water_level(demands, total)
    return [min(demand, level) for demand in demands]


def water_level(demands: Sequence[float], total: float) -> float:
    """Return the level at which all demands are cut so that they sum up to *total*.

    Serve the smallest demand first: whoever wants less than an equal part of what is left gets it
    all, and what it leaves is divided among the others. Infinite where everybody is served in full.
    """
    left = total
    for place, demand in enumerate(sorted(demands)):
        level = left / (len(demands) - place)
        if demand > level:
            return max(0.0, level)
        left -= demand
    return math.inf
