"""The budget holds through crashes, stepped clocks, reloads and a failing disk: a few lives of many.

`python -m tests.bench.money` plays a thousand.
"""

from __future__ import annotations

import dataclasses
import logging

import pytest

from tests.bench.sim.clock import EPOCH
from tests.bench.sim.lives import Life, Limit, live
from tests.bench.sim.world import Charge


@pytest.mark.parametrize("seed", range(1, 16))
def test_the_world_never_charges_more_than_the_budget(seed: int) -> None:
    """By the world's own count, at every charge, in the day and in the month."""
    logging.disable(logging.CRITICAL)  # what is told of a failing disk is no news here
    try:
        life = live(seed)
    finally:
        logging.disable(logging.NOTSET)
    assert life.breaches() == []


def test_a_breach_is_seen() -> None:
    """A charge above the day's budget is told; the same on another day is not."""
    charges = [(10.0, Charge(EPOCH, "a", 600_000)), (20.0, Charge(EPOCH + 60, "a", 600_000))]
    life = Life(1, "UTC", [Limit(0.0, 1.0, 31.0)], charges)
    assert life.breaches() == ["2026-11-23: $1.2000 charged, $1.0000 allowed"]
    later = dataclasses.replace(charges[1][1], at=EPOCH + 86_400)
    assert Life(1, "UTC", life.limits, [charges[0], (20.0, later)]).breaches() == []
