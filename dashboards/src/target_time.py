"""The panels of one target that show how long things took, and how often they failed."""

from __future__ import annotations

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src.panels import areas, bars, lines
from dashboards.src.promql import (
    CHOSEN,
    chosen,
    grown,
    informed,
    latest,
    over,
    took,
    where_known,
)

NOT_PROBED = "Not probed yet, or no target chosen"
NO_PAID = "No paid probe yet: they need a budget and a price"
FREE = 'depth!="generate"'
PAID = 'depth="generate"'


def panels() -> list[Builder[model.Panel]]:
    """Return the panels about the time of the free depths."""
    return [
        _quantiles(
            "Time of free probes",
            "Median and 95th percentile by depth, over the window chosen above.",
            FREE,
            "depth",
            NOT_PROBED,
        ),
        _phases(
            "Where a free probe's time goes",
            "Phases of the last free probes, on average: resolve, connect, tls, processing "
            "(theirs), transfer. A phase that was not reached is missing.",
            FREE,
            NOT_PROBED,
        ),
        _slowest(),
    ]


def paid() -> list[Builder[model.Panel]]:
    """Return the panels about the time of generations."""
    return [
        _quantiles(
            "Time of a generation",
            "From the create call to the start of the asset, or to where it failed; over the window. "
            "Paid probes are rare; choose a long window.",
            PAID,
            "target",
            NO_PAID,
        ),
        _phases(
            "Where a generation's time goes",
            "Of the last paid probe: queue, run and fetch.",
            PAID,
            NO_PAID,
        ),
    ]


def age() -> timeseries.Panel:
    """Return how old the evidence of each depth is, in its own intervals."""
    ran = latest("genmedia_probe_last_success_timestamp_seconds", "target, depth")
    every = latest("genmedia_probe_interval_seconds", "target, depth")
    old = f"clamp_max(max by (depth) ((time() - ({ran})) / ({every})), 10)"
    return lines(
        "Age of the last success, in intervals",
        "At 2.5 intervals evidence expires and counts for nothing; with none left the target is "
        "unknown. Drawn up to 10.",
        {"{{depth}}": old, "expires": where_known(2.5, old)},
        empty="No success yet at any depth",
    ).decimals(1)


def failures() -> list[timeseries.Panel]:
    """Return what failed, and what was not tried at all."""
    return [
        _reasons(
            "Probes that failed, by reason",
            "Each bar counts the probes of its own span, at least 5 minutes; the last is still "
            "growing. Whoever is at fault; the reasons are a closed list.",
            "genmedia_probe_failures_total",
            "No probe failed in this time",
        ),
        _reasons(
            "Probes skipped, by reason",
            "Due and not made, hence no evidence: budget, maintenance, retired, network (ours), "
            "concurrency (no slot in time). Each bar counts its own span, at least 5 minutes.",
            "genmedia_probes_skipped_total",
            "No probe was skipped in this time",
        ),
    ]


def _reasons(title: str, description: str, metric: str, empty: str) -> timeseries.Panel:
    asked = {"{{reason}}": grown(metric, "$__interval", "reason", ahead=True)}
    return bars(title, description, asked, "5m", unit="short", empty=empty).decimals(0)


def _quantiles(title: str, description: str, depths: str, by: str, empty: str) -> timeseries.Panel:
    asked = {
        f"{{{{{by}}}}} {word}": f"avg by ({by}) ({chosen(took(q, '$window', depths))})"
        for q, word in {0.5: "median", 0.95: "p95"}.items()
    }
    return lines(title, description, asked, unit="s", empty=empty)


def _phases(title: str, description: str, depths: str, empty: str) -> timeseries.Panel:
    took = latest("genmedia_probe_phase_duration_seconds", "target, depth, phase", depths)
    asked = {"{{phase}}": f"avg by (phase) ({took})"}
    return areas(title, description, asked, unit="s", empty=empty)


def _slowest() -> timeseries.Panel:
    times = f"genmedia_probe_duration_seconds{{{CHOSEN}, {FREE}}}"
    slowest = f"max by (target, depth) (max_over_time({times}{over('$__interval', ahead=True)}))"
    slow = f"3 * {took(0.5, '1d', FREE)}"
    return lines(
        "Slowest free probe, and what is slow for it",
        "The slowest of each point's span, by depth. Slow is three times the median of a day: three probes "
        "in a row beyond it make a target degraded. Two levels usually mean a cache or a queue.",
        {
            "{{depth}}, slowest": f"max by (depth) ({chosen(slowest, informed('$__interval'))})",
            "{{depth}}, slow from here": f"max by (depth) ({chosen(slow)})",
        },
        unit="s",
        size=(24, 8),
        empty=NOT_PROBED,
    )
