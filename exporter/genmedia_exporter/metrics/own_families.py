"""The metrics in which the exporter tells of itself and its money, beside process_* and python_*."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.metrics.definitions import Definitions
from genmedia_exporter.metrics.exposition import Kind

_own = Definitions()
BUDGET_LIMIT = _own.gauge(
    "budget_limit_usd", "period", "What paid probes may cost in a period, in US dollars."
)
BUDGET_SPENT = _own.gauge(
    "budget_spent_usd",
    "period",
    "What paid probes have cost in the present period, reservations included, in US dollars.",
)
BUDGET_ENABLED = _own.gauge(
    "budget_enabled",
    "",
    "1 while the switch allows paid probes, 0 while it does not; absent without a budget.",
)
BUILD_INFO = _own.define(
    "exporter_build_info",
    Kind.INFO,
    "version python",
    "Version of the exporter and of the Python it runs on.",
)
RELOAD_SUCCESSFUL = _own.gauge(
    "exporter_config_last_reload_successful",
    "",
    "1 when the configuration last read is in force, 0 when it was refused.",
)
RELOAD_TIMESTAMP = _own.gauge(
    "exporter_config_last_reload_success_timestamp_seconds",
    "",
    "When a configuration was last taken into force, in Unix seconds.",
)
WEB_RELOAD_SUCCESSFUL = _own.gauge(
    "exporter_web_config_reload_successful", "", "0 while --web.config.file is broken, else 1."
)
SCHEDULE_LAG = _own.define(
    "exporter_schedule_lag_seconds", Kind.HISTOGRAM, "", "How late probes start."
)
SELF_DELAY = _own.define(
    "probe_self_delay_seconds", Kind.HISTOGRAM, "", "How late our own event loop made a probe."
)
SATURATED = _own.gauge("exporter_saturated", "", "1 while the exporter does not keep up, else 0.")
IN_FLIGHT = _own.gauge("exporter_probes_in_flight", "", "Probes running now.")
NETWORK_OK = _own.gauge("exporter_network_ok", "", "0 while our own network is in doubt, else 1.")
LOOP_LAG = _own.gauge(
    "exporter_event_loop_lag_seconds", "", "How late the event loop last woke up."
)
SNAPSHOT_AGE = _own.gauge("exporter_snapshot_age_seconds", "", "How old what this page tells is.")
TARGETS_OWNED = _own.gauge(
    "exporter_targets_owned", "", "Targets that this exporter watches itself."
)
STORAGE_OK = _own.gauge(
    "exporter_storage_ok", "", "1 while state and history are written, 0 while they only wait."
)
STORAGE_DROPPED = _own.counter(
    "exporter_storage_dropped_total",
    "",
    "Records of probes and changes lost because storage did not work for too long.",
)
LOG_DROPPED = _own.counter(
    "exporter_log_lines_dropped_total",
    "",
    "Lines of the log lost because nobody took them from standard error.",
)
VERDICTS = _own.counter("exporter_verdicts_total", "provider basis", "Verdicts by basis.")

OWN_FAMILIES: Final = _own.families
"""All of them."""
