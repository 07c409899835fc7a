"""The demo world: one listener, many pretend providers. Run it with `python -m genmedia_exporter.demo.world`.

Each service is mounted under its name as the first part of the path. `World._mounts` is the table
of what stands beside them: the index, the controls, the pretend status pages.
"""

import os
import signal

if __name__ == "__main__":
    # Before the long imports: what the first process of a container does not handle, the kernel drops.
    for _number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(_number, lambda number, _frame: os._exit(128 + number))

import argparse
import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Unpack

from genmedia_exporter.demo.chaos.stage import Stage
from genmedia_exporter.demo.control import Control
from genmedia_exporter.demo.faults import KINDS
from genmedia_exporter.demo.http import serve_connection
from genmedia_exporter.demo.jobs import JobBook
from genmedia_exporter.demo.ledger import Ledger
from genmedia_exporter.demo.message import Request, Response, json_response
from genmedia_exporter.demo.pages import Pages
from genmedia_exporter.demo.services import build_services
from genmedia_exporter.demo.services.contract import Service, Shared
from genmedia_exporter.demo.setup import Settings, Setup
from genmedia_exporter.demo.story import Story
from genmedia_exporter.demo.transport import Fault
from genmedia_exporter.demo.troubles import Troubles

__all__ = ["KINDS", "Settings", "World", "main", "run_in_thread"]

BACKLOG = 1024
START_SECONDS = 30


class World:
    """A running demo world. Start it with `async with World.start() as world:`."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._environment = setup.environment
        self._environment.dice.seed(setup.seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.host = ""
        self.ledger = Ledger()
        jobs = JobBook(self._environment, setup.job_seconds)
        shared = Shared(self._environment, jobs, self.ledger, setup.job_seconds)
        self.services: Mapping[str, Service] = build_services(shared)
        for name in self.services:
            self.ledger.open(name)
        clock = self._environment.clock
        self.story = Story(clock, setup.day, running=setup.story, scenes=setup.scenes)
        kinds = {name: service.kinds for name, service in self.services.items()}
        self._troubles = Troubles(kinds, clock, self.story)
        control = Control(self.services, self._troubles, self.ledger, self.story)
        self._mounts: Mapping[str, Callable[[Request], Response]] = {
            "": control.index,
            "_world": control.answer,
            "_pages": Pages(self._environment, self._troubles.current).answer,
        }
        self.stage = Stage(shared)
        if setup.chaos:
            self._mounts = {**self._mounts, "chaos": self.stage.answer, "_chaos": self.stage.page}

    @property
    def url(self) -> str:
        """Where the world listens; a service is at url/name."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @classmethod
    @asynccontextmanager
    async def start(cls, **settings: Unpack[Settings]) -> AsyncIterator["World"]:
        """Listen until the block ends; then every connection is dropped."""
        world = cls(Setup(**settings))
        host, port = world._setup.address()
        server = await asyncio.start_server(world._accept, host, port, backlog=BACKLOG)
        world.host, world.port = server.sockets[0].getsockname()[:2]
        try:
            async with world._played_chaos():
                yield world
        finally:
            server.close()
            for task in world._tasks:
                task.cancel()
            await asyncio.gather(*world._tasks, return_exceptions=True)
            await server.wait_closed()

    def _played_chaos(self) -> AbstractAsyncContextManager[None]:
        if self._setup.chaos:
            return self.stage.open(self.url, self.host)
        return contextlib.nullcontext()

    def set_fault(
        self, service: str, kind: str, *, duration_s: float | None = None, **options: float | str
    ) -> Fault:
        """Put a fault in force, for `duration_s` seconds or until it is cleared.

        Raises ValueError that lists the services, kinds or options that exist.
        """
        return self._troubles.put(service, kind, duration_s, options)

    def clear_fault(self, service: str) -> None:
        """Heal a service, also of what the story has for it now. Raises ValueError if unknown."""
        self._troubles.lift(service)

    def fault(self, service: str) -> Fault | None:
        """The fault in force at a service, asked for or of the story."""
        return self._troubles.current(service)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._setup.most_connections:
            writer.transport.abort()
            return
        serving = serve_connection(
            reader, writer, self._answer, self._setup.limits, self._environment
        )
        task = asyncio.get_running_loop().create_task(serving)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _answer(self, request: Request) -> AbstractAsyncContextManager[Response]:
        first, _, rest = request.path.removeprefix("/").partition("/")
        below = replace(request, path=f"/{rest}")
        if first in self.services:
            return self._at_service(first, below)
        return contextlib.nullcontext(self._safely(lambda: self._beside(first, below)))

    @asynccontextmanager
    async def _at_service(self, name: str, request: Request) -> AsyncIterator[Response]:
        with self.ledger.request(name):
            response = self._safely(lambda: self._played(self.services[name], request))
            pace = self._setup.latency * self._environment.dice.uniform(0.6, 1.4)
            yield replace(response, wait=response.wait + pace)

    def _played(self, service: Service, request: Request) -> Response:
        def ask(seen: Fault | None) -> Response:
            return service.answer(request, seen)

        fault = self._troubles.current(service.name)
        return KINDS[fault.kind].play(fault, ask, self._environment.dice) if fault else ask(None)

    def _beside(self, first: str, request: Request) -> Response:
        mount = self._mounts.get(first)
        if mount is None:
            return json_response(404, {"error": f"nothing is mounted at /{first[:100]}"})
        return mount(request)

    def _safely(self, make: Callable[[], Response]) -> Response:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - a slip in one pretend service must not end the world
            self.ledger.slips += 1
            return json_response(500, {"error": f"the demo world itself made a mistake: {error!r}"})


