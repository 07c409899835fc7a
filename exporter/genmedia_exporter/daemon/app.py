"""The daemon: named steps for start, work and an ordered stop. It wires the parts, and judges nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence

from starlette.exceptions import HTTPException

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Clock, SystemClock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.loop_lag import LoopLag
from genmedia_exporter.core.pauses import Pauses
from genmedia_exporter.core.status import Depth
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.daemon import logs
from genmedia_exporter.daemon.auto_reload import auto_reload
from genmedia_exporter.daemon.database import OpenedDatabase
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.daemon.published import InForce, Published, Publisher
from genmedia_exporter.daemon.signals import end_all, handled, tell_failure
from genmedia_exporter.daemon.website import Probing, Website
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import Snapshot, StateChange
from genmedia_exporter.incidents.register import IncidentRegister
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.probing.overload import Overload
from genmedia_exporter.probing.preparation import prepare
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.probing.service import ProbingService
from genmedia_exporter.routing.substitute import Substitutes
from genmedia_exporter.sharding.membership import LeaseTimings
from genmedia_exporter.sharding.rebalance import Rebalancer
from genmedia_exporter.spending.ledger import Ledger
from genmedia_exporter.spending.runner import Generations
from genmedia_exporter.status_pages.fetch import PageFetcher
from genmedia_exporter.status_pages.watch import PageWatch
from genmedia_exporter.storage.control_calls import StoredCalls
from genmedia_exporter.storage.history import HistoryStore
from genmedia_exporter.storage.recorder import Recorder
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network

log = EventLog(__name__)

REVIEW_INTERVAL = 1.0
"""Seconds between two looks at what time alone changes: expiry, windows, the network."""
STOP_TIMEOUT = 4.0
"""Seconds open HTTP answers may take when we stop, and until a database that says nothing is given up."""


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
        self._source, self._options = source, options
        self._pauses, self._in_flight = Pauses(self.clock), set[str]()
        self.meter = ExporterMetrics()
        self._overload = Overload(self.meter)
        self._database = OpenedDatabase.of(source)
        place = self._database.place
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
        self._in_force = InForce.of(source, self._database)
        limits, owns = lambda: self._in_force.limits, self.ownership.holds_lease
        self.ledger = Ledger(self.history, self.clock, limits, self.ownership.permit)
        self._network = network = Network(lag=LoopLag(self.clock))
        self._calls = StoredCalls(self.history, self.clock)
        prober = Prober(network, self.clock, self._calls)
        self.probing = ProbingService(
            self.board, prober, self.clock, self._overload, charges=self.ledger,
            owned=self.ownership.owns, in_flight=self._in_flight,
            paused_since=self._pauses.since,
        )  # fmt: skip
        failures = self.probing.failures
        self.generations = Generations(
            self.board, prober, self.ledger, self.clock, limits, owns, self._pauses.since,
            failures.add,
        )  # fmt: skip
        self.incidents = IncidentRegister(self.history, self.clock, self._instead, failures.of)
        self._pages = PageWatch(
            PageFetcher(network, self.clock), self.clock, self._page_reported, self._pauses.since
        )
        self._reloading, self._stopping = asyncio.Lock(), asyncio.Event()
        self._publisher = Publisher(self._view)
        self.website = Website(
            options, self.clock, self._publisher, self.meter, self.history.uptimes,
            self.history.response_times,
        )  # fmt: skip
        self._was_ready = False

    def _board(self) -> Board:
        return Board(
            self.clock,
            in_flight=self._in_flight,
            listener=self._changed,
            is_ours=self._is_ours,
            stopped=self._pauses.take_stopped,
        )

    @property
    def url(self) -> str:
        """Where the exporter listens; empty before it does."""
        return self.website.url

    async def run(
        self,
        started: asyncio.Event | None = None,
        came: Callable[[signal.Signals], None] = lambda _number: None,
    ) -> None:
        """Serve until a signal or `stop`. *came* is told of each signal, also while we stand still.

        Raises StorageError when the database is another process' or a newer exporter's.
        """
        self.board.restore(await self.history.open())
        await self.ledger.refresh()
        self._apply()
        self.meter.set_reload(True, self.clock.now())
        reload = lambda: self._spawn_reload("SIGHUP")  # noqa: E731
        handlers = {signal.SIGTERM: self.stop, signal.SIGINT: self.stop, signal.SIGHUP: reload}
        with handled(handlers, came):
            await self.website.start(self._on_request())
            log.info("listening", version=__version__, url=self.url)
            self._options.supervisor.ready(f"listening on {self.url}")
            await asyncio.to_thread(prepare, self._network)
            await self._work(started)

    def stop(self) -> None:
        """Ask the daemon to end in order."""
        self._stopping.set()

    async def _work(self, started: asyncio.Event | None) -> None:
        source, interval = self._source, self._options.auto_reload_interval
        follow_files = auto_reload(self.clock, interval, source.changed, self.reload)
        tasks = [
            asyncio.create_task(self.probing.scheduler.run(), name="scheduler"),
            asyncio.create_task(self.generations.run(), name="generations"),
            asyncio.create_task(self._pauses.run(), name="pauses"),
            asyncio.create_task(self._options.supervisor.watch(self.clock), name="supervisor"),
            asyncio.create_task(self._review(), name="review"),
            asyncio.create_task(follow_files, name="auto reload"),
            asyncio.create_task(self.history.run(), name="history"),
            asyncio.create_task(self.ownership.run(), name="leases"),
            asyncio.create_task(self.ledger.run(), name="ledger"),
            asyncio.create_task(self.incidents.run(), name="incidents"),
            asyncio.create_task(self.website.ended(), name="web server"),
        ]
        stopping = asyncio.create_task(self._stopping.wait(), name="stop")
        if started is not None:
            started.set()
        done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        first = next((task for task in tasks if task in done), None)
        log.info("stopping")
        self._options.supervisor.stopping()
        cutting = asyncio.create_task(self.history.cut_off(STOP_TIMEOUT), name="cut off")
        await self.website.stop(STOP_TIMEOUT)
        await end_all([stopping, *tasks], told=first)
        await self._pages.stop()
        self._network.close()
        await self._close()
        cutting.cancel()
        if first is not None:
            first.result()  # a step that ended by itself ended by an error: let it be seen

    async def _close(self) -> None:
        await self.ledger.close()
        await self.incidents.write()
        await self._calls.close()
        await self.history.close()
        await self.ownership.close()
        log.info("stopped")

    def _apply(self) -> None:
        """Put the source's present configuration into force."""
        resolution = self._source.resolution
        self._in_force = InForce.of(self._source, self._database)
        names = [target.name for target in resolution.targets]
        self.ownership.configure(names)
        self.history.configure(names, self._source.config.storage.retention)
        pages = [page.id for page in resolution.pages]
        self.board.configure(resolution.targets, resolution.windows, pages)
        self.incidents.configure(resolution.targets)
        self._plan()
        self._pages.configure(resolution.pages, resolution.page_components)
        self._publisher.publish()

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
            result = await asyncio.to_thread(self._source.reload, self._database.problems)
            self.meter.set_reload(result.success, self.clock.now())
            await asyncio.to_thread(self._options.web_config.reload)  # it tells by itself
            if result.success:
                await self.history.flush()  # another exporter may go on with what we drop
                self._apply()
                log.info("configuration reloaded", trigger=why, targets=len(self._in_force.targets))
                for warning in self._in_force.warnings:
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
        self._publisher.publish_soon()

    def _changed(self, change: StateChange) -> None:
        self.history.changed(change)
        self._publisher.publish_soon()

    async def _review(self) -> None:
        """Let time pass on the board, publish it, and measure how late we wake."""
        while True:
            before = self.clock.monotonic()
            await self.clock.sleep(REVIEW_INTERVAL)
            lag = max(0.0, self.clock.monotonic() - before - REVIEW_INTERVAL)
            self.meter.set_loop_lag(lag)
            self.meter.set_log_dropped(logs.lost())
            self._overload.look(lag)
            if not self.ownership.lease_lapsed:  # else it would be our sleep that is judged
                self.board.review()
                self.incidents.look(self.board.snapshot())
            self._publisher.publish()

    def _ready(self) -> bool:
        # Once for all: what comes to us later from another exporter is no reason to be unready.
        if not self._was_ready and self.ownership.ready:
            done, total = self.probing.scheduler.progress
            self._was_ready = done == total
        return self._was_ready

    def _view(self) -> Published:
        return Published(
            self.board.snapshot(), self.clock.monotonic(), self.ledger.spending(), self._ready(),
            self.ownership.owned, self._in_force, self.incidents.view,
        )  # fmt: skip

    def _instead(self, snapshot: Snapshot) -> Substitutes:
        return Substitutes(snapshot, self._in_force.policies, self.history.uptimes.ratio)

    async def _probe_now(self, name: str, depth: Depth, timeout: float) -> Observation:
        """Probe at once what is ours. Raises what `OnDemand.probe_now` does, and HTTPException."""
        if self.board.state(name) is not None and name not in self.ownership.owned:
            owner = self.ownership.owner_of(name)
            raise HTTPException(409, f"{name!r} is not watched here, but by {owner}.")
        return await self.probing.on_demand.probe_now(name, depth, timeout)

    def _on_request(self) -> Probing:
        return Probing(
            scrape_round=self.probing.on_demand.scrape_round,
            probe_now=self._probe_now,
            reload=self.reload,
            enable_spending=self.ledger.enable,
            failures=self.probing.failures.of,
            reader=self.history.reader,
            report=self.probing.report,
        )
