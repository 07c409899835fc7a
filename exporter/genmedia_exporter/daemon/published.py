"""What the web's thread may read: everything at one moment, immutable, replaced whole."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.config.loader import Config
from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.status import Depth
from genmedia_exporter.daemon.database import OpenedDatabase
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics.selection import Selection, dropped_in_vain
from genmedia_exporter.routing.ranking import policies
from genmedia_exporter.spending.demand import Blocked
from genmedia_exporter.spending.forecast import Forecast, forecast
from genmedia_exporter.spending.limits import Spending, SpendingLimits, limits_of
from genmedia_exporter.spending.planner import blocked_by
from genmedia_exporter.targets.model import (
    NO_TRAFFIC_ACCESS,
    MaintenanceWindow,
    Target,
    TrafficAccess,
)
from genmedia_exporter.targets.source import ConfigSource


@dataclass(frozen=True, slots=True)
class InForce:
    """A configuration in force, and what follows from it alone."""

    config: Config
    targets: tuple[Target, ...]
    limits: SpendingLimits
    policies: Mapping[str, Policy]
    warnings: tuple[str, ...]
    windows: Mapping[str, tuple[MaintenanceWindow, ...]]  # of maintenance, by target
    traffic: TrafficAccess = NO_TRAFFIC_ACCESS

    @classmethod
    def of(cls, source: ConfigSource, database: OpenedDatabase) -> InForce:
        """Return what *source* holds now; but *database* stays, which the process has opened."""
        config, resolution = source.config, source.resolution
        limits = limits_of(config.budget, resolution.accounts.values(), resolution.targets)
        routing = policies(config.routing.policies)
        doubtful = (
            *source.warnings,
            *dropped_in_vain(config),
            *database.warnings(config, resolution),
        )
        warnings = tuple(map(str, doubtful))
        targets = tuple(resolution.targets)
        windows, traffic = resolution.windows, resolution.traffic
        kept = database.kept_in(config, resolution)
        return cls(kept, targets, limits, routing, warnings, windows, traffic)

    @property
    def shown(self) -> Selection:
        """Which metrics are on the page."""
        return Selection(self.config.metrics.profile, self.config.metrics.drop)

    @property
    def scrape_driven(self) -> bool:
        """Whether any target is probed when somebody scrapes."""
        return any(target.schedule == "scrape" for target in self.targets)


@dataclass(frozen=True, slots=True)
class Published:
    """The exporter at one moment. Making one copies references, as many as there are targets at most."""

    snapshot: Snapshot
    tick: Monotonic  # when it was so
    spending: Spending
    ready: bool
    owned: frozenset[str]
    in_force: InForce
    incidents: tuple[Incident, ...] = ()  # open ones first, then the newest

    def forecast(self) -> Forecast:
        """Return what paid probes will cost."""
        return forecast(self.in_force.targets, self.in_force.limits, now=self.snapshot.at)

    def blocked_by(self, name: str, tick: Monotonic) -> Blocked | None:
        """Return why no generation of *name* is bought at monotonic *tick*; None if its pace decides."""
        state, network_ok = self.snapshot.targets.get(name), self.snapshot.network_ok
        if state is None or name not in self.owned or Depth.GENERATE not in state.target.depths:
            return None
        return blocked_by(state, self.in_force.limits, self.spending, tick, network_ok)


REST: Final = 0.1
"""Seconds between two views at least, of changes that nobody waits for: a view touches every target."""


class Publisher:
    """Replaces the published view: at once, or soon, once for many changes.

    Only the event loop's thread publishes; any thread reads.
    """

    def __init__(self, view: Callable[[], Published]) -> None:
        self._view = view
        self._latest: Published | None = None
        self._is_due = False
        self._rests_until = -math.inf  # the event loop's time

    @property
    def latest(self) -> Published:
        """The view published last. Raises RuntimeError before the first."""
        if self._latest is None:
            raise RuntimeError("nothing is published yet")
        return self._latest

    def publish(self) -> None:
        """Let others see how everything is now."""
        self._latest = self._view()

    def publish_soon(self) -> None:
        """Publish when the event loop has run what is ready, but not again at once.

        Until the first view that is too early.
        """
        if self._is_due or self._latest is None:
            return
        self._is_due, loop = True, asyncio.get_running_loop()
        if self._rests_until <= loop.time():
            loop.call_soon(self._publish_due)
        else:
            loop.call_at(self._rests_until, self._publish_due)

    def _publish_due(self) -> None:
        self._is_due = False
        self._rests_until = asyncio.get_running_loop().time() + REST
        self.publish()
