"""Storage in trouble: killed, locked, full, read-only, deleted, corrupt. Probing goes on in all cases."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.storage import worker
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import open_store
from genmedia_exporter.storage.tables import transitions
from tests.events import events
from tests.fakes import FakeClock, settle
from tests.storage.helpers import Life, living, rows_in

ROOT = Path(__file__).parent.parent.parent
WRITER = [sys.executable, "-m", "tests.storage.writer"]
KILLS = 30


def check_whole(path: Path) -> int:
    """Assert that the file is sound and that its tables agree; return the number of probes."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()
    store = open_store(Place(path))
    probes, moved = rows_in(store), rows_in(store, transitions)
    saved = store.saved().get("a")
    store.close()
    if saved is None:
        assert (probes, moved) == (0, 0)
        return 0
    assert probes == sum(d.total for d in saved.depths.values())
    assert moved == saved.changes + 1
    return probes


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Thirty kills: no corruption; state, transitions and history are always of one batch."""
    chance = random.Random(4)  # noqa: S311
    path, before = tmp_path / "g.db", 0
    for _ in range(KILLS):
        process = subprocess.Popen([*WRITER, "endless", path], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        if chance.random() < 0.8:
            assert process.stdout.readline() == b"writing\n"
        killer = threading.Timer(chance.uniform(0.0, 0.15), process.kill)
        killer.start()
        process.wait(30)
        process.stdout.close()
        killer.join()
        if path.exists():
            after = check_whole(path)
            assert after >= before
            before = after
    assert before > 7 * KILLS


def test_a_full_disk(tmp_path: Path) -> None:
    """What does not fit is kept in memory and written when there is room again."""
    done = subprocess.run(
        [*WRITER, "full", tmp_path / "g.db"], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.stdout.startswith("survived"), done.stderr
    seen, dropped = map(int, done.stdout.split()[1:])
    assert dropped == 0
    assert check_whole(tmp_path / "g.db") == seen
    assert "storage failed" in done.stderr


def test_a_read_only_folder(tmp_path: Path) -> None:
    """It is said once, and the exporter works without."""
    tmp_path.chmod(0o555)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    done = subprocess.run(
        [*WRITER, "read_only", tmp_path / "g.db"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.stdout == "survived\n", done.stderr
    assert done.stderr.count("storage failed") == 1


def test_a_corrupt_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Random bytes are not overwritten; once they are moved away everything known is written."""
    path = tmp_path / "g.db"
    rubbish = random.Random(1).randbytes(20_000)  # noqa: S311
    path.write_bytes(rubbish)

    async def scenario() -> None:
        async with living(path) as life:
            for _ in range(3):
                life.see()
                assert not await life.recorder.flush()
            assert path.read_bytes() == rubbish
            path.rename(tmp_path / "bad")
            assert await life.recorder.flush()
            assert life.told[-1] == (True, 0)
        assert check_whole(path) == 3

    with caplog.at_level(logging.INFO):
        asyncio.run(scenario())
    failed, recovered = [one for one in events(caplog.records) if one[0].startswith("storage")]
    assert failed[0] == "storage failed, history is kept in memory"
    assert "not a database" in str(failed[1]["err"])
    assert recovered == ("storage recovered", {"database": str(path), "dropped": 0})


def test_a_deleted_file(tmp_path: Path) -> None:
    """A new one is made, with the state of all targets."""

    async def scenario() -> None:
        path = tmp_path / "g.db"
        async with living(path) as life:
            life.see()
            assert await life.recorder.flush()
            for name in ("g.db", "g.db-wal", "g.db-shm"):
                (tmp_path / name).unlink(missing_ok=True)
            life.see()
            assert not await life.recorder.flush()
            assert await life.recorder.flush()
        store = open_store(Place(path))
        assert store.saved()["a"].depths[Depth.REACH].total == 2
        assert rows_in(store) == 1
        store.close()

    asyncio.run(scenario())


def test_a_locked_file(tmp_path: Path) -> None:
    """While a tool holds the file nothing is written, and nothing is lost."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            life.see()
            assert await life.recorder.flush()
            tool = sqlite3.connect(tmp_path / "g.db", isolation_level=None)
            tool.execute("begin immediate")
            life.see()
            assert not await life.recorder.flush()
            assert not life.recorder.ok
            tool.execute("rollback")
            tool.close()
            assert await life.recorder.flush()
            assert life.recorder.ok
        assert check_whole(tmp_path / "g.db") == 2

    asyncio.run(scenario())


def test_a_disk_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What does not come back is told; when it does, all is written."""
    monkeypatch.setattr(worker, "LATE_SECONDS", 0.0)
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            life.told.clear()
            disk = threading.Event()
            asked = asyncio.ensure_future(life.recorder.transact(lambda _: disk.wait()))
            await settle()
            assert (life.recorder.ok, life.told) == (False, [(False, 0)])
            life.see()
            written = asyncio.ensure_future(life.recorder.flush())
            disk.set()
            assert await asked
            assert await written
            assert life.recorder.ok

    asyncio.run(scenario())
    assert check_whole(tmp_path / "g.db") == 1
    told = [event for event, _ in events(caplog.records)]
    assert told.count("storage does not respond") == told.count("storage responds again") > 0


def test_memory_is_bounded(tmp_path: Path) -> None:
    """Beyond the capacity the oldest probes go, and are counted; fewer transitions, and states, stay."""
    path = tmp_path / "g.db"
    path.write_bytes(b"x" * 5_000)

    async def scenario() -> None:
        async with living(path, capacity=50) as life:
            for number in range(90):
                life.see(Reason.OK if number % 9 == 0 else Reason.SERVER_ERROR)
            changes = life.state().changes
            assert not await life.recorder.flush()
            assert life.told[-1] == (False, 40)
            path.unlink()
            assert await life.recorder.flush()
        store = open_store(Place(path))
        assert rows_in(store) == 50
        assert rows_in(store, transitions) == changes + 1
        assert store.saved()["a"].depths[Depth.REACH].total == 90
        store.close()

    asyncio.run(scenario())


def test_transitions_are_bounded(tmp_path: Path) -> None:
    """A target that goes up and down for days without storage fills no memory either."""
    path = tmp_path / "g.db"
    path.write_bytes(b"x" * 5_000)

    async def scenario() -> None:
        async with living(path, capacity=10) as life:
            for number in range(60):
                life.see(Reason.OK if number % 4 < 2 else Reason.SERVER_ERROR)
                if number % 7 == 0:
                    assert not await life.recorder.flush()
            moved = life.state().changes + 1
            assert moved > 20
            assert not await life.recorder.flush()
            assert life.told[-1] == (False, 50 + moved - 10)
            path.unlink()
            assert await life.recorder.flush()
        store = open_store(Place(path))
        assert (rows_in(store), rows_in(store, transitions)) == (10, 10)
        store.close()

    asyncio.run(scenario())


def test_the_writer_runs_by_itself(tmp_path: Path) -> None:
    """Every second of the clock what is noted gets written; after trouble it backs off."""

    async def scenario() -> None:
        clock = FakeClock()
        life = Life(tmp_path / "g.db", clock)
        await life.begin()
        running = asyncio.create_task(life.recorder.run())
        life.see()
        reader = Reader(life.place)
        while not reader.latest("a", EPOCH, 1, None):
            await clock.advance(1.0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await life.history.close()

    asyncio.run(scenario())
