"""What the web needs of the rest, as plain callables; the app fills it, tests fill it by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from exporter.metrics import Metrics
from exporter.metrics_own import Spending
from exporter.prober import Observation
from exporter.state import Snapshot
from exporter.status import Depth


@dataclass(frozen=True, slots=True)
class Services:
    """Everything behind the routes.

    `scrape_round(timeout)` runs the free depths of targets with `schedule: scrape` and returns
    within *timeout* seconds. `probe_now(name, depth, timeout)` probes at once or joins the probe
    that runs; it raises KeyError for an unknown name, ValueError for a depth that the target has
    not or that costs money, TimeoutError when *timeout* seconds were not enough. `reload()`
    returns the problems that kept a new configuration from being taken, none on success.
    """

    snapshot: Callable[[], Snapshot]
    metrics: Metrics
    scrape_round: Callable[[float], Awaitable[None]]
    probe_now: Callable[[str, Depth, float], Awaitable[Observation]]
    reload: Callable[[], Awaitable[Sequence[str]]]
    config_yaml: Callable[[], str]
    ready: Callable[[], bool]
    now: Callable[[], float]  # Unix seconds
    spending: Callable[[], Spending] = Spending
    lifecycle_enabled: bool = False
    route_prefix: str = ""  # "" or "/a/b"
    external_url: str = ""  # where people reach the exporter, when a proxy stands before it
    timeout_offset: float = 0.5  # seconds taken off Prometheus' scrape timeout
