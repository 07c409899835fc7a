"""The last observation of each target at each depth, cut for keeping; for people who ask to see one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.probing.due_queue import Key

KEPT_BODY = 4_096
"""Bytes of an answer kept for a person to read after the probe."""


class LastSeen:
    """Holds one observation for each key, with the monotonic moment it came."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[float, Observation]] = {}

    def keep(self, key: Key, found: Observation, tick: float) -> Observation:
        """Keep *found* in place of the one before; return it as it is kept."""
        exchanges = tuple(replace(e, body=e.body[:KEPT_BODY]) for e in found.evidence.exchanges)
        cut = replace(found, evidence=replace(found.evidence, exchanges=exchanges))
        self._kept[key] = (tick, cut)
        return cut

    def since(self, key: Key, tick: float) -> Observation | None:
        """Return the observation of *key* if it came after monotonic *tick*, else None."""
        at, found = self._kept.get(key, (tick, None))
        return found if at > tick else None

    def retain(self, wanted: Callable[[str], bool]) -> None:
        """Forget every target whose name *wanted* refuses."""
        self._kept = {key: kept for key, kept in self._kept.items() if wanted(key[0])}
