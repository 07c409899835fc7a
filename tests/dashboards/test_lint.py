"""The dashboards keep the rules, and the linter that says so sees each rule broken."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboards.src.portable import panels
from tests.dashboards.lint import RULES, everything
from tests.dashboards.lint_own import linked
from tests.dashboards.reading import FILES, FOLDER, Json, load
from tests.yaml_files import read_yaml

SHOWING_STATUSES = (
    *("Status", "Now", "Broken now", "Compare", "Where each policy sends callers", "Status"),
    "Status over time",
)

EXCLUSIONS = read_yaml(FOLDER / ".lint")["exclusions"]
OF_TARGETS = [{"dashboard": f"genmedia / {name}"} for name in ("Fleet", "Target", "Channels")]
EXCLUDED = {
    (name, one["dashboard"])
    for name, rule in EXCLUSIONS.items()
    for one in rule.get("entries", OF_TARGETS)
}
"""Rule and dashboard; without entries, too, the dashboard of the exporter is held to the rule here."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rules_are_kept(file: Path) -> None:
    """All of them, but those that .lint excludes for this dashboard."""
    title = load(file)["title"]
    found = [one for one in everything(load(file)) if (one[0], title) not in EXCLUDED]
    assert found == []


def test_exclusions_are_needed_and_give_a_reason() -> None:
    """Who excludes a rule says why; an exclusion that nothing needs hides the next mistake."""
    broken = {(name, load(file)["title"]) for file in FILES for name, _ in everything(load(file))}
    assert broken == EXCLUDED
    assert all(len(rule["reason"]) > 20 for rule in EXCLUSIONS.values())
    assert "genmedia / Exporter" not in {title for _, title in EXCLUDED}


def test_links_lead_somewhere() -> None:
    """Each link between dashboards names one that exists; the tables do lead to the target."""
    uids = {file.stem for file in FILES}
    leading = [linked(load(file)) for file in FILES]
    assert set().union(*leading) <= uids
    assert sum("genmedia-target" in one for one in leading) >= 2


def _panel(change: Callable[[Json], object]) -> Callable[[Json], object]:
    """Change the first panel that is not a row."""
    return lambda dashboard: change(dashboard["panels"][0])


def _query(expression: str) -> Callable[[Json], object]:
    return _panel(lambda panel: panel["targets"][0].update(expr=expression))


def _variables(dashboard: Json) -> list[Json]:
    found: list[Json] = dashboard["templating"]["list"]
    return found


BROKEN: dict[str, Callable[[Json], object]] = {
    "template-datasource-rule": lambda d: _variables(d)[0].update(label="Prometheus"),
    "template-on-time-change-reload-rule": lambda d: _variables(d)[1].update(refresh=1),
    "panel-datasource-rule": _panel(lambda p: p.update(datasource={"uid": "abc"})),
    "panel-title-description-rule": _panel(lambda p: p.pop("description")),
    "panel-units-rule": _panel(lambda p: p["fieldConfig"]["defaults"].update(unit="parsec")),
    "panel-no-targets-rule": _panel(lambda p: p.update(targets=[])),
    "target-promql-rule": _query("sum(genmedia_target_up{target=~'$nobody'})"),
    "target-rate-interval-rule": _query("rate(genmedia_probes_total{target='a'}[5m])"),
    "target-counter-agg-rule": _query("sum(genmedia_probes_total{target='a'})"),
    "uneditable-dashboard": lambda d: d.update(editable=True),
    "own-datasource": lambda d: _variables(d)[1].pop("datasource"),
    "own-classic": lambda d: d.update(elements={}),
    "own-ids": _panel(lambda p: p.update(id=102)),
    "own-grid": _panel(lambda p: p["gridPos"].update(w=13)),
    "own-kinds": _panel(lambda p: p.update(type="grafana-polystat-panel")),
    "own-empty": _panel(lambda p: p["fieldConfig"]["defaults"].pop("noValue")),
    "own-links": lambda d: d.update(links=[]),
    "own-status-words": lambda d: [
        p["fieldConfig"]["defaults"]["mappings"][0]["options"].pop("10")
        for p in d["panels"]
        if p["type"] == "state-timeline"
    ],
    "own-colours": _panel(
        lambda p: p["fieldConfig"]["defaults"]["thresholds"]["steps"][0].update(color="red")
    ),
    "own-variables": lambda d: _variables(d)[1].update(allValue=None),
    "own-constants": _query("vector(1)"),
    "own-spans": _query("increase(genmedia_probes_total{target='a'}[$__interval])"),
    "own-words-on-colours": _panel(lambda p: p["options"].update(colorMode="value")),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_linter_sees(rule: str) -> None:
    """A planted mistake of each kind is found by its rule."""
    dashboard = copy.deepcopy(load(FOLDER / "genmedia-fleet.json"))
    BROKEN[rule](dashboard)
    assert list(RULES[rule](dashboard)) != []


def test_each_rule_has_a_planted_mistake() -> None:
    """Those that are excluded are broken by the dashboards themselves."""
    assert BROKEN.keys() | EXCLUSIONS.keys() == RULES.keys()


def test_entries_are_for_rules_about_whole_dashboards() -> None:
    """The linter matches an entry without a panel with nothing that it finds in a panel."""
    wanted = {name for name in EXCLUSIONS if not name.startswith(("panel-", "target-"))}
    assert {name for name, rule in EXCLUSIONS.items() if "entries" in rule} == wanted
    assert all(rule.get("entries", OF_TARGETS) == OF_TARGETS for rule in EXCLUSIONS.values())


@pytest.mark.parametrize("name", ["job", "instance"])
@pytest.mark.parametrize("change", [{"allValue": ".*"}, {"multi": False}, {"type": "custom"}])
def test_linter_sees_the_variables_of_the_exporter(name: str, change: Json) -> None:
    """On the one dashboard that has them: of its other rules nothing is excluded there."""
    dashboard = copy.deepcopy(load(FOLDER / "genmedia-exporter.json"))
    assert list(RULES[f"template-{name}-rule"](dashboard)) == []
    [variable] = [one for one in _variables(dashboard) if one["name"] == name]
    variable.update(change)
    assert list(RULES[f"template-{name}-rule"](dashboard)) != []


def test_panels_of_statuses_are_known_as_such() -> None:
    """The rule about their words holds for as many panels as show a code."""
    empty = [copy.deepcopy(load(file)) for file in FILES]
    for dashboard in empty:
        for panel in panels(dashboard):
            panel["fieldConfig"] = {"defaults": {}, "overrides": []}
    broken = [one for dashboard in empty for one in RULES["own-status-words"](dashboard)]
    assert sorted(one.partition(":")[0] for one in broken) == sorted(SHOWING_STATUSES)
