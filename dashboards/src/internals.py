"""The exporter itself: is the watcher healthy, does it keep time, and what does it cost?"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import bargauge, stat, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src import palette
from dashboards.src.frame import Section, choice, page
from dashboards.src.panels import bars, dress, lines, query, ranked, tile
from dashboards.src.promql import MINE, of_buckets, once

NOT_SCRAPED: Final = "Exporter not scraped"
_BUILD: Final = "genmedia_exporter_build_info"


def dashboard() -> model.Dashboard:
    """Return the dashboard for when the watcher itself is in doubt."""
    variables = [
        choice("job", f"label_values({_BUILD}, job)"),
        choice("instance", f'label_values({_BUILD}{{job=~"$job"}}, instance)'),
    ]
    return page(
        "genmedia-exporter",
        "genmedia / Exporter",
        "Is the watcher healthy, does it keep time, and what does it cost?",
        variables,
        [
            Section("", _headline()),
            Section("Keeping time", [*_probing(), _late(), *_lag()]),
            Section("Money", _money()),
            Section("Process and scrape", _process(), folded=True),
        ],
        since="now-6h",
        marks=False,
    )


def _headline() -> list[stat.Panel]:
    return [
        _flag(
            "Scraped",
            "Whether Prometheus reached the exporter at its last scrape.",
            f"min(up{{{MINE}}})",
            palette.SCRAPED,
        ),
        _flag(
            "Own network",
            "In doubt when most unrelated hosts fail at once: affected targets are unknown then.",
            f"min(genmedia_exporter_network_ok{{{MINE}}})",
            palette.NETWORK,
        ),
        _flag(
            "Configuration",
            "Refused: the file last read has a mistake, the one before stays in force; see the log.",
            f"min(genmedia_exporter_config_last_reload_successful{{{MINE}}})",
            palette.CONFIGURATION,
        ),
        _flag(
            "Storage",
            "Memory only: state and history wait for the storage to work again; see the log.",
            f"min(genmedia_exporter_storage_ok{{{MINE}}})",
            palette.STORAGE,
        ),
        tile(
            "Loaded",
            "When the configuration in force was taken.",
            f"max(genmedia_exporter_config_last_reload_success_timestamp_seconds{{{MINE}}}) * 1000",
            width=4,
            unit="dateTimeFromNow",
            empty=NOT_SCRAPED,
        ),
        tile(
            "Version",
            "Of the exporter; two of them while an update is under way.",
            f"max by (version) ({_BUILD}{{{MINE}}})",
            width=4,
            unit="none",
            empty=NOT_SCRAPED,
            legend="{{version}}",
        ).text_mode(kinds.BigValueTextMode.NAME),
    ]


def _flag(
    title: str, description: str, expression: str, mappings: list[model.ValueMapping]
) -> stat.Panel:
    return tile(
        title,
        description,
        expression,
        width=4,
        unit="none",
        empty=NOT_SCRAPED,
        mappings=mappings,
    )


def _probing() -> list[timeseries.Panel]:
    finished = once("genmedia_probes_total", "rate", "$__rate_interval")
    skipped = once("genmedia_probes_skipped_total", "increase", "$__interval")
    return [
        dress(
            lines(),
            "Probes a minute",
            "Finished probes by depth, whatever came of them.",
            [query(f"sum by (depth) ({finished}) * 60", "{{depth}}")],
            size=(8, 8),
            unit="opm",
            empty=NOT_SCRAPED,
        ),
        dress(
            bars().interval("5m").decimals(0),
            "Probes skipped, by reason",
            "Due and not made: maintenance, retired, network (ours), concurrency (no slot in time), "
            "budget. Each bar counts its own span, at least 5 minutes.",
            [query(f"sum by (reason) ({skipped}) > 0", "{{reason}}")],
            size=(8, 8),
            unit="short",
            empty="No probe was skipped in this time",
        ),
        dress(
            lines().decimals(0),
            "Probes in flight",
            "Running at the moment of the scrape.",
            [query(f"sum by (instance) (genmedia_exporter_probes_in_flight{{{MINE}}})")],
            size=(8, 8),
            unit="short",
            empty=NOT_SCRAPED,
        ),
    ]


def _late() -> bargauge.Panel:
    ran = f"genmedia_probe_last_run_timestamp_seconds{{{MINE}}}"
    every = f"genmedia_probe_interval_seconds{{{MINE}}}"
    retired = f'genmedia_target_status{{{MINE}, status="retired"}} == 1'
    by = "max by (target, depth)"
    age = f"(time() - {by} ({ran})) / {by} ({every})"
    return dress(
        ranked().min(0).max(3).decimals(1),
        "Oldest results, in intervals",
        "The ten oldest. 1 is due now, 2.5 is expired. Retired models are probed rarely and left "
        "out; a window of maintenance makes targets old, too.",
        [
            query(
                f"topk(10, ({age}) unless on (target) ({retired}))",
                "{{target}} · {{depth}}",
                now=True,
            )
        ],
        size=(8, 8),
        unit="none",
        empty="No probe yet",
        steps=((None, palette.GOOD), (1.5, palette.CAUTION), (2.5, palette.BAD)),
    )


def _lag() -> list[timeseries.Panel]:
    buckets = f"genmedia_exporter_schedule_lag_seconds_bucket{{{MINE}}}"
    lag = f"sum by (le) (rate({buckets}[$__rate_interval]))"
    return [
        dress(
            lines(),
            "How late probes start",
            "Grows when slots or CPU are short. A second is nothing; tens of seconds make results "
            "old.",
            [
                query(of_buckets(0.5, lag), "median"),
                query(of_buckets(0.99, lag), "p99", name="B"),
            ],
            size=(8, 8),
            unit="s",
            empty="No probe started in this time",
        ),
        dress(
            lines(),
            "Event loop lag",
            "How late the loop last woke up. Above about 0.1 s latencies are measured too long.",
            [query(f"max by (instance) (genmedia_exporter_event_loop_lag_seconds{{{MINE}}})")],
            size=(8, 8),
            unit="s",
            empty=NOT_SCRAPED,
        ),
    ]


def _money() -> list[Builder[model.Panel]]:
    spent = f"max by (period) (genmedia_budget_spent_usd{{{MINE}}})"
    limit = f"max by (period) (genmedia_budget_limit_usd{{{MINE}}})"
    cost = once("genmedia_probe_cost_usd_total", "increase", "$__interval")
    return [
        dress(
            ranked().min(0).max(1).decimals(0),
            "Budget used",
            "Spent and reserved in the present day and month, of the limit. At 100 % paid probes "
            "stop until the next one.",
            [query(f"{spent} / ({limit} > 0)", "{{period}}", now=True)],
            size=(8, 8),
            unit="percentunit",
            empty="No budget set: paid probes never run",
            steps=palette.BUDGET_USED,
        ),
        dress(
            lines(),
            "Spent against limit",
            "By period; the limits are the flat lines. Exporters that share a storage share both.",
            [
                query(spent, "{{period}} spent"),
                query(f"{limit} > 0", "{{period}} limit", name="B"),
            ],
            size=(8, 8),
            unit="currencyUSD",
            empty=NOT_SCRAPED,
        ),
        dress(
            bars().interval("1h"),
            "Cost by depth",
            "What probing cost in each bar's own span, at least an hour.",
            [query(f"sum by (depth) ({cost}) > 0", "{{depth}}")],
            size=(8, 8),
            unit="currencyUSD",
            empty="Nothing was spent in this time",
        ),
    ]


def _process() -> list[timeseries.Panel]:
    per_instance = "max by (instance)"
    pages = "max by (page) (genmedia_status_page_last_success_timestamp_seconds"
    dropped = f"increase(genmedia_exporter_storage_dropped_total{{{MINE}}}[$__rate_interval])"
    shown = [
        (
            "CPU",
            "Of one core.",
            f"rate(process_cpu_seconds_total{{{MINE}}}[$__rate_interval])",
            "percentunit",
        ),
        ("Memory", "Resident.", f"process_resident_memory_bytes{{{MINE}}}", "bytes"),
        (
            "File descriptors",
            "Open, of those allowed; sockets count.",
            f"process_open_fds{{{MINE}}} / process_max_fds{{{MINE}}}",
            "percentunit",
        ),
        ("Scrape time", "As Prometheus saw it.", f"scrape_duration_seconds{{{MINE}}}", "s"),
        ("Samples a scrape", "Series exposed.", f"scrape_samples_scraped{{{MINE}}}", "short"),
        (
            "Targets",
            "Watched by each exporter itself; several with one storage share them.",
            f"genmedia_exporter_targets_owned{{{MINE}}}",
            "short",
        ),
        ("Records lost", "Of probes, for want of a working storage; normally 0.", dropped, "short"),
    ]
    found = [
        dress(
            lines(),
            title,
            description,
            [query(f"{per_instance} ({expression})", "{{instance}}")],
            size=(8, 7),
            unit=unit,
            empty=NOT_SCRAPED,
        )
        for title, description, expression, unit in shown
    ]
    age = dress(
        lines(),
        "Age of the status pages",
        "Since each page was last read well.",
        [query(f"time() - {pages}{{{MINE}}})", "{{page}}")],
        size=(16, 7),
        unit="s",
        empty="No status page configured",
    )
    return [*found, age]
