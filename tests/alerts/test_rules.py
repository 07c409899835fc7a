"""The rules as text: their names, their style, and that they speak only of what the exporter exports."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

import promql_parser as promql
import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Outcome, Status
from genmedia_exporter.metrics.catalogue import TARGET_INFO
from tests.alerts.rules import (
    ALERTS,
    GROUPS,
    NAMES,
    RECORDS,
    RULES,
    SCRAPE,
    Rule,
    known_series,
    matched_labels,
    selectors,
)

WANTED: Final = frozenset(
    {
        "GenmediaTargetDown",
        "GenmediaTargetSuspended",
        "GenmediaTargetRiskControl",
        "GenmediaTargetRateLimited",
        "GenmediaTargetDegraded",
        "GenmediaTargetUnknown",
        "GenmediaTargetRetired",
        "GenmediaStatusChanged",
        "GenmediaStatusFlapping",
        "GenmediaProviderIncident",
        "GenmediaAuthError",
        "GenmediaQuotaExhausted",
        "GenmediaBudgetLow",
        "GenmediaBudgetSpent",
        "GenmediaModelRetiring",
        "GenmediaModelVanished",
        "GenmediaEvidenceStale",
        "GenmediaGenerationSlow",
        "GenmediaErrorBudgetBurn",
        "GenmediaErrorBudgetSpent",
        "GenmediaCertificateExpiring",
        "GenmediaPageUnreadable",
        "GenmediaPageDisagrees",
        "GenmediaMaintenance",
        "GenmediaExporterDown",
        "GenmediaNetworkDown",
        "GenmediaScheduleLag",
        "GenmediaConfigReloadFailed",
        "GenmediaWatchdog",
        "GenmediaProbeAccepted",
        "GenmediaStorageDegraded",
        "GenmediaProbeUnaffordable",
        "GenmediaSpendingOff",
    }
)
RUNBOOK: Final = (
    "https://github.com/genmedia-exporter/genmedia-exporter/blob/main/alerts/runbooks/{}.md"
)
BOARDS: Final = ("genmedia-fleet", "genmedia-target", "genmedia-channels", "genmedia-exporter")
VIEW: Final = frozenset({"job", "instance", "target"})
"""One exporter's view of one target."""
OF_TARGETS: Final = frozenset(TARGET_INFO.labels) - {"target"}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
each_alert = pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.label)


def test_the_alerts_are_those_that_were_promised() -> None:
    """Routes, inhibitions and people rely on the names."""
    assert set(NAMES) == WANTED


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_groups_are_small(group: str) -> None:
    """Twenty rules and forty letters are what other tools take."""
    assert len(GROUPS[group]) <= 20
    assert len(group) <= 40


# --- style


@each_alert
def test_labels_are_fixed(rule: Rule) -> None:
    """A label that moves is another alert, and its `for` begins anew."""
    labels = rule.body["labels"]
    assert labels["severity"] in ("critical", "warning", "info")
    assert "{{" not in str(labels)
    assert re.fullmatch(r"Genmedia([A-Z][a-z]+)+", rule.name)
    assert len(rule.name) <= 40


@each_alert
def test_annotations_have_their_style(rule: Rule) -> None:
    """A fixed sentence to group by, a text of the case with what to do, and two links."""
    found = rule.annotations
    assert set(found) - {"reason"} == {"summary", "description", "runbook_url", "dashboard_url"}
    assert ("reason" in found) is (rule.name == "GenmediaStatusChanged")
    assert re.fullmatch(r"[A-Z][^{}]*\.", found["summary"])
    assert "{{" in found["description"]
    assert found["description"].endswith(".")
    assert found["runbook_url"] == RUNBOOK.format(rule.name)
    board = re.match(r"/d/([\w-]+)", found["dashboard_url"])
    assert board is not None
    assert board[1] in BOARDS


def test_one_alert_has_one_summary() -> None:
    """In every strength, so that a group of them has one sentence."""
    found = defaultdict(set)
    for rule in ALERTS:
        found[rule.name].add(rule.annotations["summary"])
    assert not {name: texts for name, texts in found.items() if len(texts) > 1}


@each_alert
def test_texts_name_only_labels_that_are_there(rule: Rule) -> None:
    """A label that the expression does not have would be an empty word at night."""
    named = set(re.findall(r"\$labels\.(\w+)", str(rule.annotations)))
    series = known_series()
    carried = set(SCRAPE)
    for selector in selectors(rule.expr):
        carried |= series.get(selector.name or "", frozenset())
    assert named <= carried


