"""Killed at random moments: what was written stays, and what was paid is known."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.spending import statements as ledger
from genmedia_exporter.spending.statements import JobRow
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.store import open_store
from tests.bench.kill import kill
from tests.fakes import START
from tests.storage.aftermath import contradictions, losses, read
from tests.storage.helpers import living


def test_killed_at_random_moments() -> None:
    """A few of the lives that tests.bench.kill lives by the hundred, and an orderly last one."""
    killing = kill(["starting", "probing", "paying", "starting", "probing"], seed=4)
    assert killing.wrong == []
    assert killing.found.ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with probes, transitions, and a booking whose job is under way."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            for reason in (Reason.OK, Reason.INVALID_KEY, Reason.INVALID_KEY, Reason.OK):
                life.see(reason)

    asyncio.run(scenario())
    store = open_store(Place(tmp_path / "g.db"))
    at = ledger.Reservation(1, "a", "here", 0.5, START)
    with sqlite3.connect(tmp_path / "g.db") as db:
        db.execute(
            "INSERT INTO ledger VALUES (1, 'a', 'here', ?, 0.5, NULL)",
            (START,),
        )
    db.close()
    store.transact(lambda c: ledger.keep_job(c, JobRow(at, "x", START, "{}")))
    store.close()
    return tmp_path / "g.db"


BREAKS = {
    "a record gone": ("DELETE FROM history WHERE id = 2", "history 2 vanished"),
    "a record twice": (
        "INSERT INTO history SELECT 99, target, at, depth, status, up, holds, duration, "
        "http_status, fault, reason, message, cost_usd FROM history WHERE id = 1",
        "recorded 2 times",
    ),
    "a record that is another": (
        "UPDATE history SET duration = 9",
        "history 1 vanished or changed",
    ),
    "a transition gone": ("DELETE FROM transitions WHERE id = 2", "a gap in its transitions"),
    "a state that is older": (
        "UPDATE target_state SET changes = 0",
        "changes or added_at went back",
    ),
    "another status": ("UPDATE target_state SET status = 'down'", "its last transition is to"),
    "a state gone": ("DELETE FROM target_state", "the state of a vanished"),
    "counters that are older": (
        """UPDATE target_state SET depths = replace(depths, '"total": 4', '"total": 3')""",
        "total went back from 4 to 3",
    ),
    "a booking gone": ("DELETE FROM ledger", "booking 1 vanished"),
    "a booking that is less": ("UPDATE ledger SET reserved_usd = 0.1", "booking 1 changed"),
    "a job gone": ("DELETE FROM jobs", "the job of booking 1 vanished unsettled"),
    "a job of nobody": ("UPDATE jobs SET reservation = 7", "a job without its reservation"),
    "a job that is settled": ("UPDATE ledger SET settled_usd = 0.5", "settled already"),
    "another schema": ("UPDATE schema_version SET version = 0", "schema versions: [0]"),
    "a table gone": ("DROP TABLE settings", "tables: ["),
}


@pytest.mark.parametrize(("statement", "told"), BREAKS.values(), ids=BREAKS.keys())
def test_what_must_not_be_is_found(path: Path, statement: str, told: str) -> None:
    """The checks pass on what an orderly life left, and see each thing that can be wrong."""
    before, wrong = read(path)
    assert wrong + list(contradictions(before)) + list(losses(before, before)) == []
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()
    after, wrong = read(path)
    found = [*wrong, *contradictions(after), *losses(before, after)]
    assert told in "\n".join(found)
