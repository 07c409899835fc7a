"""A real PostgreSQL, started for tests and thrown away after them."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from genmedia_exporter.core.secret import Secret
from genmedia_exporter.storage.place import Place
from tests.programs import program

PORTS: Final = 5
"""Ports that are tried: between the moment when one is free and its use another test may take it."""
PASSWORD: Final = "canary-p4ss"


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
        self.port = 0

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
        """Start it and wait until it answers; the first time on any port that is free when it comes to it."""
        if self.port:
            self._start()
            return
        for left in reversed(range(PORTS)):
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = int(free.getsockname()[1])
            try:
                return self._start()
            except subprocess.CalledProcessError as error:  # somebody else's by now, perhaps
                if not left:
                    error.add_note((self.folder / "log").read_text("utf-8", "replace")[-2000:])
                    raise

    def _start(self) -> None:
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


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """Run a server until the end of the block; skips where there is none, but never in CI."""
    programs = Path(program("initdb")).parent
    folder = Path(tempfile.mkdtemp(prefix="genmedia-pg-"))
    server = Server(folder, programs)
    try:
        server.make()
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)
