"""The rules as text: their names, their style, and that they speak only of what the exporter exports."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Status
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
    label_bearers,
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
        "GenmediaPageComponentMissing",
        "GenmediaPageUnreadable",
        "GenmediaPageDisagrees",
        "GenmediaMaintenance",
        "GenmediaExporterDown",
        "GenmediaNetworkDown",
        "GenmediaNetworkInDoubt",
        "GenmediaScheduleLag",
        "GenmediaExporterSaturated",
        "GenmediaConfigReloadFailed",
        "GenmediaWatchdog",
        "GenmediaProbeAccepted",
        "GenmediaStorageDegraded",
        "GenmediaProbeUnaffordable",
        "GenmediaSpendingOff",
        "GenmediaBalanceLow",
        "GenmediaExporterReplicaDown",
        "GenmediaReplicaNetworkDown",
        "GenmediaExporterRestarting",
    }
)
RUNBOOK: Final = (
    "https://github.com/genmedia-exporter/genmedia-exporter/blob/main/alerts/runbooks/{}.md"
)
BOARDS: Final = ("genmedia-fleet", "genmedia-target", "genmedia-channels", "genmedia-exporter")
OF_ONE_EXPORTER: Final = ("GenmediaExporterReplicaDown", "GenmediaReplicaNetworkDown")
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
    of_outage = {"reason", "page", "instead"}
    more = {f"GenmediaTarget{name}": of_outage for name in ("Down", "Suspended", "RiskControl")}
    of_ours = ("AuthError", "QuotaExhausted", "TargetRetired", "ModelVanished")
    more |= {f"Genmedia{name}": of_outage for name in of_ours}
    more["GenmediaErrorBudgetBurn"] = of_outage
    more["GenmediaStatusChanged"] = {"reason"}
    more["GenmediaProviderIncident"] = {"reason", "targets"}
    always = {"summary", "description", "runbook_url", "dashboard_url"}
    assert set(found) == always | more.get(rule.name, set())
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


@each_alert
def test_queries_of_texts_are_sound(rule: Rule) -> None:
    """Filled in, each parses, and asks for what is exported, of one job alone."""
    known = known_series()
    for text in re.findall(r"printf `(.+?)`", str(rule.annotations), re.DOTALL):
        query = re.sub(r"%\[\d\]q", '"x"', text.replace("\\n", " "))
        asked = selectors(query)
        assert asked
        assert any(m.name == "job" for one in asked for m in one.matchers.matchers), query
        for selector in asked:
            found = {matcher.name for matcher in selector.matchers.matchers}
            assert found <= known[selector.name or ""], query


def test_the_queries_of_an_incident_are_sound() -> None:
    """Filled in, they parse, and ask for what is exported or recorded."""
    asked = {
        selector.name or ""
        for rule in ALERTS
        if rule.name == "GenmediaProviderIncident"
        for text in rule.annotations.values()
        for query in re.findall(r"printf `(.+?)`", text, re.DOTALL)
        for selector in selectors(re.sub(r"%\[\d\]q", '"x"', query))
    }
    assert {
        "genmedia_incident_info",
        "genmedia_route_rank",
        "genmedia_target_page_agreement",
    } < asked
    assert asked <= known_series().keys() | {record.name for record in RECORDS}


@each_alert
def test_alerts_of_a_target_say_what_it_is(rule: Rule) -> None:
    """Whatever tells of a target joins all that is known of it."""
    if "$labels.target" in str(rule.annotations):
        joins = joins_of(rule.expr)
        assert joins
        assert all(joins), "no join with genmedia:target_info:last"
        assert all(set(join.split(", ")) == OF_TARGETS for join in joins)


def joins_of(expr: str) -> list[str]:
    """Return the labels of each join in an expression, or of what it takes its labels from when that was recorded.

    One that takes labels from something without a join has an empty text among them.
    """
    if joins := re.findall(r"group_left \(([\w, ]+)\)", expr):
        return joins
    recorded = {rule.name: rule.expr for rule in RECORDS}
    bearers = label_bearers(expr)
    if not bearers or not bearers <= recorded.keys():
        return [""]
    return [join for name in sorted(bearers) for join in joins_of(recorded[name])]


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
    """The alert that is called like a status asks for its code."""
    recorded = "|".join(re.escape(r.name) for r in RECORDS if r.name.endswith(":code"))
    code_asked = (
        rf"(?:status_code:last|(?:{recorded})(?:\{{[^}}]*\}})?) == (\d+)\)?\s*(?:$|\*|and|unless)"
    )
    asked = {
        (rule.name, int(code)) for rule in ALERTS for code in re.findall(code_asked, rule.expr)
    }
    named = {
        ("GenmediaTargetDown", Status.DOWN),
        ("GenmediaTargetSuspended", Status.SUSPENDED),
        ("GenmediaTargetRiskControl", Status.RISK_CONTROL),
        ("GenmediaTargetRateLimited", Status.RATE_LIMITED),
        ("GenmediaTargetDegraded", Status.DEGRADED),
        ("GenmediaTargetUnknown", Status.UNKNOWN),
        ("GenmediaTargetRetired", Status.RETIRED),
        ("GenmediaAuthError", Status.AUTH_ERROR),
        ("GenmediaQuotaExhausted", Status.QUOTA_EXHAUSTED),
    }
    assert {(name, status.code) for name, status in named} <= asked


@each_rule
def test_matches_are_on_one_view(rule: Rule) -> None:
    """Jobs are apart; and no alert knows an instance, but the one about a single exporter."""
    for labels in re.findall(r"\b(?:on|by) \(([\w, ]+)\)", rule.expr):
        assert "job" in labels.split(", "), labels
    assert "$labels.instance" not in str(rule.body) or rule.name in OF_ONE_EXPORTER


@each_alert
def test_gauges_are_held_over_missed_scrapes(rule: Rule) -> None:
    """What is scraped is read over a range, or a missed scrape would begin `for` anew."""
    bare = re.findall(r"(?<!:)\bgenmedia_\w+(?:\{[^}]*\})?(?!\{|\w|\[)", rule.expr)
    if rule.name != "GenmediaExporterDown":  # absent() is about now, and there need be no series
        assert not bare


_RANGE: Final = re.compile(r"\[(\d+)([smhdwy])(?::(\d+)([smhd])?)?\]")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
MOST_SAMPLES: Final = 10_000
"""Of one series that promtool loads for a query; it scrapes and evaluates each minute in a test, whatever a group says."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_window_holds_more_than_promtool_loads(rule: Rule) -> None:
    """A night of eight days can be played; a Prometheus pays for such a window, too."""
    for count, unit, step, of in _RANGE.findall(rule.expr):
        apart = int(step) * _SECONDS[of] if step and of else 60
        held = int(count) * _SECONDS[unit] / apart
        assert held < MOST_SAMPLES, rule.expr


def test_windows_of_weeks_are_found_and_measured() -> None:
    """The test before would pass on rules in which it found none."""
    windows = [found for rule in RULES for found in _RANGE.findall(rule.expr)]
    weeks = [w for w in windows if int(w[0]) * _SECONDS[w[1]] >= _SECONDS["w"]]
    assert len(weeks) >= 5
    assert all(step and of for _, _, step, of in weeks)


@pytest.mark.parametrize(
    "rule", [r for r in RULES if "alert" in r.body], ids=lambda rule: rule.name
)
def test_texts_blame_nobody_for_nothing_and_offer_no_target_itself(rule: Rule) -> None:
    """After a recovery a target's fault is `none`, and it is among those that can be used."""
    texts = {key: str(text) for key, text in rule.body["annotations"].items()}
    asked = re.findall(r"genmedia_target_fault\{[^}]*\}", texts.get("reason", ""))
    assert all('fault!="none"' in each for each in asked)
    offers = texts.get("instead", "")
    if "operational_targets:first3" in offers and "$labels.target" in str(texts["description"]):
        assert "ne $other.Labels.target $labels.target" in offers
