"""The panels of one target that show how long things took, and how often they failed."""

from __future__ import annotations

from grafana_foundation_sdk.builders import heatmap, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as prometheus_kinds

from dashboards.src.panels import areas, bars, buckets, dress, lines, query
from dashboards.src.promql import counted, grown, latest, quantile

NOT_PROBED = "Not probed yet, or no target chosen"
NO_PAID = "No paid probe yet: they need a budget and a price"


def panels() -> list[Builder[model.Panel]]:
    """Return the panels about the time of the free depths."""
    return [_latency(), _phases(), _distribution()]


def paid() -> list[Builder[model.Panel]]:
    """Return the panels about the time of generations."""
    return [_generation(), _stages()]


def age() -> timeseries.Panel:
    """Return how old the evidence of each depth is, in its own intervals."""
    ran = latest("genmedia_probe_last_success_timestamp_seconds", "target, depth")
    every = latest("genmedia_probe_interval_seconds", "target, depth")
    return dress(
        lines().decimals(1),
        "Age of the last success, in intervals",
        "At 2.5 intervals evidence expires and counts for nothing; with none left the target is "
        "unknown. Drawn up to 10.",
        [
            query(f"clamp_max(max by (depth) ((time() - ({ran})) / ({every})), 10)", "{{depth}}"),
            query("vector(2.5)", "expires", name="B"),
        ],
        size=(12, 8),
        unit="none",
        empty="No success yet at any depth",
    )


def _latency() -> timeseries.Panel:
    metric = "genmedia_probe_latency_seconds"
    return dress(
        lines(),
        "Time of successful free probes",
        "Median and 95th percentile by depth, over the window chosen above.",
        [
            query(quantile(0.5, metric, "$window", "depth"), "{{depth}} median"),
            query(quantile(0.95, metric, "$window", "depth"), "{{depth}} p95", name="B"),
        ],
        size=(12, 8),
        unit="s",
        empty="No successful probe in this window",
    )


def _phases() -> timeseries.Panel:
    phase = "genmedia_probe_phase_duration_seconds"
    free = latest(phase, "target, depth, phase", 'depth!="generate"')
    return dress(
        areas(),
        "Where a free probe's time goes",
        "Phases of the last probe: resolve, connect, tls, processing (theirs), transfer. A phase "
        "that was not reached is missing.",
        [query(f"avg by (phase) ({free})", "{{phase}}")],
        size=(12, 8),
        unit="s",
        empty=NOT_PROBED,
    )


def _distribution() -> heatmap.Panel:
    buckets_of = counted("genmedia_probe_latency_seconds", "$__interval")
    form = prometheus_kinds.PromQueryFormat.HEATMAP
    return dress(
        buckets().interval("15m"),
        "Distribution of successful free probes",
        "Each column counts the probes of its own span, at least 15 minutes. Two bands usually "
        "mean a cache or a queue.",
        [query(buckets_of, "{{le}}", form=form)],
        size=(24, 8),
        unit="short",
        empty="No successful probe in this time",
    )


def _generation() -> timeseries.Panel:
    metric = "genmedia_generation_duration_seconds"
    return dress(
        lines(),
        "Time of a generation",
        "Of successful ones, from the create call to the start of the asset; over the window. "
        "Paid probes are rare; choose a long window.",
        [
            query(quantile(0.5, metric, "$window", "target"), "{{target}} median"),
            query(quantile(0.95, metric, "$window", "target"), "{{target}} p95", name="B"),
        ],
        size=(12, 8),
        unit="s",
        empty=NO_PAID,
    )


def _stages() -> timeseries.Panel:
    phase = "genmedia_probe_phase_duration_seconds"
    paid = latest(phase, "target, depth, phase", 'depth="generate"')
    return dress(
        areas(),
        "Where a generation's time goes",
        "Of the last paid probe: queue, run and fetch beside the phases of its calls.",
        [query(f"avg by (phase) ({paid})", "{{phase}}")],
        size=(12, 8),
        unit="s",
        empty=NO_PAID,
    )


def failures() -> timeseries.Panel:
    """Return the failures, by reason."""
    reasons = grown("genmedia_probe_failures_total", "$__interval", "reason")
    return dress(
        bars().interval("15m").decimals(0),
        "Probes that failed, by reason",
        "Each bar counts the probes of its own span, at least 15 minutes, whoever is at fault. The "
        "reasons are a closed list.",
        [query(f"{reasons} > 0", "{{reason}}")],
        size=(14, 8),
        unit="short",
        empty="No probe failed in this time",
    )