def test_the_query_for_the_reason_is_sound() -> None:
    """Filled in, it parses, and asks for what is exported, of one target alone."""
    (reason,) = {rule.annotations.get("reason", "") for rule in ALERTS} - {""}
    (text,) = re.findall(r"printf `(.+?)`", reason, re.DOTALL)
    known = known_series()
    query = re.sub(r"%\[\d\]q", '"x"', text)
    asked = selectors(query)
    assert asked
    for selector in asked:
        matchers = selector.matchers.matchers
        assert {matcher.name for matcher in matchers} == VIEW <= known[selector.name or ""]


@each_alert
def test_alerts_of_a_target_say_what_it_is(rule: Rule) -> None:
    """Whatever tells of a target joins all that is known of it."""
    if "$labels.target" in str(rule.annotations):
        joins = re.findall(r"group_left \(([\w, ]+)\)", rule.expr)
        assert joins, "no join with genmedia:target_info:last"
        assert all(set(join.split(", ")) == OF_TARGETS for join in joins)


# --- what they speak of


@each_rule
def test_series_and_labels_exist(rule: Rule) -> None:
    """Every metric is exported or recorded, with every label that is asked for."""
    known = known_series()
    everything = frozenset().union(*known.values())
    assert matched_labels(rule.expr) <= everything
    for selector in selectors(rule.expr):
        assert selector.name in known, f"{rule.label}: {selector.name} is not exported"
        asked = {matcher.name for matcher in selector.matchers.matchers}
        assert asked <= known[selector.name], f"{rule.label}: {selector}"


@each_rule
def test_statuses_and_reasons_exist(rule: Rule) -> None:
    """Words in selectors are words of the exporter."""
    closed = {
        "status": set(Status),
        "reason": {*Reason, "budget"},
        "channel": {"official", "reverse"},
    }
    closed |= {"from": closed["status"] | {"none"}, "to": closed["status"]}
    for selector in selectors(rule.expr):
        for matcher in selector.matchers.matchers:
            if matcher.name in closed:
                assert set(matcher.value.split("|")) <= closed[matcher.name], str(selector)


def test_codes_are_those_of_the_statuses() -> None:
    """Where a rule reads a status by its code and by its word, both are the same."""
    pairs = {
        (int(code), word)
        for rule in ALERTS
        for code, word in re.findall(
            r"status_code\[5m\]\) == (\d+)\n\s*or on \(job, instance, target\) "
            r'last_over_time\(genmedia_target_status\{status="(\w+)"\}',
            rule.expr,
        )
    }
    assert pairs == {(s.code, str(s)) for s in Status} - {(1, "operational")}


def test_their_failures_are_all_but_ours() -> None:
    """The reasons left out are the refusals, the things taken away, and what we cannot read."""
    transport = {
        Reason.DNS_FAILURE,
        Reason.CONNECT_TIMEOUT,
        Reason.CONNECT_FAILED,
        Reason.TLS_ERROR,
    }  # theirs when an unrelated host was reached
    never = {r for r in Reason if list(Reason).index(r) >= list(Reason).index(Reason.SLOW)}
    theirs = (Outcome.SUCCESS, Outcome.MODERATED, Outcome.FAILURE)
    ours = {r for r in Reason if r.meaning.outcome not in theirs} - transport - never
    found = [r for r in RECORDS if r.name.startswith("genmedia:target_failures:")]
    for rule in found:
        (selector,) = selectors(rule.expr)
        (matcher,) = selector.matchers.matchers
        assert matcher.op == promql.MatchOp.NotRe
        assert set(matcher.value.split("|")) == set(ours)
    assert len(found) == 3


@each_rule
def test_matches_are_on_one_view(rule: Rule) -> None:
    """Two exporters of one target must never meet in one match: that ends in an error."""
    for labels in re.findall(r"\b(?:on|by) \(([\w, ]+)\)", rule.expr):
        assert {"job", "instance"} <= set(labels.split(", ")), labels


@each_alert
def test_gauges_are_held_over_missed_scrapes(rule: Rule) -> None:
    """What is scraped is read over a range, or a missed scrape would begin `for` anew."""
    bare = re.findall(r"(?<!:)\bgenmedia_\w+(?:\{[^}]*\})?(?!\{|\w|\[)", rule.expr)
    if rule.name != "GenmediaExporterDown":  # absent() is about now, and there need be no series
        assert not bare