@contextmanager
def run_in_thread(**settings: Unpack[Settings]) -> Iterator[World]:
    """A world in a thread of its own, for callers without an event loop."""
    ready: Future[tuple[World, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        stop = asyncio.Event()
        async with World.start(**settings) as world:
            ready.set_result((world, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(live())
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits for us
            if not ready.done():
                ready.set_exception(error)

    thread = threading.Thread(target=run, name="demo-world", daemon=True)
    thread.start()
    world, loop, stop = ready.result(START_SECONDS)
    try:
        yield world
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_SECONDS)


async def _live(settings: Settings, leash: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if leash:
        # Nothing is ever written to it: it becomes readable when whoever holds the other end dies.
        loop.add_reader(sys.stdin.fileno(), stop.set)
    async with World.start(**settings) as world:
        sys.stdout.write(f"world listening on {world.url}\n")
        sys.stdout.flush()
        await stop.wait()


def _parse(arguments: Sequence[str] | None) -> tuple[Settings, bool]:
    parser = argparse.ArgumentParser(
        prog="python -m genmedia_exporter.demo.world",
        description="Pretend providers of AI video and images on one socket.",
    )
    parser.add_argument("--listen", default="127.0.0.1:0", help="host:port; port 0 takes any")
    parser.add_argument("--day", type=_positive, default=600.0, help="seconds of the story's day")
    parser.add_argument("--story", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=1, help="makes chance repeatable")
    parser.add_argument("--job-seconds", type=_positive, default=4.0, help="a generation's length")
    parser.add_argument("--latency", type=float, default=0.06, help="usual seconds of an answer")
    parser.add_argument("--chaos", action="store_true", help="also play the fault catalogue")
    parser.add_argument("--leash", action="store_true", help="end when standard input is closed")
    read = parser.parse_args(arguments)
    settings = Settings(
        listen=read.listen,
        day=read.day,
        story=read.story,
        seed=read.seed,
        job_seconds=read.job_seconds,
        latency=max(0.0, min(60.0, read.latency)),
        chaos=read.chaos,
    )
    return settings, read.leash


def _positive(text: str) -> float:
    number = float(text)
    if not 0.1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("must be from 0.1 to 1000000 seconds")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the world until SIGTERM or SIGINT; 1 when it cannot listen."""
    try:
        asyncio.run(_live(*_parse(arguments)))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"the demo world cannot start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
