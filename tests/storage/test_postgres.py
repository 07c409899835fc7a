"""The same storage on a real PostgreSQL, started for the tests and thrown away after."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.reasons import Reason
from exporter.secret import Secret
from exporter.status import Depth, Status
from exporter.storage.export import export
from exporter.storage.place import Place
from exporter.storage.reader import Reader
from exporter.storage.store import open_store
from exporter.storage.tables import StorageError
from tests.fakes import FakeClock
from tests.storage.helpers import living

FOLDERS = [Path("/usr/lib/postgresql") / str(v) / "bin" for v in range(20, 12, -1)]
PASSWORD = "canary-p4ss"

pytestmark = pytest.mark.timeout(120)


def binaries() -> Path | None:
    """Return where the server's programs are, or None."""
    return next((folder for folder in FOLDERS if (folder / "initdb").exists()), None)


class Server:
    """A PostgreSQL of our own on a free port."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self._programs = programs
        self._as: dict[str, int] = {}
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid}
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
            **self._as,  # type: ignore[call-overload]
        )

    def make(self) -> None:
        """Make an empty cluster with a password."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(
            "initdb", "-D", "data", "-U", "exporter", "--pwfile=password",
            "--auth=scram-sha-256", "-E", "UTF8", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -F"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    @property
    def place(self) -> Place:
        """Where the exporter finds it."""
        url = f"postgresql://exporter:{PASSWORD}@127.0.0.1:{self.port}/postgres"
        return Place(Path("unused"), Secret(url))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server; skipped where Debian's postgresql is not installed, but never in CI."""
    programs = binaries()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must test PostgreSQL: apt-get install postgresql")
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="genmedia-pg-"))
    made = Server(folder, programs)
    try:
        made.make()
        made.start()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder)


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
        assert [r["status"] for r in reader.latest("a", 0.0, 2, None)] == ["down", "operational"]
        assert "".join(export(reader, "csv", 0.0)).count("\r\n") == 4
        assert len(list(reader.samples("a", 0.0))) == 5
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
            count = len(Reader(server.place).latest("a", 0.0, 100, None))
            server.stop()
            life.see()
            assert not await life.recorder.flush()
            with pytest.raises(StorageError) as caught:
                Reader(server.place).latest("a", 0.0, 100, None)
            assert PASSWORD not in str(caught.value)
            server.start()
            assert await life.recorder.flush()
        assert len(Reader(server.place).latest("a", 0.0, 100, None)) == count + 1

    asyncio.run(scenario())
    assert PASSWORD not in caplog.text


def test_urls_that_cannot_be(tmp_path: Path) -> None:
    """A URL of another kind is refused with a sentence that does not repeat it."""
    for url in ("nonsense", f"mysql://u:{PASSWORD}@h/db"):
        with pytest.raises(StorageError, match=r"storage\.url") as caught:
            open_store(Place(tmp_path, Secret(url)))
        assert PASSWORD not in str(caught.value)
