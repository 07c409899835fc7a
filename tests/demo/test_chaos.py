"""The fault catalogue: each row, over a real socket, gives the status, fault and reason that it must."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from genmedia_exporter.core.clock import Clock, SystemClock
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.demo.chaos.catalogue import CHAPTERS, ROWS
from genmedia_exporter.demo.chaos.row import Row
from genmedia_exporter.demo.chaos.tables import as_configuration, as_document
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.health.board import Board
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network
from tests.drivers.generating import Customer, JumpingClock

ROOT = Path(__file__).parent.parent.parent
TIMEOUT = "2s"
AT_ONCE = 32
"""Probes in flight: more, and a small machine makes the right answers late."""

PATIENCE = 30.0
"""Seconds for a second look at what was late."""

Told = tuple[str, str, str]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with run_in_thread(chaos=True, job_seconds=0.0) as world:
        yield world


@pytest.fixture(scope="module")
def targets(world: World, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Target]:
    """Every row as a target, by the configuration that people are given."""
    file = tmp_path_factory.mktemp("chaos") / "genmedia.yml"
    text = as_configuration(world.stage.addresses).replace("timeout: 2s", f"timeout: {TIMEOUT}")
    file.write_text(text.replace("{folder}", str(file.parent)), "utf-8")
    source = ConfigSource(file, {}, SystemClock())
    source.load()
    return {target.name: target for target in source.resolution.targets}


@pytest.fixture(scope="module")
def seen(targets: Mapping[str, Target]) -> Mapping[str, tuple[Told, Observation]]:
    """What became of each row: the status on the board, and the probe."""
    return asyncio.run(_probe_all(targets))


async def _probe_all(targets: Mapping[str, Target]) -> dict[str, tuple[Told, Observation]]:
    network, slots = Network(), asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> tuple[Told, Observation]:
        async with slots:
            return await _probe(target, network)

    found = await asyncio.gather(*map(one, targets.values()))
    seen = dict(zip(targets, found, strict=True))
    for name, (told, _) in seen.items():
        wanted = ROWS[name].expected
        if _is_late(told) and told != wanted:
            patience = PATIENCE if not _is_late(wanted) else targets[name].timeout
            seen[name] = await _probe(replace(targets[name], timeout=patience), network)
    return seen


def _is_late(told: Told) -> bool:
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


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_a_fault_gives_what_it_must(row: Row, seen: Mapping[str, tuple[Told, Observation]]) -> None:
    """Status, fault and reason; and the wait that the answer asks for, where it can be read."""
    told, found = seen[row.name]
    assert told == row.expected
    wait = found.verdict.retry_after
    assert wait == (None if row.retry_after is None else pytest.approx(row.retry_after, abs=3.0))


def test_no_row_is_a_slip_of_the_world(
    world: World, seen: Mapping[str, tuple[Told, Observation]]
) -> None:
    """What looks like a fault is the one that was meant."""
    assert len(seen) == len(ROWS)
    assert world.ledger.slips == 0


def test_names_and_words_are_in_order() -> None:
    """No name twice, short ones, and a sentence for each."""
    assert sum(map(len, CHAPTERS.values())) == len(ROWS) >= 137
    for row in ROWS.values():
        assert 3 <= len(row.name) <= 30
        assert 1 < len(row.says) < 80


def test_the_documentation_is_current() -> None:
    """Anew with: python -m genmedia_exporter.demo.chaos.tables > docs/chaos.md."""
    assert (ROOT / "docs" / "chaos.md").read_text("utf-8") == as_document()
