"""What the web needs of the rest, as plain callables; the app fills it, tests fill it by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.failures import KeptFailure
from genmedia_exporter.health.response_times import NOTHING, ResponseTime
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.health.traffic import ReportedCall
from genmedia_exporter.health.uptime import Uptime as Known
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.metrics.exporter import OwnState
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.routing.ranking import BUILT_IN, Uptime, no_uptime
from genmedia_exporter.spending.demand import Blocked
from genmedia_exporter.spending.forecast import Forecast
from genmedia_exporter.spending.limits import Spending
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.targets.model import MaintenanceWindow, TrafficAccess
from genmedia_exporter.web.look import PLAIN, Look


def _no_reader() -> Reader:
    raise StorageError("no storage")


async def _no_switch(_on: bool) -> None:
    raise StorageError("no storage")


class ProbingStalled(Exception):
    """The probing loop did not answer in time; what is known can be read all the same."""


Report = Callable[[Mapping[str, Sequence[ReportedCall]]], Awaitable[Sequence[str]]]
"""Takes in calls of applications, by target; returns the names of those that are not watched here."""


async def _nobodys(calls: Mapping[str, Sequence[ReportedCall]]) -> Sequence[str]:
    return tuple(calls)


Windows = Mapping[str, Sequence[MaintenanceWindow]]
"""The configured maintenance of targets, by name."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept at hand of the past of targets, by name; asking costs a few sums."""

    days: Callable[[str], Sequence[Known]] = lambda _name: ()  # oldest first
    hours: Callable[[str], Sequence[Known]] = lambda _name: ()  # of the last 24
    response_time: Callable[[str], ResponseTime] = lambda _name: NOTHING


NO_PAST = Past()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything behind the routes. What is awaited may raise ProbingStalled.

    `scrape_round(timeout)` runs the free depths of targets with `schedule: scrape` and returns
    within *timeout* seconds. `probe_now(name, depth, timeout)` probes at once or joins the probe
    that runs; it raises KeyError for an unknown name, ValueError for a depth that the target has
    not or that costs money, TimeoutError when *timeout* seconds were not enough. `reload()`
    returns the problems that kept a new configuration from being taken, none on success;
    `reload_web()` does so for the file of --web.config.file.
    `enable_spending(on)` raises StorageError when that could not be written; off holds all the same.
    """

    snapshot: Callable[[], Snapshot]
    metrics: Metrics
    scrape_round: Callable[[float], Awaitable[None]]
    probe_now: Callable[[str, Depth, float], Awaitable[Observation]]
    reload: Callable[[], Awaitable[Sequence[str]]]
    config_yaml: Callable[[], str]
    ready: Callable[[], bool]
    now: Callable[[], Unix]
    age: Callable[[], float] = lambda: 0.0  # seconds since what is read here was so
    silent: Callable[[], float] = lambda: 0.0  # seconds since the probing loop last turned
    scrape_driven: Callable[[], bool] = lambda: True  # whether a scrape makes probes
    reload_web: Callable[[], Sequence[str]] = tuple
    warnings: Callable[[], Sequence[str]] = tuple  # of the configuration in force
    spending: Callable[[], Spending] = Spending
    forecast: Callable[[], Forecast] = Forecast
    blocked_by: Callable[[str], Blocked | None] = lambda _name: None  # of the paid depth
    enable_spending: Callable[[bool], Awaitable[None]] = _no_switch
    policies: Callable[[], Mapping[str, Policy]] = lambda: BUILT_IN
    route_uptime: Uptime = no_uptime
    uptime: Callable[[str], Mapping[str, Known]] = lambda _name: {}  # by window
    past: Past = NO_PAST
    own: Callable[[], OwnState] = OwnState
    windows: Callable[[], Windows] = lambda: {}
    failures: Callable[[str], Sequence[KeptFailure]] = lambda _name: ()  # newest first
    incidents: Callable[[], Sequence[Incident]] = tuple  # open ones first, then the newest
    stars: Callable[[str], int] = lambda _name: 0
    reader: Callable[[], Reader] = _no_reader  # raises StorageError
    traffic: Callable[[], TrafficAccess] = TrafficAccess
    report: Report = _nobodys
    lifecycle_enabled: bool = False
    route_prefix: str = ""  # "" or "/a/b"
    allowed_hosts: Sequence[str] = ()  # names below which alone we are read; none: any
    look: Look = PLAIN
    external_url: str = ""  # where people reach the exporter, when a proxy stands before it
    timeout_offset: float = 0.5  # seconds taken off Prometheus' scrape timeout
