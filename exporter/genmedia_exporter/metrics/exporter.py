"""What the exporter says of itself: its build, its clockwork, its money, its process."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.metrics_core import Metric

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.evidence import BASES, Basis
from genmedia_exporter.metrics import own_families
from genmedia_exporter.metrics.exposition import (
    Family,
    Format,
    Kind,
    Shows,
    encode,
    everything,
    line,
)
from genmedia_exporter.spending.limits import Spending as Spending

log = EventLog(__name__)

LAG_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds of genmedia_exporter_schedule_lag_seconds."""
EXEMPLAR_LENGTH: Final = 100
"""Characters of a target's name in an exemplar."""
DELAY_BUCKETS: Final = (0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds in seconds of genmedia_probe_self_delay_seconds."""


@dataclass(frozen=True, slots=True)
class OwnState:
    """What of the exporter itself people are told beside its targets."""

    storage_ok: bool = True
    dropped: int = 0  # records, since the start
    config_ok: bool = True  # the configuration file is in force as it is
    web_config_ok: bool = True
    saturated: bool = False  # it does not keep up


class ExporterMetrics:
    """The exporter's own metrics, on a registry that belongs to nobody else.

    `set_network`, `set_verdicts`, `set_age` and `set_spending` belong to whoever renders.

    With *process* false, process_* and python_* are left out; *python* and *version* are for tests
    that compare whole pages.
    """

    def __init__(
        self,
        *,
        process: bool = True,
        version: str = __version__,
        python: str | None = None,
    ) -> None:
        self.registry = CollectorRegistry()
        self.state = OwnState()
        if process:
            _collect_process(self.registry)
        build = Info(*_named(own_families.BUILD_INFO), registry=self.registry)
        build.info({"version": version, "python": python or platform.python_version()})
        self._reloaded = self._gauge(own_families.RELOAD_SUCCESSFUL)
        self._reloaded_at = self._gauge(own_families.RELOAD_TIMESTAMP)
        self._web_reloaded = Gauge(*_named(own_families.WEB_RELOAD_SUCCESSFUL), registry=None)
        self._web_shown = False
        self._probes_in_flight = 0
        self._gauge(own_families.IN_FLIGHT).set_function(lambda: self._probes_in_flight)
        self._network_ok = self._gauge(own_families.NETWORK_OK)
        self._loop_lag = self._gauge(own_families.LOOP_LAG)
        self._age = self._gauge(own_families.SNAPSHOT_AGE)
        self._owned = self._gauge(own_families.TARGETS_OWNED)
        self._storage_ok = self._gauge(own_families.STORAGE_OK)
        self._dropped = Counter(*_named(own_families.STORAGE_DROPPED), registry=self.registry)
        self._dropped_before = 0
        self._log_dropped = Counter(*_named(own_families.LOG_DROPPED), registry=self.registry)
        self._log_dropped_before = 0
        verdicts = own_families.VERDICTS
        self._verdicts = Counter(
            *_named(verdicts), labelnames=verdicts.labels, registry=self.registry
        )
        self._verdicts_before: dict[tuple[str, Basis], int] = {}
        self._limit = self._gauge(own_families.BUDGET_LIMIT)
        self._spent = self._gauge(own_families.BUDGET_SPENT)
        self._enabled = Gauge(*_named(own_families.BUDGET_ENABLED), registry=None)
        self._enabled_shown = False
        lag = own_families.SCHEDULE_LAG
        self._lag = Histogram(*_named(lag), buckets=LAG_BUCKETS, registry=self.registry)
        delay = own_families.SELF_DELAY
        self._delay = Histogram(*_named(delay), buckets=DELAY_BUCKETS, registry=self.registry)
        self._saturated = self._gauge(own_families.SATURATED)
        self.set_storage(True, 0)
        self.set_network(True)
        self.set_spending(Spending())

    def _gauge(self, family: Family) -> Gauge:
        return Gauge(*_named(family), labelnames=family.labels, registry=self.registry)

    def observe_lag(self, seconds: float, target: str = "") -> None:
        """Count one probe of *target* that started *seconds* late."""
        self._lag.observe(max(0.0, seconds), _exemplar(target, seconds > LAG_BUCKETS[0]))

    def observe_self_delay(self, seconds: float, target: str = "") -> None:
        """Count one probe of *target* that our own event loop made *seconds* late."""
        self._delay.observe(seconds, _exemplar(target, seconds > DELAY_BUCKETS[0]))

    def set_saturated(self, saturated: bool) -> None:
        """Tell whether the exporter is overloaded."""
        self.state = replace(self.state, saturated=saturated)
        self._saturated.set(saturated)

    def set_reload(self, success: bool, timestamp: Unix) -> None:
        """Tell how reading the configuration went, and when (Unix seconds)."""
        self.state = replace(self.state, config_ok=success)
        self._reloaded.set(success)
        if success:
            self._reloaded_at.set(float(timestamp))

    def set_web_config(self, success: bool) -> None:
        """Tell whether the web configuration is in force as its files are now; absent before."""
        self.state = replace(self.state, web_config_ok=success)
        self._web_reloaded.set(success)
        if not self._web_shown:
            self._web_shown = True
            self.registry.register(self._web_reloaded)

    def set_in_flight(self, probes: int) -> None:
        """Tell how many probes run now."""
        self._probes_in_flight = probes

    def set_owned(self, targets: int) -> None:
        """Tell how many targets this exporter watches itself."""
        self._owned.set(targets)

    def set_network(self, ok: bool) -> None:
        """Tell whether the exporter's own network is beyond doubt."""
        self._network_ok.set(ok)

    def set_storage(self, ok: bool, dropped: int) -> None:
        """Tell whether storage works, and how many records have been dropped since the start."""
        self.state = replace(self.state, storage_ok=ok, dropped=dropped)
        self._storage_ok.set(ok)
        self._dropped.inc(dropped - self._dropped_before)
        self._dropped_before = dropped

    def set_log_dropped(self, lines: int) -> None:
        """Tell how many lines of the log have been lost since the start."""
        self._log_dropped.inc(lines - self._log_dropped_before)
        self._log_dropped_before = lines

    def set_verdicts(
        self, providers: Iterable[str], counts: Mapping[tuple[str, Basis], int]
    ) -> None:
        """Tell how many verdicts rested on what, by provider; known providers count from zero."""
        for provider in providers:
            for basis in BASES:
                self._verdicts.labels(provider, basis)
        for pair, count in counts.items():
            self._verdicts.labels(*pair).inc(count - self._verdicts_before.get(pair, 0))
        self._verdicts_before = dict(counts)

    def set_loop_lag(self, seconds: float) -> None:
        """Tell how late the event loop woke up."""
        self._loop_lag.set(seconds)

    def set_age(self, seconds: float) -> None:
        """Tell how old what the page tells is."""
        self._age.set(max(0.0, seconds))

    def set_spending(self, spending: Spending) -> None:
        """Tell what paid probes may cost and have cost; what is not known yet is absent."""
        self._limit.labels("day").set(spending.daily_usd)
        self._limit.labels("month").set(spending.monthly_usd)
        self._spent.clear()
        if spending.spent_today_usd is not None:
            self._spent.labels("day").set(spending.spent_today_usd)
        if spending.spent_this_month_usd is not None:
            self._spent.labels("month").set(spending.spent_this_month_usd)
        self._enabled.set(spending.enabled)
        known = spending.spent_today_usd is not None
        self._show_switch(known and spending.daily_usd > 0 and spending.monthly_usd > 0)

    def _show_switch(self, shown: bool) -> None:
        if shown is self._enabled_shown:
            return
        self._enabled_shown = shown
        if shown:
            self.registry.register(self._enabled)
        else:
            self.registry.unregister(self._enabled)

    def render(self, form: Format, shows: Shows = everything) -> bytes:
        """Return all of them. Never raises: what cannot be read is logged and left out."""
        try:
            metrics = sorted(self.registry.collect(), key=_rank)
            return b"".join(_render_metric(metric, form, shows) for metric in metrics)
        except Exception as error:  # the targets' samples must not fall with ours
            log.exception("exporter metrics left out", error)
            return b""


def _collect_process(registry: CollectorRegistry) -> None:
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)


