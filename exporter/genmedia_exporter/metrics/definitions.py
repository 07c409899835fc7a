"""How the metrics of one kind of thing are defined, one after the other, and kept in that order."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.metrics.exposition import Family, Kind

_CACHED: Final = " Cached: probes run on a timer, unless schedule is scrape."


class Definitions:
    """The metrics of one kind of thing. Names are given without the prefix, labels with spaces between."""

    def __init__(self) -> None:
        self._families: list[Family] = []

    def define(self, name: str, kind: Kind, labels: str, help_text: str) -> Family:
        """Define a metric of any *kind*."""
        family = Family(f"genmedia_{name}", kind, help_text, tuple(labels.split()))
        self._families.append(family)
        return family

    def gauge(self, name: str, labels: str, help_text: str) -> Family:
        """Define a value that goes up and down."""
        return self.define(name, Kind.GAUGE, labels, help_text)

    def counter(self, name: str, labels: str, help_text: str) -> Family:
        """Define a count that only grows."""
        return self.define(name, Kind.COUNTER, labels, help_text)

    def cached(self, name: str, kind: Kind, labels: str, help_text: str) -> Family:
        """Define a metric of *kind* that tells of the last probe, whenever that was."""
        return self.define(name, kind, labels, help_text + _CACHED)

    @property
    def families(self) -> tuple[Family, ...]:
        """All of them, in the order of their definition."""
        return tuple(self._families)
