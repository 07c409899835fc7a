"""Plays the fault catalogue: a world that serves every row, its targets, and what probes make of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from genmedia_exporter.core.clock import Clock, SystemClock
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.demo.chaos.catalogue import ROWS
from genmedia_exporter.demo.chaos.tables import as_configuration
from genmedia_exporter.demo.world import World
from genmedia_exporter.health.board import Board
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network
from tests.drivers.generating import Customer, JumpingClock

TIMEOUT = "2s"
AT_ONCE = 32
"""Probes in flight: more, and a small machine makes the right answers late."""

PATIENCE = 60.0
"""Seconds for a second look at what was late."""

Told = tuple[str, str, str]
Seen = Mapping[str, tuple[Told, Observation]]
"""What became of each row: the status on the board, and the probe."""


def targets_of(world: World, folder: Path) -> Mapping[str, Target]:
    """Return every row as a target, by the configuration that people are given."""
    file = folder / "genmedia.yml"
    text = as_configuration(world.stage.addresses).replace("timeout: 2s", f"timeout: {TIMEOUT}")
    file.write_text(text.replace("{folder}", str(folder)), "utf-8")
    source = ConfigSource(file, {}, SystemClock())
    source.load()
    return {target.name: target for target in source.resolution.targets}


async def play(targets: Mapping[str, Target], network: Network) -> Seen:
    """Probe each of *targets* once over *network*; what was late has a second chance."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> tuple[Told, Observation]:
        async with slots:
            return await _probe(target, network)

    found = await asyncio.gather(*map(one, targets.values()))
    seen = dict(zip(targets, found, strict=True))
    for name, (told, _) in seen.items():
        wanted = ROWS[name].expected
        if is_late(told) and told != wanted:
            patience = PATIENCE if not is_late(wanted) else targets[name].timeout
            seen[name] = await _probe(replace(targets[name], timeout=patience), network)
    return seen


def is_late(told: Told) -> bool:
    """Whether a time-out decided; on a busy machine right answers are late, too."""
    return told[2] in ("connect_timeout", "response_timeout", "body_timeout")


async def _probe(target: Target, network: Network) -> tuple[Told, Observation]:
    (depth,) = target.depths
    # A generation waits by jumping, so each has a clock of its own.
    clock: Clock = JumpingClock() if depth is Depth.GENERATE else SystemClock()
    prober = Prober(network, clock)
    board = Board(clock, patience=False)
    board.configure([target], {}, [])
    if depth is Depth.GENERATE:
        found = await prober.generate(target, Customer(clock).run())
    else:
        found = await prober.probe(target, depth)
    board.observe(found.evidence, found.verdict)
    board.review()
    state = board.state(target.name)
    assert state is not None
    return (str(state.now.status), str(state.now.fault), str(state.now.reason)), found
