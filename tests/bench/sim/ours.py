"""The exporter itself, as its daemon runs, without web server, signals and sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import genmedia_exporter.core.pauses
import genmedia_exporter.daemon.app
import genmedia_exporter.storage.recorder
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.health.state import StateChange
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network
from tests.bench.sim.clock import SimClock
from tests.bench.sim.timeline import Timeline, Timelines

REVIEW_SECONDS = 15.0
"""In place of the daemon's one: what time alone changes is looked at more rarely, to save our time."""
FLUSH_SECONDS = 60.0
"""Likewise for writing history, which nothing here reads."""


def in_memory() -> str | None:
    """Return a folder that no disk stands behind, where the machine has one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - made by mkdtemp


class _NoWebsite:
    """In place of the web server, its thread and the watchdog: nobody scrapes."""

    url = ""

    def __init__(self, *_: object) -> None:
        """Take what a website takes."""

    async def start(self, *_: object) -> None:
        """Listen nowhere."""

    async def ended(self) -> None:
        """Never end."""
        await asyncio.get_running_loop().create_future()

    async def stop(self, _timeout: float) -> None:
        """Have nothing to stop."""


@contextlib.contextmanager
def without_sockets(network: Network, review: float = REVIEW_SECONDS) -> Iterator[None]:
    """Let the daemon be composed and run with *network*; everything else stays what it is."""
    with (
        patch.object(genmedia_exporter.daemon.app, "Network", lambda **_: network),
        patch.object(genmedia_exporter.daemon.app, "Website", _NoWebsite),
        patch.object(genmedia_exporter.daemon.app, "REVIEW_INTERVAL", review),
        patch.object(genmedia_exporter.storage.recorder, "FLUSH_SECONDS", FLUSH_SECONDS),
        patch.object(genmedia_exporter.core.pauses, "HEARTBEAT", review),
        patch.object(genmedia_exporter.core.pauses, "PAUSE", 2 * review),
    ):
        yield


class Ours:
    """One process of the exporter on a simulated clock, within `without_sockets`."""

    def __init__(self, config: Path, clock: SimClock) -> None:
        self.timelines: Timelines = {}
        self._clock = clock
        source = ConfigSource(config, {}, clock)
        source.load()
        self.app = App(source, Options(), clock)
        self._hear(self.app.history.changed)
        self.dies = asyncio.Event()
        """Set it, and the process is dead: from now on nothing that it does counts."""

    def _hear(self, record: Callable[[StateChange], None]) -> None:
        def changed(change: StateChange) -> None:
            record(change)
            before, after, seen = change.before, change.after, change.probe
            if seen is None and before.now.status is after.now.status:
                return
            line = self.timelines.setdefault(after.target.name, Timeline())
            tick = float(self._clock.monotonic())
            line.say(
                tick, after.now.status.value, tick - (seen[1].duration or 0.0) if seen else tick
            )

        setattr(self.app.board, "_listener", changed)  # noqa: B010 - the board tells one listener

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[App]:
        """Be alive for the block; then stop in order, as on SIGTERM, unless it has crashed."""
        others = asyncio.all_tasks()
        started = asyncio.Event()
        life = asyncio.create_task(self.app.run(started))
        await self._until(life, asyncio.create_task(started.wait()))
        try:
            yield self.app
        finally:
            if not self.dies.is_set():
                self.app.stop()
                await self._until(life)
            if self.dies.is_set():
                self._let_go()
                await _vanish(asyncio.all_tasks() - others)
            else:
                await life

    async def _until(self, *these: asyncio.Task[Any]) -> None:
        """Wait for one of *these*, or for the process' death."""
        death = asyncio.create_task(self.dies.wait())
        await asyncio.wait({death, *these}, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()

    async def reload(self) -> None:
        """Read the configuration again, as on SIGHUP."""
        await self._until(asyncio.create_task(self.app.reload()))

    def _let_go(self) -> None:
        """Be gone: nothing more is written, nobody says goodbye."""
        recorder = self.app.history._recorder
        recorder._close_store()
        setattr(recorder, "_in_thread", _dead)  # noqa: B010 - a dead process writes nothing


async def _vanish(tasks: set[asyncio.Task[Any]]) -> None:
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=0.001)


async def _dead(_work: object) -> Any:
    raise StorageError("this process is dead")
