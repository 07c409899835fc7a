"""The web part on a real socket, with services made by hand, for tests and screenshots."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import httpx2

from genmedia_exporter.core.evidence import Evidence, Exchange, Observation, Role
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.failures import FailureLog, KeptFailure
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.spending.limits import Spending
from genmedia_exporter.web.app import MAX_REPORT, OBSERVATIONS, RESERVED, build_app
from genmedia_exporter.web.http.auth import WebGuard
from genmedia_exporter.web.http.listening import listen
from genmedia_exporter.web.http.server import WebServer
from genmedia_exporter.web.http.streams import Streams
from genmedia_exporter.web.http.web_config import WebConfig
from genmedia_exporter.web.http.web_config_watch import WebConfigWatch
from genmedia_exporter.web.services import Services
from tests.metrics.samples import AT, CANARY, attempt, snapshot, target, verdict

SPENDING = Spending(1.0, 0.07, 20.0, 0.31)


@dataclass
class Backend:
    """What stands behind the routes; tests change it and look at what was asked of it."""

    board: Snapshot = field(default_factory=snapshot)
    problems: Sequence[str] = ()
    is_ready: bool = True
    probes: list[tuple[str, Depth, float]] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)
    reloads: int = 0
    switched: list[bool] = field(default_factory=list)
    hang: bool = False
    refusal: Exception | None = None

    def services(self, **changes: Any) -> Services:
        """Return services that speak for this backend."""
        made = Services(
            snapshot=lambda: self.board,
            metrics=Metrics(ExporterMetrics(), lambda: SPENDING),
            scrape_round=self.scrape_round,
            probe_now=self.probe_now,
            reload=self.reload,
            config_yaml=lambda: "accounts:\n  apiyi: {api_key: <secret>}\n",
            ready=lambda: self.is_ready,
            now=lambda: AT + 30,
            spending=lambda: SPENDING,
            enable_spending=self.enable_spending,
        )
        return replace(made, **changes)

    async def scrape_round(self, timeout: float) -> None:
        self.rounds.append(timeout)
        await self._work()

    async def probe_now(self, name: str, depth: Depth, timeout: float) -> Observation:
        self.probes.append((name, depth, timeout))
        await self._work()
        return observation(name, depth)

    async def reload(self) -> Sequence[str]:
        self.reloads += 1
        return self.problems

    async def enable_spending(self, on: bool) -> None:
        await self._work()
        self.switched.append(on)

    async def _work(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self.hang:
            await asyncio.Event().wait()


def observation(name: str, depth: Depth) -> Observation:
    """Return what a sound probe sees, with a credential of someone in the answer."""
    body = b'{"data": [{"id": "sora-2"}], "hint": "Bearer ' + CANARY.encode() + b'"}' + b" " * 4000
    exchange = Exchange(
        call="models",
        role=Role.PROBE,
        method="GET",
        url="https://api.apiyi.example/v1/models",
        host="api.apiyi.example",
        status=200,
        headers={"content-type": "application/json", "set-cookie": f"session={CANARY}"},
        body=body,
        phases=attempt().phases,
        duration=0.21,
    )
    evidence = Evidence(name, depth, AT + 10, 0.21, (exchange,))
    return Observation(evidence, verdict())


def kept_failure(name: str) -> KeptFailure:
    """Return the failure that is kept of a probe, with a credential of someone in the answer."""
    told = verdict(Reason.SERVER_ERROR)
    log, seen = FailureLog(), observation(name, Depth.REACH)
    log.add(target(name), Observation(seen.evidence, told))
    return log.of(name)[0]


@contextmanager
def serve(
    services: Services,
    config: WebConfig | WebConfigWatch | None = None,
    address: str = "127.0.0.1:0",
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> Iterator[str]:
    """Serve on a real socket from a loop in another thread; yields the URL."""
    current, tls = _web_config(config or WebConfig())
    sockets = listen(address)
    stopping: Callable[[], object] = lambda: None  # noqa: E731 - replaced when the loop runs
    urls: list[str] = []
    started = threading.Event()

    async def run() -> None:
        nonlocal stopping
        streams = Streams()
        app = WebGuard(build_app(services, streams), current)
        server = WebServer(app, sockets, tls, RESERVED, streams.end, {OBSERVATIONS: MAX_REPORT})
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        stopping = lambda: loop.call_soon_threadsafe(stop.set)  # noqa: E731
        await server.start()
        urls.append(server.url)
        started.set()
        await stop.wait()
        await server.stop(1)

    def in_a_loop() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(run())

    thread = threading.Thread(target=in_a_loop, name="site")
    thread.start()
    try:
        assert started.wait(10)
        yield urls[0]
    finally:
        stopping()
        thread.join(15)


def _web_config(
    config: WebConfig | WebConfigWatch,
) -> tuple[Callable[[], WebConfig], ssl.SSLContext | None]:
    if isinstance(config, WebConfigWatch):
        return config.current, config.tls_context()
    return lambda: config, config.tls.context() if config.tls else None


@contextmanager
def client(
    services: Services, config: WebConfig | WebConfigWatch | None = None
) -> Iterator[httpx2.Client]:
    """Yield a client of a site that serves *services*."""
    with (
        serve(services, config) as url,
        httpx2.Client(base_url=url, timeout=60, trust_env=False) as http,
    ):
        yield http


def said(answer: httpx2.Response) -> str:
    """Return what an error says, and that it is a problem document as RFC 9457 wants it."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (told["status"], told["type"]) == (answer.status_code, "about:blank")
    assert told["title"] == HTTPStatus(answer.status_code).phrase
    return str(told["detail"])
