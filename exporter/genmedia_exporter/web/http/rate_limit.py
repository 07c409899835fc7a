"""`rate_limit` of the web file: one token bucket for all requests, as exporter-toolkit has it."""

from __future__ import annotations

from dataclasses import dataclass

from genmedia_exporter.core.clock import Clock


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One request each *interval* seconds, and *burst* of them at once after a pause."""

    interval: float
    burst: int


class Limiter:
    """Lets requests through as long as there are tokens."""

    def __init__(self, limit: RateLimit, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._tokens = float(limit.burst)
        self._at = clock.monotonic()

    def wait(self) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        now = self._clock.monotonic()
        gained = (now - self._at) / self.limit.interval
        self._tokens = min(float(self.limit.burst), self._tokens + gained)
        self._at = now
        if self._tokens < 1:
            return (1 - self._tokens) * self.limit.interval
        self._tokens -= 1
        return 0.0
