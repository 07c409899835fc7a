"""The catalogue is the contract of design section 8, restated here, and the page is the catalogue."""

from __future__ import annotations

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from genmedia_exporter.metrics.catalogue import FAMILIES
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.exposition import Format, Kind
from genmedia_exporter.metrics.page import Metrics
from tests.metrics import golden
from tests.metrics.samples import snapshot

CONTRACT = {
    "genmedia_target_info": "target provider vendor account channel model family operation",
    "genmedia_target_status": "target status",
    "genmedia_target_status_code": "target",
    "genmedia_target_up": "target",
    "genmedia_target_fault": "target fault",
    "genmedia_target_status_since_timestamp_seconds": "target",
    "genmedia_target_last_transition_timestamp_seconds": "target from to",
    "genmedia_target_status_changes_total": "target",
    "genmedia_target_depth_verified": "target depth",
    "genmedia_target_retirement_timestamp_seconds": "target",
    "genmedia_model_lifecycle_disagreement": "target",
    "genmedia_target_price_usd": "target unit",
    "genmedia_target_maintenance": "target",
    "genmedia_target_slo_objective_ratio": "target",
    "genmedia_probe_interval_seconds": "target depth",
    "genmedia_probe_success": "target depth",
    "genmedia_probe_http_status_code": "target depth",
    "genmedia_probe_duration_seconds": "target depth",
    "genmedia_probe_phase_duration_seconds": "target depth phase",
    "genmedia_probe_latency_seconds": "target depth",
    "genmedia_generation_duration_seconds": "target",
    "genmedia_probes_total": "target depth",
    "genmedia_probe_failures_total": "target depth reason",
    "genmedia_probe_last_run_timestamp_seconds": "target depth",
    "genmedia_probe_last_success_timestamp_seconds": "target depth",
    "genmedia_probes_skipped_total": "target depth reason",
    "genmedia_probe_tls_certificate_expiry_timestamp_seconds": "target",
    "genmedia_probe_cost_usd_total": "target depth",
    "genmedia_target_page_agreement": "target",
    "genmedia_status_page_detection_lead_seconds": "target",
    "genmedia_traffic_requests_total": "target outcome",
    "genmedia_target_evidence": "target source",
    "genmedia_status_page_readable": "page",
    "genmedia_status_page_last_success_timestamp_seconds": "page",
    "genmedia_status_page_indicator": "page indicator",
    "genmedia_status_page_component_status": "page component status",
    "genmedia_status_page_component_listed": "page component",
    "genmedia_status_page_incidents": "page impact",
    "genmedia_status_page_incident_info": "page title impact url",
    "genmedia_status_page_maintenance_start_timestamp_seconds": "page component",
    "genmedia_target_stability_stars": "target",
    "genmedia_route_rank": "operation policy target",
    "genmedia_account_balance": "account unit",
    "genmedia_incident_info": "incident vendor scope reason fault",
    "genmedia_incident_start_timestamp_seconds": "incident",
    "genmedia_incident_targets": "incident",
    "genmedia_budget_limit_usd": "period",
    "genmedia_budget_spent_usd": "period",
    "genmedia_budget_enabled": "",
    "genmedia_exporter_build_info": "version python",
    "genmedia_exporter_config_last_reload_successful": "",
    "genmedia_exporter_config_last_reload_success_timestamp_seconds": "",
    "genmedia_exporter_web_config_reload_successful": "",
    "genmedia_exporter_schedule_lag_seconds": "",
    "genmedia_probe_self_delay_seconds": "",
    "genmedia_exporter_saturated": "",
    "genmedia_exporter_probes_in_flight": "",
    "genmedia_exporter_network_ok": "",
    "genmedia_exporter_event_loop_lag_seconds": "",
    "genmedia_exporter_snapshot_age_seconds": "",
    "genmedia_exporter_targets_owned": "",
    "genmedia_exporter_storage_ok": "",
    "genmedia_exporter_storage_dropped_total": "",
    "genmedia_exporter_log_lines_dropped_total": "",
    "genmedia_exporter_verdicts_total": "provider basis",
}


def test_catalogue_is_the_contract() -> None:
    """Names and labels are those that dashboards and alerts stand on, in its order."""
    assert [f.name for f in FAMILIES if f.name in CONTRACT] == [f.name for f in FAMILIES]
    assert {f.name: " ".join(f.labels) for f in FAMILIES} == CONTRACT


def test_page_is_the_catalogue() -> None:
    """Every family of the catalogue is on the page with exactly its labels, and no other is."""
    page = golden.page(Format.OPENMETRICS).decode()
    seen = {}
    for metric in text_string_to_metric_families(page):  # type: ignore[no-untyped-call]
        suffix = {"counter": "_total", "info": "_info"}.get(metric.type, "")
        labels = {frozenset(s.labels.keys() - {"le"}) for s in metric.samples}
        assert len(labels) == 1, metric.name
        seen[metric.name + suffix] = (metric.type, labels.pop())
    assert seen == {f.name: (f.kind.value, frozenset(f.labels)) for f in FAMILIES}


def test_names_follow_the_rules() -> None:
    """Counters, and only counters, end in _total; help is one sentence; nobody squats a suffix."""
    for family in FAMILIES:
        assert family.name.endswith("_total") == (family.kind is Kind.COUNTER)
        assert not family.name.endswith(("_sum", "_count", "_bucket", "_created"))
        assert family.help.endswith(".")
        assert not {"service", "env", "region", "le"} & set(family.labels)


def test_own_metrics_come_with_process_and_python() -> None:
    """The exporter's process and Python are on the page, and no _created series of anyone in the old format."""
    page = Metrics(ExporterMetrics()).render(snapshot(), Format.TEXT).decode()
    for name in ("process_cpu_seconds_total", "python_info", "python_gc_objects_collected_total"):
        assert f"# TYPE {name} " in page
    assert "_created" not in page
