"""Whether the checks that a page shows have stopped: an old green is no green."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from genmedia_exporter.core.clock import DAY, Unix

_LATE: Final = 5.0
"""How many of its usual pauses a check may be late."""
_LEAST: Final = 1200.0
"""Seconds of silence that are never too long: caches in between, a restart."""


def has_stopped(times: Iterable[Unix | None], now: Unix) -> bool:
    """Whether no check was made for long, by the usual pause between *times*, or for a day where one is known.

    Paused monitors keep their last result, and a page whose monitor died shows all of them green.
    """
    known = sorted(moment for moment in times if moment is not None)
    if not known:
        return False
    pauses = sorted(later - before for before, later in pairwise(known))
    longest = max(_LEAST, _LATE * pauses[len(pauses) // 2]) if pauses else DAY
    return now - known[-1] > longest
