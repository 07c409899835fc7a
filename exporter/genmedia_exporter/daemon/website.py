"""The website of the daemon: what its routes are given, on a thread of its own, and who watches the threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.daemon.loop_calls import LoopCalls
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.daemon.published import Publisher
from genmedia_exporter.daemon.watchdog import Watchdog
from genmedia_exporter.daemon.web_thread import WebThread
from genmedia_exporter.health.failures import KeptFailure
from genmedia_exporter.health.response_times import ResponseTimes
from genmedia_exporter.health.uptime_windows import Uptimes
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.metrics.routes import RouteMetrics
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.web.app import (
    MAX_REPORT,
    OBSERVATIONS,
    RESERVED,
    build_app,
    normal_prefix,
)
from genmedia_exporter.web.http.auth import WebGuard
from genmedia_exporter.web.http.server import WebServer
from genmedia_exporter.web.http.streams import Streams
from genmedia_exporter.web.services import Past, Report, Services

PROBING: Final = "probing"
WEB: Final = "web"
"""What the two event loops are called in the log."""
PREPARE_SECONDS: Final = 1.0
"""How often what has changed is rendered ahead of the next scrape."""
SWITCH_SECONDS: Final = 10.0
"""How long somebody who switches spending waits for the answer."""


@dataclass(frozen=True, slots=True)
class Probing:
    """What the routes ask of the other thread: coroutine functions of its loop, and two that any thread may call."""

    scrape_round: Callable[[float], Awaitable[None]]
    probe_now: Callable[[str, Depth, float], Awaitable[Observation]]
    reload: Callable[[], Awaitable[Sequence[str]]]
    enable_spending: Callable[[bool], Awaitable[None]]
    failures: Callable[[str], Sequence[KeptFailure]]
    reader: Callable[[], Reader]
    report: Report


class Website:
    """Reads what is published; asks the probing loop, which runs it, for everything else.

    Uptimes, response times and the own metrics are the exceptions: they have locks, held for one sum or
    one value.
    """

    def __init__(
        self,
        options: Options,
        clock: Clock,
        publisher: Publisher,
        meter: ExporterMetrics,
        uptimes: Uptimes,
        response_times: ResponseTimes,
    ) -> None:
        self._options = options
        self._clock = clock
        self._publisher = publisher
        self._uptimes = uptimes
        self._response_times = response_times
        self._watchdog = Watchdog(clock)
        self._thread: WebThread | None = None
        self.metrics = Metrics(
            meter,
            lambda: publisher.latest.spending,
            RouteMetrics(lambda: publisher.latest.in_force.policies, uptimes.ratio_of_minute),
            uptimes.stars,
            self._age,
            lambda: publisher.latest.incidents,
            lambda: publisher.latest.in_force.shown,
        )

    @property
    def url(self) -> str:
        """Where it is served; empty before it is."""
        return self._thread.url if self._thread else ""

    async def start(self, probing: Probing) -> None:
        """Serve on the sockets of the options. Raises what kept it from starting."""
        self._watchdog.watch(PROBING)
        web = self._options.web_config
        web.on_result(self.metrics.own.set_web_config)
        prefix = normal_prefix(self._options.route_prefix)
        reserved = [prefix + path for path in RESERVED]
        streams = Streams()
        app = WebGuard(build_app(self._services(probing), streams), web.current)
        self._thread = WebThread(
            WebServer(
                app,
                self._options.listen(),
                web.tls_context(),
                reserved,
                streams.end,
                {prefix + OBSERVATIONS: MAX_REPORT},
            ),
            self._prepare,
        )
        self._watchdog.start()
        await self._thread.start()

    async def ended(self) -> None:
        """Return when it is stopped. Raises OSError when it failed."""
        if self._thread is not None:
            await self._thread.ended()

    async def stop(self, timeout: float) -> None:
        """Give open answers *timeout* seconds, then end."""
        self._watchdog.stop()
        if self._thread is not None:
            await self._thread.stop(timeout)

    def _age(self) -> float:
        return self._clock.monotonic() - self._publisher.latest.tick

    async def _prepare(self) -> None:
        """Render what has changed, for ever, so that a scrape has little to do."""
        self._watchdog.watch(WEB)
        while True:
            await self.metrics.prepare(self._publisher.latest.snapshot)
            await self._clock.sleep(PREPARE_SECONDS)

    def _services(self, probing: Probing) -> Services:
        options, publisher, uptimes, clock = (
            self._options,
            self._publisher,
            self._uptimes,
            self._clock,
        )
        calls = LoopCalls(asyncio.get_running_loop(), publisher.publish)
        return Services(
            snapshot=lambda: publisher.latest.snapshot,
            metrics=self.metrics,
            scrape_round=lambda seconds: calls.ask(lambda: probing.scrape_round(seconds)),
            probe_now=lambda name, depth, seconds: calls.ask(
                lambda: probing.probe_now(name, depth, seconds)
            ),
            reload=lambda: calls.ask(probing.reload),
            reload_web=options.web_config.reload,
            warnings=lambda: publisher.latest.in_force.warnings,
            config_yaml=lambda: publisher.latest.in_force.config.redacted_yaml(),
            ready=lambda: publisher.latest.ready,
            now=clock.now,
            age=self._age,
            silent=lambda: self._watchdog.silent_seconds(PROBING),
            scrape_driven=lambda: publisher.latest.in_force.scrape_driven,
            spending=lambda: publisher.latest.spending,
            forecast=lambda: publisher.latest.forecast(),
            blocked_by=lambda name: publisher.latest.blocked_by(name, clock.monotonic()),
            # Off also when nobody waits for it any more.
            enable_spending=lambda on: calls.ask(
                lambda: probing.enable_spending(on), SWITCH_SECONDS, keep=not on
            ),
            policies=lambda: publisher.latest.in_force.policies,
            uptime=uptimes.usual,
            route_uptime=uptimes.ratio,
            incidents=lambda: publisher.latest.incidents,
            stars=uptimes.stars,
            past=Past(uptimes.days, uptimes.hours, self._response_times.of),
            own=lambda: self.metrics.own.state,
            windows=lambda: publisher.latest.in_force.windows,
            failures=probing.failures,
            reader=probing.reader,
            traffic=lambda: publisher.latest.in_force.traffic,
            report=lambda told: calls.ask(lambda: probing.report(told)),
            lifecycle_enabled=options.enable_lifecycle,
            route_prefix=options.route_prefix,
            external_url=options.external_url,
            look=options.look,
            allowed_hosts=options.allowed_hosts,
        )
