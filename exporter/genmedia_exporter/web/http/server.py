"""uvicorn as a part of our own event loop: our sockets, our signals, our limits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

import uvicorn
from starlette.types import ASGIApp

from genmedia_exporter.core.events import EventLog
from genmedia_exporter.web.http.connections import Admission, Connections
from genmedia_exporter.web.http.framing import Framing
from genmedia_exporter.web.http.handshake import Handshake
from genmedia_exporter.web.http.listening import BACKLOG
from genmedia_exporter.web.http.protocol import HEAD_SECONDS, KEEP_ALIVE, HttpProtocol

log = EventLog(__name__)


class _Server(uvicorn.Server):
    """Leaves signals to the app, and tells when it serves instead of being asked."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. With TLS our limits see a connection before its handshake."""
        loop, config = asyncio.get_running_loop(), self.config
        room = Connections()

        def connected() -> asyncio.Protocol:
            return HttpProtocol(
                config=config, server_state=self.server_state, app_state={}, room=room
            )

        def accepted() -> asyncio.Protocol:
            tls = config.ssl
            return Handshake(room, tls, HEAD_SECONDS, connected) if tls else connected()

        self.servers = [
            await loop.create_server(accepted, sock=bound, backlog=BACKLOG)
            for bound in sockets or []
        ]
        self.started = True
        self.ready.set()


class WebServer:
    """Serves *app* on *sockets*, which it closes in the end; over TLS when *tls* is given.

    There is always room for the *reserved* paths. *on_stop* ends answers that would never end.
    *bodies* are the paths that take a request body, and how many bytes of it.
    """

    def __init__(
        self,
        app: ASGIApp,
        sockets: Sequence[socket.socket],
        tls: ssl.SSLContext | None = None,
        reserved: Collection[str] = (),
        on_stop: Callable[[], None] = lambda: None,
        bodies: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._sockets = list(sockets)
        self._on_stop = on_stop
        self._tls = tls
        self._server = _Server(_config(Framing(Admission(app, reserved), bodies), tls))
        self._task: asyncio.Task[None] | None = None
        self.url = _url(self._sockets[0], tls)

    async def start(self) -> None:
        """Return when connections are accepted. Raises what kept it from starting."""
        self._task = asyncio.create_task(self._serve(), name="web server")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            self._task.result()

    async def _serve(self) -> None:
        try:
            await self._server.serve(self._sockets)
        except Exception:
            if self._server.started:  # only its own end in order would close what listens
                self._server.force_exit = True
                self._server.config.timeout_graceful_shutdown = 1
                await self._server.shutdown(self._sockets)
            raise

    async def ended(self) -> None:
        """Return when nothing is served any more, because of `stop`. Raises OSError when it failed."""
        if self._task is None:
            return
        await asyncio.wait({self._task})  # whoever stops waiting does not stop the server
        if not self._server.should_exit:
            error = None if self._task.cancelled() else self._task.exception()
            raise OSError(f"the web server stopped: {error or 'unexpectedly'}") from error

    async def stop(self, timeout: float) -> None:
        """Accept nothing new, give running answers *timeout* seconds, then end them."""
        if self._task is None:
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(timeout))
        self._server.should_exit = True
        self._on_stop()
        done, _ = await asyncio.wait({self._task}, timeout=timeout + 2)
        if not done:
            self._server.force_exit = True
            self._task.cancel()
            await asyncio.wait({self._task})
        if not self._task.cancelled() and (error := self._task.exception()) is not None:
            log.exception("web server failed", error)  # no reason to leave the rest open


def _config(app: ASGIApp, tls: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )


def _url(bound: socket.socket, tls: ssl.SSLContext | None) -> str:
    host, port = bound.getsockname()[:2]
    host = {"::": "localhost", "0.0.0.0": "localhost"}.get(host, host)  # noqa: S104 - only read
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
