"""Sets of states: the full profile has a series for each word, the slim one a series for the present word.

Both are called alike, and are two families all the same: a page has the one or the other, never both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from genmedia_exporter.core.status import Fault, Status
from genmedia_exporter.metrics import catalogue
from genmedia_exporter.metrics.exposition import Family, Writer


@dataclass(frozen=True, slots=True)
class StateSet:
    """One metric that says which of some words is true now."""

    full: Family
    """0 or 1 for each word."""
    slim: Family
    """1 for the present word, and nothing of the others. Of the same name."""
    words: tuple[str, ...]

    def add(self, writer: Writer, present: str) -> None:
        """Add the samples of both profiles; a page shows those of one."""
        writer.add_states(self.full, self.words, present)
        writer.add(self.slim, 1, present)


def _of(family: Family, words: type[Status | Fault]) -> StateSet:
    return StateSet(family, replace(family), tuple(word.value for word in words))


STATUS: Final = _of(catalogue.TARGET_STATUS, Status)
FAULT: Final = _of(catalogue.TARGET_FAULT, Fault)
STATE_SETS: Final = (STATUS, FAULT)
ONLY_FULL: Final = frozenset(one.full for one in STATE_SETS)
ONLY_SLIM: Final = frozenset(one.slim for one in STATE_SETS)
