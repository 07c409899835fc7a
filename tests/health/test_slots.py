"""Sums by slot: what is kept as one number tells the same as what is kept one by one."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.health.slots import BLOCK, Slots
from genmedia_exporter.health.uptime import Interval
from genmedia_exporter.health.uptime_windows import HOURS, MINUTES, Ring

COUNT = 2 * BLOCK + 7
WIDTH = 60.0


@given(
    st.lists(st.tuples(st.integers(0, COUNT - 1), st.sampled_from((0.0, 12.5, WIDTH)))),
    st.integers(0, COUNT),
    st.integers(0, COUNT),
)
def test_it_tells_what_a_list_would(changes: list[tuple[int, float]], first: int, end: int) -> None:
    """Whatever is set, in whatever order."""
    slots, plain = Slots(COUNT, WIDTH), [0.0] * COUNT
    for slot, seconds in changes:
        slots[slot] = plain[slot] = seconds
    assert [slots[slot] for slot in range(COUNT)] == plain
    assert slots.total(first, end) == pytest.approx(sum(plain[first:end]))


def test_full_ones_stay_exact() -> None:
    """What parts add up to nearly is told as the whole, once time has gone on."""
    slots = Slots(COUNT, WIDTH)
    for slot in range(COUNT):
        for part in (0.1, 0.2, 59.7):
            slots[slot] += part
    assert slots.total(0, COUNT) == COUNT * WIDTH
    slots[5] = 59.0
    assert slots.total(0, COUNT) == COUNT * WIDTH - 1.0


@pytest.mark.parametrize("missing", [0.001, 1.0])
def test_what_is_not_quite_full_stays_so(missing: float) -> None:
    """A millisecond less is less."""
    slots = Slots(BLOCK, WIDTH)
    for slot in range(BLOCK):
        slots[slot] = WIDTH - missing
    assert slots.total(0, BLOCK) == pytest.approx(BLOCK * (WIDTH - missing))
    assert slots[BLOCK - 1] == pytest.approx(WIDTH - missing)


def test_clearing() -> None:
    """Nothing is left."""
    slots = Slots(COUNT, WIDTH)
    slots[0] = 1.0
    slots.clear()
    assert slots.total(0, COUNT) == 0.0


def _size(ring: Ring) -> int:
    return sum(
        sys.getsizeof(block)
        for slots in (ring._down, ring._known)
        for block in slots._blocks
        if not isinstance(block, float)
    )


@pytest.mark.parametrize(("width", "count"), [(60.0, MINUTES), (3_600.0, HOURS)])
def test_a_target_that_is_watched_takes_little(width: float, count: int) -> None:
    """Probe after probe, twice round the ring: at most a few blocks are not one number."""
    ring, start = Ring(width, count), Unix(1_700_000_000.3)
    for number in range(6 * count):
        begun = start + number * width / 3
        ring.add(Interval(begun, begun + width / 3, 1))
    assert _size(ring) < 3 * (4 * BLOCK + 100)
    found = ring.over(count * width / 2, start + 2 * count * width)
    assert found.ratio == 1.0
    assert found.known == pytest.approx(count * width / 2, abs=2 * width)
