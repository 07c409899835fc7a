"""Every query parses, and asks only for metrics and labels that the exporter has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import promql_parser as promql
import pytest

from dashboards.src.portable import panels
from genmedia_exporter.metrics.catalogue import FAMILIES
from tests.dashboards.promql import FOREIGN, answer, selectors
from tests.dashboards.reading import FILES, Asked, Json, asked, filled, load, variables

QUERIES = [one for file in FILES for one in asked(load(file))]

UNUSED: dict[str, str] = {
    "genmedia_model_lifecycle_disagreement": "for who maintains a provider file; the target's page tells both dates",
    "genmedia_exporter_web_config_reload_successful": "absent for most; a broken file is an alert, not a curve",
    "genmedia_account_balance": "units differ by account, so no panel fits all; at 0 the status says so",
    "genmedia_generation_duration_seconds": "genmedia_probe_duration_seconds has the exact time of each; rules fall back on it",
    "genmedia_probe_latency_seconds": "the same of free probes, in two steps, for who asks over many targets",
    "genmedia_exporter_snapshot_age_seconds": "a second or less while the loop turns; the runbooks name it",
    "genmedia_probe_self_delay_seconds": "schedule lag and loop lag have the panels; the runbooks name it",
    "genmedia_traffic_requests_total": "only where applications report; their own metrics have the panels",
    "genmedia_target_evidence": "says why a target without probes has a status; its page says so, too",
    "genmedia_exporter_saturated": "an alert, and its dashboard shows why",
    "genmedia_exporter_log_lines_dropped_total": "says why a log has a gap; a reader that stops is its own alarm",
    "genmedia_exporter_verdicts_total": "for who maintains a provider file: it shows where its rules lack words",
}
"""Metrics that no dashboard shows, each with the reason."""

NEW_FUNCTIONS = {
    *("info", "limitk", "limit_ratio", "sort_by_label", "sort_by_label_desc", "mad_over_time"),
    *("first_over_time", "holt_winters", "double_exponential_smoothing", "histogram_avg"),
}
"""What Prometheus 2.42 does not have, or 3 has no more."""


@pytest.mark.parametrize("one", QUERIES, ids=lambda one: f"{one.dashboard}: {one.panel}")
def test_metrics_and_labels_exist(one: Asked) -> None:
    """In selectors, in by and on, and in what group_left brings."""
    assert answer(promql.parse(one.expression)).problems == ()


@pytest.mark.parametrize("one", QUERIES, ids=lambda one: f"{one.dashboard}: {one.panel}")
def test_old_and_new_prometheus_know_it(one: Asked) -> None:
    """From 2.42 to 3: no younger function, no `le` spelt out, for 3 writes 1.0 where 2 wrote 1."""
    assert not NEW_FUNCTIONS & set(re.findall(r"(\w+)\s*\(", one.expression))
    assert not re.search(r"\ble\s*(=|!)", one.expression)


def named() -> set[str]:
    """Return all metrics the dashboards ask for, without the suffixes of histograms."""
    found = {one.name or "" for q in QUERIES for one in selectors(promql.parse(q.expression))}
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in found}


def test_every_metric_is_shown_or_left_out_on_purpose() -> None:
    """A new metric without a panel fails here: show it, or say in UNUSED why not."""
    catalogue = {family.name for family in FAMILIES}
    assert catalogue - named() == UNUSED.keys()
    assert all(UNUSED.values())


def test_the_check_sees_what_is_wrong() -> None:
    """An unknown metric, label, aggregation and join are each told."""
    wrong = (
        "genmedia_target_upp",
        'genmedia_target_up{channel="official"}',
        "sum by (channel) (genmedia_target_up)",
        "genmedia_target_up * on (target) group_left (price) genmedia_target_info",
        "genmedia_target_up and on (page) genmedia_status_page_readable",
        "histogram_quantile(0.5, sum by (depth) (genmedia_probe_latency_seconds_bucket))",
    )
    assert all(answer(promql.parse(one)).problems for one in wrong)


def _labels(panel: Json, values: dict[str, str]) -> Iterator[tuple[str, frozenset[str]]]:
    for target in panel["targets"]:
        legend = target.get("legendFormat", "")
        yield legend, answer(promql.parse(filled(target["expr"], values))).labels


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_legends_name_labels_that_are_there(file: Path) -> None:
    """`{{label}}` of a label that an aggregation dropped would stand there empty."""
    dashboard = load(file)
    for panel in panels(dashboard):
        for legend, labels in _labels(panel, variables(dashboard)):
            assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= labels, panel["title"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_columns_name_labels_that_are_there(file: Path) -> None:
    """A table's columns are labels of its answers, or their values by the name of the query."""
    dashboard = load(file)
    for panel in panels(dashboard):
        if panel["type"] == "table":
            there = {one for _, labels in _labels(panel, variables(dashboard)) for one in labels}
            names = [target["refId"] for target in panel["targets"]]
            there |= {f"Value #{name}" for name in names} if len(names) > 1 else {"Value"}
            columns = panel["transformations"][-1]["options"]["renameByName"]
            assert columns.keys() <= there, panel["title"]
            overrides = {one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"]}
            assert overrides == set(columns.values()), panel["title"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_choice_holds_everywhere(file: Path) -> None:
    """Whatever has a label target is narrowed by it, and by what is chosen beside it.

    All is `.*`: a query that looks at $target alone would ignore a chosen channel.
    """
    dashboard = load(file)
    if "target" not in variables(dashboard):
        return
    for panel in panels(dashboard):
        for target in panel["targets"]:
            if "genmedia_target" in target["expr"] or "genmedia_probe" in target["expr"]:
                assert 'channel=~"$channel"' in target["expr"], panel["title"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_tables_sort_by_what_is_there(file: Path) -> None:
    """By a column that is shown, or by an answer, before the columns not shown are left out."""
    for panel in panels(load(file)):
        if panel["type"] == "table":
            steps = [step["id"] for step in panel["transformations"]]
            orders = [one["displayName"] for one in panel["options"].get("sortBy", [])]
            if orders:
                shown = panel["transformations"][-1]["options"]["renameByName"].values()
                assert set(orders) <= set(shown), panel["title"]
            else:
                assert steps == ["merge", "sortBy", "filterFieldsByName", "organize"]
                [order] = panel["transformations"][1]["options"]["sort"]
                names = [target["refId"] for target in panel["targets"]]
                assert order["field"] in {f"Value #{name}" for name in names}, panel["title"]


@pytest.mark.parametrize("one", QUERIES, ids=lambda one: f"{one.dashboard}: {one.panel}")
def test_what_others_have_too_is_of_our_exporters(one: Asked) -> None:
    """All jobs are `.+`: without a join, another job that is down would be an exporter that is."""
    names = {selector.name for selector in selectors(promql.parse(one.expression))}
    if names & FOREIGN.keys() - {"ALERTS"}:
        assert (
            "and on (job, instance) last_over_time(genmedia_exporter_build_info" in one.expression
        )
