"""The dashboards keep the rules, and the linter that says so sees each rule broken."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dashboards.src.portable import panels
from tests.dashboards.lint import RULES, everything
from tests.dashboards.lint_own import linked
from tests.dashboards.reading import FILES, FOLDER, Json, load

SHOWING_STATUSES = (
    *("Status", "Now", "Compare", "Where each policy sends callers", "Status"),
    "Status over time",
)

EXCLUDED = yaml.safe_load((FOLDER / ".lint").read_text("utf-8"))["exclusions"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rules_are_kept(file: Path) -> None:
    """All of them, but those that .lint excludes."""
    found = [one for one in everything(load(file)) if one[0] not in EXCLUDED]
    assert found == []


def test_exclusions_are_needed_and_give_a_reason() -> None:
    """Who excludes a rule says why; an exclusion that nothing needs hides the next mistake."""
    broken = {name for file in FILES for name, _ in everything(load(file))}
    assert set(EXCLUDED) == broken
    assert all(len(entry["reason"]) > 20 for entry in EXCLUDED.values())


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
    "own-grid": _panel(lambda p: p["gridPos"].update(w=7)),
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
}


@pytest.mark.parametrize("rule", BROKEN)
def test_linter_sees(rule: str) -> None:
    """A planted mistake of each kind is found by its rule."""
    dashboard = copy.deepcopy(load(FOLDER / "genmedia-fleet.json"))
    BROKEN[rule](dashboard)
    assert list(RULES[rule](dashboard)) != []


def test_each_rule_has_a_planted_mistake() -> None:
    """Those that are excluded are broken by the dashboards themselves."""
    assert BROKEN.keys() | EXCLUDED.keys() == RULES.keys()


def test_panels_of_statuses_are_known_as_such() -> None:
    """The rule about their words holds for as many panels as show a code."""
    empty = [copy.deepcopy(load(file)) for file in FILES]
    for dashboard in empty:
        for panel in panels(dashboard):
            panel["fieldConfig"] = {"defaults": {}, "overrides": []}
    broken = [one for dashboard in empty for one in RULES["own-status-words"](dashboard)]
    assert sorted(one.partition(":")[0] for one in broken) == sorted(SHOWING_STATUSES)