def _named(family: Family) -> tuple[str, str]:
    return family.base, family.help


_RANKS: Final = {family.base: i for i, family in enumerate(own_families.OWN_FAMILIES)}


def _rank(metric: Metric) -> int:
    return _RANKS.get(metric.name, len(_RANKS))


def _exemplar(target: str, late: bool) -> dict[str, str] | None:
    """Return what the exemplar of one that was *late* says: which target it was; OpenMetrics allows 128 characters."""
    return {"target": target[:EXEMPLAR_LENGTH]} if target and late else None


def _render_metric(metric: Metric, form: Format, shows: Shows) -> bytes:
    kind = Kind(metric.type)
    suffix = {Kind.COUNTER: "_total", Kind.INFO: "_info"}.get(kind, "")
    family = Family(metric.name + suffix, kind, metric.documentation)
    return family.header(form) + encode("".join(_lines(metric, form))) if shows(family) else b""


def _lines(metric: Metric, form: Format) -> Iterable[str]:
    """Yield the samples; when counting began, and exemplars, only where the format has them."""
    rich = form is Format.OPENMETRICS
    for sample in metric.samples:
        if not rich and sample.name.endswith("_created"):
            continue
        plain = line(sample.name, sample.labels.items(), sample.value)
        if rich and sample.exemplar is not None:
            seen = sample.exemplar
            told = line("#", seen.labels.items(), seen.value).replace("#{", "# {", 1)
            plain = f"{plain[:-1]} {told[:-1]} {seen.timestamp:.3f}\n"
        yield plain
