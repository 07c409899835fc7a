"""Which probes may use a connection of an earlier one: those of warm targets, but never all of them."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.engine.kept import Reuse

FRESH_EVERY: Final = 10
"""At least every so many probes of a target at a depth one resolves, connects and shakes hands anew."""


class ReusePolicy:
    """Counts, for each target and depth, the probes since a fresh one."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, Depth], int] = {}  # probes that may reuse before a fresh one

    def now(self, target: Target, depth: Depth) -> Reuse:
        """Return what the next probe may do."""
        if target.connection == "fresh":
            return "never"
        return "now" if self._left.get((target.name, depth), 0) > 0 else "later"

    def made(self, target: Target, depth: Depth, seen: Observation) -> None:
        """Note a probe: after a failure, and when it is time, the next one is fresh."""
        if target.connection == "fresh":
            return
        key = (target.name, depth)
        if not seen.verdict.success:
            self._left.pop(key, None)
        elif seen.evidence.reused:
            self._left[key] = self._left.get(key, 0) - 1
        else:
            self._left[key] = FRESH_EVERY - 1
