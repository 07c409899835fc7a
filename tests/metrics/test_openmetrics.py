"""What only OpenMetrics has: units, when counting began, and exemplars; and pages of some metrics alone."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser

from genmedia_exporter.metrics.exporter import EXEMPLAR_LENGTH, ExporterMetrics
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.names import named
from genmedia_exporter.metrics.page import Metrics
from tests.metrics.samples import snapshot


def page(form: Format, own: ExporterMetrics | None = None) -> str:
    return Metrics(own).render(snapshot(), form).decode()


def families(form: Format, own: ExporterMetrics | None = None) -> Iterable[Metric]:
    found: Iterable[Metric] = parser.text_string_to_metric_families(page(form, own))  # type: ignore[no-untyped-call]
    return found


def test_units_are_told_where_a_name_ends_with_one() -> None:
    """Seconds and dollars; nothing where there is no unit, and nothing in the old format."""
    known = {one.name: one.unit for one in families(Format.OPENMETRICS)}
    assert known["genmedia_probe_latency_seconds"] == "seconds"
    assert known["genmedia_probe_cost_usd"] == "usd"
    assert known["genmedia_target_up"] == ""
    assert "# UNIT" not in page(Format.TEXT)


def test_own_counters_say_since_when_they_count() -> None:
    """One sample for each of the exporter's own; none for each of a target's, which would be many."""
    lines = page(Format.OPENMETRICS).splitlines()
    created = {line.partition("{")[0].partition(" ")[0] for line in lines if "_created" in line}
    assert "genmedia_exporter_schedule_lag_seconds_created" in created
    assert not any("target" in name for name in created)
    assert "_created" not in page(Format.TEXT)


def test_late_probes_have_an_exemplar_that_names_the_target() -> None:
    """Escaped and cut, so that every parser takes it; not in the old format."""
    own = ExporterMetrics()
    long = 'a "quoted" \\ name' + "x" * 200
    own.observe_lag(7.0, long)
    own.observe_self_delay(0.3, "kling")
    found = {
        sample.name: sample.exemplar
        for family in families(Format.OPENMETRICS, own)
        for sample in family.samples
        if sample.exemplar is not None
    }
    lag = found["genmedia_exporter_schedule_lag_seconds_bucket"]
    assert lag.labels == {"target": long[:EXEMPLAR_LENGTH]}
    assert lag.value == 7.0
    assert found["genmedia_probe_self_delay_seconds_bucket"].labels == {"target": "kling"}
    assert " # {" not in page(Format.TEXT, own)


def test_a_probe_without_a_target_has_no_exemplar() -> None:
    """Nothing is better than an empty name."""
    own = ExporterMetrics()
    own.observe_lag(7.0)
    assert " # {" not in page(Format.OPENMETRICS, own)


def test_metrics_by_name() -> None:
    """By the name of the metric or of a sample of it, each as a whole; what nobody knows is not there."""
    for form in Format:
        whole = page(form).encode()
        asked = frozenset({"genmedia_target_up", "genmedia_probe_latency_seconds_bucket", "nobody"})
        lines = named(whole, asked).decode().splitlines()
        told = {line.partition("{")[0] for line in lines if not line.startswith("#")}
        parts = {f"genmedia_probe_latency_seconds_{part}" for part in ("bucket", "sum", "count")}
        assert told == {"genmedia_target_up"} | parts
        assert named(whole, asked).endswith(form.end)
        assert named(whole, frozenset({"nobody"})) == form.end
        counter = named(whole, frozenset({"genmedia_probes_total"})).decode()
        assert "\ngenmedia_probes_total{" in counter
        assert "genmedia_probe_success" not in counter
