"""What falls due in a moment starts right after a probe has ended: a wake-up costs as much as half a probe."""

from __future__ import annotations

from itertools import pairwise

import pytest

from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import jitter_offset
from genmedia_exporter.probing.scheduler import EARLY
from tests.fakes import make_target
from tests.probing.test_scheduler import Stage, play

REACH = Depth.REACH
INTERVAL = 2.0
NAMES = [f"t{number}" for number in range(40)]


def starts(takes: float) -> dict[str, list[float]]:
    """Return when each of forty targets was probed in twenty seconds, after the first rounds."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(25)

    targets = [make_target(name, depths=(REACH,), intervals={REACH: INTERVAL}) for name in NAMES]
    stage = play(targets, act, takes=takes, in_flight=1_000)
    return {name: [at for at in stage.probes.times(name, REACH) if at > 5.0] for name in NAMES}


def early(name: str, at: float) -> float:
    """Return by how many seconds *at* is before a turn of *name*."""
    before = (jitter_offset(name, REACH, INTERVAL) - at) % INTERVAL
    return before if before < INTERVAL - 1e-6 else 0.0


@pytest.mark.parametrize("takes", [0.001, 0.01])
def test_each_turn_is_taken_once_and_at_most_a_moment_early(takes: float) -> None:
    """Who was early and quick is not probed once more at its own turn."""
    found = starts(takes)
    assert all(early(name, at) <= EARLY + 1e-6 for name, times in found.items() for at in times)
    gaps = [two - one for times in found.values() for one, two in pairwise(times)]
    assert all(abs(gap - INTERVAL) <= EARLY + 1e-6 for gap in gaps)
    assert {len(times) for times in found.values()} <= {9, 10, 11}


def test_some_are_early_where_many_are_probed() -> None:
    """Twenty probes a second: one that ends often finds another that is nearly due."""
    found = starts(0.001)
    before = [early(name, at) for name, times in found.items() for at in times]
    assert sum(seconds > 0.001 for seconds in before) > len(before) / 10


def test_nothing_is_early_without_one_that_ends() -> None:
    """A target alone keeps its turn to the millisecond."""

    async def act(stage: Stage) -> None:
        await stage.clock.advance(20)

    stage = play([make_target("a", depths=(REACH,), intervals={REACH: INTERVAL})], act)
    times = [at for at in stage.probes.times("a", REACH) if at > INTERVAL]
    assert len(times) >= 8
    assert {round(early("a", at), 3) for at in times} == {0.0}
