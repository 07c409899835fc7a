"""The exporter itself: is the watcher healthy, does it keep time, and what does it cost?"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import bargauge, stat, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src import palette
from dashboards.src.frame import Section, choice, page
from dashboards.src.panels import EXPORTER_UID, bars, lines, ranked, tile
from dashboards.src.promql import MINE, of_buckets, of_exporters, once

NOT_SCRAPED: Final = "Exporter not scraped"
NOT_TOLD: Final = "Exporter not scraped, or its system does not tell"
THIRD: Final = (8, 8)
QUARTER: Final = (6, 8)
_BUILD: Final = "genmedia_exporter_build_info"


def dashboard() -> model.Dashboard:
    """Return the dashboard for when the watcher itself is in doubt."""
    variables = [
        choice("job", f"label_values({_BUILD}, job)", ".+"),
        choice("instance", f'label_values({_BUILD}{{job=~"$job"}}, instance)', ".+"),
    ]
    return page(
        EXPORTER_UID,
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
    started = f"process_start_time_seconds{{{MINE}}}"
    loaded = "genmedia_exporter_config_last_reload_success_timestamp_seconds"
    return [
        *_flags(),
        tile(
            "Loaded",
            "When the configuration in force was taken.",
            f"max({loaded}{{{MINE}}}) * 1000",
            3,
            unit="dateTimeFromNow",
            empty=NOT_SCRAPED,
        ),
        tile(
            "Started",
            "When the exporter last started; of several, the last to. Minutes ago, again and again: "
            "it does not stay up.",
            f"max({of_exporters(started)}) * 1000",
            3,
            unit="dateTimeFromNow",
            empty=NOT_TOLD,
        ),
        tile(
            "Version",
            "Of the exporter; two of them while an update is under way.",
            f"max by (version) ({_BUILD}{{{MINE}}})",
            3,
            empty=NOT_SCRAPED,
            legend="{{version}}",
        ).text_mode(kinds.BigValueTextMode.NAME),
    ]


def _flags() -> list[stat.Panel]:
    """Return what is either well or not."""
    return [
        _flag(
            "Scraped",
            "Whether Prometheus reached all exporters at its last scrape; one that is down is "
            "counted for a day.",
            of_exporters(f"up{{{MINE}}}"),
            palette.SCRAPED,
        ),
        _flag(
            "Own network",
            "In doubt when most unrelated hosts fail at once: affected targets are unknown then.",
            f"genmedia_exporter_network_ok{{{MINE}}}",
            palette.NETWORK,
        ),
        _flag(
            "Configuration",
            "Refused: the file last read has a mistake, the one before stays in force; see the log.",
            f"genmedia_exporter_config_last_reload_successful{{{MINE}}}",
            palette.CONFIGURATION,
        ),
        _flag(
            "Storage",
            "Memory only: state and history wait for the storage to work again; see the log.",
            f"genmedia_exporter_storage_ok{{{MINE}}}",
            palette.STORAGE,
        ),
        _flag(
            "Spending",
            "Switched off: no paid probe runs, whatever the budget.",
            f"genmedia_budget_enabled{{{MINE}}}",
            palette.SPENDING,
            "no budget, or not scraped",
        ),
    ]


def _flag(
    title: str,
    description: str,
    metric: str,
    mappings: list[model.ValueMapping],
    empty: str = NOT_SCRAPED,
) -> stat.Panel:
    """Return a tile that is well only where all of the chosen exporters are."""
    return tile(title, description, f"min({metric})", 3, empty=empty, mappings=mappings)


def _probing() -> list[timeseries.Panel]:
    finished = once("genmedia_probes_total", "rate", "$__rate_interval")
    skipped = once("genmedia_probes_skipped_total", "increase", "$__interval", ahead=True)
    in_flight = f"sum by (instance) (genmedia_exporter_probes_in_flight{{{MINE}}})"
    return [
        lines(
            "Probes a minute",
            "Finished probes by depth, whatever came of them.",
            {"{{depth}}": f"sum by (depth) ({finished}) * 60"},
            size=THIRD,
            unit="opm",
            empty=NOT_SCRAPED,
        ),
        bars(
            "Probes skipped, by reason",
            "Due and not made: maintenance, retired, network (ours), concurrency (no slot in time), "
            "budget. Each bar counts its own span, at least 5 minutes.",
            {"{{reason}}": f"sum by (reason) ({skipped})"},
            "5m",
            size=THIRD,
            unit="short",
            empty="No probe was skipped in this time",
        ).decimals(0),
        lines(
            "Probes in flight",
            "Running at the moment of the scrape.",
            {"{{instance}}": in_flight},
            size=THIRD,
            unit="short",
            empty=NOT_SCRAPED,
        ).decimals(0),
    ]


def _late() -> bargauge.Panel:
    ran = f"genmedia_probe_last_run_timestamp_seconds{{{MINE}}}"
    every = f"genmedia_probe_interval_seconds{{{MINE}}}"
    retired = f'genmedia_target_status{{{MINE}, status="retired"}} == 1'
    by = "max by (target, depth)"
    age = f"(time() - {by} ({ran})) / {by} ({every})"
    panel = ranked(
        "Oldest results, in intervals",
        "The ten oldest. 1 is due now, 2.5 is expired. Retired models are probed rarely and left "
        "out; a window of maintenance makes targets old, too.",
        {"{{target}} · {{depth}}": f"topk(10, ({age}) unless on (target) ({retired}))"},
        size=THIRD,
        empty="No probe yet",
        steps=((None, palette.GOOD), (1.5, palette.CAUTION), (2.5, palette.BAD)),
    )
    return panel.min(0).max(3).decimals(1)


def _lag() -> list[timeseries.Panel]:
    buckets = f"genmedia_exporter_schedule_lag_seconds_bucket{{{MINE}}}"
    lag = f"sum by (le) (rate({buckets}[$__rate_interval]))"
    loop = f"max by (instance) (genmedia_exporter_event_loop_lag_seconds{{{MINE}}})"
    return [
        lines(
            "How late probes start",
            "Grows when slots or CPU are short. A second is nothing; tens of seconds make results "
            "old.",
            {"median": of_buckets(0.5, lag), "p99": of_buckets(0.99, lag)},
            size=THIRD,
            unit="s",
            empty="No probe started in this time",
        ),
        lines(
            "Event loop lag",
            "How late the loop last woke up. Above about 0.1 s latencies are measured too long.",
            {"{{instance}}": loop},
            size=THIRD,
            unit="s",
            empty=NOT_SCRAPED,
        ),
    ]


def _money() -> list[Builder[model.Panel]]:
    spent = f"max by (period) (genmedia_budget_spent_usd{{{MINE}}})"
    limit = f"max by (period) (genmedia_budget_limit_usd{{{MINE}}}) > 0"
    cost = once("genmedia_probe_cost_usd_total", "increase", "$__interval", ahead=True)
    used = ranked(
        "Budget used",
        "Spent and reserved in the present day and month, of the limit. At 100 % paid probes "
        "stop until the next one; so they do while Spending above is switched off.",
        {"{{period}}": f"{spent} / ({limit})"},
        size=QUARTER,
        unit="percentunit",
        empty="No budget set: paid probes never run",
        steps=palette.BUDGET_USED,
    )
    return [
        used.min(0).max(1).decimals(0),
        _spent("Spent today", "day"),
        _spent("Spent this month", "month"),
        bars(
            "Cost by depth",
            "What probing cost in each bar's own span, at least 15 minutes; the last is still growing.",
            {"{{depth}}": f"sum by (depth) ({cost})"},
            "15m",
            size=QUARTER,
            unit="currencyUSD",
            empty="Nothing was spent in this time",
        ),
    ]


def _spent(title: str, period: str) -> timeseries.Panel:
    """Return a period of its own: a day's dollar is a flat line beside a month's twenty."""
    of = f'{{{MINE}, period="{period}"}}'
    return lines(
        title,
        "Spent and reserved; the limit is the flat line. Exporters that share a storage share both.",
        {
            "spent": f"max(genmedia_budget_spent_usd{of})",
            "limit": f"max(genmedia_budget_limit_usd{of}) > 0",
        },
        size=QUARTER,
        unit="currencyUSD",
        empty=NOT_SCRAPED,
    ).decimals(2)


def _process() -> list[timeseries.Panel]:
    cpu = f"rate(process_cpu_seconds_total{{{MINE}}}[$__rate_interval])"
    files = f"process_open_fds{{{MINE}}} / process_max_fds{{{MINE}}}"
    dropped = f"increase(genmedia_exporter_storage_dropped_total{{{MINE}}}[$__rate_interval])"
    owned = f"genmedia_exporter_targets_owned{{{MINE}}}"
    scrape, samples = f"scrape_duration_seconds{{{MINE}}}", f"scrape_samples_scraped{{{MINE}}}"
    memory = f"process_resident_memory_bytes{{{MINE}}}"
    pages = f"genmedia_status_page_last_success_timestamp_seconds{{{MINE}}}"
    return [
        _each("CPU", "Of one core.", of_exporters(cpu), "percentunit", NOT_TOLD),
        _each("Memory", "Resident.", of_exporters(memory), "bytes", NOT_TOLD),
        _each(
            "File descriptors",
            "Open, of those allowed; sockets count.",
            of_exporters(files),
            "percentunit",
            NOT_TOLD,
        ),
        _each("Scrape time", "As Prometheus saw it.", of_exporters(scrape), "s"),
        _each("Samples a scrape", "Series exposed.", of_exporters(samples)),
        _each("Targets", "Watched by each itself; several with one storage share them.", owned),
        _each("Records lost", "Of probes, for want of a working storage; normally 0.", dropped),
        lines(
            "Age of the status pages",
            "Since each page was last read well.",
            {"{{page}}": f"time() - max by (page) ({pages})"},
            size=(16, 7),
            unit="s",
            empty="No status page configured",
        ),
    ]


def _each(
    title: str, description: str, expression: str, unit: str = "short", empty: str = NOT_SCRAPED
) -> timeseries.Panel:
    """Return a line for each exporter."""
    asked = {"{{instance}}": f"max by (instance) ({expression})"}
    return lines(title, description, asked, size=(8, 7), unit=unit, empty=empty)
