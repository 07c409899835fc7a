"""What systemd is told, over a real socket: ready, alive, stopping; and nothing where nobody listens."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmedia_exporter.daemon.supervisor import Supervisor
from tests.fakes import FakeClock, settle


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.settimeout(30)
        yield end


def address(manager: socket.socket) -> str:
    """Return where *manager* listens, as systemd says it."""
    name = manager.getsockname()
    return f"@{name[1:].decode()}" if isinstance(name, bytes) else str(name)


def told(manager: socket.socket) -> list[str]:
    """Return everything that has come."""
    found = []
    manager.setblocking(False)
    try:
        while True:
            found.append(manager.recv(1024).decode())
    except BlockingIOError:
        return found


def test_ready_and_stopping_are_told(manager: socket.socket) -> None:
    """In the words of sd_notify."""
    supervisor = Supervisor({"NOTIFY_SOCKET": address(manager)})
    supervisor.ready("listening on http://127.0.0.1:10067")
    supervisor.stopping()

    assert told(manager) == ["READY=1\nSTATUS=listening on http://127.0.0.1:10067", "STOPPING=1"]


def test_the_abstract_namespace_is_understood() -> None:
    """systemd may listen there on Linux."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(f"\0genmedia-test-{os.getpid()}")
        Supervisor({"NOTIFY_SOCKET": address(end)}).stopping()
        assert told(end) == ["STOPPING=1"]


@pytest.mark.parametrize(
    ("usec", "pid", "count"),
    [("20000000", "", 6), ("20000000", str(os.getpid()), 6), ("20000000", "1", 0), ("x", "", 0)],
    ids=["anybody", "us", "another", "nonsense"],
)
def test_the_watchdog_is_fed_twice_in_its_time(
    manager: socket.socket, usec: str, pid: str, count: int
) -> None:
    """At once, then every ten of twenty seconds; not where another process is meant."""
    environ = {
        "NOTIFY_SOCKET": address(manager),
        "WATCHDOG_USEC": usec,
        "WATCHDOG_PID": pid,
    }

    async def scenario() -> None:
        clock = FakeClock()
        task = asyncio.create_task(Supervisor(environ).watch(clock))
        await settle()
        await clock.advance(50)
        task.cancel()

    asyncio.run(scenario())
    assert told(manager) == ["WATCHDOG=1"] * count


@pytest.mark.parametrize("where", ["", "relative", "/nowhere/at/all"])
def test_without_a_manager_nothing_happens(where: str) -> None:
    """Nor does a manager that went away end us."""
    Supervisor({"NOTIFY_SOCKET": where}).ready("listening")


def test_a_process_tells_its_life(manager: socket.socket, tmp_path: Path) -> None:
    """The product itself: alive and ready, then stopping."""
    (tmp_path / "c.yml").write_text(
        "accounts: {here: {provider: http, base_url: 'http://127.0.0.1:9'}}\n"
        "targets: [{account: here, depths: reach}]\n"
    )
    command = [sys.executable, "-m", "genmedia_exporter", "--config.file", "c.yml"]
    environ = {**os.environ, "NOTIFY_SOCKET": address(manager), "WATCHDOG_USEC": "120000000"}
    process = subprocess.Popen(
        [*command, "--web.listen-address", "127.0.0.1:0"],
        cwd=tmp_path,
        env=environ,
        stderr=subprocess.DEVNULL,
    )
    try:
        first, second = (manager.recv(1024).decode() for _ in range(2))
        process.send_signal(signal.SIGTERM)
        last = manager.recv(1024).decode()
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()

    assert first.startswith("READY=1\nSTATUS=listening on http://127.0.0.1:")
    assert (second, last) == ("WATCHDOG=1", "STOPPING=1")
