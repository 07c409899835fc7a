"""The token bucket of paid probes: what may be spent now, replayed from what was spent lately. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from genmedia_exporter.core.clock import DAY, Unix

REPLAY_SECONDS: Final = 2 * DAY
"""The bucket counts as full this long ago: two days' refill is more than it can hold."""


class Booking(NamedTuple):
    """One amount in the ledger."""

    at: Unix
    usd: float


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """Holds up to *capacity_usd*; *usd_per_day* flows in evenly, every booking flows out.

    It may be overdrawn: urgent probes do not wait for it, and the ledger may book more than was
    reserved. Then it takes longer until there is enough for the next.
    """

    capacity_usd: float
    usd_per_day: float

    def level(self, bookings: Iterable[Booking], now: Unix) -> float:
        """Return what is in it at *now* (Unix seconds), in US dollars.

        A booking from the future counts as one of now: a clock is or was wrong.
        """
        level, at = self.capacity_usd, now - REPLAY_SECONDS
        for then, usd in sorted((min(booking.at, now), booking.usd) for booking in bookings):
            if then >= at:
                level, at = self._refilled(level, then - at) - usd, then
        return self._refilled(level, now - at)

    def _refilled(self, level: float, seconds: float) -> float:
        return min(self.capacity_usd, level + self.usd_per_day * seconds / DAY)
