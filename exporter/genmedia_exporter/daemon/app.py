"""The daemon: named steps for start, work and an ordered stop. It wires the parts, and judges nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from genmedia_exporter import __version__
from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.clock import Clock, SystemClock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.pauses import Pauses
from genmedia_exporter.core.status import Depth
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.daemon.auto_reload import auto_reload
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.daemon.signals import end_all, handled, tell_failure
from genmedia_exporter.health.board import Board
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.metrics.routes import RouteMetrics
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.probing.service import ProbingService
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.routing.ranking import policies
from genmedia_exporter.sharding.membership import LeaseTimings
from genmedia_exporter.sharding.rebalance import Rebalancer
from genmedia_exporter.spending.forecast import forecast
from genmedia_exporter.spending.ledger import Ledger
from genmedia_exporter.spending.limits import SpendingLimits, limits_of
from genmedia_exporter.spending.runner import Generations
from genmedia_exporter.status_pages.fetch import PageFetcher
from genmedia_exporter.status_pages.watch import PageWatch
from genmedia_exporter.storage.history import HistoryStore
from genmedia_exporter.storage.place import place_of
from genmedia_exporter.storage.recorder import Recorder
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network
from genmedia_exporter.web.app import build_app
from genmedia_exporter.web.http.auth import WebGuard
from genmedia_exporter.web.http.server import WebServer, listen
from genmedia_exporter.web.services import Services

log = EventLog(__name__)

REVIEW_INTERVAL = 1.0
"""Seconds between two looks at what time alone changes: expiry, windows, the network."""
STOP_TIMEOUT = 5.0
"""Seconds open HTTP answers may take when we stop."""


class App:
    """The exporter, from a loaded configuration to its end."""

    def __init__(
        self,
        source: ConfigSource,
        options: Options,
        clock: Clock | None = None,
        timings: LeaseTimings | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self._source = source
        self._options = options
        self._pauses = Pauses(self.clock)
        self._in_flight: set[str] = set()
        self.meter = ExporterMetrics()
        place = place_of(source.config, source.resolution)
        recorder = Recorder(
            place,
            self.clock,
            source.config.storage.retention,
            self.meter.set_storage,
            on_disabled=lambda *each: self.board.disable(*each),
            fence=lambda *each: self.ownership.fence(*each),
        )
        self.history = HistoryStore(place, self.clock, recorder, self._is_ours)
        self.board = self._board()
        rebalancer = Rebalancer(
            self.board,
            self.history,
            self._plan,
            busy=lambda name: name in self._in_flight or name in self.generations.running,
        )
        self.ownership = rebalancer.ownership(place, self.clock, timings)
        self._limits = self._present_limits()
        self.ledger = Ledger(self.history, self.clock, lambda: self._limits, self.ownership.permit)
        uptimes = self.history.uptimes
        routes = RouteMetrics(self._policies, uptimes.ratio)
        self.metrics = Metrics(self.meter, self.ledger.spending, routes, uptimes.stars)
        network = Network()
        prober = Prober(network, self.clock, classify, load_generic())
        self.probing = ProbingService(
            self.board,
            prober,
            self.clock,
            self.meter,
            charges=self.ledger,
            owned=self.ownership.owns,
            in_flight=self._in_flight,
            paused_since=self._pauses.since,
        )
        limits, owns = lambda: self._limits, self.ownership.holds_lease
        self.generations = Generations(
            self.board, prober, self.ledger, self.clock, limits, owns, self._pauses.since,
            self.probing.failures.add,
        )  # fmt: skip
        self._pages = PageWatch(PageFetcher(network, self.clock), self.clock, self._page_reported)
        self._reloading = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._web: WebServer | None = None
        self._was_ready = False

    def _board(self) -> Board:
        return Board(
            self.clock,
            in_flight=self._in_flight,
            listener=self.history.changed,
            is_ours=self._is_ours,
            stopped=self._pauses.take_stopped,
        )

    @property
    def url(self) -> str:
        """Where the exporter listens; empty before it does."""
        return self._web.url if self._web else ""

    async def run(self, started: asyncio.Event | None = None) -> None:
        """Serve until a signal or `stop`.

        Raises OSError when an address cannot be listened on, StorageError when the database is
        another process' or a newer exporter's.
        """
        sockets = [s for address in self._options.listen_addresses for s in listen(address)]
        self.board.restore(await self.history.open())
        await self.ledger.refresh()
        self._apply()
        self.meter.set_reload(True, self.clock.now())
        web = self._options.web_config
        web.on_result(self.meter.set_web_config)
        app = WebGuard(self._application(), web.current)
        self._web = WebServer(app, sockets, web.tls_context())
        await self._web.start()
        log.info("listening", version=__version__, url=self._web.url)
        reload = lambda: self._spawn_reload("SIGHUP")  # noqa: E731
        handlers = {signal.SIGTERM: self.stop, signal.SIGINT: self.stop, signal.SIGHUP: reload}
        with handled(handlers):
            await self._work(self._web, started)

    def stop(self) -> None:
        """Ask the daemon to end in order."""
        self._stopping.set()

    async def _work(self, web: WebServer, started: asyncio.Event | None) -> None:
        source, interval = self._source, self._options.auto_reload_interval
        follow_files = auto_reload(self.clock, interval, source.changed, self.reload)
        tasks = [
            asyncio.create_task(self.probing.scheduler.run(), name="scheduler"),
            asyncio.create_task(self.generations.run(), name="generations"),
            asyncio.create_task(self._pauses.run(), name="pauses"),
            asyncio.create_task(self._review(), name="review"),
            asyncio.create_task(follow_files, name="auto reload"),
            asyncio.create_task(self.history.run(), name="history"),
            asyncio.create_task(self.ownership.run(), name="leases"),
            asyncio.create_task(self.ledger.run(), name="ledger"),
            asyncio.create_task(web.ended(), name="web server"),
        ]
        stopping = asyncio.create_task(self._stopping.wait(), name="stop")
        if started is not None:
            started.set()
        done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        first = next((task for task in tasks if task in done), None)
        log.info("stopping")
        await web.stop(STOP_TIMEOUT)
        await end_all([stopping, *tasks], told=first)
        await self._pages.stop()
        await self._close()
        if first is not None:
            first.result()  # a step that ended by itself ended by an error: let it be seen

    async def _close(self) -> None:
        await self.ledger.close()
        await self.history.close()
        await self.ownership.close()
        log.info("stopped")

    def _apply(self) -> None:
        """Put the source's present configuration into force."""
        resolution = self._source.resolution
        ids = [page.id for page in resolution.pages]
        self._limits = self._present_limits()
        names = [target.name for target in resolution.targets]
        self.ownership.configure(names)
        self.history.configure(names, self._source.config.storage.retention)
        self.board.configure(resolution.targets, resolution.windows, ids)
        self._plan()
        self._pages.configure(resolution.pages, resolution.page_components)

    def _plan(self) -> None:
        """Let the targets that are ours be probed, and no others."""
        source, owned = self._source, self.ownership.owned
        ours = [t for t in source.resolution.targets if t.name in owned]
        self.probing.configure(ours, source.config.limits.probes_in_flight)
        self.generations.configure(ours)
        self.meter.set_owned(len(ours))

    def _is_ours(self, name: str) -> bool:
        return name in self.ownership.owned

    async def reload(self, why: str = "request") -> Sequence[str]:
        """Read the configuration again. Return its problems; with any, the old one stays in force."""
        async with self._reloading:
            result = await asyncio.to_thread(self._source.reload)
            self.meter.set_reload(result.success, self.clock.now())
            await asyncio.to_thread(self._options.web_config.reload)  # it tells by itself
            if result.success:
                await self.history.flush()  # another exporter may go on with what we drop
                self._apply()
                count = len(self._source.resolution.targets)
                log.info("configuration reloaded", trigger=why, targets=count)
                for warning in result.warnings:
                    log.warning("configuration warning", warning=warning)
        for problem in result.problems:
            log.error("configuration not reloaded", trigger=why, err=problem)
        return [str(problem) for problem in result.problems]

    def _spawn_reload(self, why: str) -> None:
        task = asyncio.create_task(self.reload(why), name="reload")
        task.add_done_callback(tell_failure)

    def _page_reported(self, report: PageReport) -> None:
        """Put a page's report on the board; probe now what it has just called unhealthy."""
        self.probing.scheduler.expedite(self.board.report_page(report))

    async def _review(self) -> None:
        """Let time pass on the board, render what changed, and measure how late we wake."""
        while True:
            before = self.clock.monotonic()
            await self.clock.sleep(REVIEW_INTERVAL)
            self.meter.set_loop_lag(max(0.0, self.clock.monotonic() - before - REVIEW_INTERVAL))
            if not self.ownership.lease_lapsed:  # else it would be our sleep that is judged
                self.board.review()
            await self.metrics.prepare(self.board.snapshot())

    def _present_limits(self) -> SpendingLimits:
        resolution = self._source.resolution
        budget = self._source.config.budget
        return limits_of(budget, resolution.accounts.values(), resolution.targets)

    def _policies(self) -> Mapping[str, Policy]:
        return policies(self._source.config.routing.policies)

    def _ready(self) -> bool:
        done, total = self.probing.scheduler.progress
        # Once for all: what comes to us later from another exporter is no reason to be unready.
        self._was_ready = self._was_ready or (self.ownership.ready and done == total)
        return self._was_ready

    async def _probe_now(self, name: str, depth: Depth, timeout: float) -> Observation:
        """Probe at once what is ours. Raises what `OnDemand.probe_now` does, and HTTPException."""
        if self.board.state(name) is not None and name not in self.ownership.owned:
            owner = self.ownership.owner_of(name)
            raise HTTPException(409, f"{name!r} is not watched here, but by {owner}.")
        return await self.probing.on_demand.probe_now(name, depth, timeout)

    def _application(self) -> Starlette:
        return build_app(
            Services(
                snapshot=self.board.snapshot,
                metrics=self.metrics,
                scrape_round=self.probing.on_demand.scrape_round,
                probe_now=self._probe_now,
                reload=self.reload,
                reload_web=self._options.web_config.reload,
                warnings=lambda: [*map(str, self._source.warnings)],
                config_yaml=lambda: self._source.config.redacted_yaml(),
                ready=self._ready,
                now=self.clock.now,
                spending=self.ledger.spending,
                forecast=lambda: forecast(self._source.resolution.targets, self._limits),
                blocked_by=self.generations.blocked_by,
                enable_spending=self.ledger.enable,
                policies=self._policies,
                uptime=self.history.uptimes.usual,
                route_uptime=self.history.uptimes.ratio,
                failures=self.probing.failures.of,
                stars=self.history.uptimes.stars,
                reader=self.history.reader,
                lifecycle_enabled=self._options.enable_lifecycle,
                route_prefix=self._options.route_prefix,
                external_url=self._options.external_url,
                allowed_hosts=self._options.allowed_hosts,
            )
        )
