"""The web server on a thread and an event loop of its own: it answers also while probing does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.daemon.loops import new_loop
from genmedia_exporter.web.http.server import WebServer

log = EventLog(__name__)

STOP_GRACE = 3.0
"""Seconds beyond those of the open answers after which the thread is left behind."""


class WebThread:
    """Runs a server and *beside*, a coroutine function, until `stop`.

    Its methods are called on the event loop of another thread.
    """

    def __init__(self, server: WebServer, beside: Callable[[], Awaitable[None]]) -> None:
        self._server = server
        self._beside = beside
        self._stop_timeout = 1.0
        self._stopping: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started: Future[None] = Future()
        self._ended: Future[None] = Future()
        self.url = server.url

    async def start(self) -> None:
        """Return when connections are accepted. Raises what kept it from starting."""
        threading.Thread(target=self._run, name="web", daemon=True).start()
        await asyncio.wrap_future(self._started)

    async def ended(self) -> None:
        """Return when nothing is served any more, because of `stop`. Raises OSError when it failed."""
        ended = asyncio.wrap_future(self._ended)
        await asyncio.wait({ended})  # whoever stops waiting does not stop the thread
        ended.result()

    async def stop(self, timeout: float) -> None:
        """Accept nothing new, give running answers *timeout* seconds, then end them."""
        self._stop_timeout = timeout
        loop, stopping = self._loop, self._stopping
        if loop is None or stopping is None:
            return
        if not self._ended.done():
            loop.call_soon_threadsafe(stopping.set)
        ended = asyncio.wrap_future(self._ended)
        done, _ = await asyncio.wait({ended}, timeout=timeout + STOP_GRACE)
        if not done:
            log.error("web server does not end", timeout_seconds=timeout + STOP_GRACE)
        else:
            ended.exception()  # `ended` tells it

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(self._main())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for it
            future = self._ended if self._started.done() else self._started
            future.set_exception(error)
            return
        self._ended.set_result(None)

    async def _main(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        await self._server.start()
        self._started.set_result(None)
        ended = asyncio.create_task(self._server.ended(), name="web server")
        stopping = asyncio.create_task(self._stopping.wait(), name="web stop")
        beside = asyncio.ensure_future(self._beside())
        await asyncio.wait({ended, stopping, beside}, return_when=asyncio.FIRST_COMPLETED)
        await self._server.stop(self._stop_timeout)
        beside.cancel()
        stopping.cancel()
        done = await asyncio.gather(ended, stopping, beside, return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):
                raise error
