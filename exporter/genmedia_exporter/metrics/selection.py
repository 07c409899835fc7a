"""Which metrics are shown: all, or the slim profile, less what the configuration drops by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal

from genmedia_exporter.config.loader import Config
from genmedia_exporter.config.problems import Problem
from genmedia_exporter.config.values import quote
from genmedia_exporter.metrics import catalogue
from genmedia_exporter.metrics.exposition import Family
from genmedia_exporter.metrics.incidents import INCIDENT_FAMILIES
from genmedia_exporter.metrics.state_sets import ONLY_FULL, ONLY_SLIM

Profile = Literal["full", "slim"]

NOT_SLIM: Final = (
    catalogue.PROBE_LATENCY,
    catalogue.PROBE_PHASE,
    catalogue.PROBE_HTTP_STATUS,
    catalogue.PAGE_LEAD,
    catalogue.TARGET_SINCE,
    catalogue.TARGET_VERIFIED,
    catalogue.STABILITY,
    catalogue.TARGET_EVIDENCE,
)
"""What the slim profile leaves out. No rule needs it; some panels of the dashboards do."""
_NOT_SHOWN_SLIM: Final = ONLY_FULL | frozenset(NOT_SLIM)
FOREIGN: Final = ("process_", "python_")
"""How metrics begin that the catalogue does not list."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Says of each metric whether it is shown."""

    profile: Profile = "full"
    drop: Sequence[str] = ()  # globs of names

    def shows(self, family: Family) -> bool:
        """Whether *family* is on the page."""
        slim = self.profile == "slim"
        if family in (_NOT_SHOWN_SLIM if slim else ONLY_SLIM):
            return False
        names = {family.name, family.base}
        return not any(fnmatchcase(name, glob) for glob in self.drop for name in names)


EVERYTHING: Final = Selection()


def fits_any(glob: str) -> bool:
    """Whether *glob* fits the name of a metric, or may fit one that we do not list."""
    families = (*catalogue.FAMILIES, *INCIDENT_FAMILIES)
    names = {name for family in families for name in (family.name, family.base)}
    return glob.startswith(FOREIGN) or any(fnmatchcase(name, glob) for name in names)


def dropped_in_vain(config: Config) -> Iterator[Problem]:
    """Yield a warning for each glob of `metrics.drop` that fits nothing."""
    for number, glob in enumerate(config.metrics.drop):
        if not fits_any(glob):
            yield config.places.problem(
                ("metrics", "drop", number),
                f"no metric is called {quote(glob)}",
                "docs/metrics.md lists them",
                severity="warning",
            )
