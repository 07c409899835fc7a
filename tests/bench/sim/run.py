"""One schedule, watched by each monitor in a world of its own."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genmedia_exporter.core.evidence import Hints
from genmedia_exporter.core.status import Outcome
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network
from tests.bench.sim.article import EVERY, ArticleMonitor
from tests.bench.sim.clock import SimClock, simulate
from tests.bench.sim.fleet import Watched, configuration
from tests.bench.sim.network import InProcessNetwork
from tests.bench.sim.ours import Ours, in_memory, without_sockets
from tests.bench.sim.schedule import DAY, Fault
from tests.bench.sim.timeline import Timelines
from tests.bench.sim.world import SimWorld, Trouble, showable

WARM_UP: Final = 3_600.0
"""Seconds of quiet before the schedule begins: the first round, and a baseline for what is slow."""
ALWAYS_SEEN: Final = frozenset({"slow", "flaky"})
"""Kinds that a free depth shows over time, if not in every single answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is watched, what goes wrong, and for how long."""

    watched: Sequence[Watched]
    faults: Sequence[Fault]  # from the schedule's beginning
    days: float
    seed: int
    daily_usd: float = 1.0

    @property
    def seconds(self) -> float:
        """How long the world lives: from the midnight of the budget to another.

        A part of a day would be counted with the whole of its budget.
        """
        return math.ceil((WARM_UP + self.days * DAY) / DAY) * DAY

    def shifted(self) -> list[Fault]:
        """Return the faults on the world's clock, each of a kind that its service can show."""
        service = {w.name: w.service for w in self.watched}
        return [
            Fault(f.target, showable(service[f.target], f.kind), f.start + WARM_UP, f.end + WARM_UP)
            for f in self.faults
        ]

    def world(self, clock: SimClock, faults: Sequence[Fault] | None = None) -> SimWorld:
        """Return a fresh world in which the faults happen."""
        slugs = {w.name: w.slug for w in self.watched}
        loop = asyncio.get_running_loop()
        troubles = [
            Trouble(slugs[f.target], f.kind, f.start, f.end)
            for f in (self.shifted() if faults is None else faults)
        ]
        services = {w.slug: w.service for w in self.watched}
        return SimWorld(services, troubles, loop.time, clock.now, self.seed)

    def write(self, folder: str) -> Path:
        """Write the exporter's configuration and return the file."""
        path = Path(folder) / "genmedia.yml"
        database = str(Path(folder) / "genmedia.db")
        path.write_text(configuration(self.watched, self.daily_usd, database), "utf-8")
        return path


@dataclass(frozen=True, slots=True)
class Watch:
    """What a monitor said, and what the world charged for it."""

    lines: Timelines
    usd_per_day: float
    requests: int


def watch_ours(case: Case, told: Callable[[float], None] = lambda _share: None) -> Watch:
    """Let the exporter watch."""

    async def main() -> Watch:
        clock = SimClock()
        world = case.world(clock)
        folder = tempfile.TemporaryDirectory(prefix="genmedia-bench-", dir=in_memory())
        with folder as path, without_sockets(InProcessNetwork(world)):
            ours = Ours(case.write(path), clock)
            async with ours.running():
                await _live(case.seconds, told)
        return Watch(ours.timelines, world.usd / case.seconds * DAY, world.requests)

    return simulate(main())


def watch_article(case: Case, told: Callable[[float], None] = lambda _share: None) -> Watch:
    """Let the article's monitor watch."""

    async def main() -> Watch:
        clock = SimClock()
        world = case.world(clock)
        network = InProcessNetwork(world)
        targets = _targets(case, clock)
        spread = EVERY / max(1, len(targets))
        monitors = [ArticleMonitor(t, network, clock, spread * n) for n, t in enumerate(targets)]
        tasks = [asyncio.create_task(m.run()) for m in monitors]
        await _live(case.seconds, told)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        lines = {t.name: m.timeline for t, m in zip(targets, monitors, strict=True)}
        return Watch(lines, world.usd / case.seconds * DAY, world.requests)

    return simulate(main())


async def _live(seconds: float, told: Callable[[float], None]) -> None:
    """Let the world's time pass, and tell now and then how much of it has."""
    for step in range(100):
        await asyncio.sleep(seconds / 100)
        told((step + 1) / 100)


def check(case: Case) -> None:
    """Raise Problems where the exporter would not take a target as it is named."""
    _targets(case, None)


def _targets(case: Case, clock: SimClock | None) -> Sequence[Target]:
    with tempfile.TemporaryDirectory(prefix="genmedia-bench-") as folder:
        source = ConfigSource(case.write(folder), {}, clock)
        source.load()
        return source.resolution.targets


def free_visible(case: Case) -> Callable[[Fault], bool]:
    """Return whether a free depth shows a fault: each is tried once on each target it befalls."""

    async def main() -> set[tuple[str, str]]:
        clock, shown = SimClock(), set()
        targets = {t.name: t for t in _targets(case, clock)}
        for name, kind in sorted({(f.target, f.kind) for f in case.shifted()}):
            world = case.world(clock, [Fault(name, kind, 0.0, float("inf"))])
            if kind in ALWAYS_SEEN or await _shows(targets[name], InProcessNetwork(world), clock):
                shown.add((name, kind))
        return shown

    seen = simulate(main())
    return lambda fault: (fault.target, fault.kind) in seen


async def _shows(target: Target, network: Network, clock: SimClock) -> bool:
    prober = Prober(network, clock)
    for depth in (d for d in target.depths if d.free):
        found = await prober.probe(target, depth, Hints(worked_before=True))
        if found.verdict.outcome is not Outcome.SUCCESS:
            return True
    return False
