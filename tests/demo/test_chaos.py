"""The fault catalogue: each row, over a real socket, gives the status, fault and reason that it must."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmedia_exporter.demo.chaos.catalogue import CHAPTERS, ROWS
from genmedia_exporter.demo.chaos.row import Row
from genmedia_exporter.demo.chaos.tables import as_document
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.transport.network import Network
from tests.demo.playing import Seen, play, targets_of

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with run_in_thread(chaos=True, job_seconds=0.0) as world:
        yield world


@pytest.fixture(scope="module")
def seen(world: World, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return asyncio.run(play(targets_of(world, tmp_path_factory.mktemp("chaos")), Network()))


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_a_fault_gives_what_it_must(row: Row, seen: Seen) -> None:
    """Status, fault and reason; and the wait that the answer asks for, where it can be read."""
    told, found = seen[row.name]
    assert told == row.expected
    wait = found.verdict.retry_after
    assert wait == (None if row.retry_after is None else pytest.approx(row.retry_after, abs=3.0))


def test_no_row_is_a_slip_of_the_world(world: World, seen: Seen) -> None:
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
