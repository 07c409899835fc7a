"""The same storage on a real PostgreSQL, started for the tests and thrown away after."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.export import export
from genmedia_exporter.storage.one_shot import OneShotDatabase
from genmedia_exporter.storage.place import Place, writing
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import open_store, prepare
from genmedia_exporter.storage.tables import VERSION, version_of
from tests.events import events
from tests.fakes import FakeClock
from tests.postgres import PASSWORD, Server, postgres
from tests.storage.helpers import Life, living


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server; skipped where Debian's postgresql is not installed, but never in CI."""
    with postgres() as running:
        yield running


def test_the_same_statements_work(server: Server) -> None:
    """State, transitions and history are written, read, exported and pruned as on SQLite."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(server.place, clock) as first:
            for reason in (Reason.OK, Reason.SERVER_ERROR, Reason.SERVER_ERROR):
                first.see(reason)
            before = first.state()
        async with living(server.place, clock) as second:
            after = second.state()
            assert after.now.status is Status.DOWN
            assert after.last_transition == before.last_transition
            assert after.depths[Depth.REACH].total == 3
        reader = Reader(server.place)
        assert [r["status"] for r in reader.latest("a", EPOCH, 2, None)] == ["down", "operational"]
        assert "".join(export(reader, "csv", EPOCH)).count("\r\n") == 4
        assert len(list(reader.samples("a", EPOCH))) == 5
        store = open_store(server.place)
        assert store.bound("a", 2) == 1
        assert store.prune(clock.now() + 1) == 4
        store.close()

    asyncio.run(scenario())


def test_a_server_that_goes_and_comes(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Without it the exporter goes on; with it everything noted meanwhile is written."""

    async def scenario() -> None:
        async with living(server.place) as life:
            life.see()
            assert await life.recorder.flush()
            count = len(Reader(server.place).latest("a", EPOCH, 100, None))
            server.stop()
            life.see()
            assert not await life.recorder.flush()
            with pytest.raises(StorageError) as caught:
                Reader(server.place).latest("a", EPOCH, 100, None)
            assert PASSWORD not in str(caught.value)
            server.start()
            assert await life.recorder.flush()
        assert len(Reader(server.place).latest("a", EPOCH, 100, None)) == count + 1

    asyncio.run(scenario())
    assert PASSWORD not in f"{caplog.text} {events(caplog.records)}"


def test_a_command_waits_while_an_exporter_looks_after_the_schema(server: Server) -> None:
    """Both may find an empty database at the same moment; one of them makes the tables."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    async def scenario() -> None:
        work = None
        with writing(server.place).connect() as exporter, exporter.begin():
            prepare(exporter, server.place)
            database = OneShotDatabase(server.place)
            work = asyncio.create_task(database.transact(lambda connection: version_of(connection)))
            async with asyncio.timeout(20):
                while not exporter.execute(waiting).scalar_one():
                    assert not work.done()
                    await asyncio.sleep(0)
        assert await work == VERSION

    asyncio.run(scenario())


def test_a_question_somebody_waits_for_is_given_up(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the server, so that no connection is left working; an export may take its time."""
    monkeypatch.setattr("genmedia_exporter.storage.place.READ_MS", 50)
    open_store(server.place).close()
    slow = select(func.pg_sleep(0.5))
    reader = Reader(server.place, hurried=True)
    with pytest.raises(StorageError, match="statement timeout"):
        reader._all(slow)
    assert len(reader.unhurried()._all(slow)) == 1


def test_urls_that_cannot_be(tmp_path: Path) -> None:
    """A URL of another kind is refused with a sentence that does not repeat it."""
    for url in ("nonsense", f"mysql://u:{PASSWORD}@h/db"):
        with pytest.raises(StorageError, match=r"storage\.url") as caught:
            open_store(Place(tmp_path, Secret(url)))
        assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://exporter@127.0.0.1:{port}/postgres?password={password}",
        "postgres://127.0.0.1/postgres?port={port}&user=exporter&password={password}",
        "postgresql+psycopg://exporter:{password}@127.0.0.1:1,127.0.0.1:{port}/postgres",
    ],
)
def test_every_way_of_writing_a_url_connects(server: Server, url: str, tmp_path: Path) -> None:
    """A password may stand among the options, and there may be several servers."""
    place = Place(tmp_path, Secret(url.format(port=server.port, password=PASSWORD)))
    open_store(place).close()
    Reader(place).check()
    assert PASSWORD not in place.shown


@contextlib.contextmanager
def silenced(pid: int) -> Iterator[None]:
    """Stop the server's process for one connection: it accepts what is sent, and says nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_server_that_says_nothing_holds_up_no_end(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Its connection is cut off after a while, and what could not be written is told; money is reserved before."""

    async def scenario() -> None:
        life = Life(server.place)
        await life.begin()
        assert await life.history.flush()
        asked = lambda c: c.scalar(text("SELECT pg_backend_pid()"))  # noqa: E731
        with silenced(await life.history.transact(asked)):
            life.see(Reason.OK)
            cutting = asyncio.ensure_future(life.history.cut_off(4))
            closing = asyncio.ensure_future(life.history.close())
            await life.clock.advance(3.9)
            assert not closing.done()
            await life.clock.advance(0.2)
            await asyncio.gather(closing, cutting)
        with pytest.raises(StorageError):
            await life.history.transact(asked)
        with pytest.raises(StorageError, match="did not answer until the end"):
            writing(life.place).connect()

    asyncio.run(scenario())
    found = dict(events(caplog.records))
    assert found["history not written at the end"]["probes"] == 1
    assert "database does not answer, cut off" in found


def test_a_file_is_never_cut_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It answers, or says that it cannot."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            cutting = asyncio.ensure_future(life.history.cut_off(4))
            await life.clock.advance(5)
            await cutting
            life.see(Reason.OK)
            assert await life.history.flush()

    asyncio.run(scenario())
    assert not caplog.records
